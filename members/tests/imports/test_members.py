"""A member list with odd headers, from upload to undo, against what the list's maker says of it."""

import io
from collections import Counter

import pytest

from core.imports import applying, batches, checking, undoing
from members.imports.lists import LISTS, list_of
from members.models import Employment, Member, Organization
from members.tests.import_steps import contents
from members.tests.member_list import EMPLOYERS, FIRST_ROW, MAPPING, member_list

pytestmark = pytest.mark.django_db


def checked(made, actor):
    batch = batches.upload(io.BytesIO(made.cp1252()), LISTS["members"], file_name="members.csv", actor=actor)
    batches.match_columns(batch, list_of(batch), batch.mapping, actor=actor)
    checking.start_check(batch, list_of(batch), actor=actor, in_background=False)
    return batch


@pytest.mark.heavy
def test_two_thousand_members(people):
    staff, made, empty = people["staff"], member_list(2_000), contents()

    batch = checked(made, staff)

    assert batch.layout["encoding"] == "cp1252"
    assert batch.layout["delimiter"] == ";"
    assert batch.layout["header_row"] == 4
    assert batch.mapping == MAPPING
    assert batch.counts == made.expected == Counter(new=1_980, error=10, repeated=10, left_out=20)
    stored = str(list(batch.rows.values_list("raw", "values")))
    assert "078-05-1120" not in stored
    assert "Cubs" not in stored

    applying.start_apply(batch, list_of(batch), actor=staff, in_background=False)
    jobs = sum(1 for row in made.rows if row[13]) - left_out_jobs(made)
    assert (Member.objects.count(), Employment.objects.count()) == (1_980, jobs)
    assert sorted(Organization.objects.values_list("name_key", flat=True)) == sorted(
        name.lower().replace(" ", "").split(",")[0].removesuffix("llc").removesuffix("co.").removesuffix("corp.")
        for name in EMPLOYERS
    )
    check_one(made.rows[1])

    once = contents()
    again = checked(made, staff)
    assert again.counts == {"unchanged": 1_980, "error": 10, "repeated": 10, "left_out": 20}
    applying.start_apply(again, list_of(again), actor=staff, in_background=False)
    assert contents() == once

    undoing.start_undo(batch, list_of(batch), actor=staff, reason="Rehearsal", in_background=False)
    assert (batch.counts["undone"], batch.counts["kept"]) == (1_980, 0)
    assert contents() == empty


def left_out_jobs(made):
    """Count the jobs in rows with an error, and in rows that repeat one."""
    kinds = {50, 80}
    return sum(1 for index, row in enumerate(made.rows) if index % 200 in kinds and row[13])


def check_one(row):
    member = Member.objects.get(member_number=row[0])
    last, first = row[1].split(", ")
    month, day, year = row[2].split("/") if "/" in row[2] else (row[2][5:7], row[2][8:], row[2][:4])
    born = member.date_of_birth
    assert (member.last_name, member.first_name) == (last, first)
    assert born.month == int(month)
    assert born.day == int(day)
    assert born.year % 100 == int(year) % 100
    assert member.zip_code == row[6]
    assert member.phone == "+13095550101"
    assert member.city == "Peoria"
    job = Employment.objects.get(member=member)
    assert f"${job.hourly_rate}" == row[14]
    assert job.organization.name.casefold() == row[13].casefold()


def test_rows_keep_their_number_in_the_file(people):
    made = member_list(120)

    batch = checked(made, people["staff"])

    refused = batch.rows.filter(outcome="error").order_by("number")
    left_out = batch.rows.filter(made__has_key="left_out").order_by("number")
    assert list(refused.values_list("number", flat=True)) == [FIRST_ROW + 50]
    assert list(left_out.values_list("number", flat=True)) == [FIRST_ROW + 60, FIRST_ROW + 70]
