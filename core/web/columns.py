"""The columns of a list: what each reads, what it exports, and the one function by which it draws its cells."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from operator import attrgetter
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.formats import localize
from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core.enums import Badge
from core.web import formats
from core.web.formats import ESCAPES

Draw = Callable[[Any], str]
# Keys that no row has: what stands in an address where the key of a row will stand.
NO_NUMBER, NO_UUID = 2**62 + 1, UUID(int=2**126 + 1)
# Kinds that nobody could read on a phone's card, where no heading stands above, without their label.
TOLD_BY_LABEL = ("number", "money", "date", "moment")
SORT_MARKS = {"asc": ("ascending", "arrow-up"), "desc": ("descending", "arrow-down"), "": ("none", "arrows-sort")}


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """`value` gives what the export writes; `kind` says how the page draws it (see DRAWERS).

    link and text take a text, date a date, badge a Badge, phone and email a text, number and money a number,
    move (text, url, what it is for), linked (text, url or "").

    `reads` names the model's fields that value and badge need (None: all), also through relations, `adds` annotates,
    `fill` reads something for all rows of a page at once. `same` gives what a cell depends on and nothing beside it
    does: rows that agree there share one drawing.
    """

    name: str
    label: Any
    value: Callable[[Any], Any]
    kind: str = "text"
    sort: str = ""
    shown: bool = True
    phone_card: bool = True
    badge: Callable[[Any], Badge | None] | None = None
    reads: Sequence[str] | None = None
    adds: Callable[[Any], models.QuerySet] | None = None
    fill: Callable[[Sequence[Any]], None] | None = None
    same: Callable[[Any], Hashable] | None = None

    @property
    def is_number(self) -> bool:
        """Whether its values stand at the right, digit under digit."""
        return self.kind in ("number", "money")

    @property
    def css(self) -> str:
        """The class of its heading and its cells."""
        return "num" if self.is_number else "cell-moves" if self.kind == "move" else ""


def of_field(name: str, label: Any, field: str, **options: Any) -> Column:
    """A column that shows one field as it is; `field` may lead through relations that every row has."""
    return Column(name, label, attrgetter(field.replace("__", ".")), reads=(field,), **options)


def through(path: str, fields: Iterable[str]) -> tuple[str, ...]:
    """The fields of the row to which `path` leads, as `reads` names them."""
    return tuple(f"{path}__{field}" for field in fields)


def narrowed(rows: Any, columns: Iterable[Column], always: Iterable[str]) -> models.QuerySet:
    """With what the columns need, and without any field that neither they nor `always` name."""
    reads: dict[str, None] | None = dict.fromkeys(always)
    for column in columns:
        rows = column.adds(rows) if column.adds else rows
        if reads is not None:
            reads = None if column.reads is None else reads | dict.fromkeys(column.reads)
    if reads is None:
        return rows
    related = dict.fromkeys(path.rpartition("__")[0] for path in reads if "__" in path)
    rows = rows.only(*reads)
    return rows.select_related(*related) if related else rows


def fill(rows: Sequence[Any], columns: Iterable[Column]) -> None:
    """Read what the columns show beside the rows themselves."""
    for column in columns:
        if rows and column.fill:
            column.fill(rows)


def heading(label: Any, *, url: str = "", direction: str = "", css: str = "") -> SafeString:
    """The head of a column; with `url` a link that sorts by it."""
    text, css = escape(str(label)), f' class="{css}"' if css else ""
    if not url:
        return SafeString(f'<th scope="col"{css}>{text}</th>')
    order, mark = SORT_MARKS[direction]
    return SafeString(
        f'<th scope="col" aria-sort="{order}"{css}><a class="sort" href="{escape(url)}">{text}'
        f"{formats.icon(mark)}</a></th>"
    )


def table_head(heads: Iterable[tuple[Column, str, str]]) -> SafeString:
    """The heads of (column, address to sort by, direction)."""
    made = [heading(column.label, url=url, direction=direction, css=column.css) for column, url, direction in heads]
    return SafeString("".join(made))


def table_body(
    rows: Iterable[Any],
    columns: Iterable[Column],
    *,
    address: Draw | None = None,
    choosable: bool = False,
    remark: Draw | None = None,
) -> SafeString:
    """The rows as `<tr>…</tr>`. `address` gives that of a row's record; `choosable` puts a box before each row.

    `remark` gives HTML that stands below a row across its columns, or "".
    """
    draws = [drawer(column, address) for column in columns]
    if choosable:
        draws.insert(0, _box())
    lines = []
    for row in rows:
        css = ' class="is-deleted"' if getattr(row, "is_deleted", False) else ""
        lines.append(f"<tr{css}>{''.join([draw(row) for draw in draws])}</tr>\n")
        if said := remark(row) if remark else "":
            lines.append(f'<tr><td colspan="{len(draws)}"><span class="refused-why">{said}</span></td></tr>\n')
    return SafeString("".join(lines))


def address_of(route: str, model: type[models.Model], key: str = "id") -> Draw:
    """Gives the address of a row's record, with `key` in it; the route is reversed once for all rows."""
    field: Any = model._meta.get_field(key)
    field = field.target_field if field.is_relation else field
    place = NO_UUID if isinstance(field, models.UUIDField) else NO_NUMBER
    start, _place, end = reverse(route, args=[place]).rpartition(str(place))
    key_of = attrgetter(key)
    return lambda row: f"{start}{key_of(row)}{end}"


def drawer(column: Column, address: Draw | None = None) -> Draw:
    """The function that makes the column's `<td>` of a row, in the language and time zone of this moment."""
    if column.kind == "link":
        return _link(column, address)
    if column.kind == "badge":
        return _shared(_badge(column), column.same)
    return _shared(_made(column, DRAWERS.get(column.kind, lambda: _text)()), column.same)


def _shared(draw: Draw, same: Callable[[Any], Hashable] | None) -> Draw:
    if same is None:
        return draw
    drawn: dict[Hashable, str] = {}

    def draw_once(row: Any) -> str:
        key = same(row)
        if key not in drawn:
            drawn[key] = draw(row)
        return drawn[key]

    return draw_once


def _box() -> Draw:
    choose = _("Choose %(row)s")

    def draw(row: Any) -> str:
        label = (choose % {"row": row}).translate(ESCAPES)
        return f'<td class="cell-check"><input type="checkbox" name="id" value="{row.pk}" aria-label="{label}"></td>\n'

    return draw


def _link(column: Column, address: Draw | None) -> Draw:
    value, url_of = column.value, address or (lambda row: row.get_absolute_url())

    def draw(row: Any) -> str:
        url, text = url_of(row).translate(ESCAPES), str(value(row)).translate(ESCAPES)
        return f'<td class="cell-main"><a href="{url}">{text}</a></td>'

    return draw


def _badge(column: Column) -> Draw:
    badge: Any = column.badge

    def draw(row: Any) -> str:
        found = badge(row)
        return f'<td class="cell-state">{formats.state(found) if found else formats.absent()}</td>'

    return draw


def _made(column: Column, make: Callable[[Any], str]) -> Draw:
    css = f"{column.css}{'' if column.phone_card else ' hide-phone'}".strip()
    css, moment = f' class="{css}"' if css else "", " data-moment" if column.kind == "moment" else ""
    label = f' data-label="{escape(str(column.label))}"' if column.kind in TOLD_BY_LABEL else ""
    opening = f"<td{css}{moment}{label}>"
    value, absent = column.value, f"{opening}{formats.absent()}</td>"

    def draw(row: Any) -> str:
        found = value(row)
        return absent if found is None or found == "" else f"{opening}{make(found)}</td>"

    return draw


def _text(value: Any) -> str:
    if type(value) is int and not settings.USE_THOUSAND_SEPARATOR:
        return str(value)
    return (value if isinstance(value, str) else str(localize(value))).translate(ESCAPES)


def _move(value: Sequence[str]) -> str:
    text, url, purpose = (part.translate(ESCAPES) for part in value)
    return f'<a href="{url}">{text}<span class="visually-hidden"> {purpose}</span></a>'


def _linked(value: Sequence[str]) -> str:
    text, url = (str(part).translate(ESCAPES) for part in value)
    return f'<a href="{url}">{text}</a>' if url else text


# How the value of each other kind is drawn; what they need of language and time zone is asked once a list.
DRAWERS: dict[str, Callable[[], Callable[[Any], str]]] = {
    "date": lambda: partial(formats.person_date, here=formats.Here.now()),
    "moment": lambda: partial(formats.person_datetime, here=formats.Here.now()),
    "phone": lambda: formats.phone,
    "money": lambda: partial(formats.money, here=formats.Here.now()),
    "move": lambda: _move,
    "linked": lambda: _linked,
}
