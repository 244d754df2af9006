import pytest

from members.factories import MemberFactory
from members.models import Member
from members.services.identity import alike, are_related, is_alike, is_contradicted, why_alike

ANA = {
    "first_name": "Ana",
    "last_name": "López",
    "date_of_birth": "1990-03-04",
    "phone": "+13125550101",
    "email": "lopez@example.org",
}


@pytest.mark.parametrize(
    ("one", "other", "related"),
    [
        ("Tim", "Timothy", True),
        ("Jake", "Jacob", True),
        ("bill", "William", True),
        ("J.", "John", True),
        ("Rob", "ROBERTO", True),
        ("José", "Jose Luis", True),
        ("Ann", "Eva", False),
        ("Ann", "Annabel Lee", True),
        ("Ana", "Anna", True),
        ("Steven", "Stephen", True),
        ("Jo", "Joseph", False),
        ("Jo", "Bo", False),
        ("Jacob", "William", False),
    ],
)
def test_related_first_names(one, other, related):
    assert are_related(one, other) is related


@pytest.mark.parametrize(
    ("differs", "is_one"),
    [
        ({}, True),
        ({"phone": "", "email": ""}, True),
        ({"date_of_birth": None, "email": ""}, True),
        ({"date_of_birth": None, "email": "LOPEZ@example.org", "phone": ""}, True),
        ({"date_of_birth": None, "email": "", "phone": ""}, False),
        ({"first_name": "Eva"}, True),
        ({"first_name": "Eva", "phone": "", "email": ""}, False),
        ({"first_name": "Anabel", "phone": "", "email": ""}, True),
        ({"last_name": "Roe"}, True),
        ({"last_name": "Roe", "phone": "", "email": ""}, False),
        ({"last_name": "Roe", "date_of_birth": None}, False),
    ],
)
def test_two_of_name_birthday_and_contact_make_a_question(differs, is_one):
    assert is_alike({**ANA, **differs}, ANA) is is_one


def test_a_birthday_that_programs_invent_tells_nothing():
    nobody = {**ANA, "date_of_birth": "1900-01-01", "phone": "", "email": ""}

    assert not is_alike(nobody, nobody)


@pytest.mark.django_db
def test_members_who_may_be_the_person():
    same = MemberFactory(**ANA)
    twin = MemberFactory(**{**ANA, "first_name": "Eva"})
    short = MemberFactory(**{**ANA, "first_name": "Anabel", "phone": "", "email": ""})
    MemberFactory(**{**ANA, "date_of_birth": "1985-07-08", "first_name": "Eva", "phone": "", "email": ""})
    MemberFactory(**{**ANA, "deleted_at": "2026-01-01T00:00Z"})

    found = alike(Member.objects.all(), ANA)

    assert found == [same, twin, short]
    assert [why_alike(ANA, member) for member in found] == [
        "name, birthday, e-mail address, phone",
        "last name, birthday, e-mail address, phone",
        "last name, birthday",
    ]
    assert alike(Member.objects.all(), ANA, but=same.pk) == [twin, short]
    assert not is_contradicted(ANA, short)
    assert is_contradicted({**ANA, "first_name": "Eva", "date_of_birth": "1985-07-08"}, same)
    assert is_contradicted({**ANA, "last_name": "Brown", "date_of_birth": "1985-07-08"}, same)
