"""Drafts by program: begun, changed, filed, discarded; what the pages ask, with people and employers by their ids."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.files import ReasonSerializer
from core.api.once import once
from core.api.parts import Parts
from core.api.records import CHANGES, IF_MATCH, WRITES, Given, done, filled_as_offered, given_values, reason_in
from core.api.rows import STAMPS, RowSerializer, columns, written
from core.api.versions import etag, seen_version
from core.api.viewsets import UUID_PATTERN, GatedViewSet, InvalidBody, documented
from core.permissions import Actor, may, require
from core.site import local_today
from core.web.keyset import Sort
from grievances import permissions as p
from grievances.api.names import OURS, our_names, renamed
from grievances.api.parts import DEADLINE_COLUMNS, DeadlineSerializer, EmployerSerializer, GrievantSerializer
from grievances.api.parts import deadline as told_deadline
from grievances.api.parts import grievant as told_grievant
from grievances.enums import ClockKind
from grievances.forms.cases import FileForm, IntakeForm, PeopleField, leave_out
from grievances.forms.filters import IntakeFilterSet
from grievances.models import CASE_TEXT, FACTS, Agreement, Deadline, Grievance, GrievanceIntake
from grievances.services import filing, intakes
from members.forms.members import MOST_NAMED
from members.models import Member, Organization

TOLD = ["id", "grievance_type", "grievants", "employer", *CASE_TEXT, *FACTS]
RUNS = {"clock": ClockKind.FILE.value, "end": ""}


class DraftSerializer(RowSerializer):
    """A draft. `filing_deadline` runs from its first date; `missing` says by field what it needs to be filed."""

    grievants = serializers.SerializerMethodField()
    employer = EmployerSerializer(source="organization", allow_null=True)
    drafted_by = serializers.CharField(source="drafted_by.full_name", default="")
    filing_deadline = serializers.SerializerMethodField()
    missing = serializers.SerializerMethodField()

    class Meta:
        model = GrievanceIntake
        fields = [*TOLD, "drafted_by", "filing_deadline", "missing", "filed_as", *STAMPS]
        read_only_fields = fields

    def get_grievants(self, draft: Any) -> GrievantSerializer(many=True):  # type: ignore[valid-type]
        return draft.sent_grievants

    def get_filing_deadline(self, draft: Any) -> DeadlineSerializer(allow_null=True):  # type: ignore[valid-type]
        found = (row for row in draft.sent_deadlines if all(row[name] == value for name, value in RUNS.items()))
        return next(found, None)

    def get_missing(self, draft: Any) -> dict[str, str]:
        if draft.filed_as_id:
            return {}
        values = {name: getattr(draft, name) for name in (*filing.NEEDED, *filing.DAYS)}
        today = local_today()
        found = filing.problems(values, len(draft.sent_grievants), filed_date=today, today=today)
        return {OURS.get(name, name): str(sentence) for name, sentence in found.items()}


class DraftNotesSerializer(DraftSerializer):
    """A draft for those who may read the notes."""

    class Meta(DraftSerializer.Meta):
        fields = [*DraftSerializer.Meta.fields, "notes"]
        read_only_fields = fields


class IntakeBodySerializer(serializers.ModelSerializer):
    """`grievants` are ids of members, `employer` that of an organization; all of it may stay open until it is filed.

    `notes` are for those who may read them.
    """

    grievants = serializers.ListField(child=serializers.IntegerField(), required=False)
    employer = serializers.IntegerField(required=False, allow_null=True)

    class Meta:
        model = GrievanceIntake
        fields = [*TOLD[1:], "notes"]


class FileBodySerializer(serializers.Serializer):
    """`filed_date` is today where it is missing, `representative`, an id, whoever files, if they work cases.

    `late_reason` is asked for when the time to file has passed, `agreement` where several are in force.
    """

    filed_date = serializers.DateField(required=False)
    representative = serializers.IntegerField(required=False, allow_null=True)
    late_reason = serializers.CharField(required=False, max_length=300)
    agreement = serializers.UUIDField(required=False, allow_null=True)


class FiledSerializer(RowSerializer):
    """The case; whoever sees it finds the whole of it at `Location`."""

    class Meta:
        model = Grievance
        fields = ["id", "grievance_number", "status", "current_step", "filed_date", "version"]
        read_only_fields = fields


class DiscardedSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    deleted = serializers.BooleanField()


class DraftForm(IntakeForm):
    """The page's form, but for people and the employer: a program names them by their ids."""

    class Meta(IntakeForm.Meta):
        # The people of the draft would be read for each form, and are only ever replaced.
        fields = [name for name in IntakeForm.Meta.fields if name != "members"]

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, actor=actor, **kwargs)
        places = Organization.objects.visible_to(actor).alive()
        self.fields["organization"] = forms.ModelChoiceField(places, required=False)
        self.fields["members"] = PeopleField(Member.objects.visible_to(actor).alive(), required=False)

    def values(self) -> dict[str, Any]:
        people = {"members": self.cleaned_data["members"]} if "members" in self.fields else {}
        return {**super().values(), **people}


class FilingForm(FileForm):
    """The page's form; a program may always say which agreement covers it."""

    def offer_agreements(self, actor: Actor) -> None:
        field: Any = self.fields["agreement"]
        record: Any = self.record
        field.queryset = Agreement.objects.visible_to(actor).filter(employer=record.organization_id)


GRIEVANTS = Parts(
    "sent_grievants",
    GrievanceIntake.members.through.objects.order_by("member__sort_name", "pk"),
    by="grievanceintake",
    columns=[f"member__{name}" for name in ("pk", "member_number", "first_name", "middle_name", "last_name")],
    make=told_grievant,
)
# Once filed, the case tells them.
DEADLINES = Parts(
    "sent_deadlines",
    Deadline.objects.filter(grievance=None).order_by("created_at", "pk"),
    by="intake",
    columns=DEADLINE_COLUMNS,
    make=told_deadline,
)
NEW: dict[str, Any] = {"request": IntakeBodySerializer, "responses": {201: DraftNotesSerializer, **WRITES}}
CHANGED: dict[str, Any] = {"parameters": [IF_MATCH]}


@extend_schema_view(
    create=extend_schema(**NEW),
    partial_update=extend_schema(
        request=IntakeBodySerializer, responses={200: DraftNotesSerializer, **CHANGES}, **CHANGED
    ),
    file=extend_schema(request=FileBodySerializer, responses={201: FiledSerializer, **CHANGES}, **CHANGED),
    discard=extend_schema(request=ReasonSerializer, responses={200: DiscardedSerializer, **CHANGES}, **CHANGED),
)
@documented(DraftNotesSerializer)
class DraftViewSet(GatedViewSet):
    """Drafts that are not filed; a steward's are their own. A draft that was filed names its case in `filed_as`."""

    permission = p.DRAFT_GRIEVANCES
    model = GrievanceIntake
    queryset = GrievanceIntake.objects.none()
    serializer_class = DraftNotesSerializer
    filterset_class = IntakeFilterSet
    sort = Sort("started", "created_at", "started", descending=True)
    lookup_value_regex = UUID_PATTERN
    parts = (GRIEVANTS, DEADLINES)

    def visible(self) -> Any:
        rows = super().visible().alive()
        return rows.unfiled() if self.action == "list" else rows

    def get_serializer_class(self) -> Any:
        return DraftNotesSerializer if may(self.request.user, p.VIEW_STRATEGY) else DraftSerializer

    def for_answer(self, rows: Any) -> Any:
        return rows.select_related("organization", "drafted_by")

    def sent(self) -> list[str]:
        names = (f"drafted_by__{name}" for name in ("first_name", "last_name", "email"))
        return [*columns(self.get_serializer_class()), *columns(EmployerSerializer, "organization"), *names]

    @once
    def create(self, request: Request) -> Response:
        """Begin a draft. Nothing has to be complete yet."""
        values = self._values(GrievanceIntake(), given_values(request, "grievants"))
        with our_names():
            draft = done(intakes.start_intake, values, actor=request.user)
        return self.created(draft.pk)

    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Change the fields that the body names."""
        draft = self.get_object()
        version = seen_version(request)
        values = self._values(draft, given_values(request, "grievants"))
        with our_names():
            done(intakes.update_intake, draft, values, actor=request.user, version=version)
        return self.shown(self.fresh(draft.pk))

    @action(detail=True, methods=["post"])
    @once
    def file(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Make a case of the draft, at the first step; what it says cannot be changed afterwards."""
        draft = self.get_object()
        require(request.user, p.FILE_GRIEVANCES)
        version, given = seen_version(request), renamed(given_values(request))
        with our_names():
            form = filled_as_offered(lambda typed: FilingForm(typed, record=draft, actor=request.user), given)
            values = {name: value for name, value in form.cleaned_data.items() if name not in ("version", "person")}
            values |= {"representative": form.cleaned_data["person"], "version": version}
            case = done(intakes.file_grievance, draft, actor=request.user, **values)
        answer = Response(written(FiledSerializer, case), status=201, headers={"ETag": etag(case.version)})
        answer["Location"] = request.build_absolute_uri(f"/api/v1/grievances/{case.pk}/")
        return answer

    @action(detail=True, methods=["post"])
    @once
    def discard(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The draft leaves the list and cannot be filed any more."""
        draft = self.get_object()
        version, given = seen_version(request), given_values(request)
        reason = reason_in(given)
        done(intakes.discard_intake, draft, actor=request.user, reason=reason, version=version)
        return Response({"id": str(draft.pk), "deleted": True})

    def _values(self, draft: GrievanceIntake, given: Given) -> Given:
        """What the service is to save of what was given."""
        if len(given.get("grievants", ())) > MOST_NAMED:
            raise InvalidBody({"grievants": [_("Name at most %(most)s people.") % {"most": MOST_NAMED}]})
        asked = renamed(given)

        def make(typed: Given | None) -> DraftForm:
            form = DraftForm(typed, instance=draft, actor=self.request.user)
            for name in ("organization", "members"):
                if name not in asked:
                    leave_out(form, name)
            return form

        with our_names():
            values = filled_as_offered(make, asked).values()
        return {name: values[name] for name in asked}
