"""Second factors of people in tests."""

import time
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from allauth.mfa.utils import decrypt
from django.test import Client

from accounts.factories import PASSWORD
from accounts.models import SpentCode, User
from accounts.services import factors

LOGIN, SECOND = "/accounts/login/", "/accounts/login/second/"


def code_of(secret: str, *, later: int = 0) -> str:
    return totp.format_hotp_value(totp.hotp_value(secret, int(time.time()) // 30 + later))


def give_app(user: User) -> str:
    """Set an app up, long enough ago that its present code is still good; returns the seed."""
    secret = totp.generate_totp_secret()
    factors.add_app(user, secret, code_of(secret))
    SpentCode.objects.filter(authenticator__user=user).update(step=0)
    return secret


def codes_of(user: User) -> list[str]:
    return Authenticator.objects.get(user=user, type="recovery_codes").wrap().get_unused_codes()


def secret_of(user: User) -> str:
    return decrypt(Authenticator.objects.get(user=user, type="totp").data["secret"])


def give_password(browser: Client, user: User, password: str = PASSWORD) -> Any:
    return browser.post(LOGIN, {"login": user.email, "password": password})


def is_signed_in(browser: Client) -> bool:
    return "_auth_user_id" in browser.session and browser.get("/accounts/security/").status_code == 200
