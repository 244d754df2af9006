import pytest
from django.core.exceptions import ValidationError

from core.validators import validate_paragraphs, validate_single_line

PLAIN = ["", "Ann O’Brien-Müller", "李小龍", "عمر", "José", "👍", "a" * 10_000, "№ 7 – “quoted”", "e\u0301"]
LINES = ["two\nlines", "a\ttab", "a\r\nb"]
HIDDEN = {
    "NUL": "a\x00b",
    "bell": "a\x07b",
    "escape": "\x1b[2J",
    "delete": "a\x7fb",
    "C1": "a\x85b",
    "right-to-left override": "a\u202eb",
    "isolate": "a\u2066b",
    "mark": "a\u200eb",
    "zero width": "a\u200bb",
    "joiner": "a\u200db",
    "byte order mark": "\ufeffa",
    "soft hyphen": "a\u00adb",
    "line separator": "a\u2028b",
    "paragraph separator": "a\u2029b",
    "surrogate": "a\ud800b",
    "private use": "a\ue000b",
    "tag": "a\U000e0041b",
}


@pytest.mark.parametrize("text", PLAIN)
def test_what_people_write_is_kept(text):
    assert (validate_single_line(text), validate_paragraphs(text)) == (None, None)


@pytest.mark.parametrize("text", LINES)
def test_lines_and_tabs_belong_into_paragraphs_only(text):
    assert validate_paragraphs(text) is None
    with pytest.raises(ValidationError):
        validate_single_line(text)


@pytest.mark.parametrize("name", HIDDEN)
@pytest.mark.parametrize("validate", [validate_single_line, validate_paragraphs])
def test_what_cannot_be_seen_is_refused(name, validate):
    with pytest.raises(ValidationError) as refused:
        validate(HIDDEN[name])
    assert refused.value.messages == ["Remove the invisible characters; type the text instead of pasting it."]


@pytest.mark.parametrize("text", ["SSN 123-45-6789", "123 45 6789.", "id:\n078-05-1120"])
def test_a_social_security_number_is_not_kept(text):
    with pytest.raises(ValidationError) as refused:
        validate_paragraphs(text)
    assert refused.value.messages == [
        "This looks like a social security number, which is never kept here. Take it out."
    ]


@pytest.mark.parametrize("text", ["309-555-0100", "12-3456789", "62704-1234", "GR-2026-0001", "1123-45-67890"])
def test_other_numbers_are_kept(text):
    assert validate_paragraphs(text) is None
