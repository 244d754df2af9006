"""The pages of cases: the list, one case, its moves. Drafts: intakes.py; who works and sees it: work.py."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property
from operator import attrgetter
from typing import Any
from urllib.parse import urlencode

from django.db import models
from django.db.models import F, Prefetch
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.entry.step_up import StepUpToRead
from accounts.models import User
from core.audit.timeline import history
from core.db.prepared import prepared
from core.permissions import may
from core.site import local_today
from core.web.columns import Column, of_field, through
from core.web.keyset import Sort
from core.web.lists import ExportPage, ListPage
from core.web.moves import MovePage
from core.web.views import Crumbs, RecordPage
from grievances import display
from grievances import permissions as p
from grievances.enums import Edition, Step, StepOutcome
from grievances.forms.filters import GrievanceFilterSet
from grievances.models import (
    CaseTask,
    Grievance,
    GrievanceIntake,
    GrievanceStepRecord,
    Grievant,
    GrievantTold,
)
from grievances.services import cases, documents, papers, similar
from grievances.services.outlook import outlook_of
from grievances.services.workflow import after_the_last_step, is_theirs
from grievances.views.arbitration import arbitration_of
from grievances.views.case_dates import dates_of, flags_of, step_names, told_steps
from grievances.views.moves import MOVES, offers_of
from members.models import Member
from members.permissions import VIEW_MEMBERS, VIEW_ORGANIZATIONS

LATEST = 6
WHOLE = "whole"  # the tab that shows what all others show, to be printed


def whole(value: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Empty in the rows of which the person sees only the state."""
    return lambda grievance: value(grievance) if grievance.is_whole else ""


STATE_COLUMNS = (
    of_field("number", gettext_lazy("Number"), "grievance_number", kind="link", sort="number"),
    Column(
        "status",
        gettext_lazy("Status"),
        display.status_of,
        kind="badge",
        badge=display.status_badge,
        reads=("status",),
        same=attrgetter("status"),
    ),
    Column(
        "step",
        gettext_lazy("Stands at"),
        display.step_of,
        reads=("current_step", "stage_name"),
        same=attrgetter("current_step", "stage_name"),
    ),
    of_field("employer", gettext_lazy("Employer"), "employer__name"),
    of_field("filed", gettext_lazy("Filed"), "filed_date", kind="date", sort="filed"),
)


def whole_columns() -> Sequence[Column]:
    today = local_today()
    number, status, step, employer, filed = STATE_COLUMNS
    representative = whole(lambda g: g.assigned_rep.get_full_name() if g.assigned_rep else "")
    return (
        number,
        status,
        replace(step, phone_card=False),
        Column(
            "grievants",
            gettext_lazy("Grievants"),
            whole(display.grievants_of),
            reads=through("member", Member.NAME_FIELDS),
            adds=lambda rows: rows.with_grievant_count(),
        ),
        employer,
        replace(filed, phone_card=False),
        Column(
            "open",
            gettext_lazy("Open for"),
            whole(lambda g: display.days_open_of(g, today)),
            shown=False,
            phone_card=False,
            reads=("filed_date", "resolution_date"),
        ),
        Column(
            "assigned",
            gettext_lazy("Assigned"),
            representative,
            phone_card=False,
            reads=through("assigned_rep", User.NAME_FIELDS),
        ),
        Column(
            "type",
            gettext_lazy("Type"),
            whole(display.type_of),
            shown=False,
            phone_card=False,
            reads=("grievance_type",),
            same=attrgetter("is_whole", "grievance_type"),
        ),
        *FURTHER,
    )


def whole_field(name: str, label: Any, field: str, kind: str = "text") -> Column:
    return Column(name, label, whole(attrgetter(field)), kind=kind, shown=False, reads=(field,))


FURTHER = (
    whole_field("former", gettext_lazy("Former number"), "former_number"),
    whole_field("article", gettext_lazy("Article"), "contract_article"),
    whole_field("resolved", gettext_lazy("Resolved"), "resolution_date", kind="date"),
    Column(
        "flags",
        gettext_lazy("Marks"),
        whole(display.flag_words),
        kind="badge",
        shown=False,
        badge=lambda g: display.flags_badge(g) if g.is_whole else None,
        reads=("abeyance", "is_untimely", "status"),
    ),
)


class GrievanceListBase(ListPage):
    model = Grievance
    filterset_class = GrievanceFilterSet
    list_name = "grievance_list"
    record_route = "grievance_detail"
    sorts = (
        Sort("filed", "filed_date", gettext_lazy("Filed"), descending=True),
        Sort("number", "grievance_number", gettext_lazy("Number")),
    )

    def for_page(self, rows: Any) -> models.QuerySet:
        return super().for_page(rows.with_side(self.request.user))


class GrievanceList(GrievanceListBase, ListPage):
    """All cases that somebody works or, for a member, their own."""

    permission = (p.VIEW_GRIEVANCES, p.VIEW_OWN_GRIEVANCES)
    is_prepared = has_fixed_choices = True
    icon = "scale"
    search_label = gettext_lazy("Number, grievant, employer or article")
    actions_template = "grievances/cases/_list_actions.html"
    export_permission = p.EXPORT_GRIEVANCES

    @property
    def works_cases(self) -> bool:
        return may(self.request.user, p.VIEW_GRIEVANCES)

    @cached_property
    def columns(self) -> Sequence[Column]:
        return whole_columns() if self.works_cases else STATE_COLUMNS

    def title(self) -> str:
        return _("Cases") if self.works_cases else _("My cases")

    @property
    def may_draft(self) -> bool:
        return may(self.request.user, p.DRAFT_GRIEVANCES)

    @property
    def may_import(self) -> bool:
        return may(self.request.user, p.IMPORT_GRIEVANCES)

    @property
    def may_assign(self) -> bool:
        return may(self.request.user, p.ASSIGN_GRIEVANCES)

    @property
    def empty_title(self) -> str:
        return _("No cases yet") if self.works_cases else _("No case of yours")

    @property
    def empty_text(self) -> str:
        if self.works_cases:
            return _("A case begins as a draft. Start one, then file it.")
        return _("When the union files a grievance for you, you can follow it here. Talk to your steward.")

    @property
    def empty_action(self) -> tuple[str, str]:
        return (_("Start a draft"), reverse("intake_create")) if self.may_draft else ("", "")


class GrievanceExport(StepUpToRead, GrievanceListBase, ExportPage):
    permission = p.EXPORT_GRIEVANCES

    @property
    def columns(self) -> Sequence[Column]:
        return whole_columns()


class GrievanceDetail(RecordPage):
    """The whole case for those who work it; its state for its grievants."""

    permission = (p.VIEW_GRIEVANCES, p.VIEW_OWN_GRIEVANCES)
    model = Grievance
    row_is_prepared = True

    def rows(self) -> models.QuerySet:
        rows = Grievance.objects.visible_to(self.request.user).with_side(self.request.user)
        return rows.select_related("employer", "assigned_rep__member", "filed_by")

    def title(self) -> str:
        return self.get_object().grievance_number

    def breadcrumbs(self) -> Crumbs:
        works = may(self.request.user, p.VIEW_GRIEVANCES)
        return [(_("Cases") if works else _("My cases"), reverse("grievance_list")), (self.title(), None)]

    @property
    def template_name(self) -> str:
        return "grievances/cases/detail.html" if self.get_object().is_whole else "grievances/cases/state.html"

    def extra(self, record: Any) -> dict[str, Any]:
        live = _live_steps(None, case=record.pk)
        common = {
            "badge": display.status_badge(record),
            "flags": display.flag_badges(record) if record.is_whole else [],
            "steps": display.step_bar(record, live, is_whole=record.is_whole, names=step_names(record)),
        }
        return common | (self._whole(record, live) if record.is_whole else self._state(record, live))

    def _state(self, record: Any, live: list[GrievanceStepRecord]) -> dict[str, Any]:
        shared = documents.shown_to(record, self.request.user)
        ended = record.resolutions.live().first() if record.is_resolved else None
        expected = outlook_of(record)
        return {
            "meeting": max((found.meeting_date for found in live if found.meeting_date), default=None),
            "next": display.next_words(record, expected),
            "by_when": display.by_when(expected),
            "hearing": expected.hearing,
            "appeal_until": ended.appeal_until if ended else None,
            "documents": shared,
        }

    def _whole(self, record: Any, live: list[GrievanceStepRecord]) -> dict[str, Any]:
        tab = self._tab()
        entries = history([record, *_intakes(None, case=record.pk)])
        told = Prefetch("told", GrievantTold.objects.select_related("grievant__member"))
        return {
            "tab": tab,
            "tabs": self._tabs(tab),
            "asked_by": list(record.asked_by.order_by("last_name", "first_name")) if not record.is_resolved else [],
            "offers": offers_of(record, live, self.request.user, assign_first=self._is_to_assign(record)),
            "waits_for": self._waits_for(record, live),
            "grievants": _grievants(None, case=record.pk),
            "days_open": display.days_open_of(record, local_today()),
            **_tasks(record, tab),
            "editions": Edition.choices,
            "papers": papers.offered(record),
            "documents": documents.shown_to(record, self.request.user) if tab in ("documents", WHOLE) else None,
            "told_steps": told_steps(record) if tab in ("steps", WHOLE) else [],
            "resolution": record.resolutions.live().prefetch_related(told).first() if record.is_resolved else None,
            "named": list(record.named_people.order_by("last_name", "first_name")) if record.is_restricted else [],
            "alike": similar.on_same_article(record, self.request.user) if tab == "summary" else [],
            "alike_url": f"{reverse('grievance_list')}?{urlencode({'article': record.contract_article})}",
            "entries": entries if tab in ("history", WHOLE) else entries[:LATEST],
            "may": self._allowed(record),
            **(arbitration_of(record) if tab in ("arbitration", WHOLE) and self._is_arbitrated() else {}),
            **flags_of(record, whole=tab in ("deadlines", WHOLE)),
            **dates_of(record, whole=tab in ("deadlines", WHOLE)),
        }

    def _is_to_assign(self, record: Grievance) -> bool:
        unassigned = record.assigned_rep_id is None and not record.is_resolved
        return unassigned and may(self.request.user, p.ASSIGN_GRIEVANCES)

    def _waits_for(self, record: Grievance, live: list[GrievanceStepRecord]) -> str:
        """Of a case that was denied at the last step: who goes on with it, unless the one who looks does."""
        here = [found for found in live if found.is_at(record.step_number, record.stage)]
        is_denied = any(found.outcome == StepOutcome.DENIED for found in here)
        if record.is_resolved or may(self.request.user, p.ARBITRATE_GRIEVANCES) or not record.is_at_the_last_step():
            return ""
        return after_the_last_step(record, self.request.user) if is_denied or record.is_denied() else ""

    def _tabs(self, current: str) -> list[tuple[str, str, bool]]:
        names = [
            ("summary", _("Summary")),
            ("steps", _("Steps")),
            ("arbitration", _("Arbitration")),
            ("deadlines", _("Deadlines")),
            ("documents", _("Documents")),
            ("notes", _("Notes")),
            ("history", _("History")),
            (WHOLE, _("Whole record")),
        ]
        url = self.get_object().get_absolute_url()
        return [
            (label, url if name == "summary" else f"{url}?tab={name}", name == current)
            for name, label in names
            if name in self._known_tabs()
        ]

    def _known_tabs(self) -> list[str]:
        strategy = ["notes"] if may(self.request.user, p.VIEW_STRATEGY) else []
        arbitration = ["arbitration"] if self._is_arbitrated() else []
        return ["summary", "steps", *arbitration, "deadlines", "documents", *strategy, "history", WHOLE]

    def _is_arbitrated(self) -> bool:
        return self.get_object().current_step == Step.ARBITRATION

    def _tab(self) -> str:
        asked = self.request.GET.get("tab", "")
        return asked if asked in self._known_tabs() else "summary"

    def _allowed(self, record: Grievance) -> dict[str, bool]:
        user = self.request.user
        works = may(user, p.WORK_GRIEVANCES) and not is_theirs(record, user)
        return {
            "work": works,
            "flag": works and not record.is_resolved,
            "panel": works and may(user, p.ARBITRATE_GRIEVANCES),
            "see_notes": may(user, p.VIEW_STRATEGY),
            "change_notes": works and may(user, p.VIEW_STRATEGY),
            "assign": may(user, p.ASSIGN_GRIEVANCES),
            "assign_first": self._is_to_assign(record),
            "ask": may(user, p.WORK_GRIEVANCES) and not cases.why_not_ask(record, user),
            "restrict": may(user, p.RESTRICT_GRIEVANCES),
            "arbitrate": may(user, p.ARBITRATE_GRIEVANCES),
            "choose_agreement": record.agreement_id is None and may(user, p.CHANGE_AGREEMENTS),
            "see_members": may(user, VIEW_MEMBERS),
            "see_employers": may(user, VIEW_ORGANIZATIONS),
        }


@prepared
def _live_steps(_asker: Any, *, case: Any) -> models.QuerySet:
    return GrievanceStepRecord.objects.filter(grievance=case).live()


@prepared
def _grievants(_asker: Any, *, case: Any) -> models.QuerySet:
    return Grievant.objects.filter(grievance=case).select_related("member").order_by("member__sort_name", "pk")


@prepared
def _intakes(_asker: Any, *, case: Any) -> models.QuerySet:
    return GrievanceIntake.objects.filter(filed_as=case)


def _tasks(grievance: Grievance, tab: str) -> dict[str, Any]:
    """What has to be done, next due first, and what was."""
    if tab not in ("summary", WHOLE):
        return {}
    found = list(
        CaseTask.objects.filter(grievance=grievance)
        .select_related("person")
        .order_by(F("due").asc(nulls_last=True), "created_at")
    )
    return {
        "tasks": [task for task in found if task.done_on is None],
        "done_tasks": [task for task in found if task.done_on is not None],
    }


class GrievanceMove(MovePage):
    permission = (p.WORK_GRIEVANCES, p.RESOLVE_GRIEVANCES, p.ARBITRATE_GRIEVANCES)
    model = Grievance
    moves = MOVES

    def rows(self) -> models.QuerySet:
        return Grievance.objects.whole_to(self.request.user)

    @property
    def fields_template(self) -> str:
        return getattr(self.move.form_class, "fields_template", "ui/_form_fields.html")

    def record_crumbs(self) -> Crumbs:
        grievance = self.get_object()
        return [(_("Cases"), reverse("grievance_list")), (str(grievance), grievance.get_absolute_url())]
