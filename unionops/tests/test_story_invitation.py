"""From the invitation to the first sign-in: the mail, a weak password, a good one, the authenticator app, the work."""

import re

import pytest

from accounts.models import User
from accounts.tests.proving import code_of
from core.models import Outbox
from members.factories import MemberFactory

pytestmark = [pytest.mark.story, pytest.mark.django_db(transaction=True)]

CHOSEN = "seven quiet herons asleep"


def invite(visitor):
    """An admin invites Nia for the office; returns the path of the mailed link."""
    page = visitor.open("/users/")
    page.get_by_role("link", name="Invite somebody").click()
    page.wait_for_url("**/users/new/")
    visitor.accessible()
    visitor.picture("invite")
    page.fill("input[name=email]", "Nia@people.example")
    page.fill("input[name=first_name]", "Nia")
    page.click("main button[type=submit]")
    page.get_by_text("Fill this in.").first.wait_for()
    assert page.input_value("input[name=email]") == "Nia@people.example"
    page.fill("input[name=last_name]", "Newman")
    page.get_by_label("Staff").check()
    page.get_by_role("button", name="Send invitation").click()
    page.get_by_role("button", name="Invite again").wait_for()
    visitor.accessible()
    visitor.picture("invited")
    body = Outbox.objects.get(template="invitation").body
    return re.search(r"/accounts/invitation/\S+/", body)[0]


def choose(visitor, password):
    visitor.page.fill("input[name=password1]", password)
    visitor.page.fill("input[name=password2]", password)
    visitor.page.click("main button[type=submit]")


def test_a_new_staff_member_comes_in_by_the_mailed_link(visit, client_of, settings):
    office = visit()
    cookies = client_of("admin").cookies
    office.take_cookies({name: morsel.value for name, morsel in cookies.items()})
    link = invite(office)
    settings.SECOND_FACTOR_ROLES = ["*", "-member"]

    person = visit(width=390)
    page = person.open(link)
    page.wait_for_url("**/accounts/invitation/")
    page.get_by_text("Admin Person invites you to the portal").wait_for()
    assert person.sideways() == 0
    person.accessible()
    person.picture("invitation-phone")
    person.theme("dark").picture("invitation-phone-dark")
    choose(person, "newman")
    page.get_by_text("Use at least 15").first.wait_for()
    person.accessible()
    person.picture("invitation-weak")
    choose(person, CHOSEN)
    page.wait_for_url("**/accounts/login/")
    page.get_by_text("Your account is ready").first.wait_for()

    nia = User.objects.get(email="nia@people.example")
    person.give_password(nia, CHOSEN)
    page.wait_for_url("**/accounts/security/")
    page.get_by_role("link", name="Set up an app").click()
    page.wait_for_url("**/accounts/security/app/")
    secret = page.inner_text("#totp-key").replace(" ", "")
    page.fill("input[name=code]", code_of(secret))
    page.click("main button[type=submit]")
    page.wait_for_selector("#recovery-codes")
    page.get_by_role("link", name="I have kept them").click()
    page.wait_for_url("**/accounts/security/")
    assert person.open("/members/").url.endswith("/members/")

    late = visit()
    late.open(link)
    late.page.get_by_role("heading", name="This invitation does not work any more").wait_for()
    late.accessible()
    late.picture("invitation-dead")


def test_members_are_invited_from_the_list_and_ask_by_themselves(visit, client_of):
    member = MemberFactory(member_number="A5120", last_name="Abel", email="ann@people.example")
    MemberFactory(email="both@people.example")
    MemberFactory(email="both@people.example")
    MemberFactory(status="retired")
    office = visit()
    cookies = client_of("staff").cookies
    office.take_cookies({name: morsel.value for name, morsel in cookies.items()})
    page = office.open("/members/?status=active")
    page.get_by_role("link", name="Invite to the portal").click()
    page.wait_for_url("**/members/invite/?status=active")
    office.accessible()
    office.picture("invite-members")
    page.get_by_role("link", name="Show Address on file shared").click()
    page.wait_for_url("**show=shared")
    office.accessible()
    office.picture("invite-members-shared")
    page.get_by_role("button", name="Invite 1 member").click()
    page.get_by_text("1 member is invited").wait_for()
    office.open(member.get_absolute_url())
    office.accessible()
    office.picture("member-invited")

    person = visit(width=390)
    page = person.open("/accounts/login/")
    page.get_by_role("link", name="Have a member number?").click()
    page.wait_for_url("**/accounts/claim/")
    person.accessible()
    person.picture("claim-phone")
    page.fill("input[name=number]", "a5120")
    page.fill("input[name=email]", "ann")
    page.click("main button[type=submit]")
    page.get_by_text("Enter a valid email address").first.wait_for()
    page.fill("input[name=email]", "ann@people.example")
    page.click("main button[type=submit]")
    page.wait_for_url("**/accounts/claim/sent/")
    person.accessible()
    person.picture("claim-sent-phone")
    assert (person.sideways(), Outbox.objects.filter(template="invitation").count()) == (0, 2)
