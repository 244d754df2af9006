import pytest

from members.folding import name_key, place_key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Acme, Inc.", "ACME INC"),
        ("Acme Incorporated", "Acme"),
        ("The Kettle Creek Company", "Kettle  Creek Co."),
        ("O'Hara & Sons", "OHARA AND SONS"),
        ("J.B. Hunt", "JB Hunt"),
        ("Peña Bros. L.L.C.", "Pena Bros LLC"),
    ],
)
def test_name_key_is_the_same_for_one_employer(one, other):
    assert name_key(one) == name_key(other)


@pytest.mark.parametrize(("one", "other"), [("Acme East", "Acme West"), ("Kettle Creek", "Kettle Creek Electric")])
def test_name_key_differs_for_two_employers(one, other):
    assert name_key(one) != name_key(other)


def test_name_key_of_nothing_but_legal_words_keeps_them():
    assert name_key("The Company") == "thecompany"


@pytest.mark.parametrize(
    ("city", "state", "expected"), [("St. Louis", "MO", "stlouis/mo"), ("", "", "/"), ("Peoria", " il ", "peoria/il")]
)
def test_place_key(city, state, expected):
    assert place_key(city, state) == expected
