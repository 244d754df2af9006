"""What is shown of a picture or a PDF: drawn by a program of its own (draw.py), with limits on its memory and time."""

import contextlib
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO, BinaryIO, cast

from django.conf import settings
from django.utils.translation import gettext as _

from core.files.kinds import HEIC, FileRefused, Kind

PROGRAM = Path(__file__).with_name("draw.py")
SECONDS = 20
PIECE = 64 * 1024
FORMS = {HEIC: "HEIF"}


def drawn(file: BinaryIO, kind: Kind) -> bytes:
    """A JPEG of the picture, upright and without metadata, or of the first page; b"" where a kind is not drawn.

    Raises FileRefused when it cannot be opened, asks for a password or has too many pixels.
    """
    if not kind.drawn:
        return b""
    file.seek(0)
    head, picture = _run(
        kind.drawn, FORMS.get(kind, kind.label), lambda target: shutil.copyfileobj(file, target, PIECE)
    )
    if refused := head.get("refused"):
        raise FileRefused(_why(refused, kind))
    return picture


def one_document(pictures: Iterable[Iterable[bytes]]) -> bytes:
    """A PDF of JPEGs as `drawn` made them, one on each page."""

    def write(target: IO[bytes]) -> None:
        for parts in pictures:
            picture = b"".join(parts)
            target.write(len(picture).to_bytes(8, "big") + picture)

    head, document = _run("pages", "-", write)
    if "refused" in head:
        raise FileRefused(_("These photos could not be put into one PDF. Open them one by one."))
    return document


def _why(refused: str, kind: Kind) -> str:
    if refused == "password":
        return _("This PDF asks for a password. Open it, print it to a PDF without one, and send that.")
    if refused == "large":
        most = settings.FILE_MAX_PIXELS // 1_000_000
        return _("This picture has more than %(most)s million pixels. Make it smaller, or take a photo of it.") % {
            "most": most
        }
    return _("This %(kind)s file is damaged and cannot be opened. Save it again, or send a photo of it.") % {
        "kind": kind.label
    }


def _run(action: str, detail: str, write: Callable[[IO[bytes]], None]) -> tuple[dict[str, str], bytes]:
    """The line that the program wrote, and what followed. One that died or took too long counts as damaged."""
    command = [sys.executable, "-I", str(PROGRAM), action, detail, str(settings.FILE_MAX_PIXELS)]
    process = subprocess.Popen(  # noqa: S603  our own program and numbers
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={}
    )
    try:
        with contextlib.suppress(BrokenPipeError):
            write(cast(IO[bytes], process.stdin))
        answer, _errors = process.communicate(timeout=SECONDS)
    except subprocess.TimeoutExpired:
        answer = b""
    finally:
        process.kill()
        process.wait()
    head, _line, rest = answer.partition(b"\n")
    if process.returncode or not head:
        return {"refused": "damaged"}, b""
    return json.loads(head), rest
