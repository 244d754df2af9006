"""How imports write members, organizations and employments: by their services' fields and computed columns."""

from collections.abc import Sequence

from core.imports.saving import RecordKind
from members.models import Employment, Member, Organization
from members.services.employments import EMPLOYMENT_FIELDS
from members.services.members import MEMBER_FIELDS, searched_names
from members.services.organizations import ORGANIZATION_FIELDS
from members.services.search import remember_words


def fill_members(members: Sequence[Member]) -> None:
    """With the names of the current employers, read in one query."""
    names: dict[int, list[str]] = {}
    jobs = Employment.objects.current().filter(member_id__in=[member.pk for member in members]).order_by("id")
    for member_id, name in jobs.values_list("member_id", "organization__name"):
        names.setdefault(member_id, []).append(name)
    for member in members:
        member.fill_keys(names.get(member.pk, []))


def remember_members(members: Sequence[Member]) -> None:
    remember_words([text for member in members for text in searched_names(member)])


def fill_organizations(organizations: Sequence[Organization]) -> None:
    for organization in organizations:
        organization.fill_keys()


def remember_organizations(organizations: Sequence[Organization]) -> None:
    remember_words([text for organization in organizations for text in (organization.name, organization.city)])


MEMBERS = RecordKind(Member, MEMBER_FIELDS, ("sort_name", "search_text"), fill_members, remember_members)
ORGANIZATIONS = RecordKind(
    Organization,
    ORGANIZATION_FIELDS,
    ("sort_name", "name_key", "place_key", "search_text"),
    fill_organizations,
    remember_organizations,
)
EMPLOYMENTS = RecordKind(Employment, EMPLOYMENT_FIELDS)
