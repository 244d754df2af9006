"""What an app says of a kind of list that it takes in: its columns, what a row would do, how that is done."""

import datetime
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Protocol

from django.db import models
from django.utils.translation import gettext_lazy

from core.folding import words
from core.imports.enums import Spelling
from core.imports.models import Batch, Matching, Row
from core.imports.readings import Reading
from core.imports.row_cells import RowCells


@dataclass(frozen=True, slots=True)
class Target:
    """One field that a column may be matched to. `shape` is tried on a column's values.

    A column of a target `in_place_of` others is not proposed when all of those are found; one that `needs` another is
    not without it. A cell of a `vital` target refuses its row when it cannot be read; of any other, it is left out.
    """

    name: str
    label: Any
    synonyms: tuple[str, ...]
    shape: re.Pattern[str] | None = None
    by_shape: bool = False
    in_place_of: tuple[str, ...] = ()
    needs: str = ""
    vital: bool = False
    is_date: bool = False


@dataclass(frozen=True, slots=True)
class DateRules:
    """How the dates of one list are read. `orders` says of a field "mdy", "dmy", or "" for a column that contradicts
    itself; `default` is for columns that do not tell. `from_1904` is the epoch of a workbook's day numbers.
    """

    today: datetime.date
    orders: Mapping[str, str] = field(default_factory=dict)
    default: str = "mdy"
    from_1904: bool = False

    def order_of(self, name: str) -> str:
        return self.orders.get(name, self.default)


@dataclass(frozen=True, slots=True)
class Option:
    """One choice that holds for the whole list, kept in the batch's layout. `refusal` answers any other value."""

    choices: type[models.TextChoices]
    default: str
    refusal: Any
    label: Any
    help_text: Any


SPELLING = Option(
    Spelling,
    Spelling.KEEP,
    refusal=gettext_lazy("Choose which spelling counts."),
    label=gettext_lazy("Where only capital letters differ"),
    help_text=gettext_lazy("For example “PEORIA” and “Peoria”. Kept, such a row changes nothing."),
)


def takes_spelling(batch: Batch) -> bool:
    return bool(batch.layout.get("spelling") == Spelling.TAKE)


class Checker(Protocol):
    """Says what rows would do, in the file's order; writes nothing."""

    def check(self, chunk: Sequence[Reading]) -> None: ...

    def close(self) -> None: ...


class Applier(Protocol):
    """Does what rows say, chunk by chunk in one transaction, and notes in each row what was done."""

    def begin(self, rows: Any) -> None:
        """Before the first chunk: lock what must be locked before everything else."""

    def apply(self, chunk: Sequence[Any]) -> None: ...


class Undoer(Protocol):
    """Puts back what rows did, chunk by chunk in one transaction, and notes in each row what was kept and why."""

    def begin(self) -> None: ...

    def undo(self, chunk: Sequence[Any]) -> None: ...

    def finish(self) -> None: ...


@dataclass(frozen=True, kw_only=True)
class ImportedList:
    """One kind of list.

    `permission` is needed for every step. `cells` makes what reads a row's matched fields; `complete` then refuses
    the row for what no single cell can say, with the header of each field. `require_columns` raises DomainError for
    fields that cannot work together. `repeated_rows_act` says whether a row that repeats an earlier one may still
    write something. `found_at_check` are the names in a row's `made` that the check fills for the
    apply, `made_besides` those under which the apply notes what it made beside the row's record. `others` are words
    that make a column one about somebody else; `counted` are the nouns of its totals. `withheld` says by number of the
    rows about a record that the person does not see what they read instead of its cells, of a thousand rows at a time.
    """

    kind: str
    batches: type[Batch]
    matchings: type[Matching]
    permission: str
    targets: Mapping[str, Target]
    cells: Callable[[Sequence[str], DateRules], RowCells]
    complete: Callable[[Reading, Mapping[str, str]], None]
    require_columns: Callable[[set[str]], None]
    checker: Callable[[Any, Any], Checker]
    applier: Callable[[Any, Any], Applier]
    undoer: Callable[[Any, Any, str], Undoer]
    repeated_rows_act: Callable[[Any], bool] = lambda batch: False
    withheld: Callable[[Any, Sequence[Row]], Mapping[int, str]] = lambda user, rows: {}
    found_at_check: tuple[str, ...] = ()
    made_besides: tuple[str, ...] = ()
    others: frozenset[str] = frozenset()
    counted: tuple[str, ...] = ()
    options: Mapping[str, Option] = field(default_factory=dict)

    @cached_property
    def known_headers(self) -> frozenset[str]:
        """The folded names that a column of such a list goes by."""
        return frozenset(folded_header(name) for target in self.targets.values() for name in target.synonyms)

    def label_of(self, name: str) -> str:
        return str(self.targets[name].label) if name in self.targets else name

    def option_of(self, batch: Batch, name: str) -> str:
        return batch.layout.get(name) or self.options[name].default


def targets_by_name(targets: Sequence[Target], *, vital: Sequence[str]) -> dict[str, Target]:
    return {target.name: replace(target, vital=target.name in vital) for target in targets}


def folded_header(text: str) -> str:
    return " ".join(words(text.replace("_", " ").replace("#", " number ")))
