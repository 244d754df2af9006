"""Agreements written by program: their steps, rules, closures and articles, and a rule tried on a day."""

import datetime
from collections.abc import Callable
from typing import Any

from django import forms
from django.db.models import Q
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.once import once
from core.api.records import (
    CHANGES,
    IF_MATCH,
    MISSING,
    WRITES,
    Given,
    done,
    filled_as_offered,
    given_values,
    known_only,
)
from core.api.rows import RowSerializer, written
from core.api.versions import seen_version
from core.api.viewsets import ERRORS, UUID_PATTERN
from core.permissions import Actor, require
from core.site import local_today
from grievances import permissions as p
from grievances.forms.agreements import AgreementForm, ClausesForm, ClosureForm, CopyForm, RuleForm, StageForm
from grievances.models import Agreement, AgreementClause, AgreementClosure, AgreementStage, StepRule
from grievances.services import agreements, calendars
from grievances.services.agreements import AGREEMENT_FIELDS, CLOSURE_FIELDS, RULE_FIELDS, STAGE_FIELDS
from grievances.services.deadlines.counting import due
from grievances.views.agreements import example_sentence
from members.models import Organization

PART = f"(?P<record>{UUID_PATTERN})"
MOST_TOLD = 2_000


class AgreementBodySerializer(serializers.ModelSerializer):
    """`employer` and `holiday_list` are ids."""

    class Meta:
        model = Agreement
        fields = list(AGREEMENT_FIELDS)


class NextBodySerializer(serializers.Serializer):
    """`title` is that of the one before where it is missing."""

    effective_from = serializers.DateField()
    title = serializers.CharField(required=False, max_length=200)


class StageBodySerializer(serializers.ModelSerializer):
    class Meta:
        model = AgreementStage
        fields = list(STAGE_FIELDS)


class RuleBodySerializer(serializers.ModelSerializer):
    """`stage` is the id of the step to which a new rule belongs; a rule stays with its step."""

    class Meta:
        model = StepRule
        fields = ["stage", *RULE_FIELDS]


class ExampleBodySerializer(RuleBodySerializer):
    """A rule as it may become; `example_day`, today where it is missing, is the day from which it counts.

    Of a step that has a rule for this already it is that rule with what the body says otherwise.
    """

    example_day = serializers.DateField(required=False)

    class Meta(RuleBodySerializer.Meta):
        fields = [*RuleBodySerializer.Meta.fields, "example_day"]


class CountedDaySerializer(serializers.Serializer):
    """`number` is the place among the counted days, 0 for a day that is left out; `why` says why."""

    day = serializers.DateField()
    number = serializers.IntegerField()
    why = serializers.CharField()
    name = serializers.CharField()


class ExampleSerializer(serializers.Serializer):
    """`safe_date` is there where the contract is unclear."""

    sentence = serializers.CharField()
    due = serializers.DateField()
    safe_date = serializers.DateField(allow_null=True)
    days = CountedDaySerializer(many=True)


class ClosureSerializer(RowSerializer):
    class Meta:
        model = AgreementClosure
        fields = ["id", *CLOSURE_FIELDS, "version"]
        read_only_fields = fields


class ClosureBodySerializer(serializers.ModelSerializer):
    class Meta:
        model = AgreementClosure
        fields = list(CLOSURE_FIELDS)


class ClauseSerializer(RowSerializer):
    class Meta:
        model = AgreementClause
        fields = ["id", "position", "article", "section", "title", "text"]
        read_only_fields = fields


class ClausesBodySerializer(serializers.Serializer):
    """The whole text; it is split at lines such as “Article 9 Grievances” and “Section 9.1”."""

    text = serializers.CharField()


class SplitSerializer(serializers.Serializer):
    sections = serializers.IntegerField()


class AgreementBodyForm(AgreementForm):
    """The page's form, but for the employer: a program names it by its id."""

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, actor=actor, **kwargs)
        places = Organization.objects.visible_to(actor)
        self.fields["employer"] = forms.ModelChoiceField(
            places.filter(Q(deleted_at=None) | Q(pk=self.instance.employer_id))
        )


def contracted(serializer: type[serializers.Serializer]) -> Any:
    """Decorates the viewset: what these operations take and answer; each answers the whole agreement but for three."""
    made: dict[str, Any] = {"responses": {201: serializer, 404: MISSING, **WRITES}}
    changed: dict[str, Any] = {"parameters": [IF_MATCH], "responses": {200: serializer, **CHANGES}}
    taken: dict[str, Any] = {"request": None, **changed}
    copied: dict[str, Any] = {"parameters": [IF_MATCH], "responses": {201: serializer, **CHANGES}}
    return extend_schema_view(
        create=extend_schema(request=AgreementBodySerializer, responses={201: serializer, **WRITES}),
        partial_update=extend_schema(request=AgreementBodySerializer, **changed),
        next=extend_schema(request=NextBodySerializer, **copied),
        stages=extend_schema(request=StageBodySerializer, **made),
        stage=extend_schema(request=StageBodySerializer, **changed),
        rules=extend_schema(request=RuleBodySerializer, **made),
        rule=extend_schema(request=RuleBodySerializer, **changed),
        example=extend_schema(
            request=ExampleBodySerializer, responses={200: ExampleSerializer, 404: MISSING, **WRITES}
        ),
        closures=extend_schema(request=ClosureBodySerializer, **made),
        take_out_stage=extend_schema(**taken),
        take_out_rule=extend_schema(**taken),
        take_out_closure=extend_schema(**taken),
    )


class ContractApi:
    """Before a viewset of agreements."""

    request: Request
    get_object: Callable[[], Any]
    shown: Any
    visible: Any
    for_answer: Any
    sent: Any
    kwargs: Any

    @once
    def create(self, request: Request) -> Response:
        """Write an agreement. It begins with three steps."""
        require(request.user, p.CHANGE_AGREEMENTS)
        form = self._form(Agreement(), given_values(request))
        return self._made(done(agreements.create_agreement, form.values(), actor=request.user))

    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Change the fields that the body names. Dates that were computed stay."""
        agreement, version, given = self._seen()
        form = self._form(agreement, given)
        done(agreements.change_agreement, agreement, _named(form, given), actor=request.user, version=version)
        return self._told(agreement)

    @action(detail=True, methods=["post"])
    @once
    def next(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Begin the next agreement with everything of this one, which ends the day before."""
        agreement, version, given = self._seen()
        form = filled_as_offered(lambda typed: CopyForm(typed, record=agreement), given)
        values = {name: form.cleaned_data[name] for name in ("effective_from", "title")}
        return self._made(done(agreements.copy_agreement, agreement, actor=request.user, version=version, **values))

    @action(detail=True, methods=["post"])
    @once
    def stages(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Add a step under the contract's own name."""
        agreement, given = self._written()
        stage = AgreementStage(agreement=agreement, position=agreement.stages.count() + 1)
        form = filled_as_offered(lambda typed: StageForm(typed, instance=stage), given)
        done(agreements.save_stage, agreement, form.values(), actor=request.user)
        return self._told(agreement, status=201)

    @action(detail=True, methods=["patch"], url_path=f"stages/{PART}")
    def stage(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Change a step. If-Match: the version of the step."""
        agreement, version, given = self._seen()
        stage = get_object_or_404(agreement.stages, pk=kwargs["record"])
        form = filled_as_offered(lambda typed: StageForm(typed, instance=stage), given)
        options = {"actor": request.user, "stage": stage, "version": version}
        done(agreements.save_stage, agreement, _named(form, given), **options)
        return self._told(agreement)

    @action(detail=True, methods=["post"])
    @once
    def rules(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Add a deadline to a step. Drafts follow it at once."""
        agreement, given = self._written()
        known_only(given, RuleBodySerializer.Meta.fields)
        form = filled_as_offered(lambda typed: RuleForm(typed, agreement=agreement), given)
        done(agreements.save_rule, form.cleaned_data["stage"], form.values(), actor=request.user)
        return self._told(agreement, status=201)

    @action(detail=True, methods=["patch"], url_path=f"rules/{PART}")
    def rule(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Change a deadline. Drafts follow it, dates of cases stay. If-Match: the version of the rule."""
        agreement, version, given = self._seen()
        rule = get_object_or_404(StepRule.objects.filter(stage__agreement=agreement), pk=kwargs["record"])
        known_only(given, RULE_FIELDS)
        form = filled_as_offered(lambda typed: RuleForm(typed, instance=rule, agreement=agreement), given)
        options = {"actor": request.user, "rule": StepRule(pk=rule.pk), "version": version}
        done(agreements.save_rule, rule.stage, _named(form, given), **options)
        return self._told(agreement)

    @action(detail=True, methods=["post"], url_path="rules/example")
    @once
    def example(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Try a rule on a day: the sentence and each day, counted or not and why. Nothing of it is saved."""
        agreement, given = self._written()
        rule = _rule_meant(agreement, given)
        form = filled_as_offered(lambda typed: RuleForm(typed, instance=rule, agreement=agreement), given)
        tried = StepRule(**{name: form.cleaned_data[name] for name in RULE_FIELDS})
        day = form.cleaned_data["example_day"] or local_today()
        return Response(_example(tried, agreement, day))

    @action(detail=True, methods=["post"])
    @once
    def closures(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Add days on which no deadline of the agreement counts."""
        agreement, given = self._written()
        form = filled_as_offered(ClosureForm, given)
        done(agreements.add_closure, agreement, form.cleaned_data, actor=request.user)
        return self._told(agreement, status=201)

    @extend_schema(filters=False, responses={200: ClauseSerializer(many=True), 404: MISSING, **ERRORS})
    @action(detail=True, methods=["get"], pagination_class=None)
    def clauses(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The articles and sections, as they were split."""
        rows = AgreementClause.objects.filter(agreement=self.get_object())[:MOST_TOLD]
        return Response([written(ClauseSerializer, row) for row in rows])

    @extend_schema(request=ClausesBodySerializer, responses={200: SplitSerializer, 404: MISSING, **WRITES})
    @clauses.mapping.put
    def put_clauses(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Split a contract into its articles and sections, in the place of those before."""
        agreement, given = self._written()
        text = filled_as_offered(ClausesForm, given).cleaned_data["text"]
        return Response({"sections": done(agreements.put_clauses_in, agreement, text, actor=request.user)})

    @action(detail=True, methods=["post"], url_path=f"stages/{PART}/take-out")
    @once
    def take_out_stage(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Take out a step that no case has been at, with its rules. If-Match: the version of the step."""
        return self._taken_out(AgreementStage.objects, "agreement", agreements.remove_stage)

    @action(detail=True, methods=["post"], url_path=f"rules/{PART}/take-out")
    @once
    def take_out_rule(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Take out a deadline with which nothing was computed. If-Match: the version of the rule."""
        return self._taken_out(StepRule.objects, "stage__agreement", agreements.remove_rule)

    @action(detail=True, methods=["post"], url_path=f"closures/{PART}/take-out")
    @once
    def take_out_closure(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Let the days of a closure count again: drafts follow, dates of cases stay. If-Match: its version."""
        return self._taken_out(AgreementClosure.objects, "agreement", agreements.remove_closure)

    def _taken_out(self, rows: Any, way: str, service: Callable[..., None]) -> Response:
        """What goes is named by the address; `way` leads from it to its agreement."""
        agreement, version, given = self._seen()
        known_only(given, [])
        part = get_object_or_404(rows.filter(**{way: agreement}), pk=self.kwargs["record"])
        done(service, part, actor=self.request.user, version=version)
        return self._told(agreement)

    def _written(self) -> tuple[Agreement, Given]:
        agreement = self.get_object()
        require(self.request.user, p.CHANGE_AGREEMENTS)
        return agreement, given_values(self.request)

    def _seen(self) -> tuple[Agreement, int, Given]:
        agreement = self.get_object()
        require(self.request.user, p.CHANGE_AGREEMENTS)
        return agreement, seen_version(self.request), given_values(self.request)

    def _form(self, agreement: Agreement, given: Given) -> Any:
        return filled_as_offered(
            lambda typed: AgreementBodyForm(typed, instance=agreement, actor=self.request.user), given
        )

    def _made(self, agreement: Agreement) -> Response:
        answer = self._told(agreement, status=201)
        answer["Location"] = self.request.build_absolute_uri(f"/api/v1/agreements/{agreement.pk}/")
        return answer

    def _told(self, agreement: Agreement, *, status: int = 200) -> Response:
        """The agreement as it stands now."""
        row = self.for_answer(self.visible()).only(*self.sent()).get(pk=agreement.pk)
        return self.shown(row, status=status)


def _named(form: Any, given: Given) -> dict[str, Any]:
    values = form.values()
    return {name: values[name] for name in given}


def _rule_meant(agreement: Agreement, given: Given) -> StepRule | None:
    """The rule that the step has for this already."""
    meant = (str(given.get("stage", "")), given.get("clock"))
    rules = StepRule.objects.filter(stage__agreement=agreement).select_related("stage")
    return next((rule for rule in rules if (str(rule.stage_id), rule.clock) == meant), None)


def _example(rule: StepRule, agreement: Agreement, day: datetime.date) -> dict[str, Any]:
    found = due(day, calendars.rule_of(rule), calendars.calendar_of(agreement))
    return {
        "sentence": example_sentence(rule, agreement, day),
        "due": found.day.isoformat(),
        "safe_date": found.safe.isoformat() if found.safe else None,
        "days": [
            {"day": item.day.isoformat(), "number": item.number, "why": item.why.value, "name": item.name}
            for item in found.days
        ],
    }
