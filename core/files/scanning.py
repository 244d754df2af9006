"""Asks a virus scanner, ClamAV's clamd, about each file; until it is clean the file is held.

Without the setting CLAMD nobody is asked and nothing waits. The content goes over a socket of this host or of a trusted
network, for it is plain there.
"""

import logging
import socket
from collections.abc import Callable, Iterable, Mapping
from time import monotonic
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import DomainError
from core.files.enums import FileState

logger = logging.getLogger("unionops.files")
SECONDS = 30
LONGEST_ANSWER = 4096
AT_ONCE = 100
# Then a pass begins no further file: mails and reminders do not wait for a scanner that is stuck.
MOST_SECONDS = 60


class ScannerAway(DomainError):
    code = "scanner_unavailable"


class ScannerSilent(DomainError):
    """The scanner was reached, but did not answer about this file."""

    code = "scanner_unavailable"


class Scanned(NamedTuple):
    """How many files are clean now, and how many could not be looked at because something failed."""

    clean: int
    failed: int


def is_harmful(content: Iterable[bytes]) -> bool | None:
    """What clamd says of it; None when it could not look, as at more than its StreamMaxLength.

    Raises ScannerAway when nobody answers there, and ScannerSilent.
    """
    with _connected(settings.CLAMD) as line:
        try:
            said = _said(line, content)
        except OSError as error:
            raise ScannerSilent(_("The virus scanner does not answer about this file; it waits.")) from error
    if said.endswith(b"FOUND"):
        return True
    return False if said.endswith(b": OK") else None


def _said(line: socket.socket, content: Iterable[bytes]) -> bytes:
    """The answer; b"" from a clamd that closed the line first, as it does in the midst of what is too long for it."""
    answer = b""
    try:
        line.sendall(b"zINSTREAM\0")
        for piece in content:
            if piece:
                line.sendall(len(piece).to_bytes(4, "big") + piece)
        line.sendall(bytes(4))
        while b"\0" not in answer and len(answer) < LONGEST_ANSWER and (part := line.recv(LONGEST_ANSWER)):
            answer += part
    except ConnectionError:
        return b""
    return answer.rstrip(b"\0\n")


def _connected(address: str) -> socket.socket:
    """`address` is the path of a socket, or host:port. Raises ScannerAway."""
    try:
        if address.startswith("/"):
            line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            line.settimeout(SECONDS)
            line.connect(address)
            return line
        host, _colon, port = address.rpartition(":")
        return socket.create_connection((host, int(port)), timeout=SECONDS)
    except (OSError, ValueError) as error:
        raise ScannerAway(_("The virus scanner does not answer; files wait until it does.")) from error


def scan_held(kinds: Mapping[Any, Callable[[Any], None]]) -> Scanned:
    """Ask about held files of these models: those first that were never tried, then those that waited longest.

    Each model comes with what saves and tells that a file of it is harmful. A file that clamd could not look at, or
    that fails, stays held and hinders no other. Raises ScannerAway; then all that are left stay held.
    """
    clean = failed = 0
    begun = monotonic()
    for row in _held(kinds):
        # Before the try, so that a file at which the process dies is not the first of the next run.
        type(row)._base_manager.filter(pk=row.pk).update(scan_tried_at=timezone.now())
        try:
            clean += _scan(row, kinds[type(row)])
        except ScannerAway:
            raise
        except Exception:
            logger.exception("a file could not be scanned", extra={"file": str(row.pk)})
            failed += 1
        if monotonic() - begun > MOST_SECONDS:
            break
    return Scanned(clean, failed)


def _held(models: Iterable[Any]) -> list[Any]:
    """One queue for all models: where time is short none of them keeps another from its turn."""
    never_first = F("scan_tried_at").asc(nulls_first=True)
    held = [model._base_manager.filter(state=FileState.HELD) for model in models]
    rows = [row for found in held for row in found.order_by(never_first, "added_at", "pk")[:AT_ONCE]]
    rows.sort(key=lambda row: (row.scan_tried_at is not None, row.scan_tried_at or row.added_at, row.added_at))
    return rows[:AT_ONCE]


def _scan(row: Any, found_harmful: Callable[[Any], None]) -> int:
    # A local that does without the scanner since: nothing waits for what nobody does.
    harmful = is_harmful(row.content()) if settings.CLAMD else False
    if harmful:
        found_harmful(row)
    if harmful is not False:
        return 0
    held = type(row)._base_manager.filter(pk=row.pk, state=FileState.HELD)
    return int(held.update(state=FileState.CLEAN))
