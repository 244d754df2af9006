import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.search import search_words, searchable


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("María  GARCÍA", ["maria", "garcia"]),
        ("O'Brien, Siobhán", ["obrien", "siobhan"]),
        ("maria maria", ["maria"]),
        ("(312) 555-0123", ["3125550123"]),
        ("+1 312.555.0123", ["13125550123"]),
        ("312 555 0123", ["3125550123"]),
        ("312 555 0123 x12", ["312555012312"]),
        ("312-555", ["312555"]),
        ("garcia 312-555", ["garcia", "312555"]),
        ("104233 5550123", ["104233", "5550123"]),
        ("maria.garcia@example.org", ["maria", "garcia", "example", "org"]),
        ("%_\\", []),
        ("a\0b", ["a", "b"]),
        ("", []),
        ("a b c d e f g h i j", list("abcdefgh")),
        ("x" * 100_000, ["x" * 200]),
    ],
)
def test_search_words(text, expected):
    assert search_words(text) == expected


@given(st.text(max_size=300))
def test_any_text_becomes_at_most_eight_folded_words(text):
    found = search_words(text)
    assert len(found) <= 8
    assert all(word == "".join(char for char in word if char.isalnum()) for word in found)


@pytest.mark.parametrize(
    ("texts", "expected"),
    [(("María García", "GARCIA", "77"), " maria garcia 77"), (("", "…"), ""), (("O'Neil & Co.",), " oneil co")],
)
def test_searchable_holds_each_folded_word_once(texts, expected):
    assert searchable(*texts) == expected
