"""Every route of the portal. What a route asks for is declared on its view; see core.checks."""

from django.contrib import admin
from django.urls import include, path

from core.web.lists import ChooseColumns, ForgetFilter, SaveFilter
from unionops import audit_pages, handover_pages, own_reads, pages, system_pages, views
from unionops.api import SchemaView

urlpatterns = [
    path("", pages.Home.as_view(), name="home"),
    path("search/", pages.Search.as_view(), name="search"),
    path("me/", pages.MyRecord.as_view(), name="my_record"),
    path("accounts/security/reads/", own_reads.OwnReads.as_view(), name="own_reads"),
    path("members/<int:pk>/", pages.MemberDetail.as_view(), name="member_detail"),
    path("", include("members.urls")),
    path("installations/<uuid:pk>/handover/", handover_pages.HandoverPage.as_view(), name="handover"),
    path(
        "installations/<uuid:pk>/handover/sign-out/",
        handover_pages.HandoverSignOut.as_view(),
        name="handover_sign_out",
    ),
    path(
        "installations/<uuid:pk>/handover/<slug:part>/<int:person>/",
        handover_pages.HandOver.as_view(),
        name="handover_give",
    ),
    path("", include("accounts.urls")),
    path("", include("organizing.urls")),
    path("", include("grievances.urls")),
    path("", include("benevolence.urls")),
    path("settings/", pages.Settings.as_view(), name="site_settings"),
    path("settings/logo/", pages.Logo.as_view(), name="site_logo"),
    path("system/", system_pages.System.as_view(), name="system"),
    path("system/test-mail/", system_pages.TestMail.as_view(), name="system_test_mail"),
    path("system/retry/", system_pages.RetryMail.as_view(), name="system_retry_mail"),
    path("audit/", audit_pages.AuditTrail.as_view(), name="audit_list"),
    path("audit/reads/", audit_pages.ReadTrail.as_view(), name="read_list"),
    path("lists/columns/", ChooseColumns.as_view(), name="columns_choose"),
    path("lists/filters/", SaveFilter.as_view(), name="filter_save"),
    path("lists/filters/<int:pk>/forget/", ForgetFilter.as_view(), name="filter_forget"),
    path("api/v1/schema/", SchemaView.as_view(), name="api_schema"),
    path("api/v1/", include("unionops.api")),
    path("admin/", admin.site.urls),
    path("livez", views.Livez.as_view(), name="livez"),
    path("readyz", views.Readyz.as_view(), name="readyz"),
]

handler400 = "unionops.views.handler400"
handler403 = "unionops.views.handler403"
handler404 = "unionops.views.handler404"
handler500 = "unionops.views.handler500"
