import re

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.factories import RoleAssignmentFactory, UserFactory
from accounts.models import MailedCode, SignInThrottle
from accounts.tests.proving import is_signed_in
from core.models import Outbox

pytestmark = pytest.mark.django_db

ASK, ENTER = "/accounts/login/code/", "/accounts/login/code/enter/"


@pytest.fixture(autouse=True)
def offered(settings):
    settings.MAILED_CODE_ROLES = ["member"]


@pytest.fixture
def mia():
    user = UserFactory(email="mia@people.example")
    RoleAssignmentFactory(user=user, role="member")
    return user


def ask(email="mia@people.example"):
    browser = Client()
    answer = browser.post(ASK, {"email": email})
    assert (answer.status_code, answer.headers["Location"]) == (302, ENTER)
    return browser


def code():
    return re.search(r"\d{4} \d{4}", Outbox.objects.filter(template="sign_in_code").latest("created_at").body)[0]


def test_a_member_signs_in_once_with_the_code(mia):
    browser = ask("MIA@people.example")
    assert browser.get(ENTER).status_code == 200
    first = code()
    assert browser.post(ENTER, {"code": first}).headers["Location"] == "/"
    assert is_signed_in(browser)
    assert MailedCode.objects.count() == 0
    again = Client()
    again.post(ASK, {"email": mia.email})
    assert again.post(ENTER, {"code": first}).status_code == 422


def test_the_code_is_stored_as_a_digest_and_the_last_one_counts(mia):
    ask()
    old = code()
    browser = ask()
    assert old.replace(" ", "") not in MailedCode.objects.get().digest
    assert [browser.post(ENTER, {"code": text}).status_code for text in (old, code())] == [422, 302]


def test_a_code_is_worthless_after_ten_minutes(mia):
    browser = ask()
    with time_machine.travel(timezone.now().timestamp() + 601, tick=True):
        assert browser.post(ENTER, {"code": code()}).status_code == 422


def test_five_wrong_codes_lock_like_wrong_passwords(mia):
    browser = ask()
    for _turn in range(5):
        answer = browser.post(ENTER, {"code": "0000 0000"})
    assert "Too many wrong passwords" in answer.content.decode()
    assert browser.post(ENTER, {"code": code()}).status_code == 422
    assert SignInThrottle.objects.get().locked_until is not None


def test_others_get_the_same_answer_and_no_mail(mia):
    staff = UserFactory(email="staff@people.example")
    for role in ("member", "staff"):
        RoleAssignmentFactory(user=staff, role=role)
    UserFactory(email="roleless@people.example")
    for email in ("staff@people.example", "roleless@people.example", "nobody@people.example"):
        assert ask(email).post(ENTER, {"code": "1234 5678"}).status_code == 422
    assert (Outbox.objects.filter(template="sign_in_code").count(), MailedCode.objects.count()) == (0, 0)


def test_it_is_there_only_by_setting(mia, settings):
    settings.MAILED_CODE_ROLES = []
    assert [Client().get(path).status_code for path in (ASK, ENTER)] == [404, 404]
    assert ASK not in Client().get("/accounts/login/").content.decode()


def test_the_sign_in_page_offers_it():
    assert ASK in Client().get("/accounts/login/").content.decode()
