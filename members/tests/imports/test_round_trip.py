"""What the portal exports, it imports again with nothing changed."""

import datetime
import io

import pytest

from core.imports import applying, batches, checking
from members.factories import EmploymentFactory, MemberFactory, OrganizationFactory
from members.imports.lists import LISTS
from members.tests.import_steps import contents

pytestmark = pytest.mark.django_db


def exported(client, path):
    answer = client.get(path)
    assert answer.status_code == 200
    return io.BytesIO(b"".join(answer.streaming_content))


def imported_again(file, kind):
    batch = batches.upload(file, LISTS[kind], file_name="export", actor=None)
    batches.match_columns(batch, LISTS[kind], batch.mapping, actor=None)
    checking.start_check(batch, LISTS[kind], actor=None, in_background=False)
    return batch


@pytest.fixture
def people_of_all_sorts():
    alder = OrganizationFactory(name="Alder, Inc.", city="Peoria", state="IL", phone="+525512345678")
    birch = OrganizationFactory(name="Birch", city="Pekin", state="IL")
    junior = MemberFactory(first_name="John Paul", last_name="Smith, Jr.", member_number="004501", standing="good")
    MemberFactory(first_name="Min", middle_name="V.", last_name="Na", email="min@example.org", phone="+13125550123x45")
    MemberFactory(
        first_name="=SUM(1)", last_name="Null", dues_paid_through=datetime.date(2026, 12, 31), zip_code="02134-1234"
    )
    MemberFactory(
        member_number=None,
        status="represented_non_member",
        first_name="Rosa",
        last_name="de la Cruz",
        date_of_birth=datetime.date(1980, 2, 3),
        phone="+525512345678",
    )
    MemberFactory(
        first_name="Rosa", last_name="de la Cruz", hire_date=datetime.date(2019, 3, 4), classification="apprentice_2"
    )
    EmploymentFactory(member=junior, organization=alder, start_date=None)
    EmploymentFactory(member=junior, organization=birch, start_date=None)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("what", ["members", "organizations"])
def test_an_export_changes_nothing(client_of, people_of_all_sorts, kind, what):
    before = contents()

    batch = imported_again(exported(client_of("staff"), f"/{what}/export/{kind}/"), what)

    assert batch.counts == {"unchanged": {"members": 5, "organizations": 2}[what]}
    applying.start_apply(batch, LISTS[what], actor=None, in_background=False)
    assert contents() == before
