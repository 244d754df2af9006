"""A POST that a program sends again, because it lost the answer, is done once: the header `Idempotency-Key`."""

import json
import re
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from core.errors import SavedUnseen
from core.files.attaching import measured, storing_first
from core.models import KeptAnswer
from core.records.kept_answers import claimed, digest

HEADER = "Idempotency-Key"
KEY = re.compile(r"[!-~]{1,255}")
HEADERS = ("ETag", "Location")
Handler = Callable[..., Response]


class KeyUnusable(ValidationError):
    status_code = 400


class KeyMissing(APIException):
    status_code, default_code = 400, "key_missing"
    default_detail = gettext_lazy(
        "Name this request by a key of your own, such as a UUID, in the header Idempotency-Key: sent again with it,"
        " it is done once."
    )


class KeyReused(ValidationError):
    """The key named another request before."""

    status_code, default_code = 422, "key_reused"
    sentence = gettext_lazy("This key was used for another request. Send a new key with a new request.")


def once(handler: Handler) -> Handler:
    """Decorates a method of a viewset that answers a POST. Only what was done is kept: a refusal changed nothing.

    An answer by `view.shown` is told again as the record stands then, to whoever sees it then.

    SavedUnseen is none: what was done stays, and the sentence that says so is told again. Files are stored before the
    transaction, for which the method is begun twice.
    """

    @wraps(handler)
    def answered(view: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        text = request.headers.get(HEADER)
        if text is None:
            return handler(view, request, *args, **kwargs)
        if KEY.fullmatch(text) is None:
            raise KeyUnusable({HEADER: [_("Send a key of at most 255 visible characters, such as a UUID.")]})
        mine = _new_answer(request, text)
        return storing_first(lambda: claim_and_do(mine, view, request, *args, **kwargs))

    def claim_and_do(mine: KeptAnswer, view: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        with transaction.atomic():
            kept = claimed(mine)
            if kept.pk != mine.pk:
                return _told_again(kept, mine, view)
            try:
                answer = handler(view, request, *args, **kwargs)
            except SavedUnseen as told:
                answer = view.handle_exception(told)
            _keep(kept, answer, view)
            return answer

    answered.is_once = True  # type: ignore[attr-defined]
    return answered


def require_key(request: Request) -> None:
    """Raises KeyMissing."""
    if HEADER not in request.headers:
        raise KeyMissing


def _new_answer(request: Request, key: str) -> KeptAnswer:
    body = json.dumps(_words_of(request), sort_keys=True)
    return KeptAnswer(
        account=request.user,
        operation=f"{request.method} {request.path}",
        key=digest("key", key),
        request_digest=digest("body", f"{request.headers.get('If-Match', '')}\n{body}"),
    )


def _words_of(request: Request) -> Any:
    """The body as JSON says it; of a file its name and what it holds."""
    if not request.FILES:
        return request.data
    words = {name: request.data.getlist(name) for name in request.data if name not in request.FILES}
    sent = {name: [(file.name, measured(file)) for file in found] for name, found in request.FILES.lists()}
    return {"words": words, "files": sent}


def _keep(kept: KeptAnswer, answer: Response, view: Any) -> None:
    """Of an answer that shows a record, which one: it is told anew, as far as whoever asks sees it then."""
    told: dict[str, Any] = {"headers": {name: answer[name] for name in HEADERS if name in answer}}
    key = getattr(answer, "shows", None)
    told |= {"body": answer.data} if key is None else {"shows": str(key)}
    kept.status = answer.status_code
    kept.answer = json.dumps({**told, "was_seen": _is_seen(view)})
    kept.save(update_fields=["status", "answer"])


def _told_again(kept: KeptAnswer, mine: KeptAnswer, view: Any) -> Response:
    """Raises Http404 where the record of the address is hidden since, and what `view.fresh` raises.

    What hid it by itself, as a draft that was discarded, is told again: nobody saw more than that then either.
    """
    if kept.request_digest != mine.request_digest:
        raise KeyReused({HEADER: [KeyReused.sentence]})
    told = json.loads(kept.answer)
    if told["was_seen"] and not _is_seen(view):
        raise Http404(f"No {view.model._meta.object_name} matches the given query.")
    if "shows" not in told:
        return Response(told["body"], status=kept.status, headers=told["headers"])
    answer = view.shown(view.fresh(told["shows"]), status=kept.status)
    for name in told["headers"].keys() - answer.headers.keys():
        answer[name] = told["headers"][name]
    return answer


def _is_seen(view: Any) -> bool:
    """Whether the address names a record that whoever asks sees now."""
    name = view.lookup_url_kwarg or view.lookup_field
    if name not in view.kwargs:
        return False
    return view.get_queryset().filter(**{view.lookup_field: view.kwargs[name]}).exists()


class PortalSchema(AutoSchema):
    """Also says which operations take the header."""

    def get_override_parameters(self) -> list[Any]:
        handler = getattr(self.view, getattr(self.view, "action", None) or "", None)
        if not getattr(handler, "is_once", False):
            return super().get_override_parameters()
        words = (
            "Sent again with the same key and body within 24 hours, the request is not done again: it is answered as"
            " before, a record as it stands then."
        )
        return [
            *super().get_override_parameters(),
            OpenApiParameter(
                HEADER, str, OpenApiParameter.HEADER, required=getattr(self.view, "asks_key", False), description=words
            ),
        ]
