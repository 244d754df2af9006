"""A form that makes a record makes one, however often it is sent: by a double click, or by “back” and a second click.

The page carries a token. Whoever sends it again with the same words is led to what the first made; with other words
they are asked whether they mean another record, on a page with a token of its own.
"""

import re
import uuid
from collections.abc import Callable
from hashlib import sha256
from typing import Any

from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _

from core.errors import DomainError
from core.files.attaching import storing_first
from core.models import KeptAnswer
from core.records.kept_answers import claimed, digest, still_kept

FIELD = "form_token"
TOKEN = re.compile(r"[0-9a-f]{32}")
UNSAID = (FIELD, "csrfmiddlewaretoken")


class SentBefore(DomainError):
    """The token made another record already."""


def new_token() -> str:
    return uuid.uuid4().hex


def token_of(request: HttpRequest) -> str:
    """The token that was sent; "" without one that a page of ours gave."""
    sent = request.POST.get(FIELD, "")
    return sent if TOKEN.fullmatch(sent) else ""


def once(request: HttpRequest, work: Callable[[], str]) -> tuple[str, bool]:
    """Do `work`, which returns where to go next, unless this form was sent before; return where, and whether it was.

    Neither the address nor the words are kept, for they could tell of a campaign. Raises what `work` raises, which
    leaves the token unused, and SentBefore. Files are stored before the transaction, for which `work` is begun twice.
    """
    mine = _new_answer(request)
    return storing_first(lambda: _claimed(mine, work))


def _claimed(mine: KeptAnswer, work: Callable[[], str]) -> tuple[str, bool]:
    with transaction.atomic():
        kept = claimed(mine)
        if kept.pk != mine.pk:
            if kept.request_digest != mine.request_digest:
                raise SentBefore(
                    _("This form was saved before, with other words. To save this as well, send it again.")
                )
            return kept.answer, True
        kept.answer = work()
        kept.save(update_fields=["answer"])
        return kept.answer, False


def made_before(request: HttpRequest) -> str:
    """Where to go when these very words were saved already, and now stand in their own way; else ""."""
    if not token_of(request):
        return ""
    mine = _new_answer(request)
    kept = still_kept(mine)
    return kept.answer if kept is not None and kept.request_digest == mine.request_digest else ""


def _new_answer(request: HttpRequest) -> KeptAnswer:
    words = sorted((name, values) for name, values in request.POST.lists() if name not in UNSAID)
    files = sorted((name, file.name, _digest_of(file)) for name, found in request.FILES.lists() for file in found)
    return KeptAnswer(
        account_id=request.user.pk,
        operation=KeptAnswer.FORM,
        key=digest("form", f"{request.path} {token_of(request)}"),
        request_digest=digest("words", repr((words, files))),
    )


def _digest_of(file: Any) -> str:
    found = sha256()
    for chunk in file.chunks():
        found.update(chunk)
    file.seek(0)
    return found.hexdigest()
