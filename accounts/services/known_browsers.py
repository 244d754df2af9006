"""Which browsers an account has been used in, known by a cookie; the portal keeps no list of them.

The cookie holds a random name of the browser and, for each account that signed in there, a mark that only the
portal can make. It opens nothing: who has it is merely not announced as a new device, and has a count of wrong
passwords of its own. What ends all sessions of an account forgets its browsers too.
"""

import re
import secrets
from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.enums import AccountAction
from accounts.models import User
from accounts.services import notices

COOKIE = "__Host-device" if settings.PRODUCTION else "device"
AGE = timedelta(days=400)  # browsers keep no cookie for longer
ACCOUNTS = 8  # on one browser of a union hall; the one that signed in longest ago is forgotten first
FORM = re.compile(rf"[\w-]{{22}}(\.[0-9a-f]{{32}}){{1,{ACCOUNTS}}}", re.ASCII)


def greet(request: HttpRequest, user: User) -> None:
    """To be called before `last_login` is set: remembers the browser, and tells of one that is new to the account.

    The very first sign-in of an account is no news.
    """
    if not remember(request, user) and user.last_login is not None:
        notices.record(user, AccountAction.NEW_DEVICE, request=request, actor=user)


def remember(request: HttpRequest, user: User) -> bool:
    """Make this browser a known one of `user`; True when it was one already."""
    name, marks = _remembered(request)
    known = _known(name, marks, user)
    others = [mark for mark in marks if mark not in known]
    request.device_cookie = ".".join([name, *[_mark(name, user), *others][:ACCOUNTS]])  # type: ignore[attr-defined]
    return bool(known)


def counted_as(request: HttpRequest | None, email: str) -> str:
    """The name under which limits counts an attempt: a known browser of the account has one of its own, so
    that whoever guesses elsewhere does not shut the owner out. Each change of the account starts it anew.
    """
    email = User.objects.normalize_email(email)
    name, marks = _remembered(request) if request is not None else ("", [])
    user = User.objects.filter(email=email).first() if marks and "\0" not in email else None
    return f"{email} {name} {user.version}" if user is not None and _known(name, marks, user) else email


def _known(name: str, marks: list[str], user: User) -> list[str]:
    own = {_mark(name, user, secret) for secret in (None, *settings.SECRET_KEY_FALLBACKS)}
    return [mark for mark in marks if any(constant_time_compare(mark, mine) for mine in own)]


def _remembered(request: HttpRequest) -> tuple[str, list[str]]:
    """(name, marks) of this browser; a new name when the cookie is missing or not of our making."""
    found = request.COOKIES.get(COOKIE, "")
    if not FORM.fullmatch(found):
        return secrets.token_urlsafe(16), []
    name, *marks = found.split(".")
    return name, marks


def _mark(name: str, user: User, secret: str | None = None) -> str:
    text = f"{name}:{user.pk}:{user.session_epoch}"
    return salted_hmac("accounts.device", text, secret=secret, algorithm="sha256").hexdigest()[:32]


def keep(request: HttpRequest, response: HttpResponseBase) -> None:
    """Set the cookie when somebody has signed in during this request."""
    if value := getattr(request, "device_cookie", ""):
        seconds = int(AGE.total_seconds())
        secure = settings.PRODUCTION or request.is_secure()
        response.set_cookie(COOKIE, value, max_age=seconds, httponly=True, samesite="Lax", secure=secure)
