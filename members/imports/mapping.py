"""Which column means which field: proposed by name and by values, remembered by the set of headers."""

import re
from collections.abc import Mapping, Sequence
from hashlib import sha256

from django.utils.translation import gettext as _

from core.errors import DomainError
from members.enums import ImportKind
from members.imports.fields import EMPLOYER_FIELDS, TARGETS, Target, folded_header
from members.imports.never_stored import what_it_holds
from members.models import ColumnMapping

EXACT, LEAST, BY_SHAPE = 100, 30, 20
SHARE = 0.5


def headers_key(headers: Sequence[str]) -> str:
    """The same for the same set of headers in any order, case and spacing."""
    return sha256("\n".join(sorted(folded_header(header) for header in headers)).encode()).hexdigest()


def propose(kind: str, samples: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Header → field for this file: what somebody accepted before for these headers, else by names and values."""
    withheld = {folded_header(header) for header, values in samples.items() if what_it_holds(header, values)}
    known = ColumnMapping.objects.filter(kind=kind, headers_key=headers_key(list(samples))).first()
    if known is not None:
        by_name = {folded_header(header): header for header in samples}
        return {
            by_name[header]: field
            for header, field in known.mapping.items()
            if header in by_name and field in TARGETS[kind] and header not in withheld
        }
    scores = sorted(
        (
            (_score(header, values, target), -position, header, target.name)
            for position, (header, values) in enumerate(samples.items())
            if folded_header(header) not in withheld
            for target in TARGETS[kind].values()
        ),
        reverse=True,
    )
    found: dict[str, str] = {}
    for score, _position, header, name in scores:
        if score > 0 and header not in found and name not in found.values():
            found[header] = name
    if {"first_name", "last_name"} <= set(found.values()):
        found = {header: name for header, name in found.items() if name != "full_name"}
    return {header: found[header] for header in samples if header in found}


def _score(header: str, values: Sequence[str], target: Target) -> int:
    name = folded_header(header)
    score = 0
    if name in target.synonyms or name in {folded_header(synonym) for synonym in target.synonyms}:
        score = EXACT
    else:
        parts = name.split()
        for synonym in target.synonyms:
            asked = synonym.split()
            if set(asked) <= set(parts):
                score = max(score, 60 * len(asked) // len(parts))
    fits = target.shape is None or not values or _share(target.shape, values) >= SHARE
    if score >= LEAST:
        return score + (5 if target.by_shape and values else 0) if fits else 0
    return BY_SHAPE if target.by_shape and values and fits else 0


def _share(shape: re.Pattern[str], values: Sequence[str]) -> float:
    return sum(1 for value in values if shape.fullmatch(value)) / len(values)


def remember(kind: str, headers: Sequence[str], mapping: Mapping[str, str]) -> None:
    folded = {folded_header(header): field for header, field in mapping.items()}
    ColumnMapping.objects.update_or_create(kind=kind, headers_key=headers_key(headers), defaults={"mapping": folded})


def require_usable(kind: str, headers: Sequence[str], mapping: Mapping[str, str]) -> None:
    """Raise DomainError, with a sentence, for a mapping that cannot work."""
    if lost := sorted(set(mapping) - set(headers)):
        raise DomainError(_("The file has no column “%(column)s”.") % {"column": lost[0]})
    if unknown := sorted(set(mapping.values()) - set(TARGETS[kind])):
        raise DomainError(_("“%(field)s” is not a field of this list.") % {"field": unknown[0]})
    for name, target in TARGETS[kind].items():
        if list(mapping.values()).count(name) > 1:
            raise DomainError(
                _("Two columns are matched to “%(field)s”. Keep one and ignore the other.") % {"field": target.label}
            )
    _require_names(kind, set(mapping.values()))


def _require_names(kind: str, fields: set[str]) -> None:
    if kind == ImportKind.ORGANIZATIONS:
        if "name" not in fields:
            raise DomainError(_("Say which column holds the name; without it no row can be imported."))
        return
    if "full_name" not in fields and not {"first_name", "last_name"} <= fields:
        raise DomainError(_("Say which column holds the name: the full name, or the first and the last name."))
    if "full_name" in fields and fields & {"first_name", "last_name"}:
        raise DomainError(_("Match either the full name or the first and the last name, not both."))
    if fields & set(EMPLOYER_FIELDS) and "employer" not in fields:
        raise DomainError(_("Job title, rate, start date and place of work need the column that names the employer."))
