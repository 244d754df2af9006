"""What the race test puts into its server: a hasher that counts over processes, and the variant that must fail."""

import os
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.http import HttpRequest
from django.utils import timezone

from accounts.backends import PortalBackend
from accounts.hashers import Argon2id
from accounts.models import SignInThrottle, User


class CountingArgon2id(Argon2id):
    """Adds one byte to $EVALUATIONS for each guess that is compared with an account's hash."""

    def verify(self, password: str, encoded: str) -> bool:
        descriptor = os.open(os.environ["EVALUATIONS"], os.O_WRONLY | os.O_APPEND)
        try:
            os.write(descriptor, b".")
        finally:
            os.close(descriptor)
        return super().verify(password, encoded)


class LooksThenHashesThenCounts(PortalBackend):
    """The order that comes to mind first. Guesses that arrive together all see an open door."""

    def authenticate(
        self, request: HttpRequest | None, email: str | None = None, password: str | None = None, **credentials: Any
    ) -> User | None:
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
