"""How a file comes in: looked at by its content, drawn, sealed, stored; then its row is saved by the caller's service.

The content is stored first. So whatever happens, no row is without its content; content without a row is removed at
once where the portal lives to do so, and by the sweeper where it does not.
"""

import base64
import io
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
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
PIECE = 1024 * 1024


@contextmanager
def taken_in(model: type[Row], files: Iterable[UploadedFile], **fields: Any) -> Iterator[list[Row]]:
    """Unsaved rows, one a file, with their content in the store; when the body fails or one file is refused, none is.

    Do it outside the transaction that saves them: sealing and a store far away take their time.
    Raises FileRefused and StoreAway.
    """
    rows: list[Row] = []
    try:
        for file in files:
            rows.append(_taken_in(model, file, fields))
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


def _taken_in(model: type[Row], file: UploadedFile, fields: dict[str, Any]) -> Row:
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
    row = model(
        name=shown_name(file.name or "", kind),
        content_type=kind.content_type,
        size=size,
        sha256=digest,
        state=FileState.HELD if settings.CLAMD else FileState.CLEAN,
        file_key=base64.b64encode(key).decode(),
        shown_size=len(picture),
        **fields,
    )
    file.seek(0)
    row.storage_key = store.put(plain, size, file_key=key)
    try:
        if picture:
            row.shown_key = store.put(io.BytesIO(picture), len(picture), file_key=key)
    except BaseException:
        row.forget_content()
        raise
    return row


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
