import pytest

from grievances import display
from grievances.enums import GrievanceStatus
from grievances.factories import FILED
from grievances.models import Grievance, GrievanceStepRecord

MET = FILED


def bar(records=(), *, is_whole=True, **values):
    return display.step_bar(Grievance(**values), records, is_whole=is_whole)


def record(number, outcome="", day=None):
    return GrievanceStepRecord(step_number=number, outcome=outcome, meeting_date=day)


@pytest.mark.parametrize("status", GrievanceStatus)
def test_every_status_has_word_colour_and_icon(status):
    text, tone, icon = display.status_badge(Grievance(status=status))
    assert text == status.label
    assert bool(tone)
    assert bool(icon)


def test_where_a_case_stands():
    records = [record(1, "advanced", MET), record(2, "", MET)]
    assert bar(records, status="hearing", current_step="step_2") == [
        ("Step 1", "done", "Moved to Step 2 · met on Sun 2 Aug 2026"),
        ("Step 2", "current", "Meeting held · Sun 2 Aug 2026"),
        ("Step 3", "todo", ""),
        ("Arbitration", "todo", ""),
    ]
    assert bar(records, status="hearing", current_step="step_2", is_whole=False) == [
        ("Step 1", "done", ""),
        ("Step 2", "current", ""),
        ("Step 3", "todo", ""),
        ("Arbitration", "todo", ""),
    ]


def test_a_denial_is_shown_to_those_who_work_the_case():
    records = [record(1, "denied")]
    for is_whole, step in ((True, ("Step 1", "refused", "Denied")), (False, ("Step 1", "current", ""))):
        assert bar(records, status="hearing", current_step="step_1", is_whole=is_whole)[0] == step


def test_a_step_before_the_entry_was_not_used():
    found = bar(status="open", current_step="step_3")
    assert found[:3] == [("Step 1", "todo", "Not used"), ("Step 2", "todo", "Not used"), ("Step 3", "current", "")]


def test_a_resolved_case_stands_still():
    assert bar([record(1, "settled")], status="settled", current_step="step_1")[0] == ("Step 1", "done", "Settled")


def test_what_comes_next_heeds_an_abeyance_and_an_award():
    case = Grievance(status="arbitration", current_step="arbitration", assigned_rep_id=1)
    case.is_awarded = False
    words = [display.next_words(case)]
    case.is_awarded = True
    words.append(display.next_words(case))
    case.abeyance = "agreed"
    words.append(display.next_words(case))
    assert [sentence.partition(".")[0] for sentence in words] == [
        "An arbitrator decides",
        "The arbitrator has decided",
        "The union and the employer let your case rest for now",
    ]
