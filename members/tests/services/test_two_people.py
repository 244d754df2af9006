"""Who may be the same person counts as one in conflicts and limits, until somebody decides that they are two."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from accounts.enums import IdentityKind
from accounts.factories import UserFactory
from accounts.services import identity
from core.errors import DomainError
from core.imports import applying, undoing
from members.factories import MemberFactory
from members.imports.lists import list_of
from members.models import FormerMatch, Member, OtherPerson
from members.services.members import update_member
from members.services.merging import merge_members
from members.services.two_people import alike_to, decide_two_people
from members.tests.import_steps import applied, checked

pytestmark = pytest.mark.django_db

BORN = date(1980, 4, 5)
ANN = {
    "first_name": "Ann",
    "middle_name": "",
    "last_name": "Lee",
    "date_of_birth": BORN,
    "email": "ann@home.example",
    "phone": "+13125550199",
}
NOTHING = {"date_of_birth": None, "email": "", "phone": ""}


def edited(ann, values, people):
    update_member(ann, values, actor=people["staff"])


def imported(ann, values, people):
    row = {**ANN, **values}
    names = {"first_name": "First Name", "last_name": "Last Name", "date_of_birth": "DOB"}
    rows = [("Member No", *names.values()), ("1", *(str(row[name]) for name in names))]
    batch = checked(rows, kind="members", actor=people["staff"])
    applying.start_apply(batch, list_of(batch), actor=people["staff"], in_background=False)


def merged(ann, values, people):
    merge_members(ann, MemberFactory(**{**ANN, **NOTHING, **values}), values, actor=people["officer"], reason="Twice")


CHANGES = {"edit": edited, "import": imported, "merge": merged}


@pytest.mark.parametrize(
    ("differs", "is_one"),
    [
        ({"email": "", "phone": ""}, True),
        ({"first_name": "Annie", "email": "", "phone": ""}, True),
        ({"last_name": "Novak", "email": "", "phone": ""}, False),
        ({"last_name": "Novak", "email": ""}, True),
        ({"last_name": "NOVAK", "email": "ANN@home.example", "phone": ""}, True),
        ({"date_of_birth": None, "email": ""}, True),
        ({"date_of_birth": date(1999, 1, 1), "phone": ""}, True),
        ({"date_of_birth": None, "first_name": "Bob"}, False),
        (NOTHING, False),
    ],
)
def test_which_records_may_be_one_person(differs, is_one):
    """As the importer's matcher: two of name, birthday and contact agree, or birthday and last name."""
    ann, other = MemberFactory(**ANN), MemberFactory(**{**ANN, **differs})
    found = set(Member.objects.perhaps_same([ann]))
    assert found == ({ann, other} if is_one else {ann})
    Member.objects.filter(pk=other.pk).update(deleted_at=other.created_at)
    assert set(Member.objects.perhaps_same([ann])) == found


def test_an_unknown_birthday_makes_nobody_alike():
    ann = MemberFactory(**{**ANN, **NOTHING, "date_of_birth": date(1900, 1, 1)})
    MemberFactory(**{**ANN, **NOTHING, "date_of_birth": date(1900, 1, 1)})
    assert list(Member.objects.perhaps_same([ann])) == [ann]


def test_an_officer_decides_and_the_decision_stays(people):
    ann, other = MemberFactory(**ANN), MemberFactory(**ANN)
    assert list(alike_to(other, people["officer"])) == [ann]
    with pytest.raises(PermissionDenied):
        decide_two_people(ann, other, actor=people["staff"], reason="Twins")
    decision = decide_two_people(other, ann, actor=people["officer"], reason="Twins, both seen")
    assert (decision.member, decision.other) == (ann, other)
    assert list(alike_to(other, people["officer"])) == []
    assert list(Member.objects.perhaps_same([ann])) == [ann]
    with pytest.raises(DomainError, match="nothing to decide"):
        decide_two_people(ann, other, actor=people["officer"], reason="Again")
    with pytest.raises(IntegrityError), transaction.atomic():
        OtherPerson.objects.all().delete()


@pytest.mark.parametrize("change", ["edit", "import", "merge"])
@pytest.mark.parametrize("values", [{"date_of_birth": date(1999, 1, 1)}, {"last_name": "Novak"}])
def test_to_change_the_data_of_one_makes_nobody_two(people, change, values):
    """Whoever keeps the records takes no conflict or limit away by it; an officer's decision does."""
    ann, other = MemberFactory(**ANN, member_number="1"), MemberFactory(**(ANN | {"email": "", "phone": ""}))
    CHANGES[change](ann, values, people)
    ann.refresh_from_db()
    assert {name: getattr(ann, name) for name in values} == values
    assert ann.is_alike(other) is False
    assert [set(Member.objects.perhaps_same([one])) & {ann, other} for one in (ann, other)] == [{ann, other}] * 2
    decide_two_people(ann, other, actor=people["officer"], reason="Cousins")
    assert [set(Member.objects.perhaps_same([one])) & {ann, other} for one in (ann, other)] == [{ann}, {other}]


def test_a_change_that_tells_nothing_of_the_person_keeps_nothing(people):
    ann = MemberFactory(**ANN)
    MemberFactory(**ANN)
    update_member(ann, {"city": "Pekin", "email": ann.email}, actor=people["staff"])
    assert FormerMatch.objects.count() == 0


def test_both_forms_of_the_rule_agree():
    """The database's and the one for records at hand, over every pair of what may differ."""
    differ = [
        {},
        {"email": "", "phone": ""},
        {"date_of_birth": None},
        {"date_of_birth": None, "email": ""},
        {"date_of_birth": date(1900, 1, 1), "phone": ""},
        {"first_name": "Annie", "email": "other@home.example", "phone": ""},
        {"middle_name": "B", "date_of_birth": None},
        {"last_name": "NOVAK", "email": "ANN@home.example", "phone": ""},
        {"last_name": "Novak", "email": "", "phone": ""},
        NOTHING,
    ]
    everybody = [MemberFactory(**(ANN | values)) for values in differ]
    for one in everybody:
        read = set(Member.objects.perhaps_same([one]))
        assert read == {one} | {other for other in everybody if one.is_alike(other)}


def test_nobody_decides_about_themselves(people):
    officer = people["officer"]
    officer.member, officer.is_no_member = MemberFactory(**ANN), False
    officer.save()
    other = MemberFactory(**ANN)
    with pytest.raises(DomainError, match="may be your own"):
        decide_two_people(officer.member, other, actor=officer, reason="Somebody else")


def test_whatever_was_ever_linked_or_merged_is_theirs():
    former, merged, kept = MemberFactory(), MemberFactory(), MemberFactory()
    Member.objects.filter(pk=merged.pk).update(merged_into=kept)
    ann = UserFactory(member=kept)
    identity.raise_epoch(ann, IdentityKind.LINK, actor=None, member_before=former, member_after=kept)
    assert set(Member.objects.ever_of(ann)) == {former, merged, kept}
    assert set(Member.objects.ever_of(UserFactory(member=merged))) == {merged, kept}
    assert set(Member.objects.ever_of(UserFactory())) == set()


def test_to_undo_an_import_makes_nobody_two(people):
    """Alike between the import and its undoing alone."""
    other = MemberFactory(**(ANN | {"email": "", "phone": ""}))
    ann = MemberFactory(**(ANN | {"date_of_birth": date(1999, 1, 1)}), member_number="1")
    assert list(Member.objects.perhaps_same([ann])) == [ann]
    rows = [("Member No", "First Name", "Last Name", "DOB"), ("1", "Ann", "Lee", str(BORN))]
    batch = applied(rows, kind="members", actor=people["staff"])
    assert set(Member.objects.perhaps_same([other])) == {ann, other}
    undoing.start_undo(batch, list_of(batch), actor=people["staff"], reason="Wrong list", in_background=False)
    ann.refresh_from_db()
    assert (ann.date_of_birth, ann.is_alike(other)) == (date(1999, 1, 1), False)
    assert set(Member.objects.perhaps_same([ann])) == {ann, other}
