"""What a new password must be: long, not longer than we keep, and not guessable by somebody who knows the local."""

import logging
import re
from collections.abc import Iterable
from functools import cache
from hashlib import sha1
from http.client import HTTPException
from urllib.request import urlopen

from django.conf import settings
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from zxcvbn import zxcvbn

from accounts.models import User
from accounts.services import factors
from core.site import site_settings

logger = logging.getLogger("unionops.passwords")
MINIMUM_SCORE = 3
BREACH_SECONDS, PREFIX = 2, 5
# zxcvbn's time grows faster than the length, so the first 72 characters decide. It also tries every reading of signs
# such as 4, @ and $: with many different ones that takes seconds, and then the first 24 characters decide.
JUDGED_CHARACTERS = 72
READABLE_SIGNS = frozenset("4@8({[<369!1|70$5+%2")
MANY_SIGNS, JUDGED_WITH_MANY_SIGNS = 12, 24
# Words that a stranger tries first at a union.
LOCAL_WORDS = (
    "local",
    "lodge",
    "union",
    "brotherhood",
    "member",
    "steward",
    "officer",
    "president",
    "grievance",
    "contract",
    "solidarity",
    "strike",
    "strong",
    "dues",
    "hall",
    "afl",
    "cio",
    "password",
    "passphrase",
    "welcome",
    "admin",
    "login",
    "secret",
    "letmein",
    "qwerty",
    "changeme",
    "portal",
)


class MinimumLengthValidator:
    """Longer where nothing but the password stands between a stranger and the account."""

    def validate(self, password: str, user: User | None = None) -> None:
        least = minimum_length(user)
        if len(password) < least:
            raise ValidationError(
                _("This password has %(length)s characters. Use at least %(least)s."),
                code="password_too_short",
                params={"length": len(password), "least": least},
            )

    def get_help_text(self) -> str:
        return _("At least %(least)s characters, %(alone)s without a second factor.") % {
            "least": settings.PASSWORD_MINIMUM_LENGTH,
            "alone": settings.PASSWORD_MINIMUM_LENGTH_ALONE,
        }


def minimum_length(user: User | None = None) -> int:
    if isinstance(user, User) and factors.has_second_factor(user):
        return settings.PASSWORD_MINIMUM_LENGTH
    return settings.PASSWORD_MINIMUM_LENGTH_ALONE


class MaximumLengthValidator:
    """Refuses what is too long instead of cutting it."""

    def __init__(self, max_length: int = 128) -> None:
        self.max_length = max_length

    def validate(self, password: str, user: User | None = None) -> None:
        if len(password) > self.max_length:
            raise ValidationError(
                _("This password has %(length)s characters. Use at most %(most)s."),
                code="password_too_long",
                params={"length": len(password), "most": self.max_length},
            )

    def get_help_text(self) -> str:
        return _("At most %(most)s characters, any of them: spaces and accents count too.") % {"most": self.max_length}


class StrengthValidator:
    """zxcvbn's score, told who the person is and which local this is; no common password, no such words alone."""

    message = gettext_lazy(
        "This password is easy to guess. Use four or more unrelated words, without names or the local's name or number."
    )

    def validate(self, password: str, user: User | None = None) -> None:
        known = known_words(user)
        judged = judged_part(password)
        if (
            password.strip().lower() in common_passwords()
            or made_of(judged, [*known, *LOCAL_WORDS])
            or zxcvbn(judged, known)["score"] < MINIMUM_SCORE
        ):
            raise ValidationError(self.message, code="password_too_weak")

    def get_help_text(self) -> str:
        return _("Four or more unrelated words are easy to remember and hard to guess.")


class BreachValidator:
    """Refuses what is known from a breach, when settings.PASSWORD_BREACH_URL names a server to ask.

    The first five characters of the password's SHA-1 are all that it learns. When it does not answer, the other
    rules decide alone.
    """

    def validate(self, password: str, user: User | None = None) -> None:
        if settings.PASSWORD_BREACH_URL and is_breached(password):
            raise ValidationError(
                _("This password is known from a breach elsewhere. Choose another one."), code="password_breached"
            )

    def get_help_text(self) -> str:
        return ""


def is_breached(password: str) -> bool:
    digest = sha1(password.encode(errors="replace"), usedforsecurity=False).hexdigest().upper()
    address = settings.PASSWORD_BREACH_URL + digest[:PREFIX]
    try:
        with urlopen(address, timeout=BREACH_SECONDS) as answer:  # noqa: S310  (an address of the operator's choice)
            lines = answer.read(4_000_000).decode("ascii", errors="replace").upper().splitlines()
    except (OSError, HTTPException, ValueError):
        logger.warning("the server for breached passwords did not answer")
        return False
    # answers may be padded with lines that count nothing
    return any(line.partition(":")[0] == digest[PREFIX:] and line.partition(":")[2].strip() != "0" for line in lines)


@cache
def common_passwords() -> frozenset[str]:
    """Django's list of 20,000; zxcvbn does not know all of them."""
    return frozenset(CommonPasswordValidator().passwords)


def judged_part(password: str) -> str:
    judged = password[:JUDGED_CHARACTERS]
    return judged[:JUDGED_WITH_MANY_SIGNS] if len(READABLE_SIGNS & set(judged)) > MANY_SIGNS else judged


def known_words(user: User | None = None) -> list[str]:
    """Words of the person's name and address and of the local's name and number, folded to lower case."""
    site = site_settings()
    texts = [site.name, site.number, f"local{site.number}"]
    if user is not None:
        texts += [getattr(user, name, "") or "" for name in ("first_name", "last_name", "email")]
    words = {part for text in texts for part in re.split(r"[\W_]+", text.lower()) if part}
    return sorted(words | {text.lower() for text in texts if text}, key=lambda word: (-len(word), word))


def made_of(password: str, words: Iterable[str]) -> bool:
    """Whether `words` are in it and, without them, nothing but digits, signs and fewer than four letters stay."""
    text = left = re.sub(r"[\W_]+", "", password.lower())
    for word in sorted((word for word in words if len(word) > 2), key=len, reverse=True):
        left = left.replace(word, "0")
    return left != text and sum(char.isalpha() for char in left) < 4
