"""Which items of a grid SQLite plays on a commit: as few as send what all of them send."""

import pytest

from unionops.covering import cover, form_of, known, left_out


def test_a_form_is_a_statement_without_its_values():
    first = "SELECT a FROM b WHERE c IN (%s, %s) LIMIT 21"
    assert form_of(first) == form_of("SELECT a FROM b WHERE c IN (%s) LIMIT 3") != form_of("SELECT a FROM b LIMIT 3")
    rows = "INSERT INTO b (c, d) VALUES (%s, %s)"
    assert form_of(rows) == form_of(rows + ", (%s, %s), (%s, %s)")
    assert form_of("SAVEPOINT s1") == ""


def test_few_items_are_chosen_and_send_what_all_send():
    grid = {"a.py::f[one]": "xy", "a.py::f[two]": "x", "a.py::f[three]": "z", "a.py::f[four]": "", "a.py::f[five]": "w"}
    alike, alone = {f"a.py::g[{key}]": "x" for key in "ab"}, {"a.py::h[a]": "v"}
    whole = {f"core/tests/db/a.py::i[{key}]": "x" for key in "abcd"}
    sent = {name: frozenset(forms) for name, forms in ({"a.py::plain": "w"} | grid | alike | alone | whole).items()}
    assert cover(sent) == {"a.py::f": ["one", "three"], "a.py::g": ["a"]}


@pytest.fixture
def function():
    """The first function that is listed with one item."""
    return next(function for function, kept in known().items() if len(kept) == 1)


def test_of_a_listed_function_the_others_are_left_out(function):
    names = [f"{function}[{known()[function][0]}]", f"{function}[surplus]", "a.py::plain", "a.py::f[one]"]
    assert left_out(names) == {f"{function}[surplus]"}


def test_a_function_whose_known_items_are_gone_is_played_whole(function):
    assert left_out([f"{function}[surplus]", f"{function}[other]"]) == set()
