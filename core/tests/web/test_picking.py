"""When words name a record, so that one that fits is taken."""

import pytest

from core.web.picking import names


@pytest.mark.parametrize(
    ("typed", "fits"),
    [
        ("aal", True),
        ("Ann A", True),
        ("AALTO 104233", True),
        ("aa", False),
        ("alto", False),
        ("1042", False),
        ("ann berg", False),
        ("", False),
        ("—", False),
    ],
)
def test_each_word_begins_a_word_and_a_number_is_whole(typed, fits):
    assert names(typed, "Ann Aalto — 104233") is fits
