"""Asks a virus scanner, ClamAV's clamd, about each file; until it is clean the file is held.

Without the setting CLAMD nobody is asked and nothing waits. The content goes over a socket of this host or of a trusted
network, for it is plain there.
"""

import socket
from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from core.errors import DomainError
from core.files.enums import FileState

SECONDS = 30
LONGEST_ANSWER = 4096
AT_ONCE = 100


class ScannerAway(DomainError):
    code = "scanner_unavailable"


def is_harmful(content: Iterable[bytes]) -> bool | None:
    """What clamd says of it; None when it could not look, as at more than its StreamMaxLength. Raises ScannerAway."""
    try:
        with _connected(settings.CLAMD) as line:
            line.sendall(b"zINSTREAM\0")
            for piece in content:
                if piece:
                    line.sendall(len(piece).to_bytes(4, "big") + piece)
            line.sendall(bytes(4))
            answer = b""
            while b"\0" not in answer and len(answer) < LONGEST_ANSWER and (part := line.recv(LONGEST_ANSWER)):
                answer += part
    except (OSError, ValueError) as error:
        raise ScannerAway(_("The virus scanner does not answer; files wait until it does.")) from error
    said = answer.rstrip(b"\0\n")
    if said.endswith(b"FOUND"):
        return True
    return False if said.endswith(b": OK") else None


def _connected(address: str) -> socket.socket:
    """`address` is the path of a socket, or host:port."""
    if address.startswith("/"):
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        line.settimeout(SECONDS)
        line.connect(address)
        return line
    host, _colon, port = address.rpartition(":")
    return socket.create_connection((host, int(port)), timeout=SECONDS)


def scan_held(model: Any, found_harmful: Callable[[Any], None]) -> int:
    """Ask about the oldest held files of `model`; `found_harmful` saves and tells. Returns how many are clean now.

    One that clamd could not look at stays held. Raises ScannerAway and StoreAway; then all that are left stay held.
    """
    clean = 0
    rows = model._base_manager.filter(state=FileState.HELD).order_by("added_at", "pk")
    for row in rows[:AT_ONCE]:
        # A local that does without the scanner since: nothing waits for what nobody does.
        harmful = is_harmful(row.content()) if settings.CLAMD else False
        if harmful:
            found_harmful(row)
        elif harmful is False:
            clean += model._base_manager.filter(pk=row.pk, state=FileState.HELD).update(state=FileState.CLEAN)
    return clean
