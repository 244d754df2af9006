"""Two officers word a letter, or mark one person away, at once; each beside a naive control that must fail."""

import datetime as dt
import os
import time

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction

from accounts.factories import RoleAssignmentFactory
from accounts.tests.serving import fails_once
from core.errors import DomainError
from core.site import local_today
from grievances.enums import LetterKind
from grievances.models import Away, LetterText
from grievances.services import away, letters
from unionops.testing.races import run_in_processes

ROUNDS = 20 if os.environ.get("BATTERY") else 2
LETTER = letters.LETTERS[LetterKind.STEP]

pytestmark = [
    pytest.mark.race,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite lets one writer in at a time"),
]


@pytest.fixture
def officers():
    return [RoleAssignmentFactory(role="officer").user for _number in range(2)]


def told_at_once(act):
    """What two were told, "" where it was done."""

    def run(number):
        try:
            act(number)
        except (DomainError, ValidationError) as refused:
            return str(getattr(refused, "sentence", "") or refused.messages[0])
        return ""

    return run_in_processes(run, processes=2)


# --- the wording of a letter ------------------------------------------------------------------------------

MEANWHILE = "Somebody changed this wording meanwhile. Copy what you typed, then open the page again and compare."


def word_naively(letter, *, title, body, seen, actor):
    """Look which version holds, then write over it."""
    with transaction.atomic():
        held = letters.wording(letter)
        if held.version not in (seen, seen + 1):
            raise DomainError("changed")
        time.sleep(0.1)
        values = {"title": title, "body": body, "written_by": actor}
        LetterText.objects.update_or_create(kind=letter.kind, number=seen + 1, defaults=values)


def worded_at_once(save, seen, officers):
    """Both saw version `seen`; return what they were told, and whose title the newest version bears."""
    titles = [f"Wording {seen} of {number}" for number in range(2)]

    def act(number):
        save(LETTER, title=titles[number], body="Meet us at {step}.", seen=seen, actor=officers[number])

    told = told_at_once(act)
    return told, titles.index(letters.wording(LETTER).title)


def test_of_two_wordings_saved_at_once_one_is_the_next_version_and_the_other_is_told(officers):
    for seen in range(ROUNDS):
        told, newest = worded_at_once(letters.save_wording, seen, officers)
        assert told[newest] == ""
        assert told[1 - newest] == MEANWHILE
    assert list(LetterText.objects.values_list("number", flat=True)) == list(range(1, ROUNDS + 1))


def test_control_what_is_written_over_is_lost_and_nobody_is_told(officers):
    for seen in range(ROUNDS):
        told, _newest = worded_at_once(word_naively, seen, officers)
        assert told == ["", ""]
    assert LetterText.objects.count() == ROUNDS


# --- marks of absence -------------------------------------------------------------------------------------


def mark_naively(person, stand_in, first_day, last_day, *, actor):
    """Look whether the days are free, then write, without a lock on the person."""
    with transaction.atomic():
        starts_at, ends_at = away.begin_of(first_day), away.begin_of(last_day + dt.timedelta(1))
        away._check_free(person, starts_at, ends_at)
        time.sleep(0.1)
        Away.objects.create(
            person=person,
            stand_in=stand_in,
            first_day=first_day,
            last_day=last_day,
            starts_at=starts_at,
            ends_at=ends_at,
            recorded_by=actor,
        )


def marked_at_once(mark, officers):
    """Days 1–4 and 3–6 from tomorrow on, by either officer; return what they were told, and how many marks stand."""
    person, stand_in = (RoleAssignmentFactory(role="representative").user for _one in range(2))

    def act(number):
        first = local_today() + dt.timedelta(1 + 2 * number)
        mark(person, stand_in, first, first + dt.timedelta(3), actor=officers[number])

    told = told_at_once(act)
    return sorted(text.partition(" already")[0] for text in told), Away.objects.filter(person=person).count()


def test_of_two_marks_that_overlap_one_stands(officers):
    found = [marked_at_once(away.mark, officers) for _round in range(ROUNDS)]
    assert found == [(["", "Marked away"], 1)] * ROUNDS


def test_control_without_the_lock_on_the_person_both_stand(officers):
    assert fails_once(lambda: marked_at_once(mark_naively, officers) == (["", ""], 2))
