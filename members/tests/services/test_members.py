import datetime

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.errors import DomainError, EditConflict
from core.models import AuditEvent
from members.factories import EmploymentFactory, MemberFactory
from members.models import Member, SearchWord
from members.services import members as services
from members.tests.histories import told

pytestmark = pytest.mark.django_db

ANNA = {"member_number": "104233", "first_name": "Anna", "last_name": "Muñoz", "status": "active", "city": "Pekin"}


def test_create_member_stores_cleans_and_records(people):
    member = services.create_member(ANNA, actor=people["staff"])

    stored = Member.objects.get()
    assert stored == member
    assert {name: getattr(stored, name) for name in ANNA} == ANNA
    assert stored.version == 1
    assert stored.sort_name == "munoz anna"
    assert stored.search_text == " anna munoz 104233"
    assert told(member) == [
        (
            "created",
            "Staff Person",
            "",
            {
                "changes": [
                    {"field": "member_number"},
                    {"field": "first_name"},
                    {"field": "last_name"},
                    {"field": "city"},
                    {"field": "status", "old": None, "new": "active"},
                    {"field": "standing"},
                ]
            },
        )
    ]
    assert set(SearchWord.objects.values_list("word", flat=True)) == {"anna", "munoz"}


@pytest.mark.parametrize("role", ["admin", "steward", "organizer", "member", "nobody", "expired", "suspended"])
def test_only_the_office_creates_members(people, role):
    with pytest.raises(PermissionDenied):
        services.create_member(ANNA, actor=people[role])
    assert Member.objects.filter(member_number="104233").count() == 0


@pytest.mark.parametrize(
    ("values", "errors"),
    [
        (
            {"member_number": ""},
            {"member_number": ["Enter the member number. Only a represented non-member may have none."]},
        ),
        (
            {"member_number": "A-1"},
            {"member_number": ["A member number is digits, or one letter and digits, such as 104233 or A5120."]},
        ),
        ({"last_name": ""}, {"last_name": ["This field cannot be blank."]}),
        (
            {"first_name": "An\u202ena"},
            {"first_name": ["Remove the invisible characters; type the text instead of pasting it."]},
        ),
        ({"phone": "555"}, {"phone": ["Enter a phone number with area code, such as 312 555 0123."]}),
        ({"date_of_birth": datetime.date(1, 1, 1)}, {"date_of_birth": ["Enter a date between 1900 and 2100."]}),
        ({"status": "famous"}, {"status": ["Value 'famous' is not a valid choice."]}),
    ],
)
def test_create_member_says_at_the_field_what_is_wrong(people, values, errors):
    with pytest.raises(ValidationError) as refusal:
        services.create_member({**ANNA, **values}, actor=people["staff"])
    assert refusal.value.message_dict == errors
    assert (Member.objects.count(), AuditEvent.objects.count()) == (0, 0)


def test_a_represented_non_member_needs_no_number(people):
    values = {**ANNA, "member_number": "", "status": "represented_non_member"}
    first, second = (services.create_member(values, actor=people["staff"]) for _time in range(2))
    assert (first.member_number, second.member_number) == (None, None)


def test_somebody_alike_is_asked_about(people):
    staff = people["staff"]
    born = {**ANNA, "date_of_birth": datetime.date(1980, 2, 3)}
    first = services.create_member(born, actor=staff)
    second = {**born, "member_number": "104234"}

    with pytest.raises(services.PerhapsKnown) as question:
        services.create_member(second, actor=staff)
    twin = services.create_member(second, actor=staff, why_another="Father and son")

    assert question.value.members == [first]
    assert list(Member.objects.order_by("pk")) == [first, twin]
    assert AuditEvent.objects.order_by("pk").last().reason == "Father and son"


def test_unknown_field_is_the_callers_mistake(people):
    with pytest.raises(ValueError, match=r"members\.Member takes no deleted_at from an edit"):
        services.create_member({**ANNA, "deleted_at": None}, actor=people["staff"])


def test_a_number_is_taken_once_and_a_deleted_record_says_so(people):
    staff = people["staff"]
    first = services.create_member(ANNA, actor=staff)
    with pytest.raises(ValidationError) as taken:
        services.create_member(ANNA, actor=staff)
    services.delete_member(first, actor=staff, reason="Entered by mistake")
    with pytest.raises(ValidationError) as deleted:
        services.create_member(ANNA, actor=staff)

    assert taken.value.message_dict == {
        "member_number": ["Another member, perhaps a deleted one, already has this number."]
    }
    assert deleted.value.message_dict == {
        "member_number": ["The number 104233 belongs to a deleted record. Restore it instead."]
    }
    assert list(Member.objects.all()) == [first]


def test_update_member_saves_what_differs_and_counts_versions(people):
    member = MemberFactory(first_name="Anna", last_name="Munoz", city="Pekin", status="active")
    changed = services.update_member(
        member, {"city": "Peoria", "status": "inactive", "first_name": "Anna"}, actor=people["officer"], version=1
    )
    assert changed.city == "Peoria"
    assert changed.status == "inactive"
    assert changed.version == 2
    assert told(member) == [
        (
            "changed",
            "Officer Person",
            "",
            {"changes": [{"field": "city"}, {"field": "status", "old": "active", "new": "inactive"}]},
        )
    ]


def test_update_member_without_a_difference_writes_nothing(people):
    member = MemberFactory(city="Pekin")
    same = services.update_member(member, {"city": "Pekin"}, actor=people["staff"], version=1)
    assert (same.version, told(member)) == (1, [])


def test_update_member_refuses_an_older_version_and_shows_the_newer(people):
    member = MemberFactory(city="Pekin")
    services.update_member(member, {"city": "Peoria"}, actor=people["officer"], version=1)
    with pytest.raises(EditConflict) as conflict:
        services.update_member(member, {"city": "Normal"}, actor=people["staff"], version=1)
    assert conflict.value.current == member
    assert conflict.value.current.city == "Peoria"
    assert conflict.value.current.version == 2
    assert Member.objects.get().city == "Peoria"


def test_update_member_keeps_the_employers_searchable(people):
    job = EmploymentFactory(member__first_name="Anna", member__last_name="Munoz", organization__name="Kettle Creek")
    member = services.update_member(job.member, {"email": "", "phone": "", "member_number": "7"}, actor=people["staff"])
    assert member.search_text == " anna munoz 7 kettle creek"


def test_delete_and_restore_member(people):
    member, staff = MemberFactory(), people["staff"]
    deleted = services.delete_member(member, actor=staff, reason="  Entered twice ")
    assert deleted.deleted_by == staff
    assert deleted.deleted_reason == "Entered twice"
    assert deleted.version == 2
    assert list(Member.objects.alive()) == []
    with pytest.raises(DomainError, match=r"This record is deleted\. Restore it before you change it\."):
        services.update_member(member, {"city": "Peoria"}, actor=staff)

    restored = services.restore_member(member, actor=people["admin"])
    assert restored.deleted_at is None
    assert restored.deleted_by is None
    assert restored.deleted_reason == ""
    assert restored.version == 3
    with pytest.raises(DomainError, match="not deleted, so there is nothing to restore"):
        services.restore_member(member, actor=staff)
    assert told(member) == [
        ("deleted", "Staff Person", "Entered twice", {}),
        ("restored", "Admin Person", "", {}),
    ]


@pytest.mark.parametrize(
    ("reason", "sentence"),
    [
        (" ", "Say why in a few words; it stays with the record."),
        ("x" * 301, "Say it in at most 300 characters."),
        ("a\0b", "Remove the invisible characters; type the text instead of pasting it."),
    ],
)
def test_delete_member_asks_for_a_reason(people, reason, sentence):
    member = MemberFactory()
    with pytest.raises(ValidationError) as refusal:
        services.delete_member(member, actor=people["staff"], reason=reason)
    assert refusal.value.message_dict == {"reason": [sentence]}
    assert list(Member.objects.alive()) == [member]


def test_what_the_actor_cannot_see_is_gone_for_them(people):
    member = MemberFactory()
    services.delete_member(member, actor=people["staff"], reason="Entered twice")
    with pytest.raises(PermissionDenied):
        services.restore_member(member, actor=people["steward"])
    Member.objects.filter(pk=member.pk).delete()
    with pytest.raises(DomainError, match="This record is no longer there"):
        services.restore_member(member, actor=people["staff"])


def test_set_status_changes_and_records_each_member_once(people):
    members = [MemberFactory(status="active") for _number in range(3)]
    settled = MemberFactory(status="retired")
    deleted = MemberFactory(status="active")
    services.delete_member(deleted, actor=people["staff"], reason="Entered twice")
    pks = [row.pk for row in (*members, settled, deleted)]

    assert services.set_status(pks, "retired", actor=people["staff"], reason="Pension list of May") == 3

    assert {(row.status, row.version) for row in Member.objects.filter(pk__in=[row.pk for row in members])} == {
        ("retired", 2)
    }
    body = {"changes": [{"field": "status", "old": "active", "new": "retired"}]}
    assert [told(row) for row in members] == [[("changed", "Staff Person", "Pension list of May", body)]] * 3
    assert (told(settled), Member.objects.get(pk=deleted.pk).status) == ([], "active")


@pytest.mark.parametrize(("few", "many"), [(1, 3), (30, 60)])
def test_set_status_takes_the_same_number_of_statements_for_few_and_for_many(people, few, many):
    staff, counts = people["staff"], []
    for size in (1, few, many):  # the first call also reads the permissions
        pks = [MemberFactory(status="active").pk for _number in range(size)]
        with CaptureQueriesContext(connection) as queries:
            services.set_status(pks, "inactive", actor=staff, reason="Left the trade")
        counts.append(len(queries))
    assert counts[1] == counts[2]


def test_set_status_refuses_all_when_one_lacks_a_number(people):
    plain, numberless = MemberFactory(), MemberFactory(status="represented_non_member", member_number=None)
    with pytest.raises(DomainError, match=r"1 of them has no member number\. Enter it first\."):
        services.set_status([plain.pk, numberless.pk], "retired", actor=people["staff"], reason="List")
    assert set(Member.objects.values_list("status", flat=True)) == {"active", "represented_non_member"}


def test_set_status_refuses_strangers_unknown_statuses_and_too_many(people):
    member = MemberFactory()
    with pytest.raises(PermissionDenied):
        services.set_status([member.pk], "retired", actor=people["steward"], reason="List")
    with pytest.raises(ValidationError):
        services.set_status([member.pk], "famous", actor=people["staff"], reason="List")
    with pytest.raises(ValidationError):
        services.set_status([member.pk], "retired", actor=people["staff"], reason="")
    with pytest.raises(DomainError, match="Choose at most 5,000 members at once"):
        services.set_status(range(5001), "retired", actor=people["staff"], reason="List")
    assert Member.objects.get().status == "active"
