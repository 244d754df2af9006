"""Form fields that read a cell the way offices write it."""

import datetime
import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from core.folding import words
from core.money import CENT, MoneyField, MoneyFormField
from members.enums import Classification, MemberStatus, OrganizationType, Standing, State
from members.validators import normal_phone

NOTHING = {"n/a", "na", "none", "null", "nil", "-", "--", "—", "#n/a", "unknown"}
EXCEL_ERRORS = {"#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!"}
EXCEL_EPOCH = datetime.date(1899, 12, 30)
EXCEL_DAYS = range(1, 73_416)
YMD = re.compile(r"(\d{4})[-/.]?(\d{2})[-/.]?(\d{2})(?:[ T]\d{1,2}:.*)?", re.ASCII)
MDY = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})(?: \d{1,2}:.*)?", re.ASCII)
DMY_WORDS = re.compile(r"(\d{1,2})[ -]([A-Za-z]{3,9})\.?,?[ -](\d{4}|\d{2})", re.ASCII)
MDY_WORDS = re.compile(r"([A-Za-z]{3,9})\.? (\d{1,2}),? (\d{4})", re.ASCII)
MONTHS = {
    name: number
    for number, name in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1
    )
}

COMMON_WORDS: dict[type[models.TextChoices], dict[str, str]] = {
    MemberStatus: {
        **dict.fromkeys(("a", "act", "current", "member", "working"), MemberStatus.ACTIVE),
        **dict.fromkeys(("i", "inact", "not active", "laid off", "withdrawn", "terminated"), MemberStatus.INACTIVE),
        **dict.fromkeys(("s", "susp", "suspend"), MemberStatus.SUSPENDED),
        **dict.fromkeys(("r", "ret", "retiree", "pensioner"), MemberStatus.RETIRED),
        **dict.fromkeys(("d", "dec", "dead", "died"), MemberStatus.DECEASED),
        **dict.fromkeys(
            ("n", "non member", "nonmember", "agency fee", "agency fee payer", "fee payer", "represented"),
            MemberStatus.REPRESENTED_NON_MEMBER,
        ),
    },
    Classification: {
        **dict.fromkeys(("j", "jm", "jw", "jman", "journey", "journeyperson", "journeyworker"), "journeyman"),
        **dict.fromkeys(("f", "fore", "foreperson", "general foreman"), "foreman"),
        **dict.fromkeys(("retired", "ret"), "retiree"),
        **dict.fromkeys(("hon", "honorary member"), "honorary"),
        **{
            text: f"apprentice_{year}"
            for year, ordinal in enumerate(("1st", "2nd", "3rd", "4th", "5th"), 1)
            for text in (
                f"a{year}",
                f"ap{year}",
                f"app {year}",
                f"app{year}",
                f"apprentice {year}",
                f"apprentice{year}",
                f"{ordinal} year apprentice",
                f"{ordinal} yr apprentice",
                f"apprentice {ordinal} year",
                f"apprentice {ordinal} yr",
                f"{ordinal} year",
            )
        },
    },
    Standing: {
        **dict.fromkeys(("yes", "y", "current", "paid", "in good standing", "true", "ok"), Standing.GOOD),
        **dict.fromkeys(
            ("no", "n", "behind", "delinquent", "arrears", "not in good standing", "false"), Standing.ARREARS
        ),
        **dict.fromkeys(("unknown", "not known", "unsure"), Standing.UNKNOWN),
    },
    State: {
        "d c": "DC",
        "washington dc": "DC",
        "washington d c": "DC",
        "virgin islands": "VI",
        "ala": "AL",
        "ariz": "AZ",
        "ark": "AR",
        "calif": "CA",
        "cal": "CA",
        "colo": "CO",
        "conn": "CT",
        "del": "DE",
        "fla": "FL",
        "ill": "IL",
        "ind": "IN",
        "kan": "KS",
        "kans": "KS",
        "ken": "KY",
        "mass": "MA",
        "mich": "MI",
        "minn": "MN",
        "miss": "MS",
        "mont": "MT",
        "neb": "NE",
        "nebr": "NE",
        "nev": "NV",
        "n h": "NH",
        "n j": "NJ",
        "n m": "NM",
        "n y": "NY",
        "n c": "NC",
        "n d": "ND",
        "okla": "OK",
        "ore": "OR",
        "penn": "PA",
        "penna": "PA",
        "r i": "RI",
        "s c": "SC",
        "s d": "SD",
        "tenn": "TN",
        "tex": "TX",
        "wash": "WA",
        "w va": "WV",
        "wis": "WI",
        "wisc": "WI",
        "wyo": "WY",
        "p r": "PR",
    },
    OrganizationType: {
        **dict.fromkeys(("company", "contractor", "signatory", "business"), OrganizationType.EMPLOYER),
        **dict.fromkeys(("local", "labor organization", "labor union"), OrganizationType.UNION),
        **dict.fromkeys(("training", "school"), OrganizationType.TRAINING_PARTNER),
        **dict.fromkeys(("apprenticeship committee", "joint apprenticeship"), OrganizationType.JATC),
    },
}


class Cell(forms.CharField):
    """Text of one line: spaces single, Excel's error values refused."""

    nothing: frozenset[str] = frozenset()

    def to_python(self, value: Any) -> str:
        text = " ".join(value.split())
        if text in EXCEL_ERRORS:
            raise ValidationError(_("Excel shows an error in this cell. Correct the formula."))
        return "" if text.casefold() in self.nothing else text


class OptionalCell(Cell):
    nothing = frozenset(NOTHING)


class NotesCell(forms.CharField):
    def to_python(self, value: Any) -> str:
        return "\n".join(line.rstrip() for line in value.strip().splitlines())


class NumberCell(OptionalCell):
    """A member number; Excel's 101.0 is 101."""

    def to_python(self, value: Any) -> str:
        return re.sub(r"\.0+\Z", "", super().to_python(value)).upper()


class ZipCell(OptionalCell):
    """Excel drops the zeros that ZIP codes of the North-East begin with."""

    def to_python(self, value: Any) -> str:
        text = re.sub(r"\.0\Z", "", super().to_python(value))
        if re.fullmatch(r"\d{9}", text):
            text = f"{text[:5]}-{text[5:]}"
        return text.zfill(5) if re.fullmatch(r"\d{3,4}", text) else text


class PhoneCell(OptionalCell):
    def to_python(self, value: Any) -> str:
        return normal_phone(re.sub(r"\.0\Z", "", super().to_python(value)))


class SiteCell(OptionalCell):
    def to_python(self, value: Any) -> str:
        text = super().to_python(value)
        return text if not text or "://" in text else f"https://{text}"


class ChoiceCell(OptionalCell):
    """A choice by its value, its label or the words that offices use for it."""

    def __init__(self, choices: type[models.TextChoices], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.known = {" ".join(words(text)): value for text, value in COMMON_WORDS[choices].items()}
        for item in choices:
            self.known |= {" ".join(words(item.value)): item.value, " ".join(words(str(item.label))): item.value}
            self.known[" ".join(words(item.value.replace("_", " ")))] = item.value
        self.labels = ", ".join(str(item.label) for item in choices) if len(choices) < 12 else ""

    def to_python(self, value: Any) -> str:
        folded = " ".join(words(value.replace("_", " ")))
        if folded in self.known:
            return self.known[folded]
        if not super().to_python(value):
            return ""
        if self.labels:
            raise ValidationError(_("Not one of the choices. Write one of: %(choices)s.") % {"choices": self.labels})
        raise ValidationError(_("This is not a state of the United States. Write it like IL or Illinois."))


class DateCell(OptionalCell):
    """ISO dates, American dates, months in letters and Excel's day numbers."""

    def __init__(self, *, never_later_than: datetime.date | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.latest = never_later_than

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text.strip("0-/. :"):
            return None
        try:
            if found := YMD.fullmatch(text):
                return datetime.date(*map(int, found.groups()))
            if found := MDY.fullmatch(text):
                month, _mark, day, year = found.groups()
                return self._date(year, int(month), int(day))
            if found := DMY_WORDS.fullmatch(text):
                return self._date(found[3], MONTHS[found[2][:3].lower()], int(found[1]))
            if found := MDY_WORDS.fullmatch(text):
                return self._date(found[3], MONTHS[found[1][:3].lower()], int(found[2]))
        except (ValueError, KeyError):
            text = ""
        if text.isascii() and text.isdigit() and int(text[:6]) in EXCEL_DAYS and len(text) <= 5:
            return EXCEL_EPOCH + datetime.timedelta(int(text))
        raise ValidationError(_("Not a date. Write it like 12/31/2024 or 2024-12-31."))

    def _date(self, year: str, month: int, day: int) -> datetime.date:
        """A year of two digits is in this century unless that lies too far ahead."""
        if len(year) == 4:
            return datetime.date(int(year), month, day)
        found = datetime.date(2000 + int(year), month, day)
        if self.latest is not None and found > self.latest:
            found = found.replace(year=found.year - 100)
        return found

    def has_changed(self, initial: Any, data: Any) -> bool:
        return True


class MoneyCell(MoneyFormField):
    def to_python(self, value: Any) -> Any:
        text = re.sub(r"\s*(/|per)\s*(hr|hour)\.?\Z", "", value.strip().lstrip("$").strip(), flags=re.IGNORECASE)
        return None if text.casefold() in NOTHING else super().to_python(text.replace(",", ""))

    def clean(self, value: Any) -> Any:
        amount = super().clean(value)
        return None if amount is None else amount.quantize(CENT)


def cell_for(field: models.Field, *, today: datetime.date) -> forms.Field:
    """The form field that reads a cell into `field`, with the model's own validators."""
    options: dict[str, Any] = {"required": False, "validators": field.validators}
    special = {
        "member_number": NumberCell,
        "zip_code": ZipCell,
        "phone": PhoneCell,
        "website": SiteCell,
        "notes": NotesCell,
    }
    if isinstance(field, models.DateField):
        # Only dues may lie ahead; a birthday in '58 was not in 2058.
        ahead = 366 * 20 if field.name == "dues_paid_through" else 366
        latest = today if field.name == "date_of_birth" else today + datetime.timedelta(ahead)
        return DateCell(never_later_than=latest, **options)
    if isinstance(field, MoneyField):
        return MoneyCell(required=False)
    if field.choices:
        choices = {"status": MemberStatus, "classification": Classification, "standing": Standing}
        more = {"state": State, "org_type": OrganizationType}
        return ChoiceCell({**choices, **more}[field.name], required=False)
    if field.name in special:
        return special[field.name](**options)
    plain = Cell if field.name.endswith("name") else OptionalCell
    return plain(**options)


def plain(value: Any) -> str:
    """A field's value as JSON keeps it and as two values are compared."""
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, datetime.date) else str(value)


def typed(field: models.Field, text: str) -> Any:
    """The opposite of `plain`."""
    if text:
        return field.to_python(text)
    return None if field.null else ""


def plain_values(row: models.Model, names: Mapping[str, Any] | tuple[str, ...] | list[str]) -> dict[str, str]:
    return {name: plain(getattr(row, name)) for name in names}
