"""Wrong passwords of one sign-in name, counted over every door.

An attempt takes its place before anything is hashed, so that parallel guesses cannot outrun the count. A name that
belongs to nobody is counted in the same way.
"""

import math
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

from accounts import security
from accounts.enums import AccountAction
from accounts.models import SignInThrottle, User
from core.site import local_today


def reserve(email: str) -> int:
    """The attempt's place, 1 to LOCKOUT_FAILURES, or 0 when this name may not try now."""
    key, now = SignInThrottle.key_for(email), timezone.now()
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


def confirm_failure(email: str, place: int, user: User | None) -> None:
    """The password was wrong: the last place closes the door, and the account's history says so."""
    if place < settings.LOCKOUT_FAILURES:
        return
    with transaction.atomic():
        row = SignInThrottle.objects.select_for_update().get(key=SignInThrottle.key_for(email))
        if row.failures < settings.LOCKOUT_FAILURES:
            return  # a right password meanwhile started the count again
        row.locked_until = timezone.now() + lock_time()
        row.save()
        if user is not None:
            # one mail a day: whoever tries again and again must not fill the person's mailbox too
            day_key = f"locked:{user.pk}:{local_today()}"
            security.record(user, AccountAction.LOCKED, key=day_key, minutes=settings.LOCKOUT_MINUTES)


def clear(email: str) -> bool:
    """Start the count again; True when there was something to forget."""
    return bool(SignInThrottle.objects.filter(key=SignInThrottle.key_for(email)).update(failures=0, locked_until=None))


def minutes_left(email: str, now: datetime | None = None) -> int:
    """Minutes until this name may try again; 0 when it may."""
    now = now or timezone.now()
    row = SignInThrottle.objects.filter(key=SignInThrottle.key_for(email)).first()
    until = row.refuses_until(now) if row else None
    return math.ceil((until - now).total_seconds() / 60) if until else 0


def lock_time() -> timedelta:
    return timedelta(minutes=settings.LOCKOUT_MINUTES)


def locked_ids(users: models.QuerySet[User]) -> list[int]:
    """Which of `users` are locked now. Keys are digests, so the addresses are read only when anybody is locked."""
    locked = set(SignInThrottle.objects.filter(locked_until__gt=timezone.now()).values_list("key", flat=True))
    if not locked:
        return []
    return [pk for pk, email in users.values_list("pk", "email") if SignInThrottle.key_for(email) in locked]
