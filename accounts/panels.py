"""What the pages composed of several apps show about terms."""

from datetime import timedelta
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import IdentityChange, RoleAssignment, User
from accounts.permissions import CONFIRM_ROLES, VIEW_USERS
from accounts.services import confirming, identity
from core.db.prepared import prepared
from core.permissions import Actor, may
from core.terms import Moment
from core.web.panels import Waiting

ENDING_SOON = timedelta(days=30)
MOST = 10


def to_confirm(user: Actor) -> int:
    """How many terms wait for this officer; those that another one has to confirm do not count."""
    return _waiting_for.count(user, now=timezone.now()) if may(user, CONFIRM_ROLES) else 0


@prepared
def _waiting_for(asker: Any, *, now: Any) -> QuerySet[RoleAssignment]:
    return _for_officer(asker, now).order_by().values("pk")


def _for_officer(user: Actor, now: Moment) -> Any:
    rows = RoleAssignment.objects.visible_to(user).waiting(now)
    own = rows.exclude(user_id=user.pk).exclude(assigned_by_id=user.pk)
    return own.exclude(user__in=identity.changed_by(user))


def waiting(user: Actor) -> list[Waiting]:
    return [*_people(user), *_confirmations(user), *_ending_terms(user)]


def _people(user: Actor) -> list[Waiting]:
    """Whose account somebody else changed since it was confirmed."""
    if not may(user, CONFIRM_ROLES):
        return []
    return [
        Waiting(
            _("Confirm that the account of %(person)s is theirs") % {"person": person},
            reverse("user_confirm", args=[person.pk]),
            _("Something rests"),
            "amber",
            person.changed_at,
        )
        for person in _resting(user, now=timezone.now())
    ]


@prepared
def _resting(asker: Any, *, now: Any) -> QuerySet[User]:
    latest = IdentityChange.objects.filter(user=OuterRef("pk")).order_by("-at").values("at")[:1]
    return confirming.resting(asker, now).annotate(changed_at=Coalesce(Subquery(latest), "created_at"))[:MOST]


def _confirmations(user: Actor) -> list[Waiting]:
    if not may(user, CONFIRM_ROLES):
        return []
    terms = _for_officer(user, timezone.now()).select_related("role", "user").order_by("assigned_at", "pk")[:MOST]
    return [
        Waiting(
            _("Confirm the role %(role)s for %(person)s") % {"role": term.role, "person": term.user},
            f"{reverse('terms_waiting')}?term={term.pk}",
            _("Waits for confirmation"),
            "amber",
            term.assigned_at,
        )
        for term in terms
    ]


def _ending_terms(user: Actor) -> list[Waiting]:
    if not may(user, VIEW_USERS):
        return []
    now = timezone.now()
    terms = RoleAssignment.objects.visible_to(user).live(now).ended_between(now, now + ENDING_SOON)
    terms = terms.filter(ended_with=None)  # a new slate is no surprise
    return [
        Waiting(
            _("%(role)s: the term of %(person)s ends") % {"role": term.role, "person": term.user},
            term.get_absolute_url(),
            _("Ends soon"),
            "amber",
            term.ends_at,
        )
        for term in terms.select_related("role", "user").order_by("end", "pk")[:MOST]
    ]
