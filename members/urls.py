from django.urls import include, path

from core.web.imports.area import import_urls
from members.views import employments, imports, invitations, organizations, two_people
from members.views import members as views

urlpatterns = [
    path("members/", views.MemberList.as_view(), name="member_list"),
    path("members/add/", views.MemberCreate.as_view(), name="member_create"),
    path("members/suggest/", views.MemberSuggestions.as_view(), name="member_suggestions"),
    path("members/invite/", invitations.InviteAll.as_view(), name="member_invite_all"),
    path("members/invite/progress/", invitations.InviteProgress.as_view(), name="member_invite_progress"),
    path("members/<int:pk>/invite/", invitations.InviteOne.as_view(), name="member_invite"),
    path("accounts/claim/", invitations.Claim.as_view(), name="claim"),
    path("members/<int:pk>/address-seen/", invitations.AddressSeen.as_view(), name="member_address_seen"),
    path("members/<int:pk>/paper-code/", invitations.PrintCode.as_view(), name="member_paper_code"),
    path("accounts/claim/code/", invitations.ClaimWithCode.as_view(), name="claim_code"),
    path("accounts/address/<str:token>/", invitations.ConfirmAddress.as_view(), name="address_confirm"),
    path("accounts/claim/sent/", invitations.ClaimSent.as_view(), name="claim_sent"),
    path("members/status/", views.MemberStatusChange.as_view(), name="member_status"),
    path("members/export/<slug:kind>/", views.MemberExport.as_view(), name="member_list_export"),
    path("members/<int:pk>/edit/", views.MemberEdit.as_view(), name="member_edit"),
    path("members/<int:pk>/delete/", views.MemberDelete.as_view(), name="member_delete"),
    path("members/<int:pk>/restore/", views.MemberRestore.as_view(), name="member_restore"),
    path("members/<int:pk>/two-people/<int:other>/", two_people.TwoPeople.as_view(), name="member_two_people"),
    path("members/<int:pk>/employments/add/", employments.EmploymentCreate.as_view(), name="employment_create"),
    path("employments/<int:pk>/edit/", employments.EmploymentEdit.as_view(), name="employment_edit"),
    path("employments/<int:pk>/remove/", employments.EmploymentRemove.as_view(), name="employment_remove"),
    path("organizations/", organizations.OrganizationList.as_view(), name="organization_list"),
    path("organizations/add/", organizations.OrganizationCreate.as_view(), name="organization_create"),
    path("organizations/suggest/", organizations.OrganizationSuggestions.as_view(), name="organization_suggestions"),
    path(
        "organizations/export/<slug:kind>/",
        organizations.OrganizationExport.as_view(),
        name="organization_list_export",
    ),
    path("organizations/<int:pk>/edit/", organizations.OrganizationEdit.as_view(), name="organization_edit"),
    path("organizations/<int:pk>/delete/", organizations.OrganizationDelete.as_view(), name="organization_delete"),
    path("organizations/<int:pk>/restore/", organizations.OrganizationRestore.as_view(), name="organization_restore"),
    path("organizations/<int:pk>/contacts/add/", organizations.ContactCreate.as_view(), name="contact_create"),
    path("contacts/<int:pk>/edit/", organizations.ContactEdit.as_view(), name="contact_edit"),
    path("contacts/<int:pk>/remove/", organizations.ContactRemove.as_view(), name="contact_remove"),
    # Together, so that other addresses are compared with one of them only.
    path("imports/", include(import_urls(imports.Imports.area, imports.VIEWS))),
]
