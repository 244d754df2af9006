"""Inviting from the list of users, and the link as a browser sees it."""

import re

import pytest
from django.test import Client

from accounts.factories import PASSWORD, UserFactory
from accounts.models import User
from accounts.services import invitations
from accounts.services import people as services
from accounts.tests.inviting import ADDRESS, CHOSEN, NIA, invite
from accounts.tests.proving import give_password, is_signed_in
from accounts.tests.rows import fresh
from core.models import Outbox
from members.factories import MemberFactory

pytestmark = pytest.mark.django_db

PAGE = "/accounts/invitation/"
CHOICE = {"password1": CHOSEN, "password2": CHOSEN}


@pytest.fixture
def admin(client_of):
    return client_of("admin")


def link():
    body = Outbox.objects.filter(template="invitation").latest("created_at").body
    return re.search(r"/accounts/invitation/\S+/", body)[0]


# --- the office -------------------------------------------------------------------------------------


def test_the_page_invites_and_leads_to_the_account(admin):
    answer = admin.post("/users/new/", {**NIA, "roles": ["staff"]})
    nia = User.objects.get(email=ADDRESS)
    assert answer.headers["Location"] == f"/users/{nia.pk}/"
    assert nia.role_names == {"staff"}
    assert nia.invited_at is not None
    page = admin.get(answer.headers["Location"]).content.decode()
    assert all(text in page for text in ("Invited", "Invite again", "Withdraw the invitation", "The link works until"))


def test_both_ways_share_the_form(admin):
    found = {
        query: re.findall(r'<button type="submit"[^>]*>([^<]+)<', admin.get(f"/users/new/{query}").content.decode())
        for query in ("", "?way=password", "?way=odd")
    }
    assert {query: buttons[-1:] for query, buttons in found.items()} == {
        "": ["Send invitation"],
        "?way=password": ["Make one-time password"],
        "?way=odd": ["Send invitation"],
    }


def test_an_address_in_use_is_refused_at_the_field_with_the_way_to_the_account(admin):
    known = UserFactory(email=ADDRESS)
    answer = admin.post("/users/new/", NIA)
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["email"])
    page = answer.content.decode()
    assert f'href="/users/{known.pk}/"' in page
    assert 'value="Newman"' in page


def test_a_switched_off_address_is_invited_anew_but_gets_no_second_account_without_mail(admin):
    off = UserFactory(email=ADDRESS, is_active=False)
    answer = admin.post("/users/new/", {**NIA, "way": "password"})
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["email"])
    assert admin.post("/users/new/", NIA).headers["Location"] == f"/users/{off.pk}/"
    assert fresh(off).is_active is True


def test_the_list_names_and_filters_the_invited(admin, people):
    invite(people["admin"])
    services.deactivate(invite(people["admin"], email="off@people.example"), actor=people["admin"], reason="Mistake")
    found = {
        state: [row.email for row in admin.get(f"/users/?state={state}").context["rows"]]
        for state in ("invited", "active", "off")
    }
    assert found == {"invited": [ADDRESS], "active": ["admin@people.example"], "off": ["off@people.example"]}
    assert "state-amber" in admin.get("/users/?state=invited").content.decode()


def test_invite_again(admin, people):
    nia = invite(people["admin"])
    assert admin.post(f"/users/{nia.pk}/invite-again/").headers["Location"] == f"/users/{nia.pk}/"
    assert Outbox.objects.filter(template="invitation").count() == 2
    assert admin.post(f"/users/{people['staff'].pk}/invite-again/").status_code == 409
    assert admin.get(f"/users/{nia.pk}/invite-again/").status_code == 405


# --- the person -------------------------------------------------------------------------------------


def test_the_link_leaves_the_address_and_says_who_invites_into_which_local(people):
    invite(people["admin"])
    browser = Client()
    answer = browser.get(link())
    assert answer.status_code == 302
    assert answer.headers["Location"] == PAGE
    assert answer.headers["Referrer-Policy"] == "same-origin"
    page = browser.get(PAGE).content.decode()
    assert "Admin Person invites you to the portal of Our local." in page
    assert "At least 15 characters." in page
    assert ADDRESS in page


def test_a_weak_password_is_refused_at_the_field_and_a_good_one_leads_to_the_sign_in(people):
    nia = invite(people["admin"], roles=["staff"])
    browser, opened = Client(), link()
    browser.get(opened)
    weak = browser.post(PAGE, {"password1": "newman newman 1", "password2": "newman newman 1"})
    unlike = browser.post(PAGE, {**CHOICE, "password2": f"{CHOSEN}!"})
    assert [(answer.status_code, list(answer.context["form"].errors)) for answer in (weak, unlike)] == [
        (422, ["password1"]),
        (422, ["password2"]),
    ]
    answer = browser.post(PAGE, CHOICE)
    assert answer.headers["Location"] == "/accounts/login/"
    assert not is_signed_in(browser)
    assert [browser.get(opened).status_code, browser.get(PAGE).status_code] == [410, 410]
    assert give_password(browser, nia, CHOSEN).headers["Location"] == "/"


def test_before_it_nobody_signs_in_to_the_account(people):
    nia = invite(people["admin"])
    assert [give_password(Client(), nia, word).status_code for word in (PASSWORD, nia.password)] == [422, 422]


def test_whoever_is_signed_in_on_that_computer_is_signed_out(client_of, people):
    invite(people["admin"])
    browser = client_of("staff")
    browser.get(link())
    assert browser.post(PAGE, CHOICE).headers["Location"] == "/accounts/login/"
    page = browser.get("/accounts/login/")
    assert page.status_code == 200
    assert "Your account is ready" in page.content.decode()


def test_a_withdrawn_invitation_is_dead_and_the_page_says_what_to_do(people):
    nia, browser = invite(people["admin"]), Client()
    browser.get(link())
    services.deactivate(nia, actor=people["admin"], reason="By mistake")
    answers = [browser.get(link()), browser.get(PAGE), browser.post(PAGE, CHOICE)]
    assert [answer.status_code for answer in answers] == [410] * 3
    assert "ask the office of the local for a new invitation" in answers[0].content.decode()
    assert fresh(nia).check_password(CHOSEN) is False


def test_a_link_that_died_between_page_and_click(people):
    nia, browser = invite(people["admin"]), Client()
    browser.get(link())
    first = Client()
    first.get(link())
    assert first.post(PAGE, CHOICE).status_code == 302
    assert browser.post(PAGE, CHOICE).status_code == 410
    assert fresh(nia).check_password(CHOSEN)


@pytest.mark.parametrize("token", ["x", "-", "1-2-3", "a" * 500, "1-0-%00", "zzzzzzzzzzzzz-1-1", "é-é-é"])
def test_rubbish_is_a_dead_link(token):
    assert Client().get(f"{PAGE}{token}/").status_code == 410


def test_a_claimed_account_names_no_inviter():
    person = invitations.Invitee("own@people.example", "Own", "Person", MemberFactory().pk)
    invitations.invite_members([person], actor=None)
    browser = Client()
    browser.get(link())
    assert "You asked for an account in the portal of Our local." in browser.get(PAGE).content.decode()
