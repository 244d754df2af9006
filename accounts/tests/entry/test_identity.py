"""Who asks, in one statement: the same person, roles, permissions and factor as asked one by one."""

from datetime import timedelta
from uuid import UUID

import pytest
from allauth.mfa.models import Authenticator
from django.contrib import auth
from django.test import Client, RequestFactory
from django.utils import timezone

from accounts.api import devices
from accounts.entry import identity
from accounts.entry.session_store import SessionStore
from accounts.factories import RoleAssignmentFactory, UserFactory
from accounts.models import Session, User, digest
from accounts.tests.rows import fresh
from unionops.access import ROLES

pytestmark = pytest.mark.django_db


def session_of(user) -> SessionStore:
    client = Client()
    client.force_login(user)
    return SessionStore(client.session.session_key)


def request_with(session):
    request = RequestFactory().get("/")
    request.session = session
    return request


def known_of(person):
    """Return what came with the person, without asking again."""
    held = vars(person)
    return person, held["role_names"], held["live_permissions"], held["came_with_factor"]


@pytest.mark.parametrize("name", [*ROLES, "nobody", "expired"])
def test_a_session_brings_its_person_with_what_they_hold_now(people, name, django_assert_num_queries):
    user, key = people[name], session_of(people[name]).session_key
    with django_assert_num_queries(1):
        request = request_with(SessionStore(key))
        person = identity.person_of(request)
        assert identity.person_of(request) is person
    slow = User.objects.get(pk=user.pk)
    assert known_of(person) == (slow, slow.role_names, slow.live_permissions, False)
    assert {f.attname: getattr(person, f.attname) for f in User._meta.concrete_fields} == {
        f.attname: getattr(slow, f.attname) for f in User._meta.concrete_fields
    }


def test_roles_and_permissions_of_several_terms_count_once():
    user = UserFactory()
    for role in ("staff", "steward"):
        RoleAssignmentFactory(user=user, role=role)
    now = timezone.now()
    RoleAssignmentFactory(user=user, role="trustee", starts_at=now + timedelta(hours=1))
    RoleAssignmentFactory(user=user, role="treasurer", needs_confirmation=True)
    RoleAssignmentFactory(user=user, role="officer", starts_at=now - timedelta(days=2), expires_at=now)
    person = session_person(user)
    assert (person.role_names, person.live_permissions) == ({"staff", "steward"}, fresh(user).live_permissions)


def session_person(user):
    return identity.person_of(request_with(SessionStore(session_of(user).session_key)))


def test_recovery_codes_alone_are_no_factor():
    user = UserFactory()
    found = []
    for kind in ("recovery_codes", "totp"):
        Authenticator.objects.create(user=user, type=kind, data={})
        found.append(session_person(user).came_with_factor)
    assert found == [False, True]


def test_a_session_that_is_not_in_order_brings_nobody(people):
    staff, officer = people["staff"], people["officer"]
    gone = session_of(staff)
    Session.objects.filter(session_key=digest(gone.session_key)).update(expire_date=timezone.now())
    moved = session_of(staff)
    Session.objects.filter(session_key=digest(moved.session_key)).update(user=officer)
    strange = session_of(staff)
    strange[auth.BACKEND_SESSION_KEY] = "gone.Backend"
    strange.save()
    renewed, off = session_of(officer), session_of(people["treasurer"])
    User.objects.filter(pk=officer.pk).update(password="!")
    User.objects.filter(pk=people["treasurer"].pk).update(is_active=False)
    sessions = {"gone": gone, "moved": moved, "renewed": renewed, "off": off, "none": SessionStore("x" * 32)}
    sessions["strange"] = strange
    found = {name: identity.person_of(request_with(SessionStore(it.session_key))) for name, it in sessions.items()}
    # the row may name whom it will: who signed in is what the session itself says
    assert {name: person.pk for name, person in found.items()} == {
        "gone": None,
        "moved": staff.pk,
        "renewed": None,
        "off": None,
        "none": None,
        "strange": None,
    }
    assert found["moved"].live_permissions == fresh(staff).live_permissions


def test_a_session_signed_with_a_former_key_is_django_s_to_judge(people, settings):
    session = session_of(people["staff"])
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    stored = SessionStore(session.session_key)
    stored[auth.HASH_SESSION_KEY] = next(iter(people["staff"].get_session_auth_fallback_hash()))
    stored.save()
    assert identity.person_of(request_with(SessionStore(session.session_key))) == people["staff"]


def test_a_device_brings_its_person_in_one_statement(people, django_assert_num_queries):
    device = devices.sign_in(people["officer"], request=RequestFactory().get("/")).device
    with django_assert_num_queries(1):
        found = identity.of_device(device.pk)
        assert found.is_valid
    slow = fresh(people["officer"])
    assert (found, *known_of(found.user)) == (device, slow, slow.role_names, slow.live_permissions, False)
    assert identity.of_device(UUID(int=0)) is None
