"""Invented people and organizations, plausible and never real: each value by itself, and whole unsaved rows.

The factories of the tests are made of the same values. Everything random comes from factory.random, so that a seed
repeats it.
"""

import datetime
from collections.abc import Mapping
from decimal import Decimal
from functools import cache, lru_cache
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import Any

from django.conf import settings
from factory.random import randgen
from faker.generator import random as faker_random  # seeded by factory.random too
from faker.providers.person.en_US import Provider as EnglishNames

from core.db.rows import new
from core.folding import words
from members.enums import Classification, MemberStatus, Standing
from members.models import Employment, Member, Organization, OrganizationContact

FOLDER = Path(settings.BASE_DIR) / "fixtures" / "first_data"
DOMAINS = ("example.com", "example.net", "example.org")
ACCENTED_PERCENT = 8
TITLES = ("Plant manager", "Human resources director", "Labor relations manager", "Payroll clerk", "Superintendent")
TRADES = (
    "Electrician",
    "Pipefitter",
    "Sheet metal worker",
    "Millwright",
    "Crane operator",
    "Welder",
    "Bus mechanic",
    "Custodian",
    "Nursing assistant",
    "Warehouse worker",
)
# Pay of a journeyman is 100; the others are a share of it.
PAY: dict[str, int] = {
    Classification.APPRENTICE_1: 45,
    Classification.APPRENTICE_2: 55,
    Classification.APPRENTICE_3: 65,
    Classification.APPRENTICE_4: 75,
    Classification.APPRENTICE_5: 85,
    Classification.FOREMAN: 112,
}
STANDING_SOURCE = "Dues ledger"
Weighted = tuple[list[str], list[float]]


def weighted(weights: Mapping[str, float]) -> Weighted:
    """To be drawn from by `pick`."""
    return list(weights), list(accumulate(weights.values()))


def pick(choices: Weighted, source: Random = randgen) -> str:
    values, sums = choices
    return source.choices(values, cum_weights=sums)[0]


FIRST_NAMES = weighted(EnglishNames.first_names)
LAST_NAMES = weighted(EnglishNames.last_names)


@cache
def lines(name: str) -> tuple[str, ...]:
    return tuple((FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines())


def street() -> str:
    return f"{randgen.randint(1, 4800)} {randgen.choice(lines('streets'))}"


def place() -> list[str]:
    """City, state and ZIP code."""
    return randgen.choice(lines("places")).split("|")


def phone() -> str:
    """In the range that no telephone company gives out."""
    return f"+1{randgen.choice(('309', '217', '312'))}55501{randgen.randint(0, 99):02d}"


def first_name() -> str:
    return _plain_or_accented(FIRST_NAMES, 0)


def last_name() -> str:
    return _plain_or_accented(LAST_NAMES, 1)


def _plain_or_accented(plain: Weighted, column: int) -> str:
    """A frequent name, now and then one with an accent or an apostrophe."""
    if randgen.randint(1, 100) <= ACCENTED_PERCENT:
        return randgen.choice(lines("names")).split("|")[column]
    return pick(plain, faker_random)


def mailbox(first_name: str, last_name: str) -> str:
    name = ".".join(word for part in (first_name, last_name) for word in _mail_words(part))
    return f"{name or 'person'}{randgen.randint(1, 99)}@{randgen.choice(DOMAINS)}"


@lru_cache(4_096)
def _mail_words(name: str) -> list[str]:
    return [word for word in words(name) if word.isascii()]


def domain_of(name: str) -> str:
    """An organization's, on the Internet's reserved end."""
    return f"{''.join(words(name))[:30]}.example"


def title() -> str:
    return randgen.choice(TITLES)


def ages(status: str, classification: str) -> tuple[int, int]:
    if status in (MemberStatus.RETIRED, MemberStatus.DECEASED):
        return 60, 88
    if classification.startswith("apprentice"):
        return 19, 31
    return (33, 62) if classification == Classification.FOREMAN else (25, 61)


def age(status: str, classification: str) -> int:
    return randgen.randint(*ages(status, classification))


def years_in_trade(age: int, classification: str) -> int:
    """Whole years since the hire; an apprentice's year says it, nobody began before 18."""
    if classification.startswith("apprentice"):
        return min(int(classification[-1]) - 1, age - 19)
    return randgen.randint(min(5, age - 19), age - 19)


def birth(as_of: datetime.date, age: int) -> datetime.date:
    return _before(as_of, age * 365 + randgen.randint(10, 350))


def hire(as_of: datetime.date, years: int) -> datetime.date:
    return _before(as_of, years * 365 + randgen.randint(200, 340))


def initiation(hired: datetime.date) -> datetime.date:
    return hired + datetime.timedelta(randgen.randint(30, 180))


def _before(day: datetime.date, days: int) -> datetime.date:
    return day - datetime.timedelta(days)


def paid_through(standing: str, as_of: datetime.date) -> datetime.date | None:
    """Dues are paid to the end of a month: this one or later in good standing, two to six ago in arrears."""
    if standing == Standing.UNKNOWN:
        return None
    months = randgen.randint(1, 4) if standing == Standing.GOOD else -randgen.randint(1, 5)
    month = as_of.year * 12 + as_of.month - 1 + months
    return datetime.date(month // 12, month % 12 + 1, 1) - datetime.timedelta(1)


def job_title(classification: str) -> str:
    trade = randgen.choice(TRADES)
    if classification.startswith("apprentice"):
        return f"Apprentice {trade.lower()}"
    return f"{trade} foreman" if classification == Classification.FOREMAN else trade


def pay(classification: str) -> Decimal:
    share = PAY.get(classification, 100) if classification else 70
    return Decimal(randgen.randint(3600, 4800) * share // 100) / 100


# --- whole rows -----------------------------------------------------------------------------------


def organization(name: str, org_type: str) -> Organization:
    address, (city, state, zip_code), domain = street(), place(), domain_of(name)
    return new(
        Organization,
        name=name,
        org_type=org_type,
        address=address,
        city=city,
        state=state,
        zip_code=zip_code,
        phone=phone(),
        email=f"office@{domain}",
        website=f"https://www.{domain}/",
    )


def contact(organization: Organization, *, is_primary: bool) -> OrganizationContact:
    """Of an organization that has its key."""
    first, last = first_name(), last_name()
    return new(
        OrganizationContact,
        organization_id=organization.pk,
        first_name=first,
        last_name=last,
        title=title(),
        phone=phone(),
        email=mailbox(first, last),
        is_primary=is_primary,
    )


def member(as_of: datetime.date, *, number: str | None, status: str, classification: str, standing: str) -> Member:
    """`as_of` is the day that the facts are true on; who has no number was never initiated."""
    facts: dict[str, Any] = {"address": street()}
    facts["city"], facts["state"], facts["zip_code"] = place()
    facts |= {"phone": phone(), "first_name": first_name(), "last_name": last_name()}
    facts["email"] = mailbox(facts["first_name"], facts["last_name"])
    years_of_age = age(status, classification)
    facts["date_of_birth"] = birth(as_of, years_of_age)
    hired = hire(as_of, years_in_trade(years_of_age, classification))
    facts |= {"hire_date": hired, "initiation_date": initiation(hired) if number else None}
    if standing != Standing.UNKNOWN:
        facts |= {"standing_as_of": as_of.replace(day=1), "standing_source": STANDING_SOURCE}
    return new(
        Member,
        member_number=number,
        status=status,
        classification=classification,
        standing=standing,
        dues_paid_through=paid_through(standing, as_of),
        email_written_at=written_long_before(as_of),
        **facts,
    )


def written_long_before(as_of: datetime.date) -> datetime.datetime:
    """When the office wrote an address that may claim an account by now."""
    return datetime.datetime.combine(as_of - datetime.timedelta(days=90), datetime.time(12), datetime.UTC)


def employment(employer: int, classification: str, start: datetime.date, end: datetime.date | None) -> Employment:
    """Of nobody yet; `employer` is a key, `classification` the member's."""
    return new(
        Employment,
        organization_id=employer,
        start_date=start,
        end_date=end,
        job_title=job_title(classification),
        hourly_rate=pay(classification),
    )
