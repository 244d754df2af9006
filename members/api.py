from rest_framework import serializers

from core.api.parts import Parts
from core.api.rows import RowSerializer
from core.api.viewsets import GatedViewSet, documented
from core.web.keyset import Sort
from members import permissions as p
from members.forms.filters import MemberFilterSet, OrganizationFilterSet
from members.models import Employment, Member, Organization, OrganizationContact


class OrganizationRefSerializer(RowSerializer):
    class Meta:
        model = Organization
        fields = ["id", "name"]


class EmploymentSerializer(RowSerializer):
    organization = OrganizationRefSerializer()
    hourly_rate = serializers.DecimalField(max_digits=12, decimal_places=2, allow_null=True)

    class Meta:
        model = Employment
        fields = ["id", "organization", "start_date", "end_date", "job_title", "hourly_rate"]


class MemberSerializer(RowSerializer):
    """`current_employments`: the jobs without an end date."""

    current_employments = EmploymentSerializer(many=True)

    class Meta:
        model = Member
        fields = [
            "id",
            "member_number",
            "first_name",
            "middle_name",
            "last_name",
            "address",
            "city",
            "state",
            "zip_code",
            "phone",
            "email",
            "date_of_birth",
            "hire_date",
            "initiation_date",
            "status",
            "classification",
            "dues_paid_through",
            "standing",
            "standing_as_of",
            "standing_source",
            "current_employments",
            "version",
            "created_at",
            "updated_at",
            "deleted_at",
        ]
        read_only_fields = fields


class ContactSerializer(RowSerializer):
    class Meta:
        model = OrganizationContact
        fields = ["id", "first_name", "last_name", "title", "phone", "email", "is_primary"]


class OrganizationSerializer(RowSerializer):
    contacts = ContactSerializer(many=True, source="sent_contacts")

    class Meta:
        model = Organization
        fields = [
            "id",
            "name",
            "org_type",
            "address",
            "city",
            "state",
            "zip_code",
            "phone",
            "email",
            "website",
            "contacts",
            "version",
            "created_at",
            "updated_at",
            "deleted_at",
        ]
        read_only_fields = fields


@documented(MemberSerializer)
class MemberViewSet(GatedViewSet):
    permission = (p.VIEW_MEMBERS, p.VIEW_OWN_RECORD)
    model = Member
    queryset = Member.objects.none()
    serializer_class = MemberSerializer
    filterset_class = MemberFilterSet
    is_prepared = True
    sort = Sort("name", "sort_name", "name")
    jobs = Employment.objects.current().order_by("-start_date", "-id")
    parts = (Parts.sent("current_employments", EmploymentSerializer, jobs, by="member"),)


@documented(OrganizationSerializer)
class OrganizationViewSet(GatedViewSet):
    permission = p.VIEW_ORGANIZATIONS
    model = Organization
    queryset = Organization.objects.none()
    serializer_class = OrganizationSerializer
    filterset_class = OrganizationFilterSet
    is_prepared = True
    sort = Sort("name", "sort_name", "name")
    parts = (Parts.sent("sent_contacts", ContactSerializer, OrganizationContact.objects.all(), by="organization"),)
