"""Roles that a local makes, and what a release does beside them."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.enums import AccountAction
from accounts.factories import RoleAssignmentFactory, UserFactory
from accounts.models import Role, RoleAssignment, User
from accounts.services import roles, terms
from core.errors import DomainError
from core.models import AuditEvent
from unionops.access import GRANTS, NOT_FOR_CUSTOM_ROLES, ROLES, RoleSpec

pytestmark = pytest.mark.django_db
WORDS = {"display_name": "Dispatcher", "name": "dispatcher", "description": "Sends people to work"}
SEES, PAYS = "members.view_member", "benevolence.pay_benevolence"


@pytest.fixture
def dispatcher(people):
    return roles.add_role(WORDS, [SEES], actor=people["admin"])


def names(role: Role) -> set[str]:
    return {roles.name_of(item) for item in role.permissions.select_related("content_type")}


def told(role_pk) -> list[tuple[str, list]]:
    events = AuditEvent.objects.filter(subject_type="accounts.role", subject_id=str(role_pk)).order_by("id")
    return [(event.action, event.body.get("changes", [])) for event in events]


def test_a_role_is_added_changed_and_deleted_in_words(people):
    admin = people["admin"]
    role = roles.add_role(WORDS, [SEES], actor=admin)
    assert role.is_custom is True
    assert role.is_system_role is False
    assert role.needs_confirmation is False
    assert names(role) == {SEES}
    role = roles.change_role(role, WORDS | {"display_name": "Hiring hall"}, [PAYS], actor=admin)
    assert role.display_name == "Hiring hall"
    assert role.needs_confirmation is True
    assert names(role) == {PAYS}
    roles.change_role(role, WORDS | {"display_name": "Hiring hall"}, [PAYS], actor=admin)
    pk = role.pk
    roles.delete_role(role, actor=admin, reason="Not needed")
    assert not Role.objects.filter(pk=pk).exists()
    (added, first), (changed, second), (deleted, _none) = told(pk)
    assert added == AccountAction.ROLE_ADDED
    assert changed == AccountAction.ROLE_CHANGED
    assert deleted == AccountAction.ROLE_DELETED
    assert first[-1] == {"field": "given", "old": None, "new": "See members"}
    assert second == [
        {"field": "display_name", "old": "Dispatcher", "new": "Hiring hall"},
        {"field": "given", "old": None, "new": "Pay approved applications"},
        {"field": "taken away", "old": "See members", "new": None},
    ]


def test_it_counts_at_the_next_request(people, dispatcher):
    user = UserFactory()
    terms.assign_role(user, dispatcher, actor=people["admin"], reason="r")
    assert User.objects.get(pk=user.pk).has_perm(SEES)
    roles.change_role(dispatcher, WORDS, [], actor=people["admin"])
    assert not User.objects.get(pk=user.pk).has_perm(SEES)


@pytest.mark.parametrize("permission", [*NOT_FOR_CUSTOM_ROLES, "members.fly", "accounts.add_role"])
def test_some_doors_are_never_handed_out(people, dispatcher, permission):
    assert permission not in {roles.name_of(item) for item in roles.choosable()}
    for act in (
        lambda: roles.add_role(WORDS | {"name": "other"}, [permission], actor=people["admin"]),
        lambda: roles.change_role(dispatcher, WORDS, [SEES, permission], actor=people["admin"]),
    ):
        with pytest.raises(DomainError, match="cannot have this permission"):
            act()
    assert names(dispatcher) == {SEES}


def test_everything_else_of_the_table_can_be_chosen():
    assert {roles.name_of(item) for item in roles.choosable()} == set(GRANTS) - set(NOT_FOR_CUSTOM_ROLES)


@pytest.mark.parametrize("name", ["officer", "treasurer"])
def test_roles_of_the_product_stay_as_they_are(people, name):
    role = Role.objects.get(name=name)
    for act in (
        lambda: roles.change_role(role, WORDS, [SEES], actor=people["admin"]),
        lambda: roles.delete_role(role, actor=people["admin"], reason="r"),
    ):
        with pytest.raises(DomainError, match="comes with the product"):
            act()


def test_a_system_role_is_never_a_custom_one():
    with pytest.raises(IntegrityError), transaction.atomic():
        Role.objects.filter(name="staff").update(is_custom=True)


@pytest.mark.parametrize("days", [(-1, None), (5, 9)])
def test_nobody_adds_to_a_role_of_their_own(people, dispatcher, days):
    now = timezone.now()
    starts, ends = (now + timedelta(days=day) if day else None for day in days)
    RoleAssignmentFactory(user=people["admin"], role=dispatcher, starts_at=starts, expires_at=ends)
    with pytest.raises(DomainError, match="You hold this role yourself"):
        roles.change_role(dispatcher, WORDS, [SEES, "members.add_member"], actor=people["admin"])
    roles.change_role(dispatcher, WORDS, [], actor=people["admin"])


@pytest.mark.parametrize(
    ("term", "refused"),
    [
        ({}, True),
        ({"starts_at": timedelta(days=5)}, True),
        ({"needs_confirmation": True}, True),
        ({"starts_at": timedelta(days=-5), "ended_at": timedelta(days=-1)}, False),
    ],
)
def test_a_held_role_gains_nothing_grave(people, dispatcher, term, refused):
    now = timezone.now()
    RoleAssignmentFactory(
        role=dispatcher, **{key: now + value if isinstance(value, timedelta) else value for key, value in term.items()}
    )
    roles.change_role(dispatcher, WORDS, [SEES, "members.add_member"], actor=people["admin"])
    if not refused:
        assert roles.change_role(dispatcher, WORDS, [PAYS], actor=people["admin"]).needs_confirmation
        return
    with pytest.raises(DomainError, match="End the terms first"):
        roles.change_role(dispatcher, WORDS, [PAYS], actor=people["admin"])
    assert names(dispatcher) == {SEES, "members.add_member"}


def test_a_grave_custom_role_waits_for_an_officer(people):
    assert people["officer"].is_active
    role = roles.add_role(WORDS, [PAYS], actor=people["admin"])
    term = terms.assign_role(UserFactory(), role, actor=people["admin"], reason="r")
    assert term.is_waiting()


def test_what_became_grave_meanwhile_is_asked_at_the_grant(people, dispatcher):
    assert people["officer"].is_active
    seen_before = Role.objects.get(pk=dispatcher.pk)
    roles.change_role(dispatcher, WORDS, [PAYS], actor=people["admin"])
    assert terms.assign_role(UserFactory(), seen_before, actor=people["admin"], reason="r").is_waiting()


def test_a_role_that_was_held_is_not_deleted(people, dispatcher):
    term = terms.assign_role(UserFactory(), dispatcher, actor=people["admin"], reason="r")
    terms.end_role(term, actor=people["admin"], reason="r")
    with pytest.raises(DomainError, match="so it stays"):
        roles.delete_role(dispatcher, actor=people["admin"], reason="r")


def test_a_role_that_is_gone_is_refused_in_words(people, dispatcher):
    roles.delete_role(Role.objects.get(pk=dispatcher.pk), actor=people["admin"], reason="r")
    for act in (
        lambda: roles.change_role(dispatcher, WORDS, [SEES], actor=people["admin"]),
        lambda: roles.delete_role(dispatcher, actor=people["admin"], reason="r"),
        lambda: terms.assign_role(UserFactory(), dispatcher, actor=people["admin"], reason="r"),
    ):
        with pytest.raises(DomainError, match="no longer there"):
            act()


def test_a_short_name_is_taken_once(people, dispatcher):
    for taken in ("dispatcher", "staff"):
        with pytest.raises(ValidationError) as refused:
            roles.add_role(WORDS | {"name": taken}, [SEES], actor=people["admin"])
        assert list(refused.value.message_dict) == ["name"]


@pytest.mark.parametrize("name", ["officer", "staff", "member", "nobody", "expired"])
def test_only_who_changes_roles_changes_them(people, dispatcher, name):
    for act in (
        lambda: roles.add_role(WORDS | {"name": "other"}, [SEES], actor=people[name]),
        lambda: roles.change_role(dispatcher, WORDS, [], actor=people[name]),
        lambda: roles.delete_role(dispatcher, actor=people[name], reason="r"),
    ):
        with pytest.raises(PermissionDenied):
            act()


def test_a_release_leaves_it_alone_and_stops_at_a_role_of_the_same_name(people, dispatcher):
    Role.objects.filter(pk=dispatcher.pk).update(needs_confirmation=True)
    roles.sync_roles(ROLES, GRANTS)
    kept = Role.objects.get(pk=dispatcher.pk)
    assert kept.display_name == "Dispatcher"
    assert names(kept) == {SEES}
    assert kept.needs_confirmation is False
    with pytest.raises(ValueError, match="has its own: dispatcher"):
        roles.sync_roles({**ROLES, "dispatcher": RoleSpec("Dispatcher", "")}, GRANTS)
    assert RoleAssignment.objects.filter(role=kept).count() == 0
