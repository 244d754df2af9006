"""The preview: every row of the file becomes an ImportRow that says what it would do. Writes nothing else."""

from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import Any, BinaryIO

from django.db import transaction
from django.utils.translation import gettext as _

from core.db.insert import insert_many
from core.errors import DomainError
from core.mail import jobs
from core.permissions import allow
from core.site import local_now
from members import permissions as p
from members.enums import ImportKind, ImportStatus, RowOutcome
from members.imports import batches
from members.imports.layout import data_rows
from members.imports.organizations import OrganizationChecker
from members.imports.people import MemberChecker
from members.imports.rows import Reading, RowReader
from members.models import ImportBatch, ImportRow

CHUNK = 1_000


def start_check(batch: ImportBatch, *, actor: Any, in_background: bool | None = None) -> None:
    """Check the whole file, at once when it is short, else beside the request. Starting again after a stop is fine.

    Raises DomainError, FileRefused among them.
    """
    allow(actor, p.RUN_IMPORTS)
    if in_background is None:
        in_background = is_long(batch)
    sources = (ImportStatus.UPLOADED, ImportStatus.CHECKING, ImportStatus.CHECKED)
    jobs.run(
        batch.pk,
        _("Checking the rows"),
        lambda progress: _check(batch, progress, actor),
        begin=lambda: batches.claim(batch, sources, ImportStatus.CHECKING, problem=""),
        in_background=in_background,
    )
    if not in_background:
        batch.refresh_from_db()


def is_long(batch: ImportBatch) -> bool:
    try:
        with batches.opened(batch) as file:
            rows = data_rows(file, batches.layout_of(batch))
            return sum(1 for _row in islice(rows, batches.INLINE_ROWS + 1)) > batches.INLINE_ROWS
    except DomainError:
        return False


def _check(batch: ImportBatch, progress: jobs.Progress, actor: Any) -> None:
    try:
        with batches.opened(batch) as file:
            counts = _write_rows(batch, file, progress, actor)
        if not counts:
            raise DomainError(_("There is no row below the header. Choose another header row or another file."))
        batches.claim(batch, (ImportStatus.CHECKING,), ImportStatus.CHECKED, counts=dict(counts))
    except DomainError as error:
        _give_back(batch, error.sentence)
        raise
    except BaseException:
        _give_back(batch, _("The check stopped because of an unexpected error. Check the file again."))
        raise


def _give_back(batch: ImportBatch, sentence: str) -> None:
    ImportBatch.objects.filter(pk=batch.pk, status=ImportStatus.CHECKING, version=batch.version).update(
        status=ImportStatus.UPLOADED, problem=sentence[:500]
    )


def _write_rows(batch: ImportBatch, file: BinaryIO, progress: jobs.Progress, actor: Any) -> Counter[str]:
    layout, counts = batches.layout_of(batch), Counter[str]()
    reader = RowReader(batch.kind, layout.headers, batch.mapping, today=local_now().date())
    checker = (
        OrganizationChecker(org_type=batches.org_type_of(batch), actor=actor)
        if batch.kind == ImportKind.ORGANIZATIONS
        else MemberChecker(actor=actor)
    )
    batches.forget_rows(batch)
    try:
        readings = (reader.read(number, cells) for number, cells in data_rows(file, layout))
        done = 0
        while chunk := list(islice(readings, CHUNK)):
            checker.check(chunk)
            counts.update(reading.outcome for reading in chunk)
            with transaction.atomic():
                insert_many([_stored(batch, reading) for reading in chunk])
            done += len(chunk)
            progress.advance(done)
    finally:
        checker.close()
    return counts


def _stored(batch: ImportBatch, reading: Reading) -> ImportRow:
    return ImportRow(
        batch=batch,
        number=reading.number,
        raw=reading.raw,
        values=reading.values,
        outcome=reading.outcome or RowOutcome.ERROR,
        problems=reading.problems,
        record_id=reading.record_id,
        record_version=reading.record_version,
        before=reading.before,
        after=reading.after,
        made=reading.made,
    )


def outcomes(batch: ImportBatch) -> Iterator[tuple[str, Any, int]]:
    for outcome in RowOutcome:
        yield outcome.value, outcome.label, batch.counts.get(outcome.value, 0)
