import datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError

from core.audit import trail
from core.errors import DomainError, EditConflict
from core.models import AuditEvent, NumberSequence
from core.records import one_row
from core.site import change_settings
from grievances import permissions
from grievances.factories import FILED, IntakeFactory
from grievances.models import CASE_TEXT, Grievance, GrievanceIntake, GrievancePolicy
from grievances.services import intakes
from grievances.tests.case_setup import story
from members.factories import MemberFactory

pytestmark = pytest.mark.django_db
DRAFTERS = ("officer", "staff", "grievance-chair", "representative", "steward")
FILERS = ("officer", "staff", "grievance-chair", "representative")
OTHERS = ("admin", "organizer", "member", "trustee", "nobody", "expired", "suspended")


def test_a_draft_may_be_empty(people):
    draft = intakes.start_intake({}, actor=people["steward"])
    assert draft.drafted_by == people["steward"]
    assert draft.grievance_type == ""
    assert draft.members.count() == 0
    assert story(draft) == ["intake.drafted"]


@pytest.mark.parametrize("role", DRAFTERS)
def test_who_drafts(people, role):
    intakes.start_intake({"notes": "x"}, actor=people[role])
    assert GrievanceIntake.objects.get().drafted_by == people[role]


@pytest.mark.parametrize("role", OTHERS)
def test_who_does_not(people, role):
    draft = IntakeFactory()
    for act in (
        lambda: intakes.start_intake({}, actor=people[role]),
        lambda: intakes.update_intake(draft, {}, actor=people[role]),
        lambda: intakes.discard_intake(draft, actor=people[role], reason="Twice"),
        lambda: intakes.file_grievance(draft, actor=people[role]),
    ):
        with pytest.raises(PermissionDenied):
            act()
    assert GrievanceIntake.objects.count() == 1
    assert not AuditEvent.objects.exists()


def test_a_change_says_which_fields_and_no_value(people):
    draft, ann = IntakeFactory(drafted_by=people["steward"]), MemberFactory()
    values = {
        "grievance_type": "group",
        "violation_description": "New",
        "members": [ann],
        "remedy_sought": draft.remedy_sought,
    }
    intakes.update_intake(draft, values, actor=people["steward"], version=1)
    draft.refresh_from_db()
    assert draft.version == 2
    assert draft.violation_description == "New"
    assert list(draft.members.all()) == [ann]
    assert AuditEvent.objects.get().body == {
        "changes": [
            {"field": "grievance_type", "old": "individual", "new": "group"},
            {"field": "violation_description"},
            {"field": "members"},
        ]
    }
    intakes.update_intake(draft, values, actor=people["steward"], version=2)
    draft.refresh_from_db()
    assert (draft.version, AuditEvent.objects.count()) == (2, 1)


def test_an_older_version_is_a_conflict(people):
    draft = IntakeFactory(version=3)
    with pytest.raises(EditConflict):
        intakes.update_intake(draft, {"notes": "x"}, actor=people["staff"], version=2)
    assert GrievanceIntake.objects.get().notes == ""


def test_another_stewards_draft_is_not_there(people):
    with pytest.raises(DomainError, match="no longer there"):
        intakes.update_intake(IntakeFactory(), {"notes": "x"}, actor=people["steward"])


def test_a_discarded_draft_is_over(people):
    draft = intakes.discard_intake(IntakeFactory(), actor=people["staff"], reason="Twice")
    assert draft.is_deleted is True
    assert draft.deleted_reason == "Twice"
    assert story(draft) == ["deleted"]
    for act in (
        lambda: intakes.update_intake(draft, {"notes": "x"}, actor=people["staff"]),
        lambda: intakes.discard_intake(draft, actor=people["staff"], reason="Again"),
        lambda: intakes.file_grievance(draft, actor=people["staff"]),
    ):
        with pytest.raises(DomainError, match=r"This draft was discarded\. Start a new one\."):
            act()


# --- filing -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", FILERS)
def test_filing_makes_a_case_of_the_draft(people, role):
    ann, bob = MemberFactory(last_name="Aalto"), MemberFactory(last_name="Zych")
    draft = IntakeFactory(grievance_type="group", people=[bob, ann], notes="Hold out.")
    case = intakes.file_grievance(draft, actor=people[role], filed_date=FILED)

    stored = Grievance.objects.get()
    assert {name: getattr(stored, name) for name in CASE_TEXT} == {name: getattr(draft, name) for name in CASE_TEXT}
    assert stored.grievance_number == "GR-2026-0001"
    assert stored.status == "open"
    assert stored.current_step == "step_2"
    assert stored.member == ann
    assert stored.employer == draft.organization
    assert stored.filed_date == FILED
    assert stored.notes == "Hold out."
    assert stored.filed_by == people[role]
    assert stored.assigned_rep is None
    assert {grievant.member for grievant in stored.grievants.all()} == {ann, bob}
    assert " aalto" in stored.search_text
    assert " zych" in stored.search_text
    draft.refresh_from_db()
    assert (draft.filed_as, story(case)) == (case, ["grievance.filed"])


def test_a_steward_drafts_and_others_file(people):
    draft = IntakeFactory(drafted_by=people["steward"])
    with pytest.raises(PermissionDenied):
        intakes.file_grievance(draft, actor=people["steward"])
    assert not Grievance.objects.exists()


def test_what_is_missing_is_said_at_the_fields(people):
    draft = IntakeFactory(people=[], organization=None, remedy_sought="")
    with pytest.raises(ValidationError) as refused:
        intakes.file_grievance(draft, actor=people["staff"])
    assert refused.value.message_dict == {
        "organization": ["Name the employer."],
        "remedy_sought": ["Say what we ask for."],
        "members": ["An individual grievance has exactly one grievant."],
    }
    assert not Grievance.objects.exists()
    assert not NumberSequence.objects.exists()


def test_filing_twice_gives_one_case(people):
    draft = IntakeFactory()
    intakes.file_grievance(draft, actor=people["staff"])
    for act in (
        lambda: intakes.file_grievance(draft, actor=people["officer"]),
        lambda: intakes.update_intake(draft, {"notes": "x"}, actor=people["officer"]),
        lambda: intakes.discard_intake(draft, actor=people["officer"], reason="x"),
    ):
        with pytest.raises(DomainError) as refused:
            act()
        year = Grievance.objects.get().filed_date.year
        assert refused.value.sentence == f"This draft was filed already, as GR-{year}-0001. Open that case."
    assert AuditEvent.objects.filter(action="grievance.filed").count() == 1


def test_nobody_files_what_they_did_not_read(people):
    draft = IntakeFactory(version=2)
    with pytest.raises(DomainError, match="Read it again, then file it"):
        intakes.file_grievance(draft, actor=people["staff"], version=1)
    assert intakes.file_grievance(draft, actor=people["staff"], version=2).grievance_number


@pytest.mark.parametrize(("kind", "count", "step"), [("individual", 1, 3), ("group", 2, 1), ("policy", 0, 2)])
def test_the_rules_say_where_a_case_begins(people, kind, count, step):
    rules = {"entry_step_individual": 3, "entry_step_group": 1, "entry_step_policy": 2}
    one_row.change(GrievancePolicy, rules, permission=permissions.CHANGE_POLICY, actor=people["admin"])
    draft = IntakeFactory(grievance_type=kind, people=[MemberFactory() for _number in range(count)])
    assert intakes.file_grievance(draft, actor=people["staff"]).current_step == f"step_{step}"


def test_a_command_files_without_a_person():
    case = intakes.file_grievance(IntakeFactory(), actor=None, filed_date=FILED)
    assert (case.filed_by, AuditEvent.objects.get(stream=trail.stream_of(case)).actor) == (None, None)


@pytest.mark.parametrize("zone", ["America/New_York", "Pacific/Honolulu"])
def test_the_year_is_that_of_the_locals_clock(people, zone):
    """Battery I2: the last moment of the old year and the first of the new one, where the local is."""
    change_settings({"time_zone": zone}, actor=people["admin"])
    midnight = datetime.datetime(2027, 1, 1, tzinfo=ZoneInfo(zone))
    numbers = []
    for moment in (-0.1, 0.1, -0.05, 0.2):
        draft = IntakeFactory()
        with time_machine.travel(midnight + datetime.timedelta(seconds=moment), tick=False):
            case = intakes.file_grievance(draft, actor=people["staff"])
        numbers.append((case.grievance_number, str(case.filed_date)))
    assert numbers == [
        ("GR-2026-0001", "2026-12-31"),
        ("GR-2027-0001", "2027-01-01"),
        ("GR-2026-0002", "2026-12-31"),
        ("GR-2027-0002", "2027-01-01"),
    ]
