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
ROWS = 6_927
WORKSITES = 5_680
NAMES = 4_567
LEGAL = {"inc", "incorporated", "corp", "corporation", "co", "company", "companies", "llc", "lc", "llp", "lp", "ltd"}
LEGAL |= {"limited", "pllc", "plc", "pc", "na", "the"}


def counted_otherwise():
    """Return (rows, different worksites, different names) by a second, plain reading of the same sheet."""
    sheet = openpyxl.load_workbook(FILE, data_only=True).active
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


def checked(actor):
    with FILE.open("rb") as file:
        batch = batches.upload(file, LISTS["organizations"], file_name=FILE.name, actor=actor)
    batches.match_columns(batch, list_of(batch), batch.mapping, actor=actor)
    checking.start_check(batch, list_of(batch), actor=actor, in_background=False)
    return ImportBatch.objects.get(pk=batch.pk)


def test_the_real_list_twice_and_undone(people):
    staff = people["staff"]
    assert counted_otherwise() == (ROWS, WORKSITES, NAMES)
    empty = contents()

    first = checked(staff)
    assert (first.layout["header_row"], len(first.layout["headers"])) == (4, 34)
    assert first.mapping == {"Case Name": "name", "Unit City": "city", "Unit State": "state"}
    assert first.counts == {"new": NAMES, "duplicate": WORKSITES - NAMES, "repeated": ROWS - WORKSITES}
    applying.start_apply(first, list_of(first), actor=staff, in_background=False)
    assert Organization.objects.alive().count() == NAMES
    yale = Organization.objects.alive().filter(name_key="yaleuniversity")
    assert [(item.name, item.city, item.org_type) for item in yale] == [("Yale University", "New Haven", "employer")]

    once = contents()
    second = checked(staff)
    assert second.counts == {"unchanged": NAMES, "duplicate": WORKSITES - NAMES, "repeated": ROWS - WORKSITES}
    applying.start_apply(second, list_of(second), actor=staff, in_background=False)
    assert contents() == once

    undoing.start_undo(first, list_of(first), actor=staff, reason="Rehearsal", in_background=False)
    assert (first.counts["undone"], first.counts["kept"]) == (NAMES, 0)
    assert contents() == empty

    if WHOLE:
        again = checked(staff)
        assert again.counts == first_counts(first)
        batches.decide_all(again, list_of(again), "create", actor=staff)
        applying.start_apply(again, list_of(again), actor=staff, in_background=False)
        assert again.counts["applied"] == {"new": WORKSITES, "repeated": ROWS - WORKSITES}
        assert (Organization.objects.alive().count(), Organization.objects.count()) == (WORKSITES, WORKSITES)
        keys = Organization.objects.values_list("name_key", "place_key")
        assert len(set(keys)) == WORKSITES


def first_counts(batch):
    return {name: batch.counts[name] for name in ("new", "duplicate", "repeated")}
