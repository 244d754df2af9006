"""What the readers of files give: the rows as they stand, with what a person should know about one of them."""

from typing import NamedTuple


class Line(NamedTuple):
    """`number` is the row of a spreadsheet; `lines` are the lines of the text file that it takes."""

    number: int
    cells: list[str]
    notes: tuple[str, ...] = ()
    lines: int = 1


def is_blank(cells: list[str]) -> bool:
    return not any(cell and not cell.isspace() for cell in cells)
