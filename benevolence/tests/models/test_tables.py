"""What the database itself refuses, whoever writes."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from benevolence.enums import Decision, Level, Status
from benevolence.factories import ApplicationFactory, RelationshipFactory, ReviewFactory
from benevolence.models import BenevolenceApplication, BenevolencePolicy, BenevolenceReview, sort_number

RISES = "Each level's limit must be higher than the one before."
pytestmark = pytest.mark.django_db


def is_refused(row, **values) -> bool:
    rows = type(row)._base_manager.filter(pk=row.pk)
    try:
        with transaction.atomic():
            rows.update(**values)
    except IntegrityError:
        return True
    return False


@pytest.mark.parametrize(
    ("status", "values"),
    [
        ("draft", {"amount_requested": Decimal(0)}),
        ("draft", {"amount_requested": Decimal("-0.01")}),
        ("draft", {"application_number": "BN-2026-0001"}),
        ("draft", {"level_reached": 1}),
        ("draft", {"level_due": "vp"}),
        ("draft", {"status": "submitted"}),
        ("submitted", {"application_number": None}),
        ("submitted", {"application_date": None}),
        ("submitted", {"level_due": ""}),
        ("submitted", {"level_reached": 5}),
        ("submitted", {"status": "approved", "level_due": ""}),
        ("submitted", {"status": "paid", "level_due": ""}),
        ("approved", {"approved_amount": None}),
        ("approved", {"approved_on": None}),
        ("approved", {"approved_amount": Decimal("400.01")}),
        ("approved", {"approved_amount": Decimal(0)}),
        ("approved", {"level_due": "vp"}),
        ("approved", {"is_awaiting_applicant": True}),
        ("approved", {"payment_method": "check"}),
        ("approved", {"status": "paid"}),
        ("paid", {"payment_method": ""}),
        ("paid", {"payment_date": None}),
        ("paid", {"paid_by": None}),
        ("paid", {"status": "approved"}),
        ("paid", {"status": "withdrawn"}),
    ],
)
def test_what_the_database_refuses(status, values):
    assert is_refused(ApplicationFactory(status=status, amount_requested=Decimal("400.00")), **values)


@pytest.mark.parametrize("amount", ["400.01", "0"])
def test_no_row_begins_with_more_than_was_asked_or_nothing(amount):
    """A trigger guards what is approved already, so only a new row shows what the constraint does."""
    with pytest.raises(IntegrityError, match="application_approved_amount"), transaction.atomic():
        ApplicationFactory(status="approved", amount_requested=Decimal("400.00"), approved_amount=Decimal(amount))


@pytest.mark.parametrize("status", Status.values)
def test_every_status_has_valid_rows(status):
    application = ApplicationFactory(status=status)
    application.full_clean()
    assert not is_refused(application, version=9)


def test_one_reference_pays_once():
    first, second = ApplicationFactory(status="paid"), ApplicationFactory(status="paid")
    assert not is_refused(first, payment_reference="4711")
    assert is_refused(second, payment_reference="4711")
    assert not is_refused(second, payment_reference="")


def test_a_level_decides_once_and_a_person_one_level():
    first = ReviewFactory()
    with pytest.raises(IntegrityError), transaction.atomic():
        ReviewFactory(application=first.application)
    with pytest.raises(IntegrityError), transaction.atomic():
        ReviewFactory(application=first.application, reviewer=first.reviewer, review_level=Level.ADMIN)
    BenevolenceReview.objects.update(voided_at="2026-01-01T00:00Z")
    ReviewFactory(application=first.application, reviewer=first.reviewer)
    ReviewFactory(application=first.application, reviewer=first.reviewer, decision=Decision.NEEDS_INFO)
    with pytest.raises(ValidationError) as error:
        ReviewFactory.build(
            application=first.application, reviewer=first.reviewer, review_level=Level.ADMIN
        ).full_clean()
    assert error.value.message_dict == {"__all__": ["Nobody decides two levels of one application."]}


def test_only_an_approval_has_an_amount():
    assert is_refused(ReviewFactory(), amount=None)
    assert is_refused(ReviewFactory(decision=Decision.DENIED), amount=Decimal("1.00"))


def test_a_relationship_is_declared_once():
    first = RelationshipFactory()
    with pytest.raises(IntegrityError), transaction.atomic():
        RelationshipFactory(user=first.user, member=first.member)


@pytest.mark.parametrize(
    ("values", "faults"),
    [
        ({}, {}),
        ({"vp_up_to": Decimal(0)}, {"vp_up_to": ["Enter an amount above zero."]}),
        ({"admin_up_to": Decimal("500.00")}, {"admin_up_to": [RISES]}),
        ({"cap_per_application": Decimal(0)}, {"cap_per_application": ["Enter an amount above zero."]}),
    ],
)
def test_limits_rise(values, faults):
    policy = BenevolencePolicy(number=1, starts_on=date(2026, 1, 1), **values)
    try:
        policy.full_clean()
    except ValidationError as error:
        found = {name: told for name, told in error.message_dict.items() if name != "__all__"}
        assert found == faults
        with pytest.raises(IntegrityError), transaction.atomic():
            policy.save()
    else:
        assert faults == {}


def test_texts_are_sealed_in_the_database():
    application = ApplicationFactory(description="The furnace broke", notes="By phone")
    with connection.cursor() as cursor:
        cursor.execute("SELECT description, notes FROM benevolence_benevolenceapplication")
        stored = cursor.fetchone()
    assert [text.startswith("v1.") for text in stored] == [True, True]
    row = BenevolenceApplication.objects.get()
    assert (row.description, row.notes) == ("The furnace broke", "By phone")
    assert str(application) == "Draft"
    assert application.get_absolute_url() == f"/benevolence/applications/{application.pk}/"


def test_numbers_sort_as_numbers():
    assert sorted(["BN-2026-10000", "BN-2026-9999", "BN-2025-0001", ""], key=sort_number) == [
        "",
        "BN-2025-0001",
        "BN-2026-9999",
        "BN-2026-10000",
    ]


def test_what_a_search_finds():
    application = ApplicationFactory(
        status="submitted", member__first_name="Zoë", member__last_name="O’Brien", member__member_number="104233"
    )
    words = application.search_text.split()
    assert (words[-3:], application.list_date) == (["zoe", "obrien", "104233"], application.application_date)
