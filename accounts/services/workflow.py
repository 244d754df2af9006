"""In which order a slate moves: it is set for one moment, and called off before that moment."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.enums import InstallationState
from accounts.permissions import ASSIGN_ROLES
from core.permissions import Actor
from core.records.workflow import Transition, Workflow


def not_in_the_past(installation: Any, actor: Actor | None) -> str:
    if installation.takes_effect_at is not None and installation.takes_effect_at < timezone.now():
        return _("The moment of this installation is over. Edit the slate and choose another.")
    return "" if installation.seats.exists() else _("No seat of this slate is filled. Edit the slate first.")


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
            not_in_the_past,
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
