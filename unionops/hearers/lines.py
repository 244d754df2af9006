"""One line of the table of who is told what, and what it is asked with."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import F

from accounts.models import User
from core.models import AuditEvent
from unionops.hearers.kinds import Kind


@dataclass(frozen=True, slots=True)
class Turn:
    """One event, its subject as it stands now, and the record that is told about."""

    event: AuditEvent
    subject: Any
    about: Any


People = Iterable[User | None]


def itself(subject: Any, event: AuditEvent) -> Any:
    return subject


@dataclass(frozen=True, slots=True)
class Telling:
    """`says` stands in the portal, where only the person reads it. `about` None: there is nothing to tell.

    `actor_too`: what they began goes on without them, and they wait for its end. `asks`: they are to do something, and
    the notice is old news as soon as `whom` does not name them any more.
    """

    kind: Kind
    says: Any
    whom: Callable[[Turn], People]
    about: Callable[[Any, AuditEvent], models.Model | None] = itself
    actor_too: bool = False
    asks: bool = False


def accounts_of(people: models.QuerySet) -> models.QuerySet[User]:
    """Those whose link with one of these members' records is confirmed."""
    return User.objects.filter(member__in=people, link_epoch=F("identity_epoch"))
