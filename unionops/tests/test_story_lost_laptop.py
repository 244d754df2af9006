"""A laptop is gone: one button on the account's page, and whatever was signed in is signed in no more."""

import json

import pytest
from django.test import Client

from accounts.factories import PASSWORD
from accounts.tests.mails import mails
from core.models import AuditEvent

pytestmark = [pytest.mark.story, pytest.mark.django_db(transaction=True)]

BUTTON = "Lost laptop or phone: end everything"
NEWS = "New sign-in to your account"


def api(path: str, token: str = "", **body: str):
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return Client().post(f"/api/v1/auth/{path}/", json.dumps(body), content_type="application/json", headers=headers)


def opens(access: str) -> int:
    return Client().get("/api/v1/auth/me/", headers={"Authorization": f"Bearer {access}"}).status_code


def test_a_lost_laptop_is_signed_out_at_the_next_click(visit, people):
    staff, admin = people["staff"], people["admin"]
    laptop, phone = visit().sign_in(staff), visit(width=390).sign_in(staff)
    pair = api("login", email=staff.email, password=PASSWORD, device="Payroll").json()
    laptop.open("/members/")
    phone.open("/")
    assert opens(pair["access"]) == 200
    told = len(mails())

    office = visit()
    page = office.sign_in(admin).open(f"/users/{staff.pk}/")
    button = page.get_by_role("link", name=BUTTON)
    button.wait_for()
    office.accessible()
    office.picture("lost-laptop-account")
    button.click()
    page.wait_for_url("**/sign-out/")
    office.accessible()
    page.get_by_role("button", name="End everything").click()
    page.get_by_text("Say why.").first.wait_for()
    page.fill("[name=reason]", "Laptop left on the train")
    office.picture("lost-laptop")
    page.get_by_role("button", name="End everything").click()
    page.get_by_text("this account is signed in nowhere").wait_for()

    laptop.page.get_by_role("link", name="Employers").first.click()
    laptop.page.wait_for_url("**/accounts/login/**")
    phone.open("/").wait_for_url("**/accounts/login/**")
    assert (opens(pair["access"]), api("refresh", refresh=pair["refresh"]).status_code) == (401, 401)
    event = AuditEvent.objects.get(action="user.sessions_ended")
    assert (event.actor, event.reason) == (admin, "Laptop left on the train")
    ((address, subject, body),) = mails()[told:]
    assert (address, subject) == (staff.email, "You were signed out everywhere")
    assert "Laptop left on the train" not in body

    laptop.sign_in(staff)
    assert [subject for _address, subject, _body in mails()[told + 1 :]] == [NEWS]

    narrow = visit(width=390)
    narrow.sign_in(admin).open(f"/users/{staff.pk}/")
    assert narrow.sideways() == 0
    narrow.page.get_by_role("link", name=BUTTON).wait_for()
    narrow.picture("lost-laptop-account-phone")
    narrow.theme("dark").picture("lost-laptop-account-phone-dark")
