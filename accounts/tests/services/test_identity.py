"""A right counts for the identity for which it was confirmed."""

import pytest

from accounts.enums import IdentityKind
from accounts.factories import RoleAssignmentFactory, UserFactory
from accounts.models import RoleAssignment, User
from accounts.services import factors, identity, people
from members.factories import MemberFactory

pytestmark = pytest.mark.django_db


def fresh(user: User) -> User:
    return User.objects.get(pk=user.pk)


def test_a_raised_epoch_puts_grave_roles_and_the_own_record_to_rest(people):
    ann = UserFactory(member=MemberFactory())
    for role in ("treasurer", "steward"):
        RoleAssignmentFactory(user=ann, role=role)
    before = (fresh(ann).role_names, fresh(ann).own_member_id)
    identity.raise_epoch(ann, IdentityKind.PASSWORD, actor=people["admin"])
    assert [before, (fresh(ann).role_names, fresh(ann).own_member_id)] == [
        ({"treasurer", "steward"}, ann.member_id),
        ({"steward"}, None),
    ]


def by_password(user, admin):
    people.issue_password(user, actor=admin, reason="Forgotten")


def by_factors(user, admin):
    factors.Authenticator.objects.create(user=user, type="totp", data={"secret": ""})
    factors.remove_all(user, actor=admin, reason="Lost")


def by_address(user, admin):
    people.change_user(user, {"email": "new@people.example"}, actor=admin)


def by_link(user, admin):
    people.change_user(user, {"member": MemberFactory()}, actor=admin)


@pytest.mark.parametrize(
    ("change", "kind"),
    [(by_password, "password"), (by_factors, "factor"), (by_address, "address"), (by_link, "link")],
)
def test_what_an_administrator_changes_alone_opens_nothing(change, kind, request):
    admin, ann = request.getfixturevalue("people")["admin"], UserFactory(member=MemberFactory())
    term = RoleAssignmentFactory(user=ann, role="benevolence-vp")
    change(ann, admin)
    ann = fresh(ann)
    assert not RoleAssignment.objects.live().filter(pk=term.pk).exists()
    assert ann.own_member_id is None
    row = ann.identity_changes.get()
    assert (row.kind, row.epoch, row.actor) == (kind, 2, admin)


def test_the_own_password_raises_nothing():
    ann = UserFactory()
    people.change_own_password(ann, "copper violin marsh lantern two")
    assert (fresh(ann).identity_epoch, ann.identity_changes.count()) == (1, 0)
