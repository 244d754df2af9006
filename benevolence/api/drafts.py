"""Applications that programs begin and change before anybody decides: the draft, its payees, an appeal."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.forms import model_to_dict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from benevolence import permissions as p
from benevolence.enums import Payee, Reason
from benevolence.forms.applications import AppealForm, application_form
from benevolence.forms.payees import PayeesForm, payee_fields
from benevolence.models import MOST_PAYEES, TEXT_LENGTH, BenevolenceApplication
from benevolence.services import applications
from benevolence.services.applications import INTAKE_FIELDS
from core.api.once import once, require_key
from core.api.records import (
    CHANGES,
    IF_MATCH,
    MISSING,
    WRITES,
    Given,
    as_typed,
    done,
    filled,
    given_values,
    known_only,
)
from core.api.versions import seen_version
from core.api.viewsets import InvalidBody, plain_values
from core.permissions import require
from members.models import Member


class DraftBodySerializer(serializers.Serializer):
    """`member` is the id of the member for whom a new draft is entered; who applies for themselves leaves it out.

    `notes` are the office's: an applicant sends none, whatever their roles.
    """

    member = serializers.IntegerField(required=False)
    reason = serializers.ChoiceField(choices=Reason.choices)
    description = serializers.CharField(max_length=TEXT_LENGTH)
    amount_requested = serializers.DecimalField(max_digits=12, decimal_places=2)
    needed_by = serializers.DateField(required=False, allow_null=True)
    is_related_to_office = serializers.BooleanField(required=False)
    notes = serializers.CharField(required=False, max_length=TEXT_LENGTH)

    class Meta:
        fields = ["member", *INTAKE_FIELDS]


class AppealBodySerializer(serializers.Serializer):
    """Of the office alone."""

    reason = serializers.ChoiceField(choices=Reason.choices, required=False)
    description = serializers.CharField(max_length=TEXT_LENGTH, required=False)
    amount_requested = serializers.DecimalField(max_digits=12, decimal_places=2, required=False)
    needed_by = serializers.DateField(required=False, allow_null=True)


class PayeeBodySerializer(serializers.Serializer):
    """Of the member neither a name nor an address is sent: their record has both."""

    payee_kind = serializers.ChoiceField(choices=Payee.choices)
    payee_name = serializers.CharField(required=False)
    address = serializers.CharField(required=False)
    purpose = serializers.CharField(required=False)
    account_number = serializers.CharField(required=False)
    asked = serializers.DecimalField(max_digits=12, decimal_places=2)


class PayeesBodySerializer(serializers.Serializer):
    payees = PayeeBodySerializer(many=True)


def drafted(serializer: type[serializers.Serializer]) -> Any:
    """Decorates the viewset: what the operations of drafts take and answer."""
    changed: dict[str, Any] = {"parameters": [IF_MATCH], "responses": {200: serializer, **CHANGES}}
    return extend_schema_view(
        create=extend_schema(request=DraftBodySerializer, responses={201: serializer, **WRITES}),
        partial_update=extend_schema(request=DraftBodySerializer, **changed),
        payees=extend_schema(request=PayeesBodySerializer, **changed),
        appeal=extend_schema(request=AppealBodySerializer, responses={201: serializer, 404: MISSING, **WRITES}),
    )


class DraftsApi:
    """Before a WorkflowViewSet of applications."""

    request: Request
    visible: Any
    for_answer: Any
    sent: Any
    shown: Any
    fresh: Any
    get_object: Any
    unseen = gettext_lazy("It was saved, and you no longer see this application.")

    @once
    def create(self, request: Request) -> Response:
        """Begin a draft. Nothing is sent before the move `submit`."""
        require(request.user, (p.APPLY, p.APPLY_FOR_MEMBER))
        form = self._form(BenevolenceApplication(), given_values(request))
        require_key(request)
        given = {"actor": request.user, "member": form.cleaned_data.get("member")}
        return self._begun(done(applications.create_application, form.values(), **given))

    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Change the fields of a draft that the body names."""
        record = self._own()
        version, given = seen_version(request), given_values(request)
        values = self._form(record, given).values()
        named = {name: values[name] for name in given}
        row = BenevolenceApplication(pk=record.pk)
        done(applications.update_draft, row, named, actor=request.user, version=version)
        return self.shown(self.fresh(record.pk))

    @action(detail=True, methods=["put"])
    def payees(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Say who should be paid; the amount asked for becomes their sum. In review this starts it again."""
        record = self._own()
        version = seen_version(request)
        form = PayeesForm({**typed_payees(request.data), "version": version}, record=record, actor=request.user)
        if not form.is_valid():
            raise InvalidBody({place_of(name): [str(error) for error in found] for name, found in form.errors.items()})
        row = BenevolenceApplication.objects.get(pk=record.pk)
        done(applications.name_payees, row, form.payees, actor=request.user, version=version)
        return self.shown(self.fresh(record.pk))

    @action(detail=True, methods=["post"])
    @once
    def appeal(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Begin an appeal of the denial: a new draft with the same request, which other people decide.

        The office, which no longer sees the request, sends it anew; the applicant sends nothing.
        """
        record, given = self._own(), given_values(request)
        form = AppealForm(as_typed(given), record=record, actor=request.user)
        known_only(given, list(form.fields))
        values = filled(form, given).cleaned_data
        require_key(request)
        return self._begun(done(applications.appeal, record, actor=request.user, values=values))

    def _own(self) -> Any:
        record = self.get_object()
        require(self.request.user, p.REQUEST)
        if not record.is_mine:
            raise PermissionDenied(p.REQUEST)
        return record

    def _form(self, record: BenevolenceApplication, given: Given) -> Any:
        """The page's form, but for the member, whom a program names by their id, and payees, who have their address."""
        form_class: Any = application_form(self.request.user, None if record._state.adding else record)
        now = model_to_dict(record, fields=form_class._meta.fields)
        form = form_class({**now, **as_typed(given)}, instance=record, actor=self.request.user)
        for name in payee_fields():
            form.fields.pop(name, None)
        if "member" in form.fields:
            rows = Member.objects.visible_to(self.request.user).alive()
            asked = _("Name the member for whom this is, by their id.")
            form.fields["member"] = forms.ModelChoiceField(
                rows, error_messages={"required": asked, "invalid_choice": asked}
            )
        known_only(given, [name for name in form.fields if name != "version"])
        return filled(form, given)

    def _begun(self, made: BenevolenceApplication) -> Response:
        answer = self.shown(self.fresh(made.pk), status=201)
        answer["Location"] = self.request.build_absolute_uri(f"/api/v1/benevolence-applications/{made.pk}/")
        return answer


def typed_payees(body: Any) -> Given:
    """The rows of the page's form. Raises InvalidBody."""
    rows = body.get("payees") if isinstance(body, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise InvalidBody({"payees": [_("Send a list of payees, each an object of plain values.")]})
    known_only(body, ("payees",))
    if len(rows) > MOST_PAYEES:
        raise InvalidBody({"payees": [_("Name at most %(most)s payees.") % {"most": MOST_PAYEES}]})
    return {f"{name}_{at}": value for at, row in enumerate(rows, 1) for name, value in _typed(row).items()}


def _typed(row: Given) -> Given:
    names: Sequence[str] = list(payee_fields())
    values = plain_values(row)
    known_only(values, names)
    if wrong := [name for name, value in values.items() if isinstance(value, bool | list)]:
        raise InvalidBody({name: [_("Send a text here.")] for name in wrong})
    return values


def place_of(name: str) -> str:
    """`asked_2` of the form is `payees.2.asked` of the body; payees are counted from 1, as their positions."""
    field, _underscore, number = name.rpartition("_")
    return f"payees.{number}.{field}" if number.isdecimal() else name
