import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.folding import digits, fold, sort_key, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  José   GARCÍA ", "jose garcia"),
        ("Łukasz Wiśniewski", "lukasz wisniewski"),
        ("Groß", "gross"),
        ("Søren Ærø", "soren aero"),
        ("O’Brien", "o'brien"),
        ("ﬁne", "fine"),
        ("", ""),
    ],
)
def test_fold(text, expected):
    assert fold(text) == expected


@given(st.text(max_size=200))
def test_folding_again_changes_nothing(text):
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("O'Brien-Núñez", ["obrien", "nunez"]),
        ("A77 / 312", ["a77", "312"]),
        ("under_score", ["under", "score"]),
        ("…", []),
    ],
)
def test_words(text, expected):
    assert words(text) == expected


def test_digits_are_ascii_digits_only():
    assert digits("+1 (312) 555-0123 x4 ٣") == "131255501234"


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (("O'Brien", "Siobhán", ""), "obrien siobhan"),
        (("de la Cruz", "Ana", "M."), "de la cruz ana m"),
        (("x" * 300,), "x" * 200),
    ],
)
def test_sort_key(parts, expected):
    assert sort_key(*parts) == expected
