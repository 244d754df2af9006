"""A paper says what it was given, and nothing of who made it."""

import io

import pypdf
import pytest

from core.papers.typeset import Paper, pdf_of
from core.site import change_settings

pytestmark = pytest.mark.django_db
HOSTILE = '#set page(width: 1pt) [x] $x$ *b* _i_ @a <l> `c` \\ // -- ~ O\'Neill "q" ... #sys.inputs'


def letter(**data) -> Paper:
    texts = {
        "address": ["Ann Lee", "1 Main St"],
        "day": "Fri 27 Nov 2026",
        "greeting": "Dear Ann Lee,",
        "paragraphs": ["First.", "Second."],
        "facts": [["Amount", "$1,200.00"]],
        "signatures": ["For the local"],
    }
    return Paper("papers/letter.typ", "letter", "A letter", {**texts, **data})


def read(paper) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(pdf_of(paper)))


def test_the_text_is_what_was_given():
    change_settings({"name": "Trades", "number": "46", "address": "9 Hall Rd\nTown"}, actor=None)
    [page] = read(letter()).pages
    assert page.extract_text().splitlines() == [
        "Trades 46",
        "9 Hall Rd",
        "Town",
        "Ann Lee",
        "1 Main St",
        "Fri 27 Nov 2026",
        "A letter",
        "Dear Ann Lee,",
        "First.",
        "Second.",
        "Amount $1,200.00",
        "For the local",
        "Page 1 of 1",
    ]


@pytest.mark.parametrize("name", [HOSTILE, "Élodie Łukasiewicz", "שלום"])
def test_words_are_printed_as_they_are_typed(name):
    assert name in read(letter(address=[name])).pages[0].extract_text().replace("\n", " ")


def test_letters_without_a_picture_do_not_stop_a_paper():
    found = read(letter(address=["山田 😀", "1 Main St"]))
    assert "1 Main St" in found.pages[0].extract_text()
    assert found.trailer["/Root"]["/MarkInfo"]["/Marked"] is not None


def test_it_is_tagged_us_letter_and_names_nobody():
    found = read(letter())
    assert (found.pages[0].mediabox.width, found.pages[0].mediabox.height) == (612, 792)
    assert bool(found.trailer["/Root"]["/MarkInfo"]["/Marked"])
    assert found.trailer["/Root"]["/Lang"] == "en"
    assert set(found.metadata or {}) == {"/Title", "/Creator"}
    assert (found.metadata or {})["/Creator"].startswith("Typst ")
    assert b".typ" not in pdf_of(letter()).replace(b"/Type", b"")


def test_its_fonts_come_along():
    fonts = read(letter()).pages[0]["/Resources"]["/Font"]
    assert all("Libertinus" in font.get_object()["/BaseFont"] for font in fonts.values())


def test_a_long_one_goes_on_and_counts_its_pages():
    pages = read(letter(paragraphs=["Word " * 60] * 30)).pages
    assert [page.extract_text().splitlines()[-1] for page in pages] == [
        f"Page {number} of {len(pages)}" for number in range(1, len(pages) + 1)
    ]
