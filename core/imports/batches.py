"""An import's life as a batch: uploaded, matched, claimed for work, decided, discarded."""

import logging
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from hashlib import sha256
from pathlib import PurePath
from typing import Any, BinaryIO

from django.conf import settings
from django.core.files.base import File
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from core.audit import trail
from core.db.update import update_many
from core.errors import DomainError
from core.imports import mapping, never_stored
from core.imports.declaration import ImportedList
from core.imports.enums import ImportAction, ImportStatus, RowDecision, RowOutcome
from core.imports.layout import Layout, Source, detect_layout, samples
from core.imports.models import Batch, Row
from core.imports.refusals import FileRefused
from core.mail import jobs
from core.permissions import Actor, allow
from core.validators import has_invisible

logger = logging.getLogger("unionops.imports")
# A list of this many rows is worked on at once; a longer one beside the request.
INLINE_ROWS = 500
PIECE = 10_000
DATE_ORDERS = ("mdy", "dmy")
MATCHABLE = (ImportStatus.UPLOADED, ImportStatus.CHECKED)
DECIDABLE = (RowDecision.CREATE, RowDecision.SKIP, RowDecision.RESTORE, RowDecision.SAME)


def upload(
    file: BinaryIO, what: ImportedList, *, file_name: str, actor: Actor | None, sheet: str = "", header_row: int = 0
) -> Any:
    """Keep the file, find its table and propose a mapping. Raises FileRefused; whatever fails, nothing is kept then."""
    allow(actor, what.permission)
    size, digest = _measured(file)
    if size > settings.IMPORT_MAX_BYTES:
        raise FileRefused(
            _("The file is larger than %(limit)s MB. Split the list into smaller files.")
            % {"limit": settings.IMPORT_MAX_BYTES // (1024 * 1024)}
        )
    source = Source(file)
    layout = detect_layout(source, what.known_headers, sheet=sheet, header_row=header_row)
    proposal = mapping.propose(what, samples(source, layout))
    batch = what.batches(
        kind=what.kind, file_name=shown_name(file_name), file_sha256=digest, uploaded_by=actor, mapping=proposal
    )
    batch.layout = layout.as_json()
    file.seek(0)
    batch.file = File(file, name=f"{batch.pk}.{layout.format}")
    try:
        with transaction.atomic():
            typed_in = {"kind", "file_name"}
            batch.full_clean(exclude=[field.name for field in batch._meta.fields if field.name not in typed_in])
            batch.save()
            trail.record(batch, ImportAction.UPLOADED, actor=actor, kind=what.kind)
    except BaseException:
        forget_file(batch)
        raise
    return batch


def _measured(file: BinaryIO) -> tuple[int, str]:
    digest, size = sha256(), 0
    file.seek(0)
    while chunk := file.read(1 << 20):
        digest.update(chunk)
        size += len(chunk)
    return size, digest.hexdigest()


def shown_name(name: str) -> str:
    """The name as it was uploaded, without folders and without what cannot be shown."""
    base = PurePath(name.replace("\\", "/")).name
    kept = "".join(char for char in base if not has_invisible(char)).strip()
    return kept[-200:] or "list"


def layout_of(batch: Batch) -> Layout:
    known = {name: value for name, value in batch.layout.items() if name in Layout.__dataclass_fields__}
    return Layout(**known)


def date_order_of(batch: Batch) -> str:
    return batch.layout.get("date_order") or DATE_ORDERS[0]


@contextmanager
def opened(batch: Batch) -> Iterator[Source]:
    """The uploaded file. Raises FileRefused when the storage no longer has it."""
    try:
        file = batch.file.storage.open(batch.file.name, "rb")
    except FileNotFoundError as error:
        raise FileRefused(_("The uploaded file is no longer kept. Upload it again.")) from error
    with file, ExitStack() as stack:
        content = file.file
        if not content.seekable():
            # A storage that is no disk of this host may give a stream; what reads the list goes back and forth in it.
            content = stack.enter_context(tempfile.TemporaryFile())
            shutil.copyfileobj(file.file, content)
        yield Source(content)


def look_again(batch: Batch, what: ImportedList, *, sheet: str, header_row: int, actor: Actor | None) -> Batch:
    """Take another sheet or header row; the mapping is proposed anew. `header_row` 0: find it."""
    allow(actor, what.permission)
    _require_matchable(batch)
    with opened(batch) as source:
        layout = detect_layout(source, what.known_headers, sheet=sheet, header_row=header_row)
        proposal = mapping.propose(what, samples(source, layout))
    fresh = layout.as_json() | {name: what.option_of(batch, name) for name in what.options}
    claim(batch, MATCHABLE, ImportStatus.UPLOADED, layout=fresh, mapping=proposal)
    return batch


def _require_matchable(batch: Batch) -> None:
    """Before the file is opened, which is gone later."""
    if batch.status not in MATCHABLE:
        raise changed_meanwhile()


def match_columns(
    batch: Batch,
    what: ImportedList,
    chosen: Mapping[str, str],
    *,
    options: Mapping[str, str] | None = None,
    date_order: str = "",
    actor: Actor | None,
) -> Batch:
    """Accept header → field (columns that are left out are ignored) and remember it for files like this one.

    `date_order` says how dates such as 3/4/2020 are meant in columns that do not tell.
    """
    allow(actor, what.permission)
    _require_matchable(batch)
    layout = layout_of(batch)
    mapping.require_usable(what, layout.headers, chosen)
    with opened(batch) as source:
        never_stored.refuse(samples(source, layout), chosen)
    kept = {name: what.option_of(batch, name) for name in what.options} | dict(options or {})
    for name, option in what.options.items():
        if kept[name] not in option.choices.values:
            raise DomainError(option.refusal)
    if date_order and date_order not in DATE_ORDERS:
        raise DomainError(_("Choose whether the month or the day comes first."))
    kept["date_order"] = date_order or date_order_of(batch)
    with transaction.atomic():
        claim(
            batch,
            MATCHABLE,
            ImportStatus.UPLOADED,
            mapping=dict(chosen),
            layout=batch.layout | kept,
        )
        mapping.remember(what, layout.headers, chosen)
        trail.record(batch, ImportAction.MATCHED, actor=actor, columns=len(chosen))
    return batch


def claim(batch: Batch, sources: Sequence[str], target: str, **changes: Any) -> None:
    """Move the batch by a conditional UPDATE: of two people who press the button one is refused.

    The version is part of the condition, so a worker that is thought dead cannot finish after its successor began.
    """
    moved = (
        type(batch)
        ._default_manager.filter(pk=batch.pk, status__in=sources, version=batch.version)
        .update(status=target, version=F("version") + 1, updated_at=timezone.now(), **changes)
    )
    if not moved:
        raise changed_meanwhile()
    batch.refresh_from_db()


def changed_meanwhile() -> DomainError:
    return DomainError(_("Somebody else changed this import meanwhile. Look at it again."))


def require_version(batch: Batch, version: int) -> None:
    """Raise DomainError unless the person saw the batch as it is now; each step then claims that very version."""
    if version != batch.version:
        raise changed_meanwhile()


def decide(batch: Batch, what: ImportedList, decisions: Mapping[int, str], *, actor: Actor | None) -> int:
    """Keep what a person decided about rows (by row number); "" takes a decision back. Returns how many changed.

    Each time the version counts up, so that nobody applies an import with decisions that they have not seen.
    """
    allow(actor, what.permission)
    _require_checked(batch)
    asked = batch.rows.filter(outcome=RowOutcome.DUPLICATE, number__in=list(decisions))
    rows = [row for row in asked if row.decision != decisions[row.number]]
    for row in rows:
        _require_possible(row, decisions[row.number])
        row.decision = decisions[row.number]
    if not rows:
        return 0
    with transaction.atomic():
        claim(batch, (ImportStatus.CHECKED,), ImportStatus.CHECKED)
        update_many(rows, ["decision"])
        for decision, count in sorted(Counter(row.decision for row in rows).items()):
            trail.record(batch, ImportAction.DECIDED, actor=actor, decision=decision, rows=count)
    return len(rows)


def decide_all(batch: Batch, what: ImportedList, decision: str, *, actor: Actor | None, only_open: bool = False) -> int:
    """The same decision for every possible duplicate that may have it. Returns how many have it now."""
    allow(actor, what.permission)
    if decision not in DECIDABLE:
        raise DomainError(_("Choose what to do with the possible duplicates."))
    _require_checked(batch)
    with transaction.atomic():
        claim(batch, (ImportStatus.CHECKED,), ImportStatus.CHECKED)
        rows = batch.rows.filter(outcome=RowOutcome.DUPLICATE)
        if only_open:
            rows = rows.filter(decision="")
        if decision == RowDecision.CREATE:
            rows = rows.filter(Q(record_id=None) | Q(made__alike="another"))
        elif decision == RowDecision.RESTORE:
            rows = rows.filter(made__has_key="restore")
        elif decision == RowDecision.SAME:
            rows = rows.filter(made__has_key="alike")
        decided = _set_in_pieces(rows, decision)
        trail.record(batch, ImportAction.DECIDED, actor=actor, decision=decision, rows=decided)
    return decided


def _set_in_pieces(rows: Any, decision: str) -> int:
    decided, last = 0, 0
    while numbers := list(rows.filter(number__gt=last).order_by("number").values_list("number", flat=True)[:PIECE]):
        decided += rows.filter(number__gt=last, number__lte=numbers[-1]).update(decision=decision)
        last = numbers[-1]
    return decided


def _require_checked(batch: Batch) -> None:
    if not type(batch)._default_manager.filter(pk=batch.pk, status=ImportStatus.CHECKED).exists():
        raise DomainError(_("Decisions are possible while the import is ready to apply."))


def possible_decisions(row: Row) -> tuple[RowDecision, ...]:
    """A row that matches a deleted record restores it or is left out: its number is never used twice."""
    if row.record_id and not row.made.get("alike"):
        return RowDecision.RESTORE, RowDecision.SKIP
    if row.record_id:
        choices = (RowDecision.SAME, RowDecision.CREATE, RowDecision.SKIP)
        return tuple(item for item in choices if item != RowDecision.CREATE or row.made["alike"] == "another")
    return RowDecision.CREATE, RowDecision.SKIP


def _require_possible(row: Row, decision: str) -> None:
    if decision and decision not in possible_decisions(row):
        raise DomainError(_("Row %(row)s cannot be decided like this.") % {"row": row.number})


def discard(batch: Batch, what: ImportedList, *, actor: Actor | None) -> None:
    """Forget an import that was not applied: its rows and its file go, what it was stays in the history."""
    allow(actor, what.permission)
    require_idle(batch)
    sources = (ImportStatus.UPLOADED, ImportStatus.CHECKING, ImportStatus.CHECKED)
    with transaction.atomic():
        claim(batch, sources, ImportStatus.DISCARDED)
        forget_rows(batch)
        trail.record(batch, ImportAction.DISCARDED, actor=actor)
    forget_file(batch)
    jobs.forget(batch.pk)


def forget_file(batch: Batch) -> None:
    """After the transaction: the uploaded file may hold what is never stored. Rows keep what undo and result need."""
    try:
        batch.file.storage.delete(batch.file.name)
    except OSError:
        logger.exception("import file not deleted", extra={"batch": str(batch.pk)})


def forget_rows(batch: Batch) -> None:
    """In pieces: no statement may take long, and outside a transaction others on SQLite write in between."""
    while keys := list(batch.rows.values_list("pk", flat=True)[:PIECE]):
        batch.rows.model._default_manager.filter(pk__in=keys).delete()


def require_idle(batch: Batch) -> None:
    """Raise DomainError while a living job works on the batch."""
    state = jobs.state_of(batch.pk)
    if state is not None and state.is_running:
        raise DomainError(_("This import is being worked on. Wait until it is done."))


def is_stuck(batch: Batch) -> bool:
    """The batch says that it is being worked on, but nobody does: its process stopped."""
    if batch.status not in (ImportStatus.CHECKING, ImportStatus.APPLYING):
        return False
    state = jobs.state_of(batch.pk)
    return state is None or not state.is_running
