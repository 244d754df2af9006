"""What waits for the levels and for payment."""

from datetime import date
from operator import attrgetter
from typing import Any, cast

from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from benevolence import permissions as p
from benevolence.display import (
    member_words,
    status_badge,
    status_words,
)
from benevolence.enums import Level, Reason, Status
from benevolence.models import (
    REVIEW_PERMISSIONS,
    BenevolenceApplication,
)
from benevolence.services import relationships, turns
from benevolence.services.workflow import FLOW
from benevolence.views.applications import STATUS, days_waiting
from core.audit import trail
from core.db.one_of import OneOf
from core.db.prepared import prepared
from core.enums import ReadKind, choice_label
from core.permissions import Actor
from core.site import local_today
from core.web import formats
from core.web.columns import Column, address_of, table_body, table_head
from core.web.views import PortalView

MOST_QUEUED = 100


def amount_granted(application: Any) -> Any:
    """What was approved, and before that what was asked for."""
    return application.amount_requested if application.approved_amount is None else application.approved_amount


def level_or_payment(application: Any) -> str:
    return choice_label(Level, application.level_due) or _("Payment")


def remark_on(application: Any, refusal: str) -> str:
    """Why it cannot be decided now, or that it was put off; "" where neither is so."""
    if refusal:
        return escape(refusal)
    if is_put_off(application):
        return f"{escape(_('Put off until'))} {formats.person_date(application.deferred_until)}"
    return ""


def days_left(application: Any, today: date) -> str:
    """Until it is needed; below zero where that day is over."""
    return str((application.needed_by - today).days) if application.needed_by else ""


def is_put_off(application: Any) -> bool:
    """Until a day that is still to come; it may be decided all the same."""
    return bool(application.deferred_until and application.deferred_until > local_today())


@prepared
def queued(user: Actor) -> models.QuerySet:
    """The first of what is due to them are found; only of these it is asked what keeps them from deciding."""
    first = BenevolenceApplication.objects.due_to(user).by_need().values("pk")[:MOST_QUEUED]
    rows = BenevolenceApplication.objects.filter(OneOf("pk", first)).for_person(user)
    return rows.select_related("member", "policy").by_need()


class ApplicationQueue(PortalView):
    """What waits for the person's level or payment, by need; below it what they cannot do now, and why."""

    permission = (*REVIEW_PERMISSIONS.values(), p.PAY)
    template_name = "benevolence/queue/list.html"
    page_title = gettext_lazy("Queue")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        rows = list(queued(request.user))
        turns.prefill(rows)
        trail.read(BenevolenceApplication, ReadKind.LISTED, actor=request.user, rows=len(rows))
        queue, columns = [(row, self.refusal(row)) for row in rows], self.columns()
        ready: list[tuple[Any, str]] = []
        later: list[tuple[Any, str]] = []
        for row, refusal in queue:
            (later if refusal or is_put_off(row) else ready).append((row, refusal))
        parts = [
            (title, self.table_body(part, columns))
            for title, part in ((_("Waiting for you"), ready), (_("Not now"), later))
            if part
        ]
        head = table_head((column, "", "") for column in columns)
        return self.render(
            is_asked=relationships.is_asked(cast(User, request.user)),
            queue=[*ready, *later],
            parts=parts,
            table_head=head,
            most=MOST_QUEUED,
        )

    def columns(self) -> list[Column]:
        today = local_today()
        return [
            Column("number", _("Number"), str, kind="link"),
            Column("status", _("Status"), status_words, kind="badge", badge=status_badge, same=attrgetter(*STATUS)),
            Column("member", _("Member"), member_words),
            Column("reason", _("Reason"), lambda row: choice_label(Reason, row.reason), same=attrgetter("reason")),
            Column("amount", _("Amount"), amount_granted, kind="money"),
            Column("level", _("Level due"), level_or_payment, same=attrgetter("level_due")),
            Column("needed", _("Needed by"), attrgetter("needed_by"), kind="date"),
            Column("left", _("Days left"), lambda row: days_left(row, today), kind="number"),
            Column("days", _("Days waiting"), lambda row: days_waiting(row, today), kind="number"),
        ]

    def table_body(self, queue: list[tuple[Any, str]], columns: list[Column]) -> SafeString:
        refusals = {row.pk: refusal for row, refusal in queue}
        return table_body(
            [row for row, _refusal in queue],
            columns,
            address=address_of("application_detail", BenevolenceApplication),
            remark=lambda row: remark_on(row, refusals[row.pk]),
        )

    def refusal(self, application: Any) -> str:
        name = "pay" if application.status == Status.APPROVED else "approve"
        return FLOW.refusal(application, FLOW.rows[name], self.request.user)
