import pytest
from factory.random import reseed_random

from members.enums import Classification, MemberStatus
from members.factories import AS_OF, ContactFactory, EmploymentFactory, MemberFactory, OrganizationFactory
from members.invented import lines, paid_through
from members.models import Member

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("classification", ["", *Classification.values])
def test_every_kind_of_member_is_valid_and_plausible(classification):
    for status in (MemberStatus.ACTIVE, MemberStatus.RETIRED):
        for _time in range(20):
            member = MemberFactory.build(classification=classification, status=status)
            member.full_clean()
            assert (member.hire_date - member.date_of_birth).days // 365 >= 18
            assert member.date_of_birth < member.hire_date < member.initiation_date
            assert member.hire_date < AS_OF


def test_apprentices_are_young_and_the_retired_are_not():
    apprentices = [MemberFactory.build(classification="apprentice_1") for _time in range(30)]
    retired = [MemberFactory.build(classification="retiree", status="retired") for _time in range(30)]
    assert max((AS_OF - row.date_of_birth).days // 365 for row in apprentices) <= 32
    assert min((AS_OF - row.date_of_birth).days // 365 for row in retired) >= 60


def test_related_rows_are_valid():
    for row in (OrganizationFactory(), ContactFactory(), EmploymentFactory()):
        row.full_clean()


def test_numbers_differ():
    assert len({MemberFactory().member_number for _time in range(5)}) == 5


def test_the_same_seed_gives_the_same_person():
    facts = ("first_name", "last_name", "email", "phone", "address", "date_of_birth", "hire_date")
    made = []
    for _time in range(2):
        reseed_random("seed")
        member = MemberFactory.build()
        made.append([getattr(member, name) for name in facts])
    assert made[0] == made[1]


def test_nobody_real_can_be_reached():
    for _time in range(50):
        member = MemberFactory.build()
        assert member.phone[5:10] == "55501"
        assert member.email.endswith(("@example.com", "@example.net", "@example.org"))


def test_an_employment_is_searched_through_its_member():
    job = EmploymentFactory(organization__name="Kettle Creek")
    assert job.member.search_text == Member.objects.get().search_text
    assert job.member.search_text.endswith(" kettle creek")


def test_dues_follow_the_standing():
    assert paid_through("unknown", AS_OF) is None
    assert {paid_through("good", AS_OF) >= AS_OF for _time in range(20)} == {True}
    assert {paid_through("arrears", AS_OF) < AS_OF for _time in range(20)} == {True}


def test_the_lists_have_forty_different_organizations():
    names = [name for source in ("employers", "unions", "training_partners", "jatcs") for name in lines(source)]
    assert (len(names), len(set(names))) == (40, 40)
