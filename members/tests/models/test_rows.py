import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from members.factories import AS_OF, ContactFactory, EmploymentFactory, MemberFactory, OrganizationFactory
from members.models import ColumnMapping, Employment, ImportBatch, ImportRow, Member, Organization, OrganizationContact

pytestmark = pytest.mark.django_db
READERS = ("organizer", "representative", "steward")
RESTORERS = ("admin", "officer", "staff")
STRANGERS = ("nobody", "expired", "suspended", "instructor", "treasurer", "trustee", "organizing-director")


@pytest.fixture
def rows(people):
    own = people["member"].member
    gone = timezone.now()
    return {
        "own": own,
        "other": MemberFactory(),
        "deleted": MemberFactory(deleted_at=gone),
        "creek": OrganizationFactory(),
        "closed": OrganizationFactory(deleted_at=gone),
    }


def seen(queryset):
    return set(queryset)


@pytest.mark.parametrize("role", RESTORERS)
def test_those_who_restore_see_deleted_rows_too(people, rows, role):
    user = people[role]
    assert seen(Member.objects.visible_to(user)) == {rows["own"], rows["other"], rows["deleted"]}
    assert seen(Organization.objects.visible_to(user)) == {rows["creek"], rows["closed"]}


@pytest.mark.parametrize("role", READERS)
def test_readers_see_living_rows(people, rows, role):
    user = people[role]
    assert seen(Member.objects.visible_to(user)) == {rows["own"], rows["other"]}
    assert seen(Organization.objects.visible_to(user)) == {rows["creek"]}


def test_a_member_sees_the_own_record_while_it_lives(people, rows):
    user = people["member"]
    assert seen(Member.objects.visible_to(user)) == {rows["own"]}
    assert seen(Organization.objects.visible_to(user)) == set()
    Member.objects.filter(pk=rows["own"].pk).update(deleted_at=timezone.now())
    assert seen(Member.objects.visible_to(user)) == set()


@pytest.mark.parametrize("role", STRANGERS)
def test_everybody_else_sees_nothing(people, rows, role):
    user = people[role]
    ContactFactory(organization=rows["creek"])
    EmploymentFactory(member=rows["other"], organization=rows["creek"])
    for model in (Member, Organization, OrganizationContact, Employment, ImportBatch, ImportRow, ColumnMapping):
        assert seen(model.objects.visible_to(user)) == set()


def test_somebody_who_has_not_signed_in_sees_nothing(rows):
    for model in (Member, Organization, OrganizationContact, Employment, ImportBatch, ImportRow, ColumnMapping):
        assert seen(model.objects.visible_to(AnonymousUser())) == set()


def test_children_follow_their_parent(people, rows):
    contact, hidden = ContactFactory(organization=rows["creek"]), ContactFactory(organization=rows["closed"])
    own, other = (EmploymentFactory(member=rows[name], organization=rows["creek"]) for name in ("own", "other"))
    assert seen(OrganizationContact.objects.visible_to(people["steward"])) == {contact}
    assert seen(OrganizationContact.objects.visible_to(people["staff"])) == {contact, hidden}
    assert seen(Employment.objects.visible_to(people["member"])) == {own}
    assert seen(Employment.objects.visible_to(people["steward"])) == {own, other}


@pytest.mark.parametrize(("role", "count"), [("admin", 1), ("officer", 1), ("staff", 1), ("steward", 0), ("member", 0)])
def test_imports_are_for_the_office(people, role, count):
    batch = ImportBatch.objects.create(kind="members", file_name="list.csv", uploaded_by=people["staff"])
    ImportRow.objects.create(batch=batch, number=1, outcome="new")
    ColumnMapping.objects.create(kind="members", headers_key="x")
    user = people[role]
    assert [model.objects.visible_to(user).count() for model in (ImportBatch, ImportRow, ColumnMapping)] == [count] * 3


def test_an_account_without_a_record_is_nobody(rows):
    Member.objects.filter(pk=rows["other"].pk).update(merged_into=rows["own"])
    assert seen(Member.objects.same_person(None)) == set()
    assert {member.pk for member in Member.objects.same_person(rows["own"].pk)} == {rows["own"].pk, rows["other"].pk}


def test_alive_and_deleted_part_the_rows(rows):
    assert seen(Organization.objects.alive()) == {rows["creek"]}
    assert seen(Organization.objects.deleted()) == {rows["closed"]}


@pytest.mark.parametrize("size", [1, 3])
def test_for_list_brings_current_employments_in_two_statements(size, django_assert_num_queries):
    for _number in range(size):
        job = EmploymentFactory(organization__name="Now")
        EmploymentFactory(member=job.member, end_date=AS_OF, organization__name="Then")
    with django_assert_num_queries(2):
        listed = [[job.organization.name for job in member.current_employments] for member in Member.objects.for_list()]
    assert listed == [["Now"]] * size


def test_current_employments_have_no_end():
    current = EmploymentFactory()
    EmploymentFactory(end_date=AS_OF)
    assert seen(Employment.objects.current()) == {current}
