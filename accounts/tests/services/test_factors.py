import json
import time

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.core.management import call_command
from django.test import Client, RequestFactory

from accounts.api import devices
from accounts.enums import AccountAction
from accounts.factories import PASSWORD, RoleAssignmentFactory, UserFactory
from accounts.models import Role, SignInThrottle, SpentCode
from accounts.services import factors, terms
from accounts.services import people as people_services
from accounts.tests.api_calls import DEAD, works
from accounts.tests.proving import (
    LOGIN,
    SECOND,
    code_of,
    codes_of,
    give_app,
    give_password,
    is_signed_in,
    secret_of,
)
from core.crypto import key_id_of
from core.errors import DomainError
from core.models import AuditEvent, Outbox
from core.site import change_settings

pytestmark = pytest.mark.django_db

WRONG = "000000"
DIALOG = "/accounts/login/dialog/"
SECURITY, APP, CODES = "/accounts/security/", "/accounts/security/app/", "/accounts/security/codes/"


@pytest.fixture
def ann():
    user = UserFactory(email="ann@people.example", first_name="Ann", last_name="Person")
    RoleAssignmentFactory(user=user, role="staff")
    return user


@pytest.fixture
def browser(ann):
    browser = Client()
    browser.force_login(ann)
    return browser


def events(action):
    return AuditEvent.objects.filter(action=action).count()


def notices() -> int:
    return Outbox.objects.filter(template="security").count()


# --- codes ------------------------------------------------------------------------------------------


def test_a_code_is_good_for_one_step_either_way_and_once(ann):
    secret = give_app(ann)
    moment = int(time.time()) // 30 * 30 + 10
    with time_machine.travel(moment, tick=False):
        found = {later: factors.matching_step(secret, code_of(secret, later=later)) for later in (-2, -1, 0, 1, 2)}
        assert {later: step is not None for later, step in found.items()} == {
            -2: False,
            -1: True,
            0: True,
            1: True,
            2: False,
        }
        present = code_of(secret)
        assert [bool(factors.check_code(ann, present)) for _turn in range(3)] == [True, False, False]
        assert not factors.check_code(ann, code_of(secret, later=-1))
        assert factors.check_code(ann, code_of(secret, later=1)).type == "totp"


def test_the_code_that_set_the_app_up_is_spent(ann):
    secret = factors.totp.generate_totp_secret()
    code = code_of(secret)
    factors.add_app(ann, secret, code)
    assert factors.check_code(ann, code) is None


def test_each_recovery_code_works_once_and_is_told(ann):
    give_app(ann)
    codes = codes_of(ann)
    assert [len(codes), len({*codes})] == [10, 10]
    assert [bool(factors.check_code(ann, code)) for code in (codes[0], codes[0], codes[1])] == [True, False, True]
    assert factors.codes_left(ann) == 8
    assert events(AccountAction.CODE_USED) == 2
    assert notices() == 3


def test_wrong_codes_and_wrong_passwords_share_one_counter(ann):
    secret = give_app(ann)
    browser = Client()
    for _turn in range(2):
        give_password(browser, ann, "not the password at all")
    for _turn in range(2):
        give_password(browser, ann)  # right, and it forgives nothing
        browser.post(SECOND, {"code": WRONG})
    give_password(browser, ann)
    response = browser.post(SECOND, {"code": WRONG})
    assert response.status_code == 422
    assert "Too many wrong passwords" in response.content.decode()
    assert browser.post(SECOND, {"code": code_of(secret)}).status_code == 422
    assert give_password(Client(), ann).status_code == 422
    assert SignInThrottle.objects.get().locked_until is not None


def test_the_second_step_right_starts_the_count_again(ann):
    secret = give_app(ann)
    browser = Client()
    for _turn in range(4):
        give_password(browser, ann, "not the password at all")
    assert give_password(browser, ann).headers["Location"] == SECOND
    assert browser.post(SECOND, {"code": code_of(secret)}).status_code == 302
    assert is_signed_in(browser)
    assert SignInThrottle.objects.get().failures == 0


# --- signing in -------------------------------------------------------------------------------------


def test_the_password_alone_opens_nothing(ann):
    give_app(ann)
    browser = Client()
    assert give_password(browser, ann).headers["Location"] == SECOND
    assert [browser.get(path).headers["Location"] for path in ("/", SECURITY)] == [
        f"{LOGIN}?next=/",
        f"{LOGIN}?next={SECURITY}",
    ]
    assert browser.get(SECOND).status_code == 200


@pytest.mark.parametrize("door", [SECOND, DIALOG])
@pytest.mark.parametrize("change", ["the owner’s", "a one-time one", "switched off"])
def test_half_a_sign_in_ends_with_the_password_that_began_it(ann, door, change):
    """The attack: whoever has the former password and a recovery code waits at the second step."""
    give_app(ann)
    browser, other = Client(), Client()
    for waiting in (browser, other):
        assert give_password(waiting, ann).headers["Location"] == SECOND
    assert other.post(door, {"code": codes_of(ann)[0]}).status_code in (204, 302)
    assert is_signed_in(other)
    if change == "the owner’s":
        people_services.change_own_password(ann, "copper violin marsh lantern")
    elif change == "a one-time one":
        people_services.issue_password(ann, actor=None, reason="Forgotten")
    else:
        people_services.deactivate(ann, actor=None, reason="Left")
    refused = browser.post(door, {"code": codes_of(ann)[1]})
    assert (refused.status_code, is_signed_in(browser)) == ({SECOND: 302, DIALOG: 422}[door], False)
    assert browser.get(SECOND).headers["Location"] == LOGIN


def test_nobody_reaches_the_second_step_without_the_first(ann):
    give_app(ann)
    assert Client().get(SECOND).headers["Location"] == LOGIN
    assert Client().post(SECOND, {"code": codes_of(ann)[0]}).headers["Location"] == LOGIN
    assert factors.codes_left(ann) == 10


def test_the_dialog_asks_for_the_code_too_and_goes_on(ann):
    secret = give_app(ann)
    browser, dialog = Client(), "/accounts/login/dialog/"
    response = browser.post(dialog, {"login": ann.email, "password": PASSWORD})
    assert response.status_code == 200
    assert 'name="code"' in response.content.decode()
    assert browser.post(dialog, {"code": WRONG}).status_code == 422
    response = browser.post(dialog, {"code": code_of(secret)})
    assert response.status_code == 204
    assert response.headers["HX-Trigger"] == "signed-in"
    assert is_signed_in(browser)


@pytest.mark.parametrize(
    "credential",
    ["", "x", "[]", "{}", "null", "1", '"a"', '{"id": 1}', '{"response": []}', "[" * 20_000, "x" * 50_000, "\0"]
    + [
        json.dumps({"id": "AA", "rawId": "AA", "type": "public-key", "response": response})
        for response in (
            {},
            {"userHandle": "AA"},
            {"clientDataJSON": "AA", "authenticatorData": "AA", "signature": "AA"},
            {
                "clientDataJSON": "e30",
                "authenticatorData": "A" * 50,
                "signature": "AA",
                "userHandle": "enp6enp6enp6enp6",
            },
            {"clientDataJSON": "é", "attestationObject": "oWE"},
        )
    ],
)
def test_rubbish_is_no_passkey(ann, credential):
    give_app(ann)
    browser = Client()
    options = browser.post("/accounts/passkey/options/", {"for": "get"}).json()
    assert options["publicKey"]["userVerification"] == "required"
    assert browser.post("/accounts/login/passkey/", {"credential": credential}).headers["Location"] == LOGIN
    give_password(browser, ann)
    browser.post("/accounts/passkey/options/", {"for": "get"})
    assert browser.post(SECOND, {"credential": credential}).status_code == 422
    browser.force_login(ann)
    browser.post("/accounts/passkey/options/", {"for": "new"})
    response = browser.post("/accounts/security/passkey/", {"name": "Key", "credential": credential})
    assert (response.status_code, factors.of(ann).filter(type="webauthn").count()) == (422, 0)


def test_options_for_a_new_passkey_are_for_people_who_are_signed_in():
    assert Client().post("/accounts/passkey/options/", {"for": "new"}).status_code == 401


# --- setting up -------------------------------------------------------------------------------------


def test_setting_up_an_app_shows_codes_once_and_stores_no_seed_in_clear(ann, browser):
    page = browser.get(APP).content.decode()
    assert Authenticator.objects.count() == 0
    form = browser.get(APP).context["form"]
    secret, sealed = form.opened, form.fields["secret"].initial
    assert secret not in sealed
    assert '<svg class="qr"' in page
    assert "style=" not in page.split("<main")[1]
    response = browser.post(APP, {"secret": sealed, "code": WRONG})
    assert (response.status_code, response.context["form"].opened) == (409, secret)
    response = browser.post(APP, {"secret": sealed, "code": code_of(secret)})
    assert (response.status_code, response.context["codes"]) == (200, codes_of(ann))
    stored = json.dumps(list(Authenticator.objects.values_list("data", flat=True)))
    assert [secret in stored, *(code in stored for code in codes_of(ann))] == [False] * 11
    assert secret_of(ann) == secret
    assert not [code for code in codes_of(ann) if code in browser.get(SECURITY).content.decode()]
    assert (events(AccountAction.FACTOR_ADDED), notices()) == (1, 1)


def test_a_seed_of_somebody_else_or_of_an_earlier_session_is_not_taken(ann, browser):
    sealed = factors.new_secret(UserFactory())
    response = browser.post(APP, {"secret": sealed, "code": WRONG})
    assert response.status_code == 422
    assert "too old" in response.content.decode()


@pytest.mark.parametrize("change", ["app", "codes", "remove"])
def test_a_change_of_factors_ends_every_other_session_and_old_keys_of_this_one(ann, change):
    if change != "app":
        give_app(ann)
    here, there = Client(), Client()
    for client in (here, there):
        client.force_login(ann)
    before = here.cookies["sessionid"].value
    device = devices.sign_in(ann, request=RequestFactory().get("/"))
    if change == "app":
        form = here.get(APP).context["form"]
        here.post(APP, {"secret": form.fields["secret"].initial, "code": code_of(form.opened)})
    elif change == "codes":
        assert here.post(CODES).status_code == 200
    else:
        here.post(f"{SECURITY}factors/{factors.of(ann).get(type='totp').pk}/remove/")
    old = Client()
    old.cookies["sessionid"] = before
    assert [is_signed_in(client) for client in (here, there, old)] == [True, False, False]
    assert works({"access": device.access, "refresh": device.refresh}) == DEAD


def test_an_app_cannot_be_set_up_twice(ann):
    give_app(ann)
    secret = factors.totp.generate_totp_secret()
    with pytest.raises(DomainError, match="already set up"):
        factors.add_app(ann, secret, code_of(secret))


def test_the_last_factor_takes_the_recovery_codes_with_it(ann):
    give_app(ann)
    factors.remove(ann, factors.of(ann).get(type="totp"))
    assert (factors.of(ann).count(), SpentCode.objects.count()) == (0, 0)


def test_the_last_factor_stays_where_the_role_needs_one(ann, settings):
    give_app(ann)
    settings.SECOND_FACTOR_ROLES = ["staff"]
    with pytest.raises(DomainError, match="Your role needs a second factor"):
        factors.remove(ann, factors.of(ann).get(type="totp"))
    assert factors.has_second_factor(ann)


def test_factors_of_others_are_out_of_reach(ann, browser):
    other = UserFactory()
    give_app(other)
    assert browser.post(f"{SECURITY}factors/{factors.of(other).get(type='totp').pk}/remove/").status_code == 404


def test_new_codes_replace_the_old_ones(ann, browser):
    give_app(ann)
    old = codes_of(ann)
    browser.force_login(ann)
    response = browser.post(CODES)
    assert response.context["codes"] == codes_of(ann)
    assert {*old} & {*codes_of(ann)} == set()
    assert notices() == 2
    assert factors.check_code(ann, old[0]) is None


def test_nobody_has_codes_without_a_factor(browser):
    assert browser.post(CODES).status_code == 409


def test_an_admin_removes_the_factors_of_somebody_who_lost_them(ann, people, client_of):
    give_app(ann)
    url = f"/users/{ann.pk}/factors/remove/"
    assert client_of("officer").post(url, {"reason": "Lost phone"}).status_code == 403
    assert client_of("admin").post(url, {"reason": "Lost phone"}).status_code == 302
    event = AuditEvent.objects.get(action=AccountAction.FACTOR_REMOVED)
    assert factors.of(ann).count() == 0
    assert event.actor == people["admin"]
    assert event.reason == "Lost phone"
    assert notices() == 2
    with pytest.raises(DomainError, match="your own factors"):
        factors.remove_all(people["admin"], actor=people["admin"], reason="Mine")


def test_seeds_move_to_a_new_key(ann, settings, capsys):
    secret = give_app(ann)
    codes = codes_of(ann)
    settings.FIELD_KEYS = {**settings.FIELD_KEYS, "test2": b"k" * 32}
    call_command("rotate_field_keys")
    assert "mfa.Authenticator.data: 2 values moved to key test2." in capsys.readouterr().out
    settings.FIELD_KEYS = {"test2": b"k" * 32}
    assert (secret_of(ann), codes_of(ann)) == (secret, codes)
    assert {key_id_of(row.data.get("secret") or row.data["seed"]) for row in factors.of(ann)} == {"test2"}


# --- who needs one ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("roles", "needed"),
    [
        ([], set()),
        (["*", "-member"], {"admin", "officer", "staff", "steward", "trustee"}),
        (["*"], {"admin", "officer", "staff", "steward", "trustee", "member"}),
        (["admin"], {"admin"}),
    ],
)
def test_the_setting_names_the_roles(people, settings, roles, needed):
    settings.SECOND_FACTOR_ROLES = roles
    names = ("admin", "officer", "staff", "steward", "trustee", "member", "nobody", "expired")
    assert {name for name in names if factors.is_required(people[name])} == needed


def test_a_missing_factor_opens_nothing_but_its_own_pages(ann, browser, settings):
    settings.SECOND_FACTOR_ROLES = ["*", "-member"]
    closed = ("/", "/members/", "/admin/", "/accounts/security/sessions/", "/accounts/security/email/")
    assert [browser.get(path).headers.get("Location") for path in closed] == [SECURITY] * len(closed)
    answer = browser.get("/members/", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (403, SECURITY)
    answer = browser.get("/api/v1/members/")
    assert (answer.status_code, answer.json()["code"]) == (403, "second_factor_needed")
    assert [browser.get(path).status_code for path in (SECURITY, APP, "/accounts/security/passkey/")] == [200] * 3
    give_app(ann)
    browser.force_login(ann)
    assert browser.get("/members/").status_code == 200


def test_a_role_of_today_asks_from_the_next_request_on(settings):
    settings.SECOND_FACTOR_ROLES = ["*", "-member"]
    user, browser = UserFactory(), Client()
    browser.force_login(user)
    assert browser.get("/").status_code == 200
    term = terms.assign_role(user, Role.objects.get(name="steward"), actor=None, reason="Elected")
    assert browser.get("/").headers["Location"] == SECURITY
    terms.end_role(term, actor=None, reason="Over")
    assert browser.get("/").status_code == 200


def test_the_demo_asks_nobody_and_production_does(ann, browser, settings):
    settings.SECOND_FACTOR_ROLES = ["*", "-member"]
    change_settings({"is_demo": True}, actor=None)
    assert browser.get("/").status_code == 200
    settings.PRODUCTION = True
    assert browser.get("/").headers["Location"] == SECURITY
