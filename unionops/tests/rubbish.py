"""Kinds of rubbish, and how they are dealt out to fields and parameters."""

import html
import os
import random
import re
from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Mapping
from typing import Any

from django.db import connection, transaction
from django.forms import BaseForm
from django.test import Client

from core.tests.pages import values_in

WHOLE = bool(os.environ.get("BATTERY"))

TEXTS = {
    "NUL": "a\0b",
    "only NUL": "\0",
    "C0": "a\x01\x07\x1b[2Jb",
    "C1": "a\x85\x9bb",
    "line break": "a\r\nb",
    "bidi override": "a\u202egnp.exe",
    "isolates": "\u2066a\u2069",
    "zero width": "a\u200b\u200c\u200d\ufeffb",
    "family": "👨‍👩‍👧‍👦 👍🏽",
    "combining": "e" + "\u0301" * 5_000,
    "homoglyph": "Аnn",
    "private use": "\ue000\U000f0000",
    "noncharacter": "\ufffe\uffff\U0010ffff",
    "long": "x" * 100_000,
    "long words": "ab " * 30_000,
    "markup": "<script>alert(1)</script>'\"&{{7*7}}{% now 'Y' %}",
    "sql": "'; DROP TABLE members_member; -- \\ % _ ${7*7} #{7*7} *)(uid=*",
    "percent": "%00%0a%s%n%(x)s",
    "negative": "-1",
    "zero": "0",
    "NaN": "NaN",
    "infinity": "-Infinity",
    "huge exponent": "1e999999",
    "tiny exponent": "1e-999999",
    "many digits": "9" * 5_000,
    "Arabic digits": "٢٠٢٦-٠١-٠٢",
    "full width": "＝１２３",
    "beyond bigint": "9223372036854775808",
    "year 1": "0001-01-01",
    "year 0": "0000-01-01",
    "year 9999": "9999-12-31",
    "year 10000": "10000-01-01",
    "no such day": "2023-02-29",
    "US date": "02/29/2023",
    "moment": "2026-03-08T02:30:00",
    "JSON": '{"a":[1,{"b":null}]}',
    "spaces": " \t ",
    "null": "null",
    "formula": "=cmd|'/c calc'!A0",
    "path": "../../../../etc/passwd",
}
# What the two databases take differently. The rest is refused before any of them, and tried on PostgreSQL.
OF_DATABASES = ("NUL", "C1", "family", "long", "markup", "huge exponent", "many digits", "beyond bigint", "year 9999")


# Classes of fields of many forms. One file plays them with every kind, the other with one kind a field.
SHARED_CLASSES = frozenset(
    {
        "all at once",
        ("CharField", ("MaxLengthValidator", "ProhibitNullCharactersValidator")),
        ("CharField", ("MaxLengthValidator", "ProhibitNullCharactersValidator", "validate_single_line")),
        ("ChoiceField", ()),
        ("DateField", ()),
        ("DayField", ("MaxValueValidator", "MinValueValidator")),
        ("IntegerField", ("MaxValueValidator", "MinValueValidator")),
        ("MoneyFormField", ("DecimalValidator", "MinValueValidator")),
        ("OrganizationField", ("MaxLengthValidator", "ProhibitNullCharactersValidator")),
        ("TypedChoiceField", ()),
        ("VersionField", ("MaxValueValidator", "MinValueValidator")),
    }
)


def deal(
    places: Mapping[Hashable, Hashable], *, turn: int, played: Collection[Hashable] = ()
) -> dict[Hashable, list[str]]:
    """Kinds for each of the `places`, a place and its class: each class gets every kind, its members take turns.

    `turn` decides who begins. On PostgreSQL a third of the places get one though there are no more kinds, and all of
    those at once do; that is all for classes that are `played` with every kind elsewhere. On SQLite only as many places
    as there are kinds get one. The battery gives each place all of them.
    """
    whole = connection.vendor == "postgresql"
    kinds = list(TEXTS if whole else OF_DATABASES)
    if WHOLE:
        return dict.fromkeys(places, kinds)
    dealt: dict[Hashable, list[str]] = {place: [] for place in places}
    classes = defaultdict(list)
    for place, its_class in places.items():
        classes[its_class].append(place)
    for its_class, members in classes.items():
        every, each = 0 if whole and its_class in played else len(kinds), _at_least(its_class, members) if whole else 0
        for number in range(max(every, each)):
            dealt[members[(number + turn // len(kinds)) % len(members)]].append(kinds[(number + turn) % len(kinds)])
    return dealt


def _at_least(its_class: Hashable, members: Collection[Hashable]) -> int:
    return len(members) if its_class == ALL else -(-len(members) // 3)


def class_of(form: BaseForm | None, field: str) -> Hashable:
    """Return how this field is cleaned. What no form on the page cleans, views read by the same few readers."""
    found = form.fields.get(field) if form else None
    if found is None:
        return "read by a view"
    return type(found).__name__, tuple(sorted(_name_of(validator) for validator in found.validators))


def _name_of(validator: Any) -> str:
    return getattr(validator, "__name__", type(validator).__name__)


def classes_of(pages: Iterable[tuple[str, Any, Iterable[str]]]) -> dict[Hashable, Hashable]:
    """Return (form, field) → class, from the pages (name, answer, fields) on which the forms stand."""
    found: dict[Hashable, Hashable] = {}
    for name, answer, fields in pages:
        form = answer.context.get("form") if answer.context else None
        found |= {(name, field): class_of(form, field) for field in fields}
        found[name, ALL] = ALL
    return found


ALL = "all at once"


def rubbish_for(
    name: str, values: Mapping[str, str], dealt: Mapping[Any, list[str]]
) -> list[tuple[dict[str, str], str]]:
    """Return what is typed wrong, and its kind: into each field alone, then into all at once."""
    alone = [({field: TEXTS[kind]}, kind) for field in values for kind in dealt[name, field]]
    return alone + [(dict.fromkeys(values, TEXTS[kind]), kind) for kind in dealt[name, ALL]]


def is_ours(response: Any) -> bool:
    """Tell whether this is a page of the portal, an error page of ours or a fragment, not the framework's own words."""
    text = (b"".join(response.streaming_content) if response.streaming else response.content).decode(errors="replace")
    return "Traceback" not in text and "<h1>Bad Request" not in text and "Server Error (500)" not in text


def kept(text: str, shown: str) -> bool:
    """Tell whether what was typed is in the page. Control characters cannot be written in HTML."""
    plain = [
        part for part in re.split(r"[\x00-\x1f\x7f-\x9f\ufffe\uffff]+", text.replace("\r\n", "\n")) if part.strip()
    ]
    return all(part.strip()[:80] in shown for part in plain)


def is_about_a_version(route: str, values: Iterable[str]) -> bool:
    """Tell whether others may change meanwhile what the form is about; a new record has no version."""
    is_new = route.endswith(("_create", "_add", "_open", "_new"))
    return not is_new and any(name.endswith("version") for name in values)


def versions_in(page: Any) -> dict[str, str]:
    """Return what the page sends along unseen, also without JavaScript."""
    return dict(re.findall(r'<input type="hidden" name="([a-z_]*version)" value="([0-9]+)"', page.text))


def drawn(forms: list[str], seed: int) -> list[str]:
    """Return which of these play now: on a commit a third of them, at each seed others, in the battery all."""
    return forms if WHOLE else random.Random(f"{seed} versions").sample(forms, -(-len(forms) // 3))


def faults_of_sending(client_of: Any, forms: Mapping[str, Any], address: Any, seed: int) -> dict[str, list[int]]:
    """Send each drawn form as its page shows it, then filled in; return the statuses of faults by form.

    `forms`: the name → who sends it, its route, the rows that it is about, and what is typed; `address` finds its path.
    """
    faults = {}
    for form in drawn(list(forms), seed):
        who, _route, _rows, values = forms[form]
        faults[form] = _faults_sent(client_of(who, raise_request_exception=False), address(form), values)
    return {form: found for form, found in faults.items() if found}


def _faults_sent(browser: Client, path: str, values: Mapping[str, Any]) -> list[int]:
    """Whatever is saved is undone."""
    page, found = browser.get(path), []
    shown = values_in(page) if 'class="form-page"' in page.text else {}
    for typed in (shown, shown | values):
        with transaction.atomic():
            found.append(browser.post(path, typed).status_code)
            transaction.set_rollback(True)
    return [status for status in found if status >= 500]


def faults_of_versions(browser: Client, path: str, values: Mapping[str, Any], meanwhile: Collection[str]) -> list[Any]:
    """Send a form without its version, with an empty one and with one that is over; return what goes wrong.

    Each is refused by a sentence of `meanwhile`, shows again what was typed, and leaves the page's version as it was.
    """
    versions, before = {name for name in values if name.endswith("version")}, versions_in(browser.get(path))
    typed = {name: str(text) for name, text in values.items() if name not in versions}
    faults: list[Any] = [] if before.keys() == versions else [before]
    for seen in ({}, dict.fromkeys(versions, ""), dict.fromkeys(versions, "77")):
        response = browser.post(path, typed | seen)
        told, shown = response.context["form"].errors, html.unescape(response.text).replace("\r\n", "\n")
        if (response.status_code, told.keys()) != (409, {"__all__"}) or told["__all__"][0] not in meanwhile:
            faults.append((response.status_code, told))
        faults += [f"{name} is lost" for name, text in typed.items() if not kept(text, shown)]
    after = versions_in(browser.get(path))
    return faults if after == before else [*faults, after]
