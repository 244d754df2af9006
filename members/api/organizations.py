"""Organizations and the people to call there."""

from rest_framework import serializers

from core.api.changes import ChangesMixin, in_step
from core.api.parts import Parts
from core.api.records import PartViewSet, RecordMove, RecordViewSet, recorded
from core.api.rows import STAMPS, RowSerializer, without
from core.web.keyset import Sort
from members import permissions as p
from members.api.merging import MergeMove
from members.forms.filters import ContactFilterSet, OrganizationFilterSet
from members.forms.members import ContactForm, OrganizationForm
from members.models import Organization, OrganizationContact
from members.services import merging
from members.services import organizations as services
from members.services.organizations import CONTACT_FIELDS, ORGANIZATION_FIELDS

TOLD_OF_CONTACTS = without(CONTACT_FIELDS, "notes")


class OrganizationContactSerializer(RowSerializer):
    class Meta:
        model = OrganizationContact
        fields = ["id", *TOLD_OF_CONTACTS]


class OrganizationSerializer(RowSerializer):
    contacts = OrganizationContactSerializer(many=True, source="sent_contacts")

    class Meta:
        model = Organization
        fields = ["id", *ORGANIZATION_FIELDS, "contacts", *STAMPS, "deleted_at"]
        read_only_fields = fields


class OrganizationBodySerializer(serializers.ModelSerializer):
    class Meta:
        model = Organization
        fields = ORGANIZATION_FIELDS


class ContactSerializer(RowSerializer):
    class Meta:
        model = OrganizationContact
        fields = ["id", "organization", *TOLD_OF_CONTACTS, *STAMPS]
        read_only_fields = fields


class ContactBodySerializer(serializers.ModelSerializer):
    class Meta:
        model = OrganizationContact
        fields = ["organization", *TOLD_OF_CONTACTS]


@in_step("Organization", OrganizationSerializer)
@recorded(OrganizationSerializer, OrganizationBodySerializer)
class OrganizationViewSet(ChangesMixin, RecordViewSet):
    permission = p.VIEW_ORGANIZATIONS
    model = Organization
    queryset = Organization.objects.none()
    serializer_class = OrganizationSerializer
    filterset_class = OrganizationFilterSet
    is_prepared = True
    sort = Sort("name", "sort_name", "name")
    parts = (
        Parts.sent(
            "sent_contacts", OrganizationContactSerializer, OrganizationContact.objects.all(), by="organization"
        ),
    )
    body = OrganizationBodySerializer
    form_class = OrganizationForm
    add_permission, add = p.ADD_ORGANIZATIONS, staticmethod(services.create_organization)
    change_permission, change = p.CHANGE_ORGANIZATIONS, staticmethod(services.update_organization)
    moves = {
        "delete": RecordMove(p.DELETE_ORGANIZATIONS, services.delete_organization),
        "restore": RecordMove(p.RESTORE_ORGANIZATIONS, services.restore_organization),
        "merge": MergeMove(
            p.MERGE_ORGANIZATIONS, merging.merge_organizations, ORGANIZATION_FIELDS, p.CHANGE_ORGANIZATIONS
        ),
    }


@recorded(ContactSerializer, ContactBodySerializer)
class ContactViewSet(PartViewSet):
    """The move `remove` is for a contact that was entered by mistake."""

    permission = p.VIEW_ORGANIZATIONS
    model = OrganizationContact
    queryset = OrganizationContact.objects.none()
    serializer_class = ContactSerializer
    filterset_class = ContactFilterSet
    belongs_to = "organization"
    body = ContactBodySerializer
    form_class = ContactForm
    add_permission, add = p.CHANGE_ORGANIZATIONS, staticmethod(services.add_contact)
    change_permission, change = p.CHANGE_ORGANIZATIONS, staticmethod(services.change_contact)
    moves = {"remove": RecordMove(p.CHANGE_ORGANIZATIONS, services.remove_contact)}
