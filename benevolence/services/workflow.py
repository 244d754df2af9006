"""The path of an application, and what keeps somebody from a move on it."""

from typing import Any, cast
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from benevolence import permissions as p
from benevolence.enums import GRANTED, IN_REVIEW, LEVELS, Level, Side, Status
from benevolence.models import REVIEW_PERMISSIONS, BenevolenceApplication, Payment
from benevolence.services import paper, policy
from benevolence.services.facts import asked_of, payee_kinds, policy_of, policy_on, total_of
from benevolence.services.payees import not_the_sum
from benevolence.services.policy import is_last, refusals
from benevolence.services.turns import not_your_turn, once
from core.db.prepared import prepared
from core.permissions import Actor, may
from core.records.workflow import Transition, Workflow
from core.site import local_today

DRAFT, SUBMITTED, UNDER_REVIEW = Status.DRAFT, Status.SUBMITTED, Status.UNDER_REVIEW


def duties(application: Any, actor: Actor | None) -> Any:
    """`application` with what BenevolenceApplication.objects.for_person tells of `actor`; asked once a row."""
    if application.__dict__.get("seen_by") == actor.pk:
        return application
    known = application.__dict__.setdefault("_duties", {})
    if actor.pk not in known:
        known[actor.pk] = _seen_by.first(actor, pk=application.pk)
    return known[actor.pk]


@prepared
def _seen_by(user: Actor, *, pk: UUID) -> Any:
    return BenevolenceApplication.objects.for_person(user).filter(pk=pk)


def is_mine(application: Any, actor: Actor | None) -> str:
    if duties(application, actor).is_mine:
        return ""
    return _("Only the applicant, or who entered this application for them, may do this.")


def may_submit(application: Any, actor: Actor | None) -> str:
    if refused := is_mine(application, actor) or not_the_sum(application):
        return refused
    if duties(application, actor).paper_waits:
        return _("What was decided on paper is recorded; an officer confirms it next. Or withdraw it and begin anew.")
    rules = policy_of(application)
    told = {"tells": sees_past_help(application, actor), "tells_budget": may(cast(User, actor), p.VIEW_FUND)}
    found = refusals(rules, asked_of(application, rules), **told)
    return found[0] if found else ""


def is_applicants(application: Any, actor: Actor | None) -> bool:
    """Whether `actor` looks at their own application."""
    return duties(application, actor).side == Side.APPLICANT


def sees_past_help(application: Any, actor: Actor | None) -> bool:
    """Whether `actor` may know what this person was granted before: the office may not, though it asks for them."""
    return duties(application, actor).side != Side.INTAKE


def above_a_cap(application: Any, actor: Actor | None) -> str:
    """Why the rules cap what is asked for."""
    rules = policy_of(application)
    asked = asked_of(application, rules)
    return policy.above_a_cap(rules, asked, tells=sees_past_help(application, actor))


def payees_refused(application: Any) -> str:
    """Why the rules pay none of whom the application names."""
    return policy.payees_refused(policy_of(application), payee_kinds(application))


def decides(application: Any) -> bool:
    """Whether an approval at the level due is the last one. Needs the lock on the member, see services.take_step."""
    rules = policy_of(application)
    return is_last(application.level_due, total_of(application, rules), rules)


def after_approval(application: Any) -> Status:
    return Status.APPROVED if decides(application) else UNDER_REVIEW


def permission_of_level(application: Any) -> Any:
    """That of the level due; once nothing is due, that of the highest level that ever was."""
    if application.level_due and application.substitute_id is not None:
        return tuple(REVIEW_PERMISSIONS.values())
    level = Level(application.level_due) if application.level_due else LEVELS[max(application.level_reached, 1) - 1]
    return REVIEW_PERMISSIONS[level]


def stands_apart(application: Any, actor: Actor | None) -> str:
    """Why `actor` may not judge or pay for this applicant."""
    if not cast(User, actor).is_known:
        return _("Nobody has confirmed which member you are, or that you are none. Ask an officer to confirm you.")
    found = duties(application, actor)
    if found.is_own:
        return _("You can't decide this one: you are the applicant. Leave it to somebody else.")
    if found.is_related:
        return _("You declared a relationship with the applicant. Leave it to somebody else.")
    if found.has_confirmed:
        return _("You confirmed what was decided on paper. Leave the rest to somebody else.")
    return ""


def may_review(application: Any, actor: Actor | None) -> str:
    if refused := stands_apart(application, actor):
        return refused
    if actor is not None and actor.pk in (application.begun_by_id, application.entered_by_id):
        return _("You entered this application. Leave the decision to somebody else.")
    if duties(application, actor).has_prepared:
        return _("You prepared this application for reviewers who never see the person. Leave it to somebody else.")
    if duties(application, actor).has_reviewed_elsewhere:
        return _("You took part at another level of this application. Leave this level to somebody else.")
    if duties(application, actor).decided_before:
        return _("You took part in the decision that is appealed. Leave the appeal to somebody else.")
    return not_your_turn(application, actor)


def may_decide(application: Any, actor: Actor | None) -> str:
    if refused := may_review(application, actor):
        return refused
    if application.is_awaiting_applicant:
        return _("The applicant has not answered the question yet. Wait for the answer, or deny.")
    return ""


def may_approve(application: Any, actor: Actor | None) -> str:
    if refused := may_decide(application, actor):
        return refused
    if application.needs_intake:
        return _("Intake is not finished: the office confirms or prepares something first. It comes back to you then.")
    today = once(application, "rules", lambda: policy_on(local_today()))
    return policy.paused(today) or out_of_order(application)


def first_received(level: str) -> Any:
    """The first at the level that could be decided now."""
    waiting = BenevolenceApplication.objects.filter(status__in=IN_REVIEW, level_due=level)
    ready = waiting.filter(is_awaiting_applicant=False, deferred_until=None, needs_intake=False)
    return ready.filter(policy__is_in_order=True).order_by("sort_number", "pk").first()


def out_of_order(application: Any) -> str:
    """Where the rules ask for the order received: which application comes first."""
    if not policy_of(application).is_in_order:
        return ""
    first = once(application, ("first", application.level_due), lambda: first_received(application.level_due))
    if first is None or first.sort_number >= application.sort_number:
        return ""
    return _("The rules ask for the order received: %(number)s comes first. Decide it, or put it off.") % {
        "number": first.application_number
    }


def may_answer(application: Any, actor: Actor | None) -> str:
    if refused := is_mine(application, actor):
        return refused
    return "" if application.is_awaiting_applicant else _("There is no open question.")


def may_pay(application: Any, actor: Actor | None) -> str:
    if refused := stands_apart(application, actor):
        return refused
    if duties(application, actor).has_reviewed:
        return _("You took part in the decision. Whoever pays must not have decided; leave it to somebody else.")
    if actor is not None and actor.pk in (application.begun_by_id, application.entered_by_id):
        return _("You entered this application. Leave the payment to somebody else.")
    return ""


def may_reverse(application: Any, actor: Actor | None) -> str:
    if refused := stands_apart(application, actor):
        return refused
    return "" if is_partly_paid(application) else _("Nothing of it is paid, so there is nothing to void.")


def may_release(application: Any, actor: Actor | None) -> str:
    if refused := may_pay(application, actor):
        return refused
    return "" if application.lines.unpaid().exists() else _("Every payee is paid, so there is nothing to release.")


def after_release(application: Any) -> Status:
    """Paid where somebody was; otherwise nothing came of it, as when the applicant withdraws."""
    return Status.PAID if is_partly_paid(application) else Status.WITHDRAWN


def may_withdraw(application: Any, actor: Actor | None) -> str:
    if refused := is_mine(application, actor):
        return refused
    if application.status == Status.APPROVED and is_partly_paid(application):
        return _("A part of the help is paid already. Ask the treasurer to void that payment first.")
    return ""


def is_partly_paid(application: Any) -> bool:
    return Payment.objects.live().filter(line__application=application.pk).exists()


def after_payment(application: Any) -> Status:
    """Paid with the last payee."""
    return Status.APPROVED if application.lines.unpaid().count() > 1 else Status.PAID


def who_pays(application: Any) -> list[User]:
    """Whoever holds the right and took no part."""
    holders = User.objects.holding(p.PAY).order_by("last_name", "first_name", "pk")
    seen = {user: BenevolenceApplication.objects.for_person(user).filter(pk=application.pk) for user in holders}
    return [user for user, rows in seen.items() if not any(may_pay(row, user) for row in rows)]


WITHDRAWABLE = (DRAFT, *IN_REVIEW, Status.APPROVED)


def may_carry_over(application: Any, actor: Actor | None) -> str:
    return stands_apart(application, actor) or paper.not_confirmable(application, actor)


FLOW = Workflow(
    "benevolence",
    Status,
    [
        Transition("submit", (DRAFT,), SUBMITTED, p.REQUEST, gettext_lazy("Submit application"), may_submit),
        Transition(
            "carry_over",
            (DRAFT,),
            paper.status_then,
            p.CONFIRM_PAPER,
            gettext_lazy("Confirm the paper decisions"),
            may_carry_over,
        ),
        Transition("answer", (UNDER_REVIEW,), UNDER_REVIEW, p.REQUEST, gettext_lazy("Answer the question"), may_answer),
        Transition("amend", IN_REVIEW, SUBMITTED, p.REQUEST, gettext_lazy("Change the application"), is_mine),
        Transition("withdraw", WITHDRAWABLE, Status.WITHDRAWN, p.REQUEST, gettext_lazy("Withdraw"), may_withdraw),
        Transition("approve", IN_REVIEW, after_approval, permission_of_level, gettext_lazy("Approve"), may_approve),
        Transition("ask", IN_REVIEW, UNDER_REVIEW, permission_of_level, gettext_lazy("Ask the applicant"), may_decide),
        Transition("start", (SUBMITTED,), UNDER_REVIEW, permission_of_level, gettext_lazy("Start review"), may_review),
        Transition("defer", IN_REVIEW, UNDER_REVIEW, permission_of_level, gettext_lazy("Put off"), may_decide),
        Transition("deny", IN_REVIEW, Status.DENIED, permission_of_level, gettext_lazy("Deny"), may_review),
        Transition("void", (*IN_REVIEW, Status.APPROVED), SUBMITTED, None, gettext_lazy("Void the decision")),
        Transition("pay", (Status.APPROVED,), after_payment, p.PAY, gettext_lazy("Record the payment"), may_pay),
        Transition("reverse", GRANTED, Status.APPROVED, p.PAY, gettext_lazy("Void a payment"), may_reverse),
        Transition(
            "release",
            (Status.APPROVED,),
            after_release,
            p.PAY,
            gettext_lazy("Release what is not paid"),
            may_release,
        ),
    ],
    initial=DRAFT,
)
