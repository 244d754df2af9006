import datetime

import phonenumbers
import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from core.validators import validate_sensible_date
from members.validators import (
    USUAL_PHONE,
    normal_phone,
    validate_member_number,
    validate_phone,
    validate_zip_code,
)


def accepts(validator, value):
    try:
        validator(value)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("104233", True),
        ("A5120", True),
        ("7", True),
        ("1" * 12, True),
        ("1" * 13, False),
        ("a5120", False),
        ("AB12", False),
        ("A", False),
        ("12-34", False),
        ("١٢٣", False),
        ("12\n", False),
    ],
)
def test_validate_member_number(value, expected):
    assert accepts(validate_member_number, value) is expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [("60601", True), ("60601-1234", True), ("6060", False), ("60601 1234", False), ("60601\n", False)],
)
def test_validate_zip_code(value, expected):
    assert accepts(validate_zip_code, value) is expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (datetime.date(1900, 1, 1), True),
        (datetime.date(2100, 12, 31), True),
        (datetime.date(1, 1, 1), False),
        (datetime.date(1899, 12, 31), False),
        (datetime.date(9999, 12, 31), False),
    ],
)
def test_validate_sensible_date(value, expected):
    assert accepts(validate_sensible_date, value) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(312) 555-0123", "+13125550123"),
        ("312.555.0123", "+13125550123"),
        (" 1 312 555 0123 ", "+13125550123"),
        ("312-555-0123 x45", "+13125550123x45"),
        ("312-555-0123 ext. 45", "+13125550123x45"),
        ("+44 20 7946 0018", "+442079460018"),
        ("", ""),
    ],
)
def test_normal_phone(text, expected):
    assert normal_phone(text) == expected
    validate_phone(expected)


@pytest.mark.parametrize("text", ["555-0123", "call Bob", "312-555-0123 or so", "1" * 400, "312\x00555", "=1+1"])
def test_normal_phone_refuses_what_is_no_number(text):
    with pytest.raises(ValidationError) as refusal:
        normal_phone(text)
    assert refusal.value.messages == ["Enter a phone number with area code, such as 312 555 0123."]


def test_a_phone_is_stored_in_its_normal_form_only():
    assert accepts(validate_phone, "+13125550123") is True
    assert accepts(validate_phone, "312 555 0123") is False


@pytest.mark.parametrize("form", ["{}{}{}", "({}) {}-{}", "({}){}{}", "{}-{}-{}", "{}.{}.{}", "{} {} {}", "+1{}{}{}"])
@given(area=st.integers(200, 999), middle=st.integers(0, 999), end=st.integers(0, 9999))
def test_the_usual_ways_to_write_a_phone_are_read_as_the_library_reads_them(form, area, middle, end):
    text = form.format(area, f"{middle:03}", f"{end:04}")
    number = phonenumbers.parse(text, "US")
    assert USUAL_PHONE.fullmatch(text)
    assert phonenumbers.is_possible_number(number)
    assert number.extension is None

    assert normal_phone(text) == phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
