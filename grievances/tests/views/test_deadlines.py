"""The board, a date with its working, deliveries, extensions and the calendar, as people see them."""

import datetime as dt
import html

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from core.tests.pages import errors, said
from grievances.arbitration_factories import ArbitrationFactory
from grievances.enums import ClockKind
from grievances.factories import AgreementFactory, CaseDocumentFactory, DeadlineFactory, GrievanceFactory, IntakeFactory
from grievances.models import Deadline, DeadlineFeed, Delivery, HearingDay
from grievances.services import clocks, intakes

pytestmark = pytest.mark.django_db

day = dt.date.fromisoformat


@pytest.fixture(autouse=True)
def morning():
    with time_machine.travel(dt.datetime(2026, 9, 1, 14, tzinfo=dt.UTC), tick=False) as traveller:
        yield traveller


@pytest.fixture
def case(people):
    agreement = AgreementFactory()
    intake = IntakeFactory(organization=agreement.employer, knowledge_date=day("2026-08-25"))
    clocks.refresh_draft(intake)
    return intakes.file_grievance(intake, actor=None)


def text_of(answer):
    return " ".join(html.unescape(answer.text).split())


def test_the_cases_page_shows_the_next_two_dates_and_why(client_of, case):
    browser = client_of("officer")
    page = text_of(browser.get(case.get_absolute_url()))
    assert "Wed 9 Sep 2026" in page
    assert "8 days left" in page
    assert 'class="due-employer">The employer’s<' in page
    tab = text_of(browser.get(f"{case.get_absolute_url()}?tab=deadlines"))
    assert "From the day we learned of it on Tue 25 Aug 2026: 10 working days, counted from the day after" in tab


def test_a_date_shows_each_day_with_its_reason(client_of, case):
    row = case.deadlines.get(clock=ClockKind.FILE)
    assert client_of("steward").get(row.get_absolute_url()).status_code == 404
    page = text_of(client_of("officer").get(row.get_absolute_url()))
    assert "the day itself does not count; counting begins the day after" in page
    assert "Labor Day, not counted" in page


def test_a_delivery_is_recorded_and_meets_the_deadline(client_of, case):
    row = case.deadlines.get(clock=ClockKind.FILE)
    path = reverse("delivery_create", args=[case.pk])
    browser = client_of("officer")
    assert str(row.pk) in browser.get(f"{path}?deadline={row.pk}").text
    typed = {"deadline": str(row.pk), "what": "Form", "how": "hand", "to_whom": "Stone", "proof": "Signed copy"}
    answer = browser.post(path, {**typed, "day": "2026-09-01", "time": "08:30"}, follow=True)
    assert "Delivery recorded." in said(answer)
    row.refresh_from_db()
    assert (row.end, Delivery.objects.get().deadline) == ("met", row)


def test_an_extension_is_confirmed_later(client_of, case):
    row = case.deadlines.running().get(clock=ClockKind.MEET)
    typed = {"new_date": "2026-09-30", "for_union": "Reyes", "for_employer": "Stone", "agreed_on": "2026-09-01"}
    browser = client_of("officer")
    path = reverse("extension_create", args=[row.pk])
    assert errors(browser.post(path, {**typed, "new_date": "2026-09-02", "version": "1"})) != {}
    browser.post(path, {**typed, "version": "1"})
    page = browser.get(row.get_absolute_url())
    assert "It moves nothing yet" in page.text
    extension = row.extensions.get()
    confirm = reverse("extension_confirm", args=[extension.pk])
    answer = browser.post(confirm, {"document": "Letter of 2 September", "version": "1"}, follow=True)
    assert "The new date holds." in said(answer)
    assert case.deadlines.running().get(clock=ClockKind.MEET).due == day("2026-09-30")


def test_the_board_puts_dates_into_their_order(client_of, case):
    late = DeadlineFactory(contract_date=day("2026-08-31"), stage_name="Late step")
    today = DeadlineFactory(contract_date=day("2026-09-01"), stage_name="Step of today")
    lonely = GrievanceFactory()
    page = client_of("officer").get(reverse("deadline_board"))
    groups = {
        str(label): [row.pk for row, _what, _badge, _flags in rows] for label, rows, _more in page.context["groups"]
    }
    assert groups["Overdue"] == [late.pk]
    assert groups["Today"] == [today.pk]
    assert len(groups["Next"]) == 2
    assert lonely in page.context["dateless"]
    assert case not in page.context["dateless"]
    assert case in page.context["unassigned"]


def test_the_board_costs_the_same_for_one_and_for_many(client_of, case, django_assert_num_queries):
    browser, counts = client_of("officer"), []
    browser.get(reverse("deadline_board"))
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    for number in (1, 4):
        for _each in range(number):
            row = DeadlineFactory(contract_date=day("2026-09-03"))
            HearingDay.objects.create(arbitration=ArbitrationFactory(grievance=row.grievance), day=day("2026-09-04"))
        with CaptureQueriesContext(connection) as asked:
            browser.get(reverse("deadline_board"))
        counts.append(len(asked))
    assert counts[0] == counts[1]
    assert len(browser.get(reverse("deadline_board")).context["hearings"]) == 5
    assert client_of("steward").get(reverse("deadline_board")).context["hearings"] == []


def test_the_month_shows_each_date_on_its_day(client_of, case):
    page = client_of("officer").get(f"{reverse('deadline_board')}?month=2026-09")
    weeks = page.context["weeks"]
    days = {day.isoformat(): len(rows) for week in weeks for day, _here, rows, _heard in week if rows}
    assert days == {"2026-09-09": 1, "2026-09-16": 1}


def test_the_month_shows_hearing_days_and_stays_narrowed(client_of, people):
    mine, _other = (
        HearingDay.objects.create(arbitration=ArbitrationFactory(grievance__assigned_rep=rep), day=day("2026-09-23"))
        for rep in (people["representative"], None)
    )
    HearingDay.objects.create(arbitration=mine.arbitration, day=day("2026-09-24"), cancelled_at=timezone.now())
    page = client_of("officer").get(f"{reverse('deadline_board')}?rep={people['representative'].pk}&month=2026-09")
    heard = [hearing for week in page.context["weeks"] for *_day, hearings in week for hearing in hearings]
    assert heard == [mine]
    assert page.context["dateless"] == []  # a hearing to come is a next date
    assert f"{mine.case}: hearing" in text_of(page)
    assert f"?month=2026-10&amp;rep={people['representative'].pk}" in page.text


def test_the_board_is_narrowed_to_a_side(client_of, case):
    page = client_of("officer").get(f"{reverse('deadline_board')}?side=employer")
    assert [row.side for _label, rows, _more in page.context["groups"] for row, *_shown in rows] == ["employer"]


def test_what_is_due_waits_for_whoever_works_it(client_of, people):
    case = GrievanceFactory(assigned_rep=people["representative"])
    DeadlineFactory(grievance=case, contract_date=day("2026-09-02"))
    page = text_of(client_of("representative").get("/waiting/"))
    assert f"{case}: move on from Stage 1" in page


def test_a_draft_says_by_when_it_must_be_filed(client_of, people):
    agreement = AgreementFactory()
    intake = IntakeFactory(
        organization=agreement.employer, knowledge_date=day("2026-08-25"), drafted_by=people["steward"]
    )
    clocks.refresh_draft(intake)
    assert "Wed 9 Sep 2026" in client_of("steward").get(intake.get_absolute_url()).text


def test_filing_late_asks_why_and_files(client_of, people, morning):
    agreement = AgreementFactory()
    intake = IntakeFactory(organization=agreement.employer, knowledge_date=day("2026-08-25"))
    clocks.refresh_draft(intake)
    morning.move_to(dt.datetime(2026, 9, 10, 14, tzinfo=dt.UTC))
    browser, path = client_of("officer"), reverse("intake_file", args=[intake.pk])
    page = text_of(browser.get(path))
    assert "It had to be filed by Wed 9 Sep 2026" in page
    assert "Why it is late (optional)" not in page
    answer = browser.post(path, {"filed_date": "2026-09-10", "version": "1"})
    assert answer.status_code == 422
    browser.post(path, {"filed_date": "2026-09-10", "version": "1", "late_reason": "He was on leave."})
    intake.refresh_from_db()
    assert intake.filed_as.late_reason == "He was on leave."


def test_the_calendar_says_number_and_step_and_nothing_else(client_of, people):
    case = GrievanceFactory(assigned_rep=people["representative"], grievance_number="GR-2026-0012")
    DeadlineFactory(grievance=case, clock=ClockKind.ANSWER, stage_name="Step 2", contract_date=day("2026-09-07"))
    DeadlineFactory(contract_date=day("2026-09-08"))
    browser = client_of("representative")
    address = browser.post(reverse("deadline_feed_page")).context["address"]
    path = address.removeprefix("http://testserver")
    calendar = client_of("anon").get(path)
    assert calendar.headers["Content-Type"] == "text/calendar; charset=utf-8"
    lines = calendar.content.decode().split("\r\n")
    assert [line for line in lines if line.startswith(("SUMMARY", "DTSTART"))] == [
        "DTSTART;VALUE=DATE:20260907",
        "SUMMARY:GR-2026-0012: Step 2 answer due",
    ]
    assert case.employer.name not in calendar.content.decode()
    assert address.rsplit("/", 1)[1][:20] not in str(DeadlineFeed.objects.values_list())
    browser.post(reverse("deadline_feed_page"), {"revoke": "1"})
    assert client_of("anon").get(path).status_code == 404


def test_a_date_of_a_restricted_case_is_nobody_elses(client_of, people):
    row = DeadlineFactory(grievance=GrievanceFactory(is_restricted=True))
    assert client_of("officer").get(row.get_absolute_url()).status_code == 404
    assert not Deadline.objects.visible_to(people["officer"]).exists()


def test_the_proof_of_a_delivery_is_a_document_of_the_case_and_its_page_links_to_it(client_of, case):
    browser, receipt = client_of("officer"), CaseDocumentFactory(grievance=case)
    sent = {"what": "Form", "how": "hand", "to_whom": "Stone", "day": "2026-08-30", "time": "10:00"}
    address = reverse("delivery_create", args=[case.pk])
    assert errors(browser.post(address, sent)) == {"proof": ["Say what proves it, or choose the document that does."]}
    elsewhere = sent | {"proof_file": CaseDocumentFactory().pk}
    assert list(errors(browser.post(address, elsewhere))) == ["proof_file", "proof"]
    page = browser.post(address, sent | {"proof_file": receipt.pk}, follow=True).text
    assert f'href="{reverse("case_document_content", args=[receipt.pk])}"' in page
