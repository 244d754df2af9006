"""Who may be one person stays so whatever is changed of their data, until somebody decides that they are two."""

from collections.abc import Collection, Mapping
from typing import Any

from members.models import FormerMatch, Member

# What records are alike by; see members.models.member.are_alike.
IDENTIFYING = ("first_name", "middle_name", "last_name", "date_of_birth", "email", "phone")


def keep_before(member: Member, values: Mapping[str, Any]) -> None:
    """Before `values` are written to the locked `member`."""
    if any(name in values and values[name] != getattr(member, name) for name in IDENTIFYING):
        keep([member.pk])


def keep(keys: Collection[int]) -> None:
    """Remember every record that is alike to one of these members, as they stand in the database now."""
    people = list(Member.objects.filter(pk__in=keys))
    if not people:
        return
    found = list(Member.objects.perhaps_same(people))
    pairs = {(one.pk, other.pk) for one in people for other in found if one.pk != other.pk and one.is_alike(other)}
    both = sorted(pairs | {(other, one) for one, other in pairs})
    FormerMatch.objects.bulk_create(
        [FormerMatch(member_id=one, other_id=other) for one, other in both], ignore_conflicts=True
    )
