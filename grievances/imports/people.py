"""Which members a row means, and who works its case."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import reduce
from operator import or_

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import User
from core.db.one_of import Among
from core.folding import sort_key
from core.imports.readings import Reading
from grievances import permissions as p
from members.imports.names import split_name
from members.models import Employment, Member

AT_ONCE = 200  # names in one statement
NUMBER = re.compile(r"[A-Za-z]?\d{1,12}(?:\.0+)?")
WHOLE = re.compile(r"\.0+\Z")
GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d*)?", re.ASCII)
SHORTENED = re.compile(r"\dE[+-]?\d+", re.ASCII)


def parts_of(text: str) -> list[str]:
    """Several people of one cell, apart by semicolons or lines; a name has a comma of its own."""
    return [part for piece in re.split(r"[;\n]", text) if (part := " ".join(piece.split()))]


def numbers_of(text: str) -> list[str]:
    """Several numbers of one cell, apart by whatever is no number; Excel's 101.0 is 101.

    Raises ValidationError where nobody can tell which numbers were meant.
    """
    found: list[str] = []
    for piece in re.split(r"[;/\s]+", text):
        if GROUPED.fullmatch(piece.strip(",")):
            raise ValidationError(
                _("“%(text)s” may be one number or several. Write it without a comma, or several with semicolons.")
                % {"text": piece.strip(",")}
            )
        found += [WHOLE.sub("", part).upper() for part in piece.split(",") if part]
    if any("." in number or SHORTENED.fullmatch(number) for number in found):
        raise ValidationError(
            _("This is no member number; Excel may have shortened it. Format the column as text, then upload again.")
        )
    return found


def name_of(text: str) -> str:
    """The folded last and first name, as a member's sort_name begins; "" where it cannot be taken apart."""
    try:
        first, _middle, last = split_name(text)
    except ValidationError:
        return ""
    return sort_key(last, first)


class Grievants:
    """The members whom a chunk of rows names, read in a few queries.

    A name alone means the only member of that name or, of several, the only one who works or worked at the employer.
    """

    def __init__(self, chunk: Sequence[Reading]) -> None:
        numbers: set[str] = set()
        names: set[str] = set()
        for reading in chunk:
            found, named = stated(reading)
            numbers |= set(found)
            names |= {key for text in named if (key := name_of(text))}
        rows = Member.objects.filter(Among("member_number", numbers)).select_related("merged_into")
        self.by_number = {member.member_number: member for member in rows}
        self.by_name: dict[str, list[Member]] = defaultdict(list)
        for key, member in _named(sorted(names)):
            self.by_name[key].append(member)
        several = [member.pk for found in self.by_name.values() if len(found) > 1 for member in found]
        jobs = (
            Employment.objects.filter(Among("member_id", several)).order_by() if several else Employment.objects.none()
        )
        self.jobs = set(jobs.values_list("member_id", "organization_id"))

    def find(self, reading: Reading, employer: int) -> list[Member]:
        """The members of the row, the one who leads first; none, with the row refused, where one is not known."""
        numbers, names = stated(reading)
        found = [self._numbered(reading, number) for number in numbers]
        if numbers:
            _compare_names(reading, found, names)
        else:
            found = [self._named(reading, text, employer) for text in names]
        people = [member for member in found if member is not None]
        return [] if reading.outcome else list({member.pk: member for member in people}.values())

    def _numbered(self, reading: Reading, number: str) -> Member | None:
        member = self.by_number.get(number)
        if member is None:
            sentence = _("No member has the number %(number)s. Correct it, or import the member first.")
            reading.refuse(sentence % {"number": number})
            return None
        member = member.merged_into or member
        if member.is_deleted:
            reading.refuse(_("This member’s record is deleted. Restore it, then check the file again."))
            return None
        return member

    def _named(self, reading: Reading, text: str, employer: int) -> Member | None:
        found = self.by_name.get(name_of(text), [])
        here = [member for member in found if (member.pk, employer) in self.jobs] if len(found) > 1 else found
        if len(here) == 1:
            return here[0]
        said = {"name": text}
        if not found:
            reading.refuse(
                _("No member is called %(name)s. Write the member number, or import the member first.") % said
            )
        elif here:
            reading.refuse(_("Several members of this employer are called %(name)s. Write the member number.") % said)
        else:
            reading.refuse(
                _("Several members are called %(name)s, and none works at this employer. Write the member number.")
                % said
            )
        return None


def stated(reading: Reading) -> tuple[list[str], list[str]]:
    """(numbers, names) of the row; a column of grievants may hold numbers too."""
    numbers = numbers_of(reading.values.get("member_number", ""))
    parts = parts_of(reading.values.get("grievant", ""))
    if not numbers and parts and all(NUMBER.fullmatch(part) for part in parts):
        return [number for part in parts for number in numbers_of(part)], []
    return numbers, parts


def _named(names: Sequence[str]) -> Iterable[tuple[str, Member]]:
    """Living members by the name that they are asked for, whatever their middle names."""
    for start in range(0, len(names), AT_ONCE):
        asked = names[start : start + AT_ONCE]
        alike = reduce(or_, (Q(sort_name=key) | Q(sort_name__gte=f"{key} ", sort_name__lt=f"{key}!") for key in asked))
        for member in Member.objects.alive().filter(alike).order_by("pk"):
            yield sort_key(member.last_name, member.first_name), member


def _compare_names(reading: Reading, found: Sequence[Member | None], names: Sequence[str]) -> None:
    """Refuse the row where a name is that of none of the numbers, or as many names leave a number without one."""
    members = [member for member in found if member is not None]
    if reading.outcome:
        return
    strange = [text for text in names if not any(_may_be(member, text) for member in members)]
    nameless = [member for member in members if not any(_may_be(member, text) for text in names)]
    if strange and len(members) == len(names) == 1:
        reading.refuse(_("This number belongs to a member of another name. Correct the number or the name."))
    elif strange:
        sentence = _("None of these numbers belongs to %(name)s. Correct the numbers or the names.")
        reading.refuse(sentence % {"name": strange[0]})
    elif nameless and len(names) >= len(members):
        sentence = _("Number %(number)s belongs to none of these names. Correct the numbers or the names.")
        reading.refuse(sentence % {"number": nameless[0].member_number})


def _may_be(member: Member, text: str) -> bool:
    """First or last name may have changed since, not both; a name that cannot be read says nothing."""
    try:
        first, _middle, last = split_name(text)
    except ValidationError:
        return True
    return sort_key(member.last_name) == sort_key(last) or sort_key(member.first_name) == sort_key(first)


class Representatives:
    """Whoever works cases, by address or name."""

    def __init__(self) -> None:
        self.found: dict[str, set[int]] = defaultdict(set)
        self.last: dict[str, set[int]] = defaultdict(set)
        for person in User.objects.holding(p.WORK_GRIEVANCES).order_by():
            self.found[person.email.casefold()].add(person.pk)
            self.found[sort_key(person.last_name, person.first_name)].add(person.pk)
            self.last[sort_key(person.last_name)].add(person.pk)

    def find(self, text: str) -> tuple[int | None, str]:
        """(key, ""), or nobody and why."""
        if "@" in text:
            keys = self.found.get(text.casefold(), set())
        else:
            keys = self.found.get(name_of(text), set()) or self.last.get(sort_key(text), set())
        if len(keys) == 1:
            return next(iter(keys)), ""
        if keys:
            sentence = _("Several people who work cases are called “%(text)s”. Nobody is assigned; write the address.")
        else:
            sentence = _("Nobody who works cases is called “%(text)s”. Nobody is assigned; assign the case here.")
        return None, sentence % {"text": text}
