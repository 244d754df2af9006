"""Signing in with a code by mail instead of the password, for people whose roles all allow it (MAILED_CODE_ROLES)."""

import secrets
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.models import MailedCode, RoleAssignment, User
from accounts.services import known_browsers, limits
from core.mail import notifications

DIGITS, TRIES = 8, 5


def is_offered() -> bool:
    return bool(settings.MAILED_CODE_ROLES)


def may_use(user: User) -> bool:
    """Whether every live role of this person is one of the setting's; nobody without a role."""
    held = set(RoleAssignment.objects.live().filter(user_id=user.pk).values_list("role__name", flat=True))
    return bool(held) and held <= set(settings.MAILED_CODE_ROLES)


def send(address: str) -> None:
    """Mail a new code in place of the last one. The same work for an address that may not have one, taken back."""
    name = User.objects.normalize_email(address)
    code = "".join(secrets.choice("0123456789") for _digit in range(DIGITS))
    with transaction.atomic():
        allowed = limits.may_be_mailed("sign_in_code", name)
        user = User.objects.filter(email=name, is_active=True, is_verified=True).first()
        stand_in = User.objects.order_by("pk").first()
        with transaction.atomic():
            mailed = may_use(user or User(pk=0)) and allowed and user is not None
            owner = user if mailed else stand_in
            if owner is not None:
                values = {"digest": _digest(owner, code), "made_at": timezone.now(), "tries": 0}
                MailedCode.objects.update_or_create(user=owner, defaults=values)
            notifications.send(name, "sign_in_code", {"code": f"{code[:4]} {code[4:]}"})
            if not mailed:
                transaction.set_rollback(True)


def spend(address: str, code: str, request: HttpRequest) -> User | None:
    """Whose code it is; it is gone with that. Wrong ones count with wrong passwords, and five of them end it."""
    name = User.objects.normalize_email(address)
    counted = known_browsers.counted_as(request, name)
    place = limits.reserve(counted)
    user = User.objects.filter(email=name, is_active=True).first() if place else None
    if user is not None and may_use(user) and _is_spent(user, code):
        limits.clear(counted)
        return user
    if place:
        limits.confirm_failure(counted, place, user)
    return None


def _is_spent(user: User, code: str) -> bool:
    since = timezone.now() - timedelta(minutes=settings.MAILED_CODE_MINUTES)
    alive = MailedCode.objects.filter(user=user, made_at__gt=since, tries__lt=TRIES)
    if not alive.update(tries=F("tries") + 1):
        return False
    plain = "".join(char for char in code if char.isdigit())
    return MailedCode.objects.filter(user=user, digest=_digest(user, plain)).delete()[0] == 1


def _digest(user: User, code: str) -> str:
    return salted_hmac("accounts.mailed_codes", f"{user.pk}:{code}", algorithm="sha256").hexdigest()
