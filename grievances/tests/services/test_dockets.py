"""One meeting about many cases: what is written into each, what is refused, and what is made once."""

import datetime as dt
import json

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from core.errors import DomainError, EditConflict
from grievances.enums import DeadlineEnd
from grievances.factories import DeadlineFactory, DocketFactory, GrievanceFactory
from grievances.models import Docket, DocketCase
from grievances.services import clocks, docket_papers, dockets
from grievances.services.dockets import Heard
from grievances.services.fair_packet import fair_packet
from grievances.tests.case_setup import story
from members.factories import AS_OF, OrganizationFactory

pytestmark = pytest.mark.django_db

MEETING = {"meeting_date": AS_OF, "union_attendees": "R. Delgado", "employer_attendees": "M. Stone"}
LATER = AS_OF + dt.timedelta(9)


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel(dt.datetime(2026, 9, 3, 15, tzinfo=dt.UTC), tick=False):
        yield


@pytest.fixture
def yard():
    return OrganizationFactory(name="Crane Yard")


@pytest.fixture
def docket(yard, people):
    """Make a docket of three cases, one filed, one met about and one settled meanwhile."""
    rep = {"employer": yard, "assigned_rep": people["representative"]}
    cases = [GrievanceFactory(**rep), GrievanceFactory(status="hearing", **rep), GrievanceFactory(settled=True, **rep)]
    return DocketFactory(employer=yard, cases=cases)


def heard(docket, *outcomes):
    """Return what was typed about the cases of a docket in their order; None was not talked about."""
    rows = docket.cases.order_by("position")
    pairs = zip(rows, outcomes, strict=True)
    return {row.pk: Heard(found, f"Talk {row.position}") for row, found in pairs if found}


def record(docket, found, actor, **more):
    return dockets.record(docket, MEETING, found, actor=actor, how="hand", version=docket.version, **more)


def told(docket):
    return [(row.outcome, row.is_recorded, row.refusal) for row in docket.cases.order_by("position")]


REFUSED = "“Record a meeting” is not possible while the status is “Settled”."


def test_each_case_gets_its_meeting_and_answer_and_the_refused_one_its_sentence(docket, people):
    done, refused = record(docket, heard(docket, "denied", "further", "granted"), people["representative"])
    assert (len(done), [item.sentence for item in refused]) == (2, [REFUSED])
    assert told(docket) == [("denied", True, ""), ("further", True, ""), ("granted", False, REFUSED)]
    first, second, third = (row.grievance for row in docket.cases.order_by("position"))
    assert [case.step_records.count() for case in (first, second, third)] == [1, 1, 0]
    meeting = first.step_records.get()
    assert (meeting.meeting_date, meeting.union_attendees, meeting.notes) == (AS_OF, "R. Delgado", "Talk 1")
    answer = first.answers.get()
    assert (answer.answer, answer.how, answer.received_on) == ("denied", "hand", AS_OF)
    assert "Talk 1" not in json.dumps(fair_packet(first).data)
    assert (first.status, meeting.outcome, second.answers.count()) == ("hearing", "denied", 0)
    assert story(first) == ["grievance.hold_meeting", "grievance.record_answer"]
    assert story(docket) == ["docket.recorded"]


def test_what_was_promised_waits_for_the_representative(docket, people):
    row = docket.cases.get(position=1)
    record(docket, {row.pk: Heard("promised", "", LATER)}, people["representative"])
    task = row.grievance.tasks.get()
    assert (task.kind, task.person, task.due) == ("todo", people["representative"], LATER)
    assert task.what == "The answer that the employer promised at the meeting on Tue 1 Sep 2026."


def test_what_was_promised_waits_for_whoever_records_it_where_the_representative_cannot(yard, people):
    """One has left grievances, one may not see the case any more, and one case has nobody."""
    officer, gone, unnamed = people["officer"], people["representative"], people["steward"]
    cases = [GrievanceFactory(employer=yard, assigned_rep=person) for person in (gone, unnamed, None, officer)]
    cases[1].is_restricted = True
    cases[1].save()
    cases[1].named_people.add(officer)
    gone.assignments.update(ended_at=timezone.now())
    docket = DocketFactory(employer=yard, cases=cases)
    found = {row.pk: Heard("promised", "", LATER) for row in docket.cases.all()}
    done, refused = record(docket, found, people["staff"])
    hidden = docket.cases.get(grievance=cases[1])
    assert (len(done), refused, hidden.is_recorded) == (3, [], False)
    docket.refresh_from_db()
    done, refused = record(docket, {hidden.pk: found[hidden.pk]}, officer)
    assert (done, refused) == ([hidden], [])
    assert [case.tasks.get().person for case in cases] == [people["staff"], officer, people["staff"], officer]


def test_what_is_recorded_is_not_recorded_again_and_what_was_left_out_can_be(docket, people):
    """The second person opened the form before the first recorded: only the same case stands in the way."""
    rep = people["representative"]
    record(docket, heard(docket, "nothing", None, None), rep)
    named = f"recorded already in {docket.cases.get(position=1).grievance}\\."
    for again in (heard(docket, "nothing", None, None), heard(docket, "denied", "nothing", None)):
        with pytest.raises(DomainError, match=named):
            record(docket, again, rep)
    record(docket, heard(docket, None, "nothing", None), rep)
    assert [row.grievance.step_records.count() for row in docket.cases.order_by("position")] == [1, 1, 0]
    docket.refresh_from_db()
    assert docket.version == 3


def test_a_day_that_somebody_saved_meanwhile_is_not_overwritten(docket, people):
    rep = people["representative"]
    record(docket, heard(docket, "nothing", None, None), rep)
    other_day = MEETING | {"meeting_date": AS_OF + dt.timedelta(1)}
    options = {"actor": rep, "how": "hand"}
    with pytest.raises(EditConflict) as conflict:
        dockets.record(docket, other_day, heard(docket, None, "nothing", None), version=1, **options)
    assert (conflict.value.current.meeting_date, conflict.value.current.version) == (AS_OF, 2)
    dockets.record(docket, other_day, heard(docket, None, "nothing", None), version=2, **options)
    docket.refresh_from_db()
    assert docket.meeting_date == other_day["meeting_date"]


def test_a_case_of_somebody_else_is_refused_with_its_sentence(docket, people):
    other = GrievanceFactory(employer=docket.employer, assigned_rep=people["officer"])
    row = DocketCase.objects.create(docket=docket, grievance=other, position=4)
    _done, refused = record(docket, {row.pk: Heard("denied")}, people["representative"])
    assert [item.sentence for item in refused] == [
        "This case is assigned to Officer Person. Ask the grievance chair to assign it to you."
    ]
    assert other.step_records.count() == 0


def test_a_meeting_to_come_is_not_recorded(docket, people):
    to_come = MEETING | {"meeting_date": dt.date(2026, 9, 4)}
    with pytest.raises(ValidationError, match="still to come"):
        dockets.record(docket, to_come, heard(docket, "denied", None, None), actor=people["officer"], how="hand")


def test_offered_are_the_open_cases_that_the_person_works_the_next_due_first(yard, people):
    rep = people["representative"]
    undated = GrievanceFactory(employer=yard, assigned_rep=rep)
    dated = GrievanceFactory(employer=yard, assigned_rep=rep)
    DeadlineFactory(grievance=dated)
    others = GrievanceFactory(employer=yard, assigned_rep=people["officer"])
    secret = GrievanceFactory(employer=yard, assigned_rep=rep, is_restricted=True, filed_date=AS_OF)
    GrievanceFactory(employer=yard, settled=True, assigned_rep=rep)
    GrievanceFactory(assigned_rep=rep)
    assert list(dockets.offered(rep, yard)) == [dated, undated]
    secret.named_people.add(rep)
    assert list(dockets.offered(rep, yard)) == [dated, undated, secret]
    assert others in list(dockets.offered(people["officer"], yard))
    assert secret not in list(dockets.offered(people["officer"], yard))


def test_a_docket_takes_no_case_that_is_not_offered(yard, people):
    values = {"employer": yard, "meeting_date": AS_OF, "place": ""}
    mine, others = GrievanceFactory(employer=yard), GrievanceFactory()
    made = dockets.make(values, [mine], actor=people["staff"])
    assert [row.grievance for row in made.cases.all()] == [mine]
    for cases, why in (([others], "Choose again"), ([], "Tick the cases")):
        with pytest.raises(ValidationError, match=why):
            dockets.make(values, cases, actor=people["staff"])
    assert Docket.objects.count() == 1
    with pytest.raises(PermissionDenied):
        dockets.make(values, [mine], actor=people["member"])


def test_a_docket_is_changed_until_its_cases_are_recorded(docket, people):
    rep = people["representative"]
    record(docket, heard(docket, "nothing", None, None), rep)
    docket.refresh_from_db()
    fresh = GrievanceFactory(employer=docket.employer, assigned_rep=rep)
    dockets.change(docket, MEETING, [fresh], actor=rep, version=docket.version)
    rows = docket.cases.order_by("position")
    assert [(row.position, row.is_recorded) for row in rows] == [(1, True), (3, False), (4, False)]


def test_cases_of_colleagues_and_those_past_the_first_ones_stay_on_a_docket_that_somebody_changes(
    docket, people, monkeypatch
):
    rep = people["representative"]
    theirs = [GrievanceFactory(employer=docket.employer, assigned_rep=people["officer"]) for _number in range(2)]
    for position, case in enumerate(theirs, 4):
        DocketCase.objects.create(docket=docket, grievance=case, position=position)
    mine = docket.cases.get(position=1).grievance
    dockets.change(docket, MEETING | {"place": "Gary"}, [mine], actor=rep, version=docket.version)
    assert [row.position for row in docket.cases.order_by("position")] == [1, 3, 4, 5]
    docket.refresh_from_db()
    monkeypatch.setattr(dockets, "LONGEST_DOCKET", 1)
    [shown] = dockets.offered(people["officer"], docket.employer)[:1]
    kept = docket.cases.exclude(grievance=shown).order_by("position").values_list("position", flat=True)
    wanted = list(kept)
    dockets.change(docket, MEETING, [], actor=people["officer"], version=docket.version)
    assert [row.position for row in docket.cases.order_by("position")] == wanted


def test_who_sees_a_docket_sees_of_it_the_cases_that_they_see(docket, people):
    secret = GrievanceFactory(employer=docket.employer, is_restricted=True)
    DocketCase.objects.create(docket=docket, grievance=secret, position=4)
    hidden = DocketFactory(cases=[secret], made_by=people["officer"])
    seen = {name: set(Docket.objects.visible_to(people[name])) for name in ("staff", "officer", "steward", "member")}
    assert seen == {"staff": {docket}, "officer": {docket, hidden}, "steward": set(), "member": set()}
    rows = DocketCase.objects.filter(docket=docket).visible_to(people["staff"])
    assert sorted(rows.values_list("position", flat=True)) == [1, 2, 3]


def test_one_agreement_puts_off_the_dates_of_several_cases_unconfirmed(docket, people):
    rows = [DeadlineFactory(grievance=row.grievance) for row in docket.cases.order_by("position")[:2]]
    rows[1].end, rows[1].ended_on = "met", AS_OF
    rows[1].save()
    values = {"new_date": rows[0].due + dt.timedelta(9), "for_union": "A", "for_employer": "B", "agreed_on": AS_OF}
    assert dockets.extendable(docket, people["representative"]) == rows[:1]
    done, refused = dockets.extend(docket, rows, values, actor=people["representative"])
    assert (done, [item.row for item in refused]) == (rows[:1], rows[1:])
    extension = docket.extensions.get()
    assert (extension.deadline, extension.is_confirmed) == (rows[0], False)
    rows[0].refresh_from_db()
    assert rows[0].is_running


def test_the_letter_names_the_dates_that_run_as_long_as_one_of_them_does(docket, people):
    rows = [DeadlineFactory(grievance=row.grievance) for row in docket.cases.order_by("position")[:2]]
    values = {"new_date": rows[0].due + dt.timedelta(9), "for_union": "A", "for_employer": "B", "agreed_on": AS_OF}
    dockets.extend(docket, rows, values, actor=people["representative"])
    numbers = []
    for row in rows:
        letter = docket_papers.extension_letter(docket, people["staff"])
        numbers.append([line[0] for line in letter.data["rows"]])
        clocks.end(row, DeadlineEnd.MOOT, AS_OF)
    both = [str(row.grievance) for row in rows]
    assert numbers == [both, both[1:]]
    with pytest.raises(DomainError, match="waits to be confirmed"):
        docket_papers.extension_letter(docket, people["staff"])


def test_the_agenda_tells_the_contracts_date_or_that_it_is_held(yard, people):
    cases = [GrievanceFactory(employer=yard), GrievanceFactory(employer=yard, abeyance="agreed")]
    for case in cases:
        DeadlineFactory(grievance=case, contract_date=AS_OF + dt.timedelta(5), safe_date=AS_OF, due=AS_OF)
    printed = docket_papers.agenda(DocketFactory(employer=yard, cases=cases), people["staff"])
    assert [row[-1] for row in printed.data["rows"]] == [
        "move on from Stage 1: Sun 6 Sep 2026",
        "move on from Stage 1: held",
    ]
