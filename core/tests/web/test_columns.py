"""What a column draws of a row beside its value: its place, its label on a phone, a link."""

from types import SimpleNamespace

import pytest

from core.web import columns
from core.web.columns import Column

ROW = SimpleNamespace(is_deleted=False)


def cell(kind: str, value) -> str:
    return columns.drawer(Column("c", "Label", lambda row: value, kind=kind))(ROW)


@pytest.mark.parametrize(
    ("kind", "value", "drawn"),
    [
        ("text", "Ann <b>", "<td>Ann &lt;b&gt;</td>"),
        ("number", 7, '<td class="num" data-label="Label">7</td>'),
        ("linked", ("Ann <b>", "/members/1/"), '<td><a href="/members/1/">Ann &lt;b&gt;</a></td>'),
        ("linked", ("Member 7", ""), "<td>Member 7</td>"),
        (
            "move",
            ("Extend", "/terms/1/", "of Ann"),
            '<td class="cell-moves"><a href="/terms/1/">Extend<span class="visually-hidden"> of Ann</span></a></td>',
        ),
    ],
)
def test_a_label_stands_only_where_nobody_could_read_the_value_without_it(kind, value, drawn):
    assert cell(kind, value) == drawn


def test_a_heading_stands_as_its_cells_do():
    made = [
        columns.heading("Moves", css=Column("c", "Label", str, kind=kind).css) for kind in ("move", "money", "text")
    ]
    assert made == [
        '<th scope="col" class="cell-moves">Moves</th>',
        '<th scope="col" class="num">Moves</th>',
        '<th scope="col">Moves</th>',
    ]
