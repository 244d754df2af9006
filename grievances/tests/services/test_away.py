"""Somebody is away and somebody stands in: what they see, work and hear, and when it ends."""

import datetime as dt
import uuid
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError

from core.errors import DomainError
from core.models import Outbox
from core.site import site_settings
from grievances.arbitration_factories import ArbitrationFactory
from grievances.enums import ClockKind
from grievances.factories import AwayFactory, DeadlineFactory, GrievanceFactory, IntakeFactory, TaskFactory
from grievances.models import CaseTask, Deadline, Grievance, GrievanceIntake, HearingDay
from grievances.panels import WAITS
from grievances.services import away, feeds, moves, reminders
from grievances.services.workflow import is_theirs

pytestmark = pytest.mark.django_db
day = dt.date.fromisoformat
FIRST, LAST = day("2026-09-07"), day("2026-09-11")


def at(text):
    """A moment as the local's clock shows it."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(site_settings().time_zone))


@pytest.fixture(autouse=True)
def clock(db):
    with time_machine.travel(at("2026-09-09 12:00"), tick=False) as traveller:
        yield traveller


@pytest.fixture
def rep(people):
    return people["representative"]


@pytest.fixture
def steward(people):
    return people["steward"]


@pytest.fixture
def case(rep):
    return GrievanceFactory(assigned_rep=rep)


@pytest.fixture
def mark(rep, steward):
    return away.mark(rep, steward, FIRST, LAST, actor=rep)


@pytest.mark.parametrize(
    ("moment", "sees"),
    [
        ("2026-09-06 23:59", False),
        ("2026-09-07 00:00", True),
        ("2026-09-11 23:59", True),
        ("2026-09-12 00:00", False),
    ],
)
def test_the_stand_in_sees_and_works_the_cases_of_these_days(case, steward, mark, clock, moment, sees):
    clock.move_to(at(moment))
    assert Grievance.objects.whole_to(steward).exists() is sees
    assert (is_theirs(Grievance.objects.get(), steward) == "") is sees


def test_what_they_work_they_record(case, steward, mark):
    moves.hold_meeting(case, actor=steward, meeting_date=FIRST)
    assert case.step_records.count() == 1


def test_never_a_restricted_case_that_does_not_name_them(rep, steward, mark):
    secret = GrievanceFactory(assigned_rep=rep, is_restricted=True)
    assert list(Grievance.objects.whole_to(steward)) == []
    secret.named_people.add(steward)
    assert list(Grievance.objects.whole_to(steward)) == [secret]


def test_what_waits_for_the_one_waits_for_the_other(case, rep, steward, mark, clock):
    DeadlineFactory(grievance=case)
    TaskFactory(grievance=case, kind="information")
    others = TaskFactory(grievance=case)
    assert {row.model for row in WAITS.first(steward)} == {Grievance, Deadline, CaseTask}
    assert list(CaseTask.objects.waiting_for(steward).filter(pk=others.pk)) == []
    clock.move_to(at("2026-09-12 00:00"))
    assert WAITS.first(steward) == []


def test_a_draft_of_the_one_waits_for_the_other(rep, steward, mark, clock):
    draft = IntakeFactory(drafted_by=rep)
    row = DeadlineFactory(grievance=None, intake=draft, clock=ClockKind.FILE)
    assert list(Deadline.objects.waiting_for(steward)) == [row]
    assert list(GrievanceIntake.objects.visible_to(steward)) == [draft]
    assert steward in reminders.digest_people()
    clock.move_to(at("2026-09-12 00:00"))
    assert list(Deadline.objects.waiting_for(steward)) == []
    assert steward not in reminders.digest_people()


def test_a_restricted_case_without_its_representative_waits_for_its_named_people(rep, people, mark, clock):
    officer, staff = people["officer"], people["staff"]
    secret = DeadlineFactory(grievance__assigned_rep=rep, grievance__is_restricted=True)
    secret.grievance.named_people.set([rep, officer])
    lonely = DeadlineFactory(grievance__is_restricted=True)
    lonely.grievance.named_people.add(officer)
    assert set(Deadline.objects.waiting_for(officer)) == {secret, lonely}
    assert officer in reminders.digest_people()
    assert list(Deadline.objects.waiting_for(staff)) == []
    clock.move_to(at("2026-09-12 00:00"))
    assert list(Deadline.objects.waiting_for(officer)) == [lonely]


def test_what_the_stand_in_left_to_do_waits_for_the_representative(case, rep, steward, mark, clock):
    task = TaskFactory(grievance=case, person=steward)
    assert list(CaseTask.objects.waiting_for(rep)) == []
    clock.move_to(at("2026-09-12 00:00"))
    assert list(CaseTask.objects.waiting_for(rep)) == [task]


def test_the_stand_in_has_the_dates_and_hearings_in_the_calendar(rep, steward, mark):
    case = GrievanceFactory(assigned_rep=rep, at_arbitration=True, number=12)
    DeadlineFactory(grievance=case, clock=ClockKind.ANSWER)
    panel = ArbitrationFactory(grievance=case)
    for days in (-1, 3):
        HearingDay.objects.create(arbitration=panel, day=day("2026-09-09") + dt.timedelta(days), place="Union hall")
    HearingDay.objects.create(arbitration=panel, day=LAST, cancelled_at=at("2026-09-09 11:00"))
    found = [line for line in feeds.calendar_of(steward).split("\r\n") if line.startswith("SUMMARY")]
    assert found == ["SUMMARY:GR-2026-0012: Stage 1 answer due", "SUMMARY:GR-2026-0012: hearing"]


def test_a_mark_that_was_called_off_hides_no_other(rep, steward, mark):
    called_off = {"starts_at": at("2026-09-11 12:00"), "ends_at": at("2026-09-11 12:00")}
    AwayFactory(pk=uuid.UUID(int=1), person=rep, stand_in=steward, first_day=LAST, last_day=LAST, **called_off)
    with pytest.raises(ValidationError, match="Marked away already"):
        away.mark(rep, steward, LAST, LAST, actor=rep)


def test_stand_ins_do_not_chain(case, rep, steward, people, mark):
    third = people["staff"]
    AwayFactory(person=steward, stand_in=third, first_day=FIRST, last_day=LAST)
    own = GrievanceFactory(assigned_rep=steward)
    assert list(Grievance.objects.worked_by(third)) == [own]
    AwayFactory(person=third, stand_in=rep, first_day=FIRST, last_day=LAST)
    assert list(Grievance.objects.worked_by(rep)) == [case]


def test_the_digest_goes_to_the_stand_in_too(case, rep, steward, clock):
    AwayFactory(person=rep, stand_in=steward, first_day=day("2027-09-16"), last_day=day("2027-09-18"))
    DeadlineFactory(grievance=case, contract_date=day("2027-09-20"))
    clock.move_to(at("2027-09-17 06:00"))
    reminders.send_digest()
    mails = {mail.address: mail.body for mail in Outbox.objects.filter(template="deadlines")}
    assert [str(case) in mails.get(person.email, "") for person in (rep, steward)] == [True, True]


def test_it_ends_early_and_is_called_off(case, rep, steward, people, mark):
    with pytest.raises(DomainError, match="Only the person who is away"):
        away.end(mark, actor=steward)
    away.end(mark, actor=rep)
    assert list(Grievance.objects.whole_to(steward)) == []
    to_come = away.mark(rep, steward, day("2026-10-01"), day("2026-10-02"), actor=people["grievance-chair"])
    called_off = away.end(to_come, actor=rep)
    assert called_off.ends_at == called_off.starts_at
    with pytest.raises(DomainError, match="over already"):
        away.end(called_off, actor=rep)
    away.mark(rep, steward, day("2026-10-01"), day("2026-10-02"), actor=rep)


@pytest.mark.parametrize(
    ("who", "stand_in", "first", "last", "why"),
    [
        ("representative", "steward", "2026-09-11", "2026-09-14", "Marked away already from Mon 7 Sep 2026"),
        ("representative", "steward", "2026-09-14", "2026-09-13", "before the first day"),
        ("representative", "steward", "2026-09-01", "2026-09-08", "are over"),
        ("representative", "representative", "2026-10-01", "2026-10-02", "Nobody stands in for themselves"),
        ("representative", "member", "2026-10-01", "2026-10-02", "no role that works grievances"),
        ("member", "steward", "2026-10-01", "2026-10-02", "no role that works grievances"),
    ],
)
def test_what_cannot_be_is_refused_with_its_sentence(people, mark, who, stand_in, first, last, why):
    with pytest.raises(ValidationError, match=why):
        away.mark(people[who], people[stand_in], day(first), day(last), actor=people["officer"])


def test_one_marks_oneself_and_only_who_assigns_cases_marks_others(people, rep, steward):
    with pytest.raises(PermissionDenied):
        away.mark(rep, steward, FIRST, LAST, actor=steward)
    chair = people["grievance-chair"]
    assert away.mark(rep, steward, FIRST, LAST, actor=chair).recorded_by == chair
