"""An acting officer's term ends while they are signed in: the next click is refused, and the page says why."""

import time
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.factories import RoleAssignmentFactory, UserFactory

pytestmark = [pytest.mark.story, pytest.mark.django_db(transaction=True)]
LASTS = timedelta(seconds=6)


def test_the_next_click_after_the_end_is_refused_and_says_why(visit, people):
    stand_in = UserFactory(email="stand-in@people.example", first_name="Sol", last_name="Standin")
    RoleAssignmentFactory(user=stand_in, role="member")
    visitor = visit()
    visitor.sign_in(stand_in)
    ends = timezone.now() + LASTS
    RoleAssignmentFactory(user=stand_in, role="officer", kind="acting", expires_at=ends)
    page = visitor.open("/users/")
    page.get_by_role("link", name="Officer Person").or_(page.get_by_role("heading", name="Users")).first.wait_for()
    roles = page.get_by_role("link", name="Roles", exact=True).first
    roles.wait_for()
    time.sleep(max(0.0, (ends - timezone.now()).total_seconds()) + 0.2)
    roles.click()
    page.get_by_role("heading", name="This is not open to you").wait_for()
    page.get_by_text("Your role Officer (acting) ended at").wait_for()
    visitor.accessible()
    visitor.picture("term-ended")
    page.get_by_role("link", name="Go to the home page").click()
    page.get_by_role("heading", name="Home").wait_for()
    assert page.get_by_role("link", name="Users", exact=True).count() == 0
