from django.urls import include, path

from members.views import employments, imports, invitations, merging, organizations
from members.views import members as views

# Together, so that other addresses are compared with one of them only.
import_patterns = [
    path("", imports.ImportList.as_view(), name="import_list"),
    path("new/", imports.ImportUpload.as_view(), name="import_upload"),
    path("<uuid:pk>/", imports.ImportDetail.as_view(), name="import_detail"),
    path("<uuid:pk>/layout/", imports.ImportLayout.as_view(), name="import_layout"),
    path("<uuid:pk>/match/", imports.ImportMatch.as_view(), name="import_match"),
    path("<uuid:pk>/check/", imports.ImportCheck.as_view(), name="import_check"),
    path("<uuid:pk>/decide/", imports.ImportDecide.as_view(), name="import_decide"),
    path("<uuid:pk>/decide-all/", imports.ImportDecideAll.as_view(), name="import_decide_all"),
    path("<uuid:pk>/apply/", imports.ImportApply.as_view(), name="import_apply"),
    path("<uuid:pk>/progress/", imports.ImportProgress.as_view(), name="import_progress"),
    path("<uuid:pk>/result/<slug:kind>/", imports.ImportResult.as_view(), name="import_result"),
    path("<uuid:pk>/undo/", imports.ImportUndo.as_view(), name="import_undo"),
    path("<uuid:pk>/discard/", imports.ImportDiscard.as_view(), name="import_discard"),
]
urlpatterns = [
    path("members/", views.MemberList.as_view(), name="member_list"),
    path("members/add/", views.MemberCreate.as_view(), name="member_create"),
    path("members/suggest/", views.MemberSuggestions.as_view(), name="member_suggestions"),
    path("members/invite/", invitations.InviteAll.as_view(), name="member_invite_all"),
    path("members/invite/progress/", invitations.InviteProgress.as_view(), name="member_invite_progress"),
    path("members/<int:pk>/invite/", invitations.InviteOne.as_view(), name="member_invite"),
    path("accounts/claim/", invitations.Claim.as_view(), name="claim"),
    path("accounts/claim/sent/", invitations.ClaimSent.as_view(), name="claim_sent"),
    path("members/status/", views.MemberStatusChange.as_view(), name="member_status"),
    path("members/export/<slug:kind>/", views.MemberExport.as_view(), name="member_list_export"),
    path("members/<int:pk>/edit/", views.MemberEdit.as_view(), name="member_edit"),
    path("members/<int:pk>/delete/", views.MemberDelete.as_view(), name="member_delete"),
    path("members/<int:pk>/restore/", views.MemberRestore.as_view(), name="member_restore"),
    path("members/<int:pk>/merge/", merging.MemberMerge.as_view(), name="member_merge"),
    path("members/<int:pk>/merge/<int:other>/", merging.MemberMerge.as_view(), name="member_merge_with"),
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
    path("organizations/<int:pk>/", organizations.OrganizationDetail.as_view(), name="organization_detail"),
    path("organizations/<int:pk>/edit/", organizations.OrganizationEdit.as_view(), name="organization_edit"),
    path("organizations/<int:pk>/delete/", organizations.OrganizationDelete.as_view(), name="organization_delete"),
    path("organizations/<int:pk>/restore/", organizations.OrganizationRestore.as_view(), name="organization_restore"),
    path("organizations/<int:pk>/merge/", merging.OrganizationMerge.as_view(), name="organization_merge"),
    path(
        "organizations/<int:pk>/merge/<int:other>/",
        merging.OrganizationMerge.as_view(),
        name="organization_merge_with",
    ),
    path("organizations/<int:pk>/contacts/add/", organizations.ContactCreate.as_view(), name="contact_create"),
    path("contacts/<int:pk>/edit/", organizations.ContactEdit.as_view(), name="contact_edit"),
    path("contacts/<int:pk>/remove/", organizations.ContactRemove.as_view(), name="contact_remove"),
    path("imports/", include(import_patterns)),
]
