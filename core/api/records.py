"""Records that programs create, change and move, by the forms of the pages.

A change and a move name the version that was read, as `If-Match: "3"`: nobody overwrites what they did not see.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError as InvalidValues
from django.db import models
from django.forms import BaseForm, BooleanField, model_to_dict
from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.once import once
from core.api.versions import etag, named_by_header, seen_version
from core.api.viewsets import (
    ERRORS,
    HALF,
    READING,
    ErrorSerializer,
    GatedViewSet,
    InvalidBody,
    InvalidQuerySerializer,
    documented,
    faults_of,
    has_half,
    told_of,
)
from core.permissions import Actor, Permission, require
from core.web.forms import ReasonForm

Given = dict[str, Any]


def given_values(request: Request, *lists: str) -> Given:
    """The members of a JSON body: single values, but for those named, which are `lists` of them. Raises InvalidBody."""
    if not isinstance(request.data, dict):
        raise InvalidBody({"__all__": [_("Send one object of plain values.")]})
    faults: dict[str, list[str]] = {}
    for name, value in request.data.items():
        if name in lists and not (isinstance(value, list) and all(type(item) in (int, str) for item in value)):
            faults[name] = [_("Send a list of ids or names here.")]
        elif name not in lists and isinstance(value, dict | list):
            faults[name] = [_("Send a single value here.")]
        elif has_half(f"{name}{value}"):
            faults[name.encode(errors="replace").decode()] = [str(HALF)]
    if faults:
        raise InvalidBody(faults)
    return dict(request.data)


def filled(form: BaseForm, given: Given) -> BaseForm:
    """The form, found valid. Raises InvalidBody for what it refuses, and for what was `given` in the wrong type."""
    faults = {}
    for name, value in given.items():
        field = form.fields.get(name)
        if isinstance(value, bool) is not isinstance(field, BooleanField):
            faults[name] = [_("Send true or false.") if isinstance(field, BooleanField) else _("Send a text here.")]
    if faults or not form.is_valid():
        raise InvalidBody(faults or told_of(form))
    return form


def known_only(given: Given, names: Sequence[str]) -> None:
    if strange := [name for name in given if name not in names]:
        raise InvalidBody({name: [_("There is no such field here. Leave it out.")] for name in strange})


def as_typed(given: Given) -> Given:
    """As a form reads values that somebody typed."""
    return {name: value if isinstance(value, bool | list | None) else str(value) for name, value in given.items()}


def filled_as_offered(make: Callable[[Given | None], Any], given: Given, *, version: int | None = None) -> Any:
    """The page's form, made by `make`, with what was given; the rest is what the page offers. Raises InvalidBody."""
    blank = make(None)
    known_only(given, [name for name in blank.fields if name != "version"])
    offered = {name: blank.get_initial_for_field(field, name) for name, field in blank.fields.items()}
    return filled(make({**offered, **as_typed(given), "version": version}), given)


def reason_in(given: Given) -> str:
    """Why it is done, the one field of the body. Raises InvalidBody."""
    return filled_as_offered(ReasonForm, given).cleaned_data["reason"]


def done(service: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    """What the service returns; values that it refuses are faults of the body."""
    try:
        return service(*arguments, **options)
    except InvalidValues as error:
        raise InvalidBody(faults_of(error)) from error


@dataclass(frozen=True, slots=True)
class RecordMove:
    """A move that asks for a reason. `service(record, *, actor, reason, version)` may return None: the row is gone."""

    permission: Permission
    service: Callable[..., Any]

    def take(self, record: Any, given: Given, *, actor: Actor, version: int) -> Any:
        return done(self.service, record, actor=actor, version=version, reason=reason_in(given))


class RecordViewSet(GatedViewSet):
    """POST makes a record, PATCH changes the fields that it names, POST `<record>/moves/<move>/` does the rest."""

    body: Any  # the serializer that says which fields a program gives
    form_class: Any
    add_permission: Permission
    change_permission: Permission
    add: Callable[..., Any]
    change: Callable[..., Any]
    moves: Mapping[str, RecordMove]

    def get_queryset(self) -> Any:
        """Whole rows for a change; a deleted one is there for who sees it, so that it can be restored."""
        return super().get_queryset() if self.action in READING else self.visible()

    def form(self, record: models.Model, given: Given, form_class: Any = None) -> Any:
        """The page's form, filled with what the record holds and over it what was given."""
        form_class = form_class or self.form_class
        now = model_to_dict(record, fields=form_class._meta.fields)
        return filled(form_class({**now, **as_typed(given)}, instance=record, **self.form_options()), given)

    def form_options(self) -> dict[str, Any]:
        return {}

    def make(self, given: Given) -> Any:
        """The new record."""
        known_only(given, self.body.Meta.fields)
        return done(self.add, self.form(self.model(), given).values(), actor=self.request.user)

    @once
    def create(self, request: Request) -> Response:
        require(request.user, self.add_permission)
        record = self.make(given_values(request))
        return self.created(record.pk)

    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        record = self.get_object()
        require(request.user, self.change_permission)
        version, given = seen_version(request), given_values(request)
        known_only(given, self.body.Meta.fields)
        values = self.form(record, given).values()
        named = {name: values[name] for name in given}
        done(self.change, record, named, actor=request.user, version=version)
        return self.shown(self.fresh(record.pk))

    @action(detail=True, methods=["post"], url_path="moves/(?P<move>[a-z_]{1,40})")
    @once
    def take(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        record, move = self.get_object(), self.moves.get(kwargs["move"])
        if move is None:
            raise Http404
        require(request.user, move.permission)
        version, key = seen_version(request), record.pk
        row = move.take(record, given_values(request), actor=request.user, version=version)
        after = version if row is None else row.version
        told = {"id": key, "version": after, "deleted": row is None or getattr(row, "is_deleted", False)}
        return Response(told, headers={} if row is None else {"ETag": etag(after)})


class PartViewSet(RecordViewSet):
    """Records that belong to another one, which a new one names."""

    belongs_to: str

    def make(self, given: Given) -> Any:
        known_only(given, self.body.Meta.fields)
        relation: Any = self.model._meta.get_field(self.belongs_to)
        rows, key = relation.related_model.objects.visible_to(self.request.user), given.pop(self.belongs_to, None)
        known = type(key) is int and 0 < key <= models.BigIntegerField.MAX_BIGINT
        whole = rows.filter(pk=key).first() if known else None
        if whole is None:
            raise InvalidBody({self.belongs_to: [_("Name the record to which this belongs, by its id.")]})
        form = self.form(self.model(**{self.belongs_to: whole}), given)
        return done(self.add, whole, form.values(), actor=self.request.user)

    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        if isinstance(request.data, dict) and self.belongs_to in request.data:
            raise InvalidBody({self.belongs_to: [_("This stays with the record to which it belongs. Leave it out.")]})
        return super().partial_update(request, *args, **kwargs)


# --- the schema ------------------------------------------------------------------------------------------

IF_MATCH = named_by_header(required=True)
INVALID = OpenApiResponse(InvalidQuerySerializer, "A value that the record cannot have; the fields say why.")
REFUSED = OpenApiResponse(ErrorSerializer, "A rule refuses; the sentence says why.")
MISSING = OpenApiResponse(ErrorSerializer, "There is no such record or move, or none that you may see.")
UNREAD = {
    400: OpenApiResponse(ErrorSerializer, "This is not JSON."),
    415: OpenApiResponse(ErrorSerializer, "Send JSON."),
}
WRITES = {409: REFUSED, 422: INVALID, **UNREAD, **ERRORS}
CHANGES = {
    404: MISSING,
    412: OpenApiResponse(ErrorSerializer, "Somebody changed the record since you read it. Read it again."),
    428: OpenApiResponse(ErrorSerializer, "The version that you read is missing."),
    **WRITES,
}


class RecordMoveResultSerializer(serializers.Serializer):
    """The record after the move."""

    id = serializers.IntegerField()
    version = serializers.IntegerField()
    deleted = serializers.BooleanField()


def recorded(serializer: type[serializers.Serializer], body: type[serializers.Serializer], new: Any = None) -> Any:
    """Decorates a RecordViewSet: what its operations take and answer; `new` where a new record is told more."""
    move = {"application/json": {"type": "object", "additionalProperties": True}}
    schema = extend_schema_view(
        create=extend_schema(request=new or body, responses={201: serializer, **WRITES}),
        partial_update=extend_schema(request=body, parameters=[IF_MATCH], responses={200: serializer, **CHANGES}),
        take=extend_schema(request=move, parameters=[IF_MATCH], responses={200: RecordMoveResultSerializer, **CHANGES}),
    )
    return lambda view: schema(documented(serializer)(view))
