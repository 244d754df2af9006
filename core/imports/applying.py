"""Applying a checked import: one transaction, all rows accounted for."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from django.db import IntegrityError, OperationalError, transaction
from django.db.models import Count, F, Max, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from core.audit import trail
from core.contention import is_contention
from core.db.copying import sending
from core.db.update import update_many
from core.errors import DomainError
from core.imports import batches
from core.imports.declaration import ImportedList
from core.imports.enums import ImportAction, ImportStatus, RowDecision, RowOutcome
from core.imports.models import Batch, Row
from core.mail import jobs
from core.permissions import Actor, allow
from core.records.bulk import collect_young, no_cycles

CHUNK = 1_000
WRITTEN = ["applied", "record_id", "record_version", "before", "after", "made", "problems"]


def start_apply(batch: Batch, what: ImportedList, *, actor: Actor | None, in_background: bool | None = None) -> None:
    """Make the changes of the preview; also begins again an apply whose process stopped.

    Raises DomainError when somebody else was quicker, or when the records no longer allow it.
    """
    allow(actor, what.permission)
    if in_background is None:
        in_background = acting_rows(batch, what).count() > batches.INLINE_ROWS
    sources = (ImportStatus.CHECKED, ImportStatus.APPLYING)
    jobs.run(
        batch.pk,
        _("Applying the rows"),
        lambda progress: _apply(batch, what, progress, actor),
        begin=lambda: batches.claim(batch, sources, ImportStatus.APPLYING, problem=""),
        in_background=in_background,
    )
    if not in_background:
        batch.refresh_from_db()


def acting_rows(batch: Batch, what: ImportedList) -> Any:
    """The rows that write something."""
    acts = Q(outcome__in=(RowOutcome.NEW, RowOutcome.CHANGED)) | Q(
        outcome=RowOutcome.DUPLICATE, decision__in=(RowDecision.CREATE, RowDecision.RESTORE, RowDecision.SAME)
    )
    if what.repeated_rows_act(batch):
        acts |= Q(outcome=RowOutcome.REPEATED)
    return batch.rows.filter(acts)


def in_chunks(rows: Any, size: int = CHUNK) -> Iterator[list[Row]]:
    """Without what the file said literally, of which nothing depends."""
    rows = rows.defer("raw")
    last = 0
    while chunk := list(rows.filter(number__gt=last).order_by("number")[:size]):
        yield chunk
        last = chunk[-1].number


def _apply(batch: Batch, what: ImportedList, progress: jobs.Progress, actor: Actor | None) -> None:
    version = batch.version
    try:
        with no_cycles(), transaction.atomic():
            _wait_for_others(batch)
            with sending():
                _apply_rows(batch, what, progress, actor)
            _conclude(batch, actor)
    except IntegrityError as error:
        sentence = _("Somebody recorded one of these meanwhile. Check the file again, then apply it.")
        _give_back(batch, version, sentence)
        raise DomainError(sentence) from error
    except DomainError as error:
        _give_back(batch, version, error.sentence)
        raise
    except BaseException:
        sentence = _("The import stopped because of an unexpected error. Nothing was changed; try again.")
        _give_back(batch, version, sentence)
        raise
    batches.forget_file(batch)


def _wait_for_others(batch: Batch) -> None:
    """Imports of a kind are applied one after another, or two would each make the person whom both lists name."""
    others = type(batch)._default_manager.filter(status=ImportStatus.APPLYING, kind=batch.kind).order_by("pk")
    try:
        list(others.select_for_update(of=("self",)).values_list("pk", flat=True))
    except OperationalError as error:
        if not is_contention(error):
            raise
        raise DomainError(_("Another list is being applied. Wait until it is done, then apply this one.")) from error


def _apply_rows(batch: Batch, what: ImportedList, progress: jobs.Progress, actor: Actor | None) -> None:
    applier = what.applier(batch, actor)
    rows, done = acting_rows(batch, what), 0
    applier.begin(rows)
    total = rows.count()
    needed = {"row", "left_out", *what.found_at_check}
    for chunk in in_chunks(rows):
        for row in chunk:
            row.before, row.after = {}, {}
            row.made = {name: value for name, value in row.made.items() if name in needed}
        applier.apply(chunk)
        update_many(chunk, WRITTEN)
        done += len(chunk)
        progress.advance(done, total)
        collect_young()


def _conclude(batch: Batch, actor: Actor | None) -> None:
    """Rows that wrote nothing keep their outcome; the counts tell both what was found and what was done."""
    last = batch.rows.aggregate(last=Max("number"))["last"] or 0
    for start in range(0, last, batches.PIECE):
        rest = batch.rows.filter(applied="", number__gt=start, number__lte=start + batches.PIECE)
        rest.update(applied=F("outcome"))
    applied = Counter(
        {item["applied"]: item["rows"] for item in batch.rows.order_by().values("applied").annotate(rows=Count("pk"))}
    )
    batches.claim(
        batch,
        (ImportStatus.APPLYING,),
        ImportStatus.APPLIED,
        counts=batch.counts | {"applied": dict(applied)},
        applied_by=actor,
        applied_at=timezone.now(),
    )
    trail.record(batch, ImportAction.APPLIED, actor=actor, **{str(key): count for key, count in applied.items()})


def _give_back(batch: Batch, version: int, sentence: str) -> None:
    """Only as long as nobody has begun it again; `version` is the one that this apply began with."""
    type(batch)._default_manager.filter(pk=batch.pk, status=ImportStatus.APPLYING, version=version).update(
        status=ImportStatus.CHECKED, problem=sentence[:500]
    )
