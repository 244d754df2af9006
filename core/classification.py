"""The class of every field, declared once per app in `classification.py` and read by audit, logs and exports.

An app declares `FIELDS = {"Member": {"phone": S2, ...}}`. A field without a class fails `manage.py check`.
"""

from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from importlib import import_module
from importlib.util import find_spec

from django.apps import apps
from django.conf import settings
from django.db import models


class Sensitivity(IntEnum):
    PUBLIC = 1
    PERSONAL = 2
    CASE = 3
    VAULT = 4


@dataclass(frozen=True, slots=True)
class FieldClass:
    """`retention_years`: how long the value may be kept after the record closes; None means as long as the record."""

    sensitivity: Sensitivity
    encrypted: bool = False
    retention_years: int | None = None


S1 = FieldClass(Sensitivity.PUBLIC)
S2 = FieldClass(Sensitivity.PERSONAL)
S3 = FieldClass(Sensitivity.CASE)
S4 = FieldClass(Sensitivity.VAULT)

# Columns of the machinery (core.models' abstract bases and Django's keys) mean the same in every model.
TECHNICAL = {
    "id": S1,
    "version": S1,
    "created_at": S1,
    "updated_at": S1,
    "deleted_at": S1,
    "deleted_by": S1,
    "deleted_reason": S2,
    "search_text": S2,
    "sort_name": S2,
}

# Columns of core.files.models.Attachment, whose content is as sensitive as its name.
ATTACHMENT = {
    **dict.fromkeys(("content_type", "state", "scan_tried_at", "storage_key", "shown_key"), S1),
    **dict.fromkeys(("superseded_by", "superseded_at"), S1),
    **dict.fromkeys(("size", "shown_size", "sha256", "added_at", "added_by"), S2),
    "category": S3,
    **dict.fromkeys(("name", "file_key"), FieldClass(Sensitivity.CASE, encrypted=True)),
}


@cache
def declared(app_label: str) -> dict[str, dict[str, FieldClass]]:
    module = f"{apps.get_app_config(app_label).name}.classification"
    return import_module(module).FIELDS if find_spec(module) else {}


def class_of(model: type[models.Model], field: str) -> FieldClass | None:
    """The declared class, or None where nobody has declared one."""
    own = declared(model._meta.app_label).get(model.__name__, {})
    return own.get(field, TECHNICAL.get(field))


def is_sensitive(model: type[models.Model], field: str) -> bool:
    """Whether a value of this field may stay out of audit, logs and messages; an unknown field is sensitive."""
    found = class_of(model, field)
    return found is None or found.sensitivity > Sensitivity.PUBLIC


@cache
def is_personal(model: type[models.Model]) -> bool:
    """Whether rows of this model tell something about a person, so that reading them is recorded.

    The machinery's own columns do not count: every deletable model has a reason for its deletion.
    """
    own = declared(model._meta.app_label).get(model.__name__)
    return own is None or any(found.sensitivity > Sensitivity.PUBLIC for found in own.values())


@cache
def is_vault(model: type[models.Model]) -> bool:
    """Whether rows of this model are so dangerous that nobody but their own people may even learn of them."""
    own = declared(model._meta.app_label).get(model.__name__, {})
    return any(found.sensitivity == Sensitivity.VAULT for found in own.values())


@cache
def vault_labels() -> tuple[str, ...]:
    return tuple(sorted(model._meta.label_lower for model in project_models() if is_vault(model)))


def project_models() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if model._meta.app_config.name in settings.PROJECT_APPS]


FIELDS: dict[str, dict[str, FieldClass]] = {
    "AuditHead": {"stream": S1, "seq": S1, "mac": S1},
    "AuditEvent": {
        **dict.fromkeys(("stream", "seq", "at", "action", "subject_type", "subject_id", "request_id"), S1),
        **dict.fromkeys(("previous_mac", "key_id", "mac"), S1),
        **dict.fromkeys(("actor", "actor_name", "reason", "body"), S2),
    },
    "ReadEvent": {
        **dict.fromkeys(("at", "kind", "subject_type", "subject_id", "rows", "request_id"), S1),
        **dict.fromkeys(("actor", "filters"), S2),
    },
    "NumberSequence": {"name": S1, "value": S1},
    "SiteSettings": dict.fromkeys(
        ("name", "number", "address", "logo", "time_zone", "clock", "working_week", "fiscal_year_start", "is_demo"), S1
    ),
    "SavedFilter": {"owner": S2, "list_name": S1, "name": S2, "query": S2},
    "ListColumns": {"owner": S2, "list_name": S1, "columns": S1},
    "Outbox": {
        **dict.fromkeys(("template", "key", "state", "due_at", "tries", "claim", "sent_at", "problem"), S1),
        "address": FieldClass(Sensitivity.PERSONAL, encrypted=True),
        **dict.fromkeys(("subject", "body"), FieldClass(Sensitivity.CASE, encrypted=True)),
    },
    "Notice": {
        **dict.fromkeys(("event", "kind", "subject_type", "subject_id", "reference", "at"), S1),
        **dict.fromkeys(("awaits_digest", "sort_key"), S1),
        **dict.fromkeys(("user", "read_at"), S2),
    },
    "NoticeChoice": {"user": S2, "kind": S1, "way": S2},
    "NoticedEvent": {"event": S1, "retry_at": S1},
    "KeptAnswer": {
        **dict.fromkeys(("operation", "key", "status", "made_at"), S1),
        **dict.fromkeys(("account", "request_digest"), S2),
        "answer": FieldClass(Sensitivity.CASE, encrypted=True),
    },
    "KeptForm": {
        **dict.fromkeys(("page", "kept_at"), S1),
        "account": S2,
        "typed": FieldClass(Sensitivity.CASE, encrypted=True),
    },
    "Heartbeat": dict.fromkeys(("name", "succeeded_at", "failing_since", "problem"), S1),
}
