import math
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth import authenticate
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from accounts.entry.backends import PortalBackend
from accounts.entry.hashers import Argon2id, Bcrypt2b12
from accounts.enums import AccountAction
from accounts.factories import PASSWORD, RoleAssignmentFactory, UserFactory
from accounts.models import SignInThrottle, User
from accounts.permissions import ENTER_ADMIN, VIEW_USERS
from accounts.services import limits
from accounts.tests.hashes import imported
from core.models import AuditEvent

pytestmark = pytest.mark.django_db

WRONG = "not the password at all"
ADDRESS = "ann@people.example"


@pytest.fixture
def ann():
    return UserFactory(email=ADDRESS)


@pytest.fixture
def hash_calls(monkeypatch):
    """Note every hash that is computed, as (hasher, the account's own hash or a fresh one)."""
    calls = []

    def watch(hasher, method):
        original = getattr(hasher, method)

        def watched(self, password, *arguments):
            inner = calls and calls[-1] == "busy"
            if inner:
                return original(self, password, *arguments)
            calls.append("busy")
            try:
                return original(self, password, *arguments)
            finally:
                calls[-1] = (self.algorithm, method)

        monkeypatch.setattr(hasher, method, watched)

    for hasher in (Argon2id, Bcrypt2b12):
        watch(hasher, "encode")
        watch(hasher, "verify")
    return calls


def guess(email: str = ADDRESS, password: str = WRONG) -> User | None:
    return authenticate(None, email=email, password=password)


def locked_events(user: User) -> int:
    return AuditEvent.objects.filter(subject_id=str(user.pk), action=AccountAction.LOCKED).count()


# --- who is let in ----------------------------------------------------------------------------------


def test_right_password_signs_in_whatever_the_case_of_the_address(ann):
    assert guess(" Ann@People.Example ", PASSWORD) == ann
    assert authenticate(None, username=ADDRESS, password=PASSWORD) == ann


@pytest.mark.parametrize(
    ("email", "password"),
    [
        (ADDRESS, WRONG),
        (ADDRESS, ""),
        (ADDRESS, "\0"),
        (ADDRESS, "\ud800"),
        ("nobody@people.example", PASSWORD),
        ("", PASSWORD),
        ("\0", PASSWORD),
        ("x" * 5_000, PASSWORD),
        (ADDRESS, None),
        (None, PASSWORD),
    ],
)
def test_anything_else_is_refused(ann, email, password):
    assert authenticate(None, email=email, password=password) is None


def test_switched_off_account_is_refused_and_its_session_ends(ann):
    User.objects.filter(pk=ann.pk).update(is_active=False)
    assert guess(password=PASSWORD) is None
    assert PortalBackend().get_user(ann.pk) is None


def test_older_hash_is_replaced_at_sign_in(ann):
    User.objects.filter(pk=ann.pk).update(password=imported(PASSWORD))
    assert guess() is None
    assert User.objects.get(pk=ann.pk).password.startswith("bcrypt$")
    assert guess(password=PASSWORD) == ann
    assert User.objects.get(pk=ann.pk).password.startswith("argon2$argon2id$")
    assert guess(password=PASSWORD) == ann


# --- the same work for everybody --------------------------------------------------------------------


def test_every_refusal_costs_one_hash(hash_calls):
    fresh = make_password(PASSWORD)
    UserFactory(email="known@people.example", password=fresh)
    UserFactory(email="inactive@people.example", password=fresh, is_active=False)
    UserFactory(email="unusable@people.example", password=make_password(None))
    UserFactory(email="locked@people.example", password=fresh)
    UserFactory(email="old@people.example", password=imported(PASSWORD))
    for _turn in range(5):
        guess("locked@people.example")
    costs = {}
    for name in ("known", "unknown", "inactive", "unusable", "locked", "old"):
        hash_calls.clear()
        guess(f"{name}@people.example")
        costs[name] = len(hash_calls)
    assert costs == dict.fromkeys(costs, 1)


def test_a_locked_name_has_no_guess_evaluated(ann, hash_calls):
    for _turn in range(5):
        guess()
    hash_calls.clear()
    assert guess(password=PASSWORD) is None
    assert hash_calls == [("argon2", "encode")]  # hashed against nothing: the account's hash was not read


# --- the lock ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("email", [ADDRESS, "nobody@people.example"])
def test_five_wrong_passwords_lock_a_name_for_thirty_minutes(ann, email):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        assert [guess(email) for _turn in range(5)] == [None] * 5
        assert limits.minutes_left(email) == 30
        clock.shift(timedelta(minutes=29, seconds=30))
        assert guess(email, PASSWORD) is None
        assert limits.minutes_left(email) == 1
        clock.shift(timedelta(seconds=30))
        assert limits.minutes_left(email) == 0
        assert guess(email, PASSWORD) == (ann if email == ADDRESS else None)


def test_trying_while_locked_does_not_make_the_lock_longer(ann):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for _turn in range(5):
            guess()
        clock.shift(timedelta(minutes=20))
        for _turn in range(50):
            guess()
        assert limits.minutes_left(ADDRESS) == 10
        clock.shift(timedelta(minutes=10))
        assert guess(password=PASSWORD) == ann


def test_success_starts_the_count_again(ann):
    for _round in range(3):
        assert [guess() for _turn in range(4)] == [None] * 4
        assert guess(password=PASSWORD) == ann
    assert User.objects.get(pk=ann.pk).failed_login_attempts == 0


def test_old_failures_are_forgotten_after_the_window(ann):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for _turn in range(4):
            guess()
        clock.shift(timedelta(minutes=30))
        for _turn in range(4):
            guess()
        assert limits.minutes_left(ADDRESS) == 0
        assert guess(password=PASSWORD) == ann


def test_places_taken_but_not_answered_refuse_the_next_attempt(ann):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        assert [limits.reserve(ADDRESS) for _turn in range(6)] == [1, 2, 3, 4, 5, 0]
        assert guess(password=PASSWORD) is None
        clock.shift(timedelta(minutes=30))
        assert guess(password=PASSWORD) == ann


def test_the_window_cannot_be_used_twice(ann):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        assert [limits.reserve(ADDRESS) for _turn in range(4)] == [1, 2, 3, 4]
        clock.shift(timedelta(minutes=29, seconds=59))
        assert limits.reserve(ADDRESS) == 5
        clock.shift(timedelta(seconds=1))
        assert limits.reserve(ADDRESS) == 0


def test_a_lock_is_recorded_once_on_the_account_that_exists(ann):
    off = UserFactory(email="off@people.example", is_active=False)
    for email in (ADDRESS, "off@people.example", "nobody@people.example"):
        for _turn in range(8):
            guess(email)
    assert (locked_events(ann), locked_events(off)) == (1, 1)
    assert AuditEvent.objects.filter(action=AccountAction.LOCKED).count() == 2


def test_locks_name_no_address(ann):
    guess()
    assert [row.key for row in SignInThrottle.objects.all()] == [SignInThrottle.key_for(ADDRESS)]
    assert "ann" not in SignInThrottle.key_for(ADDRESS)


def test_limits_are_settings(ann, settings):
    settings.LOCKOUT_FAILURES, settings.LOCKOUT_MINUTES = 2, 7
    guess()
    assert limits.minutes_left(ADDRESS) == 0
    guess()
    assert math.isclose(limits.minutes_left(ADDRESS), 7)


# --- permissions ------------------------------------------------------------------------------------


def permissions_of(user: User) -> set[str]:
    return User.objects.get(pk=user.pk).get_all_permissions()


def test_permissions_follow_live_assignments(ann):
    now = timezone.now()
    staff = RoleAssignmentFactory(user=ann, role="staff", starts_at=now - timedelta(days=1))
    expected = {
        f"{item.content_type.app_label}.{item.codename}"
        for item in staff.role.permissions.select_related("content_type")
    }
    assert permissions_of(ann) == expected
    assert ENTER_ADMIN in expected
    RoleAssignmentFactory(user=ann, role="admin", starts_at=now + timedelta(days=1))
    RoleAssignmentFactory(user=ann, role="officer", starts_at=now - timedelta(days=9), expires_at=now)
    assert permissions_of(ann) == expected
    staff.ended_at = now
    staff.save()
    assert permissions_of(ann) == set()


def test_a_term_counts_from_its_first_moment_to_just_before_its_last(ann):
    start = timezone.now().replace(microsecond=0)
    RoleAssignmentFactory(user=ann, role="officer", starts_at=start, expires_at=start + timedelta(hours=1))
    seen = {}
    for seconds in (-1, 0, 3599, 3600):
        with time_machine.travel(start + timedelta(seconds=seconds), tick=False):
            seen[seconds] = User.objects.get(pk=ann.pk).has_perm(VIEW_USERS)
    assert seen == {-1: False, 0: True, 3599: True, 3600: False}


def test_inactive_and_anonymous_people_may_nothing(ann):
    RoleAssignmentFactory(user=ann, role="admin")
    User.objects.filter(pk=ann.pk).update(is_active=False)
    ann = User.objects.get(pk=ann.pk)
    for person in (ann, AnonymousUser()):
        assert person.get_all_permissions() == set()
        assert person.has_perm(VIEW_USERS) is False
        assert person.has_module_perms("accounts") is False
    assert ann.is_staff is False


def test_nobody_is_above_the_table(ann):
    RoleAssignmentFactory(user=ann, role="admin")
    ann = User.objects.get(pk=ann.pk)
    assert ann.is_superuser is False
    assert ann.has_perm("accounts.no_such_permission") is False
    assert ann.has_perms([VIEW_USERS, ENTER_ADMIN]) is True
    assert ann.has_perms([VIEW_USERS, "accounts.no_such_permission"]) is False


def test_one_query_per_request(ann, django_assert_num_queries):
    for role in ("staff", "officer", "admin"):
        RoleAssignmentFactory(user=ann, role=role)
    person = User.objects.get(pk=ann.pk)
    with django_assert_num_queries(1):
        assert person.has_perm(VIEW_USERS)
    assert person.has_perm(ENTER_ADMIN)
    assert person.is_staff is True
