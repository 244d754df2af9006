"""Pages about accounts and roles."""

from datetime import date, timedelta

import pytest
import time_machine
from django.contrib.auth import authenticate
from django.test import Client
from django.utils import timezone

from accounts.enums import AccountAction
from accounts.factories import PASSWORD, RoleAssignmentFactory, UserFactory
from accounts.forms.people import after, starting
from accounts.models import Role, RoleAssignment, User
from accounts.services import confirming, factors
from accounts.services import people as services
from accounts.tests.proving import give_app
from accounts.tests.rows import fresh
from core.models import AuditEvent, ReadEvent
from core.tests.pages import errors
from core.tests.regulars import cast_with
from members.factories import MemberFactory
from unionops.access import ROLES
from unionops.testing.cast import shown_values

pytestmark = pytest.mark.django_db
regulars, people = cast_with("admin")

DAY = timedelta(days=1)


@pytest.fixture
def admin(people):
    return people["admin"]


@pytest.fixture
def browser(client_of):
    return client_of("admin")


@pytest.fixture
def ann():
    return UserFactory(email="ann@people.example", first_name="Ann", last_name="Abel")


def role(name: str) -> Role:
    return Role.objects.get(name=name)


def names(response) -> list[str]:
    return [row.email.partition("@")[0] for row in response.context["rows"]]


def actions(user: User) -> list[str]:
    events = AuditEvent.objects.filter(subject_type="accounts.user", subject_id=str(user.pk))
    return list(events.order_by("id").values_list("action", flat=True))


def url(user: User, page: str = "") -> str:
    return f"/users/{user.pk}/{page}"


# --- the list ---------------------------------------------------------------------------------------


def test_list_finds_by_words_of_name_and_address(browser, ann):
    UserFactory(email="bob@people.example", first_name="Bob", last_name="Abelard")
    UserFactory(email="cleo@other.example", first_name="Cleo", last_name="Cane")
    found = {
        query: names(browser.get("/users/", {"q": query}))
        for query in ("abel", "ABEL bob", "bob abel", "cleo@other", "other.example", "zed", "%", "_", "' OR 1=1")
    }
    assert found == {
        "abel": ["ann", "bob"],
        "ABEL bob": ["bob"],
        "bob abel": ["bob"],
        "cleo@other": ["cleo"],
        "other.example": ["cleo"],
        "zed": [],
        "%": [],
        "_": [],
        "' OR 1=1": [],
    }


def test_list_filters_by_role_and_state(browser, ann):
    locked = UserFactory(email="locked@people.example", last_name="Bolt")
    UserFactory(email="off@people.example", last_name="Cane", is_active=False)
    UserFactory(email="new@people.example", last_name="Dale", must_change_password=True)
    for _turn in range(5):
        authenticate(None, email=locked.email, password="wrong")
    RoleAssignmentFactory(user=ann, role="staff")
    RoleAssignmentFactory(user=locked, role="staff", starts_at=timezone.now() + DAY)
    found = {
        query: names(browser.get(f"/users/?{query}"))
        for query in ("role=staff", "state=active", "state=off", "state=locked", "state=new", "state=odd")
    }
    assert found == {
        "role=staff": ["ann"],
        "state=active": ["ann", "locked", "new", "admin"],
        "state=off": ["off"],
        "state=locked": ["locked"],
        "state=new": ["new"],
        "state=odd": [],
    }
    states = {row[0]: row[1] for row in shown_values(browser.get("/users/"))}
    assert states[locked.full_name] == "Locked"
    assert states[ann.full_name] == "May sign in"
    assert "Locked" in browser.get("/users/").text.partition("Bolt")[2].partition("</tr>")[0]


def test_list_costs_the_same_for_one_and_for_many(browser, ann, django_assert_num_queries):
    browser.get("/users/")
    with django_assert_num_queries(LIST_QUERIES):
        browser.get("/users/")
    for number in range(3):
        RoleAssignmentFactory(user=UserFactory(email=f"more{number}@people.example"), role="staff")
    with django_assert_num_queries(LIST_QUERIES):
        browser.get("/users/")


LIST_QUERIES = 9  # one of them records who looked


# --- who may see and do what ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "seen", "changed"),
    [("admin", 200, 200), ("officer", 200, 403), ("staff", 403, 403), ("member", 403, 403), ("nobody", 403, 403)],
)
def test_pages_by_role(client_of, ann, who, seen, changed):
    browser = client_of(who)
    term = RoleAssignmentFactory(user=ann, role="staff")
    looking = ["/users/", url(ann), "/roles/", "/roles/staff/"]
    doing = [
        "/users/new/",
        url(ann, "edit/"),
        url(ann, "assign/"),
        f"/terms/{term.pk}/end/",
        "/roles/staff/describe/",
    ]
    doing += [url(ann, f"{page}/") for page in ("switch-off", "switch-on", "unlock", "sign-out", "password")]
    assert {browser.get(path).status_code for path in looking} == {seen}
    assert {browser.get(path).status_code for path in doing} == {changed}
    if changed == 403:
        before = AuditEvent.objects.count()
        assert {browser.post(path, {"reason": "r"}).status_code for path in doing} == {403}
        assert AuditEvent.objects.count() == before


def test_what_does_not_exist_is_404(browser):
    huge = 10**20
    paths = ["/users/999999/", "/users/999999/edit/", "/terms/999999/end/", "/roles/boss/"]
    paths += [f"/users/{huge}/", f"/terms/{huge}/end/", f"/roles/{huge}/"]
    assert [browser.get(path).status_code for path in paths] == [404] * 7


def test_an_officer_sees_no_buttons_that_only_an_admin_may_press(client_of, ann):
    page = client_of("officer").get(url(ann)).content.decode()
    assert [word in page for word in ("edit/", "assign/", "switch-off/", "password/")][:3] == [False] * 3


# --- creating and changing --------------------------------------------------------------------------


def test_create_shows_the_one_time_password_once(browser, admin):
    data = {
        "email": "Nia@people.example",
        "first_name": "Nia",
        "last_name": "Newman",
        "roles": ["staff"],
        "way": "password",
    }
    response = browser.post("/users/new/", data)
    nia = User.objects.get(email="nia@people.example")
    password = response.context["password"]
    assert response.status_code == 200
    assert password in response.content.decode()
    assert nia.must_change_password is True
    assert nia.role_names == {"staff"}
    assert actions(nia) == [AccountAction.USER_CREATED, AccountAction.ROLE_ASSIGNED]
    first = Client().post("/accounts/login/", {"login": "nia@people.example", "password": password})
    assert first.headers["Location"] == "/"
    assert password not in browser.get(url(nia)).content.decode()


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"email": "ANN@people.example"}, "email"),
        ({"email": "ann"}, "email"),
        ({"email": ""}, "email"),
        ({"first_name": ""}, "first_name"),
        ({"last_name": "x" * 101}, "last_name"),
        ({"last_name": "Ne\u200bwman"}, "last_name"),
        ({"first_name": "N\0"}, "first_name"),
        ({"roles": ["999999"]}, "roles"),
        ({"roles": ["x"]}, "roles"),
    ],
)
@pytest.mark.parametrize("way", ["", "password"])
def test_create_refuses_at_the_field_and_keeps_what_was_typed(browser, ann, values, field, way):
    data = {"email": "nia@people.example", "first_name": "Nia", "last_name": "Newman", "way": way, **values}
    response = browser.post("/users/new/", data)
    assert (response.status_code, list(errors(response))) == (422, [field])
    assert 'value="Newman"' in response.content.decode() or field == "last_name"
    assert User.objects.count() == 2


def test_edit(browser, ann):
    data = {"email": "anna@people.example", "first_name": "Anna", "last_name": "Abel", "version": ann.version}
    assert browser.post(url(ann, "edit/"), data).headers["Location"] == url(ann)
    assert (fresh(ann).email, fresh(ann).first_name) == ("anna@people.example", "Anna")
    data = {**data, "last_name": "Anders"}
    response = browser.post(url(ann, "edit/"), data)
    assert response.status_code == 409
    assert response.context["conflict"] == [("Last name", "Abel", "Anders")]
    data = {**data, "version": response.context["form"].data["version"]}
    assert browser.post(url(ann, "edit/"), data).status_code == 302
    assert fresh(ann).last_name == "Anders"


def test_account_is_linked_to_a_member_by_number_or_name(browser, ann, people):
    taken = people["member"].member
    member = MemberFactory(member_number="A5120", first_name="Ann", last_name="Quist", city="Pekin")
    other = MemberFactory(member_number="A5121", first_name="Ann", last_name="Quistgaard", city="Peoria")
    data = {"email": ann.email, "first_name": "Ann", "last_name": ann.last_name}

    def sent(text):
        return browser.post(url(ann, "edit/"), {**data, "version": fresh(ann).version, "member": text})

    errors = {text: sent(text).context["form"].errors["member"] for text in ("777", taken.member_number, "ann qui")}
    assert errors == {
        "777": ["No member has this name or number. Look under Members how it is written."],
        taken.member_number: ["Another account already belongs to this member."],
        "ann qui": ["“ann qui” fits several. Choose which one you mean, or type more of the name."],
    }
    shown = sent("ann qui").content.decode()
    assert [label in shown for label in (f'value="{member.label}"', f'value="{other.label}"')] == [True, True]
    for text, linked in (("a5120", member), (other.label, other), ("quistgaard", other), (member.label, member)):
        assert sent(text).status_code == 302
        assert fresh(ann).member_id == linked.pk
    assert browser.get(url(ann, "edit/")).context["form"]["member"].value() == "Ann Quist — A5120"


def test_edit_changes_only_what_the_form_shows(browser, ann):
    extra = {"is_active": "", "must_change_password": "on", "password": "x", "member_id": "1", "session_epoch": "x"}
    data = {"email": ann.email, "first_name": "Anna", "last_name": "Abel", "version": ann.version, **extra}
    browser.post(url(ann, "edit/"), data)
    now = fresh(ann)
    assert now.first_name == "Anna"
    assert now.is_active is True
    assert now.must_change_password is False
    assert now.member_id is None
    assert (now.password, now.session_epoch) == (ann.password, ann.session_epoch)


# --- moves that ask why -----------------------------------------------------------------------------

MOVES = ["switch-off", "sign-out", "password"]


@pytest.mark.parametrize("move", MOVES)
def test_moves_need_a_reason_of_one_line(browser, ann, move):
    for reason in ("", "   ", "x" * 301, "a\u202eb"):
        response = browser.post(url(ann, f"{move}/"), {"reason": reason})
        assert (response.status_code, list(errors(response))) == (422, ["reason"])
    assert actions(ann) == []


@pytest.mark.parametrize("move", MOVES)
def test_moves_end_every_session(browser, client_of, ann, move):
    theirs = Client()
    theirs.force_login(ann)
    assert theirs.get("/").status_code == 200
    assert browser.post(url(ann, f"{move}/"), {"reason": "Lost laptop"}).status_code in (200, 302)
    assert theirs.get("/").headers["Location"] == "/accounts/login/?next=/"


def test_switch_off_and_on(browser, ann):
    assert browser.post(url(ann, "switch-off/"), {"reason": "Left"}).headers["Location"] == url(ann)
    again = browser.post(url(ann, "switch-off/"), {"reason": "Left"})
    assert (again.status_code, errors(again)) == (409, {"__all__": ["This account is already switched off."]})
    assert browser.post(url(ann, "switch-on/"), {"reason": "Back"}).status_code == 302
    assert actions(ann) == [AccountAction.USER_DEACTIVATED, AccountAction.USER_ACTIVATED]


def test_unlock(browser, ann):
    assert browser.post(url(ann, "unlock/"), {"reason": "r"}).status_code == 409
    for _turn in range(5):
        authenticate(None, email=ann.email, password="wrong")
    assert "Locked until" in browser.get(url(ann)).content.decode()
    assert browser.post(url(ann, "unlock/"), {"reason": "Called us"}).status_code == 302
    assert authenticate(None, email=ann.email, password=PASSWORD) == ann


def test_new_one_time_password(browser, ann):
    response = browser.post(url(ann, "password/"), {"reason": "Forgot it"})
    password = response.context["password"]
    assert response.status_code == 200
    assert password in response.content.decode()
    assert authenticate(None, email=ann.email, password=password) == ann


def test_nobody_locks_themselves_out(browser, admin):
    for move in ("switch-off", "password"):
        assert browser.post(url(admin, f"{move}/"), {"reason": "r"}).status_code == 409
    term = RoleAssignment.objects.get(user=admin)
    response = browser.post(f"/terms/{term.pk}/end/", {"reason": "r"})
    assert errors(response) == {
        "__all__": [
            "Nobody else is administrator without an end date. Give the role to somebody else without an end first."
        ]
    }


# --- roles ------------------------------------------------------------------------------------------


def test_assign_and_end_a_role(browser, ann):
    data = {"role": "officer", "kind": "regular", "first_day": "", "last_day": "", "reason": "Elected"}
    assert browser.post(url(ann, "assign/"), data).headers["Location"] == url(ann)
    assert fresh(ann).role_names == {"officer"}
    response = browser.post(url(ann, "assign/"), data)
    assert response.status_code == 409
    assert "already holds the role Officer" in errors(response)["__all__"][0]
    term = RoleAssignment.objects.get(user=ann)
    assert browser.post(f"/terms/{term.pk}/end/", {"reason": "Resigned"}).headers["Location"] == url(ann)
    assert fresh(ann).role_names == frozenset()
    page = browser.get(url(ann)).content.decode()
    assert "Former roles" in page
    assert "Resigned" in page
    assert "Elected" in page


def test_days_of_a_term_are_days_of_the_local(browser, ann):
    with time_machine.travel("2026-11-23T12:00:00Z", tick=False):
        data = {"role": "officer", "kind": "acting", "reason": "Stands in"}
        data |= {"first_day": "2026-11-25", "last_day": "2026-11-30"}
        browser.force_login(User.objects.get(email="admin@people.example"))
        RoleAssignment.objects.update(starts_at="2026-01-01T00:00:00Z")
        assert browser.post(url(ann, "assign/"), data).status_code == 302
    term = RoleAssignment.objects.get(user=ann)
    assert term.starts_at.isoformat() == "2026-11-25T05:00:00+00:00"
    assert term.expires_at.isoformat() == "2026-12-01T05:00:00+00:00"


def test_a_day_becomes_a_moment():
    with time_machine.travel("2026-11-23T12:00:00Z", tick=False):
        assert [starting(None), starting(date(2026, 11, 23)), after(None)] == [None, None, None]
        assert after(date(2026, 11, 23)).isoformat() == "2026-11-24T00:00:00+00:00"


@pytest.mark.parametrize(
    ("values", "status", "field"),
    [
        ({"role": ""}, 422, "role"),
        ({"role": "999999"}, 422, "role"),
        ({"role": "x"}, 422, "role"),
        ({"kind": "forever"}, 422, "kind"),
        ({"first_day": "tomorrow"}, 422, "first_day"),
        ({"first_day": "0001-01-01"}, 422, "first_day"),
        ({"last_day": "9999-12-31"}, 422, "last_day"),
        ({"reason": ""}, 422, "reason"),
        ({"first_day": "2020-01-01"}, 409, "__all__"),
        ({"first_day": "2090-01-02", "last_day": "2090-01-01"}, 409, "__all__"),
        ({"last_day": "2020-01-01"}, 409, "__all__"),
    ],
)
def test_assign_refuses(browser, ann, values, status, field):
    data = {"role": "staff", "kind": "regular", "reason": "Hired", **values}
    response = browser.post(url(ann, "assign/"), data)
    assert (response.status_code, list(errors(response))) == (status, [field])
    assert RoleAssignment.objects.filter(user=ann).count() == 0


def test_nobody_gives_a_role_to_themselves(browser, admin):
    data = {"role": "treasurer", "kind": "regular", "reason": "r"}
    response = browser.post(url(admin, "assign/"), data)
    assert response.status_code == 409
    assert errors(response) == {"__all__": ["Nobody gives a role to themselves. Ask another administrator."]}


def test_an_ended_role_closes_the_next_page(client_of, browser, people):
    theirs = client_of("officer")
    assert theirs.get("/users/").status_code == 200
    term = RoleAssignment.objects.get(user=people["officer"])
    browser.post(f"/terms/{term.pk}/end/", {"reason": "Resigned"})
    assert theirs.get("/users/").status_code == 403


def test_role_pages(browser, ann):
    RoleAssignmentFactory(user=ann, role="staff")
    page = browser.get("/roles/").content.decode()
    assert [str(spec.display_name) in page for spec in ROLES.values()] == [True] * len(ROLES)
    staff = role("staff")
    page = browser.get("/roles/staff/").content.decode()
    found = [words in page for words in ("Ann Abel", "See members", "Change the settings of the local")]
    assert found == [True, True, False]
    typed = {"description": "Three people", "name": "boss", "version": staff.version}
    response = browser.post("/roles/staff/describe/", typed)
    assert response.headers["Location"] == "/roles/staff/"
    staff.refresh_from_db()
    assert (staff.description, staff.name) == ("Three people", "staff")
    for description in ("x" * 301, "a\u202eb"):
        response = browser.post("/roles/staff/describe/", {"description": description})
        assert (response.status_code, list(errors(response))) == (422, ["description"])


# --- what pages keep quiet --------------------------------------------------------------------------


def test_opening_an_account_is_recorded_and_its_title_names_nobody(browser, admin, ann):
    page = browser.get(url(ann)).content.decode()
    title = page.partition("<title>")[2].partition("</title>")[0]
    assert "Abel" in page
    assert "Abel" not in title
    assert ann.password not in page
    event = ReadEvent.objects.get(subject_type="accounts.user")
    assert event.actor == admin
    assert event.subject_id == str(ann.pk)
    assert event.kind == "opened"


def test_stored_text_is_shown_as_text(browser):
    odd = UserFactory(first_name="<script>alert(1)</script>", last_name='"><img src=x>')
    RoleAssignmentFactory(user=odd, role="staff", reason="<b>bold</b>")
    for path in ("/users/", url(odd), "/roles/staff/"):
        page = browser.get(path).content.decode()
        assert [raw in page for raw in ("<script>alert", "<img src=x>", "<b>bold")] == [False] * 3


# --- the admin --------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", ["user", "role", "roleassignment", "signinthrottle"])
def test_admin_shows_and_changes_nothing(browser, ann, model):
    RoleAssignmentFactory(user=ann, role="staff")
    authenticate(None, email=ann.email, password="wrong")
    rows = {"user": ann.pk, "role": "staff", "roleassignment": RoleAssignment.objects.get(user=ann).pk}
    base = f"/admin/accounts/{model}/"
    assert browser.get(base).status_code == 200
    assert browser.get(f"{base}add/").status_code == 403
    if model in rows:
        page = browser.get(f"{base}{rows[model]}/change/").content.decode()
        assert "argon2" not in page
        assert 'name="_save"' not in page
        assert str(ann.session_epoch) not in page
        assert browser.post(f"{base}{rows[model]}/change/", {"email": "x@x.example"}).status_code == 403
        assert browser.post(f"{base}{rows[model]}/delete/", {"post": "yes"}).status_code == 403


@pytest.mark.parametrize(
    "lookup",
    ["password__startswith=argon2", "session_epoch=x", "assignments__role__name=admin", "email__regex=("],
)
def test_admin_lookups_are_limited(browser, ann, lookup):
    assert browser.get(f"/admin/accounts/user/?{lookup}").status_code in (302, 400)


def test_admin_survives_keys_that_no_row_can_have(browser):
    huge = 10**20
    for model in ("user", "role", "roleassignment"):
        assert browser.get(f"/admin/accounts/{model}/{huge}/change/").status_code == 302
    for query in (f"role__group_ptr__exact={huge}", f"role__exact={huge}", "role__isnull=x", "kind__exact=%00"):
        assert browser.get(f"/admin/accounts/roleassignment/?{query}").status_code in (200, 302, 400)


def test_the_page_to_confirm_names_the_factors_that_end(client_of, admin, ann):
    ann.member, ann.is_no_member = MemberFactory(), False
    ann.save()
    services.issue_password(ann, actor=admin, reason="Forgotten")
    give_app(fresh(ann))
    officer = client_of("officer")
    page = officer.get(url(ann, "confirm/"))
    assert [factor.type for factor in page.context["new_factors"]] == ["totp", "recovery_codes"]
    assert "Their new second factors end" in page.text
    assert "Their password ends" in page.text
    refused = officer.post(url(ann, "confirm/"), {"epoch": 2, "keeps_password": "on"})
    assert "choose their own first" in refused.text
    assert officer.post(url(ann, "confirm/"), {"epoch": 2}).headers["Location"] == url(ann)
    assert list(factors.of(ann)) == []
    assert "factor.removed" in actions(ann)


def test_another_officer_says_too_that_they_know_somebody_of_whom_nothing_rests(client_of, admin, ann, people):
    """Where a second person has to know them before a right counts that this page does not show."""
    services.issue_password(ann, actor=admin, reason="Forgotten")
    confirming.confirm(ann, actor=people["officer"])
    RoleAssignmentFactory(user=people["staff"], role="officer")
    other = client_of("staff")
    link = url(ann, "confirm/")
    assert [link in browser.get(url(ann)).text for browser in (client_of("officer"), other)] == [False, True]
    assert other.post(link, {"epoch": fresh(ann).identity_epoch}).headers["Location"] == url(ann)
    assert link not in other.get(url(ann)).text
