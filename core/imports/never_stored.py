"""Columns of what is never stored: social security numbers, bank accounts, licences, diagnoses."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.errors import DomainError
from core.imports.declaration import folded_header
from core.validators import SECURITY_NUMBER

NINE_DIGITS = re.compile(r"\d{9}")
SHARE = 0.5
NUMBERS: Any = gettext_lazy("social security numbers")
# Tried on the header's folded words, joined by single spaces.
HEADERS: tuple[tuple[re.Pattern[str], Any], ...] = (
    (re.compile(r"\b(ssns?|s s n|soc(ial)? sec(urity)?|socsec\w*|socialsecurity\w*|s s (number|no))\b"), NUMBERS),
    (re.compile(r"\bss (number|no|num|nr)\b"), NUMBERS),
    (
        re.compile(
            r"\b(bank (account|acct|no|number)|iban|routing|aba (number|no)|direct deposit|(account|acct) (number|no)"
            r"|(checking|savings) (account|acct))\b"
        ),
        gettext_lazy("bank accounts"),
    ),
    (re.compile(r"\b((drivers?|driving) (s )?(licen[cs]e|lic)|dl (number|no|num))\b"), gettext_lazy("driver licences")),
    (re.compile(r"\bpassport\b"), gettext_lazy("passports")),
    (re.compile(r"\b(diagnos[ie]s|icd|(medical|health) condition)\b"), gettext_lazy("diagnoses")),
)
# Of these nine bare digits say more than the name does.
LIKE_SECURITY = re.compile(r"\b(ss|social|soc|tax id|tin|itin)\b")


def is_security_number(text: str) -> bool:
    return len(text) == 11 and SECURITY_NUMBER.fullmatch(text) is not None


def what_it_holds(header: str, values: Sequence[str]) -> str:
    """What of the never stored a column holds, by its name and its first values; "" for any other column."""
    name = folded_header(header)
    for pattern, label in HEADERS:
        if pattern.search(name):
            return str(label)
    alike = sum(1 for value in values if is_security_number(value))
    bare = sum(1 for value in values if NINE_DIGITS.fullmatch(value)) if LIKE_SECURITY.search(name) else 0
    return str(NUMBERS) if values and (alike + bare) / len(values) >= SHARE else ""


def is_withheld(header: str, values: Sequence[str]) -> bool:
    """Whether no value of the column is shown: one security number among them is enough."""
    return bool(what_it_holds(header, values)) or any(is_security_number(value) for value in values)


def refuse(samples: Mapping[str, Sequence[str]], mapping: Mapping[str, str]) -> None:
    """Raise DomainError when a column that is never stored is matched to a field."""
    for header in mapping:
        if held := what_it_holds(header, samples.get(header, ())):
            raise DomainError(
                _("“%(column)s” looks like a column of %(what)s, which are never stored. Ignore this column.")
                % {"column": header, "what": held}
            )
