from django.urls import include, path

from members import employment_views, invitation_views, merge_views, organization_views, views

urlpatterns = [
    path("members/", views.MemberList.as_view(), name="member_list"),
    path("members/add/", views.MemberCreate.as_view(), name="member_create"),
    path("members/suggest/", views.MemberSuggestions.as_view(), name="member_suggestions"),
    path("members/invite/", invitation_views.InviteAll.as_view(), name="member_invite_all"),
    path("members/invite/progress/", invitation_views.InviteProgress.as_view(), name="member_invite_progress"),
    path("members/<int:pk>/invite/", invitation_views.InviteOne.as_view(), name="member_invite"),
    path("accounts/claim/", invitation_views.Claim.as_view(), name="claim"),
    path("accounts/claim/sent/", invitation_views.ClaimSent.as_view(), name="claim_sent"),
    path("members/status/", views.MemberStatusChange.as_view(), name="member_status"),
    path("members/export/<slug:kind>/", views.MemberExport.as_view(), name="member_list_export"),
    path("members/<int:pk>/edit/", views.MemberEdit.as_view(), name="member_edit"),
    path("members/<int:pk>/delete/", views.MemberDelete.as_view(), name="member_delete"),
    path("members/<int:pk>/restore/", views.MemberRestore.as_view(), name="member_restore"),
    path("members/<int:pk>/merge/", merge_views.MemberMerge.as_view(), name="member_merge"),
    path("members/<int:pk>/merge/<int:other>/", merge_views.MemberMerge.as_view(), name="member_merge_with"),
    path("members/<int:pk>/employments/add/", employment_views.EmploymentCreate.as_view(), name="employment_create"),
    path("employments/<int:pk>/edit/", employment_views.EmploymentEdit.as_view(), name="employment_edit"),
    path("employments/<int:pk>/remove/", employment_views.EmploymentRemove.as_view(), name="employment_remove"),
    path("organizations/", organization_views.OrganizationList.as_view(), name="organization_list"),
    path("organizations/add/", organization_views.OrganizationCreate.as_view(), name="organization_create"),
    path(
        "organizations/suggest/", organization_views.OrganizationSuggestions.as_view(), name="organization_suggestions"
    ),
    path(
        "organizations/export/<slug:kind>/",
        organization_views.OrganizationExport.as_view(),
        name="organization_list_export",
    ),
    path("organizations/<int:pk>/", organization_views.OrganizationDetail.as_view(), name="organization_detail"),
    path("organizations/<int:pk>/edit/", organization_views.OrganizationEdit.as_view(), name="organization_edit"),
    path("organizations/<int:pk>/delete/", organization_views.OrganizationDelete.as_view(), name="organization_delete"),
    path(
        "organizations/<int:pk>/restore/", organization_views.OrganizationRestore.as_view(), name="organization_restore"
    ),
    path("organizations/<int:pk>/merge/", merge_views.OrganizationMerge.as_view(), name="organization_merge"),
    path(
        "organizations/<int:pk>/merge/<int:other>/",
        merge_views.OrganizationMerge.as_view(),
        name="organization_merge_with",
    ),
    path("organizations/<int:pk>/contacts/add/", organization_views.ContactCreate.as_view(), name="contact_create"),
    path("contacts/<int:pk>/edit/", organization_views.ContactEdit.as_view(), name="contact_edit"),
    path("contacts/<int:pk>/remove/", organization_views.ContactRemove.as_view(), name="contact_remove"),
    path("imports/", include("members.import_urls")),
]
