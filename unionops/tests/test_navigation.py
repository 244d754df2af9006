import pytest

from organizing.factories import CampaignMemberFactory
from unionops.navigation import MENU, menu

pytestmark = pytest.mark.django_db

READERS = ["Home", "Members", "Employers"]
CASES = ["Cases", "Deadlines", "Dockets", "Drafts", "Agreements", "Patterns"]
LEVEL = ["Home", "Queue", "Applications", "Past help", "Reports", "Seats", "Whom I know", "Rules", "Records"]
EXPECTED = {
    "admin": [
        *READERS,
        "Imports",
        "Agreements",
        "Rules",
        "Reports",
        "Seats",
        "Rules",
        "Users",
        "Roles",
        "Programs",
        "Installations",
        "The local",
        "Audit trail",
        "System",
        "Records",
    ],
    "officer": [
        *READERS,
        "Imports",
        *CASES,
        "Letters",
        "Rules",
        "Applications",
        "Payments",
        "Reports",
        "Seats",
        "Rules",
        "Campaigns",
        "Activities",
        "Users",
        "Roles",
        "Programs",
        "Installations",
        "Confirmations",
        "The local",
        "Records",
    ],
    "staff": [*READERS, "Imports", *CASES, "Applications", "Reports", "Records"],
    "organizer": [*READERS, "Campaigns", "Activities"],
    "representative": [*READERS, *CASES],
    "steward": [*READERS, *CASES],
    "grievance-chair": [*READERS, *CASES, "Letters", "Rules"],
    "organizing-director": ["Home", "Oversight"],
    "member": ["Home", "My cases", "My applications", "My record", "Agreements"],
    "instructor": ["Home"],
    "treasurer": [
        *("Home", "Queue", "Applications", "Payments", "Fund", "Past help", "Reports", "Seats", "Whom I know", "Rules"),
        "Records",
    ],
    "trustee": ["Home", "Applications", "Payments", "Fund", "Audit", "Reports", "Seats", "Rules"],
    "benevolence-vp": LEVEL,
    "benevolence-president": LEVEL,
    "nobody": ["Home"],
    "expired": ["Home"],
}


def labels(groups) -> list[str]:
    return [str(item.label) for group in groups for item in group.items]


@pytest.mark.heavy
@pytest.mark.parametrize("name", EXPECTED)
def test_only_what_the_person_may_open(client_of, people, name):
    groups = menu(people[name], "/", {})
    assert labels(groups) == EXPECTED[name]
    assert all(group.items for group in groups)
    browser = client_of(name)
    statuses = {item.url: browser.get(item.url).status_code for group in groups for item in group.items}
    assert set(statuses.values()) <= {200, 302}
    closed = {str(place.label) for _label, places in MENU for place in places} - set(EXPECTED[name])
    drawn = browser.get("/").text.split('class="sidebar-nav"')[1].split("</nav>")[0]
    assert [label for label in closed if f"<span>{label}</span>" in drawn] == []


@pytest.mark.parametrize(
    ("path", "here"),
    [
        ("/", ["Home"]),
        ("/members/", ["Members"]),
        ("/members/7/edit/", ["Members"]),
        ("/employments/7/edit/", ["Members"]),
        ("/organizations/7/", ["Employers"]),
        ("/contacts/7/edit/", ["Employers"]),
        ("/imports/", ["Imports"]),
        ("/users/7/", ["Users"]),
        ("/roles/7/", ["Roles"]),
        ("/settings/", ["The local"]),
        ("/audit/reads/", ["Audit trail"]),
        ("/system/", ["System"]),
        ("/admin/members/member/", ["Records"]),
        ("/grievances/rules/", ["Rules"]),
        ("/benevolence/reports/", ["Reports"]),
        ("/search/", []),
        ("/nothing/", []),
    ],
)
def test_the_place_where_one_is(people, path, here):
    groups = menu(people["admin"], path, {})
    assert [str(item.label) for group in groups for item in group.items if item.active] == here


def test_the_current_place_is_marked_for_all_senses(client_of):
    text = client_of("staff").get("/members/").text
    assert text.count('aria-current="page"') == 1
    assert client_of("anon").get("/accounts/login/").text.count("sidebar-nav") == 0


def test_the_nearer_of_two_places_is_where_one_is(people):
    groups = menu(people["officer"], "/grievances/drafts/new/", {})
    assert [str(item.label) for group in groups for item in group.items if item.active] == ["Drafts"]


def test_own_entries_are_a_place_only_for_who_has_some(people):
    member = people["member"]
    assert "My entries" not in labels(menu(member, "/", {}))
    CampaignMemberFactory(member=member.member)
    assert "My entries" in labels(menu(member, "/", {}))
