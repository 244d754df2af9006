import datetime
from io import StringIO

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.enums import IdentityKind
from accounts.factories import UserFactory
from accounts.models import User
from accounts.services import confirming, identity
from core.errors import DomainError, EditConflict
from core.models import AuditEvent
from grievances.factories import FILED, EmployerAnswerFactory, GrievanceFactory, StepRecordFactory
from grievances.forms.cases import AssignForm
from grievances.models import Grievance, GrievanceStepRecord
from grievances.services import cases
from grievances.tests.case_setup import story

pytestmark = pytest.mark.django_db
HEADS = ("officer", "grievance-chair")
OTHERS = ("staff", "representative", "steward", "admin", "member", "nobody")


# --- who works a case -------------------------------------------------------------------------------------


def test_somebody_asks_for_a_case_and_gets_it(people):
    rep, chair = people["representative"], people["grievance-chair"]
    case = GrievanceFactory()
    for _twice in range(2):
        cases.ask_for_case(case, actor=rep)
    assert story(case) == ["grievance.asked_for"]
    assert list(case.asked_by.all()) == [rep]
    form = AssignForm(record=case)
    assert form.fields["person"].initial == rep.pk
    assert form.fields["person"].help_text == "Asked for by Representative Person."
    with pytest.raises(DomainError, match="You can work this case already"):
        cases.ask_for_case(case, actor=chair)
    cases.assign_representative(case, rep, actor=chair)
    assert list(case.asked_by.all()) == []
    with pytest.raises(DomainError, match="You can work this case already"):
        cases.ask_for_case(case, actor=rep)
    with pytest.raises(DomainError, match="This case has ended"):
        cases.ask_for_case(GrievanceFactory(settled=True), actor=rep)


@pytest.mark.parametrize("role", HEADS)
def test_a_case_is_given_and_taken(people, role):
    case, rep = GrievanceFactory(), people["representative"]
    cases.assign_representative(case, rep, actor=people[role], reason="Her worksite")
    assert Grievance.objects.get().assigned_rep == rep
    cases.assign_representative(case, rep, actor=people[role])
    cases.assign_representative(case, None, actor=people[role])
    assert Grievance.objects.get().assigned_rep is None
    events = AuditEvent.objects.order_by("id").values_list("action", "reason", "body")
    given = ("grievance.assigned", "Her worksite", {"data": {"person": rep.pk}})
    assert list(events) == [given, ("grievance.unassigned", "", {})]


@pytest.mark.parametrize("role", OTHERS)
def test_who_does_not_assign_or_restrict(people, role):
    case, person = GrievanceFactory(assigned_rep=people["steward"]), people[role]
    for act in (
        lambda: cases.assign_representative(case, people["representative"], actor=person),
        lambda: cases.restrict(case, [people["officer"]], actor=person, reason="x"),
        lambda: cases.lift_restriction(case, actor=person, reason="x"),
    ):
        with pytest.raises(PermissionDenied):
            act()
    assert (story(case), Grievance.objects.get().assigned_rep) == ([], people["steward"])


def test_only_somebody_who_works_grievances_gets_a_case(people):
    case = GrievanceFactory()
    for person in (people["member"], people["expired"], UserFactory()):
        with pytest.raises(ValidationError, match="no role that works grievances"):
            cases.assign_representative(case, person, actor=people["officer"])
    with pytest.raises(EditConflict):
        cases.assign_representative(case, people["steward"], actor=people["officer"], version=9)
    assert Grievance.objects.get().assigned_rep is None


# --- notes ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["officer", "grievance-chair", "representative", "steward"])
def test_notes_are_written_by_those_who_read_strategy_and_work_the_case(people, role):
    case = GrievanceFactory(assigned_rep=people[role])
    cases.change_notes(case, "Hold out.", actor=people[role], version=1)
    case.refresh_from_db()
    assert case.notes == "Hold out."
    assert case.version == 2
    assert AuditEvent.objects.get().body == {"changes": [{"field": "notes"}]}


def test_whose_notes_they_are_not(people):
    case = GrievanceFactory(assigned_rep=people["steward"], notes="Ours")
    with pytest.raises(PermissionDenied):
        cases.change_notes(case, "x", actor=people["staff"])
    with pytest.raises(DomainError, match="assigned to Steward Person"):
        cases.change_notes(case, "x", actor=people["representative"])
    with pytest.raises(EditConflict):
        cases.change_notes(case, "x", actor=people["officer"], version=7)
    assert Grievance.objects.get().notes == "Ours"


# --- restriction --------------------------------------------------------------------------------------------


def test_restricting_and_lifting(people):
    case, officer = GrievanceFactory(), people["officer"]
    cases.restrict(case, [officer, people["staff"]], actor=officer, reason="A party is staff", version=1)
    seen = {
        role: Grievance.objects.visible_to(people[role]).exists() for role in ("officer", "staff", "grievance-chair")
    }
    assert seen == {"officer": True, "staff": True, "grievance-chair": False}
    with pytest.raises(DomainError, match="no longer there"):
        cases.lift_restriction(case, actor=people["grievance-chair"], reason="x")
    cases.lift_restriction(case, actor=officer, reason="It was nothing")
    case.refresh_from_db()
    assert case.is_restricted is False
    assert case.named_people.count() == 0
    assert case.version == 3
    assert story(case) == ["grievance.restricted", "grievance.restriction_lifted"]
    with pytest.raises(DomainError, match="not restricted"):
        cases.lift_restriction(case, actor=officer, reason="x")


def test_who_cannot_be_named(people):
    officer, member = people["officer"], people["member"]
    case = GrievanceFactory(people=[member.member], assigned_rep=people["representative"])
    with pytest.raises(ValidationError, match="grievant of the case cannot"):
        cases.restrict(case, [officer, member], actor=officer, reason="x")
    with pytest.raises(ValidationError, match="whose roles let them see grievances"):
        cases.restrict(case, [officer, people["admin"]], actor=officer, reason="x")
    with pytest.raises(ValidationError, match="who may lift the restriction again"):
        cases.restrict(case, [people["representative"]], actor=officer, reason="x")
    with pytest.raises(ValidationError, match="Name the representative of the case too"):
        cases.restrict(case, [officer], actor=officer, reason="x")
    assert Grievance.objects.get().is_restricted is False
    assert story(case) == []


@pytest.mark.parametrize("kind", ["password", "factor", "address"])
def test_a_named_person_of_whom_somebody_else_may_hold_the_account_sees_nothing(people, kind):
    officer, clerk = people["officer"], people["staff"]
    case = cases.restrict(GrievanceFactory(), [officer, clerk], actor=officer, reason="A party is staff")
    identity.raise_epoch(clerk, IdentityKind(kind), actor=people["admin"])
    seen = {name: list(Grievance.objects.whole_to(people[name])) for name in ("officer", "staff")}
    assert seen == {"officer": [case], "staff": []}
    other, first = GrievanceFactory(), "Somebody else could use this person’s account. An officer has to confirm the"
    with pytest.raises(ValidationError, match=f"Staff Person: {first}"):
        cases.restrict(other, [officer, clerk], actor=officer, reason="A party is staff")
    case.named_people.remove(officer)
    assert list(Grievance.objects.seen_by_nobody()) == [case]
    confirming.confirm(User.objects.get(pk=clerk.pk), actor=officer)
    assert list(Grievance.objects.whole_to(clerk).filter(is_restricted=True)) == [case]
    assert list(Grievance.objects.seen_by_nobody()) == []


def test_a_named_person_of_whom_somebody_else_may_hold_the_account_is_not_to_be_named_again(people):
    officer, rep = people["officer"], people["representative"]
    case = cases.restrict(GrievanceFactory(), [officer, rep], actor=officer, reason="A party is staff")
    identity.raise_epoch(rep, IdentityKind.PASSWORD, actor=people["admin"])
    with pytest.raises(ValidationError) as refused:
        cases.assign_representative(case, rep, actor=officer)
    assert refused.value.message_dict == {"person": [identity.confirm_first()]}
    confirming.confirm(User.objects.get(pk=rep.pk), actor=officer)
    assert cases.assign_representative(case, rep, actor=officer).assigned_rep == rep


@pytest.fixture
def unseen(people):
    """A restricted case of which nobody who is named may read cases any more, and that waits for its representative."""
    officer, rep = people["officer"], people["representative"]
    case = cases.restrict(
        GrievanceFactory(people=[people["member"].member], assigned_rep=rep, number=12),
        [officer, rep],
        actor=officer,
        reason="A party is staff",
    )
    for name in ("officer", "representative"):
        people[name].assignments.update(ended_at=timezone.now())
    return case


def name_people(*arguments):
    out = StringIO()
    call_command("name_people", *arguments, stdout=out)
    return out.getvalue()


def test_the_server_names_people_for_a_case_that_nobody_sees(people, unseen):
    chair, why = people["grievance-chair"], ("--reason", "The executive board decided it")
    told = name_people("GR-2026-0012", chair.email.upper(), *why)
    assert told == "GR-2026-0012 is seen by Grievance-Chair Person from now on.\n"
    [case] = Grievance.objects.whole_to(chair)
    assert (case, list(case.named_people.all()), case.assigned_rep) == (unseen, [chair], None)
    assert story(unseen) == ["grievance.restricted", "grievance.unassigned", "grievance.restricted"]
    for arguments, sentence in (
        (("GR-2026-0012", people["staff"].email), "Somebody sees this case"),
        (("GR-2026-0013", chair.email), "No case has this number"),
        (("GR-2026-0012", "nobody@x.example"), "Nobody signs in with nobody@x.example"),
    ):
        with pytest.raises(CommandError, match=sentence):
            name_people(*arguments, *why)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [("member", "A grievant of the case cannot"), ("staff", "who may lift the restriction again")],
)
def test_whom_the_server_cannot_name(people, unseen, name, sentence):
    with pytest.raises(CommandError, match=sentence):
        name_people("GR-2026-0012", people[name].email, "--reason", "The executive board decided it")
    assert story(unseen) == ["grievance.restricted"]
    assert list(Grievance.objects.seen_by_nobody()) == [unseen]


def test_a_restricted_case_is_only_given_to_somebody_named(people):
    officer = people["officer"]
    case = cases.restrict(GrievanceFactory(), [officer, people["steward"]], actor=officer, reason="x")
    with pytest.raises(ValidationError, match="Name this person there first"):
        cases.assign_representative(case, people["representative"], actor=officer)
    cases.assign_representative(case, people["steward"], actor=officer)
    assert Grievance.objects.get().assigned_rep == people["steward"]


# --- step records -------------------------------------------------------------------------------------------


def test_a_wrong_record_is_replaced_and_kept(people):
    record = StepRecordFactory(notes="Wrong day")
    right = FILED + datetime.timedelta(3)
    fresh = cases.supersede_step_record(
        record, {"meeting_date": right, "notes": "Right day"}, actor=people["staff"], reason="Typed the wrong day"
    )
    record.refresh_from_db()
    assert record.notes == "Wrong day"
    assert record.superseded_by == fresh
    assert record.superseded_reason == "Typed the wrong day"
    assert fresh.meeting_date == right
    assert fresh.notes == "Right day"
    assert fresh.union_attendees == record.union_attendees
    assert list(GrievanceStepRecord.objects.live()) == [fresh]
    event = AuditEvent.objects.get()
    assert event.action == "grievance.step_superseded"
    assert event.subject_id == str(record.grievance_id)
    assert event.body == {"data": {"step": "step_1"}}
    with pytest.raises(DomainError, match="replaced already"):
        cases.supersede_step_record(record, {}, actor=people["staff"], reason="Again")


def test_whose_record_it_is_not(people):
    record = StepRecordFactory()
    with pytest.raises(DomainError, match="assigned to nobody"):
        cases.supersede_step_record(record, {}, actor=people["representative"], reason="x")
    with pytest.raises(PermissionDenied):
        cases.supersede_step_record(record, {}, actor=people["member"], reason="x")
    with pytest.raises(EditConflict):
        cases.supersede_step_record(record, {}, actor=people["staff"], reason="x", version=5)
    assert GrievanceStepRecord.objects.count() == 1


def test_outcomes_of_moves_stay(people):
    advanced, open_record = StepRecordFactory(outcome="advanced"), StepRecordFactory()
    for record, outcome in ((advanced, ""), (advanced, "denied"), (open_record, "settled")):
        with pytest.raises(ValidationError, match="follows from a move"):
            cases.supersede_step_record(record, {"outcome": outcome}, actor=people["officer"], reason="x")
    fresh = cases.supersede_step_record(open_record, {"outcome": "denied"}, actor=people["staff"], reason="x")
    assert fresh.outcome == "denied"


# --- answers of the employer ---------------------------------------------------------------------------------


def test_a_wrong_answer_is_replaced_and_kept(people):
    answer = EmployerAnswerFactory()
    right = FILED + datetime.timedelta(3)
    fresh = cases.supersede_answer(answer, {"received_on": right}, actor=people["staff"], reason="Read the stamp")
    answer.refresh_from_db()
    assert (answer.superseded_by, answer.superseded_reason) == (fresh, "Read the stamp")
    assert (fresh.received_on, fresh.words, fresh.step_number) == (right, answer.words, 1)
    assert story(answer.grievance) == ["grievance.answer_superseded"]
    with pytest.raises(DomainError, match="replaced already"):
        cases.supersede_answer(answer, {}, actor=people["staff"], reason="Again")
    with pytest.raises(DomainError, match="assigned to nobody"):
        cases.supersede_answer(fresh, {}, actor=people["representative"], reason="x")


def test_the_outcome_of_the_step_follows_the_answer_put_right(people):
    record = StepRecordFactory(outcome="denied")
    answer = EmployerAnswerFactory(grievance=record.grievance)

    def outcomes():
        return [row.outcome for row in GrievanceStepRecord.objects.live()]

    answer = cases.supersede_answer(answer, {"answer": "offer"}, actor=people["staff"], reason="Misread")
    assert outcomes() == [""]
    cases.supersede_answer(answer, {"answer": "denied"}, actor=people["staff"], reason="Misread again")
    assert outcomes() == ["denied"]


def test_an_answer_put_right_changes_no_outcome_that_a_move_has_set(people):
    record = StepRecordFactory(outcome="advanced")
    answer = EmployerAnswerFactory(grievance=record.grievance)
    cases.supersede_answer(answer, {"answer": "offer"}, actor=people["staff"], reason="Misread")
    assert [row.outcome for row in GrievanceStepRecord.objects.live()] == ["advanced"]


@pytest.mark.parametrize(("role", "step", "allowed"), [("staff", 1, True), ("staff", 3, False), ("officer", 3, True)])
def test_a_denial_at_the_last_step_is_taken_back_by_the_heads_only(people, role, step, allowed):
    record = StepRecordFactory(
        outcome="denied", step_number=step, grievance__current_step=f"step_{step}", grievance__status="hearing"
    )

    def take_back():
        cases.supersede_step_record(record, {"outcome": ""}, actor=people[role], reason="A misunderstanding")

    if allowed:
        take_back()
    else:
        with pytest.raises(PermissionDenied):
            take_back()
    assert [row.outcome for row in GrievanceStepRecord.objects.live()] == ["" if allowed else "denied"]
