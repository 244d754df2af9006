"""How an application is told to each side: its badge, its steps, what happens next."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from benevolence.enums import GRANTED, IN_REVIEW, LEVELS, QUESTION, Decision, Level, Reason, Side, Status
from benevolence.models import BenevolenceReview
from benevolence.services.policy import days_text, kinds_text, months_text, times_text
from benevolence.services.turns import nobody_left, turn_of
from core.enums import Badge, badge_of, choice_label
from core.web.formats import day_text, money_text

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


def member_words(application: Any) -> str:
    """Nothing where the application is reviewed blindly."""
    return "" if application.side == Side.BLIND else application.member.list_name


def turn_words(application: Any) -> str:
    """Who may decide now, and until when."""
    if not application.is_in_review:
        return ""
    turn = turn_of(application)
    until = ""
    if application.level_until:
        until = _("until %(day)s") % {"day": day_text(application.level_until)}
    if turn.is_open:
        level = choice_label(Level, application.level_due)
        return " ".join(part for part in (level, until) if part)
    names = ", ".join(turn.names) or (_("the substitute of this case") if turn.acts else nobody_left())
    return " ".join(part for part in (names, until if turn.acts else "") if part)


def next_words(application: Any) -> str:
    """What the applicant may expect, in their language."""
    if application.is_awaiting_applicant:
        return _("We have a question about this application. The review goes on as soon as it is answered.")
    if getattr(application, "paper_waits", False) and application.status == Status.DRAFT:
        return _("An officer compares this with the paper and confirms it. Then it goes on at the next level.")
    return {
        Status.DRAFT: _("Nothing is sent yet. Read it once more, then submit it."),
        Status.SUBMITTED: _("We have the application. Somebody looks at it next; there is nothing to do now."),
        Status.UNDER_REVIEW: _("The application is being reviewed. We ask if anything is missing."),
        Status.APPROVED: _("The application is approved. The payment is made next."),
        Status.DENIED: _("The application was not approved. A new one is possible at any time."),
        Status.PAID: _("The help is paid."),
        Status.WITHDRAWN: _("The application was withdrawn. A new one is possible at any time."),
    }[Status(application.status)]


def payees_of(application: Any) -> list[tuple[Any, Any, list[Any]]]:
    """(payee, what it is to get as far as the side may know, its payments); what levels took is told at the end."""
    if application.side == Side.INTAKE and application.status != Status.DRAFT:
        return []
    decided = application.side == Side.FULL or application.status in GRANTED
    lines = application.lines.named().prefetch_related("payments")
    return [(line, line.amount if decided else line.asked, list(line.payments.all())) for line in lines]


def side_title(side: str) -> str:
    return _("My application") if side == Side.APPLICANT else _("Benevolence application")


# --- the rules ------------------------------------------------------------------------------------------


def policy_badge(policy: Any, current: Any, today: date) -> Badge:
    """Where a version stands among the others."""
    if policy.called_off_at is not None:
        return Badge(_("Called off"), "grey", "circle-x")
    if policy == current:
        return Badge(_("In force"), "green", "circle-check")
    return Badge(_("Coming"), "blue", "clock") if policy.starts_on > today else Badge(_("Former"), "grey", "history")


def policy_facts(policy: Any) -> list[tuple[str, str]]:
    """A version of the rules in words."""
    return [*_level_facts(policy), *_amount_facts(policy), *_people_facts(policy), *_reason_facts(policy)]


def _level_facts(policy: Any) -> list[tuple[str, str]]:
    facts = []
    for place, level in enumerate(policy.levels, 1):
        is_last = place == len(policy.levels)
        limit = _("above that") if is_last else _("up to %(amount)s") % {"amount": money_text(policy.ceiling(level))}
        if is_last and place == 1:
            limit = _("every amount")
        days = days_text(policy.days_of(level))
        facts.append((str(level.label), f"{limit} · {days}"))
    facts.append((_("Vote"), policy.get_vote_display() or _("none: the levels decide")))
    facts.append((_("Earlier approvals count for"), days_text(policy.lookback_days)))
    if policy.is_in_order:
        facts.append((_("Order"), _("decided in the order received")))
    facts.append((_("Blind review"), _("yes: reviewers never see the person") if policy.is_blind else _("no")))
    return facts


def _amount_facts(policy: Any) -> list[tuple[str, str]]:
    one = money_text(policy.cap_per_application) if policy.cap_per_application is not None else _("no limit")
    member = _("no limit")
    if policy.cap_per_member is not None:
        told = {"amount": money_text(policy.cap_per_member), "months": months_text(policy.cap_months)}
        member = _("%(amount)s in %(months)s") % told
    facts = [(_("Most for one application"), one), (_("Most for one member"), member)]
    if policy.times_per_member is not None:
        often = _("%(times)s in %(months)s") % {
            "times": times_text(policy.times_per_member),
            "months": months_text(policy.times_months),
        }
        facts.append((_("How often one member is helped"), often))
    if policy.wait_days is not None:
        facts.append((_("Days to wait after help"), str(policy.wait_days)))
    if policy.budget_amount is not None:
        told = {"amount": money_text(policy.budget_amount), "period": policy.get_budget_period_display().lower()}
        facts.append((_("Budget"), _("%(amount)s a %(period)s") % told))
    if policy.vendors_only:
        facts.append((_("Who is paid"), _("landlords, utilities and vendors only")))
    return facts


def _people_facts(policy: Any) -> list[tuple[str, str]]:
    facts = [(_("Who is helped"), _("active and retired members") if policy.helps_retirees else _("active members"))]
    if policy.asks_standing:
        facts.append((_("Standing"), _("good on the day of the application")))
    if policy.months_a_member is not None:
        facts.append((_("Months since initiation"), str(policy.months_a_member)))
    if policy.dues_grace_days is not None:
        facts.append((_("Dues"), _("at most %(days)s behind") % {"days": days_text(policy.dues_grace_days)}))
    out = [(policy.excludes_officers, _("officers")), (policy.excludes_staff, _("staff"))]
    names = [name for is_out, name in out if is_out]
    if policy.excludes_households and names:
        names.append(_("their households"))
    if names:
        facts.append((_("Excluded"), ", ".join(names)))
    facts += [(_("Intake confirms"), words) for words in policy.conditions]
    if policy.paused_because:
        facts.append((_("Paused"), policy.paused_because))
    return facts


def _reason_facts(policy: Any) -> list[tuple[str, str]]:
    facts = []
    for reason in Reason:
        own, words = policy.reasons.get(reason.value, {}), []
        if own.get("most"):
            words.append(_("up to %(amount)s") % {"amount": money_text(Decimal(own["most"]))})
        if own.get("outside"):
            words.append(_("outside the count for one member"))
        if own.get("documents"):
            words.append(_("with %(documents)s") % {"documents": kinds_text(own["documents"])})
        if words:
            facts.append((str(reason.label), ", ".join(words)))
    return facts
