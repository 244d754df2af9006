"""What the papers of a case say, and to whom."""

import io
from datetime import date
from decimal import Decimal

import pytest
from pypdf import PdfReader

from core.errors import DomainError
from core.papers.typeset import pdf_of
from core.site import change_settings, local_today
from grievances.factories import (
    AgreementFactory,
    DeadlineFactory,
    DocketFactory,
    ExtensionFactory,
    GrievanceFactory,
    TaskFactory,
)
from grievances.models import FACTS, Grievance
from grievances.services import docket_papers, moves, papers, tasks
from grievances.services.abeyances import put_in_abeyance
from grievances.services.fact_sheet import fact_sheet
from members.factories import MemberFactory, OrganizationFactory

pytestmark = pytest.mark.django_db
OURS = {name: f"Zq{name}" for name in (*FACTS, "notes")}


@pytest.fixture
def made(db):
    """`made(settled=True)`: Ann's case at Crane Yard, full of what is ours."""
    change_settings({"name": "Trades", "number": "46", "address": ""}, actor=None)
    place = {"address": "1 Dock Rd", "city": "Peoria", "state": "IL", "zip_code": "61601"}
    yard = OrganizationFactory(name="Crane Yard", **place)
    ann = MemberFactory(first_name="Ann", middle_name="", last_name="Aalto", **place | {"address": "2 Elm St"})

    def make(**fields):
        return GrievanceFactory(employer=yard, **OURS | {"number": 7, "people": [ann]} | fields)

    return make


def text_of(paper):
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf_of(paper))).pages).split())


def offered(case):
    return [kind.name for kind in papers.offered(case)]


def test_which_papers_there_are_follows_from_the_case(made):
    policy = GrievanceFactory(grievance_type="policy", number=8)
    assert offered(made()) == ["grievance-form", "step-letter", "grievant-letter"]
    assert offered(GrievanceFactory(at_arbitration=True)) == ["grievance-form", "arbitration-demand", "grievant-letter"]
    assert offered(GrievanceFactory(settled=True)) == ["grievance-form", "settlement", "grievant-letter"]
    assert offered(policy) == ["grievance-form", "step-letter"]
    with pytest.raises(DomainError, match="once the case is settled"):
        papers.paper_of(policy, papers.KINDS["settlement"])


@pytest.mark.parametrize(
    ("name", "fields", "words"),
    [
        (
            "grievance-form",
            {},
            ("Crane Yard 1 Dock Rd Peoria, IL 61601", "Ann Aalto", "Overtime was given", "Received for"),
        ),
        ("step-letter", {"current_step": "step_2"}, ("stands at Step 2", "GR-2026-0007", "For the union")),
        ("arbitration-demand", {"at_arbitration": True}, ("demands that it is arbitrated", "Ann Aalto")),
        ("settlement", {"settled": True}, ("Six hours at the overtime rate.", "For the employer, and day")),
        ("grievant-letter", {}, ("Ann Aalto 2 Elm St", "gives it to a representative")),
        ("grievant-letter", {"settled": True}, ("has ended on", "Six hours at the overtime rate.")),
    ],
)
def test_what_a_paper_says(made, name, fields, words):
    paper = papers.paper_of(made(**fields), papers.KINDS[name])
    text = text_of(paper)
    assert [word for word in words if word not in text] == []
    assert [word for word in OURS.values() if word in text] == []
    assert paper.name == f"GR-2026-0007-{name}"


def test_the_agreement_of_a_case_settled_again_has_its_own_terms_alone(made, people):
    case, chair = made(status="hearing"), people["grievance-chair"]
    ending = {"actor": chair, "decided_by": "Committee", "day": case.filed_date}

    def settle(reason, amount):
        told = [(person, case.filed_date, "phone") for person in case.grievants.all()]
        moves.settle(Grievance.objects.get(pk=case.pk), reason=reason, amount=amount, told=told, **ending)

    settle("Six hours are paid.", Decimal(240))
    tasks.finish(case.tasks.get(), actor=chair, done_on=local_today(), done_words="Check 1182")
    moves.reopen(Grievance.objects.get(pk=case.pk), actor=chair, reason="New facts")
    TaskFactory(grievance=case, kind="term", what="The list is kept right.", person=None)
    settle("Twelve hours are paid.", Decimal(500))
    text = text_of(papers.paper_of(Grievance.objects.get(pk=case.pk), papers.KINDS["settlement"]))
    assert [words in text for words in ("Twelve hours", "$500.00", "The list is kept right.", "$240.00")] == [
        *(True, True, True),
        False,
    ]


def test_every_grievant_of_a_group_gets_a_letter_of_their_own(made, django_assert_num_queries):
    people = [
        MemberFactory(first_name=first, middle_name="", last_name="Berg", address=f"{number} Oak St")
        for number, first in enumerate(("Lee", "Bo", "Cy"), 3)
    ]
    for count in (1, 3):
        case = made(grievance_type="group", people=people[:count], number=10 + count)
        with django_assert_num_queries(7):
            paper = papers.paper_of(case, papers.KINDS["grievant-letter"])
    pages = [" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(pdf_of(paper))).pages]
    told = [
        (f"{name} Berg {number} Oak St", f"Dear {name} Berg,") for name, number in (("Lee", 3), ("Bo", 4), ("Cy", 5))
    ]
    for page, words in zip(pages, told, strict=True):
        assert [word for word in (*words, "Trades 46", "GR-2026-0013", "Page 1 of 1") if word not in page] == []
        assert sum(f"{name} Berg {number}" in page for name, number in (("Lee", 3), ("Bo", 4), ("Cy", 5))) == 1
    labels = {kind.name: str(kind.label) for kind in papers.offered(case)}
    assert labels["grievant-letter"] == "Letter to each grievant"


def test_information_is_asked_for_and_once_late_reminded_of(made):
    task = TaskFactory(grievance=made(), kind="information", what="The overtime list", due=date(2098, 1, 6))
    text = text_of(papers.information_letter(task))
    assert [word in text for word in ("Request for information", "The overtime list", "by Mon 6 Jan 2098")] == [
        True
    ] * 3
    task.due = date(2026, 8, 27)
    text = text_of(papers.information_letter(task))
    assert [word in text for word in ("Reminder", "due on Thu 27 Aug 2026")] == [True] * 2
    with pytest.raises(DomainError, match="no request for information"):
        papers.information_letter(TaskFactory())


def test_the_letter_of_an_extension_names_both_sides_and_both_dates(made):
    said = {"for_union": "Rey Ruiz", "for_employer": "Sam Stone", "new_date": date(2098, 1, 6)}
    deadline = DeadlineFactory(grievance=made(), contract_date=date(2098, 1, 2), due=date(2098, 1, 2))
    extension = ExtensionFactory(deadline=deadline, agreed_on=date(2026, 8, 27), **said)
    text = text_of(papers.extension_letter(extension))
    words = ["Crane Yard and Trades 46", "was Thu 2 Jan 2098. It is now Mon 6 Jan 2098", "by Rey Ruiz for the union"]
    words += [
        "by Sam Stone for the employer",
        "on Thu 27 Aug 2026",
        "For the employer, and day",
        "For the union, and day",
    ]
    assert [word for word in words if word not in text] == []


def test_the_employer_reads_nothing_of_what_a_former_file_said_of_a_date(made, people):
    deadline = DeadlineFactory(grievance=made(), clock="carried", stage_name="Press the foreman")
    extension = ExtensionFactory(deadline=deadline)
    docket = DocketFactory(employer=deadline.grievance.employer, cases=[deadline.grievance])
    docket.extensions.add(extension)
    officer = people["officer"]
    letters = [papers.extension_letter(extension), docket_papers.extension_letter(docket, officer)]
    for paper in (*letters, docket_papers.agenda(docket, officer)):
        assert "Press" not in text_of(paper)
    assert ["the union’s date at Step 1" in text_of(letter) for letter in letters] == [True, True]


def test_the_blank_fact_sheet_has_the_contract_s_own_time_to_file(db):
    agreement = AgreementFactory(tolling="Not while on leave.")
    paper = fact_sheet(agreement)
    text = text_of(paper)
    [time, tolling] = paper.data["times"]
    assert tolling == "The contract also says: Not while on leave."
    asked = [box["title"] for box in paper.data["boxes"]]
    assert [word for word in (time, agreement.title, *asked) if word not in text] == []
    assert "working days, counted from the day after" in time


def test_the_abeyance_is_signed_by_both(made, people):
    case, chair = made(), people["grievance-chair"]
    with pytest.raises(DomainError, match="Put the case in abeyance first"):
        papers.paper_of(case, papers.KINDS["abeyance"])
    agreed = {"for_union": "D. Reyes", "for_employer": "M. Stone"}
    put_in_abeyance(case, actor=chair, from_day=case.filed_date, why="The same question is heard elsewhere", **agreed)
    case.refresh_from_db()
    said = text_of(papers.paper_of(case, papers.KINDS["abeyance"]))
    for words in ("The same question is heard elsewhere", "D. Reyes", "M. Stone", "until one of them ends it"):
        assert words in said
