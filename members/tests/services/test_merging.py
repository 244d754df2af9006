import datetime
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from core.errors import DomainError, EditConflict
from members.factories import ContactFactory, EmploymentFactory, MemberFactory, OrganizationFactory
from members.models import Employment, Member, Organization
from members.services.employments import add_employment
from members.services.members import delete_member, restore_member, update_member
from members.services.merging import merge_members, merge_organizations
from members.services.organizations import restore_organization, update_organization
from members.tests.histories import told

pytestmark = pytest.mark.django_db
JANUARY = datetime.date(2020, 1, 15)
MARCH = datetime.date(2020, 3, 15)


def acts(subject):
    return [(action, body) for action, _name, _reason, body in told(subject)]


def test_merge_members_keeps_one_record_and_both_histories(people):
    staff = people["staff"]
    kept = MemberFactory(member_number="7", first_name="Anna", last_name="Munoz", phone="", email="", city="Pekin")
    duplicate = MemberFactory(member_number="8", first_name="Ana", last_name="Muñoz", phone="", email="a@b.example")
    job = add_employment(duplicate, {"organization": OrganizationFactory(name="Kettle Creek")}, actor=staff)

    merged = merge_members(
        kept, duplicate, {"last_name": "Muñoz", "city": "Pekin"}, actor=staff, reason="One person, two cards"
    )

    assert merged.pk == kept.pk
    assert merged.version == 2
    assert merged.full_name == "Anna Muñoz"
    assert merged.search_text == " anna munoz 7 8 kettle creek"
    duplicate.refresh_from_db()
    assert duplicate.merged_into == kept
    assert duplicate.deleted_by == staff
    assert duplicate.deleted_reason == "One person, two cards"
    assert duplicate.version == 2
    assert (duplicate.member_number, duplicate.search_text) == ("8", " ana munoz 8 a b example")
    assert list(Employment.objects.values_list("pk", "member", "version")) == [(job.pk, kept.pk, 2)]
    assert acts(kept) == [
        ("employment.changed", {"changes": [{"field": "member"}]}),
        ("member.merged", {"changes": [{"field": "last_name"}], "data": {"merged": duplicate.pk, "employments": 1}}),
    ]
    assert acts(duplicate) == [
        ("employment.started", {"changes": [{"field": "organization"}]}),
        ("member.merged_away", {"data": {"into": kept.pk}}),
    ]


def test_merge_members_can_keep_the_number_of_the_duplicate(people):
    kept, duplicate = MemberFactory(member_number="7"), MemberFactory(member_number="8")
    merge_members(kept, duplicate, {"member_number": "8"}, actor=people["officer"], reason="Newer card")
    swapped = [{"field": "member_number"}]
    assert acts(kept)[-1] == ("member.merged", {"changes": swapped, "data": {"merged": duplicate.pk, "employments": 0}})
    assert acts(duplicate)[-1] == ("member.merged_away", {"changes": swapped, "data": {"into": kept.pk}})
    assert list(Member.objects.order_by("pk").values_list("member_number", "merged_into")) == [
        ("8", None),
        ("7", kept.pk),
    ]


def test_merge_members_gives_the_number_to_one_who_had_none(people):
    kept = MemberFactory(member_number=None, status="represented_non_member")
    duplicate = MemberFactory(member_number="8", status="active")
    values = {"member_number": "8", "status": "active"}
    merge_members(kept, duplicate, values, actor=people["staff"], reason="Joined")
    assert list(Member.objects.order_by("pk").values_list("member_number", "status")) == [
        ("8", "active"),
        (None, "active"),
    ]


def test_merge_members_refuses_what_makes_no_sense(people):
    staff, kept, duplicate = people["staff"], MemberFactory(), MemberFactory()
    with pytest.raises(DomainError, match="Choose two different records"):
        merge_members(kept, kept, {}, actor=staff, reason="One person")
    with pytest.raises(ValidationError):
        merge_members(kept, duplicate, {}, actor=staff, reason=" ")
    with pytest.raises(ValidationError):
        merge_members(kept, duplicate, {"last_name": ""}, actor=staff, reason="One person")
    with pytest.raises(PermissionDenied):
        merge_members(kept, duplicate, {}, actor=people["steward"], reason="One person")
    delete_member(duplicate, actor=staff, reason="Entered twice")
    with pytest.raises(DomainError, match="This record is deleted"):
        merge_members(kept, duplicate, {}, actor=staff, reason="One person")
    assert list(Member.objects.values_list("merged_into", flat=True)) == [None, None]


def test_a_merged_record_is_not_restored(people):
    kept, duplicate = MemberFactory(), MemberFactory()
    merge_members(kept, duplicate, {}, actor=people["staff"], reason="One person")
    with pytest.raises(DomainError) as refusal:
        restore_member(duplicate, actor=people["admin"])
    assert refusal.value.sentence == "This record was merged into another member. Open that member instead."


def jobs_of(member):
    jobs = member.employments.order_by("pk")
    return list(jobs.values_list("organization__name", "start_date", "end_date", "job_title", "hourly_rate"))


def test_of_two_current_employments_at_one_place_one_goes_on(people):
    kept, duplicate, creek = MemberFactory(), MemberFactory(), OrganizationFactory(name="Creek")
    EmploymentFactory(member=kept, organization=creek, start_date=MARCH, job_title="Welder", hourly_rate=None)
    EmploymentFactory(
        member=duplicate, organization=creek, start_date=JANUARY, job_title="Helper", hourly_rate=Decimal("20.00")
    )
    merge_members(kept, duplicate, {}, actor=people["staff"], reason="One person")
    assert jobs_of(kept) == [
        ("Creek", MARCH, None, "Welder", Decimal("20.00")),
        ("Creek", JANUARY, MARCH, "Helper", Decimal("20.00")),
    ]
    assert jobs_of(duplicate) == []


def test_an_employment_that_says_nothing_more_is_removed(people):
    kept, duplicate, creek = MemberFactory(), MemberFactory(), OrganizationFactory(name="Creek")
    told_more = {"start_date": JANUARY, "job_title": "Welder", "hourly_rate": Decimal("20.00")}
    EmploymentFactory(member=kept, organization=creek, start_date=None, job_title="", hourly_rate=None)
    EmploymentFactory(member=duplicate, organization=creek, **told_more)
    merge_members(kept, duplicate, {}, actor=people["staff"], reason="One person")
    assert jobs_of(kept) == [("Creek", JANUARY, None, "Welder", Decimal("20.00"))]
    assert Employment.objects.count() == 1
    assert [action for action, _body in acts(duplicate)] == ["employment.removed", "member.merged_away"]


def test_merge_organizations_moves_people_and_contacts(people):
    kept, duplicate = OrganizationFactory(name="Kettle Creek"), OrganizationFactory(name="Kettle Crk", city="Pekin")
    mine = EmploymentFactory(organization=duplicate)
    both = EmploymentFactory(organization=duplicate, start_date=JANUARY, job_title="Welder", hourly_rate=None)
    beside = EmploymentFactory(
        organization=kept, member=both.member, start_date=JANUARY, job_title="Welder", hourly_rate=None
    )
    former, other = (
        ContactFactory(organization=kept, is_primary=True),
        ContactFactory(organization=duplicate, is_primary=True),
    )

    merge_organizations(kept, duplicate, {"city": "Pekin"}, actor=people["staff"], reason="One employer")

    kept.refresh_from_db()
    duplicate.refresh_from_db()
    assert kept.city == "Pekin"
    assert kept.version == 2
    assert duplicate.merged_into == kept
    assert duplicate.is_deleted is True
    assert list(Employment.objects.order_by("pk").values_list("pk", "organization")) == [
        (mine.pk, kept.pk),
        (beside.pk, kept.pk),
    ]
    assert list(kept.contacts.order_by("pk").values_list("pk", "is_primary")) == [(former.pk, True), (other.pk, False)]
    for member in (mine.member, both.member):
        member.refresh_from_db()
        assert member.search_text.endswith(" kettle creek")
    moved = [{"field": "organization"}]
    assert acts(mine.member) == [("employment.changed", {"changes": moved})]
    assert acts(both.member) == [("employment.removed", {})]
    assert acts(kept)[-1][1]["data"] == {"merged": duplicate.pk, "employments": 1, "contacts": 1}
    with pytest.raises(DomainError, match="merged into another organization"):
        restore_organization(duplicate, actor=people["staff"])


def test_merge_organizations_is_for_those_who_may(people):
    kept, duplicate = OrganizationFactory(), OrganizationFactory()
    with pytest.raises(PermissionDenied):
        merge_organizations(kept, duplicate, {}, actor=people["organizer"], reason="One employer")
    assert Organization.objects.alive().count() == 2


@pytest.mark.parametrize(
    ("make", "merge", "change"),
    [
        (MemberFactory, merge_members, update_member),
        (OrganizationFactory, merge_organizations, update_organization),
    ],
)
@pytest.mark.parametrize("edited", [0, 1])
def test_merging_versions_that_are_no_longer_the_current_ones(people, make, merge, change, edited):
    staff, rows = people["staff"], [make(), make()]
    change(rows[edited], {"city": "Chicago"}, actor=staff)
    with pytest.raises(EditConflict) as refusal:
        merge(*rows, {"city": "Pekin"}, actor=staff, reason="Twice", versions=(1, 1))
    assert (refusal.value.current, refusal.value.current.city) == (rows[edited], "Chicago")
    assert not type(rows[0]).objects.deleted().exists()
    merge(*rows, {"city": "Pekin"}, actor=staff, reason="Twice", versions=(2 - edited, 1 + edited))
    assert [row.pk for row in type(rows[0]).objects.deleted()] == [rows[1].pk]
