"""What is wrong in the record of a step, or in an answer of the employer, put right by program."""

from collections.abc import Callable
from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.once import once
from core.api.records import CHANGES, IF_MATCH, done, filled_as_offered, given_values
from core.api.rows import written
from core.api.versions import etag, seen_version
from core.api.viewsets import UUID_PATTERN
from core.permissions import require
from grievances import permissions as p
from grievances.api.parts import AnswerSerializer, StepRecordSerializer
from grievances.forms.cases import AnswerRecordForm, StepRecordForm
from grievances.models import AnswerReceived, GrievanceStepRecord
from grievances.services import cases

REPLACE = f"(?P<record>{UUID_PATTERN})/replace"


class RightRecordSerializer(serializers.ModelSerializer):
    """What is not named stays as it was. If-Match: the version of the record that is replaced."""

    reason = serializers.CharField(max_length=300)

    class Meta:
        model = GrievanceStepRecord
        fields = ["meeting_date", "union_attendees", "employer_attendees", "notes", "outcome", "reason"]


class RightAnswerSerializer(serializers.ModelSerializer):
    """What is not named stays as it was. If-Match: the version of the answer that is replaced."""

    reason = serializers.CharField(max_length=300)

    class Meta:
        model = AnswerReceived
        fields = ["received_on", "how", "answer", "given_by", "words", "reason"]
        extra_kwargs = {name: {"required": False} for name in ("received_on", "how", "answer")}


class RecordsApi:
    """Before a WorkflowViewSet of cases."""

    request: Request
    get_object: Callable[[], Any]

    @extend_schema(
        request=RightRecordSerializer, parameters=[IF_MATCH], responses={200: StepRecordSerializer, **CHANGES}
    )
    @action(detail=True, methods=["post"], url_path=f"steps/{REPLACE}")
    @once
    def replace_step(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Put a right record in the place of a wrong one, which is kept."""
        return self._replaced(GrievanceStepRecord, StepRecordForm, cases.supersede_step_record, StepRecordSerializer)

    @extend_schema(request=RightAnswerSerializer, parameters=[IF_MATCH], responses={200: AnswerSerializer, **CHANGES})
    @action(detail=True, methods=["post"], url_path=f"answers/{REPLACE}")
    @once
    def replace_answer(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Put a right answer of the employer in the place of a wrong one, which is kept."""
        return self._replaced(AnswerReceived, AnswerRecordForm, cases.supersede_answer, AnswerSerializer)

    def _replaced(self, model: Any, form_class: Any, supersede: Callable[..., Any], told: Any) -> Response:
        case, user = self.get_object(), self.request.user
        require(user, p.WORK_GRIEVANCES)
        rows = model.objects.visible_to(user).filter(grievance=case)
        row = get_object_or_404(rows, pk=self.kwargs["record"])  # type: ignore[attr-defined]
        version, given = seen_version(self.request), given_values(self.request)
        form = filled_as_offered(lambda typed: form_class(typed, instance=row), given)
        values, old = form.values(), model(pk=row.pk, grievance=case)
        reason = form.cleaned_data["reason"]
        fresh = done(supersede, old, values, actor=user, reason=reason, version=version)
        return Response(written(told, fresh), headers={"ETag": etag(fresh.version)})
