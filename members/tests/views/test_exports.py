"""The list of members as a file."""

import csv
import io

import openpyxl
import pytest

from core.models import ReadEvent
from members.factories import EmploymentFactory, MemberFactory
from members.models import Member

pytestmark = pytest.mark.django_db

# Column → what the export writes for the member below.
EVIL = {
    "Name": "'=cmd|'/c calc'!A0, +Bo",
    "Status": "Active",
    "Number": "7",
    "Classification": "",
    "Employer": "'＝Evil, Inc.",
    "Standing": "Not known",
    "Dues paid through": "",
    "Phone": "(309) 555-0142",
    "E-mail": "",
    "Street address": "'@SUM(1)",
    "City": "'-2+3",
    "State": "",
    "ZIP code": "",
    "Hire date": "",
    "Initiation date": "",
}
HEADER = [*EVIL, "Added"]


def evil_member() -> Member:
    member = MemberFactory(
        member_number="7",
        first_name="+Bo",
        last_name="=cmd|'/c calc'!A0",
        phone="+13095550142",
        email="",
        address="@SUM(1)",
        city="-2+3",
        state="",
        zip_code="",
        hire_date=None,
        initiation_date=None,
        standing="unknown",
        dues_paid_through=None,
        classification="",
    )
    EmploymentFactory(member=member, organization__name="＝Evil, Inc.")
    return member


def test_the_csv_holds_the_filtered_rows_and_no_formula(staff, people, ann):
    member = evil_member()
    response = staff.get("/members/export/csv/?sort=name&standing=unknown")
    event = ReadEvent.objects.get()
    assert event.kind == "exported"
    assert event.subject_type == "members.member"
    assert event.rows == 1
    assert event.filters == {"standing": "Not known"}
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    header, row = csv.reader(io.StringIO(text))
    assert header == HEADER
    assert row[:-1] == [*EVIL.values()]
    assert row[-1][:4] == str(member.created_at.year)


def test_the_workbook_too(staff, ann):
    evil_member()
    response = staff.get("/members/export/xlsx/")
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(response.streaming_content))).active
    rows = list(sheet.iter_rows())
    assert [cell.value for cell in rows[0]] == HEADER
    assert [row[0].value for row in rows[1:]] == ["Aalto, Ann", "'=cmd|'/c calc'!A0, +Bo"]
    assert [cell.value for cell in rows[2][:-1]] == [text or None for text in EVIL.values()]
    assert {cell.data_type for row in rows for cell in row} <= {"s", "n", "d", "inlineStr"}
    assert (rows[1][13].value.date(), rows[1][6].value.date()) == (ann.hire_date, ann.dues_paid_through)


@pytest.mark.parametrize("name", ["admin", "steward", "organizer", "member", "nobody"])
def test_others_export_nothing(client_of, ann, name):
    answers = [client_of(name).get(f"/members/export/{kind}/").status_code for kind in ("csv", "xlsx")]
    assert (answers, ReadEvent.objects.count()) == ([403, 403], 0)
