"""Who steps back from the applications of whom."""

from django.db import transaction
from django.utils import timezone

from benevolence import permissions as p
from benevolence.enums import BenevolenceAction
from benevolence.models import (
    DeclaredRelationship,
)
from benevolence.services.steps import lock_person
from core.audit import trail
from core.permissions import Actor, allow
from core.records import records
from members.models import Member


def declare_relationship(member: Member, kind: str, *, actor: Actor | None) -> DeclaredRelationship:
    """From now on `actor` neither sees nor decides what this member applies for."""
    allow(actor, p.DECLARE_RELATIONSHIP)
    with transaction.atomic():
        lock_person(member.pk)
        declared = DeclaredRelationship(user=actor, member=member, kind=kind, declared_at=timezone.now())
        records.save(declared)
        trail.record(declared, BenevolenceAction.RELATIONSHIP_DECLARED, actor=actor)
        return declared
