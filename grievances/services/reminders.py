"""What the clock does with deadlines: reminds before them, notes what has passed, and lets silence follow the contract.

No case is closed or moved by an overdue deadline of ours; only the contract's own words about the employer's silence
move one. Everything is read and written in bulk: a run costs the same however many cases are open.
"""

import datetime
import logging
from collections.abc import Iterable
from typing import Any

from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import RoleAssignment, User, account_is_held
from core.audit import trail
from core.mail import heartbeats, notifications
from core.permissions import Permission
from core.records import one_row
from core.site import local_now, local_today
from core.web.formats import day_text
from grievances import permissions as p
from grievances.enums import UNRESOLVED, ClockKind, GrievanceAction, Silence
from grievances.models import Away, Deadline, Grievance, GrievancePolicy, HearingDay, named_rows
from grievances.services import abeyances, clocks, moves
from grievances.working import deadline_label, hearing_label

logger = logging.getLogger("unionops.due")

AT_ONCE = 500
LAST_ONES = 2  # of the reminders the chair hears too
AFTER_THE_SAFE_DATE = -1  # in place of the days before, on the contract's own date
DIGEST, DIGEST_HOUR = "deadline_digest", 6
AHEAD = datetime.timedelta(7)


def look(now: datetime.datetime | None = None) -> tuple[int, int]:
    """How many reminders were given and how many deadlines passed."""
    policy = one_row.current(GrievancePolicy)
    abeyances.end_passed((now or local_now()).date())
    return remind(policy, now), note_passed(policy, now)


def remind(policy: GrievancePolicy, now: datetime.datetime | None = None) -> int:
    """An event for each deadline that has come as near as the next of the local's days, once."""
    today = (now or local_now()).date()
    near = Q()
    for days in policy.reminders:
        unsaid = Q(reminded_for=None) | Q(reminded_for__gt=days)
        near |= Q(due__range=(today, today + datetime.timedelta(days))) & unsaid
    # the safe date has passed, and this is the day on which the case is lost
    near |= Q(contract_date=today, due__lt=today) & (Q(reminded_for=None) | Q(reminded_for__gt=AFTER_THE_SAFE_DATE))
    with transaction.atomic():
        found = _of_open_cases(Deadline.objects.running().filter(near)).order_by("due", "pk")
        first = list(found[:AT_ONCE])
        _lock_cases(first)  # before their dates, as whoever works one of them does
        # of two runs at once the second finds what the first has left
        rows = found.filter(pk__in=[row.pk for row in first]).select_for_update(of=("self",), skip_locked=True)
        rows = list(rows)
        for row in rows:
            reached = [days for days in policy.reminders if days >= row.days_left(today)]
            row.reminded_for = min(reached) if row.due >= today else AFTER_THE_SAFE_DATE
        Deadline.objects.bulk_update(rows, ["reminded_for"])
        last = {*policy.reminders[-LAST_ONES:], AFTER_THE_SAFE_DATE}
        trail.record_many([_near(row, row.reminded_for in last, today) for row in rows], actor=None)
    return len(rows)


def _near(row: Deadline, is_last: bool, today: datetime.date) -> trail.Entry:
    data = {"deadline": str(row.pk), "days": row.days_left(today), "to_the_chair": is_last}
    return trail.Entry(subject_of(row), GrievanceAction.DEADLINE_NEAR, (), data)


def subject_of(row: Deadline) -> Any:
    """The case, or the draft that is none yet."""
    return row.grievance or row.intake


def _of_open_cases(rows: Any) -> Any:
    return rows.of_open_cases().not_held().select_related("grievance", "intake")


def note_passed(policy: GrievancePolicy, now: datetime.datetime | None = None) -> int:
    """Mark what has passed, once, and compute what begins with it."""
    late = clocks.last_late_day(policy, now)
    with transaction.atomic():
        passed = _of_open_cases(Deadline.objects.running().filter(missed_at=None, contract_date__lte=late))
        rows = list(passed.order_by("contract_date", "pk")[:AT_ONCE])
        plain = [row for row in rows if not _is_silence(row)]
        _lock_cases(plain)
        unnoted = passed.filter(pk__in=[row.pk for row in plain]).order_by("pk").select_for_update(of=("self",))
        _note_missed(list(unnoted))
    let_silence_follow([row for row in rows if _is_silence(row)])
    return len(rows)


def _lock_cases(rows: list[Deadline]) -> None:
    """From now on nothing meets, moves or holds a date of theirs."""
    keys = {row.grievance_id for row in rows if row.grievance_id}
    list(Grievance.objects.filter(pk__in=keys).order_by("pk").select_for_update().values_list("pk"))


def _is_silence(row: Deadline) -> bool:
    return row.clock == ClockKind.ANSWER and row.grievance_id is not None


def _note_missed(rows: list[Deadline]) -> None:
    Deadline.objects.filter(pk__in=[row.pk for row in rows]).update(missed_at=timezone.now())
    entries = [
        trail.Entry(subject_of(row), GrievanceAction.DEADLINE_MISSED, (), {"side": row.side, "clock": row.clock})
        for row in rows
    ]
    trail.record_many(entries, actor=None)


def let_silence_follow(rows: Iterable[Deadline]) -> None:
    """What follows when the employer did not answer, for each case by itself.

    A case that cannot go on holds no other up: it is left as it was, tried again by the next run, and named at the end
    by RuntimeError, so that the run does not count as a success.
    """
    failed = []
    for row in rows:
        try:
            _let_follow(row)
        except Exception:
            failed.append(str(row.grievance_id))
            logger.exception("the employer's silence has no consequence", extra={"problem": failed[-1]})
    if failed:
        raise RuntimeError(", ".join(failed))


def _let_follow(row: Deadline) -> None:
    """Our clock begins, or the case moves on, as the agreement says; from the day after the answer was due."""
    following = row.contract_date + datetime.timedelta(1)
    with transaction.atomic():
        cases = Grievance.objects.select_for_update(of=("self",)).select_related("agreement")
        case = cases.get(pk=row.grievance_id)
        waiting = case.deadlines.running().not_held().filter(pk=row.pk, missed_at=None)
        if case.is_resolved or not waiting.exists():
            return
        _note_missed([row])
        if case.agreement is None or case.stage != row.stage:
            return
        if case.agreement.silence == Silence.ADVANCES and not case.is_at_the_last_step():
            moves.advance_by_default(case, following)
        else:
            clocks.refresh(case, today=max(local_today(), following))


# --- the digest -------------------------------------------------------------------------------------------


def send_digest() -> int:
    """One mail a day to everybody who works cases, also when nothing is due: silence would look like a fault."""
    now = local_now()
    turn = now.replace(hour=DIGEST_HOUR, minute=0, second=0, microsecond=0)
    last = heartbeats.known().get(DIGEST)
    if now < turn or (last and last.succeeded_at and last.succeeded_at >= turn):
        return 0
    with transaction.atomic():
        people = list(digest_people())
        hearers = set(User.objects.holding(p.HEAR_DEADLINES).values_list("pk", flat=True))
        unseen = list(Grievance.objects.seen_by_nobody().order_by("pk").values_list("grievance_number", flat=True))
        for user in people:
            key = f"{DIGEST}:{user.pk}:{now.date()}"
            held = Deadline.objects.waiting_for(user, held=True).count()
            hearings = _hearings_for(user, now.date())
            digest = _digest(_due_for(user, now.date()), now.date(), held, hearings)
            digest["unseen"] = unseen if user.pk in hearers else []
            notifications.send(user.email, "deadlines", digest, key=key)
        heartbeats.succeeded(DIGEST)
    return len(people)


def digest_people() -> models.QuerySet[User]:
    """Those who have an open case or a draft that has to be filed, their stand-ins, and the chair.

    Of a restricted case that nobody can work, or of which the representative is away or may not read it, also its
    named people.
    """
    cases = Grievance.objects.filter(status__in=UNRESOLVED)
    assigned = cases.exclude(assigned_rep=None).values("assigned_rep")
    drafting = Deadline.objects.running().of_open_cases().filter(grievance=None).values("intake__drafted_by")
    working = _holding(p.WORK_GRIEVANCES).filter(Q(pk__in=assigned) | Q(pk__in=_standing_in(assigned)))
    drafters = _holding(p.DRAFT_GRIEVANCES).filter(Q(pk__in=drafting) | Q(pk__in=_standing_in(drafting)))
    away = Away.objects.at(timezone.now()).values("person")
    gone = RoleAssignment.objects.lost(p.WORK_GRIEVANCES)
    unworked = Q(assigned_rep=None) | Q(assigned_rep__in=away) | Q(assigned_rep__in=gone)
    unworked |= Q(account_is_held("assigned_rep"))
    left = cases.filter(unworked, is_restricted=True)
    named = named_rows().filter(grievance__in=left).values("user")
    watching = _holding(p.VIEW_GRIEVANCES).filter(pk__in=named)
    return (working | drafters | watching | _holding(p.HEAR_DEADLINES)).distinct()


def _standing_in(people: models.QuerySet) -> models.QuerySet:
    return Away.objects.at(timezone.now()).filter(person__in=people).values("stand_in")


def _holding(permission: Permission) -> models.QuerySet[User]:
    keys = [user.pk for user in User.objects.holding(permission)]
    return User.objects.filter(pk__in=keys, is_active=True, is_verified=True)


def _due_for(user: User, today: datetime.date) -> list[Deadline]:
    """As on the person's first page."""
    rows = Deadline.objects.waiting_for(user).filter(due__lte=today + AHEAD)
    return list(rows.select_related("grievance").order_by("due", "pk"))


def _hearings_for(user: User, today: datetime.date) -> list[HearingDay]:
    return list(HearingDay.objects.waiting_for(user).to_come(today, today + AHEAD).in_order())


def _digest(rows: list[Deadline], today: datetime.date, held: int, hearings: list[HearingDay]) -> dict[str, Any]:
    """Numbers, steps and days; no person and no fact of a case."""
    late = sum(1 for row in rows if row.due < today)
    said = {"n": len(rows), "day": day_text(today + AHEAD)}
    summary = [] if rows or hearings else [_("Nothing is due in the next 7 days.")]
    if rows:
        summary.append(ngettext("%(n)s deadline until %(day)s.", "%(n)s deadlines until %(day)s.", len(rows)) % said)
    if hearings:
        said["n"] = len(hearings)
        summary.append(ngettext("%(n)s hearing until %(day)s.", "%(n)s hearings until %(day)s.", len(hearings)) % said)
    lines = [(row.day, hearing_label(row)) for row in hearings] + [(row.due, deadline_label(row)) for row in rows]
    return {
        "summary": " ".join(summary),
        "late": late,
        "held": held,
        "lines": [f"{day_text(day)}  {label}" for day, label in sorted(lines, key=lambda line: line[0])[:50]],
        "url": reverse("home"),
    }
