"""The whole demonstration in one command, and where no demonstration data is written."""

import io
import os

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from accounts.factories import UserFactory
from accounts.models import User
from benevolence.models import BenevolenceApplication
from members.models import Member
from unionops.tests.seeded_rows import counts

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("command", ["seed_phase2", "seed_all"])
def test_production_is_left_alone(settings, command):
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="refused"):
        call_command(command, stdout=io.StringIO())
    assert counts() == [0] * 5


@pytest.mark.parametrize("command", [("seed_phase1",), ("seed_auth", "--demo"), ("seed_phase2",), ("seed_all",)])
def test_a_portal_in_which_people_work_is_left_alone(command):
    UserFactory(last_login=timezone.now())
    with pytest.raises(CommandError) as refusal:
        call_command(*command, stdout=io.StringIO())
    assert str(refusal.value) == "People work in this portal. Demonstration data belongs into a database of its own."
    assert (counts(), Member.objects.count(), User.objects.count()) == ([0] * 5, 0, 1)


@pytest.mark.skipif(
    connection.vendor == "postgresql" and not os.environ.get("BATTERY"),
    reason="on a commit where `make run` writes it; its parts are written on both",
)
def test_the_whole_demonstration_in_one_command():
    out = io.StringIO()
    call_command("seed_all", stdout=out)
    assert counts() == [30, 25, 47, 20, 31]
    assert Member.objects.count() == 200
    assert User.objects.count() == 16
    account = User.objects.get(email__startswith="member@")
    own = account.member
    assert (account.first_name, account.last_name) == (own.first_name, own.last_name)
    assert BenevolenceApplication.objects.filter(member=own).count() == 1
