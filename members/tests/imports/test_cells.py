"""How cells, names and columns are understood."""

import datetime
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from core.imports.declaration import DateRules
from core.imports.lines import Line
from core.imports.rows import RowReader
from members.imports.cells import cell_for, split_place
from members.imports.lists import LISTS
from members.imports.names import split_name
from members.models import Employment, Member, Organization

TODAY = datetime.date(2026, 11, 23)


def cleaned(model, name, text):
    return cell_for(model._meta.get_field(name), dates=DateRules(TODAY)).clean(text)


def day(year, month, date):
    return datetime.date(year, month, date)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2024-12-31", day(2024, 12, 31)),
        ("2024-12-31T00:00:00", day(2024, 12, 31)),
        ("20241231", day(2024, 12, 31)),
        ("12/31/2024", day(2024, 12, 31)),
        ("1/2/2024 12:00 AM", day(2024, 1, 2)),
        ("1-2-24", day(2024, 1, 2)),
        ("31-Dec-2024", day(2024, 12, 31)),
        ("Dec 31, 2024", day(2024, 12, 31)),
        ("December 31 2024", day(2024, 12, 31)),
        ("45657", day(2024, 12, 31)),
        ("", None),
        (" n/a ", None),
        ("00/00/0000", None),
        ("0000-00-00", None),
    ],
)
def test_dates(text, value):
    assert cleaned(Member, "hire_date", text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12/2024", day(2024, 12, 31)),
        ("Dec-24", day(2024, 12, 31)),
        ("December 2024", day(2024, 12, 31)),
        ("2024-12", day(2024, 12, 31)),
        ("202402", day(2024, 2, 29)),
        ("2/3/2024", day(2024, 2, 3)),
    ],
)
def test_dues_are_paid_through_a_month(text, value):
    assert cleaned(Member, "dues_paid_through", text) == value


def test_the_column_and_the_workbook_say_how_dates_are_meant():
    rules = DateRules(TODAY, {"hire_date": "dmy", "initiation_date": ""}, from_1904=True)
    fields = {name: cell_for(Member._meta.get_field(name), dates=rules) for name in ("hire_date", "initiation_date")}

    assert fields["hire_date"].clean("3/4/2020") == day(2020, 4, 3)
    assert fields["hire_date"].clean("42066") == day(2019, 3, 4)
    with pytest.raises(ValidationError, match="writes some dates with the day first"):
        fields["initiation_date"].clean("3/4/2020")


@pytest.mark.parametrize("text", ["32,50", "1,5", "12,34.50"])
def test_a_decimal_comma_is_not_a_hundred_times_as_much(text):
    with pytest.raises(ValidationError, match="Write an amount with a point"):
        cleaned(Employment, "hourly_rate", text)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("Lansing, MI", ("Lansing", "MI")),
        ("Lansing, Michigan 48901", ("Lansing", "MI")),
        ("Lansing", ("Lansing", "")),
        ("Washington, Tyne and Wear", ("Washington, Tyne and Wear", "")),
    ],
)
def test_a_city_and_a_state_in_one_cell(text, place):
    assert split_place(text) == place


def test_years_of_two_digits_depend_on_the_field():
    assert cleaned(Member, "date_of_birth", "2/3/58") == day(1958, 2, 3)
    assert cleaned(Member, "date_of_birth", "2/3/04") == day(2004, 2, 3)
    assert cleaned(Member, "dues_paid_through", "6/30/27") == day(2027, 6, 30)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("hire_date", "31/12/2024"),
        ("hire_date", "2019"),
        ("hire_date", "12/2024"),
        ("hire_date", "Dec-24"),
        ("hire_date", "202412"),
        ("hire_date", "1234"),
        ("member_number", "1.04233E+11"),
        ("phone", "3.12556E+09"),
        ("phone", "312-555-0123 / 312-555-0199"),
        ("hire_date", "1/1/1850"),
        ("hire_date", "soon"),
        ("hire_date", "9999-12-31"),
        ("hire_date", "0001-01-01"),
        ("hire_date", "٣/٤/٢٠٢٤"),
        ("state", "Ontario"),
        ("status", "purple"),
        ("member_number", "12-34"),
        ("member_number", "#REF!"),
        ("email", "nobody"),
        ("phone", "12"),
        ("zip_code", "123456"),
        ("first_name", "x" * 101),
        ("first_name", "A\u202ennA"),
    ],
)
def test_refused_cells(name, text):
    with pytest.raises(ValidationError):
        cleaned(Member, name, text)


@pytest.mark.parametrize(
    ("model", "name", "text", "value"),
    [
        (Member, "member_number", "101.0", "101"),
        (Member, "member_number", " a5120 ", "A5120"),
        (Member, "zip_code", "2139", "02139"),
        (Member, "zip_code", "616021234", "61602-1234"),
        (Member, "zip_code", "21341234", "02134-1234"),
        (Member, "zip_code", "2134-1234", "02134-1234"),
        (Member, "zip_code", "02134–1234", "02134-1234"),
        (Member, "zip_code", "60601-", "60601"),
        (Member, "phone", "000-000-0000", ""),
        (Member, "phone", "0", ""),
        (Member, "email", "mailto:ann@example.org", "ann@example.org"),
        (Member, "email", "ann@example.org,", "ann@example.org"),
        (Member, "city", ",", ""),
        (Member, "first_name", "None", "None"),
        (Member, "first_name", "N/A", ""),
        (Member, "phone", "(309) 555-0147", "+13095550147"),
        (Member, "phone", "3095550147.0", "+13095550147"),
        (Member, "phone", "none", ""),
        (Member, "state", "illinois", "IL"),
        (Member, "state", "Ill.", "IL"),
        (Member, "state", "N.Y.", "NY"),
        (Member, "status", "A", "active"),
        (Member, "status", "Represented non-member", "represented_non_member"),
        (Member, "status", "represented_non_member", "represented_non_member"),
        (Member, "classification", "2nd Year Apprentice", "apprentice_2"),
        (Member, "classification", "Apprentice, year 5", "apprentice_5"),
        (Member, "classification", "JW", "journeyman"),
        (Member, "standing", "Yes", "good"),
        (Member, "first_name", "  Mary   Ann ", "Mary Ann"),
        (Member, "notes", "One\r\n two \n", "One\n two"),
        (Organization, "website", "www.example.com", "https://www.example.com"),
        (Organization, "org_type", "Local", "union"),
        (Employment, "hourly_rate", "$1,031.50 / hr", Decimal("1031.50")),
        (Employment, "hourly_rate", "n/a", None),
    ],
)
def test_understood_cells(model, name, text, value):
    assert cleaned(model, name, text) == value


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Lee, Ann", ("Ann", "", "Lee")),
        ("Lee, Ann Marie K.", ("Ann", "Marie K.", "Lee")),
        ("de la Cruz, Ana", ("Ana", "", "de la Cruz")),
        ("Lee, Ann, Jr.", ("Ann", "", "Lee Jr.")),
        ("Lee III, Ann", ("Ann", "", "Lee III")),
        ("Ann Lee", ("Ann", "", "Lee")),
        ("Ann Marie Lee Sr", ("Ann", "Marie", "Lee Sr")),
        ("Rahman, Md", ("Md", "", "Rahman")),
        ("Lee, V", ("V", "", "Lee")),
        ("John Smith, Jr.", ("John", "", "Smith Jr.")),
        ("Smith, Jr., John", ("John", "", "Smith, Jr.")),
        ("Smith, John (Jack)", ("John", "(Jack)", "Smith")),
        ("Dr. Ann Hill", ("Ann", "", "Hill")),
        ("Ana Maria de la Cruz", ("Ana", "Maria", "de la Cruz")),
    ],
)
def test_full_names(text, names):
    assert split_name(text) == names


@pytest.mark.parametrize("text", ["Cher", "Lee,", "a, b, c"])
def test_full_names_that_cannot_be_split(text):
    with pytest.raises(ValidationError):
        split_name(text)


def test_a_row_names_its_problems_by_column():
    headers = ["No", "Who", "Born", "Ignored"]
    reader = RowReader(
        LISTS["members"],
        headers,
        {"No": "member_number", "Who": "full_name", "Born": "date_of_birth"},
        dates=DateRules(TODAY),
    )

    good = reader.read(Line(7, ["12.0", "Lee, Ann", "2/3/58", "078-05-1120"]))
    bad = reader.read(Line(8, ["1x", "", "never", "", "extra"]))

    assert good.number == 7
    assert good.outcome == ""
    assert good.problems == []
    assert good.values == {
        "member_number": "12",
        "first_name": "Ann",
        "last_name": "Lee",
        "date_of_birth": "1958-02-03",
    }
    assert good.raw == {"No": "12.0", "Who": "Lee, Ann", "Born": "2/3/58"}
    assert (bad.outcome, bad.values) == ("error", {})
    assert [(item["column"], item["text"]) for item in bad.problems] == [
        ("", "The row has more cells than the header. Perhaps a quotation mark is missing."),
        ("No", "A member number is digits, or one letter and digits, such as 104233 or A5120."),
        ("Born", "left out: Not a date. Write it like 12/31/2024 or 2024-12-31."),
        ("Who", "This cell is empty; a name is needed."),
    ]
