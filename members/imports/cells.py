"""Cells of members and organizations: their numbers, places, choices and the words that offices use for them."""

import datetime
import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from core.folding import digits, words
from core.imports.cells import Cell, ChoiceCell, DateCell, MoneyCell, NotesCell, OptionalCell
from core.imports.declaration import DateRules
from core.money import MoneyField
from members.enums import Classification, MemberStatus, OrganizationType, Standing, State
from members.validators import normal_phone

CHOICES: dict[str, type[models.TextChoices]] = {
    "status": MemberStatus,
    "classification": Classification,
    "standing": Standing,
    "state": State,
    "org_type": OrganizationType,
}
COMMON_WORDS: dict[type[models.TextChoices], dict[str, str]] = {
    MemberStatus: {
        **dict.fromkeys(("a", "act", "current", "member", "working"), MemberStatus.ACTIVE),
        **dict.fromkeys(
            (
                "i",
                "inact",
                "not active",
                "laid off",
                "withdrawn",
                "terminated",
                "withdrawal card",
                "honorable withdrawal",
                "loa",
                "leave of absence",
            ),
            MemberStatus.INACTIVE,
        ),
        **dict.fromkeys(("s", "susp", "suspend"), MemberStatus.SUSPENDED),
        **dict.fromkeys(("r", "ret", "retiree", "pensioner", "pension"), MemberStatus.RETIRED),
        **dict.fromkeys(("d", "dec", "dead", "died"), MemberStatus.DECEASED),
        **dict.fromkeys(
            ("n", "non member", "nonmember", "agency fee", "agency fee payer", "fee payer", "represented"),
            MemberStatus.REPRESENTED_NON_MEMBER,
        ),
    },
    Classification: {
        **dict.fromkeys(
            ("j", "jm", "jw", "journeyman wireman", "jman", "journey", "journeyperson", "journeyworker"), "journeyman"
        ),
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
        **dict.fromkeys(
            ("yes", "y", "current", "paid", "in good standing", "true", "ok", "good standing"), Standing.GOOD
        ),
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


class NameCell(Cell):
    """A person's name or a company's: there are people called Null and None, and nobody called N/A."""

    nothing = frozenset({"n/a", "#n/a", "-", "--", "—", "?", "."})


class NumberCell(OptionalCell):
    """A member number; Excel's 101.0 is 101."""

    def to_python(self, value: Any) -> str:
        text = re.sub(r"\.0+\Z", "", super().to_python(value)).upper()
        if re.fullmatch(r"\d(\.\d+)?E\+?\d+", text):
            raise ValidationError(
                _("Excel shortened this number. Widen the column or format it as text, then save and upload again.")
            )
        return text


class ZipCell(OptionalCell):
    """Excel drops the zeros that ZIP codes of the North-East begin with."""

    def to_python(self, value: Any) -> str:
        text = re.sub(r"\.0\Z", "", super().to_python(value))
        if found := re.fullmatch(r"(\d{3,5})[-–— ](\d{4})?", text):
            return found[1].zfill(5) + (f"-{found[2]}" if found[2] else "")
        if re.fullmatch(r"\d{8,9}", text):
            text = text.zfill(9)
            return f"{text[:5]}-{text[5:]}"
        return text.zfill(5) if re.fullmatch(r"\d{3,4}", text) else text


# Nothing but noughts, or one digit over and over.
PLACEHOLDER = re.compile(r"0+|1?(\d)\1{6,}", re.ASCII)


class PhoneCell(OptionalCell):
    """Placeholders such as 000-000-0000 are no number."""

    def to_python(self, value: Any) -> str:
        text = re.sub(r"\.0\Z", "", super().to_python(value))
        if PLACEHOLDER.fullmatch(digits(text)) and not re.search(r"[^\d() .+-]", text):
            return ""
        if re.fullmatch(r"\d(\.\d+)?[Ee]\+?\d+", text):
            raise ValidationError(
                _("Excel shortened this number. Widen the column or format it as text, then save and upload again.")
            )
        return normal_phone(text)


class EmailCell(OptionalCell):
    """The address, without the program's name before it and the punctuation of a list behind it."""

    def to_python(self, value: Any) -> str:
        return re.sub(r"\Amailto:", "", super().to_python(value), flags=re.IGNORECASE).rstrip(",;")


class CityCell(OptionalCell):
    """A comma without a name is no city."""

    def to_python(self, value: Any) -> str:
        text = super().to_python(value)
        return text if words(text) else ""


class SiteCell(OptionalCell):
    def to_python(self, value: Any) -> str:
        text = super().to_python(value)
        return text if not text or "://" in text else f"https://{text}"


def split_place(text: str) -> tuple[str, str]:
    """(city, state) of "Lansing, MI" or "Lansing, Michigan 48901"; the state is "" when the text does not tell one."""
    city, comma, rest = text.rpartition(",")
    state = STATES.get(" ".join(words(re.sub(r"\s+\d{5}(-\d{4})?\Z", "", rest))), "")
    return (city.strip(), state) if comma and state and words(city) else (text, "")


SPECIAL: dict[str, type[forms.Field]] = {
    "member_number": NumberCell,
    "zip_code": ZipCell,
    "phone": PhoneCell,
    "email": EmailCell,
    "city": CityCell,
    "website": SiteCell,
    "notes": NotesCell,
}


def cell_for(field: models.Field, *, dates: DateRules, name: str = "") -> forms.Field:
    """The form field that reads a cell into `field`, with the model's own validators. `name` is that of the target."""
    options: dict[str, Any] = {"required": False, "validators": field.validators}
    if isinstance(field, models.DateField):
        # Only dues may lie ahead, and are paid through a month; a birthday in '58 was not in 2058.
        is_dues = field.name == "dues_paid_through"
        ahead = datetime.timedelta(366 * 20 if is_dues else 366)
        latest = dates.today if field.name == "date_of_birth" else dates.today + ahead
        order = dates.order_of(name or field.name)
        return DateCell(rules=dates, order=order, never_later_than=latest, to_month_end=is_dues, **options)
    if isinstance(field, MoneyField):
        return MoneyCell(required=False)
    if field.choices:
        return _choice_cell(CHOICES[field.name])
    if field.name in SPECIAL:
        return SPECIAL[field.name](**options)
    plain = NameCell if field.name.endswith("name") else OptionalCell
    return plain(**options)


def _choice_cell(choices: type[models.TextChoices]) -> ChoiceCell:
    if choices is State:
        refusal = _("This is not a state of the United States. Write it like IL or Illinois.")
    else:
        labels = ", ".join(str(item.label) for item in choices)
        refusal = _("Not one of the choices. Write one of: %(choices)s.") % {"choices": labels}
    return ChoiceCell(choices, common=COMMON_WORDS[choices], refusal=refusal, required=False)


STATES = _choice_cell(State).known
