"""Who steps back from the applications of whom."""

from typing import cast

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Role, RoleAssignment, User
from benevolence import permissions as p
from benevolence.enums import BenevolenceAction
from benevolence.models import (
    DeclaredRelationship,
    RelationshipStatement,
)
from benevolence.services import turns
from benevolence.services.steps import lock_person
from core.audit import trail
from core.folding import fold
from core.permissions import Actor, allow
from core.records import records
from members.models import Member
from members.services import matches


def member_named(number: str, last_name: str) -> Member:
    """The member with this number and last name; one who does not know both learns nothing."""
    found = Member.objects.alive().filter(member_number__iexact=number.strip()).first()
    if found is None or fold(found.last_name) != fold(last_name):
        raise ValidationError(_("No member has this number and this last name. Check both, or ask the office."))
    return found


def state_all(*, actor: Actor) -> RelationshipStatement:
    """Say that everybody whom one knows is declared; asked when a role begins."""
    allow(actor, p.DECLARE_RELATIONSHIP)
    with transaction.atomic():
        stated = RelationshipStatement(user=cast(User, actor), stated_at=timezone.now())
        records.save(stated)
        trail.record(stated, BenevolenceAction.RELATIONSHIPS_STATED, actor=actor)
        return stated


def is_asked(user: User) -> bool:
    """Whether a role that decides or pays began since the person last said whom they know."""
    said = RelationshipStatement.objects.filter(user=user).order_by("-stated_at").first()
    roles = Role.objects.granting(p.DECLARE_RELATIONSHIP)
    terms = RoleAssignment.objects.live().filter(user=user, role__in=roles)
    return terms.exists() if said is None else terms.filter(starts_at__gt=said.stated_at).exists()


def declare_relationship(member: Member, kind: str, *, actor: Actor | None) -> DeclaredRelationship:
    """From now on `actor` neither sees nor decides what this member applies for."""
    allow(actor, p.DECLARE_RELATIONSHIP)
    with transaction.atomic():
        lock_person(member.pk)
        declared = DeclaredRelationship(user=actor, member=member, kind=kind, declared_at=timezone.now())
        records.save(declared)
        matches.keep([member.pk])
        trail.record(declared, BenevolenceAction.RELATIONSHIP_DECLARED, actor=actor)
        turns.refresh()
        return declared
