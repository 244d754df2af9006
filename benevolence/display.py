"""How an application is told to each side: its badge, its steps, what happens next."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from benevolence.enums import GRANTED, IN_REVIEW, LEVELS, QUESTION, Decision, Level, Side, Status
from benevolence.models import BenevolenceReview
from core.enums import Badge, badge_of, choice_label
from core.web.formats import money_text

Steps = list[tuple[str, str, str]]


def status_words(application: Any) -> str:
    if application.is_awaiting_applicant:
        return str(QUESTION.text)
    return choice_label(Status, application.status)


def status_badge(application: Any) -> Badge:
    return QUESTION if application.is_awaiting_applicant else badge_of(Status, application.status)


def level_words(level: str) -> str:
    return choice_label(Level, level)


def plain_steps(application: Any) -> Steps:
    """The way of an application without anybody's name; nothing for one that was withdrawn."""
    status = Status(application.status)
    if status == Status.WITHDRAWN:
        return []
    sent, reviewed = status != Status.DRAFT, status not in (Status.DRAFT, *IN_REVIEW)
    decision = {Status.DENIED: (_("Denied"), "refused", "")}.get(
        status, (_("Approved"), "done" if reviewed else "todo", "")
    )
    paid = {Status.APPROVED: "current", Status.PAID: "done"}.get(status, "todo")
    review = "done" if reviewed else "current" if sent else "todo"
    steps = [(_("Submitted"), "done" if sent else "current", ""), (_("In review"), review, ""), decision]
    return steps if status == Status.DENIED else [*steps, (_("Paid"), paid, "")]


def level_steps(application: Any, reviews: Iterable[BenevolenceReview], needed: int) -> Steps:
    """The levels with what they decided, then the payment."""
    decided = {review.review_level: review for review in reviews if review.voided_at is None}
    steps = []
    for position, level in enumerate(LEVELS[: max(needed, application.level_reached)], 1):
        review = decided.get(level)
        if level == application.level_due:
            note = _("asked a question") if application.is_awaiting_applicant else ""
            steps.append((str(level.label), "current", note))
        elif review and review.decision == Decision.APPROVED:
            steps.append((str(level.label), "done", money_text(review.amount)))
        elif review and review.decision == Decision.DENIED:
            steps.append((str(level.label), "refused", _("denied")))
        elif application.is_in_review or position <= application.level_reached:
            steps.append((str(level.label), "todo", ""))
    if application.status in (*IN_REVIEW, *GRANTED):
        state = {Status.APPROVED: "current", Status.PAID: "done"}.get(application.status, "todo")
        steps.append((_("Payment"), state, ""))
    return steps


def next_words(application: Any) -> str:
    """What the applicant may expect, in their language."""
    if application.is_awaiting_applicant:
        return _("We have a question about this application. The review goes on as soon as it is answered.")
    return {
        Status.DRAFT: _("Nothing is sent yet. Read it once more, then submit it."),
        Status.SUBMITTED: _("We have the application. Somebody looks at it next; there is nothing to do now."),
        Status.UNDER_REVIEW: _("The application is being reviewed. We ask if anything is missing."),
        Status.APPROVED: _("The application is approved. The payment is made next."),
        Status.DENIED: _("The application was not approved. A new one is possible at any time."),
        Status.PAID: _("The help is paid."),
        Status.WITHDRAWN: _("The application was withdrawn. A new one is possible at any time."),
    }[Status(application.status)]


def side_title(side: str) -> str:
    return _("My application") if side == Side.APPLICANT else _("Benevolence application")
