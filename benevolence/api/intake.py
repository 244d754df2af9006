"""What the office confirms and prepares before the levels approve, by program."""

from collections.abc import Callable
from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from benevolence import permissions as p
from benevolence.enums import Side
from benevolence.forms.intake import IntakeForm, KeepBackForm
from benevolence.models import BenevolenceApplication
from benevolence.services import intake
from core.api.metadata import fields_of
from core.api.once import once, require_key
from core.api.records import CHANGES, IF_MATCH, MISSING, REFUSED, done, known_only
from core.api.versions import seen_version
from core.api.viewsets import ERRORS, InvalidBody, MoveResultSerializer, plain_values, told_of
from core.audit import trail
from core.enums import ReadKind
from core.errors import DomainError
from core.permissions import require
from core.web.forms import VersionedForm

FREE = {"application/json": {"type": "object", "additionalProperties": True}}


class IntakeFieldsSerializer(serializers.Serializer):
    """By name: `note_0`, `note_1` … for what is to be confirmed, `released` for documents of a blind review; `kept` for
    those that are kept back, and `struck` for words that are taken out of the text, one to a line.
    """

    fields = serializers.DictField(child=serializers.DictField())  # type: ignore[assignment]


class IntakeApi:
    """Before a WorkflowViewSet of applications."""

    request: Request
    get_object: Any

    @extend_schema(responses={200: IntakeFieldsSerializer, 404: MISSING, 409: REFUSED, **ERRORS})
    @action(detail=True, methods=["get"])
    def intake(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """What intake is asked to confirm or prepare: the fields of the POST to this address."""
        record = self._at_intake(request, intake.why_not)
        return self._fields(request, IntakeForm(record=record))

    @extend_schema(request=FREE, parameters=[IF_MATCH], responses={200: MoveResultSerializer, **CHANGES})
    @intake.mapping.post
    @once
    def finish_intake(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Finish the intake: a note for everything that is asked, and the documents that blind reviewers may open."""
        record = self._at_intake(request, intake.why_not)
        form = self._filled(request, IntakeForm, record)
        given = {"released": form.released(), "actor": request.user, "version": form.cleaned_data["version"]}
        row = done(intake.finish, record, form.notes(), **given)
        return Response({"status": row.status, "version": row.version})

    @extend_schema(responses={200: IntakeFieldsSerializer, 404: MISSING, 409: REFUSED, **ERRORS})
    @action(detail=True, methods=["get"], url_path="intake/keep-back")
    def keep_back(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """What blind reviewers see and may be kept back: the fields of the POST to this address."""
        record = self._at_intake(request, intake.why_nothing_to_keep)
        return self._fields(request, KeepBackForm(record=record))

    @extend_schema(request=FREE, parameters=[IF_MATCH], responses={200: MoveResultSerializer, **CHANGES})
    @keep_back.mapping.post
    @once
    def keep_documents_back(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Let blind reviewers see the documents in `kept` and the words in `struck` no longer, at any time."""
        record = self._at_intake(request, intake.why_nothing_to_keep)
        form = self._filled(request, KeepBackForm, record)
        given = {"actor": request.user, "version": form.cleaned_data["version"]}
        row = done(intake.keep_back, record, **form.kept_back(), **given)
        return Response({"status": row.status, "version": row.version})

    def _fields(self, request: Request, form: VersionedForm) -> Response:
        trail.read(form.record, ReadKind.OPENED, actor=request.user)
        fields = fields_of(form)
        return Response({"fields": {name: told for name, told in fields.items() if name != "version"}})

    def _filled(self, request: Request, form_class: type[VersionedForm], record: BenevolenceApplication) -> Any:
        version, values = seen_version(request), plain_values(request.data)
        form = form_class({**values, "version": version}, record=record)
        known_only(values, [name for name in form.fields if name != "version"])
        if not form.is_valid():
            raise InvalidBody(told_of(form))
        require_key(request)
        return form

    def _at_intake(self, request: Request, why_not: Callable[[Any], str]) -> BenevolenceApplication:
        record = self.get_object()
        require(request.user, p.APPLY_FOR_MEMBER)
        if record.side != Side.INTAKE:
            raise Http404
        if refused := why_not(record):
            raise DomainError(refused)
        return record
