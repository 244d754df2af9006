"""How often one network may use a door."""

import time
from datetime import timedelta

import pytest
import time_machine
from django.conf import settings as configured
from django.core.management import call_command
from django.test import Client, RequestFactory
from django.utils import timezone

from accounts.factories import PASSWORD, UserFactory
from accounts.models import DoorCount
from accounts.services import limits
from accounts.tests.api_calls import ADDRESS, WRONG, login, post, refused
from core.addresses import client_address, network_of
from unionops.testing.races import run_in_processes

pytestmark = pytest.mark.django_db


def request_from(address: str, forwarded: str = ""):
    return RequestFactory().get("/", REMOTE_ADDR=address, **({"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {}))


def spend(address: str = "192.0.2.1", door: str = "sign-in", limit: int = 3) -> int:
    return limits.spend(door, request_from(address), limit=limit, minutes=10)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("::ffff:192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:1:2ff::1", "2001:db8:1:200::/56"),
        ("fe80::1%eth0", "fe80::/56"),
        ("", ""),
        ("nonsense", ""),
    ],
)
def test_the_network_of_an_address(address, network):
    assert network_of(client_address(request_from(address))) == network


@pytest.mark.parametrize(
    ("proxies", "forwarded", "found"),
    [
        (0, "203.0.113.9", "192.0.2.1"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "198.51.100.1, 203.0.113.9", "203.0.113.9"),
        (2, "198.51.100.1, 203.0.113.9", "198.51.100.1"),
        (2, "203.0.113.9", ""),
        (1, "", ""),
        (1, "nonsense", ""),
        (1, "203.0.113.9, 1.2.3.4.5", ""),
    ],
)
def test_only_what_a_trusted_proxy_has_seen_counts(settings, proxies, forwarded, found):
    settings.TRUSTED_PROXIES = proxies
    assert client_address(request_from("192.0.2.1", forwarded)) == found


def test_a_network_has_so_many_attempts_in_a_window():
    with time_machine.travel(timezone.now(), tick=False) as clock:
        assert [spend(f"192.0.2.{number}") for number in range(4)] == [0, 0, 0, 600]
        clock.shift(timedelta(minutes=9, seconds=59))
        assert spend() == 1
        assert spend("198.51.100.1") == 0
        assert spend(door="reset") == 0
        assert spend("2001:db8::1") == 0
        clock.shift(timedelta(seconds=1))
        assert [spend() for _turn in range(4)] == [0, 0, 0, 600]


def test_what_was_right_is_given_back_and_never_more():
    assert [spend() for _turn in range(3)] == [0] * 3
    limits.refund("sign-in", request_from("192.0.2.200"))
    assert [spend() > 0 for _turn in range(2)] == [False, True]
    for _turn in range(9):
        limits.refund("sign-in", request_from("192.0.2.200"))
    assert [spend() > 0 for _turn in range(4)] == [False, False, False, True]


def test_one_statement_in_the_usual_case(django_assert_num_queries):
    spend()
    with django_assert_num_queries(1):
        spend()


def test_old_counts_leave_by_themselves_and_by_the_command(capsys):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        spend()
        clock.shift(timedelta(days=2))
        spend("198.51.100.1")
        assert DoorCount.objects.count() == 1
        clock.shift(timedelta(minutes=10))
        call_command("cleanup_tokens")
        assert DoorCount.objects.count() == 0
    assert capsys.readouterr().out == "Deleted 0 ended devices and 1 old counts.\n"


@pytest.mark.django_db(transaction=True)
@pytest.mark.race
@pytest.mark.skipif("sqlite" in configured.DATABASES["default"]["ENGINE"], reason="races are proven on PostgreSQL")
def test_four_processes_share_thirty_places_exactly():
    def attempts(_number: int) -> int:
        return sum(spend(limit=30) == 0 for _turn in range(20))

    def naive(_number: int) -> int:
        passed = 0
        for _turn in range(20):
            row = DoorCount.objects.get(key="naive")
            time.sleep(0.005)  # whoever is alone for all its turns would pass no more than thirty
            if row.used < 30:
                row.used += 1
                row.save()
                passed += 1
        return passed

    DoorCount.objects.create(key="naive", ends_at=timezone.now() + timedelta(hours=1))
    assert sum(run_in_processes(attempts)) == 30
    assert sum(run_in_processes(naive)) > 30


# --- the doors themselves ------------------------------------------------------------------------------------


def test_one_password_for_many_accounts_is_stopped_after_thirty_on_page_and_api_together():
    page = Client()
    statuses = [
        login(f"p{number}@people.example", WRONG).status_code
        if number % 2
        else page.post("/accounts/login/", {"login": f"p{number}@people.example", "password": WRONG}).status_code
        for number in range(30)
    ]
    assert (statuses.count(401), statuses.count(422)) == (15, 15)
    UserFactory(email=ADDRESS)
    answer = login()
    assert refused(answer) == (429, "too_many")
    assert 0 < int(answer["Retry-After"]) <= 900
    assert answer.json()["detail"] == "Too many attempts from your network. Try again in 15 minutes."
    for path in ("/accounts/login/", "/accounts/login/dialog/"):
        answer = page.post(path, {"login": ADDRESS, "password": PASSWORD})
        assert answer.status_code == 429
        assert 0 < int(answer["Retry-After"]) <= 900
        assert "Too many attempts from your network." in answer.text
    elsewhere = Client(REMOTE_ADDR="198.51.100.1")
    assert elsewhere.post("/accounts/login/", {"login": ADDRESS, "password": PASSWORD}).status_code == 302


def test_an_office_behind_one_address_signs_in_as_often_as_it_likes(settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "sign-in": (3, 15)}
    UserFactory(email=ADDRESS)
    assert [login().status_code for _turn in range(4)] == [200] * 4
    page = [Client().post("/accounts/login/", {"login": ADDRESS, "password": PASSWORD}) for _turn in range(4)]
    assert [answer.status_code for answer in page] == [302] * 4


def test_renewal_and_confirmation_have_limits_of_their_own(settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "refresh": (2, 15), "verification": (1, 15)}
    assert [post("refresh", {"refresh": "x"}).status_code for _turn in range(3)] == [401, 401, 429]
    assert post("logout", {"refresh": "x"}).status_code == 429
    assert [post("verify-email", {"token": "x"}).status_code for _turn in range(2)] == [409, 429]
