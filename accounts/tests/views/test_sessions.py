"""Signing in and out and the own password, as a browser sees them."""

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import reverse

from accounts.enums import AccountAction
from accounts.factories import PASSWORD, RoleAssignmentFactory, UserFactory
from accounts.models import SignInThrottle, User
from core.models import AuditEvent
from core.tests.pages import errors

pytestmark = pytest.mark.django_db

NEW = "seven quiet herons asleep"
WRONG = "not the password at all"
LOGIN, DIALOG, CHANGE, CONFIRM = (
    "/accounts/login/",
    "/accounts/login/dialog/",
    "/accounts/password/change/",
    "/accounts/reauthenticate/",
)
LOCKED = "Too many wrong passwords. Try again in 30 minutes, or ask the office to lift the lock."
MISMATCH = "The e-mail address or the password is not right. Check both and try again."


@pytest.fixture
def ann():
    user = UserFactory(email="ann@people.example", first_name="Ann", last_name="Person")
    RoleAssignmentFactory(user=user, role="staff")
    return user


@pytest.fixture
def browser():
    return Client()


def sign_in(browser: Client, email: str = "ann@people.example", password: str = PASSWORD, **more):
    return browser.post(LOGIN, {"login": email, "password": password, **more})


def is_signed_in(browser: Client) -> bool:
    return browser.get(CHANGE).status_code == 200


# --- sign in ----------------------------------------------------------------------------------------


def test_sign_in_and_out(ann, browser):
    assert browser.get("/").headers["Location"] == f"{LOGIN}?next=/"
    response = sign_in(browser, " ANN@people.example ")
    assert (response.status_code, response.headers["Location"]) == (302, "/")
    assert is_signed_in(browser)
    response = browser.post("/accounts/logout/")
    assert (response.status_code, response.headers["Location"]) == (302, LOGIN)
    assert response.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert not is_signed_in(browser)
    events = AuditEvent.objects.filter(subject_id=str(ann.pk)).order_by("id")
    assert [event.action for event in events] == [AccountAction.SIGNED_IN, AccountAction.SIGNED_OUT]


def test_opening_the_sign_out_page_signs_nobody_out(ann, browser):
    sign_in(browser)
    assert "Sign out" in browser.get("/accounts/logout/").content.decode()
    assert is_signed_in(browser)


def test_sign_out_without_being_signed_in_goes_to_sign_in(browser):
    assert [browser.get("/accounts/logout/").url, browser.post("/accounts/logout/").url] == [LOGIN, LOGIN]


@pytest.mark.parametrize(
    ("values", "found"),
    [
        (
            {"login": "", "password": ""},
            {"login": ["Enter your e-mail address."], "password": ["Enter your password."]},
        ),
        ({"login": "ann", "password": PASSWORD}, {"login": ["Enter a valid email address."]}),
        ({"login": "ann@people.example", "password": WRONG}, {"__all__": [MISMATCH]}),
        ({"login": "nobody@people.example", "password": PASSWORD}, {"__all__": [MISMATCH]}),
        ({"login": "off@people.example", "password": PASSWORD}, {"__all__": [MISMATCH]}),
        ({"login": "a\0nn@people.example", "password": "\0"}, None),
        ({"login": "x" * 100_000 + "@people.example", "password": "y" * 100_000}, None),
    ],
)
def test_wrong_sign_in_is_told_at_the_field(ann, browser, values, found):
    UserFactory(email="off@people.example", is_active=False)
    for url in (LOGIN, DIALOG):
        response = browser.post(url, values)
        assert response.status_code == 422
        if found is not None:
            assert errors(response) == found
            assert values["login"] in response.content.decode()
    assert not is_signed_in(browser)


def test_a_lock_reads_alike_for_known_unknown_and_switched_off_accounts(ann, browser):
    UserFactory(email="off@people.example", is_active=False)
    answers = set()
    for email in ("ann@people.example", "none@people.example", "off@people.example"):
        for _turn in range(4):
            assert errors(sign_in(browser, email, WRONG)) == {"__all__": [MISMATCH]}
        assert errors(sign_in(browser, email, WRONG)) == {"__all__": [LOCKED]}
        response = sign_in(browser, email, PASSWORD)
        assert errors(response) == {"__all__": [LOCKED]}
        body = response.content.decode().replace(email, "ADDRESS")
        answers.add(body.replace(str(response.context["csrf_token"]), "TOKEN"))
    assert len(answers) == 1


def test_session_key_changes_at_sign_in_and_the_old_one_is_dead(ann, browser):
    session = browser.session
    session["kept"] = "before"
    session.save()
    before = session.session_key
    browser.cookies["sessionid"] = before
    sign_in(browser)
    after = browser.cookies["sessionid"].value
    assert after != before
    stranger = Client()
    stranger.cookies["sessionid"] = before
    assert not is_signed_in(stranger)


@pytest.mark.parametrize(
    ("target", "goes_to"),
    [
        ("/users/", "/users/"),
        ("/members/?q=a", "/members/?q=a"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("/\\evil.example/", "/"),
        ("\\\\evil.example", "/"),
        ("https:evil.example", "/"),
        ("/\t/evil.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("http://testserver/users/", "/"),
        ("users/", "/"),
        (" /users/", "/"),
    ],
)
def test_next_is_a_page_of_this_portal(ann, browser, target, goes_to):
    assert sign_in(browser, next=target).headers["Location"] == goes_to


def test_next_survives_a_wrong_password(ann, browser):
    response = browser.post(
        f"{LOGIN}?next=/users/", {"login": "ann@people.example", "password": WRONG, "next": "/users/"}
    )
    assert '<input type="hidden" name="next" value="/users/">' in response.content.decode()


def test_an_address_that_nobody_vouched_for_does_not_sign_in(ann, browser, mailoutbox):
    EmailAddress.objects.filter(user=ann).update(verified=False)
    assert sign_in(browser).headers["Location"] == "/accounts/confirm-email/"
    assert "has not been confirmed" in browser.get("/accounts/confirm-email/").content.decode()
    response = browser.post(DIALOG, {"login": "ann@people.example", "password": PASSWORD})
    assert response.status_code == 422
    assert not is_signed_in(browser)
    assert mailoutbox == []


def test_someone_signed_in_is_sent_home_from_the_sign_in_page(ann, browser):
    sign_in(browser)
    assert [browser.get(LOGIN).url, browser.get("/accounts/signup/").url] == ["/", "/"]


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/accounts/signup/", "Accounts are made by the office"),
        ("/accounts/inactive/", "Account switched off"),
        ("/accounts/confirm-email/", "Confirm your e-mail address"),
    ],
)
def test_pages_that_say_what_to_do_next(browser, path, words):
    response = browser.get(path)
    body = response.content.decode()
    assert response.status_code == 200
    assert words in body
    assert "<form" not in body.split("<main")[1]


def test_nobody_signs_up(browser):
    browser.post(
        "/accounts/signup/", {"email": "new@people.example", "password1": NEW, "password2": NEW, "login": "new"}
    )
    assert User.objects.count() == 0


def test_the_admin_has_no_door_of_its_own(ann, browser):
    response = browser.post("/admin/login/?next=/admin/", {"username": "ann@people.example", "password": PASSWORD})
    assert (response.status_code, response.headers["Location"]) == (302, f"{LOGIN}?next=/admin/")
    assert SignInThrottle.objects.count() == 0
    browser.force_login(UserFactory())
    assert browser.get("/admin/", follow=True).status_code == 403


# --- the dialog -------------------------------------------------------------------------------------


def test_the_dialog_signs_in_without_leaving_the_page(ann):
    browser = Client(enforce_csrf_checks=True)
    response = browser.get(DIALOG, headers={"HX-Request": "true"})
    assert response.status_code == 200
    assert "<html" not in response.content.decode()
    token = browser.cookies["csrftoken"].value
    response = browser.post(
        DIALOG,
        {"login": "ann@people.example", "password": PASSWORD},
        headers={"HX-Request": "true", "X-CSRFToken": token},
    )
    assert response.status_code == 204
    assert response.headers["HX-Trigger"] == "signed-in"
    assert response.headers["X-Account"] == str(ann.pk)
    assert f'data-account="{ann.pk}"' in browser.get("/").text
    assert response.content == b""
    assert is_signed_in(browser)
    response = browser.post(
        "/accounts/logout/", headers={"X-CSRFToken": response.headers["X-CSRFToken"], "HX-Request": "true"}
    )
    assert response.status_code == 302


# --- the own password -------------------------------------------------------------------------------


def change(browser: Client, old: str = PASSWORD, new: str = NEW, again: str | None = None):
    return browser.post(CHANGE, {"oldpassword": old, "password1": new, "password2": new if again is None else again})


def test_change_password_keeps_this_session_and_ends_the_others(ann, browser):
    elsewhere = Client()
    sign_in(browser)
    sign_in(elsewhere)
    before = browser.cookies["sessionid"].value
    response = change(browser)
    assert (response.status_code, response.headers["Location"]) == (302, "/")
    assert [is_signed_in(browser), is_signed_in(elsewhere)] == [True, False]
    assert browser.cookies["sessionid"].value != before
    assert sign_in(Client(), password=PASSWORD).status_code == 422
    assert sign_in(Client(), password=NEW).status_code == 302
    assert AuditEvent.objects.filter(subject_id=str(ann.pk), action=AccountAction.PASSWORD_CHANGED).count() == 1


@pytest.mark.parametrize(
    ("old", "new", "again", "field", "words"),
    [
        (WRONG, NEW, None, "oldpassword", "This is not your present password. Try again."),
        ("", NEW, None, "oldpassword", "Enter your present password."),
        (PASSWORD, NEW, "seven quiet herons awake", "password2", "You must type the same password each time."),
        (PASSWORD, PASSWORD, None, "password1", "This is the present password. Choose another one."),
        (PASSWORD, "k7#qz", None, "password1", "This password has 5 characters. Use at least 15."),
        (PASSWORD, "x7 " * 43, None, "password1", "This password has 129 characters. Use at most 128."),
        (PASSWORD, "AnnPerson-AnnPerson", None, "password1", "This password is easy to guess."),
        (PASSWORD, "", None, "password1", "Choose a new password."),
    ],
)
def test_change_password_refuses(ann, browser, old, new, again, field, words):
    sign_in(browser)
    response = change(browser, old, new, again)
    assert response.status_code == 422
    assert words in " ".join(errors(response)[field])
    assert sign_in(Client()).status_code == 302
    assert new not in response.content.decode() or not new


def test_spaces_at_the_ends_of_a_password_count(ann, browser):
    sign_in(browser)
    change(browser, new=f"  {NEW} ")
    assert [sign_in(Client(), password=NEW).status_code, sign_in(Client(), password=f"  {NEW} ").status_code] == [
        422,
        302,
    ]


def test_confirming_the_password_goes_on_to_the_page(ann, browser):
    sign_in(browser)
    assert browser.get(CONFIRM).status_code == 200
    response = browser.post(CONFIRM, {"password": WRONG})
    assert (response.status_code, errors(response)) == (422, {"password": ["This is not your password. Try again."]})
    response = browser.post(CONFIRM, {"password": PASSWORD, "next": "/users/"})
    assert (response.status_code, response.headers["Location"]) == (302, "/users/")


def test_an_account_without_a_password_cannot_change_it(ann, browser):
    browser.force_login(ann)
    ann.set_unusable_password()
    ann.save()
    browser.force_login(ann)
    assert browser.get(CHANGE).headers["Location"] == "/"


# --- light and dark ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("theme", "target", "kept", "goes_to"),
    [
        ("dark", "/users/?q=a", "dark", "/users/?q=a"),
        ("light", "", "light", "/"),
        ("auto", "https://evil.example/", "auto", "/"),
        ("pink", "//evil.example/", None, "/"),
        ("", "/users/", None, "/users/"),
    ],
)
def test_theme(browser, theme, target, kept, goes_to):
    response = browser.post(reverse("theme"), {"theme": theme, "next": target})
    assert (response.status_code, response.headers["Location"]) == (302, goes_to)
    assert (browser.cookies["theme"].value if "theme" in browser.cookies else None) == kept


def test_theme_changes_by_post_only(browser):
    assert browser.get(reverse("theme")).status_code == 405
