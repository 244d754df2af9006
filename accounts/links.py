"""Links in mails: signed, short-lived, dead as soon as what they were made for has changed. Nothing is stored."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.http import base36_to_int, int_to_base36

from accounts.models import User

LONGEST = 120


@dataclass(frozen=True, slots=True)
class Link:
    """`state`: what must still be so when the link is followed; whatever changes it kills the link."""

    purpose: str
    life: timedelta
    state: Callable[[User], str]

    def make(self, user: User) -> str:
        moment = int(timezone.now().timestamp())
        return f"{int_to_base36(user.pk)}-{int_to_base36(moment)}-{self._seal(user, moment, None)}"

    def owner(self, token: str) -> User | None:
        """Whose link this is, or None when it is not one, too old, or dead."""
        try:
            key, made, seal = token[:LONGEST].split("-")
            user_id, moment = base36_to_int(key), base36_to_int(made)
        except ValueError:
            return None
        age = timezone.now().timestamp() - moment
        user = User.objects.filter(pk=user_id, is_active=True).first()
        if user is None or not 0 <= age <= self.life.total_seconds():
            return None
        secrets = (None, *settings.SECRET_KEY_FALLBACKS)
        right = [constant_time_compare(seal, self._seal(user, moment, secret)) for secret in secrets]
        return user if any(right) else None

    def _seal(self, user: User, moment: int, secret: str | None) -> str:
        text = f"{user.pk}:{moment}:{self.state(user)}"
        return salted_hmac(f"accounts.links.{self.purpose}", text, secret=secret, algorithm="sha256").hexdigest()
