"""Who sees which accounts and what hangs on them, whichever page asks."""

import pytest
from django.contrib.auth.models import AnonymousUser

from accounts.models import Installation, Role, RoleAssignment, User
from accounts.services import slates

pytestmark = pytest.mark.django_db
SEE_ALL = {"admin", "officer"}
VIEWERS = ("admin", "officer", "staff", "member", "treasurer", "organizing-director", "expired", "nobody")


def test_everybody_sees_their_own_account_and_some_all(people):
    everybody = {people[name].pk for name in VIEWERS}
    found = {name: set(User.objects.visible_to(people[name]).values_list("pk", flat=True)) for name in VIEWERS}
    assert found == {name: everybody if name in SEE_ALL else {people[name].pk} for name in VIEWERS}
    assert not User.objects.visible_to(AnonymousUser()).exists()


def test_terms_are_seen_with_their_person(people):
    holders = {name: people[name].pk for name in VIEWERS if name != "nobody"}
    found = {
        name: set(RoleAssignment.objects.visible_to(people[name]).values_list("user", flat=True)) for name in VIEWERS
    }
    everybody, own = set(holders.values()), {name: {pk} for name, pk in holders.items()}
    assert found == {name: everybody if name in SEE_ALL else own.get(name, set()) for name in VIEWERS}
    assert not RoleAssignment.objects.visible_to(AnonymousUser()).exists()


def test_roles_are_seen_by_those_who_look_after_them(people):
    assert {name for name in VIEWERS if Role.objects.visible_to(people[name]).exists()} == SEE_ALL


def test_a_draft_of_a_slate_is_seen_by_those_who_see_roles_and_a_set_one_by_whoever_hands_over(people):
    admin, role = people["admin"], Role.objects.get(name="trustee")
    values = {"title": "Officers", "reason": "Elected"}
    slate = slates.start_draft(values, [role], actor=admin)

    def seen_by():
        return {name for name in VIEWERS if Installation.objects.visible_to(people[name]).exists()}

    assert seen_by() == SEE_ALL
    slate = slates.save_draft(slate, values, {role: [people["officer"]]}, actor=admin)
    slates.set_slate(slate, actor=admin)
    assert seen_by() == {*SEE_ALL, "staff", "organizing-director"}
