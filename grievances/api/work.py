"""What programs do with a case besides its moves: facts and notes, who works and who sees it, its dates and papers."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpResponseBase
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.files import ReasonSerializer
from core.api.once import once
from core.api.records import (
    CHANGES,
    IF_MATCH,
    MISSING,
    REFUSED,
    WRITES,
    done,
    filled_as_offered,
    given_values,
    known_only,
)
from core.api.rows import written
from core.api.versions import etag, seen_version
from core.api.viewsets import ERRORS, ErrorSerializer, InvalidBody, MoveResultSerializer
from core.audit import trail
from core.enums import ReadKind
from core.papers.typeset import PDF
from core.permissions import Permission, require
from grievances import permissions as p
from grievances.api.names import our_names, renamed
from grievances.api.parts import DeliverySerializer
from grievances.enums import DeliveryWay, Edition
from grievances.forms.agreements import ChooseAgreementForm
from grievances.forms.cases import AssignForm, FactsForm, LiftForm, NotesForm, RestrictForm
from grievances.forms.deadlines import DeliveryForm
from grievances.models import FACTS, Delivery, Grievance
from grievances.services import agreements, cases, deliveries
from grievances.views.binder import binder_response
from grievances.views.papers import case_paper

MOST_TOLD = 400


class FactsBodySerializer(serializers.ModelSerializer):
    class Meta:
        model = Grievance
        fields = list(FACTS)


class NotesBodySerializer(serializers.ModelSerializer):
    class Meta:
        model = Grievance
        fields = ["notes"]


class AssignBodySerializer(serializers.Serializer):
    """`representative` is the id of who works the case from now on; null takes it from whoever has it."""

    representative = serializers.IntegerField(allow_null=True)
    reason = serializers.CharField(required=False, max_length=300)


class RestrictBodySerializer(serializers.Serializer):
    """`people` are the ids of those who may see the case from now on."""

    people = serializers.ListField(child=serializers.IntegerField())
    reason = serializers.CharField(max_length=300)


class AgreementChoiceSerializer(serializers.Serializer):
    """`reached_on`: when the case reached its step; missing where it stands at the step at which it was filed."""

    agreement = serializers.UUIDField()
    reached_on = serializers.DateField(required=False, allow_null=True)


class DeliveryBodySerializer(serializers.Serializer):
    """What reached the employer on `day` at `time`; `deadline` is the one of ours that it meets."""

    deadline = serializers.UUIDField(required=False, allow_null=True)
    what = serializers.CharField(max_length=200)
    how = serializers.ChoiceField(choices=DeliveryWay.choices)
    to_whom = serializers.CharField(max_length=200)
    day = serializers.DateField()
    time = serializers.TimeField()
    proof = serializers.CharField(max_length=300)


def changed(body: type[serializers.Serializer]) -> dict[str, Any]:
    return {"request": body, "parameters": [IF_MATCH], "responses": {200: MoveResultSerializer, **CHANGES}}


PAPER: dict[Any, Any] = {
    (200, PDF): OpenApiTypes.BINARY,
    404: MISSING,
    409: REFUSED,
    503: OpenApiResponse(ErrorSerializer, "The place where files are kept does not answer."),
    **ERRORS,
}


def worked(view: Any) -> Any:
    """Decorates the viewset: what these operations take and answer."""
    schema = extend_schema_view(
        facts=extend_schema(**changed(FactsBodySerializer)),
        notes=extend_schema(**changed(NotesBodySerializer)),
        assign=extend_schema(**changed(AssignBodySerializer)),
        ask=extend_schema(request=None, responses={200: MoveResultSerializer, 404: MISSING, **WRITES}),
        restrict=extend_schema(**changed(RestrictBodySerializer)),
        lift=extend_schema(**changed(ReasonSerializer)),
        agreement=extend_schema(**changed(AgreementChoiceSerializer)),
        binder=extend_schema(responses=PAPER),
        paper=extend_schema(responses=PAPER),
    )
    return schema(view)


class WorkApi:
    """Before a WorkflowViewSet of cases, of which these operations find those that the caller sees whole."""

    request: Request
    get_object: Callable[[], Any]

    @action(detail=True, methods=["patch"])
    def facts(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Change what is known of the matter, in the fields that the body names. The filed text stays."""
        return self._edited(p.WORK_GRIEVANCES, FactsForm, cases.change_facts)

    @action(detail=True, methods=["patch"])
    def notes(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Change the notes on strategy."""

        def change(case: Any, values: dict[str, Any], **options: Any) -> Any:
            return cases.change_notes(case, values.get("notes", case.notes), **options)

        return self._edited(p.VIEW_STRATEGY, NotesForm, change)

    @action(detail=True, methods=["post"])
    @once
    def assign(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Give the case to a representative, or take it from whoever has it."""
        return self._acted(p.ASSIGN_GRIEVANCES, AssignForm, cases.assign_representative, first="person")

    @action(detail=True, methods=["post"])
    @once
    def ask(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Tell those who assign cases that the caller would work this one; asked twice, it is asked once."""
        case = self.get_object()
        require(request.user, p.WORK_GRIEVANCES)
        known_only(given_values(request), ())
        return _told(cases.ask_for_case(case, actor=request.user))

    @action(detail=True, methods=["post"])
    @once
    def restrict(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """From now on only the people named see the case, and no grievant of it."""
        return self._acted(p.RESTRICT_GRIEVANCES, RestrictForm, cases.restrict, first="people")

    @action(detail=True, methods=["post"])
    @once
    def lift(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Everybody whose role sees cases sees this one again."""
        return self._acted(p.RESTRICT_GRIEVANCES, LiftForm, cases.lift_restriction)

    @action(detail=True, methods=["post"])
    @once
    def agreement(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Give a case that has none its agreement: from now on its dates are computed."""
        return self._acted(p.CHANGE_AGREEMENTS, ChooseAgreementForm, agreements.choose_agreement, first="agreement")

    @extend_schema(filters=False, responses={200: DeliverySerializer(many=True), 404: MISSING, **ERRORS})
    @action(detail=True, methods=["get"], pagination_class=None)
    def deliveries(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """What reached the employer, the first before."""
        case = self.get_object()
        trail.read(case, ReadKind.OPENED, actor=request.user)
        rows = Delivery.objects.visible_to(request.user).filter(grievance=case)[:MOST_TOLD]
        return Response([written(DeliverySerializer, row) for row in rows])

    @extend_schema(request=DeliveryBodySerializer, responses={201: DeliverySerializer, 404: MISSING, **WRITES})
    @deliveries.mapping.post
    @once
    def deliver(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Record that something reached the employer; only this meets a deadline of ours."""
        case, given = self.get_object(), given_values(request)
        require(request.user, p.WORK_GRIEVANCES)
        form = filled_as_offered(lambda typed: DeliveryForm(typed, record=case), given)
        made = done(deliveries.record_delivery, case, form.values(), actor=request.user)
        return Response(written(DeliverySerializer, made), status=201, headers={"ETag": etag(made.version)})

    @action(detail=True, methods=["get"], url_path="binder/(?P<edition>[a-z]{1,20})")
    def binder(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The whole case as one PDF: `internal`, `hearing` or `employer`, which says for whom."""
        case = self._papers_of(request)
        if kwargs["edition"] not in Edition.values:
            raise Http404
        return binder_response(request._request, case, Edition(kwargs["edition"]))

    @action(detail=True, methods=["get"], url_path="papers/(?P<paper>[a-z-]{1,40})")
    def paper(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """A form or letter of the case as PDF, such as `grievance-form` or `step-letter`."""
        return case_paper(self._papers_of(request), kwargs["paper"], actor=request.user)

    def _papers_of(self, request: Request) -> Grievance:
        require(request.user, p.VIEW_GRIEVANCES)
        return self.get_object()

    def _edited(self, permission: Permission, form_class: Any, change: Callable[..., Any]) -> Response:
        case = self.get_object()
        require(self.request.user, permission)
        version, given = seen_version(self.request), given_values(self.request)
        form = filled_as_offered(lambda typed: form_class(typed, instance=case), given)
        named = {name: form.values()[name] for name in given}
        return _told(done(change, case, named, actor=self.request.user, version=version) or case)

    def _acted(self, permission: Permission, form_class: Any, service: Callable[..., Any], first: str = "") -> Response:
        """By a form about the case; `first` is what the service is given before the rest, which the body must name."""
        case = self.get_object()
        require(self.request.user, permission)
        version, given = seen_version(self.request), renamed(given_values(self.request, "people"))
        with our_names():
            if first and first not in given:
                raise InvalidBody({first: [_("Say this too; nothing else stands for it.")]})
            form = filled_as_offered(lambda typed: form_class(typed, record=case), given)
            values = {**form.cleaned_data, "version": version}
            chosen = [values.pop(first)] if first else []
            return _told(done(service, case, *chosen, actor=self.request.user, **values))


def _told(case: Any) -> Response:
    return Response({"status": case.status, "version": case.version}, headers={"ETag": etag(case.version)})
