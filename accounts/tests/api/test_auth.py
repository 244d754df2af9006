"""The doors of the API, as a program sees them."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.enums import AccountAction, DeviceEnd
from accounts.factories import PASSWORD, RoleAssignmentFactory, UserFactory
from accounts.models import RefreshToken, SignInThrottle, User
from accounts.services import people, terms
from accounts.tests.api_calls import ADDRESS, AUTH, DEAD, NEW, WRONG, get, login, post, refused, trail, works
from accounts.tests.hashes import imported
from accounts.tests.proving import code_of, give_app
from core.models import Outbox

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann():
    user = UserFactory(email=ADDRESS, first_name="Ann", last_name="Person")
    RoleAssignmentFactory(user=user, role="staff")
    return user


@pytest.fixture
def admin():
    user = UserFactory(email="admin@people.example")
    RoleAssignmentFactory(user=user, role="admin")
    return User.objects.get(pk=user.pk)


# --- login --------------------------------------------------------------------------------------------


def test_login_call_and_who_am_i(ann):
    answer = login(" Ann@People.Example ", device="Phone of Ann")
    pair = answer.json()
    assert answer.status_code == 200
    assert sorted(pair) == ["access", "access_expires_at", "must_change_password", "refresh", "refresh_expires_at"]
    me = get(f"{AUTH}me/", pair["access"]).json()
    assert {name: me[name] for name in ("id", "email", "full_name", "member", "roles", "is_verified")} == {
        "id": ann.pk,
        "email": ADDRESS,
        "full_name": "Ann Person",
        "member": None,
        "roles": ["staff"],
        "is_verified": True,
    }
    assert "members.view_member" in me["permissions"]
    assert get("/api/v1/members/", pair["access"]).status_code == 200
    assert User.objects.get(pk=ann.pk).last_login == RefreshToken.objects.get().created_at
    assert trail(ann) == [AccountAction.SIGNED_IN]


@pytest.mark.parametrize(
    ("email", "password"),
    [(ADDRESS, WRONG), ("nobody@people.example", PASSWORD), ("off@people.example", PASSWORD), (ADDRESS, "\ud800x")],
)
def test_whatever_is_wrong_the_answer_is_the_same(ann, email, password):
    UserFactory(email="off@people.example", is_active=False)
    answer = login(email, password)
    if password == "\ud800x":
        assert answer.status_code == 400
    else:
        assert answer.status_code == 401
        assert answer.json() == {
            "detail": "The e-mail address or the password is not right.",
            "code": "wrong_credentials",
        }
        assert answer["WWW-Authenticate"] == "Bearer"
    assert RefreshToken.objects.count() == 0


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        {"email": ADDRESS},
        {"email": ADDRESS, "password": ""},
        {"email": "", "password": PASSWORD},
        {"email": ADDRESS, "password": "a\0b"},
        {"email": ADDRESS, "password": "x" * 1025},
        {"email": [ADDRESS], "password": PASSWORD},
        {"email": {"a": 1}, "password": PASSWORD},
        {"email": "x" * 300, "password": PASSWORD},
        {"email": ADDRESS, "password": PASSWORD, "otp": "1" * 33},
        {"email": ADDRESS, "password": PASSWORD, "device": "x" * 201},
    ],
)
def test_bodies_that_cannot_be_right(ann, body):
    answer = post("login", body)
    assert refused(answer) == (400, "invalid")
    assert PASSWORD not in answer.text


def test_only_json_is_read(ann):
    answer = Client().post(f"{AUTH}login/", {"email": ADDRESS, "password": PASSWORD})
    assert refused(answer) == (415, "unsupported_media_type")
    assert refused(Client().post(f"{AUTH}login/", "{", content_type="application/json")) == (400, "parse_error")


def test_an_imported_hash_signs_in_and_is_replaced(ann):
    User.objects.filter(pk=ann.pk).update(password=imported(PASSWORD))
    assert login().status_code == 200
    assert User.objects.get(pk=ann.pk).password.startswith("argon2$argon2id$")


def test_page_and_api_share_one_count(ann):
    page = Client()
    for number in range(4):
        if number % 2:
            assert login(password=WRONG).status_code == 401
        else:
            assert page.post("/accounts/login/", {"login": ADDRESS, "password": WRONG}).status_code == 422
    locked = login(password=WRONG)
    assert (refused(locked), locked["Retry-After"]) == ((429, "locked"), "1800")
    assert (refused(login()), login()["Retry-After"]) == ((429, "locked"), "1800")
    assert page.post("/accounts/login/", {"login": ADDRESS, "password": PASSWORD}).status_code == 422
    assert RefreshToken.objects.count() == 0
    SignInThrottle.objects.all().delete()
    assert login().status_code == 200


def test_a_change_of_password_counts_wrong_ones_too(ann):
    token = login().json()["access"]
    body = {"current_password": WRONG, "new_password": NEW}
    assert [post("change-password", body, token).status_code for _turn in range(5)] == [400] * 4 + [429]
    assert refused(login()) == (429, "locked")


def test_an_unknown_name_is_locked_like_a_known_one(ann):
    for email in (ADDRESS, "nobody@people.example"):
        assert [login(email, WRONG).status_code for _turn in range(6)] == [401] * 4 + [429] * 2


def test_a_device_that_has_not_been_seen_before_is_told_by_mail(ann):
    login(device="Phone")
    assert Outbox.objects.count() == 0  # the very first sign-in is no news
    login(device="Laptop")
    login(device="Laptop")
    assert [mail.subject for mail in Outbox.objects.all()] == ["New sign-in to your account"]
    elsewhere = Client(REMOTE_ADDR="198.51.100.7")
    body = {"email": ADDRESS, "password": PASSWORD, "device": "Laptop"}
    elsewhere.post(f"{AUTH}login/", body, content_type="application/json")
    assert Outbox.objects.count() == 2
    assert trail(ann).count(AccountAction.NEW_DEVICE) == 2


# --- second factor ------------------------------------------------------------------------------------


def test_a_second_factor_is_asked_for_after_the_password(ann):
    secret = give_app(ann)
    assert refused(login()) == (401, "otp_needed")
    assert refused(login(password=WRONG, otp=code_of(secret))) == (401, "wrong_credentials")
    assert refused(login(otp="000000")) == (401, "otp_wrong")
    assert RefreshToken.objects.count() == 0
    assert login(otp=code_of(secret)).status_code == 200
    assert User.objects.get(pk=ann.pk).failed_login_attempts == 0


# --- refresh, logout ------------------------------------------------------------------------------------


def test_renewal_gives_another_pair_and_keeps_the_end(ann):
    with time_machine.travel(timezone.now().replace(microsecond=0), tick=False) as clock:
        first = login().json()
        clock.shift(timedelta(days=3))
        second = post("refresh", {"refresh": first["refresh"]}).json()
    assert second["refresh"] != first["refresh"]
    assert second["refresh_expires_at"] == first["refresh_expires_at"]
    assert RefreshToken.objects.get().rotations == 1


@pytest.mark.parametrize("renewals", [1, 2, 10])
def test_an_old_token_ends_its_device_and_no_other(ann, renewals):
    other, pair = login().json(), login().json()
    old = pair["refresh"]
    for _turn in range(renewals):
        pair = post("refresh", {"refresh": pair["refresh"]}).json()
    assert get(f"{AUTH}me/", pair["access"]).status_code == 200
    assert refused(post("refresh", {"refresh": old})) == (401, "token_not_valid")
    assert works(pair) == DEAD
    assert post("refresh", {"refresh": old}).status_code == 401
    assert trail(ann).count(AccountAction.TOKEN_REPLAYED) == 1
    assert works(other) == (200, 200)
    assert list(RefreshToken.objects.order_by("created_at").values_list("revoke_reason", flat=True)) == [
        "",
        DeviceEnd.REPLAYED,
    ]


def test_a_device_ends_absolutely_however_often_it_renews(ann):
    with time_machine.travel(timezone.now().replace(microsecond=0), tick=False) as clock:
        pair = login().json()
        for _day in range(6):
            clock.shift(timedelta(days=1))
            pair = post("refresh", {"refresh": pair["refresh"]}).json()
        clock.shift(timedelta(hours=23, minutes=59, seconds=59))
        pair = post("refresh", {"refresh": pair["refresh"]}).json()
        assert get(f"{AUTH}me/", pair["access"]).status_code == 200
        clock.shift(timedelta(seconds=1))
        assert works(pair) == DEAD


def test_logout_ends_this_device_and_says_the_same_to_rubbish(ann):
    other, pair = login().json(), login().json()
    renewed = post("refresh", {"refresh": pair["refresh"]}).json()
    answers = [post("logout", {"refresh": text}) for text in (renewed["refresh"], renewed["refresh"], "rubbish")]
    assert [(answer.status_code, answer.content) for answer in answers] == [(204, b"")] * 3
    assert works(renewed) == DEAD
    assert works(other) == (200, 200)
    assert trail(ann)[-1] == AccountAction.SIGNED_OUT


def test_logout_all_ends_every_device_and_browser(ann):
    pairs, browser = [login().json() for _device in range(3)], Client()
    browser.force_login(ann)
    assert post("logout-all", token=pairs[0]["access"]).status_code == 204
    assert [works(pair) for pair in pairs] == [DEAD] * 3
    assert browser.get("/").status_code == 302
    assert login().status_code == 200


def test_own_devices_are_listed_and_ended_one_by_one(ann, admin):
    phone, laptop = login(device="Phone").json(), login(device="Laptop").json()
    login("admin@people.example", device="Of somebody else")
    listed = get(f"{AUTH}sessions/", phone["access"]).json()
    assert {(item["device_info"], item["current"], item["ip_address"]) for item in listed} == {
        ("Phone", True, "127.0.0.1"),
        ("Laptop", False, "127.0.0.1"),
    }
    ids = {item["device_info"]: item["id"] for item in listed}
    foreign = RefreshToken.objects.get(user=admin).pk

    def end(pk: object):
        return Client().delete(f"{AUTH}sessions/{pk}/", headers={"Authorization": f"Bearer {phone['access']}"})

    assert [end(ids["Laptop"]).status_code, end(ids["Laptop"]).status_code, end(foreign).status_code] == [204, 404, 404]
    assert works(laptop) == DEAD
    assert works(phone) == (200, 200)


# --- what ends everything ----------------------------------------------------------------------------------


CHANGED = {"detail": "The new password is set. Every device is signed out, this one too: sign in."}


def test_own_change_of_password_ends_every_device_this_one_too(ann):
    here, there, browser = login().json(), login().json(), Client()
    browser.force_login(ann)
    body = {"current_password": PASSWORD, "new_password": NEW}
    answer = post("change-password", body, here["access"])
    assert (answer.status_code, answer.json()) == (200, CHANGED)
    assert [works(here), works(there)] == [DEAD] * 2
    assert browser.get("/").status_code == 302
    assert (login().status_code, login(password=NEW).status_code) == (401, 200)


def test_own_change_of_password_in_a_browser_ends_the_browser_too(ann):
    there, browser = login().json(), Client()
    browser.force_login(ann)
    body = {"current_password": PASSWORD, "new_password": NEW}
    answer = browser.post(f"{AUTH}change-password/", body, content_type="application/json")
    assert (answer.status_code, answer.json()) == (200, CHANGED)
    assert (browser.get("/").status_code, works(there)) == (302, DEAD)


@pytest.mark.parametrize(
    ("current", "new", "field"),
    [
        (WRONG, NEW, "current_password"),
        (PASSWORD, "short", "new_password"),
        (PASSWORD, "passwordpassword", "new_password"),
        (PASSWORD, PASSWORD, "new_password"),
        (PASSWORD, "x" * 129, "new_password"),
    ],
)
def test_a_password_that_will_not_do_changes_nothing(ann, current, new, field):
    pair = login().json()
    answer = post("change-password", {"current_password": current, "new_password": new}, pair["access"])
    assert (refused(answer), list(answer.json()["fields"])) == ((400, "invalid"), [field])
    assert works(pair) == (200, 200)


@pytest.mark.parametrize(
    "act",
    [
        lambda user, admin: people.deactivate(user, actor=admin, reason="Left"),
        lambda user, admin: people.end_sessions(user, actor=admin, reason="Lost laptop"),
        lambda user, admin: people.issue_password(user, actor=admin, reason="Forgot it"),
        lambda user, admin: people.change_own_password(user, NEW),
    ],
    ids=["deactivate", "end_sessions", "issue_password", "change_own_password"],
)
def test_each_ends_every_device_on_the_next_request(ann, admin, act):
    pairs = [login().json() for _device in range(2)]
    assert [get(f"{AUTH}me/", pair["access"]).status_code for pair in pairs] == [200, 200]
    act(User.objects.get(pk=ann.pk), admin)
    assert [works(pair) for pair in pairs] == [DEAD] * 2


def test_a_device_does_not_come_back_with_the_account(ann, admin):
    pair = login().json()
    people.deactivate(ann, actor=admin, reason="Leave")
    people.activate(User.objects.get(pk=ann.pk), actor=admin, reason="Back")
    assert works(pair) == DEAD


def test_a_role_that_ends_is_gone_on_the_next_request(ann, admin):
    pair = login().json()
    assert get("/api/v1/members/", pair["access"]).status_code == 200
    terms.end_role(ann.assignments.get(), actor=admin, reason="Moved")
    assert get("/api/v1/members/", pair["access"]).status_code == 403
    assert get(f"{AUTH}me/", pair["access"]).json()["roles"] == []


def test_a_term_counts_to_the_second_of_a_token_in_date(ann):
    start = timezone.now().replace(microsecond=0)
    RoleAssignmentFactory(
        user=ann, role="admin", starts_at=start + timedelta(minutes=5), expires_at=start + timedelta(minutes=20)
    )
    found = {}
    with time_machine.travel(start, tick=False) as clock:
        pair = login().json()
        for seconds in (299, 300, 1199, 1200):
            clock.move_to(start + timedelta(seconds=seconds))
            found[seconds] = get("/api/v1/users/", pair["access"]).status_code
    assert found == {299: 403, 300: 200, 1199: 200, 1200: 403}


# --- accounts that are not in order yet ------------------------------------------------------------------


def test_a_one_time_password_opens_only_its_change(ann):
    User.objects.filter(pk=ann.pk).update(must_change_password=True)
    pair = login().json()
    assert pair["must_change_password"] is True
    for path in ("/api/v1/members/", "/api/v1/", "/api/v1/schema/"):
        assert refused(get(path, pair["access"])) == (403, "password_change_needed")
    assert get(f"{AUTH}me/", pair["access"]).status_code == 200
    body = {"current_password": PASSWORD, "new_password": NEW}
    assert post("change-password", body, pair["access"]).status_code == 200
    assert get("/api/v1/members/", login(password=NEW).json()["access"]).status_code == 200


def test_an_address_that_nobody_has_confirmed_opens_nothing(ann):
    User.objects.filter(pk=ann.pk).update(is_verified=False, must_change_password=True)
    pair = login().json()
    for path in ("/api/v1/members/", "/api/v1/", "/api/v1/schema/", f"{AUTH}sessions/", f"{AUTH}me/"):
        assert refused(get(path, pair["access"]))[0] == 403
    body = {"current_password": PASSWORD, "new_password": NEW}
    for path, sent in (("change-password", body), ("logout-all", {})):
        assert refused(post(path, sent, pair["access"])) == (403, "email_not_verified")
    User.objects.filter(pk=ann.pk).update(is_verified=True)
    assert get(f"{AUTH}me/", pair["access"]).status_code == 200


def test_without_a_token_the_own_account_is_closed():
    for method, path in [("get", "me"), ("post", "logout-all"), ("post", "change-password"), ("get", "sessions")]:
        answer = getattr(Client(), method)(f"{AUTH}{path}/")
        assert (answer.status_code, answer["WWW-Authenticate"]) == (401, 'Bearer realm="api"')


def test_device_names_lose_what_cannot_be_seen(ann):
    login(device="Pho\u202ene\n\u200b of  Ann")
    post("login", {"email": ADDRESS, "password": PASSWORD}, **{"User-Agent": "x" * 900})
    assert [device.device_info for device in RefreshToken.objects.order_by("created_at", "rotations")] in (
        ["Pho ne of Ann", "x" * 200],
        ["x" * 200, "Pho ne of Ann"],
    )
