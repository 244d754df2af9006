"""The base of every API view: the same permissions, rows, filters and pages as the portal's own pages."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.exceptions import ValidationError as InvalidValues
from django.forms import BaseForm
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.authentication import SessionScheme
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import pagination, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.exceptions import PermissionDenied as NoPermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import exception_handler as rest_handler

from core import contention, request_id
from core.api.metadata import fields_of
from core.api.once import once, require_key
from core.api.parts import Parts
from core.api.places import Places
from core.api.rows import columns
from core.api.versions import HEADER, etag, named_by_header, seen_version
from core.audit import trail
from core.db.prepared import Prepared
from core.enums import ReadKind
from core.errors import DomainError, EditConflict, MoveConflict, SavedUnseen
from core.models import SoftDelete
from core.permissions import Actor
from core.records.workflow import denied
from core.web.errors import WORDS
from core.web.first_page import FirstPage, asked_by, by_key
from core.web.keyset import Page, Sort, paginate, url
from core.web.moves import Move, Moves
from core.web.required import said_plainly


class PortalSessionScheme(SessionScheme):
    target_class = "core.api.access.SessionAuthentication"
    priority = 1


class KeysetPagination(pagination.BasePagination):
    """Pages by `after` or `before`, sealed places; `count` is exact to 1,000, `count_is_exact` says so."""

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        page = paginate(
            queryset,
            params=request.query_params,
            sort=view.sort,
            narrowed=view.narrowed,
            positions=view.get_queryset,
            read=view.places.read,
        )
        return self.take(page, request, view)

    def take(self, page: Page, request: Request, view: Any) -> list[Any]:
        """The rows of the page of which the answer will tell."""
        self.page, self.request, self.places = page, request, view.places
        return self.page.rows

    def get_paginated_response(self, data: Any) -> Response:
        rows = self.page.rows
        return Response(
            {
                "count": min(self.page.count, 1000),
                "count_is_exact": self.page.count <= 1000,
                "next": self._address("after", rows[-1]) if self.page.next_url else None,
                "previous": self._address("before", rows[0]) if self.page.previous_url else None,
                "results": data,
            }
        )

    def _address(self, name: str, row: Any) -> str:
        asked = self.request.build_absolute_uri(self.request.path)
        return asked + url(self.request.query_params, {name: self.places.of(row)})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        url = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "required": ["count", "count_is_exact", "next", "previous", "results"],
            "properties": {
                "count": {"type": "integer"},
                "count_is_exact": {"type": "boolean"},
                "next": url,
                "previous": url,
                "results": schema,
            },
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        text = {"type": "string"}
        words = "A place in this list, from `{}` of an answer; it means nothing elsewhere or to another account."
        return [
            {"name": name, "in": "query", "schema": text, "description": words.format(whence)}
            for name, whence in (("after", "next"), ("before", "previous"))
        ]


class ErrorSerializer(serializers.Serializer):
    detail = serializers.CharField()
    code = serializers.CharField()


class InvalidQuerySerializer(ErrorSerializer):
    fields = serializers.DictField(child=serializers.ListField(child=serializers.CharField()))  # type: ignore[assignment]


ERRORS = {
    401: OpenApiResponse(ErrorSerializer, "Sign in first."),
    403: OpenApiResponse(
        ErrorSerializer, "No live role of yours may do this, or the last proof of who you are is old."
    ),
    406: OpenApiResponse(ErrorSerializer, "Only JSON is spoken here."),
    429: OpenApiResponse(ErrorSerializer, "A program asked too often; Retry-After says for how many seconds to wait."),
}
REUSED = OpenApiResponse(InvalidQuerySerializer, "The idempotency key was used for another request.")
INVALID = OpenApiResponse(InvalidQuerySerializer, "A filter has a value that it cannot have.")


def documented(serializer: type[serializers.Serializer]) -> Any:
    """Decorates a GatedViewSet: what its two operations answer."""
    missing = OpenApiResponse(ErrorSerializer, "There is no such record, or none that you may see.")
    return extend_schema_view(
        list=extend_schema(responses={200: serializer(many=True), 400: INVALID, **ERRORS}),
        retrieve=extend_schema(responses={200: serializer, 404: missing, **ERRORS}),
    )


READING = ("list", "retrieve")


class InvalidBody(ValidationError):
    """Values that a record cannot have."""

    status_code = 422


class GatedViewSet(viewsets.ReadOnlyModelViewSet):
    """Reading through `visible_to` and the list page's own filter set."""

    # Whether every POST names an idempotency key, because what it does may not be done twice.
    asks_key = False
    permission: str | tuple[str, ...] = ()
    sort = Sort("id", "pk", "id")
    model: Any = None
    filterset_class: Any = None
    pagination_class = KeysetPagination
    parts: Sequence[Parts] = ()
    # Whether the rows, unfiltered, hang on nothing but the permissions and keys of the person; see core.db.prepared.
    is_prepared = False
    lookup_value_regex = "[0-9]{1,18}"
    # What is said where something was saved of which the person no longer sees the record.
    unseen: Any = gettext_lazy("It was saved, and somebody took the record away at once. Read the list again.")

    def visible(self) -> Any:
        return self.model._default_manager.visible_to(self.request.user)

    def get_queryset(self) -> Any:
        """Deleted records are answered only in the list, to those who may restore them and ask for them."""
        rows = self.visible()
        if self.action != "list" and issubclass(self.model, SoftDelete):
            rows = rows.alive()
        rows = self.for_answer(rows)
        return rows.only(*self.sent(), self.sort.field) if self.action in READING else rows

    def for_answer(self, rows: Any) -> Any:
        return rows

    def sent(self) -> Sequence[str]:
        """The columns that an answer needs; a move gets the whole row."""
        return columns(self.serializer_class)

    @property
    def places(self) -> Places:
        return Places(self.model, self.sort, self.request.user)

    @property
    def narrowed(self) -> bool:
        return bool(self.request.query_params.get("q", "").strip())

    def filter_queryset(self, queryset: Any) -> Any:
        if self.action != "list":
            return queryset
        self.filterset = self.filterset_class(self.request.query_params, queryset=queryset, request=self.request)
        if not self.filterset.is_valid():
            raise ValidationError(self.filterset.errors)
        return self.filterset.qs

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        given: dict[str, str] = {}
        if self.is_prepared and not request.query_params:
            rows = self.paginator.take(first_page(type(self))(request.user), request, self)
        else:
            rows = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
            # Only what the form has checked: of other words nobody knows whether the database takes them.
            checked = self.filterset.form.fields
            given = {name: value for name, value in request.query_params.items() if name in checked}
        answer = self.get_paginated_response(self.told(rows))
        trail.read(self.model, ReadKind.LISTED, actor=request.user, rows=len(rows), filters=given)
        return answer

    def get_object(self) -> Any:
        if not self.is_prepared or self.action != "retrieve":
            return super().get_object()
        key = self.model._meta.pk.to_python(self.kwargs["pk"])
        record = row_of(type(self)).first(self.request.user, pk=key)
        if record is None:
            raise Http404(f"No {self.model._meta.object_name} matches the given query.")
        return record

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        record = self.get_object()
        return self.shown(record)

    def shown(self, record: Any, *, status: int = 200) -> Response:
        """The record as it stands, with its version where it has one; who sees it is recorded."""
        trail.read(record, ReadKind.OPENED, actor=self.request.user)
        told = self.told([record])[0]
        headers = {"ETag": etag(told["version"])} if "version" in told else {}
        answer: Any = Response(told, status=status, headers=headers)
        answer.shows = record.pk
        return answer

    def fresh(self, key: Any) -> Any:
        """The record as an answer tells it. Raises SavedUnseen where the person does not see it any more."""
        row = self.for_answer(self.visible()).only(*self.sent()).filter(pk=key).first()
        if row is None:
            raise SavedUnseen(str(self.unseen))
        return row

    def created(self, key: Any) -> Response:
        """Answer the POST that made this record: 201, with its address."""
        answer = self.shown(self.fresh(key), status=201)
        answer["Location"] = self.request.build_absolute_uri(f"{self.request.path}{key}/")
        return answer

    def told(self, rows: Sequence[Any]) -> Any:
        """The rows with their parts, as the answer has them."""
        for part in self.parts:
            part.attach(rows)
        serializer = self.get_serializer()
        return [serializer.to_representation(row) for row in rows]


@cache
def first_page(viewset: type[GatedViewSet]) -> FirstPage:
    def rows(asker: Actor) -> Any:
        view = viewset(request=asked_by(asker), action="list")
        return view.filter_queryset(view.get_queryset())

    return FirstPage(rows, viewset.sort)


@cache
def row_of(viewset: type[GatedViewSet]) -> Prepared:
    return by_key(lambda asker: viewset(request=asked_by(asker), action="retrieve").get_queryset())


UUID_PATTERN = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
Plain = str | int | float | bool | None


class MoveResultSerializer(serializers.Serializer):
    """The record's status after the move, and what may be done next."""

    status = serializers.CharField()
    version = serializers.IntegerField()


def moved(serializer: type[serializers.Serializer]) -> Any:
    """Decorates a WorkflowViewSet: what its three operations answer."""
    invalid = OpenApiResponse(InvalidQuerySerializer, "A value that the move cannot take, or a key that is used.")
    refused = OpenApiResponse(ErrorSerializer, "The moment does not allow this move; the sentence says why.")
    missing = OpenApiResponse(ErrorSerializer, "There is no such record or move, or none that you may see.")
    unread = OpenApiResponse(ErrorSerializer, "Send JSON.")
    broken = OpenApiResponse(ErrorSerializer, "This is not JSON.")
    stale = OpenApiResponse(ErrorSerializer, "Somebody changed the record since the version that If-Match names.")
    unnamed = OpenApiResponse(ErrorSerializer, "If-Match names no version.")
    answers: dict[int, Any] = {200: MoveResultSerializer, 400: broken, 404: missing, 409: refused, 412: stale}
    answers |= {415: unread, 422: invalid, 428: unnamed, **ERRORS}

    def decorate(view: Any) -> Any:
        view = documented(serializer)(view)
        body = {"application/json": {"type": "object", "additionalProperties": True}}
        header = named_by_header(required=False)
        return extend_schema_view(take=extend_schema(request=body, parameters=[header], responses=answers))(view)

    return decorate


class WorkflowViewSet(GatedViewSet):
    """Also takes moves: POST `<record>/moves/<move>/` with the fields of the page's form as JSON.

    The version that was read is one of them, or named by `If-Match`.
    """

    moves: Moves
    lookup_value_regex = UUID_PATTERN

    @action(detail=True, methods=["post"], url_path="moves/(?P<move>[a-z_]{1,40})")
    @once
    def take(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Take a move. OPTIONS on the same address tells the fields that it asks for."""
        record, move = self.get_object(), kwargs["move"]
        self.moves.check(record, move, request.user)
        _row, chosen = self.moves.find(move)
        values = plain_values(request.data)
        if HEADER in request.headers:
            values["version"] = seen_version(request)
        form = chosen.form_class(values, record=record, actor=request.user)
        if not form.is_valid():
            raise InvalidBody(told_of(form))
        if self.asks_key:
            require_key(request)
        self.before_move(chosen)
        try:
            result = self.moves.take(record, move, form, request.user)
        except InvalidValues as error:
            raise InvalidBody(faults_of(error)) from error
        return Response({"status": getattr(result, self.moves.flow.field), "version": result.version})

    def options(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Of a move also its fields, to whoever may take it; that shows the record, as the move's page does."""
        answer = super().options(request, *args, **kwargs)
        if "move" in kwargs:
            record, (row, move) = self.get_object(), self.moves.find(kwargs["move"])
            if not self.moves.flow.may(row, record, request.user):
                raise denied(row)
            trail.read(record, ReadKind.OPENED, actor=request.user)
            answer.data["fields"] = fields_of(move.form_class(record=record, actor=request.user))
        return answer

    def before_move(self, move: Move) -> None:
        """May raise what is answered instead of taking the move."""


HALF = gettext_lazy("Send whole characters: one of these is half of one.")


def has_half(text: str) -> bool:
    """Whether half a surrogate pair, which only JSON can say, is in the text; no answer could repeat it."""
    return any("\ud800" <= character <= "\udfff" for character in text)


def plain_values(body: Any) -> dict[str, Any]:
    """The fields of a JSON body as a form reads them: single values, or lists of them."""
    known = isinstance(body, dict) and all(
        isinstance(value, Plain) or (isinstance(value, list) and all(isinstance(item, Plain) for item in value))
        for value in body.values()
    )
    if not known:
        raise InvalidBody({"__all__": [_("Send one object of plain values.")]})
    if has_half(str(body)):
        raise InvalidBody({"__all__": [HALF]})
    return {name: value if isinstance(value, list | bool | None) else str(value) for name, value in body.items()}


def told_of(form: BaseForm) -> dict[str, list[str]]:
    """What the form finds wrong, by field."""
    return {name: [str(error) for error in found] for name, found in form.errors.items()}


def faults_of(error: InvalidValues) -> dict[str, list[str]]:
    """What a service finds wrong, by field."""
    return getattr(error, "message_dict", {"__all__": error.messages})


def body_of(serializer: type[serializers.Serializer], request: Request) -> dict[str, Any]:
    """The values of a JSON body, cleaned; raises ValidationError."""
    read = serializer(data=request.data)
    read.is_valid(raise_exception=True)
    return read.validated_data


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Every refusal as {"detail", "code"}, with the fields of a bad request beside it."""
    if isinstance(error, DomainError):
        stale = isinstance(error, EditConflict | MoveConflict) and HEADER in context["request"].headers
        return Response({"detail": error.sentence, "code": error.code, **error.told}, status=412 if stale else 409)
    if contention.is_contention(error):
        return Response({"detail": str(contention.SENTENCE), "code": contention.BUSY}, status=409)
    if isinstance(error, ValidationError):
        sentence = getattr(error, "sentence", _("Correct the marked fields."))
        body = {"detail": str(sentence), "code": error.default_code, "fields": said_plainly(error.detail)}
        return Response(body, status=error.status_code)
    answer = rest_handler(error, context)
    if answer is None:
        return None
    code = getattr(error, "default_code", "error")
    detail = answer.data.get("detail", "") if isinstance(answer.data, dict) else ""
    if isinstance(error, Http404):
        code = "not_found"
    elif isinstance(error, PermissionDenied) or detail == NoPermission.default_detail:
        code, detail = WORDS[403]  # what was refused is the name of a permission, or nothing
        detail = getattr(error, "sentence", detail)
    if isinstance(error, APIException) and hasattr(error.detail, "code"):
        code = error.detail.code
    answer.data = {"detail": str(detail) or _("This cannot be answered."), "code": code}
    if answer.status_code >= 500:
        answer.data["request_id"] = request_id.current.get()
    return answer
