"""Midnight, the cut-off, year's end and daylight saving: who is reminded when, and what silence does."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.enums import IdentityKind
from accounts.services import identity
from core.models import AuditEvent, Outbox
from core.records import one_row
from core.site import site_settings
from grievances import permissions as p
from grievances.arbitration_factories import ArbitrationFactory
from grievances.enums import ClockKind, DeadlineEnd, GrievanceAction, Silence, Step
from grievances.factories import AgreementFactory, DeadlineFactory, GrievanceFactory, IntakeFactory
from grievances.models import Deadline, Grievance, GrievancePolicy, HearingDay, StageEntry, StepRule
from grievances.panels import WAITS
from grievances.services import cases, clocks, intakes, moves, reminders
from grievances.services.workflow import who_may_resolve

pytestmark = pytest.mark.django_db

day = dt.date.fromisoformat
HEARERS = ("grievance-chair", "representative")


def at(text):
    """A moment as the local's clock shows it."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(site_settings().time_zone))


def policy():
    return one_row.current(GrievancePolicy)


def near_events():
    return [
        (event.body["data"]["days"], event.body["data"]["to_the_chair"])
        for event in AuditEvent.objects.filter(action=GrievanceAction.DEADLINE_NEAR).order_by("pk")
    ]


def test_each_reminder_is_given_once_on_its_day():
    DeadlineFactory(contract_date=day("2026-09-21"))
    given = {}
    for text in ("2026-09-13 23:59", "2026-09-14 00:00", "2026-09-15 08:00", "2026-09-18 00:01", "2026-09-20 12:00"):
        given[text] = reminders.remind(policy(), at(text))
    reminders.remind(policy(), at("2026-09-21 00:00"))
    reminders.remind(policy(), at("2026-09-21 16:59"))
    assert list(given.values()) == [0, 1, 0, 1, 1]
    assert near_events() == [(7, False), (3, False), (1, True), (0, True)]


def test_the_day_on_which_the_case_is_lost_is_said_after_the_safe_date_too():
    DeadlineFactory(contract_date=day("2026-09-21"), safe_date=day("2026-09-17"), due=day("2026-09-17"))
    for text in ("2026-09-17 08:00", "2026-09-18 08:00", "2026-09-21 08:00", "2026-09-21 12:00", "2026-09-22 08:00"):
        reminders.remind(policy(), at(text))
    assert near_events() == [(0, True), (-4, True)]


@pytest.mark.parametrize(
    ("due", "before", "after"),
    [
        ("2026-09-21", "2026-09-21 17:00", "2026-09-21 17:01"),
        ("2026-12-31", "2026-12-31 16:59", "2027-01-01 00:00"),
        ("2026-11-01", "2026-11-01 16:59", "2026-11-01 17:01"),
        ("2026-03-08", "2026-03-08 03:30", "2026-03-09 00:00"),
    ],
)
def test_a_deadline_passes_with_the_cut_off_of_its_day(due, before, after):
    row = DeadlineFactory(contract_date=day(due))
    assert reminders.note_passed(policy(), at(before)) == 0
    assert reminders.note_passed(policy(), at(after)) == 1
    assert reminders.note_passed(policy(), at(after)) == 0
    row.refresh_from_db()
    assert row.is_running
    row.grievance.refresh_from_db()
    assert row.grievance.status == "open"


def test_a_run_costs_the_same_for_one_and_for_many():
    counts = []
    for number in (1, 1, 4):
        for _each in range(number):
            DeadlineFactory(contract_date=day("2026-09-21"))
        with CaptureQueriesContext(
            connection,
        ) as asked:
            reminders.remind(policy(), at("2026-09-21 08:00"))
            reminders.note_passed(policy(), at("2026-09-22 00:00"))
        counts.append(len(asked))
    assert counts[1] == counts[2]


def test_cases_are_locked_before_their_dates():
    """In the order of whoever works a case; the other way round the two wait for each other."""
    DeadlineFactory(contract_date=day("2026-09-21"))
    with CaptureQueriesContext(connection) as asked:
        reminders.remind(policy(), at("2026-09-21 08:00"))
    tables = [query["sql"].partition(' FROM "')[2].partition('"')[0] for query in asked if "FOR UPDATE" in query["sql"]]
    expected = ["grievances_grievance", "grievances_deadline"] if connection.vendor == "postgresql" else []
    assert tables[:2] == expected


def met_on(text, people, **fields):
    """Return a case whose employer met us on a day and owes an answer five working days later."""
    with time_machine.travel(at("2026-09-01 10:00"), tick=False) as traveller:
        agreement = AgreementFactory(**fields)
        intake = IntakeFactory(organization=agreement.employer, knowledge_date=day("2026-08-25"))
        case = intakes.file_grievance(intake, actor=None)
        traveller.move_to(at(f"{text} 10:00"))
        return moves.hold_meeting(case, actor=people["grievance-chair"], meeting_date=day(text))


@pytest.fixture
def silent_case(people):
    """Met on 10 September; the answer is due on the 17th and does not come."""
    case = met_on("2026-09-10", people)
    with time_machine.travel(at("2026-09-18 00:10"), tick=False):
        yield case


def test_silence_lets_us_move_on_and_starts_our_clock(silent_case):
    reminders.look()
    row = silent_case.deadlines.running().get(clock=ClockKind.APPEAL)
    assert (row.started_by, row.due) == ("answer_or_due", day("2026-10-01"))
    silent_case.refresh_from_db()
    assert silent_case.current_step == Step.STEP_1


def test_silence_moves_the_case_where_the_contract_says_so(silent_case):
    silent_case.agreement.silence = Silence.ADVANCES
    silent_case.agreement.save()
    reminders.look()
    reminders.look()
    silent_case.refresh_from_db()
    assert (silent_case.current_step, silent_case.stage) == (Step.STEP_2, 2)
    assert AuditEvent.objects.filter(action=GrievanceAction.DEFAULTED).count() == 1


def test_silence_that_counts_as_denied_at_the_last_step_waits_for_those_who_take_it_on(people, silent_case):
    chair, rep = people["grievance-chair"], people["representative"]
    silent_case.agreement.silence = Silence.DENIED
    silent_case.agreement.save()
    StepRule.objects.filter(stage__position__gt=1).delete()
    silent_case.agreement.stages.filter(position__gt=1).delete()
    cases.assign_representative(silent_case, rep, actor=chair)
    assert [list(Grievance.objects.denied_at_the_last_step()), silent_case.is_past_the_steps()] == [[], False]
    reminders.look()
    assert [list(Grievance.objects.denied_at_the_last_step()), silent_case.is_past_the_steps()] == [[silent_case], True]
    assert "Demand arbitration" in " ".join(row.what for row in WAITS.first(chair))
    assert who_may_resolve(silent_case) == p.ARBITRATE_GRIEVANCES


def test_no_appeal_of_ours_stays_due_when_the_contract_has_moved_the_case(people):
    case = met_on("2026-09-10", people, silence=Silence.ADVANCES)
    with time_machine.travel(at("2026-09-18 00:10"), tick=False):
        clocks.refresh(case)
        assert case.deadlines.running().filter(clock=ClockKind.APPEAL).exists()
        reminders.look()
    assert case.deadlines.get(clock=ClockKind.APPEAL).end == DeadlineEnd.MOOT
    assert not case.deadlines.running().filter(stage=1).exists()


@pytest.mark.parametrize("run", ["2026-09-17 17:05", "2026-09-18 00:10", "2026-09-25 09:00"])
def test_the_next_step_begins_the_day_after_the_answer_was_due_whenever_the_clock_runs(people, run):
    case = met_on("2026-09-10", people, silence=Silence.ADVANCES)
    with time_machine.travel(at(run), tick=False):
        reminders.look()
    assert StageEntry.objects.get(grievance=case, stage=2).entered_on == day("2026-09-18")


def test_a_case_that_cannot_go_on_holds_no_other_up_and_is_tried_again(people):
    broken, sound = (met_on(text, people, silence=Silence.ADVANCES) for text in ("2026-09-09", "2026-09-10"))
    rules = StepRule.objects.filter(stage__agreement=broken.agreement, stage__position=2, clock=ClockKind.MEET)
    rules.update(trigger="strange")
    with time_machine.travel(at("2026-09-18 00:10"), tick=False):
        with pytest.raises(RuntimeError, match=str(broken.pk)):
            reminders.look()
        sound.refresh_from_db()
        assert sound.stage == 2
        assert broken.deadlines.running().get(clock=ClockKind.ANSWER).missed_at is None
        rules.update(trigger="begun")
        reminders.look()
    broken.refresh_from_db()
    assert broken.stage == 2
    assert AuditEvent.objects.filter(action=GrievanceAction.DEADLINE_MISSED, subject_id=str(broken.pk)).count() == 1


def test_the_digest_comes_once_a_day_also_when_nothing_is_due(people):
    chair = people["grievance-chair"]
    case = GrievanceFactory(assigned_rep=people["representative"])
    DeadlineFactory(grievance=case, contract_date=day("2027-09-20"), clock=ClockKind.ANSWER, stage_name="Step 2")
    sent = []
    for text in ("2027-09-17 05:59", "2027-09-17 06:00", "2027-09-17 09:00", "2027-09-18 06:01"):
        with time_machine.travel(at(text), tick=False):
            sent.append(reminders.send_digest())
    assert [bool(number) for number in sent] == [False, True, False, True]
    mails = {mail.address: mail for mail in Outbox.objects.filter(template="deadlines").order_by("created_at")}
    assert Outbox.objects.filter(template="deadlines").count() == sent[1] + sent[3]
    assert f"Mon 20 Sep 2027  {case}: Step 2 answer due" in mails[people["representative"].email].body
    assert case.employer.name not in mails[people["representative"].email].body
    assert "Nothing is due in the next 7 days." in mails[chair.email].body


def test_the_digest_names_the_hearings_of_the_week_and_nothing_else_of_them(people):
    case = GrievanceFactory(assigned_rep=people["representative"], at_arbitration=True, number=12)
    panel = ArbitrationFactory(grievance=case)
    for text in ("2027-09-16", "2027-09-20", "2027-09-25"):
        HearingDay.objects.create(arbitration=panel, day=day(text), place="Union hall")
    with time_machine.travel(at("2027-09-17 06:00"), tick=False):
        reminders.send_digest()
    bodies = {mail.address: mail.body for mail in Outbox.objects.filter(template="deadlines")}
    body = bodies[people["representative"].email]
    assert "1 hearing until Fri 24 Sep 2027." in body
    assert [line for line in body.splitlines() if ": hearing" in line] == ["Mon 20 Sep 2027  GR-2026-0012: hearing"]
    assert "Union hall" not in body


def test_the_digest_tells_the_chair_of_a_restricted_case_that_nobody_sees(people):
    GrievanceFactory(assigned_rep=people["representative"], number=12, is_restricted=True)
    GrievanceFactory(number=13, is_restricted=True).named_people.set([people["staff"]])
    assert people["grievance-chair"]
    GrievanceFactory(assigned_rep=people["representative"])
    with time_machine.travel(at("2027-09-17 06:00"), tick=False):
        reminders.send_digest()
    bodies = {mail.address: mail.body for mail in Outbox.objects.filter(template="deadlines")}
    said = {name: "manage.py name_people GR-2026-0012" in bodies[people[name].email] for name in HEARERS}
    assert said == {"grievance-chair": True, "representative": False}
    assert "GR-2026-0013" not in bodies[people["grievance-chair"].email]


def test_the_digest_of_a_case_that_is_left_goes_to_no_account_that_somebody_else_may_hold(people):
    named = [people["officer"], people["staff"]]
    GrievanceFactory(number=13, is_restricted=True).named_people.set(named)
    identity.raise_epoch(people["staff"], IdentityKind.PASSWORD, actor=people["admin"])
    with time_machine.travel(at("2027-09-17 06:00"), tick=False):
        reminders.send_digest()
    told = {mail.address for mail in Outbox.objects.filter(template="deadlines")}
    assert [person.email in told for person in named] == [True, False]


def test_a_case_that_is_over_reminds_nobody():
    DeadlineFactory(grievance=GrievanceFactory(settled=True), contract_date=day("2026-09-21"))
    assert reminders.remind(policy(), at("2026-09-21 08:00")) == 0
    assert Deadline.objects.get().missed_at is None


def test_the_digest_holds_what_waits_for_each_person(people):
    chair, steward, worker = (people[name] for name in ("grievance-chair", "steward", "representative"))
    soon = {"contract_date": day("2027-09-20"), "clock": ClockKind.FILE}
    free = DeadlineFactory(**soon).grievance
    DeadlineFactory(grievance=None, intake=IntakeFactory(drafted_by=steward), **soon)
    secret = DeadlineFactory(grievance__assigned_rep=worker, grievance__is_restricted=True, **soon).grievance
    with time_machine.travel(at("2027-09-17 06:00"), tick=False):
        reminders.send_digest()
    bodies = {mail.address: mail.body for mail in Outbox.objects.filter(template="deadlines")}
    assert f"{free}: grievance to be filed" in bodies[chair.email]
    assert "Draft: grievance to be filed" in bodies[steward.email]
    assert str(secret) not in bodies[worker.email]
    assert "Nothing is due" in bodies[worker.email]
