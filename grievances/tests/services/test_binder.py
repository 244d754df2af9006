"""The binder: what each edition tells, and what the employer's never does."""

import io
from datetime import timedelta
from decimal import Decimal

import pytest
from pypdf import PdfReader, PdfWriter

from core.tests.files.samples import photo
from grievances.arbitration_factories import arbitration_rows
from grievances.enums import Edition
from grievances.factories import (
    FILED,
    AgreementClauseFactory,
    AgreementFactory,
    AgreementFileFactory,
    CaseDocumentFactory,
    DeadlineFactory,
    DeliveryFactory,
    EmployerAnswerFactory,
    ExtensionFactory,
    GrievanceFactory,
    StepRecordFactory,
    TaskFactory,
)
from grievances.flag_factories import AbeyanceFactory
from grievances.models import FACTS, Grievance
from grievances.services.binder import agreement_in_force, binder

pytestmark = pytest.mark.django_db
KNOWN = {"violation_description": "Zqfiled", "remedy_sought": "Zqremedy"}
OURS = {name: f"Zq{name.replace('_', '')}" for name in (*FACTS, "notes")}


def pdf(words, **metadata):
    """Return a PDF of two pages that says much of itself."""
    writer = PdfWriter()
    for _page in range(2):
        writer.add_blank_page(612, 792)
    writer.add_metadata({f"/{name}": value for name, value in metadata.items()} | {"/Author": words})
    writer.add_outline_item(title=words, page_number=0)
    writer.add_attachment("Zqattached.txt", words.encode())
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


@pytest.fixture
def case(people):
    case = StepRecordFactory(
        grievance__number=7,
        notes="Zqminutes",
        union_attendees="Zqunion",
        **{f"grievance__{name}": word for name, word in (KNOWN | OURS).items()},
    ).grievance
    EmployerAnswerFactory(grievance=case, words="Zqanswerwords")
    TaskFactory(grievance=case, what="Zqsettlementfloor")
    DeliveryFactory(grievance=case, proof="Zqproof")
    ExtensionFactory(deadline=DeadlineFactory(grievance=case), note="Zqextensionnote")
    agreement = AgreementFactory(employer=case.employer, title="Zqagreement", rules=False)
    AgreementFileFactory(agreement=agreement, content=pdf("Zqcontractauthor"), upload_name="Zqcontractname.pdf")
    exhibit = {"grievance": case, "exhibit_series": "union"}
    CaseDocumentFactory(**exhibit, exhibit_number=2, upload_name="Zqexhibitname.pdf", content=pdf("Zqauthor"))
    CaseDocumentFactory(**exhibit, exhibit_number=1, upload_name="Zqphotoname.jpg", content=photo(comment=b"Zqcamera"))
    CaseDocumentFactory(**exhibit, exhibit_number=3, upload_name="Zqtextname.txt", content=b"Zqtext")
    CaseDocumentFactory(
        grievance=case, upload_name="Zqwitness.pdf", content=pdf("Zqwitnessauthor"), category="statement"
    )
    return Grievance.objects.get(pk=case.pk)


def told(document):
    """Return all that a PDF says: its text, what it says of itself, and its bytes unpacked."""
    reader = PdfReader(io.BytesIO(document))
    parts = [str(reader.metadata), str(reader.xmp_metadata), str(reader.outline), str(list(reader.attachments))]
    parts += [page.extract_text() for page in reader.pages]
    objects = (reader.get_object(number) for number in range(1, len(reader.xref[0]) + 1))
    parts += [found.get_data().decode("latin-1") for found in objects if hasattr(found, "get_data")]
    return "\n".join([*parts, document.decode("latin-1")])


@pytest.mark.parametrize("edition", [Edition.EMPLOYER, Edition.HEARING])
def test_what_is_ours_is_nowhere_in_a_binder_for_others(people, case, edition):
    text = told(binder(case, edition, actor=people["officer"]))
    ours = [*OURS.values(), "Zqminutes", "Zqunion", "Zqsettlementfloor", "Zqwitness", "Zqexhibitname", "Zqphotoname"]
    ours += ["Zqtextname", "Zqcamera", "Zqauthor", "Zqattached", "Zqanswerwords", "Zqproof", "Zqextensionnote"]
    ours += ["Zqcontractname", "Zqcontractauthor"]
    assert [word for word in ours if word in text] == []
    assert [word in text for word in KNOWN.values()] == [True, True]


def test_control_our_own_binder_tells_them(people, case):
    text = told(binder(case, Edition.INTERNAL, actor=people["officer"]))
    ours = [*OURS.values(), "Zqminutes", "Zqwitness.pdf", "Zqexhibitname.pdf", "Zqanswerwords"]
    assert [word for word in ours if word not in text] == []


def test_whoever_may_not_read_strategy_prints_none(people, case):
    assert OURS["notes"] not in told(binder(case, Edition.INTERNAL, actor=people["staff"]))


def test_exhibits_stand_in_order_each_page_is_stamped_and_the_index_tells_where(people, case):
    reader = PdfReader(io.BytesIO(binder(case, Edition.HEARING, actor=people["officer"])))
    pages = [page.extract_text() for page in reader.pages]
    assert [f"GR-2026-0007 · {number} / {len(pages)}" in text for number, text in enumerate(pages, 1)] == [True] * len(
        pages
    )
    front = len(pages) - 6
    index = "\n".join(pages[:front])
    rows = [
        f"Joint 1 · Zqagreement {front + 1}",
        f"Union 1 · Evidence {front + 3}",
        f"Union 2 · Evidence {front + 4}",
        f"Union 3 · Evidence {front + 6}, a slip-sheet: a file of its own",
    ]
    flat = " ".join(index.split())
    assert [row for row in rows if row not in flat] == []
    digests = [row.sha256 for row in case.documents.exclude(exhibit_series="")]
    assert [digest in "".join(index.split()) for digest in digests] == [True] * 3
    slip = " ".join(pages[-1].split())
    assert [words in slip for words in ("Union 3 · Evidence", "cannot be printed here", "TXT")] == [True] * 3
    assert reader.metadata.title == "Grievance GR-2026-0007"


def test_the_employer_gets_none_of_the_exhibits_that_are_the_union_s_own(people, case):
    CaseDocumentFactory(grievance=case, exhibit_series="joint", exhibit_number=1, content=pdf("Zq"))
    index = {edition: told(binder(case, edition, actor=people["officer"])) for edition in Edition.values[1:]}
    shown = {edition: [name for name in ("Joint 1", "Union 2") if name in text] for edition, text in index.items()}
    assert shown == {"hearing": ["Joint 1", "Union 2"], "employer": ["Joint 1"]}


def test_hearing_days_and_the_award_are_told_and_costs_to_us_alone(people, case):
    case.current_step, case.status = "arbitration", "arbitration"
    case.save()
    panel = arbitration_rows(case)["grievances.arbitration"]
    panel.awards.update(summary="Zqsummary", amount=Decimal("413.00"))
    panel.costs.update(what="Zqfee")
    text = {edition: told(binder(case, edition, actor=people["officer"])) for edition in Edition.values}
    words = ["Hearing before the arbitrator", "Sustained in part"]
    assert {edition: [word in said for word in words] for edition, said in text.items()} == {
        name: [True, True] for name in Edition.values
    }
    ours = ["Zqsummary", "$413.00", "Zqfee", "$900.00"]
    assert {edition: [word for word in ours if word in said] for edition, said in text.items()} == {
        "internal": ours,
        "hearing": [],
        "employer": [],
    }


def test_an_abeyance_that_nobody_confirmed_is_told_to_us_alone(people, case):
    AbeyanceFactory(grievance=case, document="", ended_on=FILED + timedelta(28), ended_reason="Over")
    text = {edition: told(binder(case, edition, actor=people["officer"])) for edition in Edition.values}
    assert {edition: "Put in abeyance" in said for edition, said in text.items()} == {
        "internal": True,
        "hearing": False,
        "employer": False,
    }
    case.abeyances.update(document="Letter", confirmed_on=FILED)
    assert "Put in abeyance" in told(binder(case, Edition.EMPLOYER, actor=people["officer"]))


def test_a_document_that_was_marked_joint_1_stands_in_the_agreement_s_place(people, case):
    CaseDocumentFactory(grievance=case, exhibit_series="joint", exhibit_number=1, content=pdf("Zq"))
    assert "Zqagreement" not in told(binder(case, Edition.EMPLOYER, actor=people["officer"]))


def test_articles_that_were_typed_are_printed_where_the_agreement_has_no_pages(people):
    agreement = AgreementFactory(title="Yard agreement", rules=False)
    AgreementFileFactory(agreement=agreement)
    AgreementClauseFactory(agreement=agreement, text="Zqtypedarticle")
    case = GrievanceFactory(employer=agreement.employer)
    text = told(binder(case, Edition.EMPLOYER, actor=people["officer"]))
    assert [words in text for words in ("Joint 1 · Yard agreement", "Zqtypedarticle", "slip-sheet")] == [
        True,
        True,
        False,
    ]


@pytest.mark.parametrize(("days", "holds"), [(-1, False), (0, True), (1, True)])
def test_the_agreement_is_the_one_that_held_on_the_day_of_the_incident(days, holds):
    case = GrievanceFactory(incident_date=FILED)
    agreement = AgreementFactory(
        employer=case.employer, effective_from=FILED - timedelta(days), effective_to=None, rules=False
    )
    for own in (None, agreement):
        case.agreement = own
        assert agreement_in_force(case) == (agreement if holds else None)
