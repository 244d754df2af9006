"""What the small parts look like, whatever stands in them."""

import datetime as dt
from decimal import Decimal

import phonenumbers
import pytest
from django.utils import timezone, translation
from django.utils.formats import date_format, number_format
from django.utils.html import escape
from django.utils.translation import gettext
from hypothesis import given
from hypothesis import strategies as st

from core.enums import Clock
from core.web import formats

HOSTILE = """<script>alert("1")</script> & 'two'"""
style = phonenumbers.PhoneNumberFormat


@given(st.text())
def test_escaping_in_one_call_is_the_one_of_django(text):
    assert text.translate(formats.ESCAPES) == escape(text)


def test_what_people_typed_is_escaped_in_every_part():
    safe = escape(HOSTILE)
    assert formats.badge(HOSTILE).endswith(f"<span>{safe}</span></span>")
    assert formats.icon("x", label=HOSTILE).startswith(f'<svg class="icon" role="img" aria-label="{safe}">')
    assert formats.icon(HOSTILE, css=HOSTILE).startswith(f'<svg class="icon {safe}"')
    assert formats.phone(HOSTILE) == safe
    with pytest.raises(ValueError, match="Unknown tone"):
        formats.badge("text", tone=HOSTILE)


def parsed(number: str) -> tuple[str, str]:
    found = phonenumbers.parse(number, "US")
    shown = style.NATIONAL if found.country_code == 1 else style.INTERNATIONAL
    return phonenumbers.format_number(found, style.E164), phonenumbers.format_number(found, shown)


NUMBERS = st.one_of(
    st.from_regex(r"\+1[0-9]{10}(x[0-9]{1,5})?", fullmatch=True),
    st.from_regex(r"\([0-9]{3}\) [0-9]{3}-[0-9]{4}( ext\. [0-9]{1,4})?", fullmatch=True),
    st.from_regex(r"\+[0-9]{4,15}", fullmatch=True),
    st.from_regex(r"[0-9 ()x+-]{1,20}", fullmatch=True),
    st.text(min_size=1),
)


@given(NUMBERS)
def test_a_number_looks_as_if_it_had_been_parsed(number):
    try:
        called, shown = parsed(number)
    except phonenumbers.NumberParseException:
        assert formats.phone(number) == escape(number)
    else:
        assert formats.phone(number) == f'<a href="tel:{escape(called)}" class="nowrap">{escape(shown)}</a>'


@given(st.from_regex(r"\+1[0-9]{10}\n?", fullmatch=True))
def test_a_number_of_home_is_shown_without_parsing(number):
    assert formats.home_phone_text(number) in ("", parsed(number)[1])


def test_every_area_code_of_home_needs_no_parsing():
    numbers = [f"+1{code}5550123" for code in range(200, 1000)]
    assert [formats.home_phone_text(number) for number in numbers] == [parsed(number)[1] for number in numbers]


@pytest.mark.parametrize("language", ["en", "de", "fr", "en-us"])
@pytest.mark.parametrize(
    "amount", ["0", "0.001", "-0.01", "1234.5", "-1234567.89", "0.999", "1E+3", "12345678901234567890.12", "5"]
)
def test_money_is_grouped_as_django_groups_it(language, amount):
    with translation.override(language):
        digits = number_format(abs(Decimal(amount)), decimal_pos=2, force_grouping=True)
        assert formats.money_text(Decimal(amount)) == f"{'−' if Decimal(amount) < 0 else ''}${digits}"


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "de", "fr"])
def test_days_and_moments_are_told_in_the_language_of_the_page(language):
    day = dt.date(2026, 12, 7)
    moment = dt.datetime(2026, 12, 8, 3, 5, tzinfo=dt.UTC)
    with translation.override(language), timezone.override("America/Chicago"):
        words, evening = date_format(day, "D j M Y"), gettext("p.m.")
        assert formats.person_date(day) == f'<time datetime="2026-12-07" class="nowrap">{words}</time>'
        assert formats.person_date(moment) == formats.person_date(day)
        assert formats.person_datetime(moment) == (
            f'<time datetime="2026-12-07T21:05-06:00" class="nowrap">{words}, 9:05 {evening}</time>'
        )
        assert formats.moment_text(moment) == f"{words}, 9:05 {evening} CST"


@pytest.mark.parametrize(
    ("hour", "twelve", "day"),
    [(0, "12:41 a.m.", "00:41"), (5, "5:41 a.m.", "05:41"), (12, "12:41 p.m.", "12:41"), (23, "11:41 p.m.", "23:41")],
)
def test_times_are_written_as_the_local_chose(hour, twelve, day):
    written = [formats.time_text(dt.time(hour, 41), clock) for clock in (Clock.TWELVE_HOURS, Clock.DAY)]
    assert written == [twelve, day]


def test_nothing_is_told_as_nothing():
    made = [formats.money(""), formats.person_date(None), formats.person_datetime(""), formats.phone("")]
    assert made == [formats.absent()] * 4
    assert "not recorded" in formats.absent()
