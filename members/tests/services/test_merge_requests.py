"""A merge that moves an account or a matter of the member needs two people, and none merges their own record."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from accounts.enums import IdentityKind
from accounts.factories import RoleAssignmentFactory, UserFactory
from accounts.models import User
from accounts.services import confirming, identity
from core.audit.trail import stream_of
from core.errors import DomainError, EditConflict
from core.models import AuditEvent, Outbox
from core.search import search
from members.enums import MergeState
from members.factories import MemberFactory
from members.models import Member, MergeRequest
from members.services import merge_requests, merging
from members.services.members import update_member
from members.services.merge_requests import SecondPersonNeeded
from members.tests.histories import told

pytestmark = pytest.mark.django_db
REASON = "One person, two cards"


def alone(kept, duplicate):
    """Nothing of another part of the portal goes along."""


@pytest.fixture
def pair():
    """Return a record that stays and one with an account."""
    duplicate = MemberFactory(member_number="8")
    UserFactory(member=duplicate)
    return MemberFactory(member_number="7", city="Pekin"), duplicate


@pytest.fixture
def asked(pair, people):
    kept, duplicate = pair
    return merge_requests.ask(kept, duplicate, {"city": duplicate.city}, actor=people["staff"], reason=REASON)


def test_whoever_merges_alone_moves_no_account(pair, people):
    kept, duplicate = pair
    for one, other in ((kept, duplicate), (duplicate, kept)):
        with pytest.raises(SecondPersonNeeded):
            merging.merge_members(one, other, {}, actor=people["staff"], reason=REASON)
    assert Member.objects.alive().filter(pk__in=[kept.pk, duplicate.pk]).count() == 2


def test_a_second_person_carries_the_merge_out(pair, asked, people):
    kept, duplicate = pair
    account = duplicate.account
    followed = []
    merged = merging.carry_out(asked, actor=people["officer"], follow=lambda *records: followed.append(records))
    assert merged.city == duplicate.city
    assert followed == [(kept, duplicate)]
    account.refresh_from_db()
    assert (account.member, account.version) == (kept, 2)
    assert account.own_member_id is None
    changes = account.identity_changes.order_by("pk")
    assert [(change.kind, change.epoch, change.actor) for change in changes] == [
        ("merge", 2, people["officer"]),
        ("merge", 2, people["staff"]),
    ]
    assert {(change.member_before, change.member_after) for change in changes} == {(duplicate, kept)}
    asked.refresh_from_db()
    assert (asked.state, asked.decided_by) == (MergeState.DONE, people["officer"])
    assert [(action, name, reason) for action, name, reason, _body in told(kept)] == [
        ("member.merge_asked", people["staff"].full_name, REASON),
        ("member.merged", people["officer"].full_name, REASON),
    ]
    assert AuditEvent.objects.get(stream=stream_of(account)).body == {"changes": [{"field": "member"}]}


def test_the_account_of_the_kept_record_rests_too(people):
    """It would read what the other record brings."""
    kept, duplicate = MemberFactory(), MemberFactory()
    account = UserFactory(member=kept)
    asked = merge_requests.ask(kept, duplicate, {}, actor=people["staff"], reason=REASON)
    assert account.own_member_id == kept.pk
    merging.carry_out(asked, actor=people["officer"], follow=alone)
    account.refresh_from_db()
    assert (account.member, account.own_member_id) == (kept, None)
    assert [mail.address for mail in Outbox.objects.filter(template="security")] == [account.email]


def test_neither_of_the_two_confirms_the_account_afterwards(pair, people):
    first, second, third = (RoleAssignmentFactory(role="officer").user for _turn in range(3))
    kept, duplicate = pair
    asked = merge_requests.ask(kept, duplicate, {}, actor=first, reason=REASON)
    merging.carry_out(asked, actor=second, follow=alone)
    account = User.objects.get(member=kept)
    for officer in (first, second):
        with pytest.raises(DomainError, match="another officer confirms it"):
            confirming.confirm(account, actor=officer)
    confirming.confirm(account, actor=third)
    assert User.objects.get(pk=account.pk).own_member_id == kept.pk


def test_what_follows_may_refuse_the_whole_merge(pair, asked, people):
    def refuse(kept, duplicate):
        raise DomainError("Not so.")

    with pytest.raises(DomainError, match="Not so"):
        merging.carry_out(asked, actor=people["officer"], follow=refuse)
    assert Member.objects.alive().filter(pk__in=[member.pk for member in pair]).count() == 2
    asked.refresh_from_db()
    assert asked.state == MergeState.ASKED


def test_who_does_not_carry_it_out(pair, asked, people):
    with pytest.raises(DomainError, match="You asked for this merge"):
        merging.carry_out(asked, actor=people["staff"], follow=alone)
    for name in ("steward", "member"):
        with pytest.raises(PermissionDenied):
            merging.carry_out(asked, actor=people[name], follow=alone)
    with pytest.raises(IntegrityError), transaction.atomic():
        MergeRequest.objects.update(state=MergeState.DONE, decided_by=people["staff"])


def test_nobody_merges_their_own_record(pair, people):
    """Neither alone, nor by asking, nor as the second person; also not one that was merged into it, or looks alike."""
    kept, duplicate = pair
    own = RoleAssignmentFactory(role="staff", user__member=MemberFactory()).user
    old = MemberFactory(merged_into=own.member)
    once = MemberFactory()
    identity.raise_epoch(own, IdentityKind.LINK, actor=people["admin"], member_before=once, member_after=own.member)
    facts = {"first_name": "Jo", "last_name": "Two", "date_of_birth": "1980-02-03"}
    like = MemberFactory(**facts)
    Member.objects.filter(pk=own.member_id).update(**facts)
    acts = [
        lambda: merging.merge_members(own.member, kept, {}, actor=own, reason=REASON),
        lambda: merging.merge_members(kept, old, {}, actor=own, reason=REASON),
        lambda: merging.merge_members(kept, once, {}, actor=own, reason=REASON),
        lambda: merging.merge_members(kept, like, {}, actor=own, reason=REASON),
        lambda: merge_requests.ask(duplicate, own.member, {}, actor=own, reason=REASON),
        lambda: merging.carry_out(
            merge_requests.ask(duplicate, own.member, {}, actor=people["staff"], reason=REASON),
            actor=own,
            follow=alone,
        ),
    ]
    for act in acts:
        with pytest.raises(DomainError, match="may be your own"):
            act()


def test_two_accounts_are_not_merged(pair, people):
    kept, duplicate = pair
    UserFactory(member=kept)
    asked = merge_requests.ask(kept, duplicate, {}, actor=people["staff"], reason=REASON)
    with pytest.raises(DomainError, match="Both members can sign in"):
        merging.carry_out(asked, actor=people["officer"], follow=alone)
    assert Member.objects.alive().filter(pk__in=[kept.pk, duplicate.pk]).count() == 2


def test_what_changed_since_is_not_merged(pair, asked, people):
    kept, duplicate = pair
    update_member(duplicate, {"city": "Elsewhere"}, actor=people["staff"])
    with pytest.raises(DomainError, match="was changed since"):
        merging.carry_out(asked, actor=people["officer"], follow=alone)
    again = {"actor": people["staff"], "reason": REASON}
    with pytest.raises(DomainError, match="waits for a second person already"):
        merge_requests.ask(kept, Member.objects.get(pk=duplicate.pk), {}, **again)
    merge_requests.decline(asked, actor=people["staff"], reason="Compared too early")
    with pytest.raises(EditConflict):
        merge_requests.ask(kept, duplicate, {}, versions=(1, 1), **again)


def test_a_merge_can_be_declined_once(pair, asked, people):
    with pytest.raises(ValidationError):
        merge_requests.decline(asked, actor=people["officer"], reason=" ")
    declined = merge_requests.decline(asked, actor=people["officer"], reason="Two cousins")
    assert (declined.state, declined.why_declined) == (MergeState.DECLINED, "Two cousins")
    assert told(pair[0])[-1][:3] == ("member.merge_declined", people["officer"].full_name, "Two cousins")
    for act in (
        lambda: merge_requests.decline(asked, actor=people["officer"], reason="Again"),
        lambda: merging.carry_out(asked, actor=people["admin"], follow=alone),
    ):
        with pytest.raises(DomainError, match="has been decided"):
            act()


def test_only_what_the_second_record_has_is_taken(pair, people):
    with pytest.raises(ValueError, match="city"):
        merge_requests.ask(*pair, {"city": "Elsewhere"}, actor=people["staff"], reason=REASON)


def test_whoever_asks_is_told_what_the_kept_record_cannot_have(people):
    kept, duplicate = MemberFactory(member_number=None, status="represented_non_member"), MemberFactory()
    UserFactory(member=duplicate)
    told = {"actor": people["staff"], "reason": REASON}
    with pytest.raises(ValidationError) as refused:
        merge_requests.ask(kept, duplicate, {"status": duplicate.status}, **told)
    sentence = "Enter the member number. Only a represented non-member may have none."
    assert refused.value.message_dict == {"member_number": [sentence]}
    assert not MergeRequest.objects.exists()

    values = {"status": duplicate.status, "member_number": duplicate.member_number}
    merged = merging.carry_out(
        merge_requests.ask(kept, duplicate, values, **told), actor=people["officer"], follow=alone
    )
    assert (merged.pk, merged.status, merged.member_number) == (kept.pk, *values.values())


def test_it_waits_for_everybody_but_who_asked(asked, people):
    waits = {name: list(merge_requests.waiting_for(people[name])) for name in ("staff", "officer", "admin", "steward")}
    assert waits == {"staff": [], "officer": [asked], "admin": [asked], "steward": []}


def test_a_former_number_finds_the_record_that_stayed_through_two_merges(people):
    first, second, third = (MemberFactory(member_number=number) for number in ("1001", "2002", "3003"))
    merging.merge_members(second, first, {}, actor=people["staff"], reason=REASON)
    second.refresh_from_db()
    merging.merge_members(third, second, {"member_number": "2002"}, actor=people["staff"], reason=REASON)
    for number in ("1001", "2002", "3003"):
        assert list(search(Member.objects.alive(), number)) == [third]
    assert set(Member.objects.same_person(third.pk)) == {first, second, third}
