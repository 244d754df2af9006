"""Organizations, members, employments and contacts for tests: of the values that members.invented draws."""

import datetime
from typing import Any

import factory
from factory.django import DjangoModelFactory

from members import invented
from members.enums import Classification, MemberStatus, OrganizationType, Standing
from members.models import Employment, Member, Organization, OrganizationContact
from members.services.employments import refresh_search

AS_OF = datetime.date(2026, 9, 1)
LONG_AGO = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)


class Located(DjangoModelFactory):
    class Meta:
        abstract = True

    class Params:
        place = factory.LazyFunction(invented.place)

    address = factory.LazyFunction(invented.street)
    city = factory.LazyAttribute(lambda made: made.place[0])
    state = factory.LazyAttribute(lambda made: made.place[1])
    zip_code = factory.LazyAttribute(lambda made: made.place[2])
    phone = factory.LazyFunction(invented.phone)


class OrganizationFactory(Located):
    class Meta:
        model = Organization

    name = factory.Sequence(lambda number: f"Fairhollow Works {number + 1}")
    org_type = OrganizationType.EMPLOYER
    email = factory.LazyAttribute(lambda made: f"office@{invented.domain_of(made.name)}")
    website = factory.LazyAttribute(lambda made: f"https://www.{invented.domain_of(made.name)}/")


class ContactFactory(DjangoModelFactory):
    class Meta:
        model = OrganizationContact

    organization = factory.SubFactory(OrganizationFactory)
    first_name = factory.LazyFunction(invented.first_name)
    last_name = factory.LazyFunction(invented.last_name)
    title = factory.LazyFunction(invented.title)
    phone = factory.LazyFunction(invented.phone)
    email = factory.LazyAttribute(lambda made: invented.mailbox(made.first_name, made.last_name))
    is_primary = False


class MemberFactory(Located):
    """A journeyman in good standing, with an address that claims, unless told otherwise.

    Ages, dates and dues follow from what is told.
    """

    class Meta:
        model = Member

    class Params:
        as_of = AS_OF
        age = factory.LazyAttribute(lambda made: invented.age(made.status, made.classification))
        years = factory.LazyAttribute(lambda made: invented.years_in_trade(made.age, made.classification))

    member_number = factory.Sequence(lambda number: str(100_001 + number))
    first_name = factory.LazyFunction(invented.first_name)
    middle_name = ""
    last_name = factory.LazyFunction(invented.last_name)
    email = factory.LazyAttribute(lambda made: invented.mailbox(made.first_name, made.last_name))
    email_written_at = LONG_AGO
    status = MemberStatus.ACTIVE
    classification = Classification.JOURNEYMAN
    date_of_birth = factory.LazyAttribute(lambda made: invented.birth(made.as_of, made.age))
    hire_date = factory.LazyAttribute(lambda made: invented.hire(made.as_of, made.years))
    initiation_date = factory.LazyAttribute(lambda made: invented.initiation(made.hire_date))
    standing = Standing.GOOD
    standing_as_of = factory.LazyAttribute(lambda made: made.as_of.replace(day=1))
    standing_source = invented.STANDING_SOURCE
    dues_paid_through = factory.LazyAttribute(lambda made: invented.paid_through(made.standing, made.as_of))


class EmploymentFactory(DjangoModelFactory):
    class Meta:
        model = Employment

    member = factory.SubFactory(MemberFactory)
    organization = factory.SubFactory(OrganizationFactory)
    start_date = factory.LazyAttribute(lambda made: made.member.hire_date)
    end_date = None
    job_title = factory.LazyAttribute(lambda made: invented.job_title(made.member.classification))
    hourly_rate = factory.LazyAttribute(lambda made: invented.pay(made.member.classification))

    @classmethod
    def _create(cls, model_class: type[Employment], *args: Any, **fields: Any) -> Employment:
        job = super()._create(model_class, *args, **fields)
        refresh_search([job.member_id])
        job.member.refresh_from_db(fields=["search_text"])
        return job
