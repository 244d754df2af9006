"""What the command that writes demonstration data of the three domains refuses."""

import datetime
import io

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from accounts.models import User
from core.models import NumberSequence
from members.models import Member, Organization
from unionops.tests.seeded_rows import CASES, counts, seed

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module", autouse=True)
def _people_and_places(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("seed_phase1", "--as-of", "2026-09-01", stdout=io.StringIO())
        yield
        transaction.set_rollback(True)


@pytest.mark.parametrize("missing", [Organization, Member])
def test_without_employers_or_members_it_names_the_command_and_writes_nothing(missing):
    missing.objects.update(deleted_at=datetime.datetime(2026, 9, 1, tzinfo=datetime.UTC))
    with pytest.raises(CommandError, match=r"Run manage\.py seed_phase1 first\."):
        seed()
    assert [model.objects.count() for model in (*CASES, NumberSequence)] == [0] * 15


def test_more_sets_than_members_can_carry_are_refused():
    with pytest.raises(
        CommandError, match=r"250 active members .* are needed, \d+ are there\. Run .*seed_phase1 --more"
    ):
        seed("--scale", "10")
    assert counts() == [0] * 5
    assert not User.objects.exists()


@pytest.mark.parametrize("arguments", [("--scale", "0"), ("--scale", "10001"), ("--as-of", "2999-01-01")])
def test_impossible_arguments(arguments):
    with pytest.raises(CommandError):
        seed(*arguments)
    assert counts() == [0] * 5
