"""Applications in the Django admin: to read, from the person's side, with the moves of the page."""

from typing import Any

from django.contrib import admin, messages
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.entry.step_up import StepUpMoveAdmin
from benevolence import permissions as p
from benevolence.display import status_words
from benevolence.enums import Side
from benevolence.models import (
    FULL_PERMISSIONS,
    PAST_HELP_PERMISSIONS,
    Absence,
    ApplicantAnswer,
    ApplicationDocument,
    BankStatement,
    BenevolenceApplication,
    BenevolencePolicy,
    BenevolenceReview,
    CaseSubstitute,
    DeclaredRelationship,
    FundAccount,
    FundSettings,
    FundTransfer,
    HelpImport,
    HelpImportRow,
    HelpMatching,
    IntakeNote,
    PaperDecision,
    PaperFile,
    PastHelp,
    Payment,
    PaymentLine,
    PaymentRun,
    RelationshipStatement,
    Seat,
    Vote,
)
from benevolence.services.sides import FIELDS, searched_by, shown_fields
from benevolence.views.applications import beside_form
from benevolence.views.moves import MOVES
from core.admin.gated import GatedAdmin, WordSearch
from core.admin.workflow import WorkflowAdmin
from core.permissions import may

REVIEWED = ("reason", "level_due")


@admin.register(BenevolenceApplication)
class BenevolenceApplicationAdmin(StepUpMoveAdmin, WordSearch, WorkflowAdmin):
    """An applicant's own application is not here: they have their page."""

    moves = MOVES
    move_template = "admin/application_move.html"
    change_form_template = "admin/application_change_form.html"
    view_permission = (p.APPLY_FOR_MEMBER, *FULL_PERMISSIONS)
    history_permission = FULL_PERMISSIONS
    list_display = ["__str__", "state", "due", "applicant", "list_date"]
    list_filter = ["status", "level_due", "reason"]
    ordering = ["-list_date", "-id"]
    search_help_text = gettext_lazy("Every word of the number, the name or the member number")

    def get_queryset(self, request: HttpRequest) -> models.QuerySet:
        rows = super().get_queryset(request).for_person(request.user)
        return rows.exclude(side=Side.APPLICANT).select_related("member")

    def get_list_filter(self, request: HttpRequest) -> Any:
        if may(request.user, FULL_PERMISSIONS):
            return self.list_filter
        return [name for name in self.list_filter if name not in REVIEWED]

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """What the office does not see it cannot ask for either."""
        hidden = request is not None and lookup.partition("__")[0] not in self.get_list_filter(request)
        return not hidden and super().lookup_allowed(lookup, value, request)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """An open question is told by the state, as in the portal."""
        if obj is None:
            return []
        seen = shown_fields(obj.side, obj.status) - {"is_awaiting_applicant"}
        told = {"status": self.state, "is_related_to_office": self.related}
        return [told.get(name, name) for name in FIELDS if name in seen]

    @admin.display(description=gettext_lazy("status"))
    def state(self, application: Any) -> str:
        return status_words(application)

    @admin.display(description=gettext_lazy("related to an officer or employee"))
    def related(self, application: Any) -> str:
        """Nobody is asked to say no."""
        return _("yes") if application.is_related_to_office else _("not said")

    @admin.display(description=gettext_lazy("level due"))
    def due(self, application: Any) -> str:
        return application.get_level_due_display() if application.side in (Side.FULL, Side.BLIND) else ""

    @admin.display(description=gettext_lazy("member"))
    def applicant(self, application: Any) -> str:
        return "" if application.side == Side.BLIND else str(application.member)

    def get_search_results(self, request: HttpRequest, queryset: models.QuerySet, search_term: str) -> Any:
        text = search_term.replace("\0", "").strip()
        return (searched_by(request.user, queryset, text) if text else queryset), False

    def beside_fields(self, request: HttpRequest, record: Any) -> dict[str, Any]:
        return {**super().beside_fields(request, record), **beside_form(record, request.user)}

    def beside_form(self, request: HttpRequest, record: Any) -> dict[str, Any]:
        return beside_form(record, request.user)

    def sees_history(self, request: HttpRequest, record: Any) -> bool:
        return record.side == Side.FULL and super().sees_history(request, record)

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """The history names the reviewers, so only those see it who see the application in full."""
        record = self.get_object(request, admin.utils.unquote(object_id))
        if record is not None and record.side != Side.FULL:
            messages.error(request, _("Your roles do not include the history of this application."))
            return self.response_post_save_change(request, record)
        return super().history_view(request, object_id, extra_context)


@admin.register(BenevolenceReview)
class BenevolenceReviewAdmin(GatedAdmin):
    view_permission = FULL_PERMISSIONS
    list_display = ["application", "review_level", "decision", "reviewer_name", "review_date", "voided_at"]
    list_select_related = ["application"]
    list_filter = ["review_level", "decision"]
    ordering = ["-created_at", "-id"]


@admin.register(ApplicantAnswer)
class ApplicantAnswerAdmin(GatedAdmin):
    view_permission = FULL_PERMISSIONS
    list_display = ["review", "answered_at"]
    list_select_related = ["review"]


@admin.register(ApplicationDocument)
class ApplicationDocumentAdmin(GatedAdmin):
    """To look at; they are added and taken back on the portal's own pages, which also hand them out."""

    view_permission = FULL_PERMISSIONS
    list_display = ["application", "category_label", "state", "added_by", "added_at", "superseded_at"]
    list_select_related = ["application", "added_by"]
    list_filter = ["state"]
    ordering = ["-added_at", "-id"]
    fields = [
        "application",
        "name",
        "category",
        "content",
        "size",
        "sha256",
        "state",
        "is_released",
        "added_by",
        "added_at",
        "superseded_by",
        "superseded_at",
    ]
    readonly_fields = ["content"]

    def get_queryset(self, request: HttpRequest) -> models.QuerySet:
        """Those of blind reviews are on the application's page, without the names."""
        return super().get_queryset(request) & ApplicationDocument.objects.named_to(request.user)

    @admin.display(description=gettext_lazy("content"))
    def content(self, document: ApplicationDocument) -> str:
        if not document.is_open:
            return str(document.badge.text)
        return format_html('<a href="{}">{}</a>', reverse("document_content", args=[document.pk]), document.name)


@admin.register(DeclaredRelationship)
class DeclaredRelationshipAdmin(GatedAdmin):
    """Each person's own."""

    view_permission = p.DECLARE_RELATIONSHIP
    list_display = ["member", "kind", "declared_at"]
    list_select_related = ["member"]


@admin.register(BenevolencePolicy)
class BenevolencePolicyAdmin(GatedAdmin):
    """Changed on the portal's own pages."""

    view_permission = p.VIEW_POLICY
    list_display = ["__str__", "starts_on", "why", "called_off_at"]
    ordering = ["-starts_on", "-number"]


@admin.register(FundAccount)
class FundAccountAdmin(GatedAdmin):
    """Counted by the database."""

    view_permission = p.VIEW_FUND
    list_display = ["kind", "balance"]


@admin.register(FundTransfer)
class FundTransferAdmin(GatedAdmin):
    """Entries are made and reversed on the portal's own pages, by the services."""

    view_permission = p.VIEW_FUND
    list_display = ["kind", "amount", "credit", "debit", "on", "note"]
    list_select_related = ["credit", "debit"]
    list_filter = ["kind"]
    ordering = ["-on", "-id"]


@admin.register(FundSettings)
class FundSettingsAdmin(GatedAdmin):
    """Changed on the portal's own page."""

    view_permission = p.VIEW_FUND
    list_display = ["notice_below"]


@admin.register(BankStatement)
class BankStatementAdmin(GatedAdmin):
    """Typed in on the portal's own page, by the service."""

    view_permission = p.VIEW_FUND
    list_display = ["month", "balance", "books", "outstanding", "entered_by", "entered_at"]
    list_select_related = ["entered_by"]
    ordering = ["-month", "-entered_at", "-id"]


@admin.register(PaymentLine)
class PaymentLineAdmin(GatedAdmin):
    view_permission = FULL_PERMISSIONS
    list_display = ["application", "payee_kind", "payee_name", "amount"]
    list_select_related = ["application"]
    list_filter = ["payee_kind"]
    ordering = ["application", "position"]


@admin.register(Payment)
class PaymentAdmin(GatedAdmin):
    view_permission = FULL_PERMISSIONS
    list_display = ["voucher_number", "line", "amount", "paid_on", "payment_method", "reference", "voided_at"]
    list_select_related = ["line"]
    list_filter = ["payment_method"]
    ordering = ["-created_at", "-id"]


@admin.register(PaymentRun)
class PaymentRunAdmin(GatedAdmin):
    view_permission = (p.PAY, p.VIEW_DECIDED)
    list_display = ["paid_on", "payment_method", "made_by"]
    list_select_related = ["made_by"]
    ordering = ["-paid_on", "-id"]


@admin.register(PaperFile)
class PaperFileAdmin(GatedAdmin):
    """Recorded and confirmed on the portal's pages."""

    view_permission = (p.APPLY_FOR_MEMBER, *FULL_PERMISSIONS)
    list_display = ["application", "applied_on", "recorded_by", "confirmed_by", "confirmed_at"]
    list_select_related = ["application", "recorded_by", "confirmed_by"]
    ordering = ["-created_at", "-id"]


@admin.register(PaperDecision)
class PaperDecisionAdmin(GatedAdmin):
    view_permission = (p.APPLY_FOR_MEMBER, *FULL_PERMISSIONS)
    list_display = ["file", "level", "decider", "decided_on", "amount"]
    list_select_related = ["file__application", "decider"]
    ordering = ["-id"]


@admin.register(PastHelp)
class PastHelpAdmin(GatedAdmin):
    """Comes in by lists, and leaves by the undo of one."""

    view_permission = PAST_HELP_PERMISSIONS
    history_permission = PAST_HELP_PERMISSIONS
    list_display = ["paid_on", "member", "amount", "reason", "reference"]
    list_select_related = ["member"]
    list_filter = ["reason"]
    ordering = ["-paid_on", "-id"]


@admin.register(HelpImport)
class HelpImportAdmin(GatedAdmin):
    view_permission = p.IMPORT_PAST_HELP
    list_display = ["file_name", "kind", "status", "created_at"]
    exclude = ["file"]
    ordering = ["-created_at", "-id"]


@admin.register(HelpImportRow)
class HelpImportRowAdmin(GatedAdmin):
    is_internal = True
    view_permission = p.IMPORT_PAST_HELP
    list_display = ["batch", "number", "outcome", "decision"]
    list_filter = ["outcome"]
    list_select_related = ["batch"]


@admin.register(HelpMatching)
class HelpMatchingAdmin(GatedAdmin):
    is_internal = True
    view_permission = p.IMPORT_PAST_HELP
    list_display = ["kind", "updated_at"]


@admin.register(Seat)
class SeatAdmin(GatedAdmin):
    """Filled on the portal's own page."""

    view_permission = (p.APPOINT, p.VIEW_POLICY)
    list_display = ["level", "position", "user", "starts_at", "expires_at", "ended_at"]
    list_select_related = ["user"]
    ordering = ["level", "position", "-starts_at", "pk"]


@admin.register(Absence)
class AbsenceAdmin(GatedAdmin):
    view_permission = (p.APPOINT, p.DECLARE_RELATIONSHIP)
    list_display = ["user", "first_day", "last_day"]
    list_select_related = ["user"]


@admin.register(CaseSubstitute)
class CaseSubstituteAdmin(GatedAdmin):
    view_permission = p.APPOINT
    list_display = ["application", "level", "user", "proposed_at", "confirmed_at"]
    list_select_related = ["application", "user"]


@admin.register(RelationshipStatement)
class RelationshipStatementAdmin(GatedAdmin):
    """Each person's own."""

    view_permission = p.DECLARE_RELATIONSHIP
    list_display = ["user", "stated_at"]
    list_select_related = ["user"]


@admin.register(IntakeNote)
class IntakeNoteAdmin(GatedAdmin):
    view_permission = FULL_PERMISSIONS
    list_display = ["application", "words", "written_at"]
    list_select_related = ["application"]


@admin.register(Vote)
class VoteAdmin(GatedAdmin):
    view_permission = FULL_PERMISSIONS
    list_display = ["review", "voters", "present", "votes_for", "votes_against", "minute_number"]
    list_select_related = ["review"]
