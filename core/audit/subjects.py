"""What events are about, by name, for those who may see it."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.apps import apps
from django.db import models
from django.utils.translation import gettext as _

from core.audit import trail
from core.audit.timeline import subject_label
from core.classification import is_personal, is_vault
from core.enums import ReadKind
from core.models import AuditEvent, ReadEvent
from core.permissions import Actor

Event = AuditEvent | ReadEvent


class Subject(NamedTuple):
    """What a row of the trail says of its subject; without an address it is no link."""

    text: str
    url: str = ""


def name_subjects(events: Iterable[Event], reader: Actor) -> None:
    """Give each event its `subject`: the name and page of a record that `reader` may see, else kind and number.

    Asks once for each kind of record that has a page. Who is named is recorded as read, as in any list.
    """
    keys: dict[str, set[str]] = {}
    events = list(events)
    for event in events:
        keys.setdefault(event.subject_type, set()).add(event.subject_id)
    found = {(kind, key): subject for kind in keys for key, subject in _named(kind, keys[kind], reader).items()}
    for event in events:
        plain = Subject(f"{subject_label(event.subject_type)} {event.subject_id}".strip())
        event.subject = found.get((event.subject_type, event.subject_id), plain)


def _named(kind: str, keys: set[str], reader: Actor) -> dict[str, Subject]:
    model = _with_page(kind)
    if model is None or not (keys := keys - {""}):
        return {}
    rows: Any = model._default_manager.all()
    records = list(rows.visible_to(reader).filter(pk__in=keys))
    if records and is_personal(model):
        trail.read(model, ReadKind.LISTED, actor=reader, rows=len(records))
    label = subject_label(kind)
    return {
        str(record.pk): Subject(_("%(kind)s: %(name)s") % {"kind": label, "name": record}, record.get_absolute_url())
        for record in records
    }


def _with_page(kind: str) -> type[models.Model] | None:
    try:
        model: Any = apps.get_model(kind)
    except (LookupError, ValueError):
        return None  # of an app that is no longer there
    known = hasattr(model, "get_absolute_url") and hasattr(model._default_manager.all(), "visible_to")
    return model if known and not is_vault(model) else None
