"""In which order a slate moves: it is set for one moment, and called off before that moment."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.enums import InstallationState
from accounts.models import Role, RoleAssignment
from accounts.permissions import ASSIGN_ROLES, CONFIRM_ROLES
from accounts.services import terms
from core.permissions import Actor
from core.records.workflow import Transition, Workflow


def not_in_the_past(installation: Any, actor: Actor | None) -> str:
    if installation.takes_effect_at is not None and installation.takes_effect_at < timezone.now():
        return _("The moment of this installation is over. Edit the slate and choose another.")
    return "" if installation.seats.exists() else _("No seat of this slate is filled. Edit the slate first.")


def somebody_confirms(installation: Any, actor: Actor | None) -> str:
    """Confirming is no power that a slate takes from everybody: nobody could give it back, or call the slate off."""
    confirm = Role.objects.granting(CONFIRM_ROLES)
    seats = list(installation.roles.filter(pk__in=confirm.values("pk")))
    moment = installation.takes_effect_at or timezone.now()
    others = RoleAssignment.objects.live(moment).filter(role__in=confirm, user__is_active=True).exclude(role__in=seats)
    if not seats or others.exists():
        return ""
    seated = installation.seats.filter(role__in=seats, user__is_active=True).values_list("user_id", flat=True)
    if not (people := set(seated)):
        return _(
            "Nobody who can sign in has the seat of %(role)s, so nobody could confirm roles any more. Edit the slate:"
            " seat somebody, or take the role off it."
        ) % {"role": seats[0]}
    if not any(terms.must_wait(role, actor=actor) for role in seats):
        return ""
    if moment <= timezone.now():
        return _(
            "The new terms as %(role)s would wait, and nobody could confirm them, for the former ones end now. Edit the"
            " slate: choose a moment ahead, so that an officer confirms them before, or leave %(role)s off the slate."
        ) % {"role": seats[0]}
    if not terms.somebody_could_confirm(people, assigned_by=actor):
        return _(
            "Nobody could confirm the new terms as %(role)s: an officer confirms no term of their own, none that they"
            " assigned, and none of an account that they made or changed. Let another administrator set the slate, or"
            " seat somebody else as well."
        ) % {"role": seats[0]}
    return ""


def may_be_set(installation: Any, actor: Actor | None) -> str:
    return not_in_the_past(installation, actor) or somebody_confirms(installation, actor)


def not_begun(installation: Any, actor: Actor | None) -> str:
    if installation.has_begun():
        return _("This slate is in office already. Change roles on the pages of the accounts, or prepare a new slate.")
    return ""


FLOW = Workflow(
    "installation",
    InstallationState,
    [
        Transition(
            "set",
            (InstallationState.DRAFT,),
            InstallationState.SET,
            ASSIGN_ROLES,
            gettext_lazy("Set the slate"),
            may_be_set,
        ),
        Transition(
            "call_off",
            (InstallationState.DRAFT, InstallationState.SET),
            InstallationState.CALLED_OFF,
            ASSIGN_ROLES,
            gettext_lazy("Call off"),
            not_begun,
        ),
    ],
    initial=InstallationState.DRAFT,
    field="state",
)
