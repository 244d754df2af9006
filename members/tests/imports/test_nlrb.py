"""Real input: the union elections of the United States, 2017 to 2021, as the labour board released them."""

import os
import re
from pathlib import Path

import openpyxl
import pytest

from core.imports import applying, batches, checking, undoing
from members.imports.lists import LISTS, list_of
from members.models import ImportBatch, Organization
from members.tests.import_steps import contents

FILE = Path(__file__).resolve().parents[4] / "shared" / "data" / "nlrb-election-tallies-2017-2021.xlsx"
pytestmark = [
    pytest.mark.heavy,
    pytest.mark.django_db,
    pytest.mark.skipif(not FILE.exists(), reason=f"the labour board's list is not beside the project ({FILE.name})"),
]

WHOLE = bool(os.environ.get("BATTERY"))
# Rows, different worksites, different names.
COUNTS = (6_927, 5_680, 4_567)
# How many rows a commit plays; a browser imports all of them (unionops/tests/test_story_employers.py).
FEW = 1_200
LEGAL = {"inc", "incorporated", "corp", "corporation", "co", "company", "companies", "llc", "lc", "llp", "lp", "ltd"}
LEGAL |= {"limited", "pllc", "plc", "pc", "na", "the"}


@pytest.fixture
def file(tmp_path):
    """The list, or on a commit a workbook of its first rows."""
    if WHOLE:
        return FILE
    book, few = openpyxl.load_workbook(FILE, data_only=True, read_only=True), openpyxl.Workbook()
    for row in book.active.iter_rows(max_row=4 + FEW, values_only=True):
        few.active.append(row)
    few.save(tmp_path / FILE.name)
    return tmp_path / FILE.name


def counted_otherwise(file):
    """Return (rows, different worksites, different names) by a second, plain reading of the same sheet."""
    sheet = openpyxl.load_workbook(file, data_only=True).active
    rows = [[cell.value or "" for cell in row[1:4]] for row in sheet.iter_rows(min_row=5)]
    sites, names = set(), set()
    for name, city, state in rows:
        key = simplified(name)
        sites.add((key, re.sub(r"\W", "", city.lower()), state))
        names.add(key)
    return len(rows), len(sites), len(names)


def simplified(name):
    text = name.lower().replace("’", "'").replace("'", "").replace("&", " and ").replace("ñ", "n")
    text = re.sub(r"(?<=\b[a-z])\.(?=[a-z]\b)", "", text)
    parts = re.findall(r"[^\W_]+", text)
    return "".join([part for part in parts if part not in LEGAL] or parts)


def checked(file, actor):
    with file.open("rb") as opened:
        batch = batches.upload(opened, LISTS["organizations"], file_name=file.name, actor=actor)
    batches.match_columns(batch, list_of(batch), batch.mapping, actor=actor)
    checking.start_check(batch, list_of(batch), actor=actor, in_background=False)
    return ImportBatch.objects.get(pk=batch.pk)


def test_the_real_list_twice_and_undone(people, file):
    staff = people["staff"]
    rows, worksites, names = counted_otherwise(file)
    assert (rows, worksites, names) == COUNTS or not WHOLE
    assert (rows, worksites > names) == (COUNTS[0] if WHOLE else FEW, True)
    empty = contents()

    first = checked(file, staff)
    assert (first.layout["header_row"], len(first.layout["headers"])) == (4, 34)
    assert first.mapping == {"Case Name": "name", "Unit City": "city", "Unit State": "state"}
    assert first.counts == {"new": names, "duplicate": worksites - names, "repeated": rows - worksites}
    applying.start_apply(first, list_of(first), actor=staff, in_background=False)
    assert Organization.objects.alive().count() == names
    if WHOLE:
        yale = Organization.objects.alive().filter(name_key="yaleuniversity")
        assert [(item.name, item.city, item.org_type) for item in yale] == [
            ("Yale University", "New Haven", "employer")
        ]

    once = contents()
    second = checked(file, staff)
    assert second.counts == {"unchanged": names, "duplicate": worksites - names, "repeated": rows - worksites}
    applying.start_apply(second, list_of(second), actor=staff, in_background=False)
    assert contents() == once

    undoing.start_undo(first, list_of(first), actor=staff, reason="Rehearsal", in_background=False)
    assert (first.counts["undone"], first.counts["kept"]) == (names, 0)
    assert contents() == empty

    if WHOLE:
        again = checked(file, staff)
        assert again.counts == first_counts(first)
        batches.decide_all(again, list_of(again), "create", actor=staff)
        applying.start_apply(again, list_of(again), actor=staff, in_background=False)
        assert again.counts["applied"] == {"new": worksites, "repeated": rows - worksites}
        assert (Organization.objects.alive().count(), Organization.objects.count()) == (worksites, worksites)
        keys = Organization.objects.values_list("name_key", "place_key")
        assert len(set(keys)) == worksites


def first_counts(batch):
    return {name: batch.counts[name] for name in ("new", "duplicate", "repeated")}
