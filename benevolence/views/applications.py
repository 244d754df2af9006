"""The pages of applications for help."""

from datetime import date
from functools import cached_property
from operator import attrgetter
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.entry.step_up import StepUpMovePage
from benevolence import permissions as p
from benevolence.display import (
    level_steps,
    level_words,
    member_words,
    next_words,
    payees_of,
    plain_steps,
    side_title,
    status_badge,
    status_words,
    turn_words,
)
from benevolence.enums import IN_REVIEW, Decision, Reason, Side, Status
from benevolence.forms.applications import AppealForm, ApplicationForm, application_form
from benevolence.forms.filters import ApplicationFilterSet
from benevolence.models import (
    ANY_PERMISSION,
    FULL_PERMISSIONS,
    PAST_HELP_PERMISSIONS,
    BenevolenceApplication,
    BenevolenceReview,
    kind_label,
)
from benevolence.services import applications, documents, fund, paper, papers, past_help, vouchers
from benevolence.services.facts import documents_missing, others_granted, policy_of, records_that_count
from benevolence.services.intake import brief_of, notes_of, why_not, why_nothing_to_keep
from benevolence.services.policy import levels_needed, year_before
from benevolence.services.sides import shown_fields
from benevolence.services.workflow import FLOW, total_of
from benevolence.views.moves import MOVES
from core.audit.timeline import history
from core.enums import Badge, badge_of, choice_label
from core.errors import DomainError
from core.permissions import Actor, may
from core.site import local_today
from core.web.columns import Column, of_field, through
from core.web.keeping import KeepsTyped
from core.web.keyset import Sort
from core.web.lists import ListPage
from core.web.moves import MovePage, move_urls
from core.web.views import ActionPage, Crumbs, EditPage, RecordPage, RowMixin
from members.models import Member
from members.views.filled_in import named_in

STATUS = ("status", "is_awaiting_applicant")


def shown_value(application: Any, name: str) -> Any:
    """The value of a field, or nothing where the person's side does not see it."""
    return getattr(application, name) if name in shown_fields(application.side, application.status) else ""


def reason_words(application: Any) -> str:
    reason = shown_value(application, "reason")
    return choice_label(Reason, reason)


def days_waiting(application: Any, today: date) -> str:
    if not application.is_in_review:
        return ""
    return str((today - application.application_date).days)


def list_crumbs(user: Actor) -> Crumbs:
    return [(list_title(user), reverse("application_list"))]


def list_title(user: Actor) -> str:
    others = may(user, (p.APPLY_FOR_MEMBER, *FULL_PERMISSIONS))
    return _("Applications") if others else _("My applications")


def status_column() -> Column:
    same = attrgetter(*STATUS)
    return Column("status", _("Status"), status_words, kind="badge", badge=status_badge, reads=STATUS, same=same)


def amount_column() -> Column:
    reads = ("status", "amount_requested")
    return Column("amount", _("Amount"), lambda a: shown_value(a, "amount_requested"), kind="money", reads=reads)


def level_column(*, shown: bool) -> Column:
    reads = ("status", "level_due")
    return Column("level", _("Level due"), lambda a: level_words(shown_value(a, "level_due")), shown=shown, reads=reads)


class ApplicationList(ListPage):
    permission = ANY_PERMISSION
    is_prepared = has_fixed_choices = True
    model = BenevolenceApplication
    filterset_class = ApplicationFilterSet
    list_name = "application_list"
    record_route = "application_detail"
    icon = "heart-handshake"
    search_label = gettext_lazy("Number, name or member number")
    actions_template = "benevolence/applications/_list_actions.html"
    empty_title = gettext_lazy("No applications yet")
    sorts = (
        Sort("date", "list_date", gettext_lazy("Date"), descending=True),
        Sort("number", "sort_number", gettext_lazy("Number")),
    )

    def title(self) -> str:
        return list_title(self.request.user)

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        user, today = self.request.user, local_today()
        reviews = may(user, FULL_PERMISSIONS)
        others = reviews or may(user, p.APPLY_FOR_MEMBER)
        named = through("member", Member.NAME_FIELDS)
        waiting = ("status", "application_date")
        return (
            Column("number", _("Number"), str, kind="link", sort="number", reads=("application_number",)),
            status_column(),
            Column("member", _("Member"), member_words, shown=others, reads=named),
            Column("reason", _("Reason"), reason_words, shown=not others, reads=("status", "reason")),
            amount_column(),
            level_column(shown=reviews),
            of_field("date", _("Date"), "list_date", kind="date", sort="date"),
            Column("waiting", _("Days waiting"), lambda a: days_waiting(a, today), kind="number", reads=waiting),
        )

    def for_page(self, rows: Any) -> models.QuerySet:
        return super().for_page(rows.with_side(self.request.user))

    @property
    def may_apply(self) -> bool:
        return may(self.request.user, (p.APPLY, p.APPLY_FOR_MEMBER))

    @property
    def own_past(self) -> bool:
        """Others find past help in the menu."""
        user = self.request.user
        return may(user, p.VIEW_OWN_APPLICATIONS) and not may(user, PAST_HELP_PERMISSIONS)

    @property
    def empty_text(self) -> str:
        return _("An application asks the fund for help.") if self.may_apply else _("Nothing has reached you yet.")

    @property
    def empty_action(self) -> tuple[str, str]:
        return (_("Apply for help"), reverse("application_create")) if self.may_apply else ("", "")


class ApplicationDetail(RecordPage):
    permission = ANY_PERMISSION
    model = BenevolenceApplication
    row_is_prepared = True
    template_name = "benevolence/applications/detail.html"

    def rows(self) -> models.QuerySet:
        return super().rows().for_person(self.request.user).select_related("member", "entered_by", "paid_by")

    def title(self) -> str:
        return side_title(self.get_object().side)

    def breadcrumbs(self) -> Crumbs:
        return [*list_crumbs(self.request.user), (str(self.get_object()), None)]

    def extra(self, record: Any) -> dict[str, Any]:
        user = self.request.user
        reviews = list(record.reviews.select_related("answer", "vote").order_by("created_at", "pk"))
        is_full, is_blind = record.side == Side.FULL, record.side == Side.BLIND
        return {
            "badge": status_badge(record),
            "sees": dict.fromkeys(shown_fields(record.side, record.status), True),
            "is_full": is_full,
            "is_blind": is_blind,
            "brief": brief_of(record) if is_blind else "",
            "intake_notes": notes_of(record) if is_full else [],
            **intake_beside(record, user),
            "turn": turn_words(record) if is_full or is_blind else "",
            "may_appeal": record.status == Status.DENIED and record.is_mine and may(user, p.REQUEST),
            "offers": MOVES.offers(record, user, move_urls("application_move")(record)),
            "may_edit": record.status == Status.DRAFT and record.is_mine and may(user, p.REQUEST),
            "may_record": record.status == Status.DRAFT
            and record.is_mine
            and record.side == Side.INTAKE
            and may(user, p.APPLY_FOR_MEMBER),
            **paper_beside(record),
            "questions": [review for review in reviews if review.decision == Decision.NEEDS_INFO],
            "denials": [
                review for review in reviews if review.decision == Decision.DENIED and not (is_full or is_blind)
            ]
            if record.side != Side.INTAKE
            else [],
            "next": next_words(record),
            "payees": payees_of(record),
            "may_name": record.is_mine and may(user, p.REQUEST) and record.status in (Status.DRAFT, *IN_REVIEW),
            "papers": papers.offered(record),
            "vouchers": vouchers.offered(record, user),
            **documents_beside(record, user),
            **self.steps(record, reviews),
        }

    def steps(self, record: Any, reviews: list[Any]) -> dict[str, Any]:
        if record.side == Side.FULL:
            return self.full(record, reviews)
        if record.side == Side.BLIND:
            needed = len(levels_needed(total_of(record, policy_of(record)), policy_of(record)))
            steps = level_steps(record, reviews, needed if record.is_in_review else 0)
            return {"steps": steps, "reviews": reviews_for(record)}
        return {"steps": plain_steps(record)}

    def full(self, record: Any, reviews: list[Any]) -> dict[str, Any]:
        """What only those see who decide, pay or audit."""
        policy: Any = policy_of(record)
        since = year_before(local_today())
        person = records_that_count(record)
        needed = len(levels_needed(total_of(record, policy), policy)) if record.is_in_review else 0
        return {
            "steps": level_steps(record, reviews, needed),
            "reviews": [(review, badge_of(Decision, review.decision)) for review in reviews],
            "earlier": others_granted(record, person)
            .filter(approved_on__gte=since)
            .aggregate(count=models.Count("pk"), total=models.Sum("approved_amount")),
            "past": past_help.counted_since(person, since),
            "may_see_past": may(self.request.user, PAST_HELP_PERMISSIONS),
            "entries": history([record]),
            "held": fund.figures() if record.is_in_review else None,
            "may_recuse": record.status in (*FLOW.rows["approve"].sources, Status.APPROVED)
            and may(self.request.user, p.DECLARE_RELATIONSHIP),
        }


class DraftForm(KeepsTyped):
    """The page of a draft, with the fields that are the person's to fill."""

    template_name = "benevolence/applications/edit.html"
    fields_template = "benevolence/applications/_fields.html"

    @property
    def form_class(self) -> type[ApplicationForm]:
        return application_form(self.request.user)

    def form_arguments(self, data: Any, files: Any) -> dict[str, Any]:
        return {**super().form_arguments(data, files), "actor": self.request.user}

    def next_page(self, record: BenevolenceApplication) -> str:
        """The application, or the page for its photos where that was asked for."""
        if "then_documents" in self.request.POST:
            return reverse("document_add", args=[record.pk])
        return record.get_absolute_url()


class ApplicationCreate(DraftForm):
    makes_record = True
    permission = (p.APPLY, p.APPLY_FOR_MEMBER)
    page_title = gettext_lazy("Apply for help")
    submit_label = gettext_lazy("Save and read it once more")
    lead = gettext_lazy("Nothing is sent yet: you read it once more before you submit it.")
    done = gettext_lazy("Saved as a draft.")

    def breadcrumbs(self) -> Crumbs:
        return [*list_crumbs(self.request.user), (self.title(), None)]

    def form_arguments(self, data: Any, files: Any) -> dict[str, Any]:
        member = named_in(self.request, "member", Member) if may(self.request.user, p.APPLY_FOR_MEMBER) else None
        return {**super().form_arguments(data, files), "initial": {"member": member}}

    def cancel_url(self) -> str:
        return reverse("application_list")

    def perform(self, form: Any) -> str:
        member = form.cleaned_data.get("member")
        given = {"actor": self.request.user, "member": member, "payee": form.payee()}
        return self.next_page(applications.create_application(form.values(), **given))


class ApplicationPage(RowMixin):
    """What the pages below one application share."""

    model = BenevolenceApplication

    def rows(self) -> Any:
        return super().rows().for_person(self.request.user).select_related("member")

    def record_crumbs(self) -> Crumbs:
        record = self.get_object()
        return [*list_crumbs(self.request.user), (str(record), record.get_absolute_url())]

    def breadcrumbs(self) -> Crumbs:
        return [*self.record_crumbs(), (self.title(), None)]


class ApplicationEdit(ApplicationPage, DraftForm, EditPage):
    permission = p.REQUEST
    page_title = gettext_lazy("Edit draft")
    submit_label = gettext_lazy("Save draft")
    done = gettext_lazy("Draft saved.")

    @property
    def form_class(self) -> type[ApplicationForm]:
        return application_form(self.request.user, self.get_object())

    def get_object(self) -> Any:
        record = super().get_object()
        if not record.is_mine:
            raise PermissionDenied(p.REQUEST)
        return record

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.get_object().status != Status.DRAFT:
            raise DomainError(_("This application is submitted. Use “Change the application” instead."))
        return super().get(request, *args, **kwargs)

    def perform(self, form: Any) -> str:
        version = form.cleaned_data["version"]
        record = BenevolenceApplication(pk=self.get_object().pk)
        given = {"actor": self.request.user, "payee": form.payee(), "version": version}
        return self.next_page(applications.update_draft(record, form.values(), **given))


def intake_beside(record: Any, user: Actor) -> dict[str, bool]:
    """What the office may do at intake."""
    if record.side != Side.INTAKE or not may(user, p.APPLY_FOR_MEMBER):
        return {}
    return {
        "may_prepare": record.needs_intake,
        "may_rewrite": not record.needs_intake and not why_not(record),
        "may_keep_back": not why_nothing_to_keep(record),
    }


def documents_beside(record: Any, user: Actor) -> dict[str, Any]:
    """The documents that the person sees, and what is missing of those that the rules ask for."""
    missing = documents_missing(record) if record.status in documents.CHANGEABLE else []
    return {"documents": documents.shown_to(record, user), "missing_documents": [kind_label(kind) for kind in missing]}


def paper_beside(record: Any) -> dict[str, Any]:
    """What is recorded of a draft's paper, and what of the rules it does not meet; the office knows no past help."""
    file = paper.shown_to_office(record)
    return {"paper": file, "paper_unmet": paper.unmet(record, file, tells=False) if file else []}


def beside_form(record: Any, user: Actor) -> dict[str, Any]:
    """What is on file beside the form of a move, as far as the person's side sees it."""
    is_asked = record.is_mine and record.is_awaiting_applicant
    return {
        "sees": dict.fromkeys(shown_fields(record.side, record.status), True),
        "is_blind": record.side == Side.BLIND,
        "brief": brief_of(record) if record.side == Side.BLIND else "",
        "reviews": reviews_for(record),
        "intake_notes": notes_of(record) if record.is_related_to_office and record.side == Side.FULL else [],
        **paper_beside(record),
        "held": fund.figures() if record.side == Side.FULL and record.is_in_review else None,
        **documents_beside(record, user),
        "questions": record.reviews.unanswered().order_by("created_at", "pk") if is_asked else (),
    }


def reviews_for(record: Any) -> list[tuple[BenevolenceReview, Badge]]:
    """What the levels said and the applicant answered, for those who see all of it."""
    reviews = (
        record.reviews.select_related("answer", "vote").order_by("created_at", "pk")
        if record.side in (Side.FULL, Side.BLIND)
        else ()
    )
    return [(review, badge_of(Decision, review.decision)) for review in reviews]


class ApplicationMove(StepUpMovePage, ApplicationPage, MovePage):
    permission = ANY_PERMISSION
    moves = MOVES
    template_name = "benevolence/applications/move.html"

    def render_form(self, form: Any, *, status: int = 200, **extra: Any) -> HttpResponse:
        record = self.get_object()
        return super().render_form(
            form, status=status, record=record, **beside_form(record, self.request.user), **extra
        )


class ApplicationAppeal(ApplicationPage, ActionPage):
    """A denial is looked at anew by other people, in an application of its own."""

    makes_record = True
    permission = p.REQUEST
    form_class = AppealForm
    page_title = gettext_lazy("Appeal the denial")
    submit_label = gettext_lazy("Begin the appeal")
    done = gettext_lazy("The appeal is a draft now. Nothing is sent yet.")

    @property
    def lead(self) -> str:
        if applications.knows_request(self.get_object(), self.request.user):
            return _("A draft begins with the same request. Change what is different, then submit it.")
        return _(
            "The member may have changed the request since you entered it, so you no longer see it. Ask the member, "
            "type it anew, and name in the draft who is to be paid; otherwise the member is."
        )

    def form_arguments(self, data: Any, files: Any) -> dict[str, Any]:
        known = {"record": self.get_object(), "actor": self.request.user}
        return {**super().form_arguments(data, files), **known}

    def perform(self, form: Any) -> str:
        values = form.cleaned_data
        return applications.appeal(self.get_object(), actor=self.request.user, values=values).get_absolute_url()
