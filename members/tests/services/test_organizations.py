import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from core.errors import DomainError, EditConflict
from members.factories import AS_OF, ContactFactory, EmploymentFactory, OrganizationFactory
from members.models import Organization, OrganizationContact, SearchWord
from members.services import organizations as services
from members.services.employments import change_employment
from members.services.members import delete_member
from members.tests.histories import told

pytestmark = pytest.mark.django_db
CREEK = {"name": "Kettle Creek, Inc.", "org_type": "employer", "city": "Pekin", "state": "IL"}
LEE = {"first_name": "Sam", "last_name": "Lee", "is_primary": True}


def test_create_organization_stores_keys_and_records(people):
    creek = services.create_organization(CREEK, actor=people["staff"])
    stored = Organization.objects.get()
    assert {name: getattr(stored, name) for name in CREEK} == CREEK
    assert stored.sort_name == "kettle creek inc"
    assert stored.name_key == "kettlecreek"
    assert stored.place_key == "pekin/il"
    assert stored.search_text == " kettle creek inc pekin illinois il"
    assert told(creek) == [
        (
            "created",
            "Staff Person",
            "",
            {
                "changes": [
                    {"field": "name", "old": None, "new": "Kettle Creek, Inc."},
                    {"field": "org_type", "old": None, "new": "employer"},
                    {"field": "city", "old": None, "new": "Pekin"},
                    {"field": "state", "old": None, "new": "IL"},
                ]
            },
        )
    ]
    assert set(SearchWord.objects.values_list("word", flat=True)) == {"kettle", "creek", "inc", "pekin"}


@pytest.mark.parametrize("role", ["admin", "steward", "organizer", "member"])
def test_only_the_office_changes_organizations(people, role):
    creek = OrganizationFactory(name="Kettle Creek")
    contact = ContactFactory(organization=creek)
    for attempt in (
        lambda actor: services.create_organization(CREEK, actor=actor),
        lambda actor: services.update_organization(creek, {"name": "Other"}, actor=actor),
        lambda actor: services.delete_organization(creek, actor=actor, reason="Closed"),
        lambda actor: services.add_contact(creek, LEE, actor=actor),
        lambda actor: services.change_contact(contact, LEE, actor=actor),
        lambda actor: services.remove_contact(contact, actor=actor, reason="Left"),
    ):
        with pytest.raises(PermissionDenied):
            attempt(people[role])
    assert list(Organization.objects.values_list("name", "deleted_at")) == [("Kettle Creek", None)]
    assert list(OrganizationContact.objects.all()) == [contact]


def test_renaming_an_organization_is_searched_through_its_people(people):
    creek = OrganizationFactory(name="Kettle Creek", city="Pekin")
    now = EmploymentFactory(organization=creek, member__member_number="7", member__phone="", member__email="").member
    then = EmploymentFactory(organization=creek, end_date=AS_OF).member
    former_text = then.search_text
    services.update_organization(creek, {"name": "Lantern Power"}, actor=people["staff"], version=1)
    now.refresh_from_db()
    then.refresh_from_db()
    assert now.search_text.endswith(" 7 lantern power")
    assert (then.search_text, now.version) == (former_text, 1)
    with pytest.raises(EditConflict):
        services.update_organization(creek, {"name": "Other"}, actor=people["officer"], version=1)


def test_an_organization_is_not_deleted_while_members_work_there(people):
    staff = people["staff"]
    job = EmploymentFactory()
    deleted = EmploymentFactory(organization=job.organization).member
    delete_member(deleted, actor=staff, reason="Entered twice")
    with pytest.raises(DomainError) as refusal:
        services.delete_organization(job.organization, actor=staff, reason="Closed")
    assert refusal.value.sentence == ("1 member works here now. End that employment first, or merge the two records.")
    change_employment(job, {"end_date": AS_OF}, actor=staff)
    services.delete_organization(job.organization, actor=staff, reason="Closed")
    services.restore_organization(job.organization, actor=people["admin"], reason="Open again")
    assert told(job.organization) == [
        ("deleted", "Staff Person", "Closed", {}),
        ("restored", "Admin Person", "Open again", {}),
    ]


def test_a_new_main_contact_takes_the_place_of_the_former(people):
    creek, staff = OrganizationFactory(), people["staff"]
    lee = services.add_contact(creek, LEE, actor=staff)
    kim = services.add_contact(creek, {"first_name": "Kim", "last_name": "Ng", "is_primary": True}, actor=staff)
    assert list(creek.contacts.order_by("pk").values_list("first_name", "is_primary", "version")) == [
        ("Sam", False, 2),
        ("Kim", True, 1),
    ]
    services.change_contact(lee, {"is_primary": True}, actor=staff, version=2)
    assert list(creek.contacts.order_by("pk").values_list("first_name", "is_primary")) == [
        ("Sam", True),
        ("Kim", False),
    ]
    services.remove_contact(lee, actor=staff, reason="Left the company")
    assert list(creek.contacts.all()) == [kim]
    unset = {"changes": [{"field": "is_primary", "old": True, "new": False}]}
    assert [(action, body) for action, _name, _reason, body in told(creek)][2:] == [
        ("contact.added", {"changes": [*named(), {"field": "is_primary", "old": None, "new": True}]}),
        ("contact.changed", unset),
        ("contact.changed", {"changes": [{"field": "is_primary", "old": False, "new": True}]}),
        ("contact.removed", {}),
    ]


def named():
    return [{"field": "first_name"}, {"field": "last_name"}]


def test_a_contact_is_changed_from_its_newest_version_only(people):
    contact = ContactFactory(title="Clerk")
    services.change_contact(contact, {"title": "Manager"}, actor=people["officer"], version=1)
    with pytest.raises(EditConflict) as conflict:
        services.change_contact(contact, {"title": "Owner"}, actor=people["staff"], version=1)
    with pytest.raises(ValidationError) as refusal:
        services.change_contact(contact, {"phone": "12"}, actor=people["staff"], version=2)
    assert conflict.value.current.title == OrganizationContact.objects.get().title == "Manager"
    assert refusal.value.message_dict == {"phone": ["Enter a phone number with area code, such as 312 555 0123."]}
