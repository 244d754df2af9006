"""The local that a demonstration shows: organizations, contacts, members and their employments."""

import datetime
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from django.db import transaction
from django.db.models import BigIntegerField, Max
from django.db.models.functions import Cast
from factory.random import get_random_state, randgen, reseed_random, set_random_state

from accounts.first_data import moment_of
from accounts.models import RoleAssignment, User
from accounts.services.people import change_user
from core.audit import trail
from core.enums import CoreAction
from core.folding import words
from core.models import SiteSettings
from core.records import bulk
from core.site import change_settings, site_settings
from members import invented
from members.enums import Classification, MemberAction, MemberStatus, OrganizationType, Standing
from members.invented import lines, pick, weighted
from members.models import Employment, Member, Organization, OrganizationContact
from members.services.employments import EMPLOYMENT_FIELDS
from members.services.members import MEMBER_FIELDS, searched_names
from members.services.organizations import CONTACT_FIELDS, ORGANIZATION_FIELDS
from members.services.search import remember_words

LISTED_BEFORE = datetime.timedelta(days=420)
FIRST_NUMBER = 100_000
LOCAL = {
    "name": "Prairie State Trades Local",
    "number": "4127",
    "address": "220 Union Hall Street\nPeoria, IL 61602",
    "time_zone": "America/Chicago",
}
LISTS = {
    OrganizationType.EMPLOYER: "employers",
    OrganizationType.UNION: "unions",
    OrganizationType.TRAINING_PARTNER: "training_partners",
    OrganizationType.JATC: "jatcs",
}
MEMBERS = 200
# Of 200: what a local of that size looks like.
STATUSES = weighted(
    {
        MemberStatus.ACTIVE: 154,
        MemberStatus.RETIRED: 22,
        MemberStatus.INACTIVE: 8,
        MemberStatus.REPRESENTED_NON_MEMBER: 7,
        MemberStatus.DECEASED: 6,
        MemberStatus.SUSPENDED: 3,
    }
)
CLASSIFICATIONS = weighted(
    {
        Classification.JOURNEYMAN: 58,
        Classification.FOREMAN: 14,
        Classification.APPRENTICE_1: 6,
        Classification.APPRENTICE_2: 6,
        Classification.APPRENTICE_3: 6,
        Classification.APPRENTICE_4: 5,
        Classification.APPRENTICE_5: 4,
        Classification.HONORARY: 1,
    }
)
DECEASED = weighted({Classification.RETIREE: 4, Classification.JOURNEYMAN: 1})
STANDINGS = weighted({Standing.GOOD: 84, Standing.ARREARS: 9, Standing.UNKNOWN: 7})
WORKING = (MemberStatus.ACTIVE, MemberStatus.SUSPENDED, MemberStatus.REPRESENTED_NON_MEMBER)


@dataclass
class FirstData:
    """Writes one set; the same seed, day and scale give the same values to an empty portal."""

    seed: int
    as_of: datetime.date
    scale: int = 1
    progress: Callable[[int], None] | None = None
    _employers: list[int] = field(init=False, default_factory=list)
    _names: dict[int, str] = field(init=False, default_factory=dict)  # of the employers
    _jobs: dict[int, list[Employment]] = field(init=False, default_factory=dict)  # by id() of a member without a key
    _words: set[str] = field(init=False, default_factory=set)  # of all names
    _counts: dict[str, int] = field(init=False, default_factory=dict)

    def write(self) -> dict[str, int]:
        """All of it or nothing; returns how many of each were added."""
        state = get_random_state()
        # What is there already leads to other people, so that a second set does not repeat the first.
        reseed_random(f"{self.seed}:{Organization.objects.count()}:{Member.objects.count()}")
        self._counts = dict.fromkeys(("organizations", "contacts", "members", "employments"), 0)
        try:
            with transaction.atomic():
                self._write_organizations()
                self._write_members()
                remember_words(self._words)
                link_demo_account()
                mark_as_demo()
        finally:
            set_random_state(state)
        return self._counts

    def _on(self, day: datetime.date | None) -> datetime.datetime:
        """When the office wrote down what began on `day`: its list is older than all cases of the demonstration."""
        listed = self.as_of - LISTED_BEFORE
        return moment_of(max(listed, day or listed))

    def _write_organizations(self) -> None:
        contacts = bulk.Inserter(
            OrganizationContact,
            action=MemberAction.CONTACT_ADDED,
            recorded=CONTACT_FIELDS,
            at=lambda _contact: self._on(None),
            stream=lambda row: trail.stream_name(Organization, row.organization_id),
        )
        self._counts["organizations"] = bulk.write(
            self._organizations(),
            actor=None,
            action=CoreAction.CREATED,
            recorded=ORGANIZATION_FIELDS,
            prepare=Organization.fill_keys,
            at=lambda _organization: self._on(None),
            further=lambda rows: contacts.insert([contact for row in rows for contact in contacts_of(row)]),
            written=self._remember_organizations,
        )
        self._counts["contacts"] = contacts.count

    def _organizations(self) -> Iterator[Organization]:
        for org_type, source in LISTS.items():
            for name in self._names_of(org_type, lines(source)):
                yield invented.organization(name, org_type)

    def _names_of(self, org_type: str, known: tuple[str, ...]) -> Iterator[str]:
        """The list's names; once they are used up, branches of them."""
        used = Organization.objects.filter(org_type=org_type).count()
        for number in range(used, used + len(known) * self.scale):
            branch = number // len(known)
            yield f"{known[number % len(known)]}, branch {branch + 1}" if branch else known[number]

    def _remember_organizations(self, rows: list[Organization]) -> None:
        self._words.update(*(words(f"{row.name} {row.city}") for row in rows))
        self._names |= {row.pk: row.name for row in rows if row.org_type == OrganizationType.EMPLOYER}
        self._employers = list(self._names)

    def _write_members(self) -> None:
        jobs = bulk.Inserter(
            Employment,
            action=MemberAction.EMPLOYMENT_STARTED,
            recorded=EMPLOYMENT_FIELDS,
            at=lambda job: self._on(job.start_date),
            stream=lambda job: trail.stream_name(Member, job.member_id),
        )
        bulk.write(
            self._members(),
            actor=None,
            action=CoreAction.CREATED,
            recorded=MEMBER_FIELDS,
            prepare=self._fill_keys,
            at=lambda member: self._on(member.hire_date),
            further=lambda members: jobs.insert(self._taken_jobs(members)),
            written=self._remember_members,
        )
        self._counts["employments"] = jobs.count

    def _fill_keys(self, member: Member) -> None:
        jobs = self._jobs[id(member)]
        member.fill_keys([self._names[job.organization_id] for job in jobs if job.end_date is None])

    def _members(self) -> Iterator[Member]:
        number = highest_number()
        for _position in range(MEMBERS * self.scale):
            status, classification = standing_in_trade()
            number += 1
            standing = pick(STANDINGS)
            if status in (MemberStatus.REPRESENTED_NON_MEMBER, MemberStatus.DECEASED):
                standing = Standing.UNKNOWN
            member = invented.member(
                self.as_of,
                number=None if status == MemberStatus.REPRESENTED_NON_MEMBER else str(number),
                status=status,
                classification=classification,
                standing=standing,
            )
            self._jobs[id(member)] = self._jobs_of(member)
            yield with_gaps(member)

    def _jobs_of(self, member: Member) -> list[Employment]:
        """Employers in the order of time; the last one is current for most of those who work."""
        works = member.status in WORKING and randgen.random() < 0.94
        places = randgen.sample(self._employers, 2 if randgen.random() < 0.25 else 1)
        hired = member.hire_date or self.as_of
        days = (self.as_of - hired).days
        turns = sorted(randgen.sample(range(1, days), len(places))) if days > len(places) else []
        starts = [hired, *(hired + datetime.timedelta(turn) for turn in turns)]
        jobs = []
        for place, start, end in zip(places, starts, [*starts[1:], self.as_of], strict=False):
            current = works and place == places[-1]
            jobs.append(invented.employment(place, member.classification, start, None if current else end))
        return jobs

    def _taken_jobs(self, members: list[Member]) -> list[Employment]:
        """The jobs of members who have their keys now."""
        found = []
        for member in members:
            for job in self._jobs.pop(id(member)):
                job.member_id = member.pk
                found.append(job)
        return found

    def _remember_members(self, members: list[Member]) -> None:
        names = set(chain.from_iterable(map(searched_names, members)))
        self._words.update(*map(words, names))
        self._counts["members"] += len(members)
        if self.progress:
            self.progress(self._counts["members"])


def contacts_of(organization: Organization) -> list[OrganizationContact]:
    return [invented.contact(organization, is_primary=position == 0) for position in range(randgen.randint(1, 3))]


def standing_in_trade() -> tuple[str, str]:
    """A status and a classification that go together."""
    status = pick(STATUSES)
    if status == MemberStatus.RETIRED:
        return status, Classification.RETIREE
    if status == MemberStatus.DECEASED:
        return status, pick(DECEASED)
    if status == MemberStatus.REPRESENTED_NON_MEMBER:
        return status, ""
    return status, pick(CLASSIFICATIONS)


def with_gaps(member: Member) -> Member:
    """Real lists have holes: not everybody has told an e-mail address or a telephone number."""
    if randgen.random() < 0.3:
        member.email = ""
    if randgen.random() < 0.08:
        member.phone = ""
    if randgen.random() < 0.2:
        member.middle_name = randgen.choice("ABCDEFGHJKLMNPRSTW")
    return member


def highest_number() -> int:
    """The largest member number of the usual length, so that new ones go on from there."""
    usual = Member.objects.filter(member_number__regex=r"^[1-9][0-9]{5,6}$")
    return usual.aggregate(most=Max(Cast("member_number", BigIntegerField())))["most"] or FIRST_NUMBER


def link_demo_account() -> None:
    """The account that shows the member's side gets a record of its own to show."""
    holders = RoleAssignment.objects.live().filter(role__name="member")
    user = User.objects.filter(member=None, pk__in=holders.values("user")).order_by("pk").first()
    member = Member.objects.alive().filter(account=None, status=MemberStatus.ACTIVE).order_by("pk").first()
    if user and member:
        change_user(user, linked_to(member), actor=None)


def linked_to(member: Member) -> dict[str, Any]:
    """What is changed of an account that is to be this member's: it also bears their name."""
    return {"member": member, "first_name": member.first_name, "last_name": member.last_name}


def mark_as_demo() -> None:
    is_default = site_settings().name == SiteSettings._meta.get_field("name").default
    change_settings({"is_demo": True, **(LOCAL if is_default else {})}, actor=None)
