"""Which numbers of a report may be shown, so that nothing in it tells of fewer than five applications. Pure.

A table has a row for each value of a property (month, reason, level) and nested columns: each counts a part of what the
column before it counts, as asked, approved and paid do. A report shows one line of totals and several such tables.

What is kept back has to stay unknown to whoever adds and subtracts, and to whoever knows these rules: the rows that one
column keeps back are, taken together, none or five applications and more, and so are those by which two columns differ
there. Where one row would be kept back alone, another that could be shown is kept back with it.
"""

from collections.abc import Sequence

FEWEST = 5
Table = Sequence[Sequence[int]]
KeptBack = list[frozenset[int]]


def told(count: int) -> bool:
    return count == 0 or count >= FEWEST


def kept_back(tables: Sequence[Table], *, wanted: Sequence[Sequence[int]]) -> tuple[tuple[int, ...], list[KeptBack]]:
    """The columns to show, and for each table and each of these columns the rows to keep back.

    `wanted`: choices of columns, from the most wished for to the least, each in order and with the first column.
    Tables without any column are not shown at all, and neither is their line of totals.
    """
    for columns in wanted:
        found = [_rows_kept_back(table, columns) for table in tables]
        rows_of = [rows for rows in found if rows is not None]
        if len(rows_of) == len(tables):
            return tuple(columns), rows_of
    return (), [[] for _table in tables]


def _rows_kept_back(table: Table, columns: Sequence[int]) -> KeptBack | None:
    """The rows kept back in each column, one column's among the next one's; None where even the total would tell."""
    found: KeptBack = []
    for place, column in enumerate(columns):
        outer = columns[place - 1] if place else None
        rows = _of_column(table, column, outer, found[-1] if found else frozenset())
        if rows is None:
            return None
        found.append(rows)
    return found


def _of_column(table: Table, column: int, outer: int | None, before: frozenset[int]) -> frozenset[int] | None:
    inside = [row[column] for row in table]
    outside = [0 if outer is None else row[outer] - row[column] for row in table]
    if not (told(sum(inside)) and told(sum(outside))):
        return None
    rows = set(before) | {at for at in range(len(table)) if not (told(inside[at]) and told(outside[at]))}
    while rows and (wrong := [counts for counts in (inside, outside) if not _hides(counts, rows)]):
        more = [at for at in range(len(table)) if at not in rows and wrong[0][at] >= FEWEST]
        if not more:
            return _all(inside, outside, outer)
        least = min(wrong[0][at] for at in more)
        rows.update(at for at in more if wrong[0][at] == least)
    return frozenset(rows)


def _hides(counts: Sequence[int], rows: set[int]) -> bool:
    """Whether the sum over `rows` leaves each of them open: neither too few, nor as few or many as could be."""
    total = sum(counts[at] for at in rows)
    return told(total) and total not in (len(rows), (FEWEST - 1) * len(rows))


def _all(inside: Sequence[int], outside: Sequence[int], outer: int | None) -> frozenset[int] | None:
    rows = set(range(len(inside)))
    kinds = (inside,) if outer is None else (inside, outside)
    return frozenset(rows) if all(_hides(counts, rows) for counts in kinds) else None
