from typing import Any

from django.urls import include, path

from benevolence.views import (
    applications,
    documents,
    fund,
    imports,
    packets,
    papers,
    past_help,
    payees,
    payments,
    queue,
    relationships,
    reports,
    rules,
    statements,
)
from core.web.imports.area import import_urls

past_help_patterns: list[Any] = [
    path("", past_help.PastHelpList.as_view(), name="past_help_list"),
    path("export/<slug:kind>/", past_help.PastHelpExport.as_view(), name="past_help_list_export"),
    path("lists/", include(import_urls(imports.Imports.area, imports.VIEWS))),
]
urlpatterns = [
    path("benevolence/past-help/", include(past_help_patterns)),
    path("benevolence/applications/", applications.ApplicationList.as_view(), name="application_list"),
    path("benevolence/applications/new/", applications.ApplicationCreate.as_view(), name="application_create"),
    path("benevolence/applications/<uuid:pk>/", applications.ApplicationDetail.as_view(), name="application_detail"),
    path("benevolence/applications/<uuid:pk>/edit/", applications.ApplicationEdit.as_view(), name="application_edit"),
    path(
        "benevolence/applications/<uuid:pk>/recuse/",
        relationships.ApplicationRecuse.as_view(),
        name="application_recuse",
    ),
    path(
        "benevolence/applications/<uuid:pk>/moves/<slug:move>/",
        applications.ApplicationMove.as_view(),
        name="application_move",
    ),
    path(
        "benevolence/applications/<uuid:pk>/papers/<slug:paper>/",
        papers.ApplicationPaper.as_view(),
        name="application_paper",
    ),
    path("benevolence/applications/<uuid:pk>/documents/", documents.DocumentAdd.as_view(), name="document_add"),
    path(
        "benevolence/applications/<uuid:pk>/photos/", documents.ApplicationPhotos.as_view(), name="application_photos"
    ),
    path("benevolence/documents/<uuid:pk>/content/", documents.DocumentContent.as_view(), name="document_content"),
    path("benevolence/documents/<uuid:pk>/preview/", documents.DocumentPreview.as_view(), name="document_preview"),
    path("benevolence/documents/<uuid:pk>/replace/", documents.DocumentReplace.as_view(), name="document_replace"),
    path("benevolence/documents/<uuid:pk>/take-back/", documents.DocumentTakeBack.as_view(), name="document_take_back"),
    path("benevolence/applications/<uuid:pk>/payees/", payees.ApplicationPayees.as_view(), name="application_payees"),
    path("benevolence/queue/", queue.ApplicationQueue.as_view(), name="application_queue"),
    path("benevolence/fund/", fund.FundPage.as_view(), name="fund"),
    path("benevolence/fund/new/", fund.ContributionPage.as_view(), name="fund_contribution"),
    path("benevolence/fund/settings/", fund.FundSettingsPage.as_view(), name="fund_settings"),
    path("benevolence/fund/statements/", statements.StatementList.as_view(), name="statement_list"),
    path("benevolence/fund/statements/new/", statements.StatementNew.as_view(), name="statement_new"),
    path("benevolence/fund/<uuid:pk>/", fund.FundEntry.as_view(), name="fund_entry"),
    path("benevolence/fund/<uuid:pk>/reverse/", fund.FundReversal.as_view(), name="fund_reversal"),
    path("benevolence/audit/", packets.PacketPage.as_view(), name="packet"),
    path("benevolence/audit/packet/", packets.PacketPaper.as_view(), name="audit_packet"),
    path("benevolence/audit/register/", packets.RegisterPaper.as_view(), name="check_register"),
    path("benevolence/audit/register/<slug:kind>/", packets.RegisterExport.as_view(), name="check_register_export"),
    path("benevolence/payments/", payments.PaymentList.as_view(), name="payment_list"),
    path("benevolence/payments/export/<slug:kind>/", payments.PaymentExport.as_view(), name="payment_list_export"),
    path("benevolence/payments/run/", payments.RunNew.as_view(), name="payment_run_new"),
    path("benevolence/runs/<uuid:pk>/", payments.RunPage.as_view(), name="payment_run"),
    path("benevolence/runs/<uuid:pk>/positive-pay/", payments.PositivePay.as_view(), name="payment_run_positive_pay"),
    path("benevolence/payments/<uuid:pk>/", payments.PaymentPage.as_view(), name="payment"),
    path("benevolence/payments/<uuid:pk>/sign/", payments.PaymentSign.as_view(), name="payment_sign"),
    path("benevolence/payments/<uuid:pk>/cleared/", payments.PaymentCleared.as_view(), name="payment_cleared"),
    path("benevolence/reports/", reports.ReportPage.as_view(), name="benevolence_reports"),
    path("benevolence/reports/export/<slug:kind>/", reports.ReportExport.as_view(), name="benevolence_report_export"),
    path("benevolence/rules/", rules.Rules.as_view(), name="benevolence_rules"),
    path("benevolence/rules/new/", rules.RulesNew.as_view(), name="benevolence_rules_new"),
    path("benevolence/rules/<int:pk>/", rules.RulesVersion.as_view(), name="benevolence_rules_version"),
    path("benevolence/rules/<int:pk>/edit/", rules.RulesEdit.as_view(), name="benevolence_rules_edit"),
    path("benevolence/rules/<int:pk>/call-off/", rules.RulesCallOff.as_view(), name="benevolence_rules_call_off"),
]
