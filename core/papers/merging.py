"""Several PDFs as one: pages in order, each stamped at its foot with a reference and its number."""

import io
from collections.abc import Sequence

from pypdf import PageObject, PdfReader, PdfWriter
from pypdf.errors import PyPdfError

from core.papers.typeset import Paper, pdf_of

STAMP = "papers/stamp.typ"
MOST_PAGES = 2_000


class NotMerged(Exception):
    """A PDF whose pages cannot be taken over."""


def page_count(document: bytes) -> int:
    """Raises NotMerged for what cannot be read page by page."""
    return len(_pages(document))


def merged(documents: Sequence[bytes], *, reference: str, title: str) -> bytes:
    """The pages of all documents, without what these say of themselves: names, authors, outlines, attachments."""
    pages = [page for document in documents for page in _pages(document)]
    stamps = _pages(pdf_of(Paper(STAMP, "stamp", title, {"reference": reference, "count": len(pages)})))
    writer = PdfWriter()
    for page, stamp in zip(pages, stamps, strict=True):
        added = writer.add_page(page)
        added.transfer_rotation_to_content()
        added.pop("/Annots", None)
        added.pop("/Metadata", None)
        added.pop("/PieceInfo", None)
        box = added.mediabox
        across, up = float(box.right) - float(stamp.mediabox.right), float(box.bottom)
        added.merge_translated_page(stamp, across, up, over=True)
    writer.metadata = None
    writer.add_metadata({"/Title": title})
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


def _pages(document: bytes) -> list[PageObject]:
    try:
        pages = list(PdfReader(io.BytesIO(document)).pages)
    except (PyPdfError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise NotMerged(type(error).__name__) from error
    if not pages or len(pages) > MOST_PAGES:
        raise NotMerged("pages")
    return pages
