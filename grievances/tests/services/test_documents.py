"""Documents of a case: kept once, numbered as exhibits, replaced and taken back without being lost."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile

from core.errors import DomainError, EditConflict
from core.files.enums import FileState
from core.models import AuditEvent
from grievances.factories import AgreementFactory, CaseDocumentFactory, GrievanceFactory
from grievances.models import CaseDocument
from grievances.services import documents
from grievances.tests.case_setup import story

pytestmark = pytest.mark.django_db
SAID = {"category": "evidence", "step_number": None, "is_shared": False, "exhibit_number": None}


def file(text=b"The list", name="List.txt"):
    return SimpleUploadedFile(name, text)


def test_files_are_kept_once_and_what_is_refused_hinders_no_other(people):
    case = GrievanceFactory()
    files = [file(), file(b"<html><script>", "page.html"), file(), file(b"Another")]
    added = documents.add_all(case, files, category="evidence", step_number=2, actor=people["staff"])
    assert ([row.name for row in added.kept], [name for name, _error in added.refused]) == (
        ["List.txt", "List.txt", "List.txt"],
        ["page.html"],
    )
    assert added.kept[0] == added.kept[1]
    assert list(case.documents.values_list("step_number", flat=True)) == [2, 2]
    assert story(case) == ["grievance.document_added"] * 2
    assert "List" not in str(list(AuditEvent.objects.values_list("body", flat=True)))


def test_who_adds_documents(people):
    case = GrievanceFactory(assigned_rep=people["steward"])
    for role in ("steward", "staff", "officer", "grievance-chair"):
        documents.add(case, file(role.encode()), category="evidence", actor=people[role])
    with pytest.raises(DomainError, match="assigned to Steward Person"):
        documents.add(case, file(b"x"), category="evidence", actor=people["representative"])
    with pytest.raises(PermissionDenied):
        documents.add(case, file(b"x"), category="evidence", actor=people["member"])
    assert case.documents.count() == 4


def test_exhibits_are_numbered_in_their_series(people):
    case = GrievanceFactory()
    rows = [CaseDocumentFactory(grievance=case) for _number in range(3)]

    def exhibit(row, series, number=None):
        values = SAID | {"exhibit_series": series, "exhibit_number": number}
        return documents.describe(row, values, actor=people["staff"]).exhibit

    assert [exhibit(rows[0], "union"), exhibit(rows[1], "union"), exhibit(rows[2], "joint")] == [
        "Union 1",
        "Union 2",
        "Joint 1",
    ]
    with pytest.raises(ValidationError, match="has this exhibit number already"):
        exhibit(rows[2], "union", 2)
    assert exhibit(rows[0], "") == ""
    assert exhibit(rows[2], "union") == "Union 3"


def test_joint_1_is_left_to_the_agreement_in_force_unless_somebody_says_otherwise(people):
    case = GrievanceFactory()
    AgreementFactory(employer=case.employer, rules=False)
    row, values = CaseDocumentFactory(grievance=case), SAID | {"exhibit_series": "joint"}
    assert documents.describe(row, values, actor=people["staff"]).exhibit == "Joint 2"
    assert documents.describe(row, values | {"exhibit_number": 1}, actor=people["staff"]).exhibit == "Joint 1"


def test_a_newer_file_takes_over_all_that_was_said_of_the_former(people):
    said = {"exhibit_series": "union", "exhibit_number": 4, "step_number": 2, "is_shared": True}
    former = CaseDocumentFactory(**said)
    newer = documents.replace(former, file(b"Newer"), actor=people["staff"])
    former.refresh_from_db()
    assert (former.superseded_by, former.exhibit, newer.exhibit) == (newer, "Union 4", "Union 4")
    assert (newer.step_number, newer.is_shared, newer.category) == (2, True, former.category)
    with pytest.raises(DomainError, match="taken back already"):
        documents.replace(former, file(b"Later"), actor=people["staff"])
    documents.take_back(newer, actor=people["staff"], reason="Not ours")
    assert CaseDocument.objects.current().count() == 0
    assert story(newer.grievance) == ["grievance.document_replaced", "grievance.document_taken_back"]


def test_a_newer_file_takes_over_what_is_said_by_now(people):
    """What was unshared while the newer file was on its way is not shared again by it."""
    former = CaseDocumentFactory(is_shared=True)
    CaseDocument.objects.filter(pk=former.pk).update(is_shared=False, category="letter")
    newer = documents.replace(former, file(b"Newer"), actor=people["staff"])
    newer.refresh_from_db()
    assert (newer.is_shared, newer.category) == (False, "letter")


def test_what_somebody_else_said_meanwhile_is_not_overwritten(people):
    row = CaseDocumentFactory(is_shared=True)
    kept_back = documents.describe(row, {"is_shared": False}, actor=people["officer"], version=1)
    assert kept_back.version == 2
    with pytest.raises(EditConflict) as conflict:
        documents.describe(row, SAID | {"exhibit_series": "", "is_shared": True}, actor=people["staff"], version=1)
    assert conflict.value.current == kept_back
    row.refresh_from_db()
    assert (row.is_shared, row.version) == (False, 2)
    documents.take_back(row, actor=people["staff"], reason="Wrong case")
    with pytest.raises(DomainError, match="taken back already"):
        documents.describe(row, {"category": "letter"}, actor=people["staff"], version=1)


def test_the_grievant_sees_what_is_shared_and_counts(people):
    case = GrievanceFactory(people=[people["member"].member])
    shared, ours = CaseDocumentFactory(grievance=case, is_shared=True), CaseDocumentFactory(grievance=case)
    gone = CaseDocumentFactory(grievance=case, is_shared=True)
    documents.take_back(gone, actor=people["staff"], reason="Wrong case")
    other = CaseDocumentFactory(is_shared=True)

    def seen(role):
        return set(CaseDocument.objects.visible_to(people[role]))

    assert seen("member") == {shared}
    assert seen("staff") == {shared, ours, gone, other}
    assert seen("steward") == set()
    type(case).objects.filter(pk=case.pk).update(is_restricted=True)
    assert seen("member") == set()


def test_sharing_is_an_act_of_its_own(people):
    row = CaseDocumentFactory()
    for is_shared in (True, True, False):
        documents.describe(row, SAID | {"exhibit_series": "", "is_shared": is_shared}, actor=people["staff"])
    assert [act for act in story(row.grievance) if "changed" not in act] == [
        "grievance.document_shared",
        "grievance.document_kept_back",
    ]


def test_a_harmful_file_is_handed_out_to_nobody(people, mailoutbox):
    row = CaseDocumentFactory(grievance__assigned_rep=people["representative"])
    CaseDocument.objects.update(state=FileState.HELD)
    documents.found_harmful(row)
    documents.found_harmful(row)
    row.refresh_from_db()
    assert (row.is_open, story(row.grievance)) == (False, ["grievance.document_harmful"])
