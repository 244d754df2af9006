"""The preview: every row of the file becomes an ImportRow that says what it would do. Writes nothing else."""

from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.audit import trail
from core.db.insert import insert_many
from core.errors import DomainError
from core.imports import batches
from core.imports.declaration import DateRules, ImportedList
from core.imports.enums import ImportAction, ImportStatus, RowOutcome
from core.imports.layout import Account, Layout, Source, data_rows
from core.imports.models import Batch
from core.imports.readings import Reading
from core.imports.rows import RowReader
from core.imports.survey import Survey, survey
from core.mail import jobs
from core.permissions import Actor, allow
from core.records.bulk import collect_young, no_cycles
from core.site import local_now

CHUNK = 1_000
MOST_NAMED = 5


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
        lambda progress: _check(batch, what, progress, actor, is_awaited=not in_background),
        begin=lambda: batches.claim(batch, sources, ImportStatus.CHECKING, problem=""),
        in_background=in_background,
    )
    if not in_background:
        batch.refresh_from_db()


def is_long(batch: Batch) -> bool:
    try:
        with batches.opened(batch) as source:
            rows = data_rows(source, batches.layout_of(batch))
            return sum(1 for _row in islice(rows, batches.INLINE_ROWS + 1)) > batches.INLINE_ROWS
    except DomainError:
        return False


def _check(batch: Batch, what: ImportedList, progress: jobs.Progress, actor: Actor | None, *, is_awaited: bool) -> None:
    """Its end is an event, of which whoever started it is told, unless they wait for the page."""
    try:
        with batches.opened(batch) as source:
            layout = batches.layout_of(batch)
            dates = [header for header, name in batch.mapping.items() if what.targets[name].is_date]
            found = survey(source, layout, dates)
            if not found.account.rows:
                raise DomainError(_("There is no row below the header. Choose another header row or another file."))
            with no_cycles():
                counts, account = _write_rows(batch, what, source, found, progress, actor)
        _require_whole(account, found.account, counts)
        told = {"account": account.as_json(), "seen": _remarks(account, found)}
        with transaction.atomic():
            batches.claim(
                batch,
                (ImportStatus.CHECKING,),
                ImportStatus.CHECKED,
                counts=dict(counts),
                layout=batch.layout | told,
            )
            if not is_awaited:
                trail.record(batch, ImportAction.CHECKED, actor=actor, rows=account.rows)
    except DomainError as error:
        with transaction.atomic():
            if _give_back(batch, error.sentence) and not is_awaited:
                trail.record(batch, ImportAction.STOPPED, actor=actor)
        raise
    except BaseException:
        _give_back(batch, _("The check stopped because of an unexpected error. Check the file again."))
        raise


def _require_whole(account: Account, surveyed: Account, counts: Counter[str]) -> None:
    """Every line is above the header, blank or in a row, and every row has an outcome."""
    lines = account.above + account.blank + account.rows + account.inside
    if lines != account.lines or account != surveyed or sum(counts[item] for item in RowOutcome) != account.rows:
        raise DomainError(_("Not every line of the file was accounted for, so it is not imported. Save it as XLSX."))


def _remarks(account: Account, found: Survey) -> list[str]:
    seen, remarks = account.seen, []
    if seen.hidden_rows:
        remarks.append(
            ngettext(
                "%(count)s row is hidden in the workbook; it was read like the others.",
                "%(count)s rows are hidden in the workbook; they were read like the others.",
                seen.hidden_rows,
            )
            % {"count": f"{seen.hidden_rows:,}"}
        )
    if seen.filled:
        cells = ", ".join(seen.filled[:MOST_NAMED]) + (" …" if len(seen.filled) > MOST_NAMED else "")
        remarks.append(
            _("Merged cells were read as if each held the value of the first: %(cells)s.") % {"cells": cells}
        )
    if seen.formulas:
        remarks.append(
            _("Some cells hold formulas without their values. Open the file in Excel, save it and upload it again.")
        )
    for header, column in found.dates.items():
        if column.order == "":
            remarks.append(
                _("“%(column)s” writes some dates with the day first and others with the month first.")
                % {"column": header}
            )
        elif column.order == "dmy":
            remarks.append(_("“%(column)s” was read as day/month/year.") % {"column": header})
    return remarks


def _give_back(batch: Batch, sentence: str) -> bool:
    """Whether it was still being checked."""
    rows = type(batch)._default_manager.filter(pk=batch.pk, status=ImportStatus.CHECKING, version=batch.version)
    return bool(rows.update(status=ImportStatus.UPLOADED, problem=sentence[:500]))


def _write_rows(
    batch: Batch, what: ImportedList, source: Source, found: Survey, progress: jobs.Progress, actor: Actor | None
) -> tuple[Counter[str], Account]:
    layout, counts, account = batches.layout_of(batch), Counter[str](), Account()
    reader = RowReader(what, layout.headers, batch.mapping, dates=_date_rules(batch, layout, found))
    checker = what.checker(batch, actor)
    batches.forget_rows(batch)
    try:
        readings = (reader.read(line) for line in data_rows(source, layout, account))
        done = 0
        while chunk := list(islice(readings, CHUNK)):
            checker.check(chunk)
            counts.update(reading.outcome for reading in chunk)
            counts["left_out"] += sum("left_out" in reading.made for reading in chunk)
            with transaction.atomic():
                insert_many([_stored(batch, reading) for reading in chunk])
            done += len(chunk)
            progress.advance(done, found.account.rows)
            collect_young()
    finally:
        checker.close()
    return +counts, account


def _date_rules(batch: Batch, layout: Layout, found: Survey) -> DateRules:
    orders = {batch.mapping[header]: order for header, order in found.orders().items()}
    return DateRules(local_now().date(), orders, batches.date_order_of(batch), layout.from_1904)


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
