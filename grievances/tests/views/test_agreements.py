"""Agreements as a business representative writes them, and as others read them."""

import datetime as dt

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from core.models import AuditEvent
from core.tests.pages import errors, said
from grievances.enums import GrievanceAction
from grievances.factories import (
    AgreementClosureFactory,
    AgreementFactory,
    AgreementFileFactory,
    DeadlineFactory,
    IntakeFactory,
)
from grievances.models import Agreement, AgreementStage, Deadline, HolidayListVersion, StepRule
from grievances.services import clocks, intakes, moves
from members.factories import EmploymentFactory, OrganizationFactory

pytestmark = pytest.mark.django_db

day = dt.date.fromisoformat
TYPED = {
    "title": "Yard agreement",
    "effective_from": "2026-01-01",
    "silence": "advances",
    "lateness": "withdrawn",
    "entry_step_individual": "1",
    "entry_step_group": "2",
    "entry_step_policy": "3",
    "panel_source": "fmcs",
    "panel_size": "7",
    "first_strike": "coin",
}
RULE = {"clock": "file", "days": "10", "unit": "working", "trigger": "incident", "clause": "Article 9"}


@pytest.fixture(autouse=True)
def morning():
    with time_machine.travel(dt.datetime(2026, 9, 1, 14, tzinfo=dt.UTC), tick=False) as traveller:
        yield traveller


@pytest.fixture
def browser(client_of):
    return client_of("representative")


@pytest.fixture
def agreement():
    return AgreementFactory()


def test_a_representative_writes_one_from_the_first_page_to_a_draft_with_its_date(browser):
    employer = OrganizationFactory(name="Crane Yard")
    browser.post(reverse("agreement_create"), {**TYPED, "employer": "Crane Yard"})
    agreement = Agreement.objects.get()
    assert [stage.name for stage in agreement.stages.all()] == ["Step 1", "Step 2", "Step 3"]
    intake = IntakeFactory(organization=employer, incident_date=day("2026-08-28"))
    stage = agreement.stages.get(position=1)
    answer = browser.post(
        reverse("step_rule_create", args=[agreement.pk]), {**RULE, "stage": str(stage.pk)}, follow=True
    )
    assert said(answer)[-1].startswith("Deadline saved.")
    assert Deadline.objects.get(intake=intake).due == day("2026-09-11")


def test_an_even_panel_is_refused(browser):
    OrganizationFactory(name="Crane Yard")
    answer = browser.post(reverse("agreement_create"), {**TYPED, "employer": "Crane Yard", "panel_size": "6"})
    assert answer.status_code == 422
    assert "odd number" in answer.text


def test_the_editor_shows_a_live_example(browser, agreement):
    path = reverse("step_rule_create", args=[agreement.pk])
    typed = {**RULE, "stage": str(agreement.stages.get(position=2).pk), "example_day": "2025-06-13", "example": "1"}
    fragment = browser.post(path, typed, headers={"HX-Request": "true"})
    assert "An incident on Fri 13 Jun 2025 must be filed by Mon 30 Jun 2025, because Article 9:" in fragment.text
    assert "<form" not in fragment.text
    whole = browser.post(path, typed)
    assert "An incident on Fri 13 Jun 2025 must be filed by Mon 30 Jun 2025" in whole.text
    assert not StepRule.objects.filter(stage__position=2, clock="file").exists()


def test_an_unclear_rule_says_the_safe_date(browser, agreement):
    path = reverse("step_rule_create", args=[agreement.pk])
    typed = {**RULE, "stage": str(agreement.stages.get(position=2).pk), "example_day": "2025-06-13", "example": "1"}
    answer = browser.post(path, {**typed, "unclear_unit": "on"}, headers={"HX-Request": "true"})
    assert "act by Mon 23 Jun 2025 to be safe" in answer.text


def test_a_deadline_is_counted_only_from_what_starts_it(browser, agreement):
    path = reverse("step_rule_create", args=[agreement.pk])
    typed = {**RULE, "stage": str(agreement.stages.get(position=2).pk), "trigger": "answer"}
    answer = browser.post(path, typed)
    assert answer.status_code == 422
    assert "This deadline is counted from: the incident, the day we learned of it." in answer.text


def test_a_changed_rule_moves_drafts_and_no_case(browser, agreement):
    rule = StepRule.objects.get(stage__agreement=agreement, clock="file")
    intake = IntakeFactory(organization=agreement.employer, incident_date=None, knowledge_date=day("2026-08-25"))
    clocks.refresh_draft(intake)
    kept = DeadlineFactory(rule=rule)
    path = reverse("step_rule_edit", args=[rule.pk])
    typed = {**RULE, "trigger": "knowledge", "days": "20", "version": str(rule.version)}
    browser.post(path, typed)
    assert Deadline.objects.get(intake=intake, end="").due == day("2026-09-23")
    before = kept.due
    kept.refresh_from_db()
    assert kept.due == before
    assert browser.post(path, typed).status_code == 409


def test_the_next_agreement_begins_with_everything_of_this_one(browser, agreement):
    answer = browser.post(
        reverse("agreement_copy", args=[agreement.pk]),
        {"title": "The next", "effective_from": "2027-01-01", "version": "1"},
    )
    fresh = Agreement.objects.get(title="The next")
    agreement.refresh_from_db()
    assert answer.url == reverse("agreement_detail", args=[fresh.pk])
    assert (agreement.effective_to, fresh.previous) == (day("2026-12-31"), agreement)
    assert StepRule.objects.filter(stage__agreement=fresh).count() == 10
    assert AgreementStage.objects.filter(agreement=fresh).count() == 3


def test_a_pasted_contract_is_split(browser, agreement):
    path = reverse("agreement_clauses", args=[agreement.pk])
    answer = browser.post(path, {"text": "Article 9 Grievances\nSection 9.1 Filing\nWithin ten days."}, follow=True)
    assert "2 sections are in." in said(answer)
    assert [str(clause) for clause in agreement.clauses.all()] == ["Article 9", "Article 9 Section 9.1"]
    assert browser.post(path, {"text": "Hello"}).status_code == 422


def test_the_signed_agreement_is_kept_beside_it(browser, agreement, client_of):
    upload = SimpleUploadedFile("Contract.txt", b"Signed by both.")
    browser.post(reverse("agreement_file_add", args=[agreement.pk]), {"uploads": upload})
    row = agreement.files.get()
    content = client_of("steward").get(reverse("agreement_file", args=[row.pk]))
    assert b"".join(content.streaming_content) == b"Signed by both."


def test_a_file_is_taken_out_for_a_reason_and_kept(browser, agreement, client_of):
    file = AgreementFileFactory(agreement=agreement, content=b"Signed.")
    place, shown = reverse("agreement_file_take_back", args=[file.pk]), agreement.get_absolute_url()
    assert place in browser.get(shown).text
    assert place not in client_of("staff").get(shown).text
    assert client_of("staff").post(place, {"reason": "Draft"}).status_code == 403
    assert errors(browser.post(place, {"reason": ""})) == {"reason": ["Say why."]}
    assert browser.post(place, {"reason": "This was the draft"}).status_code == 302
    assert browser.get(place).status_code == 404
    assert file.name not in browser.get(shown).text.partition("History")[0]
    event = AuditEvent.objects.filter(subject_type="grievances.agreement").latest("at")
    assert (event.action, event.reason) == (GrievanceAction.DOCUMENT_TAKEN_BACK, "This was the draft")
    # what is taken out may come again
    again = AgreementFileFactory(agreement=agreement, content=b"Signed.")
    assert {row.pk: row.superseded_at is None for row in agreement.files.all()} == {file.pk: False, again.pk: True}


def test_a_changed_list_of_holidays_is_a_new_version(browser, agreement):
    row = agreement.holiday_list
    typed = {"name": row.name, "names": ["christmas"], "observed": "nearest", "version": "1"}
    browser.post(reverse("holiday_list_edit", args=[row.pk]), {**typed, "extra": "2026-12-28 Inventory day"})
    newest = HolidayListVersion.objects.filter(holiday_list=row).latest("number")
    assert (newest.number, newest.days["2026-12-28"]) == (2, "Inventory day")
    answer = browser.post(reverse("holiday_list_edit", args=[row.pk]), {**typed, "extra": "28 Dec", "version": "2"})
    assert "is no day with a name" in answer.text


def test_whoever_chooses_the_agreement_says_when_the_case_reached_its_step(client_of, people, agreement):
    AgreementFactory(employer=agreement.employer, title="The other shop")
    intake = IntakeFactory(organization=agreement.employer, knowledge_date=day("2026-08-24"), incident_date=None)
    case = intakes.file_grievance(intake, actor=None, filed_date=day("2026-08-25"))
    case = moves.advance(case, actor=people["grievance-chair"])
    browser = client_of("officer")
    url, typed = reverse("case_agreement", args=[case.pk]), {"agreement": str(agreement.pk), "version": case.version}
    assert "Enter the day on which the case reached this step" in browser.post(url, typed).content.decode()
    browser.post(url, {**typed, "reached_on": "2026-08-31"})
    assert case.stage_entries.get().entered_on == day("2026-08-31")


def test_a_member_reads_the_agreement_of_their_own_place(client_of, people, agreement):
    other = AgreementFactory()
    EmploymentFactory(member=people["member"].member, organization=agreement.employer, end_date=None)
    browser = client_of("member")
    assert browser.get(reverse("agreement_detail", args=[agreement.pk])).status_code == 200
    assert browser.get(reverse("agreement_detail", args=[other.pk])).status_code == 404


def test_the_list_tells_of_what_ends_soon(client_of):
    AgreementFactory(effective_to=day("2026-12-31"), rules=False)
    assert "Ends in 121 days" in client_of("officer").get(reverse("agreement_list")).text


def test_what_no_case_has_used_is_taken_out_again(browser, agreement):
    step = agreement.stages.get(position=3)
    rule = StepRule.objects.get(stage__agreement=agreement, stage__position=2, clock="meet")
    closure = AgreementClosureFactory(agreement=agreement)
    ways = (("agreement_stage", step), ("step_rule", rule), ("agreement_closure", closure))
    for name, row in ways:
        page = reverse(f"{name}_take_out", args=[row.pk])
        assert str(row) in browser.get(page).text
        answer = browser.post(page, follow=True)
        assert said(answer) == ["Taken out. Dates that were computed stay."]
        assert not type(row).objects.filter(pk=row.pk).exists()


def test_what_dates_hang_on_stays(browser, agreement):
    intake = IntakeFactory(organization=agreement.employer, knowledge_date=day("2026-08-25"))
    clocks.refresh_draft(intake)
    rule = Deadline.objects.get(intake=intake).rule
    for name, row in (("step_rule", rule), ("agreement_stage", rule.stage)):
        answer = browser.post(reverse(f"{name}_take_out", args=[row.pk]))
        assert (answer.status_code, "stays. Copy the agreement" in answer.text) == (409, True)
    assert StepRule.objects.filter(pk=rule.pk).exists()
