"""The proofs of the demonstration: small bills and notices as PDF and photos as PNG, drawn here."""

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.first_data import moment_of
from benevolence.enums import BenevolenceAction, DocumentCategory
from benevolence.models import ApplicationDocument
from core.audit import trail
from core.files.attaching import taken_in
from core.files.made_up import letter, photo
from core.records import records
from core.web.formats import day_text, money_text

# By reason: what it is, the name of the file, whether it is a photo, and its first lines.
PROOFS: dict[str, tuple[tuple[DocumentCategory, str, bool, tuple[str, ...]], ...]] = {
    "medical": ((DocumentCategory.BILL, "Hospital bill", False, ("Lakeside Regional Hospital", "Statement")),),
    "death_in_family": ((DocumentCategory.BILL, "Funeral invoice", False, ("Moreno Funeral Home", "Invoice")),),
    "disaster": (
        (DocumentCategory.PHOTO, "Kitchen", True, ("Water on the kitchen floor",)),
        (DocumentCategory.PROOF, "Letter of the insurance", False, ("Prairie Mutual Insurance", "Claim denied")),
    ),
    "hardship": ((DocumentCategory.NOTICE, "Shut-off notice", True, ("Lakeside Power and Light", "FINAL NOTICE")),),
    "other": ((DocumentCategory.PROOF, "Police report", False, ("City police department", "Report of a theft")),),
}


def keep_proofs(application: Any) -> list[trail.Entry]:
    """Put the proofs of its reason with an application that is in the database; returns their events."""
    day, owed = application.list_date, money_text(application.amount_requested)
    events = []
    for category, name, is_photo, lines in PROOFS[application.reason]:
        said = (*lines, day_text(day), f"Amount due: {owed}", f"For {application.member.full_name}")
        content, kind = (photo(said), "png") if is_photo else (letter(said), "pdf")
        events.append(keep(application, f"{name}.{kind}", content, category=category, day=day))
    return events


def keep(application: Any, name: str, content: bytes, *, category: str, day: Any, **fields: Any) -> trail.Entry:
    fields = {"application": application, "added_by": application.entered_by, "added_at": moment_of(day), **fields}
    upload = SimpleUploadedFile(name, content)
    with taken_in(ApplicationDocument, [upload], category=category, **fields) as (document,):
        records.save(document)
    data = {"document": str(document.pk), "category": str(category), "sha256": document.sha256}
    actor, at = document.added_by, document.added_at
    return trail.Entry(application, BenevolenceAction.DOCUMENT_ADDED, data=data, actor=actor, at=at)
