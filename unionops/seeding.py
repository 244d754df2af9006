"""The demonstration data of the three domains, in one transaction: what seed_phase2 and seed_all write."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction

from benevolence.first_data import FirstApplications
from benevolence.models import BenevolenceApplication, BenevolenceReview
from core.errors import DomainError
from grievances.first_data import FirstGrievances
from grievances.models import Grievance, GrievanceStepRecord
from members.enums import OrganizationType
from members.models import Member, Organization
from organizing.first_data import FirstActivities
from organizing.models import SaltingActivity

# What is counted, in the order in which it is told; 153 rows in one set.
COUNTED = (SaltingActivity, BenevolenceApplication, BenevolenceReview, Grievance, GrievanceStepRecord)
WRITERS = (FirstActivities, FirstApplications, FirstGrievances)


@dataclass(frozen=True, slots=True)
class Seeds:
    seed: int
    as_of: datetime.date
    scale: int = 1

    def write(self, on_progress: Callable[[str, int], None] | None = None) -> None:
        """All of it or nothing; `on_progress` is told the table and how many of `scale` sets of it are there.

        Raises DomainError with the command to run first where there are no employers or members to build on.
        """
        if not Organization.objects.alive().filter(org_type=OrganizationType.EMPLOYER).exists():
            raise DomainError("There are no employers yet. Run manage.py seed_phase1 first.")
        if not Member.objects.alive().exists():
            raise DomainError("There are no members yet. Run manage.py seed_phase1 first.")
        with transaction.atomic():
            for writer in WRITERS:
                tell = (lambda done, name=writer.what: on_progress(name, done)) if on_progress else None
                writer(self.seed, self.as_of, self.scale, tell).write()


def is_seeded() -> bool:
    return any(model._default_manager.exists() for model in COUNTED)
