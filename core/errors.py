"""Refusals that a person reads. Every message is a sentence that says what to do next."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext_lazy as _


class DomainError(Exception):
    """A rule refuses; pages and the API answer 409 with the sentence. `told` is what a program also learns."""

    code = "refused"
    told: Mapping[str, Any] = MappingProxyType({})

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class SavedUnseen(DomainError):
    """What was asked for is done and stays so, but whoever asked does not see the record, so nothing tells of it."""

    code = "saved_unseen"


class TransitionRefused(DomainError):
    """The moment does not allow this move."""

    code = "transition_refused"


class MoveConflict(TransitionRefused):
    """Somebody changed the record since it was looked at."""


class MoveDenied(PermissionDenied):
    """Whoever takes this move hangs on where the record stands, and now it is somebody else."""

    sentence = _(
        "This step is not yours to take here. It may be somebody else’s turn, or somebody was quicker: open the record "
        "again to see where it stands."
    )


class EditConflict(DomainError):
    """Somebody saved a newer version. `current` is the row as it stands now."""

    code = "edit_conflict"

    def __init__(self, sentence: str, current: Any) -> None:
        super().__init__(sentence)
        self.current = current
