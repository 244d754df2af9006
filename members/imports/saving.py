"""How an import writes records: new ones by core.records.bulk, changes by the services' rules."""

import copy
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _

from core.audit import trail
from core.db.update import update_many
from core.errors import DomainError
from core.records import bulk, records
from members.enums import MemberAction, RowOutcome
from members.imports.cells import plain_values, typed
from members.models import Employment, ImportBatch, ImportRow, Member, Organization
from members.services.employments import EMPLOYMENT_FIELDS
from members.services.members import MEMBER_FIELDS, searched_names
from members.services.organizations import ORGANIZATION_FIELDS
from members.services.search import remember_words

Record = TypeVar("Record", Organization, Member)
FIELDS: dict[type[models.Model], tuple[str, ...]] = {
    Organization: ORGANIZATION_FIELDS,
    Member: MEMBER_FIELDS,
    Employment: EMPLOYMENT_FIELDS,
}
COMPUTED = {
    Organization: ("sort_name", "name_key", "place_key", "search_text"),
    Member: ("sort_name", "search_text"),
    Employment: (),
}
DELETION = ("deleted_at", "deleted_by", "deleted_reason")


def changed_since_check() -> str:
    return _("The record was changed since the check, so this row was not applied. Import the file again.")


def leave_out(row: ImportRow, sentence: str = "") -> None:
    row.applied = RowOutcome.ERROR
    row.problems = [*row.problems, {"kind": "error", "column": "", "text": sentence or changed_since_check()}]


def refusal(row: models.Model, values: Mapping[str, str]) -> str:
    """Why `row` cannot take these plain values, or "". An older value in another field is not looked at."""
    probe = copy.copy(row)
    others = {field.name for field in row._meta.concrete_fields} - values.keys()
    try:
        for name, text in values.items():
            setattr(probe, name, typed(row._meta.get_field(name), text))
        probe.clean_fields(exclude=others)
        probe.clean()
    except ValidationError as error:
        return "; ".join(error.messages)
    return ""


def filled(model: type[Record], values: Mapping[str, str]) -> Record:
    """A new unsaved record of the row's values."""
    return model(**{name: typed(model._meta.get_field(name), text) for name, text in values.items()})


def create(batch: ImportBatch, rows: Sequence[Any], *, actor: Any, action: str, **options: Any) -> None:
    """Raises DomainError, after which the caller's transaction must not commit."""
    if not rows:
        return
    model = type(rows[0])
    try:
        bulk.write(rows, actor=actor, action=action, recorded=FIELDS[model], data={"batch": str(batch.pk)}, **options)
    except bulk.RowsRefused as error:
        sentence = "; ".join(error.faults[0][1].messages)
        raise DomainError(
            _("The records changed since the check (%(sentence)s). Check the file again.") % {"sentence": sentence}
        ) from error


def locked(model: type[Record], keys: Sequence[int], actor: Any) -> dict[int, Record]:
    rows = records.visible(model, actor).filter(pk__in=keys).order_by("pk")
    return {row.pk: row for row in rows.select_for_update(of=("self",))}


def set_values(row: models.Model, values: Mapping[str, str]) -> list[dict[str, Any]]:
    """Set plain values on a locked row and count its version up; returns what the audit says of it."""
    before = trail.values(row, values)
    for name, text in values.items():
        setattr(row, name, typed(row._meta.get_field(name), text))
    row.version += 1
    return trail.changes(type(row), before, trail.values(row, values))


def write_changed(rows: Sequence[models.Model], fields: set[str]) -> None:
    """Write rows that `set_values` changed, of one model; `refusal` has allowed their values."""
    if not rows:
        return
    model, now = type(rows[0]), timezone.now()
    for row in rows:
        if model is Member:
            row.fill_keys(row.import_employers)
        elif model is Organization:
            row.fill_keys()
        row.updated_at = now
    names = {*fields, *COMPUTED[model], "version", "updated_at"}
    update_many(rows, names)


def with_employers(members: Sequence[Member]) -> None:
    """Reads what `fill_keys` needs: the names of the current employers, in one query."""
    names: dict[int, list[str]] = {}
    jobs = Employment.objects.current().filter(member_id__in=[member.pk for member in members]).order_by("id")
    for member_id, name in jobs.values_list("member_id", "organization__name"):
        names.setdefault(member_id, []).append(name)
    for member in members:
        member.import_employers = names.get(member.pk, [])


def remember_names(rows: Sequence[Organization] | Sequence[Member]) -> None:
    texts: list[str] = []
    for row in rows:
        texts += [row.name, row.city] if isinstance(row, Organization) else searched_names(row)
    remember_words(texts)


def deletion(record: Any) -> dict[str, Any]:
    """When, by whom and why a record was deleted, as JSON keeps it until an undo."""
    return {"at": record.deleted_at.isoformat(), "by": record.deleted_by_id, "reason": record.deleted_reason}


class Changer:
    """Changes and restores existing records, a chunk at a time. A row whose values are refused is left out."""

    def __init__(self, batch: ImportBatch, model: type[Record], actor: Any) -> None:
        self.batch, self.model, self.actor = batch, model, actor
        self.changed: list[tuple[ImportRow, Any]] = []
        self.entries: list[trail.Entry] = []
        self.fields: set[str] = set()

    def change(self, row: ImportRow, record: Any, values: Mapping[str, str]) -> None:
        """`values` are what the row says of the record; restores it when it is deleted. Fills row.before and after."""
        before = plain_values(record, list(values))
        after = {name: text for name, text in values.items() if text != before[name]}
        if sentence := refusal(record, after):
            leave_out(row, sentence)
            return
        row.before = row.before | {name: before[name] for name in after}
        row.after = row.after | after
        if record.is_deleted:
            row.made["restored"] = deletion(record)
            record.deleted_at, record.deleted_by, record.deleted_reason = None, None, ""
            self.fields |= {*DELETION}
        elif not after:
            return
        changes = set_values(record, after)
        action = MemberAction.IMPORTED if row.made.get("restored") else MemberAction.IMPORT_CHANGED
        self.entries.append(trail.Entry(record, action, changes, {"batch": str(self.batch.pk)}))
        self.changed.append((row, record))
        self.fields |= set(after)

    def write(self) -> None:
        rows = [record for _row, record in self.changed]
        if self.model is Member:
            with_employers(rows)
        write_changed(rows, self.fields)
        trail.record_many(self.entries, actor=self.actor)
        remember_names(rows)
        for row, record in self.changed:
            row.record_version = record.version
