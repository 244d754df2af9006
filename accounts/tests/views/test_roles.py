"""The pages about roles."""

import re

import pytest

from accounts.factories import RoleAssignmentFactory
from accounts.models import Role
from accounts.services import roles
from core.web import keyset
from unionops.access import GRANTS, NOT_FOR_CUSTOM_ROLES, ROLES

pytestmark = pytest.mark.django_db
TYPED = {
    "display_name": "Dispatcher",
    "name": "dispatcher",
    "description": "Sends people to work",
    "permissions_members": ["members.view_member"],
    "permissions_core": ["core.enter_office"],
}


@pytest.fixture
def admin(client_of):
    return client_of("admin")


def held(name: str) -> set[str]:
    return {roles.name_of(item) for item in Role.objects.get(name=name).permissions.select_related("content_type")}


def test_the_table_is_that_of_the_product(client_of):
    response = client_of("officer").get("/roles/table/")
    found: dict[str, int] = {}
    for _part, lines in response.context["groups"]:
        for words, marks in lines:
            found[words] = found.get(words, 0) + sum(marks)
    assert sum(found.values()) == sum(len(granted) for granted in GRANTS.values())
    assert [role.name for role in response.context["roles"]] == list(ROLES)
    assert [part for part, _lines in response.context["groups"]] == [
        "The portal",
        "Accounts and roles",
        "Members and organizations",
        "Grievances",
        "Benevolence",
        "Organizing",
    ]


def test_a_role_is_added_edited_and_deleted(admin, people):
    added = admin.post("/roles/new/", TYPED)
    assert (added.status_code, added.headers["Location"]) == (302, "/roles/dispatcher/")
    assert held("dispatcher") == {"members.view_member", "core.enter_office"}
    page = admin.get("/roles/dispatcher/").text
    assert "Edit role" in page
    assert "Delete role" in page
    assert "Decided by the product" not in page
    form = admin.get("/roles/dispatcher/edit/").context["form"]
    assert form["permissions_members"].initial == ["members.view_member"]
    typed = TYPED | {"version": form["version"].value(), "name": "hiring-hall", "permissions_members": []}
    admin.post("/roles/dispatcher/edit/", typed)
    assert held("hiring-hall") == {"core.enter_office"}
    assert admin.get("/roles/table/").context["roles"][-1].name == "hiring-hall"
    RoleAssignmentFactory(role="hiring-hall")
    assert "Delete role" not in admin.get("/roles/hiring-hall/").text
    refused = admin.post("/roles/hiring-hall/delete/", {"reason": "r"})
    assert refused.status_code == 409
    assert "so it stays" in refused.text


@pytest.mark.parametrize("earlier", [True, False], ids=["the version of before", "none"])
def test_what_another_administrator_took_away_returns_only_where_both_versions_were_shown(admin, earlier):
    admin.post("/roles/new/", TYPED)
    page = admin.get("/roles/dispatcher/edit/")
    seen = {"version": page.context["form"]["version"].value()} if earlier else {}
    role = Role.objects.get(name="dispatcher")
    values = {name: TYPED[name] for name in roles.EDITABLE}
    roles.change_role(role, values | {"description": "Hiring hall"}, ["core.enter_office"], actor=None)
    answer = admin.post("/roles/dispatcher/edit/", TYPED | seen)
    assert answer.status_code == 409
    assert held("dispatcher") == {"core.enter_office"}
    assert answer.context["conflict"] == [
        ("Description", "Hiring hall", "Sends people to work"),
        ("Members and organizations", "", "See members"),
    ]
    newer = TYPED | {"version": answer.context["form"]["version"].value()}
    assert admin.post("/roles/dispatcher/edit/", newer).status_code == 302
    assert held("dispatcher") == {"members.view_member", "core.enter_office"}


@pytest.mark.parametrize("name", ["staff", "dispatcher"])
def test_a_description_that_somebody_else_saved_meanwhile_is_not_overwritten(admin, name):
    admin.post("/roles/new/", TYPED)
    path, mine = f"/roles/{name}/describe/", {"description": "Mine"}
    seen = {"version": admin.get(path).context["form"]["version"].value()}
    theirs = roles.describe_role(Role.objects.get(name=name), "Theirs", actor=None)
    for typed in (mine, mine | seen):
        answer = admin.post(path, typed)
        assert answer.status_code == 409
        assert answer.context["conflict"] == [("Description", "Theirs", "Mine")]
        assert Role.objects.get(name=name).description == "Theirs"
    assert answer.context["form"]["version"].value() == str(theirs.version)
    assert admin.post(path, mine | {"version": str(theirs.version)}).status_code == 302
    assert Role.objects.get(name=name).description == "Mine"


def test_a_role_that_nobody_held_is_deleted(admin):
    admin.post("/roles/new/", TYPED)
    assert admin.post("/roles/dispatcher/delete/", {"reason": "A mistake"}).headers["Location"] == "/roles/"
    assert not Role.objects.filter(name="dispatcher").exists()


def test_roles_of_the_product_have_no_such_pages(admin):
    for page in ("edit", "delete"):
        assert admin.get(f"/roles/staff/{page}/").status_code == 404
        assert admin.post(f"/roles/staff/{page}/", TYPED | {"reason": "r"}).status_code == 404


@pytest.mark.parametrize(
    ("values", "field", "sentence"),
    [
        ({"name": "staff"}, "name", "Another role has this short name"),
        ({"name": "Dispatcher"}, "name", "lower-case letters"),
        ({"name": "held"}, "name", "meaning of its own"),
        ({"name": "dis patcher"}, "name", ""),
        ({"name": ""}, "name", "Fill this in."),
        ({"display_name": ""}, "display_name", "Fill this in."),
        ({"display_name": "a\u202eb"}, "display_name", "invisible"),
        ({"permissions_members": ["organizing.view_campaign"]}, "permissions_members", "cannot have one of these"),
    ],
)
def test_wrong_input_is_told_at_its_field_and_nothing_is_lost(admin, values, field, sentence):
    response = admin.post("/roles/new/", TYPED | values)
    assert (response.status_code, list(response.context["form"].errors)) == (422, [field])
    assert sentence in str(response.context["form"].errors[field])
    assert "Sends people to work" in response.text
    assert not Role.objects.filter(is_custom=True).exists()


def test_the_choice_shows_no_door_of_the_vault(admin):
    page = admin.get("/roles/new/").text
    assert [name for name in NOT_FOR_CUSTOM_ROLES if f'value="{name}"' in page] == []
    assert [name for name in GRANTS if name not in NOT_FOR_CUSTOM_ROLES and f'value="{name}"' not in page] == []


def test_a_custom_role_can_be_given_and_filtered(admin):
    admin.post("/roles/new/", TYPED)
    user = RoleAssignmentFactory(role="dispatcher").user
    assert '<option value="dispatcher">' in admin.get(f"/users/{user.pk}/assign/").text
    assert admin.get("/users/?role=dispatcher").context["rows"] == [user]


def test_all_of_it_asks_for_a_fresh_proof(admin, settings):
    roles.add_role({"display_name": "D", "name": "dispatcher"}, [], actor=None)
    settings.STEP_UP_MINUTES = 10
    paths = ["/roles/new/", "/roles/dispatcher/edit/", "/roles/dispatcher/delete/"]
    assert {admin.get(path).headers["Location"].split("?")[0] for path in paths} == {"/accounts/reauthenticate/"}
    asked = admin.post("/roles/new/", TYPED | {"name": "other"})
    assert asked.status_code == 422
    assert "Sends people to work" in asked.text
    assert not Role.objects.filter(name="other").exists()


@pytest.mark.parametrize("path", ["/roles/", "/roles/table/", "/roles/dispatcher/", "/roles/dispatcher/edit/"])
def test_one_role_more_costs_no_more_queries(admin, path, django_assert_num_queries):
    roles.add_role({"display_name": "D", "name": "dispatcher"}, ["members.view_member"], actor=None)
    admin.get(path)
    with django_assert_num_queries(QUERIES[path]):
        admin.get(path)
    for number in range(3):
        roles.add_role({"display_name": "D", "name": f"d{number}"}, ["members.view_member"], actor=None)
        RoleAssignmentFactory(role=f"d{number}")
    with django_assert_num_queries(QUERIES[path]):
        admin.get(path)


def test_holders_who_may_sign_in_are_counted_to_a_thousand(admin, monkeypatch):
    RoleAssignmentFactory.create_batch(3, role="trustee")
    RoleAssignmentFactory(role="trustee", user__is_active=False)
    shown = []
    for most in (1_000, 3, 2):
        monkeypatch.setattr(keyset, "EXACT_COUNT", most)
        page = admin.get("/roles/").text
        shown.append(re.search(r'roles/trustee/">.*?data-label="Holders">(.*?)<', page, re.DOTALL)[1])
    assert shown == ["3", "3", "2+"]


QUERIES = {"/roles/": 3, "/roles/table/": 6, "/roles/dispatcher/": 8, "/roles/dispatcher/edit/": 5}


def test_of_a_role_that_many_hold_the_page_shows_some_and_the_way_to_all(client_of, monkeypatch):
    monkeypatch.setattr("accounts.views.roles.HOLDERS_SHOWN", 2)
    for _number in range(3):
        RoleAssignmentFactory(role="steward")
    page = client_of("admin").get("/roles/steward/")
    assert len(page.context["terms"]) == 2
    assert 'href="/users/?role=steward"' in page.content.decode()
