"""One act on many cases: each by itself, so that what is refused for one is done for the others."""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import DomainError, MoveDenied


class Refused(NamedTuple):
    row: Any
    sentence: str


def each(rows: Iterable[Any], act: Callable[[Any], Any]) -> tuple[list[Any], list[Refused]]:
    """Do `act` for every row, within the caller's transaction; those done, and those refused with the sentence."""
    done, refused = [], []
    for row in rows:
        try:
            with transaction.atomic():
                act(row)
        except (DomainError, ValidationError, PermissionDenied) as error:
            refused.append(Refused(row, sentence_of(error)))
        else:
            done.append(row)
    return done, refused


def sentence_of(error: Exception) -> str:
    if isinstance(error, DomainError):
        return error.sentence
    if isinstance(error, ValidationError):
        return " ".join(error.messages)
    return str(MoveDenied.sentence if isinstance(error, MoveDenied) else _("You may not do this in this case."))
