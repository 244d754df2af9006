"""How a file comes in: looked at by its content, drawn, sealed, stored; then its row is saved by the caller's service.

The content is stored first. So whatever happens, no row is without its content; content without a row is removed at
once where the portal lives to do so, and by the sweeper where it does not.

Drawing and storing take their time, in which no transaction may be open: SQLite has one lock for all who write. Work
that has to begin its transaction before it comes to the files, as that of a key, is done by `storing_first`.
"""

import base64
import io
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, BinaryIO, TypeVar, cast

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import DomainError
from core.files import store
from core.files.drawing import drawn
from core.files.enums import FileState
from core.files.kinds import FileRefused, kind_of
from core.files.models import Attachment
from core.files.names import shown_name
from core.files.sealing import new_key

Row = TypeVar("Row", bound=Attachment)
Result = TypeVar("Result")
Values = dict[str, Any]  # what a row says of the content of its file
PIECE = 1024 * 1024


class _StoreFirst(BaseException):
    """Undoes work that has come to files, until they are stored. No error, so that nobody else catches it."""

    def __init__(self, files: Iterable[UploadedFile]) -> None:
        self.files = files


@dataclass(slots=True)
class _Ahead:
    """Of each file that was stored before the work, the values or what refuses it; and of which a row was made."""

    found: dict[UploadedFile, Values | DomainError] = field(default_factory=dict)
    used: set[UploadedFile] = field(default_factory=set)

    def ask(self, files: Iterable[UploadedFile]) -> None:
        if missing := [file for file in files if file not in self.found]:
            raise _StoreFirst(missing)

    def store(self, files: Iterable[UploadedFile]) -> None:
        for file in files:
            try:
                self.found[file] = _stored(file)
            except DomainError as error:
                self.found[file] = error

    def use(self, file: UploadedFile) -> Values:
        found = self.found[file]
        if isinstance(found, DomainError):
            raise found
        self.used.add(file)
        return found

    def forget(self, *, unless: Iterable[UploadedFile] = ()) -> None:
        for file in self.found.keys() - set(unless):
            if not isinstance(found := self.found[file], DomainError):
                store.forget(found["storage_key"], found["shown_key"])


_ahead: ContextVar[_Ahead | None] = ContextVar("_ahead", default=None)


def storing_first(work: Callable[[], Result]) -> Result:
    """Return what `work` returns, which is one transaction. Where it comes to files it is undone and done again, once
    they are stored; what no row took of them then is removed, and all of it when the work fails.
    """
    ahead = _Ahead()
    token = _ahead.set(ahead)
    try:
        while True:
            try:
                result = work()
                break
            except _StoreFirst as asked:
                ahead.used.clear()
                ahead.store(asked.files)
    except BaseException:
        ahead.forget()
        raise
    finally:
        _ahead.reset(token)
    ahead.forget(unless=ahead.used)
    return result


@contextmanager
def taken_in(model: type[Row], files: Iterable[UploadedFile], **fields: Any) -> Iterator[list[Row]]:
    """Unsaved rows, one a file, with their content in the store; when the body fails or one file is refused, none is.

    Do it outside the transaction that saves them, or within `storing_first`. Raises FileRefused and StoreAway.
    """
    files, ahead = list(files), _ahead.get()
    if ahead is not None:
        ahead.ask(files)
    rows: list[Row] = []
    try:
        for file in files:
            rows.append(model(**fields, **(_stored(file) if ahead is None else ahead.use(file))))
        yield rows
    except BaseException:
        for row in rows:
            row.forget_content()
        raise


@dataclass(frozen=True, slots=True)
class Added:
    """Of files sent together: the rows that were kept, and of the rest the name and why."""

    kept: list[Any]
    refused: list[tuple[str, DomainError]]


@contextmanager
def taken_each(
    model: type[Row], files: Iterable[UploadedFile], known: Callable[[Row], Row | None], **fields: Any
) -> Iterator[tuple[list[Row], Added]]:
    """As `taken_in`, but a file that is refused hinders no other; the body saves the first list, the fresh rows.

    `known` finds the row of the same content: it stands among the kept ones in place of a second one.
    """
    fresh: list[Row] = []
    added = Added([], [])
    files = list(files)
    if (ahead := _ahead.get()) is not None:
        ahead.ask(files)
    with ExitStack() as taken:
        for file in files:
            try:
                (row,) = taken.enter_context(taken_in(model, [file], **fields))
            except DomainError as error:
                added.refused.append((file.name or "", error))
                continue
            same = next((other for other in fresh if other.sha256 == row.sha256), None) or known(row)
            if same is None:
                fresh.append(row)
            else:
                row.forget_content()
            added.kept.append(same or row)
        yield fresh, added


def _stored(file: UploadedFile) -> Values:
    if (file.size or 0) > settings.FILE_MAX_BYTES:
        raise FileRefused(
            _("This file is larger than %(most)s. Send its pages one by one, or a smaller copy.")
            % {"most": filesizeformat(settings.FILE_MAX_BYTES)}
        )
    plain = cast(BinaryIO, file)
    kind = kind_of(plain)
    picture = drawn(plain, kind)
    size, digest = measured(file)
    key = new_key()
    file.seek(0)
    storage_key, shown_key = store.put(plain, size, file_key=key), None
    try:
        if picture:
            shown_key = store.put(io.BytesIO(picture), len(picture), file_key=key)
    except BaseException:
        store.forget(storage_key)
        raise
    return {
        "name": shown_name(file.name or "", kind),
        "content_type": kind.content_type,
        "size": size,
        "sha256": digest,
        "state": FileState.HELD if settings.CLAMD else FileState.CLEAN,
        "file_key": base64.b64encode(key).decode(),
        "storage_key": storage_key,
        "shown_key": shown_key,
        "shown_size": len(picture),
    }


def measured(file: Any) -> tuple[int, str]:
    """Length and SHA-256 of the whole."""
    digest, size = sha256(), 0
    file.seek(0)
    while piece := file.read(PIECE):
        digest.update(piece)
        size += len(piece)
    return size, digest.hexdigest()


def supersede(row: Any, *, by: Attachment | None = None) -> None:
    """`by` takes the place of `row`; without it the row is taken back. Raises DomainError when that was done before."""
    rows = type(row)._default_manager.filter(pk=row.pk, superseded_at=None)
    if not rows.update(superseded_at=timezone.now(), superseded_by=by):
        raise DomainError(_("This file was replaced or taken back already. Load the page again."))
