"""Which column means which field: proposed by name and by values, remembered by the set of headers."""

import re
from collections.abc import Mapping, Sequence
from hashlib import sha256

from django.utils.translation import gettext as _

from core.errors import DomainError
from core.imports.declaration import ImportedList, Target, folded_header
from core.imports.never_stored import what_it_holds

EXACT, LEAST = 100, 30
SHARE = 0.5
PLURALS = {"children": "child", "childrens": "child", "wives": "wife", "kins": "kin"}


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
            (_score(what, header, values, target), -position, header, target.name)
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
    return {
        header: found[header]
        for header in samples
        if header in found and _has_place(what.targets[found[header]], fields)
    }


def _has_place(target: Target, fields: set[str]) -> bool:
    """Whether a proposed field goes with the others that are proposed."""
    is_needless = bool(target.in_place_of) and fields.issuperset(target.in_place_of)
    return not is_needless and (not target.needs or target.needs in fields)


def _score(what: ImportedList, header: str, values: Sequence[str], target: Target) -> int:
    """An exact name counts whatever the values are. A name that also says whose it is, or what else, does not count
    unless the field goes by those very words.
    """
    name = folded_header(header)
    fits = _fits(target, values)
    likely = 5 if target.by_shape and values and fits else 0
    if name in target.synonyms or name in {folded_header(synonym) for synonym in target.synonyms}:
        return EXACT + likely + (2 if fits else 0)
    score, parts = 0, name.split()
    # "Employer address" is an address: the last word says what it is, the words before whose.
    said = _of_others(what, parts) | what.known_headers.intersection(parts[-1:])
    for synonym in target.synonyms:
        asked = synonym.split()
        if set(asked) <= set(parts) and said.issubset(asked):
            score = max(score, 60 * len(asked) // len(parts))
    return score + likely if score >= LEAST and fits else 0


def _of_others(what: ImportedList, parts: Sequence[str]) -> set[str]:
    """The words of a header that are about somebody else: "spouses" and "children" as "spouse" and "child" are."""
    return {word for word in parts if not what.others.isdisjoint(_singulars(word))}


def _singulars(word: str) -> set[str]:
    """What the word may be one or several of, or belong to; folding has joined the s of "spouse's"."""
    found = {word, PLURALS.get(word, word), word.removesuffix("s"), word.removesuffix("es")}
    return found | {f"{word.removesuffix('ies')}y"} if word.endswith("ies") else found


def _fits(target: Target, values: Sequence[str]) -> bool:
    return target.shape is None or not values or _share(target.shape, values) >= SHARE


def suggest(what: ImportedList, samples: Mapping[str, Sequence[str]], matched: Mapping[str, str]) -> dict[str, str]:
    """Header → field of the columns without a match that only their values speak for; a person decides."""
    free = {
        header: values
        for header, values in samples.items()
        if values and header not in matched and not _of_others(what, folded_header(header).split())
    }
    found = {}
    for header, values in free.items():
        likely = [target.name for target in what.targets.values() if target.by_shape and _fits(target, values)]
        if likely and not what_it_holds(header, values):
            found[header] = likely[0]
    return found


def misfits(what: ImportedList, samples: Mapping[str, Sequence[str]], matched: Mapping[str, str]) -> dict[str, int]:
    """Header → how many of its first values do not look like the field that it is matched to."""
    found = {}
    for header, name in matched.items():
        shape, values = what.targets[name].shape, samples.get(header, ())
        if shape and (wrong := sum(1 for value in values if not shape.fullmatch(value))):
            found[header] = wrong
    return found


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
