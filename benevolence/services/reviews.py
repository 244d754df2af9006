"""What the levels do with an application."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from benevolence.enums import Decision, Side, position_of
from benevolence.models import (
    BenevolenceApplication,
    BenevolenceReview,
    kind_label,
)
from benevolence.services import fund, payees, turns, votes
from benevolence.services.facts import facts_of, policy_of
from benevolence.services.policy import (
    Asked,
    above_what_is_left,
    documents_missing,
    level_after,
    over_budget,
    payees_refused,
    too_often,
)
from benevolence.services.steps import end_review, stated, take_step
from benevolence.services.workflow import decides, duties
from core.errors import TransitionRefused
from core.permissions import Actor
from core.records import records
from core.site import local_today

NAME_LENGTH = BenevolenceReview._meta.get_field("reviewer_name").max_length


def start_review(
    application: BenevolenceApplication, *, actor: Actor | None, version: int | None = None
) -> BenevolenceApplication:
    with take_step(application, "start", actor=actor, version=version) as application:
        pass
    return application


def approve(
    application: BenevolenceApplication,
    *,
    actor: Actor | None,
    amount: Decimal,
    comments: str = "",
    amounts: Mapping[int, Decimal] | None = None,
    vote: Mapping[str, Any] | None = None,
    version: int | None = None,
) -> BenevolenceApplication:
    """Approve at the level that is due, at most what the level before approved; the last level sets it aside.

    `amounts`: what payees get now, by their position, where the amount is lowered and several are to be paid.
    """
    with take_step(application, "approve", actor=actor, version=version) as application:
        most = most_to_approve(application)
        if amount <= 0:
            raise ValidationError({"amount": _("Enter an amount above zero, or deny the application.")})
        if amount > most:
            sentence = _("At most $%(most)s: a level may lower the amount, never raise it.")
            raise ValidationError({"amount": sentence % {"most": f"{most:,}"}})
        is_final, level = decides(application), application.level_due
        votes.check(application, vote, Decision.APPROVED)
        if is_final:
            check_limits(application, amount, actor)
        review = add_review(application, Decision.APPROVED, actor=actor, comments=comments, amount=amount)
        votes.keep(review, vote if is_final else None)
        end_review(application)
        payees.restate(application, amount, amounts or {})
        if is_final:
            grant(application, amount, actor=actor)
        else:
            application.level_due = level_after(level, policy_of(application))
            application.level_reached = max(application.level_reached, position_of(application.level_due))
            turns.begin(application)
    return application


def check_limits(application: Any, amount: Decimal, actor: Actor | None) -> None:
    """What was granted since the application was submitted counts too, once the last level decides.

    Raises ValidationError where the budget of the period, or what one member may get, has less left by now, and
    TransitionRefused where this member was helped as often as the rules allow, or too short a time ago, where somebody
    is to be paid whom the rules do not pay, or where a document that they ask for is not there any more.
    """
    rules = policy_of(application)
    if rules.budget_amount is not None:
        fund.lock()  # two members share the budget: of two approvals at once the second sees what the first took
    facts = facts_of(application, rules)
    if refused := payees_refused(rules, facts.payees):
        raise TransitionRefused(refused)
    tells, asked = duties(application, actor).side != Side.BLIND, Asked(amount, application.reason, facts)
    if refused := over_budget(rules, amount, facts, tells=tells):
        raise ValidationError({"amount": refused})
    if missing := documents_missing(rules, asked):
        sentence = _(
            "Documents that the rules ask for are missing: %(what)s. Put it off until they are added, or deny it."
        )
        raise TransitionRefused(sentence % {"what": ", ".join(map(kind_label, missing))})
    # when to submit it again is the applicant's to read, not that of whoever decides
    if refused := too_often(rules, asked, tells=False):
        raise TransitionRefused(f"{refused} {_('Defer the application, or deny it.')}")
    if refused := above_what_is_left(rules, asked, tells=tells):
        raise ValidationError({"amount": f"{refused} {_('Lower the amount, or deny the application.')}"})


def grant(application: Any, amount: Decimal, *, actor: Actor | None) -> None:
    application.approved_amount, application.approved_on = amount, local_today()
    fund.set_aside(application, amount, actor=actor)


def most_to_approve(application: Any) -> Decimal:
    """What the last level approved, or what was asked for."""
    approvals = application.reviews.filter(decision=Decision.APPROVED, voided_at=None).order_by("created_at", "pk")
    last = approvals.last()
    return last.amount if last and last.amount is not None else application.amount_requested


def deny(
    application: BenevolenceApplication,
    *,
    actor: Actor | None,
    reason: str,
    vote: Mapping[str, Any] | None = None,
    version: int | None = None,
) -> BenevolenceApplication:
    """The applicant reads the reason."""
    reason = stated("reason", reason)
    with take_step(application, "deny", actor=actor, version=version) as application:
        votes.check(application, vote, Decision.DENIED)
        review = add_review(application, Decision.DENIED, actor=actor, comments=reason)
        votes.keep(review, vote)
        end_review(application)
    return application


def ask(
    application: BenevolenceApplication, *, actor: Actor | None, question: str, version: int | None = None
) -> BenevolenceApplication:
    """The applicant reads the question; until they answer, the level can only deny."""
    question = stated("question", question)
    with take_step(application, "ask", actor=actor, version=version) as application:
        add_review(application, Decision.NEEDS_INFO, actor=actor, comments=question)
        application.is_awaiting_applicant, application.deferred_until = True, None
    return application


def defer(
    application: BenevolenceApplication, *, actor: Actor | None, until: date, comments: str, version: int | None = None
) -> BenevolenceApplication:
    """Leave the application at its level until a day to come; it may be decided earlier."""
    comments = stated("comments", comments)
    if until <= local_today():
        raise ValidationError({"until": _("Choose a day that is still to come.")})
    with take_step(application, "defer", actor=actor, version=version) as application:
        add_review(application, Decision.DEFERRED, actor=actor, comments=comments, deferred_until=until)
        application.deferred_until = until
    return application


def add_review(
    application: BenevolenceApplication, decision: Decision, *, actor: Actor | None, comments: str, **fields: Any
) -> BenevolenceReview:
    review = BenevolenceReview(
        application=application,
        reviewer=actor,
        reviewer_name=str(actor)[:NAME_LENGTH],
        review_level=application.level_due,
        decision=decision,
        review_date=local_today(),
        comments=comments.strip(),
        **fields,
    )
    records.save(review)
    return review
