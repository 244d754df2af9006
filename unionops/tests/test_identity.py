"""Whatever staff and one administrator do together, they open nobody's cases and hold no grave right by themselves.

They edit records, claim, invite, merge, link, reset, assign and confirm in any order. Beside them an officer confirms
people and roles, but nobody whose account they hold.
"""

import os
import random
from contextlib import suppress
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.test import RequestFactory
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from accounts.factories import RoleAssignmentFactory, UserFactory
from accounts.models import Role, RoleAssignment, User
from accounts.services import confirming, identity, invitations, mailed_links, terms
from accounts.services import people as accounts
from benevolence.factories import ApplicationFactory
from benevolence.models import BenevolenceApplication
from core.errors import DomainError
from grievances.factories import GrievanceFactory
from grievances.models import Grievance
from members.factories import MemberFactory
from members.models import Member
from members.services import invitations as member_invitations
from members.services import members, merging

pytestmark = [pytest.mark.django_db, pytest.mark.heavy]
# In parts, for no test may take minutes.
PARTS, EXAMPLES, STEPS = (10, 25, 30) if os.environ.get("BATTERY") else (1, 5, 20)
REFUSED = (DomainError, PermissionDenied, ValidationError)
ROLES = ("officer", "treasurer", "trustee", "benevolence-vp", "grievance-chair", "member", "staff", "admin")
NEW_PASSWORD = "copper violin marsh lantern"
PICK = st.integers(0, 99)


def pick(rows: Any, number: int) -> Any:
    found = list(rows.order_by("pk"))
    return found[number % len(found)]


class Conspiracy(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.undone = transaction.atomic()
        self.undone.__enter__()
        self.addresses, self.has_changed = 0, True
        self.admin, self.staff = (self._somebody(role) for role in ("admin", "staff"))
        self.officer = self._somebody("officer")
        self.treasurer = self._somebody("treasurer", "member")
        self.member = self._somebody("member")
        absent = MemberFactory()
        self.clerk = self._somebody("staff")
        self.secret = GrievanceFactory(is_restricted=True)
        self.secret.named_people.set([self.officer, self.clerk])
        self.victims = {self.treasurer.member_id, self.member.member_id, absent.pk}
        for pk in self.victims:
            GrievanceFactory(people=[Member.objects.get(pk=pk)])
            ApplicationFactory(member_id=pk, status="submitted")
        self.honest = {self.officer.pk: self.officer.email}
        self.honest |= {user.pk: user.email for user in (self.treasurer, self.member, self.clerk)}
        # Accounts that they can sign in to, of which nothing grave may come.
        self.held = {self.staff.pk}

    def _somebody(self, *roles: str) -> User:
        user = UserFactory(member=MemberFactory())
        for role in roles:
            RoleAssignmentFactory(user=user, role=role)
        return user

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.undone.__exit__(None, None, None)

    def _address(self) -> str:
        self.addresses += 1
        return f"ours{self.addresses}@conspiracy.example"

    def _own(self, number: int) -> User:
        """One of the accounts that they use."""
        return pick(User.objects.filter(pk__in={self.admin.pk, *self.held}), number)

    def _anybody(self, number: int) -> User:
        return pick(User.objects.all(), number)

    def _try(self, service: Any, *arguments: Any, **given: Any) -> Any:
        """What is refused changes nothing, so nothing is looked at after it."""
        with suppress(*REFUSED):
            with transaction.atomic():
                made = service(*arguments, **given)
            self.has_changed = True
            return made
        return None

    # --- what they do ---------------------------------------------------------------------------------

    @rule(member=PICK, linked=st.booleans(), role=st.sampled_from(ROLES))
    def makes_an_account(self, member: int, linked: bool, role: str) -> None:
        key = pick(Member.objects.all(), member).pk if linked else None
        given = {"roles": [role], "member_id": key, "actor": self.admin}
        if made := self._try(accounts.create_user, self._address(), "Pat", "Puppet", **given):
            self.held.add(made[0].pk)
            accounts.change_own_password(made[0], NEW_PASSWORD)

    @rule(member=PICK, linked=st.booleans())
    def invites_an_address_of_theirs(self, member: int, linked: bool) -> None:
        key = pick(Member.objects.all(), member).pk if linked else None
        given = {"member_id": key, "actor": self.admin, "roles": ["member"]}
        if user := self._try(invitations.invite, self._address(), "Pat", "Puppet", **given):
            self.held.add(user.pk)

    @rule(member=PICK, theirs=st.booleans())
    def edits_a_record(self, member: int, theirs: bool) -> None:
        values = {"email": self._address() if theirs else "", "phone": ""}
        self._try(members.update_member, pick(Member.objects.alive(), member), values, actor=self.staff)

    @rule(member=PICK)
    def invites_a_member(self, member: int) -> None:
        user = self._try(member_invitations.invite, pick(Member.objects.alive(), member), actor=self.staff)
        if user is not None and user.email.endswith("@conspiracy.example"):
            self.held.add(user.pk)

    @rule(member=PICK)
    def claims(self, member: int) -> None:
        record = pick(Member.objects.alive(), member)
        self._try(member_invitations.claim, record.member_number or "", record.email)
        found = User.objects.filter(member=record, email__endswith="@conspiracy.example")
        self.held.update(found.values_list("pk", flat=True))

    @rule()
    def accepts_what_comes_to_their_addresses(self) -> None:
        request = RequestFactory().get("/")
        for user in User.objects.filter(email__endswith="@conspiracy.example", is_active=True):
            self.held.add(user.pk)
            self.has_changed = True
            if user.invited_at:
                text = mailed_links.INVITATION.text(user)
                self._try(invitations.accept, text, NEW_PASSWORD, request=request)
            else:
                accounts.change_own_password(user, NEW_PASSWORD)

    @rule(kept=PICK, duplicate=PICK, actor=PICK)
    def merges(self, kept: int, duplicate: int, actor: int) -> None:
        first, second = (pick(Member.objects.alive(), number) for number in (kept, duplicate))
        self._try(merging.merge_members, first, second, {}, actor=self._own(actor), reason="Twice")

    @rule(user=PICK, member=PICK, linked=st.booleans())
    def links(self, user: int, member: int, linked: bool) -> None:
        record = pick(Member.objects.alive(), member) if linked else None
        self._try(accounts.change_user, self._anybody(user), {"member": record}, actor=self.admin)

    @rule(user=PICK)
    def moves_an_account_to_their_address(self, user: int) -> None:
        chosen = self._anybody(user)
        if self._try(accounts.change_user, chosen, {"email": self._address()}, actor=self.admin):
            self.held.add(chosen.pk)

    @rule(user=PICK)
    def resets_a_password(self, user: int) -> None:
        chosen = self._anybody(user)
        if self._try(accounts.issue_password, chosen, actor=self.admin, reason="Forgotten"):
            self.held.add(chosen.pk)

    @rule(user=PICK, role=st.sampled_from(ROLES), actor=PICK)
    def assigns(self, user: int, role: str, actor: int) -> None:
        given = {"actor": self._own(actor), "reason": "Elected"}
        self._try(terms.assign_role, self._anybody(user), Role.objects.get(name=role), **given)

    @rule(term=PICK)
    def ends_a_role(self, term: int) -> None:
        found = pick(RoleAssignment.objects.exclude(user=self.officer), term)
        self._try(terms.end_role, found, actor=self.admin, reason="Stepped down")

    @rule(user=PICK, on=st.booleans())
    def switches(self, user: int, on: bool) -> None:
        service = accounts.activate if on else accounts.deactivate
        self._try(service, self._anybody(user), actor=self.admin, reason="Away")

    @rule(term=PICK, actor=PICK)
    def confirms_a_role(self, term: int, actor: int) -> None:
        self._try(terms.confirm_role, pick(RoleAssignment.objects.all(), term), actor=self._own(actor))

    @rule(user=PICK, actor=PICK)
    def confirms_a_person(self, user: int, actor: int) -> None:
        self._try(confirming.confirm, self._anybody(user), actor=self._own(actor))

    # --- what the others do ---------------------------------------------------------------------------

    def _held(self) -> set[int]:
        """What they hold: also whatever has an address of theirs."""
        theirs = User.objects.filter(email__endswith="@conspiracy.example")
        return self.held | set(theirs.values_list("pk", flat=True))

    @rule(user=st.sampled_from(["treasurer", "member", "clerk"]))
    def somebody_gets_the_account_back(self, user: str) -> None:
        """At the hall, with a password that nobody else has seen; an address of theirs would not do."""
        person = User.objects.get(pk=getattr(self, user).pk)
        if person.email == self.honest[person.pk] and person.is_active:
            accounts.change_own_password(person, NEW_PASSWORD)
            self.held.discard(person.pk)
            self.has_changed = True

    @precondition(lambda self: User.objects.get(pk=self.officer.pk).has_role("officer"))
    @rule(user=PICK)
    def the_officer_confirms_whom_they_know(self, user: int) -> None:
        person = pick(User.objects.filter(pk__in=self.honest), user)
        own = Member.objects.filter(pk=person.member_id, account__pk=person.pk).first()
        knows = person.pk not in self._held() and (own is None or own.pk == getattr(person, "member_id", None))
        if knows and person.member_id == self._first_record(person):
            self._try(confirming.confirm, person, actor=User.objects.get(pk=self.officer.pk))

    @precondition(lambda self: User.objects.get(pk=self.officer.pk).has_role("officer"))
    @rule(term=PICK)
    def the_officer_confirms_a_role(self, term: int) -> None:
        """Of a person whom they know, without asking who else could use the account meanwhile."""
        waiting = RoleAssignment.objects.waiting().filter(user__in=self.honest)
        if waiting.exists():
            self._try(terms.confirm_role, pick(waiting, term), actor=User.objects.get(pk=self.officer.pk))

    def _first_record(self, person: User) -> int | None:
        honest = (self.officer, self.treasurer, self.member, self.clerk)
        return next((user.member_id for user in honest if user.pk == person.pk), None)

    # --- what never comes of it -----------------------------------------------------------------------

    @invariant()
    def nothing_comes_of_it(self) -> None:
        if self.has_changed:
            self.has_changed = False
            held = self._held()
            self.nobody_reads_what_is_another_s(held)
            self.nothing_grave_is_theirs(held - {self.admin.pk})

    def nobody_reads_what_is_another_s(self, held: set[int]) -> None:
        for user in User.objects.filter(pk__in=held):
            own = set(Member.objects.same_person(user.own_member_id).values_list("pk", flat=True))
            assert not own & self.victims
            sides = (
                Grievance.objects.about_member(user.own_member_id),
                BenevolenceApplication.objects.filter(member__in=own & self.victims),
            )
            assert [rows.filter(member__in=self.victims).exists() for rows in sides] == [False, False]
            assert list(Grievance.objects.whole_to(user).filter(is_restricted=True)) == []

    def nothing_grave_is_theirs(self, held: set[int]) -> None:
        live = RoleAssignment.objects.live().filter(user__in=held, role__needs_confirmation=True)
        assert list(live.values_list("user__email", "role__name")) == []


@pytest.mark.parametrize("part", range(PARTS))
def test_staff_and_an_administrator_together_open_nothing(seed, part):
    random.seed(f"{seed} conspiracy {part}")  # from which Hypothesis draws
    often = settings(
        max_examples=EXAMPLES,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Conspiracy, settings=often)


def test_the_control_without_epochs_is_found_out(db):
    """One administrator links an account of theirs: with the naive rule, `member` alone, it reads the record."""
    admin = RoleAssignmentFactory(role="admin").user
    victim = MemberFactory()
    puppet, _password = accounts.create_user("p@people.example", "P", "Uppet", actor=admin, member_id=victim.pk)
    naive, ours = User.objects.get(pk=puppet.pk).member_id, User.objects.get(pk=puppet.pk).own_member_id
    assert {"naive": naive, "ours": ours} == {"naive": victim.pk, "ours": None}
    assert identity.changed_by(admin).filter(user=puppet).exists()
