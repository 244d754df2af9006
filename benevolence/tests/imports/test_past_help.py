"""Help from before the portal comes in by a list: checked, asked about, applied, counted, taken out again."""

import csv
import io
from datetime import date
from decimal import Decimal

import pytest
import time_machine
from django.core.management import call_command

from benevolence.factories import ApplicationFactory, PaymentFactory
from benevolence.imports.lists import PAST_HELP_LIST
from benevolence.imports.past_help import granted_meanwhile
from benevolence.models import PastHelp
from benevolence.services import policies, reviews
from core.errors import DomainError
from core.imports import applying, batches, checking, undoing
from core.models import AuditEvent
from members.factories import MemberFactory

pytestmark = pytest.mark.django_db
HEADERS = ("Member No", "Name", "DOB", "Date paid", "Amount", "Purpose", "Check #")


@pytest.fixture(autouse=True)
def on_a_day():
    with time_machine.travel("2026-11-27 12:00:00", tick=False):
        yield


@pytest.fixture
def ann():
    return MemberFactory(member_number="101", first_name="Ann", last_name="Lee", date_of_birth=date(1980, 5, 4))


@pytest.fixture
def ben():
    return MemberFactory(member_number="102", first_name="Ben", last_name="Moe", date_of_birth=date(1975, 1, 2))


def checked(*rows, headers=HEADERS):
    text = io.StringIO()
    csv.writer(text).writerows([headers, *rows])
    file = io.BytesIO(text.getvalue().encode())
    batch = batches.upload(file, PAST_HELP_LIST, file_name="register.csv", actor=None)
    batches.match_columns(batch, PAST_HELP_LIST, batch.mapping, actor=None)
    checking.start_check(batch, PAST_HELP_LIST, actor=None, in_background=False)
    return batch


def applied(*rows, **decisions):
    batch = checked(*rows)
    if decisions:
        chosen = {int(name.removeprefix("row_")): choice for name, choice in decisions.items()}
        batches.decide(batch, PAST_HELP_LIST, chosen, actor=None)
    applying.start_apply(batch, PAST_HELP_LIST, actor=None, in_background=False)
    return batch


def undone(batch):
    undoing.start_undo(batch, PAST_HELP_LIST, actor=None, reason="Wrong file", in_background=False)
    return [row.undone for row in batch.rows.order_by("number") if row.undone]


def outcomes(batch):
    return [(row.outcome, *(item["text"] for item in row.problems)) for row in batch.rows.order_by("number")]


def on_record():
    rows = PastHelp.objects.alive().order_by("id")
    return list(rows.values_list("member__last_name", "paid_on", "amount", "reason", "reference"))


def row(number="101", name="", born="", paid="3/14/2026", amount="400", purpose="rent", check="2001"):
    return number, name, born, paid, amount, purpose, check


def test_rows_become_help_by_number_or_by_name_and_birth_date(ann, ben):
    batch = applied(row(amount="$1,800"), row("", "Moe, Ben", "1/2/1975", "2026-06-30", "1,800.00", "Funeral", ""))

    assert on_record() == [
        ("Lee", date(2026, 3, 14), Decimal("1800.00"), "hardship", "2001"),
        ("Moe", date(2026, 6, 30), Decimal("1800.00"), "death_in_family", ""),
    ]
    assert list(PastHelp.objects.order_by("id").values_list("source", flat=True)) == [
        "register.csv, row 2",
        "register.csv, row 3",
    ]
    assert batch.counts["applied"] == {"new": 2}
    events = AuditEvent.objects.filter(subject_type="benevolence.pasthelp")
    assert list(events.values_list("action", flat=True)) == ["imported", "imported"]


REFUSED = {
    "a number of nobody": (row("999"), "No member has the number 999. Correct it, or import the member first."),
    "a name of nobody": (
        row("", "Nobody, Jo", "1/2/1975"),
        "No member has this name and birth date. Write the member number, or import the member first.",
    ),
    "another birth date": (
        row("", "Lee, Ann", "5/5/1980"),
        "No member has this name and birth date. Write the member number, or import the member first.",
    ),
    "a name alone": (
        row("", "Lee, Ann"),
        "Nobody can tell whom this was for. Write the member number, or the name and the birth date.",
    ),
    "another's number": (
        row("101", "Moe, Ben"),
        "This number belongs to a member of another name. Correct the number or the name.",
    ),
    "a day to come": (row(paid="12/1/2026"), "This day is still to come. Only help that was paid counts."),
    "no day": (row(paid=""), "The day of the payment is missing."),
    "no amount": (row(amount=""), "The amount is missing."),
    "nothing": (row(amount="0.00"), "An amount above zero is needed."),
    "a credit": (row(amount="(400.00)"), "This is a credit, not a payment. Take the row out, or write what was paid."),
    "no amount at all": (row(amount="plenty"), "Enter an amount in dollars and cents, such as 1250.00."),
    "a check of the portal": (
        row(check="3001"),
        "Check or reference 3001 was paid in the portal, so it counts already.",
    ),
}


def test_a_row_that_cannot_be_used_says_why(ann, ben):
    PaymentFactory(line=ApplicationFactory(status="approved").lines.get(), reference="3001")

    found = outcomes(checked(*(given for given, _sentence in REFUSED.values())))

    assert dict(zip(REFUSED, found, strict=True)) == {
        name: ("error", sentence) for name, (_given, sentence) in REFUSED.items()
    }


def test_a_reason_that_nobody_knows_counts_as_another(ann):
    batch = applied(row(purpose="Transmission"))

    assert on_record() == [("Lee", date(2026, 3, 14), Decimal("400.00"), "other", "2001")]
    assert "so it counts as “Other”" in outcomes(batch)[0][1]


def test_deleted_and_merged_records_of_members(ann, ben):
    kept = MemberFactory(last_name="Kept")
    ann.merged_into, ann.deleted_at, ann.deleted_reason = kept, "2026-01-02T00:00Z", "Entered twice"
    ann.save()
    ben.deleted_at, ben.deleted_reason = "2026-01-02T00:00Z", "Gone"
    ben.save()

    batch = applied(row("101"), row("102"))

    assert [found[0] for found in on_record()] == ["Kept"]
    sentence = "This member’s record is deleted. Restore it, then check the file again."
    assert outcomes(batch)[1] == ("error", sentence)


def test_the_same_file_again_changes_nothing(ann, ben):
    rows = (row(), row(check="2002"), row("102", check=""), row("102", check="", amount="90"))
    applied(*rows)
    before = list(PastHelp.objects.order_by("id").values())

    batch = checked(*rows)

    assert batch.counts == {"unchanged": 4}
    assert list(PastHelp.objects.order_by("id").values()) == before


def test_a_corrected_file_changes_the_payment_of_the_same_check(ann):
    applied(row(), row(check="", paid="4/1/2026", amount="50"))

    batch = applied(row(amount="450", purpose="medical"), row(check="2002", paid="4/1/2026", amount="50"))

    assert [item[1:] for item in on_record()] == [
        (date(2026, 3, 14), Decimal("450.00"), "medical", "2001"),
        (date(2026, 4, 1), Decimal("50.00"), "hardship", "2002"),
    ]
    assert batch.counts["applied"] == {"changed": 2}


ASKED = [
    (
        (row(check="cash"), row(check="CASH")),
        "Row 2 has the same member, day and amount. A second payment?",
    ),
    (
        (row(), row(amount="450")),
        "Row 2 has the same check or reference 2001. A second payment?",
    ),
    (
        (row(check=""), row(check="")),
        "Row 2 has the same member, day and amount. A second payment?",
    ),
    (
        (row(), row("102")),
        "Check or reference 2001 is on record for another member. Was this paid as well?",
    ),
]


@pytest.mark.parametrize(("rows", "question"), ASKED, ids=["cash twice", "a check twice", "twice", "another's check"])
@pytest.mark.parametrize(("decision", "count"), [("create", 2), ("skip", 1)])
def test_what_a_person_must_say_is_asked(ann, ben, rows, question, decision, count):
    if rows[1][0] == "102":
        applied(rows[0])

    batch = applied(*rows, row_3=decision)

    assert outcomes(batch)[1] == ("duplicate", question)
    assert len(on_record()) == count
    if decision == "create":
        assert checked(*rows).counts == {"unchanged": 2}


def test_a_check_that_stands_twice_in_the_file_is_one_payment(ann):
    batch = applied(row(), row())

    assert outcomes(batch) == [("new",), ("repeated", "The same payment as row 2.")]
    assert len(on_record()) == 1


@pytest.mark.parametrize("reference", ["CASH", "ACH"])
@pytest.mark.parametrize("amount", ["300", "500"], ids=["another amount", "the same amount"])
def test_a_word_for_how_it_was_paid_names_no_payment(ann, reference, amount):
    """In two files and in one, whoever else was paid that way."""
    PaymentFactory(line=ApplicationFactory(status="approved").lines.get(), reference=reference)
    first, second = row(paid="1/5/2023", amount="500", check=reference), row(paid="2/10/2024", check=reference)
    second = (*second[:4], amount, *second[5:])
    applied(first)

    batch = applied(second, row(paid="3/11/2025", amount="200", check=reference), first)

    assert outcomes(batch) == [("new",), ("new",), ("unchanged",)]
    assert [(item[1], item[2]) for item in on_record()] == [
        (date(2023, 1, 5), Decimal("500.00")),
        (date(2024, 2, 10), Decimal(amount)),
        (date(2025, 3, 11), Decimal("200.00")),
    ]


OTHERWISE = {
    "a check with both otherwise": (
        row(paid="4/1/2026", amount="50"),
        "Check or reference 2001 is on record with another day and amount. A second payment?",
    ),
    "cash of that day": (
        row(amount="50", check="cash"),
        "cash is on record for the same day with another amount. A second payment?",
    ),
}


@pytest.mark.parametrize("name", OTHERWISE)
@pytest.mark.parametrize(("decision", "count"), [("create", 3), ("skip", 2)])
def test_what_looks_like_a_correction_is_asked(ann, name, decision, count):
    given, question = OTHERWISE[name]
    applied(row(), row(check="CASH"))

    batch = applied(given, row_2=decision)

    assert outcomes(batch) == [("duplicate", question)]
    assert len(on_record()) == count
    if decision == "create":
        assert checked(given, row(), row(check="CASH")).counts == {"unchanged": 3}


def test_an_undo_puts_everything_back_and_the_list_may_come_again(ann, ben):
    applied(row())
    before = on_record()
    batch = applied(row(amount="410"), row("102", check="2002"))

    assert undone(batch) == ["undone", "undone"]
    assert on_record() == before

    again = applied(row("102", check="2002"))
    assert len(on_record()) == 2
    assert outcomes(again) == [("new", "An import that was undone had made this record; it is restored.")]
    assert PastHelp.objects.count() == 2


def test_a_row_that_somebody_recorded_meanwhile_is_left_out(ann):
    batch = checked(row())
    applied(row())

    applying.start_apply(batch, PAST_HELP_LIST, actor=None, in_background=False)

    assert batch.counts["applied"] == {"error": 1}
    assert len(on_record()) == 1


@pytest.mark.usefixtures("staffed")
def test_a_row_for_which_an_approval_since_the_check_left_no_room_waits_for_another_check(people, ann):
    """Another row that fits comes in, and what the cap does not count any more."""
    rules = {"cap_per_member": Decimal("1000.00"), "vp_up_to": Decimal("1500.00")}
    policies.change_policy(rules, actor=people["admin"])
    application = ApplicationFactory(member=ann, status="submitted", amount_requested=Decimal("400.00"))
    rows = (row(amount="700"), row(amount="600", check="2002"), row(amount="900", check="2003", paid="3/14/2024"))
    batch = checked(*rows)
    reviews.approve(application, actor=people["benevolence-vp"], amount=Decimal("400.00"))

    applying.start_apply(batch, PAST_HELP_LIST, actor=None, in_background=False)

    assert outcomes(batch)[0] == ("new", granted_meanwhile())
    assert [item[2] for item in on_record()] == [Decimal("600.00"), Decimal("900.00")]


@pytest.mark.parametrize(
    ("headers", "sentence"),
    [
        (
            ("Name", "Date paid", "Amount"),
            "Say which column holds the member number, or the name and the date of birth.",
        ),
        (("Member No", "Date paid", "X"), "Say which columns hold the day of the payment and the amount."),
    ],
)
def test_columns_that_are_needed(headers, sentence):
    with pytest.raises(DomainError) as caught:
        checked(("a", "b", "c"), headers=headers)
    assert caught.value.sentence == sentence


def test_the_command_imports_and_tells(ann, tmp_path):
    path, told = tmp_path / "register.csv", io.StringIO()
    path.write_text("Member,Date,Amount,Check\n101,2026-03-14,$400,2001\n999,2026-03-14,$400,2002\n")

    call_command("import_past_help", str(path), stdout=told)

    assert on_record() == [("Lee", date(2026, 3, 14), Decimal("400.00"), "other", "2001")]
    assert "New: 1\n" in told.getvalue()
    assert "Error: 1\n" in told.getvalue()
