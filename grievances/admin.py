"""Grievances in the Django admin: the same rows to read, the same moves; nothing is typed over."""

from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy

from core.admin.gated import GatedAdmin, WordSearch
from core.admin.workflow import WorkflowAdmin
from core.permissions import may
from grievances import permissions as p
from grievances.models import (
    CASE_TEXT,
    FACTS,
    Abeyance,
    Agreement,
    AgreementClause,
    AgreementClosure,
    AgreementFile,
    AgreementStage,
    AnswerReceived,
    Arbitration,
    ArbitrationCost,
    Award,
    Away,
    CaseDocument,
    CaseImport,
    CaseImportRow,
    CaseMatching,
    CaseTask,
    Deadline,
    DeadlineFeed,
    Delivery,
    Docket,
    DocketCase,
    Extension,
    Grievance,
    GrievanceIntake,
    GrievancePolicy,
    GrievanceStepRecord,
    Grievant,
    GrievantTold,
    HearingDay,
    HolidayList,
    HolidayListVersion,
    IntakeDocument,
    LetterText,
    PanelName,
    Resolution,
    StageEntry,
    StepRule,
    UntimelyClaim,
)
from grievances.views.moves import MOVES

CASE_FIELDS = (
    "grievance_number",
    "former_number",
    "grievance_type",
    "member",
    "employer",
    "filed_date",
    *CASE_TEXT,
    *FACTS,
    "current_step",
    "status",
    "assigned_rep",
    "resolution",
    "resolution_date",
    "settlement_amount",
    "is_restricted",
    "named_people",
    "filed_by",
    "agreement",
    "late_reason",
    "abeyance",
    "is_untimely",
)
DRAFT_FIELDS = ("grievance_type", "organization", "members", *CASE_TEXT, *FACTS, "drafted_by", "filed_as")


def with_notes(request: HttpRequest, fields: tuple[str, ...]) -> tuple[str, ...]:
    return (*fields, "notes") if may(request.user, p.VIEW_STRATEGY) else fields


@admin.register(Grievance)
class GrievanceAdmin(WordSearch, WorkflowAdmin):
    view_permission = p.VIEW_GRIEVANCES
    moves = MOVES
    list_display = ["grievance_number", "status", "current_step", "grievance_type", "employer", "filed_date"]
    list_filter = ["status", "current_step", "grievance_type"]
    list_select_related = ["employer"]
    ordering = ["-filed_date", "-id"]
    search_help_text = "Every word of the number, the grievants, the employer or the article"
    history_permission = p.VIEW_GRIEVANCES

    def get_queryset(self, request: HttpRequest) -> models.QuerySet:
        """Whoever sees only the state of their own case sees it on the portal's page."""
        return Grievance.objects.whole_to(request.user).order_by(*self.ordering)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return with_notes(request, CASE_FIELDS)


@admin.register(GrievanceIntake)
class GrievanceIntakeAdmin(GatedAdmin):
    view_permission = p.DRAFT_GRIEVANCES
    list_display = ["created_at", "grievance_type", "organization", "drafted_by"]
    list_filter = ["grievance_type"]
    list_select_related = ["organization", "drafted_by"]
    ordering = ["-created_at", "-id"]

    def get_queryset(self, request: HttpRequest) -> models.QuerySet:
        return super().get_queryset(request).alive()

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return with_notes(request, DRAFT_FIELDS)


class PartAdmin(GatedAdmin):
    """Part of a case; changed by the moves of the case."""

    view_permission = p.VIEW_GRIEVANCES


@admin.register(Grievant)
class GrievantAdmin(PartAdmin):
    list_display = ["grievance", "member"]
    list_select_related = ["grievance", "member"]


@admin.register(GrievanceStepRecord)
class GrievanceStepRecordAdmin(PartAdmin):
    list_display = ["grievance", "step_number", "meeting_date", "outcome"]
    list_filter = ["step_number", "outcome"]
    list_select_related = ["grievance"]


@admin.register(AnswerReceived)
class AnswerReceivedAdmin(PartAdmin):
    list_display = ["grievance", "step_number", "received_on", "answer"]
    list_filter = ["step_number", "answer"]
    list_select_related = ["grievance"]


@admin.register(CaseDocument)
class CaseDocumentAdmin(PartAdmin):
    """To look at; documents are added and taken back on the portal's own pages, which also hand them out."""

    list_display = ["grievance", "category", "exhibit_series", "exhibit_number", "state", "added_at", "superseded_at"]
    list_filter = ["state", "exhibit_series"]
    list_select_related = ["grievance"]
    ordering = ["-added_at", "-id"]
    fields = [
        *("grievance", "name", "category", "step_number", "exhibit_series", "exhibit_number", "is_shared"),
        *("content", "size", "sha256", "state", "added_by", "added_at", "superseded_by", "superseded_at"),
    ]
    readonly_fields = ["content"]

    def get_queryset(self, request: HttpRequest) -> models.QuerySet:
        return super().get_queryset(request).filter(grievance__in=Grievance.objects.whole_to(request.user))

    @admin.display(description=gettext_lazy("content"))
    def content(self, document: CaseDocument) -> str:
        if not document.is_open:
            return str(document.badge.text)
        return format_html('<a href="{}">{}</a>', reverse("case_document_content", args=[document.pk]), document.name)


@admin.register(IntakeDocument)
class IntakeDocumentAdmin(GatedAdmin):
    """To look at; they are added and handed out on the page of the draft."""

    view_permission = p.DRAFT_GRIEVANCES
    list_display = ["intake", "category", "state", "added_by", "added_at"]
    list_select_related = ["intake", "added_by"]
    ordering = ["-added_at", "-id"]
    fields = ["intake", "name", "category", "content_type", "size", "sha256", "state", "added_by", "added_at"]


@admin.register(CaseTask)
class CaseTaskAdmin(PartAdmin):
    list_display = ["grievance", "kind", "person", "due", "done_on"]
    list_filter = ["kind"]
    list_select_related = ["grievance", "person"]


@admin.register(Away)
class AwayAdmin(GatedAdmin):
    """Marked and ended on the portal's own pages."""

    view_permission = p.WORK_GRIEVANCES
    list_display = ["person", "stand_in", "first_day", "last_day", "ends_at"]
    list_select_related = ["person", "stand_in"]
    ordering = ["-starts_at", "-id"]


@admin.register(Docket)
class DocketAdmin(PartAdmin):
    list_display = ["meeting_date", "employer", "place"]
    list_select_related = ["employer"]
    ordering = ["-meeting_date", "-id"]


@admin.register(DocketCase)
class DocketCaseAdmin(PartAdmin):
    list_display = ["docket", "position", "grievance", "outcome", "recorded_at"]
    list_filter = ["outcome"]
    list_select_related = ["docket", "grievance"]


@admin.register(Abeyance)
class AbeyanceAdmin(PartAdmin):
    list_display = ["grievance", "from_day", "until", "confirmed_on", "ended_on"]
    list_select_related = ["grievance"]


@admin.register(UntimelyClaim)
class UntimelyClaimAdmin(PartAdmin):
    list_display = ["grievance", "claimed_by", "claimed_on", "cleared_on"]
    list_filter = ["claimed_by"]
    list_select_related = ["grievance"]


@admin.register(Arbitration)
class ArbitrationAdmin(PartAdmin):
    list_display = ["grievance", "source", "size", "first_strike", "requested_on"]
    list_filter = ["source"]
    list_select_related = ["grievance"]


@admin.register(PanelName)
class PanelNameAdmin(PartAdmin):
    list_display = ["name", "arbitration", "struck_number", "struck_by"]
    list_select_related = ["arbitration"]


@admin.register(HearingDay)
class HearingDayAdmin(PartAdmin):
    list_display = ["day", "arbitration", "cancelled_at"]
    list_select_related = ["arbitration"]


@admin.register(Award)
class AwardAdmin(PartAdmin):
    list_display = ["outcome", "arbitration", "day", "amount"]
    list_filter = ["outcome"]
    list_select_related = ["arbitration"]


@admin.register(ArbitrationCost)
class ArbitrationCostAdmin(PartAdmin):
    list_display = ["what", "arbitration", "day", "amount"]
    list_select_related = ["arbitration"]


@admin.register(Resolution)
class ResolutionAdmin(PartAdmin):
    list_display = ["grievance", "outcome", "day", "amount"]
    list_filter = ["outcome"]
    list_select_related = ["grievance"]


@admin.register(GrievantTold)
class GrievantToldAdmin(PartAdmin):
    list_display = ["grievant", "resolution", "told_on", "how"]
    list_select_related = ["resolution", "grievant"]


@admin.register(GrievancePolicy)
class GrievancePolicyAdmin(GatedAdmin):
    """Changed on the portal's own page."""

    view_permission = (p.VIEW_POLICY, p.CHANGE_POLICY)
    list_display = ["__str__", "representative_may_resolve"]


@admin.register(LetterText)
class LetterTextAdmin(GatedAdmin):
    """Written on the portal's own page, which shows the letter."""

    view_permission = p.CHANGE_LETTERS
    list_display = ["kind", "number", "title", "written_by", "written_at"]
    list_filter = ["kind"]
    list_select_related = ["written_by"]


class AgreementPartAdmin(GatedAdmin):
    """Part of an agreement; changed on the portal's own pages."""

    view_permission: Any = p.VIEW_AGREEMENTS


@admin.register(Agreement)
class AgreementAdmin(AgreementPartAdmin):
    view_permission = (p.VIEW_AGREEMENTS, p.VIEW_OWN_AGREEMENTS)
    list_display = ["title", "employer", "effective_from", "effective_to"]
    list_select_related = ["employer"]
    ordering = ["-effective_from", "-id"]


@admin.register(AgreementStage)
class AgreementStageAdmin(AgreementPartAdmin):
    list_display = ["name", "agreement", "position", "step"]
    list_select_related = ["agreement"]


@admin.register(StepRule)
class StepRuleAdmin(AgreementPartAdmin):
    list_display = ["stage", "clock", "days", "unit", "trigger", "clause"]
    list_select_related = ["stage"]


@admin.register(AgreementClosure)
class AgreementClosureAdmin(AgreementPartAdmin):
    list_display = ["name", "agreement", "first_day", "last_day"]
    list_select_related = ["agreement"]


@admin.register(AgreementClause)
class AgreementClauseAdmin(AgreementPartAdmin):
    list_display = ["agreement", "article", "section", "title"]
    list_select_related = ["agreement"]


@admin.register(AgreementFile)
class AgreementFileAdmin(AgreementPartAdmin):
    """To look at; they are added and handed out on the portal's own pages."""

    list_display = ["agreement", "state", "added_by", "added_at"]
    list_select_related = ["agreement", "added_by"]
    fields = ["agreement", "name", "content_type", "size", "sha256", "state", "added_by", "added_at"]


@admin.register(HolidayList)
class HolidayListAdmin(AgreementPartAdmin):
    list_display = ["name", "observed"]


@admin.register(HolidayListVersion)
class HolidayListVersionAdmin(AgreementPartAdmin):
    list_display = ["holiday_list", "number", "made_at"]
    list_select_related = ["holiday_list"]


@admin.register(Deadline)
class DeadlineAdmin(PartAdmin):
    list_display = ["__str__", "grievance", "side", "due", "end"]
    list_filter = ["side", "clock", "end"]
    list_select_related = ["grievance"]
    ordering = ["due", "id"]


@admin.register(Delivery)
class DeliveryAdmin(PartAdmin):
    list_display = ["grievance", "what", "how", "delivered_at"]
    list_select_related = ["grievance"]


@admin.register(Extension)
class ExtensionAdmin(PartAdmin):
    list_display = ["grievance", "deadline", "new_date", "confirmed_on"]
    list_select_related = ["grievance", "deadline"]


@admin.register(StageEntry)
class StageEntryAdmin(PartAdmin):
    list_display = ["grievance", "stage", "stage_name", "entered_on"]
    list_select_related = ["grievance"]


@admin.register(DeadlineFeed)
class DeadlineFeedAdmin(PartAdmin):
    """One's own; it is made and taken back on the page of deadlines, and its secret is shown once."""

    list_display = ["user", "created_at"]
    fields = ["user", "created_at"]
    readonly_fields = ["created_at"]
    list_select_related = ["user"]


@admin.register(CaseImport)
class CaseImportAdmin(GatedAdmin):
    view_permission = p.IMPORT_GRIEVANCES
    list_display = ["file_name", "kind", "status", "created_at"]
    exclude = ["file"]
    ordering = ["-created_at", "-id"]


@admin.register(CaseImportRow)
class CaseImportRowAdmin(GatedAdmin):
    is_internal = True
    view_permission = p.IMPORT_GRIEVANCES
    list_display = ["batch", "number", "outcome", "decision"]
    list_filter = ["outcome"]
    list_select_related = ["batch"]


@admin.register(CaseMatching)
class CaseMatchingAdmin(GatedAdmin):
    is_internal = True
    view_permission = p.IMPORT_GRIEVANCES
    list_display = ["kind", "updated_at"]
