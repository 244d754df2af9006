import pytest

from core.web.panels import HitGroup
from members import panels
from members.factories import EmploymentFactory, MemberFactory, OrganizationFactory
from members.forms.members import find_member
from members.services import members as services
from members.services.merging import merge_members

pytestmark = pytest.mark.django_db


def hits(group: HitGroup) -> list[tuple[str, str, str]]:
    return [(hit.label, hit.note, hit.url) for hit in group.hits]


def test_jobs_of_a_member(people):
    job = EmploymentFactory(member=MemberFactory())
    found = {name: panels.employments(job.member, people[name]) for name in ("staff", "steward", "member", "nobody")}
    assert {name: (panel.jobs, panel.may_change, panel.may_see_employers) for name, panel in found.items()} == {
        "staff": ([job], True, True),
        "steward": ([job], False, True),
        "member": ([], False, False),
        "nobody": ([], False, False),
    }
    own = EmploymentFactory(member=people["member"].member)
    panel = panels.employments(people["member"].member, people["member"])
    assert panel.jobs == [own]
    assert panel.is_own is True
    assert panel.may_change is False
    assert panel.may_see_employers is False
    services.delete_member(job.member, actor=people["staff"], reason="Twice")
    job.member.refresh_from_db()
    assert panels.employments(job.member, people["staff"]).may_change is False


def test_found_members(people):
    ann = MemberFactory(member_number="104233", first_name="Ann", last_name="Aalto", city="Peoria")
    services.remember_words(["Aalto"])
    group = panels.search_members(people["staff"], "aalto")
    assert group.label == "Members"
    assert hits(group) == [("Aalto, Ann", "104233 · Peoria", f"/members/{ann.pk}/")]
    assert group.more_url == ""
    assert hits(panels.search_members(people["staff"], "aatlo")) == hits(group)
    assert hits(panels.search_members(people["nobody"], "aalto")) == []
    services.delete_member(ann, actor=people["staff"], reason="Twice")
    assert hits(panels.search_members(people["staff"], "aalto")) == []


@pytest.mark.parametrize("former", ["8", "104299"])
def test_a_former_number_finds_who_was_merged(people, former):
    """In the search and where a number alone names the grievant of a draft."""
    staff = people["staff"]
    kept = MemberFactory(member_number="104233", first_name="Ann", last_name="Aalto", city="Peoria")
    duplicate = MemberFactory(member_number=former, first_name="Ann", last_name="Aalto")
    MemberFactory(member_number=f"{former}77")
    merge_members(kept, duplicate, {}, actor=staff, reason="One person, two cards")
    found = hits(panels.search_members(staff, former))
    assert found[0] == ("Aalto, Ann", f"104233 · formerly {former} · Peoria", f"/members/{kept.pk}/")
    assert find_member(former, staff) == kept
    assert find_member(f"Ann Aalto — {former}", staff) == kept


def test_more_than_six_lead_to_the_list(people):
    for number in range(7):
        MemberFactory(last_name=f"Aalto{number}")
        OrganizationFactory(name=f"Yard {number}")
    found = panels.search_members(people["staff"], "aalto"), panels.search_organizations(people["staff"], "yard")
    assert [(len(group.hits), group.more_url) for group in found] == [(6, "/members/"), (6, "/organizations/")]


def test_found_organizations(people):
    yard = OrganizationFactory(name="Crane Yard", city="Peoria")
    assert hits(panels.search_organizations(people["steward"], "crane")) == [
        ("Crane Yard", "Employer · Peoria", f"/organizations/{yard.pk}/")
    ]
    assert hits(panels.search_organizations(people["member"], "crane")) == []


def test_figures_count_what_the_person_may_see(people):
    MemberFactory()
    OrganizationFactory()
    services.delete_member(MemberFactory(), actor=people["staff"], reason="Twice")
    found = {name: [(f.label, f.value, f.url) for f in panels.figures(people[name])] for name in ("staff", "member")}
    assert found == {
        "staff": [("Members", "1", "/members/"), ("Employers and organizations", "1", "/organizations/")],
        "member": [],
    }
