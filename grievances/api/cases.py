"""Cases as JSON: the rows, filters and moves of the pages, and of each row only the side that the caller sees."""

from collections.abc import Sequence
from datetime import date, tzinfo
from typing import Any

from django.db.models import Model
from django.http import Http404
from django.utils.functional import cached_property
from django.utils.timezone import get_current_timezone
from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.once import once
from core.api.parts import Parts
from core.api.records import MISSING, WRITES, done
from core.api.rows import STAMPS, RowSerializer, columns, written
from core.api.viewsets import (
    ERRORS,
    READING,
    ErrorSerializer,
    InvalidBody,
    InvalidQuerySerializer,
    WorkflowViewSet,
    moved,
    plain_values,
    told_of,
)
from core.permissions import Actor, may, require
from core.site import local_today
from core.web.keyset import Sort
from grievances import display
from grievances import permissions as p
from grievances.api.arbitration import ARBITRATIONS, ArbitrationSerializer
from grievances.api.flags import ABEYANCES, CLAIMS, AbeyanceSerializer, UntimelyClaimSerializer
from grievances.api.parts import (
    DEADLINE_COLUMNS,
    AnswerSerializer,
    DeadlineSerializer,
    EmployerSerializer,
    GrievantSerializer,
    StepRecordSerializer,
    deadline,
    grievant,
)
from grievances.api.steps import RecordsApi
from grievances.api.work import WorkApi, worked
from grievances.forms.filters import GrievanceFilterSet
from grievances.models import FACTS, AnswerReceived, Deadline, Grievance, GrievanceStepRecord, Grievant
from grievances.services.outlook import Outlook
from grievances.views.acts import ACTS
from grievances.views.moves import MOVES

DEADLINES = Parts(
    "sent_deadlines",
    Deadline.objects.order_by("due", "created_at", "pk"),
    by="grievance",
    columns=DEADLINE_COLUMNS,
    make=deadline,
)
STEP_RECORDS = Parts.sent("sent_records", StepRecordSerializer, GrievanceStepRecord.objects.all(), by="grievance")
ANSWERS = Parts.sent("sent_answers", AnswerSerializer, AnswerReceived.objects.all(), by="grievance")
GRIEVANTS = Parts(
    "sent_grievants",
    Grievant.objects.order_by("member__sort_name", "pk"),
    by="grievance",
    columns=[f"member__{name}" for name in ("pk", "member_number", "first_name", "middle_name", "last_name")],
    make=grievant,
)
STATE_FIELDS = [
    *("id", "grievance_number", "status", "current_step", "employer", "filed_date", "last_meeting"),
    *("incident_date", "contract_article", "violation_description", "remedy_sought"),
]
OUTLOOK_FIELDS = ["next_step", "by_when", "next_date", "next_side", "hearing_day", "representative"]


class OutlookParts:
    """What a grievant may know of the days to come, from the dates and hearings that were read before."""

    def attach(self, parents: Sequence[Model]) -> None:
        every: list[Any] = list(parents)
        cases = [case for case in every if not case.is_whole]
        if not cases:
            return
        today = local_today()
        for case in cases:
            panels = [panel for panel in case.sent_arbitrations if panel["superseded_at"] is None]
            case.is_awarded = any(award["superseded_at"] is None for panel in panels for award in panel["awards"])
            days = [day["day"] for panel in panels for day in panel["hearings"] if day["cancelled_at"] is None]
            running = [row for row in case.sent_deadlines if not row["end"]]
            dates = [(row["clock"], row["side"], date.fromisoformat(row["contract_date"])) for row in running]
            case.outlook = Outlook.among(case, dates, map(date.fromisoformat, days), today)


OUTLOOK: Any = OutlookParts()  # in the place of Parts


class RepresentativeSerializer(serializers.Serializer):
    """Whom a grievant calls or writes to."""

    name = serializers.CharField(source="full_name")
    phone = serializers.CharField(source="member.phone", default="")
    email = serializers.EmailField()


class GrievanceStateSerializer(RowSerializer):
    """What a grievant may know of their own case; `next_side` must act by `next_date`, `by_when` says it in words."""

    employer = EmployerSerializer()
    last_meeting = serializers.SerializerMethodField()
    next_step = serializers.SerializerMethodField()
    by_when = serializers.SerializerMethodField()
    next_date = serializers.DateField(source="outlook.until", allow_null=True)
    next_side = serializers.CharField(source="outlook.side")
    hearing_day = serializers.DateField(source="outlook.hearing", allow_null=True)
    representative = RepresentativeSerializer(source="assigned_rep", allow_null=True)

    class Meta:
        model = Grievance
        fields = [*STATE_FIELDS, *OUTLOOK_FIELDS]
        read_only_fields = fields

    def get_next_step(self, grievance: Any) -> str:
        return display.next_words(grievance, grievance.outlook)

    def get_by_when(self, grievance: Any) -> str:
        return display.by_when(grievance.outlook)

    def get_last_meeting(self, grievance: Any) -> serializers.DateField(allow_null=True):  # type: ignore[valid-type]
        live = [record for record in grievance.sent_records if record["superseded_by"] is None]
        return max((record["meeting_date"] for record in live if record["meeting_date"]), default=None)


class GrievanceSerializer(GrievanceStateSerializer):
    """A whole case; `grievants` are members, `step_records` and `answers` hold the superseded ones too."""

    grievants = serializers.SerializerMethodField()
    assigned_rep = serializers.CharField(source="assigned_rep.full_name", default="")
    settlement_amount = serializers.DecimalField(max_digits=12, decimal_places=2, allow_null=True)
    step_records = StepRecordSerializer(many=True, source="sent_records")
    deadlines = DeadlineSerializer(many=True, source="sent_deadlines")
    answers = AnswerSerializer(many=True, source="sent_answers")
    arbitrations = ArbitrationSerializer(many=True, source="sent_arbitrations")
    abeyances = AbeyanceSerializer(many=True, source="sent_abeyances")
    untimely_claims = UntimelyClaimSerializer(many=True, source="sent_claims")

    class Meta:
        model = Grievance
        fields = [
            *STATE_FIELDS,
            "former_number",
            "grievance_type",
            "grievants",
            "knowledge_date",
            *FACTS,
            "assigned_rep",
            "resolution",
            "resolution_date",
            "settlement_amount",
            "is_restricted",
            "step_records",
            "deadlines",
            "answers",
            "arbitrations",
            "abeyance",
            "is_untimely",
            "abeyances",
            "untimely_claims",
            *STAMPS,
        ]
        read_only_fields = fields

    def get_grievants(self, grievance: Any) -> GrievantSerializer(many=True):  # type: ignore[valid-type]
        return grievance.sent_grievants


class GrievanceNotesSerializer(GrievanceSerializer):
    """A whole case for those who may read the notes."""

    class Meta(GrievanceSerializer.Meta):
        fields = [*GrievanceSerializer.Meta.fields, "notes"]
        read_only_fields = fields


def whole_side(user: Actor) -> type[GrievanceSerializer]:
    return GrievanceNotesSerializer if may(user, p.VIEW_STRATEGY) else GrievanceSerializer


class BySideSerializer(serializers.BaseSerializer):
    """Each row by the side that the caller sees."""

    @cached_property
    def whole(self) -> type[GrievanceSerializer]:
        return whole_side(self.context["request"].user)

    @cached_property
    def zone(self) -> tzinfo:
        return get_current_timezone()

    def to_representation(self, grievance: Any) -> Any:
        return written(self.whole if grievance.is_whole else GrievanceStateSerializer, grievance, zone=self.zone)


SIDES = [GrievanceNotesSerializer, GrievanceSerializer, GrievanceStateSerializer]


def one_of(many: bool) -> PolymorphicProxySerializer:
    return PolymorphicProxySerializer("GrievanceSide", SIDES, resource_type_field_name=None, many=many)


@extend_schema_view(
    list=extend_schema(responses={200: one_of(True), 400: InvalidQuerySerializer, **ERRORS}),
    retrieve=extend_schema(responses={200: one_of(False), 404: ErrorSerializer, **ERRORS}),
    act=extend_schema(
        request={"application/json": {"type": "object", "additionalProperties": True}},
        responses={200: one_of(False), 404: MISSING, **WRITES},
    ),
)
@worked
@moved(GrievanceSerializer)
class GrievanceViewSet(WorkApi, RecordsApi, WorkflowViewSet):
    """Cases that the caller works, whole; of their own ones the state. Moves take what the page's form takes."""

    permission = (p.VIEW_GRIEVANCES, p.VIEW_OWN_GRIEVANCES)
    model = Grievance
    queryset = Grievance.objects.none()
    serializer_class = BySideSerializer
    filterset_class = GrievanceFilterSet
    is_prepared = True
    sort = Sort("filed", "filed_date", "filed", descending=True)
    moves = MOVES
    parts = (STEP_RECORDS, DEADLINES, ANSWERS, GRIEVANTS, ARBITRATIONS, ABEYANCES, CLAIMS, OUTLOOK)

    def visible(self) -> Any:
        """A case is worked only by those who see the whole of it."""
        if self.action not in (*READING, "metadata"):
            return Grievance.objects.whole_to(self.request.user)
        return super().visible()

    @action(detail=True, methods=["post"], url_path="acts/(?P<act>[a-z_]{1,40})")
    @once
    def act(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Do what the case's page offers beside its moves, with the fields of its form; answers the case."""
        case, chosen = self.get_object(), ACTS.get(kwargs["act"])
        if chosen is None:
            raise Http404
        require(request.user, chosen.permission)
        form = chosen.form(case, request.user, plain_values(request.data))
        if not form.is_valid():
            raise InvalidBody(told_of(form))
        done(chosen.service, case, actor=request.user, **form.values())
        return self.shown(self.for_answer(self.visible()).get(pk=case.pk))

    def for_answer(self, rows: Any) -> Any:
        return rows.with_side(self.request.user).select_related("employer", "assigned_rep__member")

    def sent(self) -> list[str]:
        """Notes are read for those who may read them."""
        kind = whole_side(self.request.user)
        representative = (f"assigned_rep__{name}" for name in ("first_name", "last_name", "email", "member__phone"))
        return [*columns(kind), *columns(EmployerSerializer, "employer"), *representative]
