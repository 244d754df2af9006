"""Every route of the portal. What a route asks for is declared on its view; see core.checks."""

from django.contrib import admin
from django.urls import include, path

from core.web.lists import ChooseColumns, ForgetFilter, SaveFilter
from unionops.api import SchemaView
from unionops.views import audit, errors, handover, home, local, merging, notices, reads, system, waiting

urlpatterns = [
    path("", home.Home.as_view(), name="home"),
    path("waiting/", waiting.WaitingPage.as_view(), name="waiting"),
    path("search/", home.Search.as_view(), name="search"),
    path("me/", home.MyRecord.as_view(), name="my_record"),
    path("accounts/security/reads/", reads.OwnReads.as_view(), name="own_reads"),
    path("notices/", notices.NoticeList.as_view(), name="notice_list"),
    path("notices/read/", notices.NoticesRead.as_view(), name="notices_read"),
    path("notices/choices/", notices.NoticeChoices.as_view(), name="notice_choices"),
    path("notices/<uuid:pk>/", notices.NoticeOpen.as_view(), name="notice"),
    path("members/<int:pk>/", home.MemberDetail.as_view(), name="member_detail"),
    path("members/<int:pk>/merge/", merging.MemberMerge.as_view(), name="member_merge"),
    path("members/<int:pk>/merge/<int:other>/", merging.MemberMerge.as_view(), name="member_merge_with"),
    path("organizations/<int:pk>/merge/", merging.OrganizationMerge.as_view(), name="organization_merge"),
    path(
        "organizations/<int:pk>/merge/<int:other>/",
        merging.OrganizationMerge.as_view(),
        name="organization_merge_with",
    ),
    path("organizations/<int:pk>/", home.OrganizationDetail.as_view(), name="organization_detail"),
    path("merges/<uuid:pk>/", merging.MergeRequestDetail.as_view(), name="merge_request"),
    path("merges/<uuid:pk>/carry-out/", merging.MergeCarryOut.as_view(), name="merge_carry_out"),
    path("merges/<uuid:pk>/decline/", merging.MergeDecline.as_view(), name="merge_decline"),
    path("", include("members.urls")),
    path("installations/<uuid:pk>/handover/", handover.HandoverPage.as_view(), name="handover"),
    path(
        "installations/<uuid:pk>/handover/sign-out/",
        handover.HandoverSignOut.as_view(),
        name="handover_sign_out",
    ),
    path(
        "installations/<uuid:pk>/handover/<slug:part>/<int:person>/",
        handover.HandOver.as_view(),
        name="handover_give",
    ),
    path("", include("accounts.urls")),
    path("", include("organizing.urls")),
    path("", include("grievances.urls")),
    path("", include("benevolence.urls")),
    path("settings/", local.Settings.as_view(), name="site_settings"),
    path("settings/logo/", local.Logo.as_view(), name="site_logo"),
    path("system/", system.System.as_view(), name="system"),
    path("system/test-mail/", system.TestMail.as_view(), name="system_test_mail"),
    path("system/retry/", system.RetryMail.as_view(), name="system_retry_mail"),
    path("audit/", audit.AuditTrail.as_view(), name="audit_list"),
    path("audit/reads/", audit.ReadTrail.as_view(), name="read_list"),
    path("lists/columns/", ChooseColumns.as_view(), name="columns_choose"),
    path("lists/filters/", SaveFilter.as_view(), name="filter_save"),
    path("lists/filters/<int:pk>/forget/", ForgetFilter.as_view(), name="filter_forget"),
    path("api/v1/schema/", SchemaView.as_view(), name="api_schema"),
    path("api/v1/", include("unionops.api")),
    path("admin/", admin.site.urls),
    path("livez", errors.Livez.as_view(), name="livez"),
    path("readyz", errors.Readyz.as_view(), name="readyz"),
]

handler400 = "unionops.views.errors.handler400"
handler403 = "unionops.views.errors.handler403"
handler404 = "unionops.views.errors.handler404"
handler500 = "unionops.views.errors.handler500"
