"""The files of a draft, and how they come into its case."""

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile

from core.errors import DomainError
from core.tests.files.samples import photo
from grievances.factories import IntakeDocumentFactory, IntakeFactory
from grievances.models import IntakeDocument
from grievances.services import intake_documents, intakes
from grievances.tests.case_setup import story

pytestmark = pytest.mark.django_db


def sheet(content=None, name="Sheet.jpg"):
    return SimpleUploadedFile(name, content or photo())


def test_a_photo_of_the_sheet_goes_along_into_the_case(people):
    draft = IntakeFactory(drafted_by=people["steward"])
    files = [sheet(), sheet(), sheet(b"<html><script>", "page.html"), sheet(b"Notes", "Notes.txt")]
    added = intake_documents.add_all(draft, files, actor=people["steward"])
    assert [name for name, _error in added.refused] == ["page.html"]
    assert [row.category for row in draft.documents.in_order()] == ["photo", "evidence"]
    intake_documents.take_back(added.kept[-1], actor=people["steward"], reason="Not ours")
    assert story(draft)[-3:] == ["grievance.document_added"] * 2 + ["grievance.document_taken_back"]
    case = intakes.file_grievance(draft, actor=people["officer"])
    [document] = case.documents.all()
    assert (document.name, document.added_by) == ("Sheet.jpg", people["steward"])
    assert b"".join(document.content()) == photo()
    assert story(case)[-1] == "grievance.document_added"


def test_nothing_is_added_to_a_draft_that_is_one_no_longer(people):
    draft = IntakeFactory()
    intakes.discard_intake(draft, actor=people["officer"], reason="Twice")
    draft.refresh_from_db()
    with pytest.raises(DomainError, match="was discarded"):
        intake_documents.add_all(draft, [sheet()], actor=people["officer"])
    with pytest.raises(PermissionDenied):
        intake_documents.add_all(IntakeFactory(), [sheet()], actor=people["member"])


def test_whoever_sees_the_draft_sees_its_documents(people):
    document = IntakeDocumentFactory(intake=IntakeFactory(drafted_by=people["steward"]))
    elsewhere = IntakeDocumentFactory()
    seen = {role: set(IntakeDocument.objects.visible_to(people[role])) for role in ("steward", "officer", "member")}
    assert seen == {"steward": {document}, "officer": {document, elsewhere}, "member": set()}
