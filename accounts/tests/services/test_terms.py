"""What grave roles, acting terms and the days of a term are held to."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.enums import AccountAction, AssignmentKind
from accounts.factories import RoleAssignmentFactory, UserFactory
from accounts.models import Role, RoleAssignment, User
from accounts.services import terms
from accounts.tests.mails import mails
from accounts.tests.rows import fresh
from core.errors import DomainError
from core.models import AuditEvent

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
NOON = datetime(2026, 11, 25, 18, tzinfo=UTC)


@pytest.fixture
def ann():
    return UserFactory(email="ann@people.example", first_name="Ann", last_name="Person")


@pytest.fixture(autouse=True)
def officer(people) -> User:
    """Give the local its first officer: what is given from now on is not exempt."""
    with time_machine.travel(NOON - 3 * DAY, tick=False):
        return people["officer"]


def role(name: str) -> Role:
    return Role.objects.get(name=name)


def give(user: User, name: str, actor, **options) -> RoleAssignment:
    return terms.assign_role(user, role(name), actor=actor, reason="Elected", **options)


def actions(user: User) -> list[str]:
    events = AuditEvent.objects.filter(subject_type="accounts.user", subject_id=str(user.pk))
    return list(events.order_by("id").values_list("action", flat=True))


def test_a_grave_role_counts_from_the_confirmation(people, ann):
    with time_machine.travel(NOON, tick=False):
        term = give(ann, "treasurer", people["admin"])
        assert term.is_waiting() is True
        assert term.is_live() is False
        assert term.is_coming() is False
        assert term.counts_from is None
        assert fresh(ann).role_names == set()
        assert list(RoleAssignment.objects.waiting()) == [term]
    with time_machine.travel(NOON + DAY, tick=False):
        term = terms.confirm_role(term, actor=people["officer"])
        assert term.is_waiting() is False
        assert term.is_live() is True
        assert term.counts_from == NOON + DAY
        assert (term.starts_at, term.confirmed_by) == (NOON, people["officer"])
        assert fresh(ann).role_names == {"treasurer"}
        assert not RoleAssignment.objects.waiting().exists()
        assert RoleAssignment.objects.live(NOON + DAY / 2).filter(user=ann).exists() is False
    assert actions(ann) == [AccountAction.ROLE_PROPOSED, AccountAction.ROLE_CONFIRMED]


def test_a_role_that_is_not_grave_counts_at_once(people, ann):
    term = give(ann, "steward", people["admin"])
    assert term.needs_confirmation is False
    assert term.is_live() is True
    with pytest.raises(DomainError, match="counts without a confirmation"):
        terms.confirm_role(term, actor=people["officer"])


def test_a_confirmation_before_the_start_lets_the_term_start_on_its_day(people, ann):
    with time_machine.travel(NOON, tick=False):
        term = give(ann, "trustee", people["admin"], starts_at=NOON + 3 * DAY)
        term = terms.confirm_role(term, actor=people["officer"])
        assert term.is_live() is False
        assert term.is_coming() is True
        assert term.counts_from == NOON + 3 * DAY
        assert list(RoleAssignment.objects.live(NOON + 3 * DAY).filter(user=ann)) == [term]


def test_the_first_set_up_is_exempt_and_says_so(ann):
    term = give(ann, "admin", None)
    assert term.needs_confirmation is False
    assert term.is_live() is True
    event = AuditEvent.objects.get(subject_type="accounts.user", subject_id=str(ann.pk))
    assert event.action == AccountAction.ROLE_ASSIGNED
    assert event.body["data"]["exempt"] is True


def test_the_second_of_two_people_confirms(people, ann):
    granting_officer = UserFactory()
    for name in ("admin", "officer"):
        RoleAssignmentFactory(user=granting_officer, role=name)
    term = give(ann, "treasurer", granting_officer)
    with pytest.raises(DomainError, match="You assigned this role yourself"):
        terms.confirm_role(term, actor=granting_officer)
    own = give(people["officer"], "treasurer", people["admin"])
    with pytest.raises(DomainError, match="This role is for you"):
        terms.confirm_role(own, actor=people["officer"])
    terms.confirm_role(term, actor=people["officer"])
    with pytest.raises(DomainError, match="confirmed already"):
        terms.confirm_role(term, actor=people["officer"])
    terms.confirm_role(own, actor=granting_officer)


def test_a_term_that_is_over_is_not_confirmed(people, ann):
    with time_machine.travel(NOON, tick=False):
        ran_out = give(ann, "treasurer", people["admin"], expires_at=NOON + DAY)
        declined = give(ann, "trustee", people["admin"])
        terms.decline_role(declined, actor=people["officer"], reason="Not elected")
    with time_machine.travel(NOON + 2 * DAY, tick=False):
        for term in (ran_out, declined):
            with pytest.raises(DomainError, match="over already"):
                terms.confirm_role(term, actor=people["officer"])
        assert not RoleAssignment.objects.waiting().exists()


@pytest.mark.parametrize("column", ["user", "assigned_by"])
def test_the_database_knows_two_people(people, ann, column):
    term = give(ann, "treasurer", people["admin"])
    with pytest.raises(IntegrityError), transaction.atomic():
        RoleAssignment.objects.filter(pk=term.pk).update(confirmed_by=getattr(term, column), confirmed_at=NOON)


def test_declining_and_calling_off(people, ann):
    declined = give(ann, "treasurer", people["admin"])
    with pytest.raises(ValidationError):
        terms.decline_role(declined, actor=people["officer"], reason=" ")
    terms.decline_role(declined, actor=people["officer"], reason="Not elected")
    called_off = give(ann, "treasurer", people["admin"])
    with pytest.raises(DomainError, match="not confirmed yet"):
        terms.end_role(called_off, actor=people["admin"], reason="r", at=timezone.now() + DAY)
    terms.end_role(called_off, actor=people["admin"], reason="A mistake")
    assert actions(ann) == [AccountAction.ROLE_PROPOSED, AccountAction.ROLE_DECLINED] * 2
    assert not RoleAssignment.objects.that_counted().filter(user=ann).exists()
    assert not RoleAssignment.objects.ended_between(timezone.now() - DAY, timezone.now() + DAY).exists()
    live = give(ann, "steward", people["admin"])
    with pytest.raises(DomainError, match="counts without a confirmation"):
        terms.decline_role(live, actor=people["officer"], reason="r")


def test_who_may_confirm_and_decline(people, ann):
    term = give(ann, "treasurer", people["admin"])
    for name in ("staff", "member", "nobody", "expired"):
        with pytest.raises(PermissionDenied):
            terms.confirm_role(term, actor=people[name])
        with pytest.raises(PermissionDenied):
            terms.decline_role(term, actor=people[name], reason="r")
    with pytest.raises(PermissionDenied):
        terms.confirm_role(term, actor=people["admin"])


def test_a_waiting_admin_is_no_admin(people, ann):
    admin = people["admin"]
    waiting = give(ann, "admin", admin)
    own = RoleAssignment.objects.get(user=admin)
    with pytest.raises(DomainError, match="Nobody else is administrator"):
        terms.end_role(own, actor=admin, reason="r")
    terms.confirm_role(waiting, actor=people["officer"])
    terms.end_role(own, actor=admin, reason="r")


def test_a_waiting_term_keeps_its_place(people, ann):
    give(ann, "treasurer", people["admin"])
    with pytest.raises(DomainError, match="already holds the role"):
        give(ann, "treasurer", people["admin"])


def test_the_mails_are_true(people, ann):
    with time_machine.travel(NOON, tick=False) as clock:
        term = give(ann, "treasurer", people["admin"], starts_at=NOON + DAY, expires_at=NOON + 3 * DAY)
        clock.shift(1)
        terms.confirm_role(term, actor=people["officer"])
        clock.shift(1)
        declined = give(ann, "trustee", people["admin"])
        clock.shift(1)
        terms.decline_role(declined, actor=people["officer"], reason="Not elected")
    waiting, confirmed, waiting_again, refused = [body for _address, _subject, body in mails()]
    assert "counts as soon as an officer confirms it. First day: Thu 26 Nov 2026. Last day: Sat 28 Nov 2026." in waiting
    assert "An officer confirmed your role Treasurer" in confirmed
    assert "First day: Thu 26 Nov 2026" in confirmed
    assert "counts as soon as" in waiting_again
    assert "You do not get the role Trustee" in refused


@pytest.mark.parametrize("kind", [AssignmentKind.ACTING, AssignmentKind.DELEGATED])
def test_acting_and_delegated_terms_have_an_end(people, ann, kind):
    with pytest.raises(ValidationError) as refused:
        give(ann, "officer", people["admin"], kind=kind)
    assert list(refused.value.message_dict) == ["expires_at"]
    give(ann, "officer", people["admin"], kind=kind, expires_at=timezone.now() + DAY)


SINCE, UNTIL = NOON, NOON + DAY


@pytest.mark.parametrize(
    ("starts", "expires", "ended", "confirmed", "held"),
    [
        (-5, None, None, None, True),
        (-5, 0, None, None, False),
        (-5, 0.1, None, None, True),
        (-5, 5, 0, None, False),
        (-5, 5, 0.5, None, True),
        (0.9, None, None, None, True),
        (1, None, None, None, False),
        (0.5, 5, 0.4, None, False),
        (-5, None, None, "never", False),
        (-5, None, None, 0.9, True),
        (-5, None, None, 1, False),
        (-5, None, 0.5, 0.2, True),
        (-5, None, 0.5, "never", False),
    ],
)
def test_who_held_what_between_two_moments(ann, starts, expires, ended, confirmed, held):
    def moment(days):
        return None if days is None or days == "never" else NOON + days * DAY

    term = RoleAssignmentFactory(
        user=ann,
        role="staff",
        starts_at=moment(starts),
        expires_at=moment(expires),
        ended_at=moment(ended),
        needs_confirmation=confirmed is not None,
        confirmed_at=moment(confirmed),
        confirmed_by=UserFactory() if confirmed not in (None, "never") else None,
    )
    assert list(RoleAssignment.objects.held_between(SINCE, UNTIL).filter(user=ann)) == [term] * held
    hours = [NOON + DAY * hour / 240 for hour in range(240)]
    assert any(term.is_live(at) for at in hours) is held
    assert [bool(RoleAssignment.objects.live(at).filter(user=ann)) for at in hours[::24]] == [
        term.is_live(at) for at in hours[::24]
    ]
