"""The pages of dockets, their papers and what programs read of them."""

import datetime as dt
import io

import pytest
import time_machine
from django.urls import reverse
from pypdf import PdfReader

from core.tests.pages import errors, said, values_in
from grievances.enums import DeadlineEnd
from grievances.factories import DeadlineFactory, DocketFactory, ExtensionFactory, GrievanceFactory
from grievances.models import Docket
from grievances.services import clocks, dockets
from members.factories import MemberFactory, OrganizationFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel(dt.datetime(2026, 9, 3, 15, tzinfo=dt.UTC), tick=False):
        yield


@pytest.fixture
def yard():
    return OrganizationFactory(name="Crane Yard")


@pytest.fixture
def cases(yard):
    """Make two cases with a date each."""
    people = [MemberFactory(first_name=name, middle_name="", last_name="Aalto") for name in ("Ann", "Bo")]
    made = [GrievanceFactory(employer=yard, people=[person], number=at) for at, person in enumerate(people, 7)]
    for case in made:
        DeadlineFactory(grievance=case)
    return made


@pytest.fixture
def docket(yard, cases):
    return DocketFactory(employer=yard, cases=cases)


def text_of(answer):
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages).split())


def test_first_the_employer_then_its_cases_and_nothing_typed_is_lost(client_of, yard, cases):
    browser, path = client_of("staff"), reverse("docket_create")
    chosen = browser.post(path, {"employer_met": yard.pk})
    assert chosen["Location"] == f"{path}?employer_met={yard.pk}"
    page = browser.get(chosen["Location"]).text
    assert "GR-2026-0007 · Aalto, Ann · Article 14, section 2 · next date Sun 6 Sep 2026" in page
    typed = {"employer_met": yard.pk, "meeting_date": "2026-09-10", "place": "Office"}
    refused = browser.post(path, typed)
    assert errors(refused) == {"cases": ["Tick the cases that are talked about."]}
    assert values_in(refused)["place"] == "Office"
    answer = browser.post(path, typed | {"cases": [str(case.pk) for case in cases]})
    assert answer["Location"] == Docket.objects.get().get_absolute_url()


def test_a_case_is_taken_off_by_the_page_and_the_day_of_the_meeting_is_another(client_of, docket, cases):
    browser, path = client_of("staff"), reverse("docket_edit", args=[docket.pk])
    typed = values_in(browser.get(path)) | {"meeting_date": "2026-09-11", "cases": [str(cases[0].pk)]}
    answer = browser.post(path, typed)
    assert answer["Location"] == docket.get_absolute_url()
    docket.refresh_from_db()
    assert docket.meeting_date == dt.date(2026, 9, 11)
    assert [row.grievance for row in docket.cases.all()] == [cases[0]]


def test_the_list_writes_the_day_of_a_meeting_as_people_do(client_of, docket):
    Docket.objects.update(meeting_date=dt.date(2026, 9, 10))
    page = client_of("staff").get(reverse("docket_list")).text
    assert f'<a href="{docket.get_absolute_url()}">Thu 10 Sep 2026</a>' in page


def test_what_was_planned_for_later_and_is_recorded_now_was_held_by_today(client_of, docket):
    Docket.objects.update(meeting_date=dt.date(2026, 9, 10))
    page = client_of("staff").get(reverse("docket_record", args=[docket.pk]))
    assert values_in(page)["meeting_date"] == "2026-09-03"


def test_the_meeting_is_recorded_and_the_docket_says_what_came_of_each_case(client_of, docket, cases):
    browser, path = client_of("staff"), reverse("docket_record", args=[docket.pk])
    token = values_in(browser.get(path))["form_token"]
    typed = {"meeting_date": "2026-09-01", "union_attendees": "Reyes", "how": "hand", "version": "1"}
    typed |= {
        "outcome_GR-2026-0007": "denied",
        "said_GR-2026-0007": "No",
        "outcome_GR-2026-0008": "promised",
        "form_token": token,
    }
    missing = browser.post(path, typed)
    assert errors(missing) == {"promised_GR-2026-0008": ["Enter the day by which the answer is promised."]}
    typed["promised_GR-2026-0008"] = "2026-09-09"
    answers = [browser.post(path, typed) for _time in range(2)]
    assert [said(answer)[-1] for answer in answers] == [
        "Recorded in 2 cases.",
        "This was saved already; it is not made twice.",
    ]
    assert [case.step_records.count() for case in cases] == [1, 1]
    page = browser.get(docket.get_absolute_url()).text
    assert [word in page for word in ("Denied", "Answer promised", "Wed 9 Sep 2026", "Record the meeting")] == [
        True,
        True,
        True,
        False,
    ]
    assert browser.get(path).status_code == 409


def test_a_refused_case_is_told_with_its_sentence_and_the_others_are_recorded(client_of, docket, cases):
    type(cases[1]).objects.filter(pk=cases[1].pk).update(
        status="withdrawn", status_before="open", resolution_date=dt.date(2026, 9, 1)
    )
    browser = client_of("staff")
    typed = {
        "meeting_date": "2026-09-01",
        "how": "hand",
        "version": "1",
        "outcome_GR-2026-0007": "nothing",
        "outcome_GR-2026-0008": "denied",
    }
    answer = browser.post(reverse("docket_record", args=[docket.pk]), typed)
    sentence = "“Record a meeting” is not possible while the status is “Withdrawn”."
    assert said(answer) == [f"GR-2026-0008: {sentence}", "Recorded in 1 case."]
    page = browser.get(docket.get_absolute_url())
    assert [row.refusal for row in page.context["refused"]] == [sentence]


def test_two_people_record_different_cases_of_one_meeting(client_of, docket, cases):
    path = reverse("docket_record", args=[docket.pk])
    first, second = client_of("staff"), client_of("officer")
    meeting = {name: values_in(first.get(path))[name] for name in ("meeting_date", "version")} | {"how": "hand"}
    meeting |= {"union_attendees": "R. Delgado", "employer_attendees": "M. Stone"}
    assert first.post(path, meeting | {"outcome_GR-2026-0007": "denied", "said_GR-2026-0007": "No."}).status_code == 302
    typed = {
        "outcome_GR-2026-0007": "further",
        "said_GR-2026-0007": "They waver.",
        "outcome_GR-2026-0008": "nothing",
        "said_GR-2026-0008": "Heard Bo.",
    }
    taken = second.post(path, meeting | typed)
    assert (taken.status_code, errors(taken)["__all__"]) == (
        409,
        [
            "The meeting is recorded already in GR-2026-0007. What you typed about it is not saved: copy what is "
            "missing into its record. Then send the rest."
        ],
    )
    left = values_in(taken)
    kept = {name: left.get(name) for name in ("said_GR-2026-0007", "said_GR-2026-0008", "version")}
    assert kept == {"said_GR-2026-0007": None, "said_GR-2026-0008": "Heard Bo.", "version": "2"}
    assert "They waver." in taken.text
    assert second.post(path, {name: left[name] for name in left if name != "form_token"}).status_code == 302
    assert [case.step_records.get().notes for case in cases] == ["No.", "Heard Bo."]


def test_what_is_typed_about_a_case_is_never_taken_for_another(client_of, people, docket, cases, yard):
    """The case left the docket meanwhile, and another one has its place."""
    browser, path = client_of("staff"), reverse("docket_record", args=[docket.pk])
    other = GrievanceFactory(employer=yard, number=9)
    kept = {name: getattr(docket, name) for name in dockets.DOCKET_FIELDS[1:]}
    dockets.change(docket, kept, [cases[0], other], actor=people["officer"])
    typed = {"meeting_date": "2026-09-01", "how": "hand", "version": "1", "outcome_GR-2026-0007": "nothing"}
    refused = browser.post(path, typed | {"outcome_GR-2026-0008": "denied", "said_GR-2026-0008": "Bo lied."})
    assert errors(refused) == {
        "__all__": [
            "Not on this docket any more: GR-2026-0008. What you typed about it is not saved: copy what is missing "
            "into its record. Then send the rest."
        ]
    }
    assert refused.context["form"].left_out == [("GR-2026-0008", "Denied\nBo lied.")]
    assert "Bo lied." in refused.text
    assert other.step_records.count() == 0
    assert browser.post(path, typed | {"version": "2"}).status_code == 302
    assert [case.step_records.count() for case in (*cases, other)] == [1, 0, 0]


def test_a_meeting_that_was_changed_meanwhile_is_shown_beside_what_was_typed(client_of, docket, cases):
    path, browser = reverse("docket_record", args=[docket.pk]), client_of("staff")
    Docket.objects.update(union_attendees="A. Reyes", version=4)
    typed = {
        "meeting_date": "2026-09-01",
        "how": "hand",
        "version": "1",
        "outcome_GR-2026-0008": "nothing",
        "said_GR-2026-0008": "Heard Bo.",
    }
    typed |= {"union_attendees": "B. Cole", "employer_attendees": docket.employer_attendees}
    changed = browser.post(path, typed)
    assert (changed.status_code, changed.context["conflict"]) == (409, [("For the union", "A. Reyes", "B. Cole")])
    left = values_in(changed)
    assert (left["said_GR-2026-0008"], left["union_attendees"], left["version"]) == ("Heard Bo.", "B. Cole", "4")
    assert browser.post(path, left).status_code == 302


def test_a_docket_gets_another_place_and_fewer_cases(client_of, docket, cases):
    path, browser = reverse("docket_edit", args=[docket.pk]), client_of("staff")
    typed = values_in(browser.get(path)) | {"place": "Hall", "cases": [str(cases[1].pk)]}
    assert said(browser.post(path, typed)) == ["Docket saved."]
    docket.refresh_from_db()
    assert (docket.place, [row.grievance for row in docket.cases.all()]) == ("Hall", [cases[1]])


def test_a_docket_that_was_changed_meanwhile_is_shown_beside_what_was_typed(client_of, docket, cases):
    path, browser = reverse("docket_edit", args=[docket.pk]), client_of("staff")
    both = {"cases": [str(case.pk) for case in cases]}
    typed = values_in(browser.get(path)) | both
    docket.cases.get(grievance=cases[1]).delete()
    Docket.objects.update(place="Hall", version=4)
    changed = browser.post(path, typed | {"place": "Office"})
    numbers = [[number for number in ("0007", "0008") if number in text] for text in changed.context["conflict"][1][1:]]
    assert changed.context["conflict"][0] == ("Place", "Hall", "Office")
    assert (changed.status_code, len(changed.context["conflict"]), numbers) == (409, 2, [["0007"], ["0007", "0008"]])
    assert browser.post(path, values_in(changed) | both).status_code == 302
    docket.refresh_from_db()
    assert (docket.place, docket.cases.count()) == ("Office", 2)


def test_agenda_and_letter_name_the_cases_that_the_person_sees(client_of, docket, cases):
    secret = GrievanceFactory(employer=docket.employer, is_restricted=True, number=9)
    docket.cases.create(grievance=secret, position=3)
    browser = client_of("staff")
    agenda = text_of(browser.get(reverse("docket_agenda", args=[docket.pk])))
    assert [word in agenda for word in ("Crane Yard", "GR-2026-0007", "Bo Aalto", "Step 1", "GR-2026-0009")] == [
        *(True, True, True, True),
        False,
    ]
    assert browser.get(reverse("docket_letter", args=[docket.pk])).status_code == 409
    docket.extensions.add(ExtensionFactory(deadline=cases[0].deadlines.get()))
    letter = text_of(browser.get(reverse("docket_letter", args=[docket.pk])))
    words = ("GR-2026-0007", "move on from Stage 1", "Sun 6 Sep 2026", "Sun 13 Sep 2026", "GR-2026-0008")
    assert [word in letter for word in words] == [True, True, True, True, False]


def test_the_page_waits_for_the_letter_while_a_date_that_it_moves_runs(client_of, docket, cases):
    browser, told = client_of("staff"), []
    rows = [case.deadlines.get() for case in cases]
    docket.extensions.set([ExtensionFactory(deadline=row) for row in rows])
    for row in (*rows, None):
        page = browser.get(docket.get_absolute_url())
        letter = reverse("docket_letter", args=[docket.pk])
        told.append((page.context["unconfirmed"], "wait for the signed letter" in page.text, letter in page.text))
        if row:
            assert "Letter to sign" in browser.get(row.get_absolute_url()).text
            clocks.end(row, DeadlineEnd.MOOT, dt.date(2026, 9, 3))
            assert "Letter to sign" not in browser.get(row.get_absolute_url()).text
    assert told == [(2, True, True), (1, True, True), (0, False, False)]


def test_the_page_costs_the_same_for_one_case_and_for_three(client_of, yard, django_assert_num_queries):
    browser = client_of("staff")
    for number in (1, 3):
        docket = DocketFactory(employer=yard, cases=GrievanceFactory.create_batch(number, employer=yard))
        browser.get(docket.get_absolute_url())
        with django_assert_num_queries(8):
            browser.get(docket.get_absolute_url())


def test_programs_read_a_docket_with_the_cases_that_the_caller_sees(client_of, docket, cases):
    secret = GrievanceFactory(employer=docket.employer, is_restricted=True)
    docket.cases.create(grievance=secret, position=3)
    told = client_of("staff").get(f"/api/v1/grievances/dockets/{docket.pk}/").json()
    assert (told["meeting_date"], told["place"]) == ("2026-09-01", "Plant office")
    assert told["cases"][0] == {
        "grievance": str(cases[0].pk),
        "grievance_number": "GR-2026-0007",
        "position": 1,
        "outcome": "",
        "promised_on": None,
        "said": "",
        "refusal": "",
        "recorded_at": None,
    }
    assert [row["position"] for row in told["cases"]] == [1, 2]
