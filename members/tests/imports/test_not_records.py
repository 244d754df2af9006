"""Which rows of a list are no records, and which are, however odd."""

import pytest

from core.imports.not_records import NotRecords
from members.imports.lists import LISTS

HEADERS = ["Member No", "First Name", "Last Name"]


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        (["Total members: 2", "", ""], "A total, not a record."),
        (["", "Grand Total", "41"], "A total, not a record."),
        (["Count: 2", "", ""], "A total, not a record."),
        (["7 Ongoing Cases", "", ""], "A total, not a record."),
        (["1,204 members", "", ""], "A total, not a record."),
        (["Page 3 of 9", "", ""], "A line of the page, not of the list."),
        (["Printed 11/26/2026 10:14 AM", "Page 1 of 1", ""], "A line of the page, not of the list."),
        (["Member No", "First Name", "Last Name"], "The header once more."),
        (["member no.", "FIRST NAME", "Last name", ""], "The header once more."),
        (["7", "Ann", "Total"], ""),
        (["", "Total", "Recall"], ""),
        (["LOCAL 12 - AURORA", "", ""], ""),
        (["Paige", "", ""], ""),
        (["7 Eleven", "", ""], ""),
    ],
)
def test_why_a_row_is_no_record(cells, why):
    assert NotRecords(LISTS["members"], HEADERS).why(cells) == why
