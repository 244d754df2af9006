"""Steps of an import for the tests: a small list in, a batch out."""

import csv
import io

from core.imports import applying, batches, checking
from core.models import AuditEvent
from members.imports.lists import LISTS, list_of
from members.models import Employment, Member, Organization


def csv_file(rows):
    """Return a CSV file of `rows`, the header first."""
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return io.BytesIO(text.getvalue().encode())


def checked(rows, *, kind="organizations", actor=None, mapping=None, options=None):
    file = rows if isinstance(rows, io.BytesIO) else csv_file(rows)
    batch = batches.upload(file, LISTS[kind], file_name="list.csv", actor=actor)
    chosen = batch.mapping if mapping is None else mapping
    batches.match_columns(batch, list_of(batch), chosen, options=options, actor=actor)
    checking.start_check(batch, list_of(batch), actor=actor, in_background=False)
    return batch


def applied(rows, **options):
    batch = checked(rows, **options)
    applying.start_apply(batch, list_of(batch), actor=options.get("actor"), in_background=False)
    return batch


def outcomes(batch):
    """Return (row number, outcome, its sentences) of every row."""
    return [(row.number, row.outcome, [item["text"] for item in row.problems]) for row in batch.rows.order_by("number")]


CLOCKS = {"updated_at", "created_at", "version", "deleted_at", "deleted_by_id", "deleted_reason"}


def contents():
    """Return what the living records say, without keys, clocks and versions."""
    found = []
    for model in (Organization, Member):
        rows = model.objects.alive().order_by("pk").values()
        found.append([{name: value for name, value in row.items() if name not in CLOCKS} for row in rows])
    jobs = Employment.objects.order_by("pk").values()
    found.append([{name: value for name, value in row.items() if name not in CLOCKS} for row in jobs])
    return found


def told(subject_type, action):
    return AuditEvent.objects.filter(subject_type=subject_type, action=action).count()
