"""Somebody leaves the office: who looks after the applications that they entered for members."""

from collections.abc import Collection

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from benevolence import permissions as p
from benevolence.enums import BenevolenceAction
from benevolence.models import BenevolenceApplication, BenevolenceReview
from benevolence.services import turns
from core.audit import trail
from core.errors import DomainError
from core.permissions import Actor, allow, may
from core.records import records


def hand_over_intake(former: User, person: User, *, actor: Actor | None, reason: str) -> int:
    """Open applications that `former` entered are `person`'s to look after from now on; returns how many.

    Refused to others while `former` still enters applications: only they may give away what is theirs.
    """
    allow(actor, p.APPLY_FOR_MEMBER)
    reason = records.stated_reason(reason)
    if actor is not None and actor.pk != former.pk and may(former, p.APPLY_FOR_MEMBER):
        raise DomainError(_("This person still enters applications. Until that ends, they hand over their own."))
    if not may(person, p.APPLY_FOR_MEMBER):
        raise ValidationError({"person": _("This person has no role that enters applications. Choose somebody else.")})
    with transaction.atomic():
        rows = BenevolenceApplication.objects.left_by([former.pk]).order_by("pk").values_list("pk", flat=True)
        locked = BenevolenceApplication.objects.filter(pk__in=list(rows)).select_related("member").order_by("pk")
        found = [row for row in locked.select_for_update(of=("self",)) if row.entered_by_id == former.pk]
        if refused := decides_one(person, found):
            raise ValidationError({"person": refused})
        for application in found:
            application.entered_by = person
            application.version += 1
            records.save(application)
            changes = [{"field": "entered_by"}]
            trail.record(application, BenevolenceAction.HANDED_OVER, actor=actor, changes=changes, reason=reason)
        turns.refresh()
    return len(found)


def decides_one(person: User, applications: Collection[BenevolenceApplication]) -> str:
    """Why somebody who decided some of one of these, or is appointed to decide it, looks after none of them."""
    reviews = BenevolenceReview.objects.filter(application__in=applications, reviewer=person, voided_at=None)
    if all(application.substitute_id != person.pk for application in applications) and not reviews.exists():
        return ""
    return _(
        "This person has a part in deciding one of these applications. Whoever enters an application decides nothing "
        "of it, so choose a colleague who decides none of them."
    )
