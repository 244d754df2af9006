"""Members and their employments."""

from typing import Any

from django import forms
from rest_framework import serializers

from core.api.changes import ChangesMixin, in_step
from core.api.parts import Parts
from core.api.records import Given, PartViewSet, RecordMove, RecordViewSet, done, known_only, recorded
from core.api.rows import STAMPS, RowSerializer, without
from core.permissions import Actor
from core.web.keyset import Sort
from members import permissions as p
from members.forms.filters import EmploymentFilterSet, MemberFilterSet
from members.forms.members import EmploymentForm, MemberForm, NewMemberForm
from members.models import Employment, Member, Organization
from members.services import employments
from members.services import members as services
from members.services.employments import EMPLOYMENT_FIELDS
from members.services.members import MEMBER_FIELDS

TOLD_OF_MEMBERS = without(MEMBER_FIELDS, "notes")


class OrganizationRefSerializer(RowSerializer):
    class Meta:
        model = Organization
        fields = ["id", "name"]


class CurrentEmploymentSerializer(RowSerializer):
    organization = OrganizationRefSerializer()
    hourly_rate = serializers.DecimalField(max_digits=12, decimal_places=2, allow_null=True)

    class Meta:
        model = Employment
        fields = ["id", *EMPLOYMENT_FIELDS]


class MemberSerializer(RowSerializer):
    """`current_employments`: the jobs without an end date."""

    current_employments = CurrentEmploymentSerializer(many=True)

    class Meta:
        model = Member
        fields = ["id", *TOLD_OF_MEMBERS, "current_employments", *STAMPS, "deleted_at"]
        read_only_fields = fields


class MemberBodySerializer(serializers.ModelSerializer):
    class Meta:
        model = Member
        fields = TOLD_OF_MEMBERS


class NewMemberBodySerializer(MemberBodySerializer):
    """`why_another`: the answer to `perhaps_known`, which names the `members` who are recorded already."""

    why_another = serializers.CharField(required=False, max_length=300)

    class Meta(MemberBodySerializer.Meta):
        fields = [*TOLD_OF_MEMBERS, "why_another"]


class EmploymentSerializer(RowSerializer):
    hourly_rate = serializers.DecimalField(max_digits=12, decimal_places=2, allow_null=True)

    class Meta:
        model = Employment
        fields = ["id", "member", *EMPLOYMENT_FIELDS, *STAMPS]
        read_only_fields = fields


class EmploymentBodySerializer(serializers.ModelSerializer):
    """`organization` and `member` are ids."""

    class Meta:
        model = Employment
        fields = ["member", *EMPLOYMENT_FIELDS]


class EmploymentBodyForm(EmploymentForm):
    """The page's form, but for the employer: a program names it by its id."""

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, actor=actor, **kwargs)
        self.fields["organization"] = forms.ModelChoiceField(Organization.objects.visible_to(actor))


@in_step("Member", MemberSerializer)
@recorded(MemberSerializer, MemberBodySerializer, NewMemberBodySerializer)
class MemberViewSet(ChangesMixin, RecordViewSet):
    permission = (p.VIEW_MEMBERS, p.VIEW_OWN_RECORD)
    model = Member
    queryset = Member.objects.none()
    serializer_class = MemberSerializer
    filterset_class = MemberFilterSet
    is_prepared = True
    sort = Sort("name", "sort_name", "name")
    jobs = Employment.objects.current().order_by("-start_date", "-id")
    parts = (Parts.sent("current_employments", CurrentEmploymentSerializer, jobs, by="member"),)
    body = MemberBodySerializer
    form_class = MemberForm
    add_permission, add = p.ADD_MEMBERS, staticmethod(services.create_member)
    change_permission, change = p.CHANGE_MEMBERS, staticmethod(services.update_member)
    moves = {
        "delete": RecordMove(p.DELETE_MEMBERS, services.delete_member),
        "restore": RecordMove(p.RESTORE_MEMBERS, services.restore_member),
    }

    def make(self, given: Given) -> Member:
        """Asked the same question as on the page: whether this is somebody who is recorded already."""
        known_only(given, NewMemberBodySerializer.Meta.fields)
        form = self.form(Member(), given, NewMemberForm)
        why = form.cleaned_data["why_another"]
        return done(services.create_member, form.values(), actor=self.request.user, why_another=why)


@recorded(EmploymentSerializer, EmploymentBodySerializer)
class EmploymentViewSet(PartViewSet):
    """The move `remove` is for an employment that was entered by mistake; one that is over gets an end date."""

    permission = (p.VIEW_MEMBERS, p.VIEW_OWN_RECORD)
    model = Employment
    queryset = Employment.objects.none()
    serializer_class = EmploymentSerializer
    filterset_class = EmploymentFilterSet
    belongs_to = "member"
    body = EmploymentBodySerializer
    form_class = EmploymentBodyForm
    add_permission, add = p.CHANGE_MEMBERS, staticmethod(employments.add_employment)
    change_permission, change = p.CHANGE_MEMBERS, staticmethod(employments.change_employment)
    moves = {"remove": RecordMove(p.CHANGE_MEMBERS, employments.remove_employment)}

    def form_options(self) -> dict[str, Any]:
        return {"actor": self.request.user}
