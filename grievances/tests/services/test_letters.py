"""How letters are worded: which places are known, which version holds, and what is printed."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from core.errors import DomainError
from grievances.enums import LetterKind
from grievances.factories import GrievanceFactory
from grievances.models import LetterText
from grievances.services import letters
from grievances.services.letters import COMMON, LETTERS, PLACES
from grievances.tests.case_setup import story

STEP, REMINDER = LETTERS[LetterKind.STEP], LETTERS[LetterKind.REMINDER]


@pytest.mark.parametrize("letter", LETTERS.values(), ids=LETTERS)
def test_our_own_wording_keeps_the_rules_that_a_local_s_must_keep(letter):
    letters.check(letter, str(letter.title), str(letter.body))
    assert [place for place in letter.known if place not in PLACES] == []


@pytest.mark.parametrize(
    ("title", "body", "field", "sentence"),
    [
        (
            "A letter",
            "About {step} and {stage}.",
            "body",
            r"in place of \{stage\}\..*The places.*\{number\}.*\{union\}\.'",
        ),
        ("To {emploier}", "Good.", "title", r"in place of \{emploier\}"),
        ("A letter", "About {number.", "body", "brace stands alone"),
    ],
)
def test_a_place_that_nobody_knows_is_refused_and_the_known_ones_are_named(title, body, field, sentence):
    with pytest.raises(ValidationError, match=sentence) as refused:
        letters.check(STEP, title, body)
    assert list(refused.value.message_dict) == [field]


def test_a_letter_keeps_what_it_cannot_do_without():
    with pytest.raises(ValidationError, match=r"cannot do without \{what\}\. Put it in"):
        letters.check(REMINDER, "Reminder", "Send it now.")


def test_a_line_whose_place_is_empty_is_left_out_and_what_is_put_in_is_printed_as_it_is():
    values = dict.fromkeys(COMMON, "x") | {"what": "One {number}\n\nTwo", "due": ""}
    assert letters.filled("About {number}:\n{what}\nBy {due}.\n\nGood day.", values) == [
        "About x:",
        "One {number}",
        "Two",
        "Good day.",
    ]


@pytest.mark.django_db
def test_each_change_is_a_version_and_our_own_wording_comes_back(people):
    def save(title, body, seen):
        letters.save_wording(STEP, title=title, body=body, seen=seen, actor=people["officer"])
        held = letters.wording(STEP)
        return held.body, held.version, held.is_ours

    ours = (str(STEP.title), str(STEP.body))
    assert save(*ours, 0) == (ours[1], 0, True)
    assert save("Meet us", "At {step}.", 0) == ("At {step}.", 1, False)
    assert save("Meet us", "At {step}.", 1) == ("At {step}.", 1, False)
    assert letters.written(STEP, letters.values_of(GrievanceFactory())) == ("Meet us", ["At Step 1."])
    with pytest.raises(DomainError, match="changed this wording meanwhile"):
        save("Meet us", "Soon.", 0)
    assert save(*ours, 1) == (ours[1], 2, True)
    rows = list(LetterText.objects.order_by("number"))
    assert [(row.number, row.title, row.written_by.get_full_name()) for row in rows] == [
        (1, "Meet us", "Officer Person"),
        (2, "", "Officer Person"),
    ]
    assert story(rows[0]) == ["letter.wording_changed"]


@pytest.mark.django_db
def test_who_words_letters(people):
    for role in ("staff", "admin", "representative"):
        with pytest.raises(PermissionDenied):
            letters.save_wording(STEP, title="Meet us", body="Soon.", seen=0, actor=people[role])
    letters.save_wording(STEP, title="Meet us", body="Soon.", seen=0, actor=people["grievance-chair"])
    assert letters.wording(STEP).title == "Meet us"
