"""Whoever is refused because a term ended is told so, on the page and in a fragment."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client

from accounts.factories import RoleAssignmentFactory, UserFactory
from core.site import change_settings

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
NOW = datetime(2026, 11, 25, 20, 30, tzinfo=UTC)
SENTENCE = "Your role Officer (acting) ended at 2:00 p.m. on Wed 25 Nov 2026."


@pytest.fixture(autouse=True)
def _at_that_moment(db):
    with time_machine.travel(NOW, tick=False):
        change_settings({"name": "Local 46", "time_zone": "America/Chicago"}, actor=None)
        yield


@pytest.fixture
def ann():
    return UserFactory()


def term(user, role: str = "officer", *, ended: timedelta = timedelta(minutes=30), **more):
    return RoleAssignmentFactory(user=user, role=role, starts_at=NOW - 90 * DAY, expires_at=NOW - ended, **more)


def refused(user, path: str = "/users/", **options) -> str:
    browser = Client()
    browser.force_login(user)
    answer = browser.get(path, **options)
    assert answer.status_code == 403
    return answer.text


def test_the_page_says_which_role_ended_and_when(ann):
    term(ann, kind="acting")
    page = refused(ann)
    assert [SENTENCE in page, "ask the person at the local" in page] == [True, True]


def test_so_does_a_fragment_and_the_api_stays_as_it_is(ann):
    term(ann, kind="acting")
    assert SENTENCE in refused(ann, headers={"HX-Request": "true"})
    assert "ended" not in refused(ann, "/api/v1/users/")


def test_the_end_by_somebody_counts_too(ann):
    RoleAssignmentFactory(user=ann, role="staff", starts_at=NOW - DAY, ended_at=NOW - DAY / 24)
    assert "Your role Staff ended at 1:30 p.m. on Wed 25 Nov 2026." in refused(ann)


@pytest.mark.parametrize(
    "made",
    [
        lambda ann: term(ann, ended=31 * DAY),
        lambda ann: term(ann, needs_confirmation=True),
        lambda ann: RoleAssignmentFactory(user=ann, role="staff", starts_at=NOW, ended_at=NOW),
        lambda ann: (term(ann, "staff"), RoleAssignmentFactory(user=ann, role="staff", starts_at=NOW)),
        lambda ann: term(UserFactory()),
    ],
    ids=["long ago", "never confirmed", "called off", "held again", "somebody else's"],
)
def test_nothing_else_is_told(ann, made):
    made(ann)
    assert "ended" not in refused(ann)
