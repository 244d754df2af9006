"""Somebody else holds the record: the form comes back with all that was typed, and the same step works later."""

import sqlite3
from contextlib import contextmanager

import pytest
from django.db import OperationalError, connection
from psycopg import errors

from core.api.viewsets import exception_handler
from core.contention import is_contention
from core.tests.pages import values_in
from members.factories import MemberFactory
from members.models import Member
from members.tests.typed import MEMBER

SENTENCE = "Somebody else is changing this record just now. Wait a minute and try again."
IMPATIENT = {"postgresql": "SET lock_timeout = 100", "sqlite": "PRAGMA busy_timeout = 100"}


@contextmanager
def somebody_changes(member):
    """Hold another connection that has written the row and not finished."""
    with connection.cursor() as cursor:
        cursor.execute(IMPATIENT[connection.vendor])
    other = connection.copy()
    try:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute("UPDATE members_member SET city = %s WHERE id = %s", ["Chicago", member.pk])
        yield
    finally:
        other.rollback()
        other.close()
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_the_form_comes_back_with_what_was_typed(client_of):
    member, browser = MemberFactory(city="Pekin"), client_of("staff", raise_request_exception=False)
    url, typed = f"/members/{member.pk}/edit/", MEMBER | {"version": "1"}
    with somebody_changes(member):
        refused = browser.post(url, typed)
        assert (refused.status_code, list(refused.context["form"].non_field_errors())) == (409, [SENTENCE])
        assert {name: values_in(refused).get(name, "") for name in typed} == typed
    assert browser.post(url, typed).status_code == 302
    assert Member.objects.values_list("city", "version").get() == (typed["city"], 2)


@pytest.mark.django_db(transaction=True)
def test_elsewhere_it_is_a_page(client_of):
    member, browser = MemberFactory(), client_of("staff", raise_request_exception=False)
    url = f"/admin/members/member/{member.pk}/change/"
    with somebody_changes(member):
        refused = browser.post(url, MEMBER | {"version": "1"})
    assert refused.status_code == 409
    assert SENTENCE in refused.text
    assert browser.post(url, MEMBER | {"version": "1"}).status_code == 302


def operational(cause: Exception | None) -> OperationalError:
    error = OperationalError("x")
    error.__cause__ = cause
    return error


def test_the_api_says_so_too():
    answer = exception_handler(operational(errors.LockNotAvailable()), {})
    assert (answer.status_code, answer.data) == (409, {"detail": SENTENCE, "code": "busy"})


@pytest.mark.parametrize(
    "error",
    [
        None,
        ValueError(),
        operational(None),
        operational(errors.AdminShutdown()),
        operational(errors.TooManyConnections()),
        operational(sqlite3.OperationalError("disk I/O error")),
    ],
)
def test_what_is_something_else(error):
    assert not is_contention(error)
