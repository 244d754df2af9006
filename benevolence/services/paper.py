"""Rules of paper decisions: what may be carried over, and who may say so."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Min, Q
from django.utils.translation import gettext as _

from accounts.models import Role, RoleAssignment, User
from benevolence.enums import LEVELS, EntryKind, Level, Side, Status
from benevolence.models import REVIEW_PERMISSIONS, BenevolenceApplication, FundTransfer, PaperFile
from benevolence.services.facts import asked_of, policy_on, total_of
from benevolence.services.policy import levels_needed, refusals
from core.permissions import Actor
from core.site import local_today
from core.web.formats import day_text, money_text


@dataclass(frozen=True, slots=True)
class OnPaper:
    """One decision as the paper says it."""

    level: Level
    decider: User
    decided_on: date
    amount: Decimal
    reference: str


def who_held(level: Level) -> Any:
    """Accounts that have, or once had, a role that decides at this level."""
    roles = Role.objects.granting(REVIEW_PERMISSIONS[level])
    terms = RoleAssignment.objects.that_counted().filter(role__in=roles)
    return User.objects.filter(pk__in=terms.values("user")).order_by("last_name", "first_name", "pk")


def file_of(application: Any) -> PaperFile | None:
    return PaperFile.objects.filter(application=application.pk).select_related("recorded_by", "confirmed_by").first()


def shown_to_office(application: Any) -> PaperFile | None:
    """What is recorded of a draft (a row `for_person`), for whoever recorded it and whoever may confirm it."""
    is_seen = application.status == Status.DRAFT and application.side == Side.INTAKE and application.paper_waits
    return file_of(application) if is_seen else None


def on_paper(file: PaperFile) -> list[OnPaper]:
    rows: Any = file.decisions.select_related("decider").order_by("pk")
    return [OnPaper(Level(row.level), row.decider, row.decided_on, row.amount, row.reference) for row in rows]


def needed_levels(application: BenevolenceApplication, applied_on: date) -> tuple[Level, ...]:
    """By the rules of its own day."""
    rules = policy_on(applied_on)
    return tuple(levels_needed(total_of(application, rules), rules))


def not_of_day(applied_on: date) -> str:
    """Why an application of this day is not carried over: by then the levels decided here."""
    if applied_on > local_today():
        return _("This day is still to come.")
    since = kept_here_since()
    if since is None or applied_on <= since:
        return ""
    sentence = _(
        "The fund is kept here since %(day)s. Submit what was asked for later, so that the levels decide it here."
    )
    return sentence % {"day": day_text(since)}


def kept_here_since() -> date | None:
    """The day of the opening balance, or of the first that came in where the fund began with nothing."""
    days = (
        FundTransfer.objects.not_reversed()
        .income()
        .aggregate(opening=Min("on", filter=Q(kind=EntryKind.OPENING)), first=Min("on"))
    )
    return days["opening"] or days["first"]


def faults(
    application: Any, applied_on: date, decisions: Sequence[OnPaper], *, recorder: User | None
) -> dict[str, str]:
    """What cannot be carried over, by the field of the form."""
    found: dict[str, str] = {}
    if refused := not_of_day(applied_on):
        found["applied_on"] = refused
    needed = needed_levels(application, applied_on)
    most, since, deciders = application.amount_requested, applied_on, set[int]()
    kept = {recorder.pk if recorder else None, application.begun_by_id, application.entered_by_id}
    for position, one in enumerate(decisions):
        level = str(one.level)
        if position >= len(needed):
            found[f"decider_{level}"] = _("By the rules of that day this level was not needed. Leave it out.")
        elif one.level != needed[position]:
            sentence = _("The level before decided first: %(level)s. Enter its decision too.")
            found[f"decider_{level}"] = sentence % {"level": needed[position].label}
        elif refused := not_by(application, one, deciders, kept):
            found[f"decider_{level}"] = refused
        if not since <= one.decided_on <= local_today():
            found[f"decided_on_{level}"] = _("Between the application, or the decision before, and today.")
        if not Decimal(0) < one.amount <= most:
            found[f"amount_{level}"] = _("At most %(most)s: a level may lower the amount, never raise it.") % {
                "most": money_text(most)
            }
        most, since = min(most, one.amount), max(since, one.decided_on)
        deciders.add(one.decider.pk)
    if decisions and most < application.amount_requested and application.lines.named().count() > 1:
        last = decisions[-1].level
        found.setdefault(f"amount_{last}", _("Several payees are named. Let them ask for what was approved together."))
    return found


def not_by(application: Any, one: OnPaper, earlier: set[int], kept: set[int | None]) -> str:
    """Why this person's decision does not hold: separation of duties is the same on paper."""
    if not who_held(one.level).filter(pk=one.decider.pk).exists():
        return _("This account never held this level. Give it the role first, or choose who decided.")
    if one.decider.pk in kept:
        return _("Whoever enters an application does not decide it. A colleague has to enter this one.")
    if one.decider.pk in earlier:
        return _("Nobody decides two levels of one application.")
    view = BenevolenceApplication.objects.for_person(one.decider).get(pk=application.pk)
    if view.is_own or view.is_related:
        return _("This person is the applicant, or declared that they know them. Such a decision does not hold.")
    if view.decided_before:
        return _("This person took part in the decision that is appealed. Somebody else decides the appeal.")
    return ""


def not_confirmable(application: Any, actor: Actor | None) -> str:
    """Why `actor` may not confirm what was recorded."""
    file = file_of(application)
    if file is None:
        return _("Nothing is recorded that was decided on paper.")
    if actor is not None and actor.pk in (file.recorded_by_id, application.begun_by_id, application.entered_by_id):
        return _("You recorded this. An officer who did not compares it with the paper and confirms it.")
    decisions = on_paper(file)
    if actor is not None and actor.pk in {one.decider.pk for one in decisions}:
        return _("You are named as one who decided. Another officer compares this with the paper and confirms it.")
    wrong = [*faults(application, file.applied_on, decisions, recorder=file.recorded_by).values()]
    if not decisions:  # nothing binds the fund yet, so the rules ask what they ask of whoever submits
        wrong += unmet(application, file, tells=False)
    return next(iter(wrong), "")


def unmet(application: Any, file: Any, *, tells: bool) -> list[str]:
    """What the rules of its day ask for and it does not meet. Decisions on paper hold nevertheless: that is told.

    `tells`: whether the sentences may say what the person was granted before.
    """
    rules = policy_on(file.applied_on)
    return refusals(rules, asked_of(application, rules), tells=tells, tells_budget=False)


def status_then(application: Any) -> Status:
    """Where the application stands once its paper decisions count."""
    file = file_of(application)
    count = file.decisions.count() if file else 0
    if file is None or not count:
        return Status.SUBMITTED
    return Status.APPROVED if count >= len(needed_levels(application, file.applied_on)) else Status.UNDER_REVIEW


def in_order(given: Mapping[Level, OnPaper]) -> list[OnPaper]:
    return [given[level] for level in LEVELS if level in given]
