"""What has to be done in cases, by program: noted, changed, checked off, reminded of, struck."""

import uuid
from collections.abc import Callable
from typing import Any

import django_filters as filters
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.files import ReasonSerializer
from core.api.once import once
from core.api.records import CHANGES, IF_MATCH, WRITES, done, filled_as_offered, given_values
from core.api.rows import STAMPS, RowSerializer
from core.api.versions import seen_version
from core.api.viewsets import UUID_PATTERN, GatedViewSet, InvalidBody, documented
from core.permissions import require
from core.web.filters import ListFilterSet
from core.web.forms import ReasonForm
from core.web.keyset import Sort
from grievances import permissions as p
from grievances.enums import TaskKind
from grievances.forms.tasks import DoneForm, RemindForm, TaskForm
from grievances.models import CaseTask, Grievance
from grievances.services import tasks
from grievances.services.tasks import TASK_FIELDS


class TaskFilterSet(ListFilterSet):
    grievance = filters.UUIDFilter(field_name="grievance_id", label="grievance")
    kind = filters.ChoiceFilter(choices=TaskKind.choices)
    open = filters.BooleanFilter(field_name="done_on", lookup_expr="isnull")

    class Meta:
        model = CaseTask
        fields: list[str] = []


class TaskSerializer(RowSerializer):
    """Open until `done_on`; `is_dropped` when it was struck. `person` is the id of who does it."""

    amount = serializers.DecimalField(max_digits=12, decimal_places=2, allow_null=True)

    class Meta:
        model = CaseTask
        fields = [
            "id",
            "grievance",
            "kind",
            *TASK_FIELDS,
            "reminded_on",
            "done_on",
            "done_words",
            "is_dropped",
            *STAMPS,
        ]
        read_only_fields = fields


class TaskBodySerializer(serializers.ModelSerializer):
    """A to-do has no `asked_on` and no `amount`, only a to-do a `person`, and information has no `amount`."""

    amount = serializers.DecimalField(max_digits=12, decimal_places=2, required=False, allow_null=True)

    class Meta:
        model = CaseTask
        fields = list(TASK_FIELDS)


class NewTaskBodySerializer(TaskBodySerializer):
    grievance = serializers.UUIDField()

    class Meta(TaskBodySerializer.Meta):
        fields = ["grievance", "kind", *TASK_FIELDS]


class DoneBodySerializer(serializers.Serializer):
    """`done_on` is today where it is missing."""

    done_on = serializers.DateField(required=False)
    done_words = serializers.CharField(required=False, max_length=300)


class RemindBodySerializer(serializers.Serializer):
    """`day` is today where it is missing."""

    day = serializers.DateField(required=False)


TOLD: dict[str, Any] = {"parameters": [IF_MATCH], "responses": {200: TaskSerializer, **CHANGES}}


@extend_schema_view(
    create=extend_schema(request=NewTaskBodySerializer, responses={201: TaskSerializer, **WRITES}),
    partial_update=extend_schema(request=TaskBodySerializer, **TOLD),
    done=extend_schema(request=DoneBodySerializer, **TOLD),
    remind=extend_schema(request=RemindBodySerializer, **TOLD),
    drop=extend_schema(request=ReasonSerializer, **TOLD),
)
@documented(TaskSerializer)
class TaskViewSet(GatedViewSet):
    """To-dos, information asked for and terms of settlements, of the cases that the caller sees whole."""

    permission = p.VIEW_GRIEVANCES
    model = CaseTask
    queryset = CaseTask.objects.none()
    serializer_class = TaskSerializer
    filterset_class = TaskFilterSet
    sort = Sort("noted", "created_at", "noted", descending=True)
    lookup_value_regex = UUID_PATTERN

    @once
    def create(self, request: Request) -> Response:
        """Note what has to be done in a case."""
        require(request.user, p.WORK_GRIEVANCES)
        given = given_values(request)
        case, kind = self._case(given.pop("grievance", None)), given.pop("kind", None)
        if kind not in TaskKind.values:
            raise InvalidBody({"kind": [_("Say what it is: %(kinds)s.") % {"kinds": ", ".join(TaskKind.values)}]})
        form = filled_as_offered(
            lambda typed: TaskForm(typed, instance=CaseTask(grievance=case, kind=kind), actor=request.user), given
        )
        task = done(tasks.add, case, kind, form.values(), actor=request.user)
        return self.created(task.pk)

    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Change the fields that the body names, while it is open."""
        task = self.get_object()
        require(request.user, p.WORK_GRIEVANCES)
        version, given = seen_version(request), given_values(request)
        form = filled_as_offered(lambda typed: TaskForm(typed, instance=task, actor=request.user), given)
        named = {name: form.values()[name] for name in given}
        done(tasks.change, task, named, actor=request.user, version=version)
        return self.shown(self.fresh(task.pk))

    @action(detail=True, methods=["post"])
    @once
    def done(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Check it off."""
        return self._acted(lambda typed, task: DoneForm(typed, record=task), tasks.finish)

    @action(detail=True, methods=["post"])
    @once
    def remind(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Record that the employer was reminded of what they owe us."""
        return self._acted(lambda typed, task: RemindForm(typed, record=task), tasks.remind)

    @action(detail=True, methods=["post"])
    @once
    def drop(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Strike it: it has to be done no longer. It stays on record."""
        return self._acted(lambda typed, _task: ReasonForm(typed), tasks.drop)

    def _acted(self, make: Callable[[Any, CaseTask], Any], service: Callable[..., Any]) -> Response:
        task = self.get_object()
        require(self.request.user, p.WORK_GRIEVANCES)
        version, given = seen_version(self.request), given_values(self.request)
        values = {**filled_as_offered(lambda typed: make(typed, task), given).cleaned_data, "version": version}
        done(service, task, actor=self.request.user, **values)
        return self.shown(self.fresh(task.pk))

    def _case(self, named: Any) -> Grievance:
        try:
            key = uuid.UUID(str(named))
        except ValueError:
            key = None
        case = Grievance.objects.whole_to(self.request.user).filter(pk=key).first() if key else None
        if case is None:
            raise InvalidBody({"grievance": [_("Name the grievance to which this belongs, by its id.")]})
        return case
