"""The preview: every row of the file becomes an ImportRow that says what it would do. Writes nothing else."""

from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import Any, BinaryIO

from django.db import transaction
from django.utils.translation import gettext as _

from core.db.insert import insert_many
from core.errors import DomainError
from core.imports import batches
from core.imports.declaration import ImportedList
from core.imports.enums import ImportStatus, RowOutcome
from core.imports.layout import data_rows
from core.imports.models import Batch
from core.imports.readings import Reading
from core.imports.rows import RowReader
from core.mail import jobs
from core.permissions import Actor, allow
from core.site import local_now

CHUNK = 1_000


def start_check(batch: Batch, what: ImportedList, *, actor: Actor | None, in_background: bool | None = None) -> None:
    """Check the whole file, at once when it is short, else beside the request. Starting again after a stop is fine.

    Raises DomainError, FileRefused among them.
    """
    allow(actor, what.permission)
    if in_background is None:
        in_background = is_long(batch)
    sources = (ImportStatus.UPLOADED, ImportStatus.CHECKING, ImportStatus.CHECKED)
    jobs.run(
        batch.pk,
        _("Checking the rows"),
        lambda progress: _check(batch, what, progress, actor),
        begin=lambda: batches.claim(batch, sources, ImportStatus.CHECKING, problem=""),
        in_background=in_background,
    )
    if not in_background:
        batch.refresh_from_db()


def is_long(batch: Batch) -> bool:
    try:
        with batches.opened(batch) as file:
            rows = data_rows(file, batches.layout_of(batch))
            return sum(1 for _row in islice(rows, batches.INLINE_ROWS + 1)) > batches.INLINE_ROWS
    except DomainError:
        return False


def _check(batch: Batch, what: ImportedList, progress: jobs.Progress, actor: Actor | None) -> None:
    try:
        with batches.opened(batch) as file:
            counts = _write_rows(batch, what, file, progress, actor)
        if not counts:
            raise DomainError(_("There is no row below the header. Choose another header row or another file."))
        batches.claim(batch, (ImportStatus.CHECKING,), ImportStatus.CHECKED, counts=dict(counts))
    except DomainError as error:
        _give_back(batch, error.sentence)
        raise
    except BaseException:
        _give_back(batch, _("The check stopped because of an unexpected error. Check the file again."))
        raise


def _give_back(batch: Batch, sentence: str) -> None:
    type(batch)._default_manager.filter(pk=batch.pk, status=ImportStatus.CHECKING, version=batch.version).update(
        status=ImportStatus.UPLOADED, problem=sentence[:500]
    )


def _write_rows(
    batch: Batch, what: ImportedList, file: BinaryIO, progress: jobs.Progress, actor: Actor | None
) -> Counter[str]:
    layout, counts = batches.layout_of(batch), Counter[str]()
    reader = RowReader(what, layout.headers, batch.mapping, today=local_now().date())
    checker = what.checker(batch, actor)
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


def _stored(batch: Batch, reading: Reading) -> Any:
    return batch.rows.model(
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


def outcomes(batch: Batch) -> Iterator[tuple[str, Any, int]]:
    for outcome in RowOutcome:
        yield outcome.value, outcome.label, batch.counts.get(outcome.value, 0)
