"""What the pages composed of several apps show about terms."""

from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import IdentityChange, RoleAssignment, User
from accounts.permissions import CONFIRM_ROLES, VIEW_USERS
from accounts.services import confirming, identity
from core.permissions import Actor, may
from core.web.panels import Waiting
from core.web.waiting import At, Waits, Work


def _people(asker: Actor, at: At) -> QuerySet | None:
    """Whose account somebody else changed since it was confirmed."""
    if not may(asker, CONFIRM_ROLES):
        return None
    latest = IdentityChange.objects.filter(user=OuterRef("pk")).order_by("-at").values("at")[:1]
    changed = Coalesce(Subquery(latest), "created_at")
    return confirming.resting(asker, at.now).annotate(changed_at=changed)


def _confirmations(asker: Actor, at: At) -> QuerySet | None:
    """Terms that wait for this officer; those that another one has to confirm do not."""
    if not may(asker, CONFIRM_ROLES):
        return None
    rows = RoleAssignment.objects.visible_to(asker).waiting(at.now)
    others = rows.exclude(user_id=asker.pk).exclude(assigned_by_id=asker.pk)
    return others.exclude(user__in=identity.changed_by(asker))


def _ending_terms(asker: Actor, at: At) -> QuerySet | None:
    if not may(asker, VIEW_USERS):
        return None
    terms = RoleAssignment.objects.visible_to(asker).live(at.now).ended_between(at.now, at.later)
    return terms.filter(ended_with=None)  # a new slate is no surprise


def _person_line(key: str, *name: str) -> Waiting:
    person = _name(*name)
    what, url = _("Confirm that the account of %(person)s is theirs"), reverse("user_confirm", args=[int(key)])
    return Waiting(what % {"person": person}, url, _("Something rests"), "amber", asks=_("See or call them first"))


def _confirmation_line(key: str, role: str, *name: str) -> Waiting:
    person, url = _name(*name), f"{reverse('terms_waiting')}?term={int(key)}"
    what = _("Confirm the role %(role)s for %(person)s") % {"role": role, "person": person}
    return Waiting(what, url, _("Waits for confirmation"), "amber")


def _ending_line(key: str, role: str, first: str, last: str, email: str, user: str) -> Waiting:
    person, url = _name(first, last, email), reverse("user", args=[int(user)])
    what = _("%(role)s: the term of %(person)s ends") % {"role": role, "person": person}
    return Waiting(what, url, _("Ends soon"), "amber")


def _name(first: str, last: str, email: str) -> str:
    return f"{first} {last}".strip() or email


NAME = ("first_name", "last_name", "email")
OF_TERM = ("role__display_name", *(f"user__{column}" for column in NAME))
CONFIRMATIONS = "confirmations"
WAITS = Waits(
    Work("people", gettext_lazy("Accounts to confirm"), User, _people, _person_line, NAME, since="changed_at"),
    Work(
        CONFIRMATIONS,
        gettext_lazy("Roles to confirm"),
        RoleAssignment,
        _confirmations,
        _confirmation_line,
        OF_TERM,
        since="assigned_at",
    ),
    Work(
        "terms",
        gettext_lazy("Terms that end soon"),
        RoleAssignment,
        _ending_terms,
        _ending_line,
        (*OF_TERM, "user_id"),
        since="starts_at",
        due="end",
    ),
)
