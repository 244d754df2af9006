"""Rows of a list that are no records: totals, page lines, the header once more."""

import re
from collections.abc import Sequence

from django.utils.translation import gettext as _

from core.imports.declaration import ImportedList, folded_header

MOST_CELLS = 2  # of a total or page line: its words and perhaps its number
PAGE = re.compile(
    r"(page|pg\.?) *\d+( *(of|/) *\d+)?|(printed|generated|exported|created|run)( (on|at|by|date))?\b.*\d.*"
    r"|end of (report|list|file)|(as of|report date|run date|date printed)\b.*\d.*|continued( on next page)?",
    re.IGNORECASE,
)


class NotRecords:
    """For one list with these headers."""

    def __init__(self, what: ImportedList, headers: Sequence[str]) -> None:
        self.headers = [folded_header(header) for header in headers]
        nouns = "|".join(("records?", "rows?", "items?", "entries", "results", "names?", "cases?", *what.counted))
        self.total = re.compile(
            rf"((grand|sub) ?-?)?(totals?|count|number of \w+|sum)( (of|for|number of)?\b[\w ,.&'()-]*)?"
            rf"( *[:=#] *[$\d,.]*)?|\d[\d,]*( \w+)? ({nouns})( (in|on|total|found|listed)\b.*)?",
            re.IGNORECASE,
        )

    def why(self, cells: Sequence[str]) -> str:
        """Why the row is no record, or ""."""
        filled = [(index, text) for index, cell in enumerate(cells) if (text := cell.strip())]
        if len(filled) > 1 and self._is_header(filled):
            return _("The header once more.")
        if not filled or len(self.headers) <= len(filled) or len(filled) > MOST_CELLS:
            return ""
        if any(PAGE.fullmatch(text) for _index, text in filled):
            return _("A line of the page, not of the list.")
        if self.total.fullmatch(filled[0][1]) and all(re.search(r"\d", text) for _index, text in filled[1:]):
            return _("A total, not a record.")
        return ""

    def _is_header(self, filled: list[tuple[int, str]]) -> bool:
        return all(index < len(self.headers) and folded_header(text) == self.headers[index] for index, text in filled)
