"""What the race test puts into its server: a hasher that counts over processes, and the variant that must fail."""

import os
import time
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from rest_framework_simplejwt.exceptions import TokenError

from accounts.api import devices
from accounts.entry.backends import PortalBackend
from accounts.entry.hashers import Argon2id
from accounts.models import RefreshToken, SignInThrottle, SpentCode, User
from accounts.services import mailed_links
from accounts.services.tokens import RenewalToken, digest, read
from core.audit import trail

# Seconds between looking and writing: a hash of real cost takes 0.07, and a busy machine lets several look in these.
MEANWHILE = 0.3


class CountingArgon2id(Argon2id):
    """Adds one byte to $EVALUATIONS for each guess that is compared with an account's hash."""

    def verify(self, password: str, encoded: str) -> bool:
        descriptor = os.open(os.environ["EVALUATIONS"], os.O_WRONLY | os.O_APPEND)
        try:
            os.write(descriptor, b".")
        finally:
            os.close(descriptor)
        return super().verify(password, encoded)


def looks_then_hashes_then_counts(
    backend: PortalBackend, request: HttpRequest | None, email: str, password: str, **credentials: Any
) -> User | None:
    """Look, hash, then count, as comes to mind first: guesses that arrive together all see an open door."""
    name = User.objects.normalize_email(email)
    row, _made = SignInThrottle.objects.get_or_create(key=SignInThrottle.key_for(name))
    if row.refuses_until(timezone.now()):
        return None
    user = User.objects.get(email=name)
    if check_password(password, user.password):
        return user
    row.refresh_from_db()
    row.failures += 1
    if row.failures >= settings.LOCKOUT_FAILURES:
        row.locked_until = timezone.now() + timedelta(minutes=settings.LOCKOUT_MINUTES)
    row.save()
    return None


def looks_then_renews(text: str, *, request: HttpRequest) -> devices.Pair:
    """Looks whether the token is the newest one, then writes the next. Uses that arrive together all see their own."""
    device = RefreshToken.objects.select_related("user").get(pk=read(RenewalToken, text).device_id)
    if device.token_hash != digest(text) or not device.is_valid:
        raise TokenError("used before")
    pair = devices._pair(device, timezone.now())
    device.token_hash = digest(pair.refresh)
    with transaction.atomic():
        trail.record(device.user, "token.renewed", actor=device.user)
        device.save()
    return pair


def looks_then_resets(text: str, password: str, *, request: HttpRequest) -> User:
    """Looks whether the token is alive, then saves. Uses that arrive together all see it alive."""
    user = mailed_links.PASSWORD_RESET.owner(text)
    time.sleep(MEANWHILE)
    user.set_password(password)
    user.save()
    return user


def looks_then_accepts(text: str, password: str, *, request: HttpRequest) -> User:
    """Looks whether the invitation is open, then saves. Uses that arrive together all see it open."""
    user = mailed_links.INVITATION.owner(text)
    time.sleep(MEANWHILE)
    user.set_password(password)
    user.is_verified, user.invited_at = True, None
    user.save()
    return user


def looks_then_spends(authenticator: Any, step: int) -> bool:
    """Look whether the code has been used, and if not, note that it is now: the order that comes to mind first."""
    row, _made = SpentCode.objects.get_or_create(authenticator=authenticator)
    if row.step >= step:
        return False
    time.sleep(MEANWHILE)
    row.step = step
    row.save()
    return True
