"""What happens to an account reaches its history and its person: both or neither."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.auth import authenticate
from django.utils import timezone

from accounts.enums import AccountAction
from accounts.factories import PASSWORD, RoleAssignmentFactory, UserFactory
from accounts.models import Role
from accounts.services import notices, terms
from accounts.services import people as services
from accounts.tests.mails import mails
from core.errors import DomainError
from core.models import AuditEvent
from core.site import change_settings

pytestmark = pytest.mark.django_db

ADDRESS = "ann@people.example"
SECRET = "Because of the grievance of Bob"
OWN = "tell the office at once and change your password:\nhttp://localhost:8000/accounts/password/change/"
OFFICE = "If you did not expect this, ask the office."


@pytest.fixture
def ann():
    change_settings({"time_zone": "America/Chicago"}, actor=None)
    return UserFactory(email=ADDRESS, first_name="Ann")


@pytest.fixture
def admin(people):
    return people["admin"]


def change_password(ann, admin):
    services.change_own_password(ann, "seven quiet herons asleep")


def issue_password(ann, admin):
    services.issue_password(ann, actor=admin, reason=SECRET)


def lock_out(ann, admin):
    for _guess in range(5):
        authenticate(None, username=ADDRESS, password="not the password at all")


def assign(ann, admin):
    terms.assign_role(ann, Role.objects.get(name="steward"), actor=admin, reason=SECRET)


def end(ann, admin):
    terms.end_role(RoleAssignmentFactory(user=ann, role="steward"), actor=admin, reason=SECRET)


def deactivate(ann, admin):
    services.deactivate(ann, actor=admin, reason=SECRET)


EVENTS = [
    (change_password, AccountAction.PASSWORD_CHANGED, "Your password was changed", OWN),
    (issue_password, AccountAction.PASSWORD_ISSUED, "A one-time password was made for your account", OFFICE),
    (lock_out, AccountAction.LOCKED, "Sign-in to your account is locked for a while", OWN),
    (assign, AccountAction.ROLE_ASSIGNED, "You were given a role", OFFICE),
    (end, AccountAction.ROLE_ENDED, "A role of yours ends", OFFICE),
    (deactivate, AccountAction.USER_DEACTIVATED, "Your account was switched off", OFFICE),
]


@pytest.mark.parametrize(("act", "action", "subject", "advice"), EVENTS)
def test_the_person_is_told_and_the_history_says_so(ann, admin, act, action, subject, advice):
    act(ann, admin)
    ((address, found, body),) = mails()
    assert (address, found) == (ADDRESS, subject)
    assert advice in body
    assert "%(" not in body
    assert SECRET not in body
    event = AuditEvent.objects.get(action=action)
    assert (event.subject_type, event.subject_id) == ("accounts.user", str(ann.pk))
    assert ADDRESS not in str(event.body)


@pytest.mark.parametrize("act", [act for act, *_rest in EVENTS if act is not lock_out])
def test_what_is_refused_or_undone_is_told_to_nobody(ann, admin, act, monkeypatch):
    def undone(*arguments, **options):
        raise DomainError("No.")

    monkeypatch.setattr(notices, "send", undone)
    before = AuditEvent.objects.count()
    with pytest.raises(DomainError):
        act(ann, admin)
    assert (AuditEvent.objects.count(), mails()) == (before, [])


def test_roles_are_told_with_their_term_in_the_locals_days(ann, admin):
    steward = Role.objects.get(name="steward")
    with time_machine.travel(datetime(2026, 12, 7, 3, tzinfo=UTC)):
        start, after = timezone.now() + timedelta(days=1), datetime(2027, 1, 1, 6, tzinfo=UTC)
        term = terms.assign_role(ann, steward, actor=admin, reason="x", starts_at=start, expires_at=after)
        terms.end_role(term, actor=admin, reason="x", at=datetime(2026, 12, 19, 6, tzinfo=UTC))
    given, ended = (body.splitlines() for _address, _subject, body in mails())
    told = "You were given the role Steward in the portal. First day: Mon 7 Dec 2026. Last day: Thu 31 Dec 2026."
    assert given[:3] == [told, "", "When: Sun 6 Dec 2026, 9:00 p.m. CST"]
    assert ended[0] == "Your role Steward in the portal ends. Last day: Fri 18 Dec 2026."


def test_an_open_term_has_no_last_day(ann, admin):
    assign(ann, admin)
    assert "Last day: no end." in mails()[0][2]


def test_lockouts_fill_no_mailbox(ann, admin):
    with time_machine.travel(datetime(2026, 12, 7, 15, tzinfo=UTC), tick=False) as clock:
        for _turn in range(3):
            lock_out(ann, admin)
            clock.shift(timedelta(minutes=31))
        assert (len(mails()), AuditEvent.objects.filter(action=AccountAction.LOCKED).count()) == (1, 3)
        clock.shift(timedelta(days=1))
        lock_out(ann, admin)
    assert len(mails()) == 2
    assert "for 30 minutes." in mails()[0][2]


def test_a_name_that_belongs_to_nobody_is_mailed_to_nobody(ann):
    for _guess in range(5):
        authenticate(None, username="nobody@people.example", password=PASSWORD)
    assert mails() == []


def test_a_new_address_is_told_to_both_and_to_neither_the_other_one(ann, admin):
    services.change_user(ann, {"email": "ann.new@people.example"}, actor=admin)
    services.change_user(ann, {"first_name": "Anna"}, actor=admin)
    (old, old_subject, old_body), (new, new_subject, new_body) = mails()
    assert (old, new) == (ADDRESS, "ann.new@people.example")
    assert {old_subject, new_subject} == {"The e-mail address of your account was changed"}
    assert "ann.new@people.example" not in old_body
    assert ADDRESS not in new_body
    assert AuditEvent.objects.filter(action=AccountAction.USER_CHANGED).count() == 2


def test_an_event_without_a_notice_of_its_own_is_told_by_its_name(ann):
    notices.record(ann, AccountAction.SIGNED_OUT, devices=3)
    ((_address, subject, body),) = mails()
    assert (subject, body.partition("\n")[0]) == ("Signed out", "Signed out")
    assert AuditEvent.objects.get(action=AccountAction.SIGNED_OUT).body == {"data": {"devices": 3}}


def test_every_notice_belongs_to_an_act_of_the_history():
    others = {notices.ADDRESS_LEFT, notices.ADDRESS_CAME, notices.CONFIRMED_ON_SERVER}
    others |= {notices.FACTORS_TAKEN, notices.FACTORS_ENDED}
    assert set(notices.NOTICES) - others <= set(AccountAction.values)
