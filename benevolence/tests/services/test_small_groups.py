"""Nothing that a report shows tells of one to four applications: by adding and subtracting, or by knowing the rules."""

from collections import defaultdict
from collections.abc import Iterator
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benevolence.services.small_groups import FEWEST, kept_back, told

ASKED, APPROVED, PAID = range(3)
WANTED = [(ASKED, APPROVED, PAID), (ASKED, APPROVED), (ASKED, PAID), (ASKED,)]
MONTHS, REASONS, CLASSES = 3, 2, 3
# A whole report: how many applications of each month and reason only asked, were approved, were paid.
CELLS = [(month, reason, last) for month in range(MONTHS) for reason in range(REASONS) for last in range(CLASSES)]


def few_kept_back(tables, *, wanted):
    """The naive way, as a control: only what is too few itself is kept back."""
    columns = wanted[0]
    return columns, [
        [frozenset(at for at, row in enumerate(table) if not told(row[column])) for column in columns]
        for table in tables
    ]


def tables_of(cells):
    """The table by month and the one by reason of a report."""
    count = dict(zip(CELLS, cells, strict=True))
    return [
        [
            [
                sum(n for cell, n in count.items() if cell[part] == value and cell[2] >= column)
                for column in range(CLASSES)
            ]
            for value in range(size)
        ]
        for part, size in ((0, MONTHS), (1, REASONS))
    ]


def shown_groups(cells, rule) -> list[list[int]]:
    """Which cells each number that is shown counts: the totals, and each row that is not kept back."""
    tables = tables_of(cells)
    columns, rows = rule(tables, wanted=WANTED)
    groups = [[int(cell[2] >= column) for cell in CELLS] for column in columns]
    for part, kept in enumerate(rows):
        for place, column in enumerate(columns):
            groups += [
                [int(cell[part] == at and cell[2] >= column) for cell in CELLS]
                for at in range(len(tables[part]))
                if at not in kept[place]
            ]
    return groups


def reduced(groups) -> list[list[int]]:
    """The same by elimination: each row has a one where all others have nought. Only whole numbers come of it here."""
    rows, done = [[Fraction(value) for value in group] for group in groups], 0
    for at in range(len(CELLS)):
        found = next((row for row in rows[done:] if row[at]), None)
        if found is None:
            continue
        rows.remove(found)
        found = [value / found[at] for value in found]
        rows = [[a - row[at] * b for a, b in zip(row, found, strict=True)] if row[at] else row for row in rows]
        rows.insert(done, found)
        done += 1
    assert all(value.denominator == 1 for row in rows[:done] for value in row)
    return [[int(value) for value in row] for row in rows[:done]]


def computable_groups(groups) -> Iterator[list[int]]:
    """Every set of cells that can be made from the groups by adding and subtracting."""
    basis = reduced(groups)
    vector, chosen = [0] * len(CELLS), 0
    for number in range(1, 2 ** len(basis)):
        turned = number ^ (number >> 1) ^ chosen  # one of the basis comes or goes at a time
        sign = -1 if chosen & turned else 1
        chosen ^= turned
        vector = [a + sign * b for a, b in zip(vector, basis[turned.bit_length() - 1], strict=True)]
        if all(value in (0, 1) for value in vector):
            yield vector


def told_groups(cells, rule) -> list[int]:
    """How many applications each group has that is too small and can be computed from what is shown."""
    sizes = (
        sum(count for count, inside in zip(cells, group, strict=True) if inside)
        for group in computable_groups(shown_groups(cells, rule))
    )
    return [size for size in sizes if not told(size)]


@given(st.lists(st.integers(0, 12), min_size=len(CELLS), max_size=len(CELLS)))
def test_no_small_group_can_be_computed_from_what_is_shown(cells):
    assert told_groups(cells, kept_back) == []


def test_the_naive_way_tells_a_small_group():
    cells = [0] * len(CELLS)
    cells[0], cells[6], cells[12] = 4, 9, 20  # of the first reason, in three months
    assert told_groups(cells, few_kept_back) != []
    assert told_groups(cells, kept_back) == []


def shares(parts: int, most: int) -> Iterator[tuple[int, ...]]:
    """Every way in which at most `most` applications fall into so many parts."""
    if not parts:
        yield ()
        return
    for first in range(most + 1):
        for others in shares(parts - 1, most - first):
            yield (first, *others)


def seen(table, rule, wanted):
    """What somebody reads who sees only this table."""
    columns, rows = rule([table], wanted=wanted)
    if not columns:
        return None
    kept = rows[0]
    return (
        columns,
        tuple(sum(row[column] for row in table) for column in columns),
        tuple(
            tuple(None if at in kept[place] else row[column] for at, row in enumerate(table))
            for place, column in enumerate(columns)
        ),
    )


def found_out(tables, rule, wanted, parts) -> int:
    """How often a part of one to four is known for certain to whoever knows the rule, and what it shows."""
    same = defaultdict(list)
    for table in tables:
        same[seen(table, rule, wanted)].append(table)
    values = (
        {part(table[at]) for table in alike}
        for shown, alike in same.items()
        for at in range(len(alike[0]))
        for part in parts
    )
    return sum(len(value) == 1 and not told(min(value)) for value in values)


ONE = (tuple((count,) for count in found) for found in shares(4, 16))
ONE_COLUMN = list(ONE), [(0,)], [lambda row: row[0]]
TWO_COLUMNS = (
    [tuple((found[at] + found[at + 1], found[at]) for at in (0, 2)) for found in shares(4, 17)],
    [(0, 1), (0,)],
    [lambda row: row[0], lambda row: row[1], lambda row: row[0] - row[1]],
)


@pytest.mark.parametrize(("tables", "wanted", "parts"), [ONE_COLUMN, TWO_COLUMNS])
def test_knowing_the_rule_tells_nothing_more(tables, wanted, parts):
    assert found_out(tables, kept_back, wanted, parts) == 0
    assert found_out(tables, few_kept_back, wanted, parts) > 0


@pytest.mark.parametrize(
    ("rows", "kept"),
    [
        ([20, 30, 0], set()),
        ([20, 30, 3], {0, 2}),
        ([20, 4, 3], {1, 2}),
        ([20, 4, 4], {0, 1, 2}),  # two of four would be the only way to eight
        ([20, 1, 1], {0, 1, 2}),
        ([5, 5, 4], {0, 1, 2}),  # which of two alike goes along would tell where the four are
    ],
)
def test_which_rows_are_kept_back(rows, kept):
    assert kept_back([[(count,) for count in rows]], wanted=[(0,)]) == ((0,), [[frozenset(kept)]])


@pytest.mark.parametrize(
    ("row", "columns"),
    [
        ((30, 20, 10), (0, 1, 2)),
        ((30, 20, 17), (0, 1)),  # three are approved and not paid
        ((30, 28, 20), (0, 2)),
        ((30, 28, 27), (0,)),
        ((FEWEST - 1, 0, 0), ()),
    ],
)
def test_which_columns_are_shown(row, columns):
    assert kept_back([[row]], wanted=WANTED)[0] == columns
