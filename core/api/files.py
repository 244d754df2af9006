"""Files of records by program: multipart up, guarded down."""

import uuid
from collections.abc import Sequence
from typing import Any

from django.db import models
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request

from core.api.records import known_only
from core.api.viewsets import ERRORS, UUID_PATTERN, ErrorSerializer, GatedViewSet, InvalidBody
from core.files.store import StoreAway
from core.web import files
from core.web.keyset import Sort

OCTETS = "application/octet-stream"
CONTENT: dict[Any, Any] = {
    (200, OCTETS): OpenApiResponse(OpenApiTypes.BINARY, "The file as it was sent."),
    (206, OCTETS): OpenApiResponse(OpenApiTypes.BINARY, "The part that Range asks for."),
    404: OpenApiResponse(ErrorSerializer, "There is no such document, or none that you may see."),
    409: OpenApiResponse(ErrorSerializer, "The file is being checked for viruses, or something was found in it."),
    416: OpenApiResponse(None, "There is no such part."),
    503: OpenApiResponse(ErrorSerializer, "The place where files are kept does not answer."),
    **ERRORS,
}


class ReasonSerializer(serializers.Serializer):
    reason = serializers.CharField(max_length=300)


class FileViewSet(GatedViewSet):
    """Files of the records that the caller sees; `create` reads a multipart body."""

    lookup_value_regex = UUID_PATTERN
    sort = Sort("added", "added_at", "added", descending=True)

    def get_parsers(self) -> list[Any]:
        is_upload = getattr(self, "action", None) == "create" or self.request_is_upload()
        return [MultiPartParser()] if is_upload else super().get_parsers()

    def request_is_upload(self) -> bool:
        return getattr(self, "action_map", {}).get("post") == "create"

    def parent_named(self, request: Request, name: str, rows: models.QuerySet, fields: Sequence[str]) -> Any:
        """The record that the body names in the field `name`. Raises InvalidBody, also for what is in no field."""
        given = {key: request.data.get(key) for key in request.data if key not in request.FILES}
        known_only({**given, **request.FILES}, (name, *fields, "file"))
        try:
            key: Any = uuid.UUID(str(given.get(name, "")))
        except ValueError:
            key = None
        parent = rows.filter(pk=key).first() if key is not None else None
        if parent is None:
            raise InvalidBody({name: [_("Name the %(kind)s to which this belongs, by its id.") % {"kind": name}]})
        if len(request.FILES.getlist("file")) != 1:
            raise InvalidBody({"file": [_("Send one file in this field.")]})
        return parent

    @extend_schema(responses=CONTENT)
    @action(detail=True, methods=["get"])
    def content(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The file itself, whole or the part that `Range` asks for. Who reads it is recorded."""
        try:
            return self.handed_out(request._request, self.get_object())
        except StoreAway as away:
            return JsonResponse({"detail": away.sentence, "code": away.code}, status=503)

    def handed_out(self, request: HttpRequest, row: Any) -> HttpResponseBase:
        return files.original(request, row, actor=request.user)
