"""Who may be the same person counts as one in conflicts and limits, until somebody decides that they are two."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from accounts.enums import IdentityKind
from accounts.factories import UserFactory
from accounts.services import identity
from core.errors import DomainError
from members.factories import MemberFactory
from members.models import Member, OtherPerson
from members.services.two_people import alike_to, decide_two_people

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


def test_nobody_decides_about_themselves(people):
    officer = people["officer"]
    officer.member = MemberFactory(**ANN)
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
