"""Whose turn it is at the level that is due: the holder, or the first substitute who can act."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import User
from benevolence.enums import IN_REVIEW, Level
from benevolence.models import REVIEW_PERMISSIONS, Absence, BenevolenceApplication, Seat
from benevolence.models.clock import late_from, times_late
from benevolence.services.facts import policy_of, total_of
from benevolence.services.policy import days_for, levels_needed
from core.permissions import may
from core.site import local_today
from core.web.formats import day_text


@dataclass(frozen=True, slots=True)
class Turn:
    """`acts`: who may act now. Where no seat is set (`is_open`) it is everybody who holds the level's role."""

    is_open: bool
    acts: tuple[int, ...] = ()
    names: tuple[str, ...] = ()
    later: frozenset[int] = field(default_factory=frozenset)
    next_on: Any = None


OPEN_TO_ALL = Turn(is_open=True)


def turn_of(application: Any) -> Turn:
    """Asked once a row; `prefill` answers it for many rows at once."""
    known = application.__dict__
    if "_turn" not in known:
        prefill([application])
    return known["_turn"]


def prefill(rows: Iterable[Any]) -> None:
    """Find the turn of each row, with as many questions to the database as there are people in seats."""
    found = [row for row in rows if row.level_due]
    seats = _seats() if found else {}
    people = {user.pk: user for level in seats.values() for user in level}
    away = _away(people)
    shut = {key: conflicted(user, found) for key, user in people.items()}
    shared: dict[Any, Any] = {}
    for row in rows:
        row.__dict__["_shared"] = shared
        row.__dict__["_turn"] = _turn(row, seats.get(row.level_due, []), away, shut)


def once(application: Any, name: Any, find: Callable[[], Any]) -> Any:
    """What is the same for every row that was prefilled with this one, found when it is first asked for."""
    shared = application.__dict__.setdefault("_shared", {})
    if name not in shared:
        shared[name] = find()
    return shared[name]


def _seats() -> dict[str, list[User]]:
    """The people of each level in the order of their places, as far as they still hold its role."""
    seats: dict[str, list[User]] = {}
    for seat in Seat.objects.live().in_turn().select_related("user"):
        people = seats.setdefault(seat.level, [])
        if seat.user not in people and may(seat.user, REVIEW_PERMISSIONS[Level(seat.level)]):
            people.append(seat.user)
    return seats


def _away(people: Iterable[int]) -> set[int]:
    today = local_today()
    rows = Absence.objects.filter(user__in=list(people), first_day__lte=today, last_day__gte=today)
    return set(rows.values_list("user", flat=True)) if people else set()


def conflicted(user: User, rows: Sequence[Any]) -> set[Any]:
    """The rows from which the person has to stay away."""
    keys = [row.pk for row in rows]
    if not user.is_known:
        return set(keys)
    found = BenevolenceApplication.objects.filter(pk__in=keys).for_person(user)
    return {row.pk for row in found if stays_away(row, user)}


def stays_away(row: Any, user: Any) -> bool:
    """Of a row `for_person` of this user."""
    took_part = row.has_reviewed_elsewhere or row.has_prepared or user.pk in (row.begun_by_id, row.entered_by_id)
    return row.is_own or row.is_related or took_part or row.decided_before or row.has_confirmed


def _turn(row: Any, people: Sequence[User], away: set[int], shut: dict[int, set[Any]]) -> Turn:
    if not people:
        return OPEN_TO_ALL if row.substitute_id is None else _substitute_alone(row)
    can = [user for user in people if user.pk not in away and row.pk not in shut[user.pk]]
    times = times_late(row, local_today())
    acts = can[: 1 + times]
    later = frozenset(user.pk for user in can[len(acts) :])
    if row.substitute_id:
        return _substitute_alone(row)
    return Turn(
        False, tuple(user.pk for user in acts), tuple(user.full_name for user in acts), later, late_from(row, times)
    )


def _substitute_alone(row: Any) -> Turn:
    return Turn(False, (row.substitute_id,), (row.substitute.full_name,))


def not_your_turn(application: Any, user: Any) -> str:
    """Why somebody who holds the level does not act now."""
    turn = turn_of(application)
    if turn.is_open or user.pk in turn.acts:
        return ""
    if not turn.acts:
        return nobody_left()
    if user.pk not in turn.later:
        return _("This is for %(names)s now.") % {"names": ", ".join(turn.names)}
    return _("This is for %(names)s now. You act when they are away, step back or are late, from %(day)s on.") % {
        "names": ", ".join(turn.names),
        "day": day_text(turn.next_on) if turn.next_on else _("the end of their days"),
    }


def nobody_left() -> str:
    return _(
        "Nobody is left at this level: everybody in its seats is away or has to stay away. "
        "Ask two officers to appoint a substitute for this case."
    )


# --- the clock of a level -------------------------------------------------------------------------------


def begin(application: Any, *, keeps_substitute: bool = False) -> None:
    """The level that is due has its days from today on, and its turn is looked up.

    `keeps_substitute`: it is the level at which somebody was appointed for this case.
    """
    rules, today = policy_of(application), local_today()
    needed = levels_needed(total_of(application, rules), rules)
    left = max(len(needed) - _place(application.level_due, needed), 1)
    days = days_for(application.level_due, rules, left=left, today=today, needed_by=application.needed_by)
    application.level_since, application.level_until = today, today + timedelta(days)
    application.times_late = 0
    if not keeps_substitute:
        application.substitute = None
    settle(application)


def _place(level: str, needed: Sequence[Level]) -> int:
    return needed.index(Level(level)) if level in needed else len(needed) - 1


def settle(application: Any) -> None:
    """Write down whose turn it is, for lists and counts."""
    application.__dict__.pop("_turn", None)
    turn = turn_of(application)
    application.on_turn_id = turn.acts[-1] if turn.acts else None


def end(application: Any) -> None:
    application.level_since = application.level_until = application.on_turn = application.substitute = None
    application.times_late = 0


def refresh() -> None:
    """Look at every open application again, after seats, days away or relationships changed."""
    waiting = BenevolenceApplication.objects.filter(status__in=IN_REVIEW).order_by("pk")
    if not Seat.objects.live().exists():
        waiting = waiting.exclude(on_turn=None)
    _write_down(list(waiting))


def refresh_by_clock() -> None:
    """Look at those that do not wait for the first at their level: terms, roles and days away begin and end.

    Of the others nothing changes by time alone but that they are late, see seats.escalate.
    """
    seats = _seats()
    away = _away({user.pk for level in seats.values() for user in level})
    strays = Q(on_turn__isnull=False) & ~Q(level_due__in=list(seats))
    for level, people in seats.items():
        first = next((user.pk for user in people if user.pk not in away and user.is_known), None)
        elsewhere = Q(on_turn__isnull=False) if first is None else Q(on_turn=None) | ~Q(on_turn=first)
        strays |= Q(level_due=level) & elsewhere
    _write_down(list(BenevolenceApplication.objects.filter(strays, status__in=IN_REVIEW).order_by("pk")))


def _write_down(rows: list[Any]) -> None:
    prefill(rows)
    for row in rows:
        turn = turn_of(row)
        now = turn.acts[-1] if turn.acts else None
        if row.on_turn_id != now:
            BenevolenceApplication.objects.filter(pk=row.pk, status__in=IN_REVIEW).update(on_turn=now)
