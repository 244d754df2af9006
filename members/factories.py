"""Organizations, members, employments and contacts for tests and first data: valid and plausible.

Everything random comes from factory.random, so that a seed repeats it.
"""

import datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import factory
from django.conf import settings
from factory.django import DjangoModelFactory
from factory.random import randgen

from members.employment_services import refresh_search
from members.enums import Classification, MemberStatus, OrganizationType, Standing
from members.folding import words
from members.models import Employment, Member, Organization, OrganizationContact

FOLDER = Path(settings.BASE_DIR) / "fixtures" / "first_data"
DOMAINS = ("example.com", "example.net", "example.org")
ACCENTED_PERCENT = 8
AS_OF = datetime.date(2026, 9, 1)
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
PAY = {
    Classification.APPRENTICE_1: 45,
    Classification.APPRENTICE_2: 55,
    Classification.APPRENTICE_3: 65,
    Classification.APPRENTICE_4: 75,
    Classification.APPRENTICE_5: 85,
    Classification.FOREMAN: 112,
}


@cache
def lines(name: str) -> tuple[str, ...]:
    return tuple((FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines())


def street() -> str:
    return f"{randgen.randint(1, 4800)} {randgen.choice(lines('streets'))}"


def phone() -> str:
    """In the range that no telephone company gives out."""
    return f"+1{randgen.choice(('309', '217', '312'))}55501{randgen.randint(0, 99):02d}"


def mailbox(first_name: str, last_name: str) -> str:
    name = ".".join(word for part in (first_name, last_name) for word in words(part) if word.isascii())
    return f"{name or 'person'}{randgen.randint(1, 99)}@{randgen.choice(DOMAINS)}"


def plain_or_accented(provider: str, column: int) -> Any:
    """A name of Faker's, now and then one with an accent or an apostrophe."""
    plain = factory.Faker(provider)

    def choose(made: Any) -> str:
        if randgen.randint(1, 100) <= ACCENTED_PERCENT:
            return randgen.choice(lines("names")).split("|")[column]
        return plain.evaluate(made, None, {"locale": None})

    return factory.LazyAttribute(choose)


class Located(DjangoModelFactory):
    class Meta:
        abstract = True

    class Params:
        place = factory.LazyFunction(lambda: randgen.choice(lines("places")).split("|"))

    address = factory.LazyFunction(street)
    city = factory.LazyAttribute(lambda made: made.place[0])
    state = factory.LazyAttribute(lambda made: made.place[1])
    zip_code = factory.LazyAttribute(lambda made: made.place[2])
    phone = factory.LazyFunction(phone)


class OrganizationFactory(Located):
    class Meta:
        model = Organization

    name = factory.Sequence(lambda number: f"Fairhollow Works {number + 1}")
    org_type = OrganizationType.EMPLOYER
    email = factory.LazyAttribute(lambda made: f"office@{''.join(words(made.name))[:30]}.example")
    website = factory.LazyAttribute(lambda made: f"https://www.{''.join(words(made.name))[:30]}.example/")


class ContactFactory(DjangoModelFactory):
    class Meta:
        model = OrganizationContact

    organization = factory.SubFactory(OrganizationFactory)
    first_name = plain_or_accented("first_name", 0)
    last_name = plain_or_accented("last_name", 1)
    title = factory.LazyFunction(lambda: randgen.choice(TITLES))
    phone = factory.LazyFunction(phone)
    email = factory.LazyAttribute(lambda made: mailbox(made.first_name, made.last_name))
    is_primary = False


class MemberFactory(Located):
    """A journeyman in good standing unless told otherwise; ages, dates and dues follow from what is told."""

    class Meta:
        model = Member

    class Params:
        as_of = AS_OF
        age = factory.LazyAttribute(lambda made: randgen.randint(*ages(made.status, made.classification)))
        years = factory.LazyAttribute(lambda made: years_in_trade(made.age, made.classification))

    member_number = factory.Sequence(lambda number: str(100_001 + number))
    first_name = plain_or_accented("first_name", 0)
    middle_name = ""
    last_name = plain_or_accented("last_name", 1)
    email = factory.LazyAttribute(lambda made: mailbox(made.first_name, made.last_name))
    status = MemberStatus.ACTIVE
    classification = Classification.JOURNEYMAN
    date_of_birth = factory.LazyAttribute(lambda made: before(made.as_of, made.age * 365 + randgen.randint(10, 350)))
    hire_date = factory.LazyAttribute(lambda made: before(made.as_of, made.years * 365 + randgen.randint(200, 340)))
    initiation_date = factory.LazyAttribute(lambda made: made.hire_date + datetime.timedelta(randgen.randint(30, 180)))
    standing = Standing.GOOD
    standing_as_of = factory.LazyAttribute(lambda made: made.as_of.replace(day=1))
    standing_source = "Dues ledger"
    dues_paid_through = factory.LazyAttribute(lambda made: paid_through(made.standing, made.as_of))


class EmploymentFactory(DjangoModelFactory):
    class Meta:
        model = Employment

    member = factory.SubFactory(MemberFactory)
    organization = factory.SubFactory(OrganizationFactory)
    start_date = factory.LazyAttribute(lambda made: made.member.hire_date)
    end_date = None
    job_title = factory.LazyAttribute(lambda made: job_title(made.member.classification))
    hourly_rate = factory.LazyAttribute(lambda made: pay(made.member.classification))

    @classmethod
    def _create(cls, model_class: type[Employment], *args: Any, **fields: Any) -> Employment:
        job = super()._create(model_class, *args, **fields)
        refresh_search([job.member_id])
        job.member.refresh_from_db(fields=["search_text"])
        return job


def ages(status: str, classification: str) -> tuple[int, int]:
    if status in (MemberStatus.RETIRED, MemberStatus.DECEASED):
        return 60, 88
    if classification.startswith("apprentice"):
        return 19, 31
    return (33, 62) if classification == Classification.FOREMAN else (25, 61)


def years_in_trade(age: int, classification: str) -> int:
    """Whole years since the hire; an apprentice's year says it, nobody began before 18."""
    if classification.startswith("apprentice"):
        return min(int(classification[-1]) - 1, age - 19)
    return randgen.randint(min(5, age - 19), age - 19)


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
    share = PAY.get(Classification(classification), 100) if classification else 70
    return Decimal(randgen.randint(3600, 4800) * share // 100) / 100


def before(day: datetime.date, days: int) -> datetime.date:
    return day - datetime.timedelta(days)
