"""How values look on a page: icons, badges, dates, money, telephone numbers. Fixed parts are made once a process."""

import datetime as dt
import re
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any

import phonenumbers
from django.templatetags.static import static
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from core.enums import Badge, Clock
from core.site import site_settings

CURRENCY = "$"
PHONE_REGION = "US"
DATE_FORMAT = "D j M Y"
TONE_ICONS = {
    "blue": "circle-dot",
    "grey": "circle",
    "amber": "clock",
    "red": "alert-triangle",
    "green": "circle-check",
    "violet": "lock",
}
# As django.utils.html.escape, in one call.
ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;"})
# The numbers of home that need no parsing, as they are stored and as they are shown; all others are parsed.
HOME_NUMBER = re.compile(r"\+1([2-9][0-9]{2})([0-9]{3})([0-9]{4})")
SHOWN_NUMBER = re.compile(r"\(([2-9][0-9]{2})\) ([0-9]{3})-([0-9]{4})")
DAYS_KEPT = 4_096
NOON = 12


@cache
def _icons_url() -> str:
    """The address of the file of icons, which only a release changes."""
    return static("icons.svg")


@lru_cache(maxsize=1_024)
def _bare_icon(name: str, css: str) -> SafeString:
    return format_html(
        '<svg class="{}" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        f"icon {css}".strip(),
        _icons_url(),
        name,
    )


def icon(name: str, *, label: str = "", css: str = "") -> SafeString:
    if not label:
        return _bare_icon(name, css)
    return format_html(
        '<svg class="{}" role="img" aria-label="{}"><use href="{}#{}"></use></svg>',
        f"icon {css}".strip(),
        label,
        _icons_url(),
        name,
    )


@lru_cache(maxsize=1_024)
def _badge_head(tone: str, icon_name: str) -> str:
    if tone not in TONE_ICONS:
        raise ValueError(f"Unknown tone {tone!r}")
    return format_html('<span class="state state-{}">{}<span>', tone, icon(icon_name or TONE_ICONS[tone]))


def badge(text: str, *, tone: str = "grey", icon: str = "") -> SafeString:
    return state(Badge(text, tone, icon))


def state(badge: Badge) -> SafeString:
    """The badge of a state, as its enum declares it."""
    return SafeString(f"{_badge_head(badge.tone, badge.icon)}{conditional_escape(badge.text)}</span></span>")


@cache
def _absent(language: str | None) -> SafeString:
    return format_html(
        '<span class="absent"><span aria-hidden="true">—</span><span class="visually-hidden">{}</span></span>',
        _("not recorded"),
    )


def absent() -> SafeString:
    return _absent(get_language())


@dataclass(frozen=True, slots=True)
class Here:
    """The language of a page, and how it tells days and times."""

    language: str | None
    zone: dt.tzinfo
    clock: str

    @classmethod
    def now(cls) -> "Here":
        """Asked once by whatever shows many values: each question costs as much as the rest of a date."""
        return cls(get_language(), timezone.get_current_timezone(), site_settings().clock)


@cache
def _has_plain_separators(language: str | None) -> bool:
    return number_format(Decimal(1234), decimal_pos=2, force_grouping=True) == "1,234.00"


def money_text(value: Any, here: Here | None = None) -> str:
    amount = value if isinstance(value, Decimal) else Decimal(str(value))
    if _has_plain_separators(here.language if here else get_language()):
        whole, _point, cents = f"{abs(amount):,f}".partition(".")
        digits = f"{whole}.{cents[:2]:0<2}"
    else:
        digits = number_format(abs(amount), decimal_pos=2, force_grouping=True)
    return f"{'−' if amount < 0 else ''}{CURRENCY}{digits}"


def money(value: Any, here: Here | None = None) -> SafeString:
    if value is None or value == "":
        return absent()
    return SafeString(f'<span class="num">{money_text(value, here).translate(ESCAPES)}</span>')


@lru_cache(maxsize=DAYS_KEPT)
def _day_text(language: str | None, day: dt.date) -> str:
    return date_format(day, DATE_FORMAT)


def day_text(day: dt.date) -> str:
    return _day_text(get_language(), day)


def _is_aware(value: Any) -> bool:
    return isinstance(value, dt.datetime) and value.tzinfo is not None


@lru_cache(maxsize=DAYS_KEPT)
def _day(language: str | None, day: dt.date) -> SafeString:
    return format_html('<time datetime="{}" class="nowrap">{}</time>', day.isoformat(), date_format(day, DATE_FORMAT))


def person_date(value: Any, here: Here | None = None) -> SafeString:
    if not value:
        return absent()
    language, zone = (here.language, here.zone) if here else (get_language(), None)
    return _day(language, timezone.localtime(value, zone).date() if _is_aware(value) else value)


def time_text(moment: dt.datetime | dt.time, clock: str) -> str:
    """As the local writes it: “5:41 a.m.” or “05:41”."""
    if clock == Clock.DAY:
        return f"{moment.hour:02}:{moment.minute:02}"
    half = _("a.m.") if moment.hour < NOON else _("p.m.")
    return f"{moment.hour % NOON or NOON}:{moment.minute:02} {half}"


def person_datetime(value: Any, here: Here | None = None) -> SafeString:
    if not value:
        return absent()
    page = here or Here.now()
    moment = value.astimezone(page.zone) if _is_aware(value) else value
    shown = f"{_day_text(page.language, moment.date())}, {time_text(moment, page.clock)}".translate(ESCAPES)
    return SafeString(f'<time datetime="{moment.isoformat(timespec="minutes")}" class="nowrap">{shown}</time>')


def moment_text(value: dt.datetime) -> str:
    """For a mail: with the name of the zone."""
    page = Here.now()
    moment = value.astimezone(page.zone)
    return f"{_day_text(page.language, moment.date())}, {time_text(moment, page.clock)} {moment:%Z}"


def value_text(value: Any) -> str:
    """A moment, a day or an amount as people write it; any other value as it is."""
    if isinstance(value, dt.datetime):
        return moment_text(value)
    if isinstance(value, dt.date):
        return day_text(value)
    return money_text(value) if isinstance(value, Decimal) else str(value)


def phone(value: Any) -> SafeString:
    """A link that calls the number; what is no number stays text."""
    if not value:
        return absent()
    if found := SHOWN_NUMBER.fullmatch(str(value)):
        return SafeString(f'<a href="tel:+1{"".join(found.groups())}" class="nowrap">{found[0]}</a>')
    try:
        number = phonenumbers.parse(str(value), PHONE_REGION)
    except phonenumbers.NumberParseException:
        return format_html("{}", value)
    return format_html(
        '<a href="tel:{}" class="nowrap">{}</a>',
        phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164),
        phone_text(number),
    )


def phone_text(number: phonenumbers.PhoneNumber) -> str:
    """As people at home write it."""
    at_home = number.country_code == phonenumbers.country_code_for_region(PHONE_REGION)
    style = phonenumbers.PhoneNumberFormat
    return phonenumbers.format_number(number, style.NATIONAL if at_home else style.INTERNATIONAL)


def home_phone_text(stored: str) -> str:
    """As `phone_text` for a stored number of home, found without parsing; empty for any other."""
    found = HOME_NUMBER.fullmatch(stored)
    return f"({found[1]}) {found[2]}-{found[3]}" if found else ""
