"""Who hears of applications, payments and the fund."""

from collections.abc import Callable
from typing import Any

from accounts.models import User
from benevolence import permissions as benevolence
from benevolence.enums import BenevolenceAction, Decision, Level
from benevolence.enums import Status as ApplicationStatus
from benevolence.models import REVIEW_PERMISSIONS, Payment
from benevolence.services.payments import payments_of
from benevolence.services.seats import who_acts
from benevolence.services.workflow import may_carry_over, may_review, who_pays
from core.models import AuditEvent
from members.models import Member
from unionops.hearers.lines import People, Turn, accounts_of


def applicant(turn: Turn) -> People:
    return accounts_of(Member.objects.same_person(turn.about.member_id).values("pk"))


def entrant(turn: Turn) -> People:
    return [turn.about.entered_by]


def if_asked(whom: Callable[[Turn], People]) -> Callable[[Turn], People]:
    """Those, while the question is open."""
    return lambda turn: whom(turn) if turn.about.is_awaiting_applicant else []


def level_due(turn: Turn) -> People:
    """Whoever may decide at the level that is due now."""
    application = turn.about
    if not application.is_in_review or application.is_awaiting_applicant:
        return []
    return [user for user in who_acts(application) if not may_review(application, user)]


def level_left(turn: Turn) -> People:
    """Whoever had it at the level at which the step was taken."""
    level = turn.event.body.get("data", {}).get("level")
    return User.objects.holding(REVIEW_PERMISSIONS[Level(level)]) if level else []


def paper_officers(turn: Turn) -> People:
    """Whoever may confirm what was recorded of the paper."""
    holders = User.objects.holding(benevolence.CONFIRM_PAPER)
    return [user for user in holders if not may_carry_over(turn.about, user)]


def named_on_paper(turn: Turn) -> People:
    return list(User.objects.filter(pk__in=turn.about.reviews.values("reviewer")))


def approvers(turn: Turn) -> People:
    """Whoever approved it."""
    standing = turn.about.reviews.filter(voided_at=None, decision=Decision.APPROVED)
    return list(User.objects.filter(pk__in=standing.values("reviewer")))


def payers(turn: Turn) -> People:
    return who_pays(turn.about) if turn.about.status == ApplicationStatus.APPROVED else []


def payment_of(application: Any, event: AuditEvent) -> Payment | None:
    """The payment that was made, signed or voided; of a run the first, which stands for all of it."""
    made = payments_of(application)
    if event.action == BenevolenceAction.SIGNED:
        return made.filter(voucher_number=event.body.get("data", {}).get("voucher", "")).first()
    at = "voided_at" if event.action == BenevolenceAction.PAYMENT_VOIDED else "created_at"
    payment = made.filter(**{f"{at}__lte": event.at}).order_by(at).last()
    if payment is None or payment.run_id is None or event.action != BenevolenceAction.PAID:
        return payment
    first = Payment.objects.filter(run=payment.run_id).order_by("voucher_number").first()
    return payment if payment == first else None


def signers(turn: Turn) -> People:
    """Whoever may sign it as the second person, while it waits for that."""
    waits = Payment.objects.filter(pk=turn.about.pk)
    holders = User.objects.holding(benevolence.COUNTERSIGN)
    return [user for user in holders if user.is_known and waits.waiting_for_signature(user).exists()]


def keepers(turn: Turn) -> People:
    """Whoever looks after the fund."""
    return User.objects.holding(benevolence.VIEW_FUND)


def if_granted(whom: Callable[[Turn], People]) -> Callable[[Turn], People]:
    """Those, once the last level has approved."""
    return lambda turn: whom(turn) if turn.about.approved_on else []
