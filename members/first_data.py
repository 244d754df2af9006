"""The local that a demonstration shows: organizations, contacts, members and their employments."""

import datetime
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import chain, islice

from django.db import transaction
from django.db.models import Max
from factory import random as factory_random

from accounts.models import RoleAssignment, User
from accounts.services import change_user
from core import audit, bulk
from core.enums import CoreAction
from core.site import change_settings, site_settings
from members.employment_services import EMPLOYMENT_FIELDS
from members.enums import Classification, MemberStatus, OrganizationType, Standing
from members.factories import ContactFactory, EmploymentFactory, MemberFactory, OrganizationFactory, before, lines
from members.models import Employment, Member, Organization, OrganizationContact
from members.organization_services import CONTACT_FIELDS, ORGANIZATION_FIELDS
from members.search import remember_words
from members.services import MEMBER_FIELDS, searched_names

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
STATUSES = {
    MemberStatus.ACTIVE: 154,
    MemberStatus.RETIRED: 22,
    MemberStatus.INACTIVE: 8,
    MemberStatus.REPRESENTED_NON_MEMBER: 7,
    MemberStatus.DECEASED: 6,
    MemberStatus.SUSPENDED: 3,
}
CLASSIFICATIONS = {
    Classification.JOURNEYMAN: 58,
    Classification.FOREMAN: 14,
    Classification.APPRENTICE_1: 6,
    Classification.APPRENTICE_2: 6,
    Classification.APPRENTICE_3: 6,
    Classification.APPRENTICE_4: 5,
    Classification.APPRENTICE_5: 4,
    Classification.HONORARY: 1,
}
WORKING = (MemberStatus.ACTIVE, MemberStatus.SUSPENDED, MemberStatus.REPRESENTED_NON_MEMBER)


@dataclass
class FirstData:
    """Writes one set; the same seed, day and scale give the same values."""

    seed: int
    as_of: datetime.date
    scale: int
    progress: Callable[[int], None] = lambda count: None
    dice: random.Random = field(init=False)
    employers: list[Organization] = field(init=False, default_factory=list)

    def write(self) -> dict[str, int]:
        """Counts by model name. All of it, or nothing."""
        before_us = factory_random.get_random_state()
        # The records that are there already lead to others the next time.
        start = f"{self.seed}:{self.scale}:{Organization.objects.count()}:{Member.objects.count()}"
        factory_random.reseed_random(start)
        self.dice = factory_random.randgen
        try:
            with transaction.atomic():
                return {
                    "organizations": self._organizations(),
                    "contacts": self._contacts(),
                    "members": self._members(),
                    "employments": Employment.objects.filter(member__in=self.made).count(),
                }
        finally:
            factory_random.set_random_state(before_us)
