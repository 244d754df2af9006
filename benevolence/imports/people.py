"""Which member a row of a list means."""

from collections import defaultdict
from collections.abc import Sequence

from django.utils.translation import gettext as _

from core.db.one_of import Among
from core.folding import sort_key
from core.imports.cells import plain
from core.imports.readings import Reading
from members.models import Member
from members.services.identity import facts_of, perhaps_alike, person_key


class Named:
    """The members whom a chunk of rows names, read in two queries.

    Whoever imports a list of the fund need not see members otherwise: they are told whether the number or the name
    and birth date that they wrote belongs to somebody, and nothing else of them.
    """

    def __init__(self, chunk: Sequence[Reading]) -> None:
        numbers = {reading.values["member_number"] for reading in chunk if "member_number" in reading.values}
        rows = Member.objects.filter(Among("member_number", numbers)).select_related("merged_into")
        self.by_number = {member.member_number: member for member in rows}
        self.born: dict[tuple[str, str], list[Member]] = defaultdict(list)
        unnumbered = [reading.values for reading in chunk if "member_number" not in reading.values]
        for member in perhaps_alike(Member.objects.all(), unnumbered).order_by("pk") if unnumbered else ():
            self.born[person_key(facts_of(member)), plain(member.date_of_birth)].append(member)

    def find(self, reading: Reading) -> Member | None:
        """The member, or None with the row refused."""
        number = reading.values.get("member_number")
        return self._numbered(reading, number) if number else self._named(reading)

    def _numbered(self, reading: Reading, number: str) -> Member | None:
        found = self.by_number.get(number)
        if found is None:
            sentence = _("No member has the number %(number)s. Correct it, or import the member first.")
            reading.refuse(sentence % {"number": number})
            return None
        if not _may_be(found, reading.values):
            reading.refuse(_("This number belongs to a member of another name. Correct the number or the name."))
            return None
        member = found.merged_into or found
        if member.is_deleted:
            reading.refuse(_("This member’s record is deleted. Restore it, then check the file again."))
            return None
        return member

    def _named(self, reading: Reading) -> Member | None:
        found = self.born[person_key(reading.values), reading.values["date_of_birth"]]
        if len(found) == 1:
            return found[0]
        if found:
            reading.refuse(_("Several members have this name and birth date. Write the member number."))
        else:
            sentence = _("No member has this name and birth date. Write the member number, or import the member first.")
            reading.refuse(sentence)
        return None


def _may_be(member: Member, values: dict[str, str]) -> bool:
    """First or last name may have changed since, not both."""
    if "last_name" not in values or "first_name" not in values:
        return True
    return sort_key(member.last_name) == sort_key(values["last_name"]) or sort_key(member.first_name) == sort_key(
        values["first_name"]
    )
