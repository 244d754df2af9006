"""Which column means which field: proposed by name and by values, remembered by the set of headers."""

import re
from collections.abc import Mapping, Sequence
from hashlib import sha256

from django.utils.translation import gettext as _

from core.errors import DomainError
from core.imports.declaration import ImportedList, Target, folded_header
from core.imports.never_stored import what_it_holds

EXACT, LEAST, BY_SHAPE = 100, 30, 20
SHARE = 0.5


def headers_key(headers: Sequence[str]) -> str:
    """The same for the same set of headers in any order, case and spacing."""
    return sha256("\n".join(sorted(folded_header(header) for header in headers)).encode()).hexdigest()


def propose(what: ImportedList, samples: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Header → field for this file: what somebody accepted before for these headers, else by names and values."""
    withheld = {folded_header(header) for header, values in samples.items() if what_it_holds(header, values)}
    known = what.matchings._default_manager.filter(kind=what.kind, headers_key=headers_key(list(samples))).first()
    if known is not None:
        by_name = {folded_header(header): header for header in samples}
        return {
            by_name[header]: field
            for header, field in known.mapping.items()
            if header in by_name and field in what.targets and header not in withheld
        }
    scores = sorted(
        (
            (_score(header, values, target), -position, header, target.name)
            for position, (header, values) in enumerate(samples.items())
            if folded_header(header) not in withheld
            for target in what.targets.values()
        ),
        reverse=True,
    )
    found: dict[str, str] = {}
    for score, _position, header, name in scores:
        if score > 0 and header not in found and name not in found.values():
            found[header] = name
    fields = set(found.values())
    needless = {name for name in fields if (others := what.targets[name].in_place_of) and fields.issuperset(others)}
    return {header: found[header] for header in samples if header in found and found[header] not in needless}


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


def remember(what: ImportedList, headers: Sequence[str], mapping: Mapping[str, str]) -> None:
    folded = {folded_header(header): field for header, field in mapping.items()}
    what.matchings._default_manager.update_or_create(
        kind=what.kind, headers_key=headers_key(headers), defaults={"mapping": folded}
    )


def require_usable(what: ImportedList, headers: Sequence[str], mapping: Mapping[str, str]) -> None:
    """Raise DomainError, with a sentence, for a mapping that cannot work."""
    if lost := sorted(set(mapping) - set(headers)):
        raise DomainError(_("The file has no column “%(column)s”.") % {"column": lost[0]})
    if unknown := sorted(set(mapping.values()) - set(what.targets)):
        raise DomainError(_("“%(field)s” is not a field of this list.") % {"field": unknown[0]})
    for name, target in what.targets.items():
        if list(mapping.values()).count(name) > 1:
            raise DomainError(
                _("Two columns are matched to “%(field)s”. Keep one and ignore the other.") % {"field": target.label}
            )
    what.require_columns(set(mapping.values()))
