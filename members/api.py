from rest_framework import serializers

from core.api.parts import Parts
from core.api.rows import STAMPS, RowSerializer, without
from core.api.viewsets import GatedViewSet, documented
from core.web.keyset import Sort
from members import permissions as p
from members.forms.filters import MemberFilterSet, OrganizationFilterSet
from members.models import Employment, Member, Organization, OrganizationContact
from members.services.employments import EMPLOYMENT_FIELDS
from members.services.members import MEMBER_FIELDS
from members.services.organizations import CONTACT_FIELDS, ORGANIZATION_FIELDS


class OrganizationRefSerializer(RowSerializer):
    class Meta:
        model = Organization
        fields = ["id", "name"]


class EmploymentSerializer(RowSerializer):
    organization = OrganizationRefSerializer()
    hourly_rate = serializers.DecimalField(max_digits=12, decimal_places=2, allow_null=True)

    class Meta:
        model = Employment
        fields = ["id", *EMPLOYMENT_FIELDS]


class MemberSerializer(RowSerializer):
    """`current_employments`: the jobs without an end date."""

    current_employments = EmploymentSerializer(many=True)

    class Meta:
        model = Member
        fields = ["id", *without(MEMBER_FIELDS, "notes"), "current_employments", *STAMPS, "deleted_at"]
        read_only_fields = fields


class ContactSerializer(RowSerializer):
    class Meta:
        model = OrganizationContact
        fields = ["id", *without(CONTACT_FIELDS, "notes")]


class OrganizationSerializer(RowSerializer):
    contacts = ContactSerializer(many=True, source="sent_contacts")

    class Meta:
        model = Organization
        fields = ["id", *ORGANIZATION_FIELDS, "contacts", *STAMPS, "deleted_at"]
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
