"""Limits of the doors: wrong passwords of one sign-in name over all of them, what one network does at each, and an
alarm when many names are tried.

An attempt takes its place before anything is hashed, so that parallel guesses cannot outrun the count. A name that
belongs to nobody is counted in the same way.
"""

import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, models, transaction
from django.db.models import F
from django.http import HttpRequest
from django.utils import timezone

from accounts.enums import AccountAction
from accounts.models import DoorCount, SignInThrottle, User
from accounts.services import notices
from core.addresses import client_address, network_of
from core.site import local_today

SIGN_IN, REFRESH, RESET, VERIFICATION, INVITATION = "sign-in", "refresh", "reset", "verification", "invitation"
MAIL, PROGRAM = "mail", "program"
ALARM = "alarm"

# --- one sign-in name ---------------------------------------------------------------------------------
# `name` is the address, or what devices.counted_as makes of it.


def reserve(name: str) -> int:
    """The attempt's place, 1 to LOCKOUT_FAILURES, or 0 when this name may not try now."""
    key, now = SignInThrottle.key_for(name), timezone.now()
    with transaction.atomic():
        SignInThrottle.objects.bulk_create([SignInThrottle(key=key)], ignore_conflicts=True)
        row = SignInThrottle.objects.select_for_update().get(key=key)
        if row.refuses_until(now):
            return 0
        if not row.failures:
            _forget_old(now)
        if row.locked_until or not row.failures or now - row.window_started >= lock_time():
            row.failures, row.window_started, row.locked_until = 0, now, None
        row.failures += 1
        if row.failures == settings.LOCKOUT_FAILURES:
            row.window_started = now  # nobody else may try until this attempt is answered
        row.save()
        return row.failures


def _forget_old(now: datetime) -> None:
    """Counts that can refuse nobody any more; without this, invented addresses would fill the table."""
    SignInThrottle.objects.filter(window_started__lt=now - 2 * lock_time()).exclude(locked_until__gt=now).delete()


def confirm_failure(name: str, place: int, user: User | None) -> None:
    """The password was wrong: the last place closes the door, and the account's history says so."""
    watch_failures()
    if place < settings.LOCKOUT_FAILURES:
        return
    with transaction.atomic():
        row = SignInThrottle.objects.select_for_update().get(key=SignInThrottle.key_for(name))
        if row.failures < settings.LOCKOUT_FAILURES:
            return  # a right password meanwhile started the count again
        row.locked_until = timezone.now() + lock_time()
        row.save()
        if user is not None:
            if name != user.email:
                _lock_account(user, row)
            # one mail a day: whoever tries again and again must not fill the person's mailbox too
            day_key = f"locked:{user.pk}:{local_today()}"
            notices.record(user, AccountAction.LOCKED, key=day_key, minutes=settings.LOCKOUT_MINUTES)


def _lock_account(user: User, known: SignInThrottle) -> None:
    """What locks a known browser locks every door, where the office sees it and lifts it for both."""
    values = {name: getattr(known, name) for name in ("failures", "window_started", "locked_until")}
    SignInThrottle.objects.update_or_create(key=SignInThrottle.key_for(user.email), defaults=values)


def clear(name: str) -> bool:
    """Start the count again; True when there was something to forget."""
    return bool(SignInThrottle.objects.filter(key=SignInThrottle.key_for(name)).update(failures=0, locked_until=None))


def return_place(name: str) -> None:
    """The password was right and a second proof is still to come: this attempt does not count, nor is any forgotten."""
    rows = SignInThrottle.objects.filter(key=SignInThrottle.key_for(name), failures__gt=0, locked_until=None)
    rows.update(failures=models.F("failures") - 1)


def minutes_left(name: str, now: datetime | None = None) -> int:
    """Minutes until this name may try again; 0 when it may."""
    now = now or timezone.now()
    row = SignInThrottle.objects.filter(key=SignInThrottle.key_for(name)).first()
    until = row.refuses_until(now) if row else None
    return math.ceil((until - now).total_seconds() / 60) if until else 0


def lock_time() -> timedelta:
    return timedelta(minutes=settings.LOCKOUT_MINUTES)


def locked_ids(users: models.QuerySet[User]) -> list[int]:
    """Which of `users` are locked now. Keys are digests, so the addresses are read only when anybody is locked."""
    locked = _locked_keys()
    if not locked:
        return []
    return [pk for pk, email in users.values_list("pk", "email") if SignInThrottle.key_for(email) in locked]


def mark_locked(users: Sequence[Any]) -> None:
    """Give each user `is_locked`."""
    locked = _locked_keys()
    for user in users:
        user.is_locked = bool(locked) and SignInThrottle.key_for(user.email) in locked


def _locked_keys() -> set[str]:
    return set(SignInThrottle.objects.filter(locked_until__gt=timezone.now()).values_list("key", flat=True))


# --- one network --------------------------------------------------------------------------------------


def spend(door: str, request: HttpRequest, *, limit: int, minutes: int) -> int:
    """Count one use of `door` by the visitor's network: 0 means go on, otherwise so many seconds to wait."""
    return _spend(_key(door, request), limit, minutes)


def wait(door: str, request: HttpRequest) -> int:
    """As `spend`, at the rate that settings.RATE_LIMITS gives this door."""
    limit, minutes = settings.RATE_LIMITS[door]
    return spend(door, request, limit=limit, minutes=minutes)


def refund(door: str, request: HttpRequest) -> None:
    """An attempt that proved right does not count, so that an office behind one address does not shut itself out."""
    DoorCount.objects.filter(key=_key(door, request), used__gt=0).update(used=F("used") - 1)


def may_be_mailed(kind: str, address: str) -> bool:
    """Count one mail of this kind to this address, whoever asked for it."""
    return not _spend(DoorCount.key_for(f"{MAIL} {kind}", address), *settings.RATE_LIMITS[MAIL])


def wait_of_program(pk: int) -> int:
    """Count one request of a program: 0 means go on, otherwise so many seconds to wait."""
    return _spend(DoorCount.key_for(PROGRAM, str(pk)), *settings.RATE_LIMITS[PROGRAM])


def _key(door: str, request: HttpRequest) -> str:
    return DoorCount.key_for(door, network_of(client_address(request)))


def _spend(key: str, limit: int, minutes: int) -> int:
    now, window = timezone.now(), timedelta(minutes=minutes)
    if _count(key, now, limit, window):
        return 0
    # No place, or no row yet; somebody else may be making it just now.
    DoorCount.objects.filter(ends_at__lt=now - timedelta(days=1)).delete()
    DoorCount.objects.bulk_create([DoorCount(key=key, ends_at=now - window)], ignore_conflicts=True)
    if _count(key, now, limit, window):
        return 0
    until = DoorCount.objects.filter(key=key).values_list("ends_at", flat=True).first() or now
    return max(1, math.ceil((until - now).total_seconds()))


def _count(key: str, now: datetime, limit: int, window: timedelta) -> int:
    """One statement, so that parallel attempts cannot pass each other: 1 when there was a place, else 0."""
    moment = connection.ops.adapt_datetimefield_value
    given = {"key": key, "now": moment(now), "limit": limit, "end": moment(now + window)}
    with connection.cursor() as cursor:
        cursor.execute(COUNT, given)
        return cursor.rowcount


COUNT = f"""
UPDATE {DoorCount._meta.db_table} SET used = CASE WHEN ends_at <= %(now)s THEN 1 ELSE used + 1 END,
    ends_at = CASE WHEN ends_at <= %(now)s THEN %(end)s ELSE ends_at END
WHERE "key" = %(key)s AND (ends_at <= %(now)s OR used < %(limit)s)
"""  # noqa: S608


# --- everybody ----------------------------------------------------------------------------------------


def watch_failures() -> None:
    """Count a wrong password of anybody. So many of them in one window mean that somebody tries many names: that is
    told once in that time, and refuses nobody.
    """
    limit, minutes = settings.RATE_LIMITS[ALARM]
    if _spend(DoorCount.key_for(ALARM, "failures"), limit, minutes):
        with transaction.atomic():
            if not _spend(DoorCount.key_for(ALARM, "told"), 1, minutes):
                notices.raise_alarm(limit, minutes)


def failures_now() -> int:
    """Wrong passwords of everybody in the present window, as far as the alarm counts them."""
    rows = DoorCount.objects.filter(key=DoorCount.key_for(ALARM, "failures"), ends_at__gt=timezone.now())
    return rows.values_list("used", flat=True).first() or 0


def forget_counts() -> int:
    """Delete what can refuse nobody any more."""
    return DoorCount.objects.filter(ends_at__lte=timezone.now()).delete()[0]
