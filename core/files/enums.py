from django.utils.translation import gettext_lazy as _

from core.enums import StateChoices


class FileState(StateChoices):
    HELD = "held", "grey", "clock", _("Being checked")
    CLEAN = "clean", "green", "circle-check", _("Can be opened")
    INFECTED = "infected", "red", "alert-triangle", _("Held back: harmful")
