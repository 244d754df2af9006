"""The moves of a slate as people take them."""

from django.utils.translation import gettext_lazy as _

from accounts.forms.slates import CallOffForm
from accounts.services import slates
from accounts.services.workflow import FLOW
from core.web.moves import Move, Moves

MOVES = Moves(
    FLOW,
    {
        "set": Move(slates.set_slate, done=_("The slate is set."), icon="check", grave=True),
        "call_off": Move(
            slates.call_off,
            CallOffForm,
            lead=_("Everything the slate planned is taken back: no new term begins, and the present ones go on."),
            done=_("The installation is called off."),
            icon="ban",
            danger=True,
            grave=True,
        ),
    },
)
