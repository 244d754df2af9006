"""What a new password must be: long, not longer than we keep, and not guessable by somebody who knows the local."""

import re
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from zxcvbn import zxcvbn

from core.site import site_settings

MINIMUM_SCORE = 3
# zxcvbn's time grows faster than the length, so the first 72 characters decide. It also tries every reading of signs
# such as 4, @ and $: with many different ones that takes seconds, and then the first 24 characters decide.
JUDGED_CHARACTERS = 72
READABLE_SIGNS = frozenset("4@8({[<369!1|70$5+%2")
MANY_SIGNS, JUDGED_WITH_MANY_SIGNS = 12, 24
# Words that a stranger tries first at a union.
LOCAL_WORDS = (
    "local", "lodge", "union", "brotherhood", "member", "steward", "officer", "president",
    "grievance", "contract", "solidarity", "strike", "strong", "dues", "hall", "afl", "cio", "password",
    "passphrase", "welcome", "admin", "login", "secret", "letmein", "qwerty", "changeme", "portal",
)  # fmt: skip


class MaximumLengthValidator:
    """Refuses what is too long instead of cutting it."""

    def __init__(self, max_length: int = 128) -> None:
        self.max_length = max_length

    def validate(self, password: str, user: Any = None) -> None:
        if len(password) > self.max_length:
            raise ValidationError(
                _("This password has %(length)s characters. Use at most %(most)s."),
                code="password_too_long",
                params={"length": len(password), "most": self.max_length},
            )

    def get_help_text(self) -> str:
        return _("At most %(most)s characters, any of them: spaces and accents count too.") % {"most": self.max_length}


class StrengthValidator:
    """zxcvbn's score, told who the person is and which local this is; and no password made of such words only."""

    message = gettext_lazy(
        "This password is easy to guess. Use four or more unrelated words, without names or the local's name or number."
    )

    def validate(self, password: str, user: Any = None) -> None:
        known = known_words(user)
        judged = judged_part(password)
        if made_of(judged, [*known, *LOCAL_WORDS]) or zxcvbn(judged, known)["score"] < MINIMUM_SCORE:
            raise ValidationError(self.message, code="password_too_weak")

    def get_help_text(self) -> str:
        return _("Four or more unrelated words are easy to remember and hard to guess.")


def judged_part(password: str) -> str:
    judged = password[:JUDGED_CHARACTERS]
    return judged[:JUDGED_WITH_MANY_SIGNS] if len(READABLE_SIGNS & set(judged)) > MANY_SIGNS else judged


def known_words(user: Any = None) -> list[str]:
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
