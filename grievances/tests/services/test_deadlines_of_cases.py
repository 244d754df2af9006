"""A case walks through the steps of its agreement: which dates run, which were met, and that none is overwritten."""

import datetime as dt

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.utils import timezone

from core.errors import DomainError
from core.site import local_now
from grievances import working
from grievances.enums import ClockKind, DeadlineEnd, Step
from grievances.factories import AgreementFactory, CaseDocumentFactory, ExtensionFactory, IntakeFactory
from grievances.models import AgreementStage, Deadline, HolidayListVersion, StageEntry, StepRule
from grievances.services import agreements, cases, clocks, deliveries, holidays, intakes, late_filing, merging, moves
from members.factories import OrganizationFactory

pytestmark = pytest.mark.django_db

day = dt.date.fromisoformat


@pytest.fixture(autouse=True)
def morning():
    with time_machine.travel(dt.datetime(2026, 9, 1, 14, tzinfo=dt.UTC), tick=False) as traveller:
        yield traveller


def go_to(traveller, text):
    traveller.move_to(dt.datetime.fromisoformat(text).replace(hour=14, tzinfo=dt.UTC))


@pytest.fixture
def agreement():
    return AgreementFactory()


@pytest.fixture
def chair(people):
    return people["grievance-chair"]


def draft(agreement, **fields):
    known = {"incident_date": day("2026-08-24"), "knowledge_date": day("2026-08-25"), **fields}
    intake = IntakeFactory(organization=agreement.employer, **known)
    clocks.refresh_draft(intake)
    return intake


def filed(agreement, on="2026-09-01", **fields):
    return intakes.file_grievance(draft(agreement, **fields), actor=None, filed_date=day(on))


def running(case):
    rows = Deadline.objects.filter(grievance=case).running().in_order()
    return [(row.clock, row.stage, row.due.isoformat()) for row in rows]


def test_a_draft_has_its_filing_deadline_from_its_first_date(agreement):
    intake = draft(agreement)
    row = Deadline.objects.get(intake=intake)
    assert (row.clock, row.side, row.due) == (ClockKind.FILE, "union", day("2026-09-09"))
    assert row.started_on == day("2026-08-25")
    assert sum(1 for item in row.explanation["counted"] if item[1]) == 10


def test_a_date_typed_anew_puts_another_beside_the_one_before(agreement):
    intake = draft(agreement)
    intakes.update_intake(intake, {"knowledge_date": day("2026-08-24")}, actor=None)
    rows = Deadline.objects.filter(intake=intake).order_by("-contract_date")
    assert [(row.due.isoformat(), row.end) for row in rows] == [("2026-09-09", "replaced"), ("2026-09-08", "")]
    assert rows[0].superseded_by == rows[1]


def test_a_draft_at_another_employer_is_counted_by_that_agreement(agreement):
    other, silent = AgreementFactory(), OrganizationFactory()
    other.stages.get(position=1).rules.filter(clock="file").update(days=5)
    intake = draft(agreement)
    for employer, found in ((other.employer, ["2026-09-01"]), (silent, []), (agreement.employer, ["2026-09-09"])):
        intake = intakes.update_intake(intake, {"organization": employer}, actor=None)
        rows = Deadline.objects.filter(intake=intake).running()
        assert [row.due.isoformat() for row in rows] == found
    assert rows[0].rule.stage.agreement == agreement


def test_the_agreement_that_is_begun_next_dates_the_drafts_that_it_covers(agreement):
    agreements.change_agreement(agreement, {"effective_to": day("2026-06-30")}, actor=None)
    intake = draft(agreement, incident_date=day("2026-07-15"), knowledge_date=None)
    assert not Deadline.objects.exists()
    agreements.copy_agreement(agreement, actor=None, effective_from=day("2026-07-01"))
    assert Deadline.objects.running().get(intake=intake).due == day("2026-07-29")
    assert late_filing.late_sentence(intake, day("2026-09-01")).startswith("It had to be filed by Wed 29 Jul 2026.")


def test_a_draft_without_an_agreement_has_no_date():
    intake = IntakeFactory()
    clocks.refresh_draft(intake)
    assert not Deadline.objects.exists()


def test_filing_takes_the_deadline_along_and_starts_the_employers_clock(agreement):
    case = filed(agreement)
    assert (case.agreement, case.stage, case.stage_name) == (agreement, 1, "Stage 1")
    assert running(case) == [("file", 1, "2026-09-09"), ("meet", 1, "2026-09-16")]


def test_only_a_delivery_meets_our_deadline(agreement):
    case = filed(agreement)
    deadline = case.deadlines.get(clock=ClockKind.FILE)
    values = {"deadline": deadline, "what": "Form", "how": "hand", "to_whom": "M. Stone", "proof": "Signed copy"}
    deliveries.record_delivery(case, {**values, "delivered_at": timezone.now()}, actor=None)
    deadline.refresh_from_db()
    assert (deadline.end, deadline.ended_on) == (DeadlineEnd.MET, day("2026-09-01"))
    assert running(case) == [("meet", 1, "2026-09-16")]
    with pytest.raises(ValidationError, match="ended already"):
        deliveries.record_delivery(case, {**values, "delivered_at": timezone.now()}, actor=None)


def test_a_delivery_to_come_is_refused(agreement):
    case = filed(agreement)
    values = {"what": "Form", "how": "hand", "to_whom": "M. Stone", "proof": "Signed copy"}
    with pytest.raises(ValidationError, match="still to come"):
        deliveries.record_delivery(case, {**values, "delivered_at": timezone.now() + dt.timedelta(1)}, actor=None)


def delivered(case, deadline, moment):
    values = {"deadline": deadline, "what": "Form", "how": "hand", "to_whom": "M. Stone", "proof": "Signed copy"}
    at = dt.datetime.fromisoformat(moment).replace(tzinfo=local_now().tzinfo)
    deliveries.record_delivery(case, {**values, "delivered_at": at}, actor=None)
    deadline.refresh_from_db()
    return deadline


@pytest.mark.parametrize(("time", "end"), [("17:00", DeadlineEnd.MET), ("17:01", DeadlineEnd.LATE)])
def test_what_arrives_after_the_cut_off_of_the_last_day_is_late(agreement, morning, time, end):
    case = filed(agreement)
    go_to(morning, "2026-09-11")
    deadline = delivered(case, case.deadlines.get(clock=ClockKind.FILE), f"2026-09-09 {time}")
    assert (deadline.end, deadline.ended_on) == (end, day("2026-09-09"))


def test_nothing_arrives_before_the_day_it_counts_from(agreement):
    case = filed(agreement)
    deadline = case.deadlines.get(clock=ClockKind.FILE)
    with pytest.raises(ValidationError, match="Tue 25 Aug 2026"):
        delivered(case, deadline, "2016-09-01 08:00")
    assert delivered(case, deadline, "2026-08-25 08:00").end == DeadlineEnd.MET


def test_a_date_that_was_moved_meanwhile_is_not_met(agreement):
    case = filed(agreement)
    seen = case.deadlines.get(clock=ClockKind.FILE)
    extension_of(case.deadlines.get(clock=ClockKind.FILE), document="Letter of 1 September")
    with pytest.raises(ValidationError, match="ended already"):
        delivered(case, seen, "2026-09-01 08:00")
    fresh = case.deadlines.running().get(clock=ClockKind.FILE)
    assert fresh.supersedes == seen
    assert delivered(case, fresh, "2026-09-01 08:00").end == DeadlineEnd.MET


def test_a_meeting_meets_theirs_and_a_further_one_moves_the_answer(agreement, morning, chair):
    case = filed(agreement)
    go_to(morning, "2026-09-10")
    case = moves.hold_meeting(case, actor=chair, meeting_date=day("2026-09-10"))
    assert running(case)[1:] == [("answer", 1, "2026-09-17")]
    go_to(morning, "2026-09-14")
    case = moves.record_meeting(case, actor=chair, meeting_date=day("2026-09-14"))
    assert running(case)[1:] == [("answer", 1, "2026-09-21")]
    answers = case.deadlines.filter(clock=ClockKind.ANSWER).order_by("contract_date")
    assert [(row.due.isoformat(), row.end) for row in answers] == [("2026-09-17", "replaced"), ("2026-09-21", "")]


def test_silence_starts_our_clock_the_day_after(agreement, morning, chair):
    case = filed(agreement)
    go_to(morning, "2026-09-10")
    case = moves.hold_meeting(case, actor=chair, meeting_date=day("2026-09-10"))
    clocks.refresh(case, today=day("2026-09-17"))
    assert ("appeal", 1, "2026-10-01") not in running(case)
    clocks.refresh(case, today=day("2026-09-18"))
    assert ("appeal", 1, "2026-10-01") in running(case)


def test_the_employers_deadline_is_met_or_late_by_the_day_of_the_answer_that_was_put_right(agreement, morning, chair):
    case = filed(agreement)
    late_filing.carry_over(case, side="employer", due=day("2026-09-16"), what="Written answer", source="Ledger")
    go_to(morning, "2026-09-10")
    case = moves.hold_meeting(case, actor=chair, meeting_date=day("2026-09-10"))
    go_to(morning, "2026-09-21")
    moves.record_answer(case, actor=chair, received_on=day("2026-09-16"), how="mail", answer="denied")

    def rows():
        found = case.deadlines.exclude(clock="file").exclude(end="replaced").order_by("clock")
        return [(row.clock, str(row.contract_date)[5:], row.end, str(row.ended_on or "")[5:]) for row in found]

    met = ("meet", "09-16", "met", "09-10")
    told = [rows()]
    for on in ("2026-09-18", "2026-09-15"):
        wrong = case.answers.get(superseded_by=None)
        cases.supersede_answer(wrong, {"received_on": day(on)}, actor=chair, reason="Read the stamp.")
        told.append(rows())
    versions = list(case.deadlines.order_by("pk").values_list("version"))
    cases.supersede_answer(case.answers.get(superseded_by=None), {"words": "No."}, actor=chair, reason="Its words.")
    assert list(case.deadlines.order_by("pk").values_list("version")) == versions
    assert told == [
        [("answer", "09-17", end, on), ("appeal", until, "", ""), ("carried", "09-16", carried, on), met]
        for on, end, carried, until in (
            ("09-16", "met", "met", "09-30"),
            ("09-18", "late", "late", "10-01"),
            ("09-15", "met", "met", "09-29"),
        )
    ]


def test_moving_on_ends_what_the_employer_owed_and_starts_the_next_step(agreement, morning, chair):
    case = filed(agreement)
    go_to(morning, "2026-09-10")
    case = moves.hold_meeting(case, actor=chair, meeting_date=day("2026-09-10"))
    case = moves.advance(case, actor=chair)
    assert (case.stage, case.stage_name, case.current_step) == (2, "Stage 2", Step.STEP_2)
    assert running(case) == [("file", 1, "2026-09-09"), ("meet", 2, "2026-09-24")]


def test_steps_that_the_contract_does_not_use_are_skipped(agreement, chair):
    AgreementStage.objects.get(agreement=agreement, position=2).rules.all().delete()
    AgreementStage.objects.get(agreement=agreement, position=2).delete()
    case = moves.advance(filed(agreement), actor=chair)
    assert (case.stage, case.current_step) == (3, Step.STEP_3)


def test_a_joint_board_stands_between_the_last_step_and_arbitration(agreement, chair):
    board = AgreementStage.objects.create(agreement=agreement, position=4, step=Step.STEP_3, name="Joint board")
    StepRule.objects.create(stage=board, clock="meet", days=45, trigger="begun")
    case = filed(agreement, grievance_type="policy", people=[])
    assert case.stage_name == "Stage 3"
    with pytest.raises(DomainError, match="Move the case to the next step first"):
        moves.demand_arbitration(case, actor=chair)
    case = moves.advance(case, actor=chair)
    assert (case.stage_name, case.current_step) == ("Joint board", Step.STEP_3)
    assert running(case)[-1] == ("meet", 4, "2026-10-16")
    with pytest.raises(DomainError, match="After the last step comes arbitration"):
        moves.advance(case, actor=chair)
    case = moves.demand_arbitration(case, actor=chair)
    assert (case.stage, case.stage_name, case.current_step) == (None, "", Step.ARBITRATION)


def test_the_appeals_delivery_is_what_the_next_step_counts_from(agreement, morning, chair):
    case = filed(agreement)
    go_to(morning, "2026-09-10")
    case = moves.hold_meeting(case, actor=chair, meeting_date=day("2026-09-10"))
    go_to(morning, "2026-09-22")
    clocks.refresh(case)
    case = moves.advance(case, actor=chair)
    appeal = case.deadlines.running().get(clock=ClockKind.APPEAL)
    sent = dt.datetime(2026, 9, 21, 14, tzinfo=dt.UTC)
    values = {"deadline": appeal, "what": "Appeal", "how": "email", "to_whom": "HR", "proof": "Sent mail"}
    deliveries.record_delivery(case, {**values, "delivered_at": sent}, actor=None)
    assert StageEntry.objects.get(grievance=case, stage=2).entered_on == day("2026-09-21")
    assert ("meet", 2, "2026-10-05") in running(case)


def extension_of(deadline, **fields):
    agreed = {"new_date": day("2026-09-30"), "for_union": "D. Reyes", "for_employer": "M. Stone"}
    return deliveries.record_extension(deadline, {**agreed, "agreed_on": day("2026-09-01"), **fields}, actor=None)


def test_an_extension_without_its_document_moves_nothing(agreement):
    case = filed(agreement)
    extension = extension_of(case.deadlines.get(clock=ClockKind.MEET))
    assert not extension.is_confirmed
    assert ("meet", 1, "2026-09-16") in running(case)
    deliveries.confirm_extension(extension, document="Letter of 2 September", actor=None)
    assert ("meet", 1, "2026-09-30") in running(case)
    with pytest.raises(DomainError, match="confirmed already"):
        deliveries.confirm_extension(extension, document="Again", actor=None)


def test_an_extension_of_the_answer_moves_what_follows(agreement, morning, chair):
    case = filed(agreement)
    go_to(morning, "2026-09-10")
    case = moves.hold_meeting(case, actor=chair, meeting_date=day("2026-09-10"))
    extension_of(case.deadlines.running().get(clock=ClockKind.ANSWER), document="Mail of 10 September")
    assert ("answer", 1, "2026-09-30") in running(case)
    clocks.refresh(case, today=day("2026-10-01"))
    assert ("appeal", 1, "2026-10-15") in running(case)


def test_an_extension_is_later_than_what_it_extends(agreement):
    with pytest.raises(ValidationError, match="no later"):
        extension_of(filed(agreement).deadlines.get(clock=ClockKind.MEET), new_date=day("2026-09-16"))


def test_a_new_list_of_holidays_moves_no_date_that_was_computed(agreement):
    case = filed(agreement)
    kept = list(case.deadlines.order_by("pk").values_list("pk", "due", "explanation"))
    row = agreement.holiday_list
    values = {"name": row.name, "names": row.names, "observed": row.observed, "extra": "2026-09-03 Founders’ day"}
    holidays.change_list(row, values, actor=None, version=row.version)
    clocks.refresh(case)
    assert HolidayListVersion.objects.filter(holiday_list=row).count() == 2
    assert list(case.deadlines.order_by("pk").values_list("pk", "due", "explanation")) == kept
    assert Deadline.objects.get(intake=draft(agreement)).due == day("2026-09-10")


def test_settling_ends_every_clock_and_reopening_starts_them_again(agreement, chair):
    case = filed(agreement)
    told = [(person, day("2026-09-01"), "phone") for person in case.grievants.all()]
    case = moves.settle(case, actor=chair, reason="Paid.", decided_by="Chair", day=day("2026-09-01"), told=told)
    assert running(case) == []
    case = moves.reopen(case, actor=chair, reason="The employer did not pay.")
    assert ("meet", 1, "2026-09-16") in running(case)


def test_filing_late_is_asked_about_and_never_refused(agreement, morning):
    agreement.tolling = "The time stands still while a member is on leave."
    agreement.save()
    intake = draft(agreement)
    go_to(morning, "2026-09-10")
    assert late_filing.late_sentence(intake, day("2026-09-09")) == ""
    assert late_filing.late_sentence(intake, day("2026-09-10")) == (
        "It had to be filed by Wed 9 Sep 2026. Under the contract a grievance that is late means: "
        "the grievance is waived. The contract also says: The time stands still while a member is on leave."
    )
    case = intakes.file_grievance(intake, actor=None, late_reason="He was on leave.")
    assert case.late_reason == "He was on leave."


def test_a_case_without_an_agreement_says_that_nobody_computes_its_dates():
    case = intakes.file_grievance(IntakeFactory(), actor=None)
    assert running(case) == []
    assert "nobody computes its dates" in working.status_words(case)


def test_two_agreements_at_once_leave_the_choice_to_a_person(agreement):
    AgreementFactory(employer=agreement.employer, title="The other shop")
    case = filed(agreement)
    assert case.agreement is None
    case = agreements.choose_agreement(case, agreement, actor=None)
    assert running(case) == [("file", 1, "2026-09-09"), ("meet", 1, "2026-09-16")]


def test_the_agreement_that_is_chosen_later_moves_the_time_to_file(agreement):
    other = AgreementFactory(employer=agreement.employer, title="The other shop")
    other.stages.get(position=1).rules.filter(clock="file").update(days=6)
    case, agreed = filed(agreement), filed(agreement)
    extension_of(Deadline.objects.running().get(grievance=agreed), new_date=day("2026-09-15"), document="Letter")
    assert running(case) == [("file", 1, "2026-09-02")]  # safe under both
    for found, last in ((case, "2026-09-02"), (agreed, "2026-09-15")):
        agreements.choose_agreement(found, other, actor=None)
        assert Deadline.objects.running().get(grievance=found, clock="file").contract_date == day(last)


def test_of_two_agreements_the_one_that_is_named_at_filing_counts(agreement):
    other = AgreementFactory(employer=agreement.employer, title="The other shop")
    other.stages.get(position=1).rules.filter(clock="file").update(days=6)
    intake, late = draft(agreement), day("2026-09-03")
    assert late_filing.late_sentence(intake, late) == late_filing.late_sentence(intake, late, agreement) == ""
    assert late_filing.late_sentence(intake, late, other) == (
        "It had to be filed by Wed 2 Sep 2026. Under the contract a grievance that is late means: "
        "the grievance is waived."
    )
    case = intakes.file_grievance(intake, actor=None, filed_date=day("2026-09-01"), agreement=other)
    assert case.agreement == other
    assert running(case) == [("file", 1, "2026-09-02"), ("meet", 1, "2026-09-16")]


def test_naming_the_only_agreement_moves_no_date_that_stands(agreement):
    intake = draft(agreement)
    stored = Deadline.objects.get(intake=intake)
    agreement.stages.get(position=1).rules.filter(clock="file").update(days=3)
    assert late_filing.late_sentence(intake, day("2026-09-03"), agreement) == ""
    case = intakes.file_grievance(intake, actor=None, filed_date=day("2026-09-01"), agreement=agreement)
    assert Deadline.objects.running().get(grievance=case, clock="file").pk == stored.pk


def test_a_merge_that_leaves_two_agreements_for_one_day_gives_drafts_a_safe_date(agreement, people):
    other = AgreementFactory(title="The other shop")
    other.stages.get(position=1).rules.filter(clock="file").update(days=6)
    intake = draft(agreement)
    merging.follow_employer(agreement.employer, other.employer, actor=people["officer"])
    row = Deadline.objects.running().get(intake=intake)
    assert (row.contract_date, row.due) == (day("2026-09-09"), day("2026-09-02"))
    said = late_filing.unclear_agreement(intake)
    assert said.startswith("On Mon 24 Aug 2026 more than one agreement with")
    intake = intakes.update_intake(intake, {"remedy_sought": "Pay it."}, actor=None)
    assert Deadline.objects.running().get(intake=intake) == row
    agreements.change_agreement(other, {"effective_to": day("2026-08-01")}, actor=None)
    assert Deadline.objects.running().get(intake=intake).due == day("2026-09-09")
    assert late_filing.unclear_agreement(intake) == ""


def test_an_agreement_that_goes_to_another_employer_takes_the_dates_of_drafts_along(agreement):
    other = OrganizationFactory()
    here = draft(agreement)
    there = IntakeFactory(organization=other, incident_date=day("2026-08-24"), knowledge_date=day("2026-08-25"))
    agreements.change_agreement(agreement, {"employer": other}, actor=None)
    rows = Deadline.objects.values_list("intake", "contract_date", "end")
    assert set(rows) == {(here.pk, day("2026-09-09"), "moot"), (there.pk, day("2026-09-09"), "")}


def test_a_closure_that_is_taken_out_counts_again_in_drafts(agreement):
    days = {"name": "Shutdown", "first_day": day("2026-08-27"), "last_day": day("2026-08-28")}
    closure = agreements.add_closure(agreement, days, actor=None)
    case, intake = filed(agreement), draft(agreement)
    agreements.remove_closure(closure, actor=None)
    assert Deadline.objects.get(grievance=case, clock=ClockKind.FILE).due == day("2026-09-11")
    assert Deadline.objects.running().get(intake=intake).due == day("2026-09-09")


@pytest.mark.parametrize("values", [{"position": 9}, {"step": Step.STEP_2}])
def test_a_step_at_which_cases_have_been_keeps_its_place(agreement, values):
    filed(agreement)
    used, free = agreement.stages.get(position=1), agreement.stages.get(position=3)
    with pytest.raises(ValidationError, match="Cases have been at this step"):
        agreements.save_stage(agreement, values, actor=None, stage=used)
    known = {"position": 1, "step": Step.STEP_1, "name": "First step"}
    assert agreements.save_stage(agreement, known, actor=None, stage=used).name == "First step"
    assert agreements.save_stage(agreement, {"position": 5}, actor=None, stage=free).position == 5


def test_a_carried_over_date_keeps_its_source(agreement):
    case = filed(agreement)
    values = {"side": "union", "due": day("2026-09-20"), "what": "Step 2 appeal", "source": "Ledger of 2025"}
    row = late_filing.carry_over(case, **values)
    clocks.refresh(case)
    row.refresh_from_db()
    assert (row.is_running, row.source) == (True, "Ledger of 2025")


def test_the_document_of_an_extension_is_one_of_the_case_s(people):
    extension = ExtensionFactory()
    here, elsewhere = CaseDocumentFactory(grievance=extension.grievance, category="letter"), CaseDocumentFactory()
    with pytest.raises(ValidationError, match="no document of the case any more"):
        deliveries.confirm_extension(extension, file=elsewhere, actor=None)
    with pytest.raises(ValidationError, match="or choose it"):
        deliveries.confirm_extension(extension, actor=None)
    added_in_the_evening = dt.datetime(2026, 9, 2, 1, 30, tzinfo=dt.UTC)
    type(here).objects.filter(pk=here.pk).update(added_at=added_in_the_evening)
    here.refresh_from_db()
    deliveries.confirm_extension(extension, file=here, actor=None)
    extension.refresh_from_db()
    assert extension.document == "Letter or e-mail of Tue 1 Sep 2026"
    assert extension.document_file == here
