"""Whether two records that are alike are two people: until somebody says so, conflicts and limits take them for one."""

from typing import cast

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import CONFIRM_ROLES
from core.audit import trail
from core.errors import DomainError
from core.permissions import Actor, allow
from core.records import records
from members.enums import MemberAction
from members.models import Member, OtherPerson


def alike_to(member: Member, user: Actor) -> QuerySet[Member]:
    """Living records that may be the same person, as far as the user sees them."""
    return Member.objects.visible_to(user).alive().perhaps_same([member]).exclude(pk=member.pk).order_by("pk")


def decide_two_people(member: Member, other: Member, *, actor: Actor | None, reason: str) -> OtherPerson:
    """An officer's word, kept for good; refused to whoever may be one of the two."""
    allow(actor, CONFIRM_ROLES)
    with transaction.atomic():
        pair = records.lock_pair(member, other, actor=actor)
        older, younger = sorted(pair, key=lambda record: record.pk)
        if {older.pk, younger.pk}.intersection(Member.objects.perhaps_of(actor)):
            raise DomainError(_("One of these records may be your own, so another officer decides."))
        same = Member.objects.perhaps_same([older])
        if not same.filter(pk=younger.pk).exists():
            raise DomainError(_("Nothing says that these two are one person, so there is nothing to decide."))
        decision = OtherPerson(member=older, other=younger, decided_by=cast(User, actor))
        decision.reason = records.stated_reason(reason)
        records.save(decision)
        for record, another in ((older, younger), (younger, older)):
            trail.record(record, MemberAction.TWO_PEOPLE, actor=actor, reason=decision.reason, other=another.pk)
    return decision
