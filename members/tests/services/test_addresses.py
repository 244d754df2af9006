"""An address that somebody else wrote claims nobody until it is old enough, or confirmed."""

import datetime
import re

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.test import RequestFactory
from django.utils import timezone

from accounts.factories import PASSWORD, RoleAssignmentFactory, UserFactory
from accounts.models import User
from accounts.services import confirming, programs
from accounts.services import invitations as account_invitations
from accounts.services.mailed_links import INVITATION, LinkDead
from core.errors import DomainError
from core.models import Outbox
from core.site import local_today
from members.enums import AddressSource, Invitability
from members.factories import MemberFactory
from members.models import Member
from members.services import addresses, invitations
from members.services.members import create_member, delete_member, update_member
from members.services.merging import merge_members
from members.tests.histories import told

pytestmark = pytest.mark.django_db

REAL, FALSE = "ann@people.example", "clerk@people.example"
WEEK = datetime.timedelta(days=7)


@pytest.fixture
def ann():
    return MemberFactory(member_number="A5120", email=REAL, first_name="Ann", last_name="Abel")


@pytest.fixture
def second(people):
    """Return another clerk than people["staff"]."""
    return RoleAssignmentFactory(role="staff").user


def mails():
    return sorted((mail.template, mail.address) for mail in Outbox.objects.all())


def link():
    """Return the newest link to confirm with."""
    mailed = Outbox.objects.filter(template="member_address").order_by("-created_at", "-pk")
    return next(found[1] for mail in mailed if (found := re.search(r"accounts/address/(\S+)/", mail.body)))


def rewrite(member, actor, email=FALSE):
    return update_member(member, {"email": email}, actor=actor)


def age(member, days=8):
    then = timezone.now() - datetime.timedelta(days=days)
    Member.objects.filter(pk=member.pk).update(email_written_at=then)


def sorted_as(member):
    return invitations.sorted_out(Member.objects.filter(pk=member.pk)).get().invitability


def may_claim(member):
    """Whether number and address on file get as far as an account."""
    member.refresh_from_db()
    invitations.claim(member.member_number, member.email)
    return User.objects.filter(member=member).exists()


# --- who wrote it -----------------------------------------------------------------------------------


def test_an_address_says_when_by_whom_and_how_it_was_written(ann, people):
    staff, before = people["staff"], timezone.now()
    changed = rewrite(ann, staff)
    assert changed.email_written_at >= before
    assert changed.email_written_by == staff
    assert changed.email_source == AddressSource.OFFICE
    assert changed.email_former == REAL
    values = {"member_number": "9", "first_name": "Bo", "last_name": "Berg", "email": "bo@people.example"}
    made = create_member(values, actor=staff)
    assert (made.email_written_by, made.has_settled_email) == (staff, False)


def test_the_same_mailbox_in_other_letters_is_no_new_address(ann, people):
    rewrite(ann, people["staff"], email=REAL.upper())
    ann.refresh_from_db()
    assert (ann.email, ann.has_settled_email) == (REAL.upper(), True)
    assert mails() == []


def test_the_former_address_hears_of_it_and_is_not_told_the_new_one(ann, people):
    rewrite(ann, people["staff"])
    mail = Outbox.objects.get()
    assert mail.address == REAL
    assert "wrote another e-mail address into your member record" in mail.body
    assert FALSE not in mail.body
    assert addresses.owner(link()) == ann


def test_an_address_that_is_taken_away_is_told_without_a_link(ann, people):
    rewrite(ann, people["staff"], email="")
    mail = Outbox.objects.get()
    assert mail.address == REAL
    assert "took the e-mail address out of your member record" in mail.body
    assert "accounts/address/" not in mail.body


def test_whoever_has_an_account_hears_of_it_there_too(ann, people):
    UserFactory(member=ann, email="own@people.example")
    rewrite(ann, people["staff"])
    assert mails() == [("member_address", REAL), ("member_address", "own@people.example")]


# --- what it may do ---------------------------------------------------------------------------------


@pytest.mark.parametrize("days", [0, 6])
def test_a_clerks_own_address_claims_nobody_for_a_week(ann, people, days):
    """The attack: write, ask for the account with the number, read."""
    rewrite(ann, people["staff"])
    age(ann, days)
    assert may_claim(ann) is False
    assert sorted_as(ann) == Invitability.RECENT
    with pytest.raises(DomainError, match="too new to be invited"):
        invitations.invite(ann, actor=people["staff"])
    assert invitations.invite_all(Member.objects.all(), actor=people["staff"]) == 0
    assert ("invitation", FALSE) not in mails()


def test_after_a_week_it_does(ann, people):
    rewrite(ann, people["staff"])
    age(ann, 7)
    assert sorted_as(ann) == Invitability.READY
    assert may_claim(ann) is True


def test_the_days_are_a_setting(ann, people, settings):
    settings.ADDRESS_DAYS = 2
    rewrite(ann, people["staff"])
    age(ann, 2)
    assert may_claim(ann) is True


def test_an_address_that_came_with_a_merge_is_new(ann, people):
    twin = MemberFactory(email=FALSE)
    kept = merge_members(ann, twin, {"email": FALSE}, actor=people["staff"], reason="One person")
    assert kept.email_source == AddressSource.MERGE
    assert kept.email_former == REAL
    assert may_claim(kept) is False
    assert mails() == [("member_address", REAL)]


def test_a_merge_does_not_lend_a_person_to_an_old_address(ann, people):
    """The other direction: a record that was made long ago takes Ann's over, and keeps its own address."""
    ours = MemberFactory(email=FALSE)
    kept = merge_members(ours, ann, {}, actor=people["staff"], reason="One person")
    assert may_claim(kept) is False
    assert mails() == [("member_address", REAL)]
    assert addresses.owner(link()) == kept


def test_an_address_that_came_with_a_merge_confirms_nothing_written_later(ann, people):
    """The attack: merge a friend's record into Ann's, write a false address, let the friend say that it is hers."""
    friend = MemberFactory(email="friend@people.example")
    kept = merge_members(ann, friend, {}, actor=people["staff"], reason="One person")
    assert kept.email_former == "friend@people.example"
    rewrite(kept, people["staff"])
    assert [mail.address for mail in Outbox.objects.all() if "accounts/address/" in mail.body] == [
        "friend@people.example"
    ]
    with pytest.raises(LinkDead):
        addresses.confirm(link())
    assert may_claim(kept) is False


def test_a_merge_lets_nobody_confirm_an_address_that_is_not_theirs(ann, people):
    """The other order: the false address is written first, and stays."""
    rewrite(ann, people["staff"])
    ann.refresh_from_db()
    friend = MemberFactory(email="friend@people.example")
    kept = merge_members(ann, friend, {}, actor=people["staff"], reason="One person")
    assert kept.email_former == ""
    assert [mail.address for mail in Outbox.objects.all() if "accounts/address/" in mail.body] == [REAL]
    with pytest.raises(LinkDead):
        addresses.confirm(link())


def test_two_records_with_one_settled_address_stay_so(ann, people):
    kept = merge_members(ann, MemberFactory(email=REAL), {}, actor=people["staff"], reason="One person")
    assert kept.has_settled_email is True
    assert mails() == []


# --- a shared mailbox -------------------------------------------------------------------------------


def test_a_familys_address_claims_and_mails_nobody(ann, people):
    MemberFactory(email=REAL.upper())
    assert may_claim(ann) is False
    with pytest.raises(DomainError, match="Invite the member in person"):
        invitations.invite(ann, actor=people["staff"])
    assert mails() == []


def deleted(twin, staff):
    delete_member(twin, actor=staff, reason="Left")


def emptied(twin, staff):
    rewrite(twin, staff, email="")


def changed(twin, staff):
    rewrite(twin, staff, email="other@people.example")


@pytest.mark.parametrize("take_away", [deleted, emptied, changed])
def test_a_mailbox_stays_a_familys_whatever_becomes_of_the_other_record(ann, people, take_away):
    """The attack: whoever reads the family's mail lets the other record go, and is the only one left."""
    take_away(MemberFactory(email=REAL.upper()), people["staff"])
    assert sorted_as(ann) == Invitability.SHARED
    assert may_claim(ann) is False
    with pytest.raises(DomainError, match="has the same address on file, or had it"):
        invitations.invite(ann, actor=people["staff"])


def test_a_record_that_was_merged_or_has_its_address_back_shares_it_with_nobody(ann, people):
    kept = merge_members(ann, MemberFactory(email=REAL), {}, actor=people["staff"], reason="One person")
    for email in (FALSE, REAL):
        kept = rewrite(kept, people["staff"], email=email)
    age(kept)
    assert sorted_as(kept) == Invitability.READY
    assert may_claim(kept) is True


def asked_the_office(ann, people):
    return rewrite(ann, people["staff"])


def had_two_records_merged(ann, people):
    twin = MemberFactory(email=FALSE)
    return merge_members(ann, twin, {"email": FALSE}, actor=people["staff"], reason="One person")


@pytest.mark.parametrize("attack", [asked_the_office, had_two_records_merged])
@pytest.mark.parametrize("take_away", [None, changed])
def test_a_familys_mailbox_confirms_no_address_and_was_no_way_to_tell_her(ann, people, attack, take_away):
    """The attack: her husband reads the mailbox too, has his own address written into her record, and confirms it."""
    husband = MemberFactory(email=REAL.upper())
    if take_away is not None:
        take_away(husband, people["staff"])
    Member.objects.filter(pk=ann.pk).update(created_at=timezone.now() - 5 * WEEK)
    ann.refresh_from_db()
    member = attack(ann, people)
    assert [mail.address for mail in Outbox.objects.all() if "accounts/address/" in mail.body] == []
    assert [mail.address for mail in Outbox.objects.order_by("pk")][-1] == REAL
    age(member)
    member.refresh_from_db()
    assert addresses.is_theirs(member) is False
    assert sorted_as(member) == Invitability.READY


@pytest.mark.parametrize("is_shared", [False, True])
def test_a_mailbox_that_became_a_familys_meanwhile_confirms_nothing(ann, people, is_shared):
    """The attack: it was Ann's alone when her address was replaced, and her husband's too when it is again."""
    rewrite(ann, people["staff"])
    husband = MemberFactory(email="husband@people.example")
    if is_shared:
        rewrite(husband, people["staff"], email=REAL.upper())
    Outbox.objects.all().delete()
    ann.refresh_from_db()
    rewrite(ann, people["staff"], email="third@people.example")
    ann.refresh_from_db()
    assert (ann.email_former, ann.email_former_shared) == (REAL, is_shared)
    with_link = [mail.address for mail in Outbox.objects.all() if "accounts/address/" in mail.body]
    assert (mails(), with_link) == ([("member_address", REAL), ("member_address", FALSE)], [] if is_shared else [REAL])


def test_a_mailbox_that_was_a_familys_stays_so_for_what_is_written_next(ann, people):
    husband = MemberFactory(email=REAL.upper())
    rewrite(ann, people["staff"])
    Member.objects.filter(pk=husband.pk).update(email="husband@people.example")
    ann.refresh_from_db()
    rewrite(ann, people["staff"], email="third@people.example")
    ann.refresh_from_db()
    assert (ann.email_former, ann.email_former_shared) == (REAL, True)


# --- the first address of a record that was there -----------------------------------------------------


@pytest.fixture
def bare():
    """A member recorded long ago, without an address."""
    member = MemberFactory(member_number="A77", email="")
    Member.objects.filter(pk=member.pk).update(created_at=timezone.now() - 5 * WEEK)
    member.refresh_from_db()
    return member


def written_in(bare, people):
    return rewrite(bare, people["staff"])


def written_twice(bare, people):
    age(rewrite(bare, people["staff"]))
    bare.refresh_from_db()
    return rewrite(bare, people["staff"], email="second@people.example")


def merged_in(bare, people):
    friend = MemberFactory(email=FALSE)
    Member.objects.filter(pk=friend.pk).update(created_at=bare.created_at)
    friend.refresh_from_db()
    return merge_members(friend, bare, {}, actor=people["staff"], reason="One person")


@pytest.mark.parametrize("attack", [written_in, written_twice, merged_in])
def test_a_first_address_of_which_nobody_was_told_opens_nothing_by_its_age(bare, people, attack):
    member = attack(bare, people)
    age(member)
    assert may_claim(member) is True
    user = User.objects.get(member=member)
    request = RequestFactory().get("/")
    account_invitations.accept(INVITATION.text(user), PASSWORD, request=request)
    assert User.objects.get(pk=user.pk).link_rests is True
    confirming.confirm(user, actor=people["officer"])
    assert User.objects.get(pk=user.pk).own_member_id == member.pk


def test_a_first_address_is_the_members_once_an_officer_saw_them(bare, people):
    rewrite(bare, people["staff"])
    addresses.vouch(bare, actor=people["officer"], reason="Came with the card")
    age(bare)
    bare.refresh_from_db()
    assert addresses.is_theirs(bare) is True


def test_an_address_that_came_with_the_record_is_no_later_one(ann, people):
    values = {"member_number": "9", "first_name": "Bo", "last_name": "Berg", "email": "bo@people.example"}
    assert (create_member(values, actor=people["staff"]).is_untold, ann.is_untold) == (False, False)


# --- the member's word ------------------------------------------------------------------------------


def test_the_member_confirms_at_the_former_address(ann, people):
    rewrite(ann, people["staff"])
    text = link()
    addresses.confirm(text)
    assert may_claim(ann) is True
    assert ann.email_source == AddressSource.MEMBER
    assert told(ann)[-1][:2] == ("member.address_confirmed", "")
    for again in (addresses.owner, addresses.confirm):
        with pytest.raises(LinkDead):
            again(text)


def test_a_link_dies_with_the_next_change_and_with_age(ann, people, settings):
    rewrite(ann, people["staff"])
    text = link()
    rewrite(ann, people["staff"], email="other@people.example")
    for dead in (text, text[:-1], "", "x" * 500):
        with pytest.raises(LinkDead):
            addresses.confirm(dead)
    settings.ADDRESS_DAYS = 0
    with pytest.raises(LinkDead):
        addresses.confirm(link())


def test_two_changes_in_a_row_do_not_confirm_each_other(ann, people):
    """The link goes to the last settled address, never to one that the same clerk wrote a minute ago."""
    rewrite(ann, people["staff"])
    rewrite(ann, people["staff"], email="second@people.example")
    assert mails() == [("member_address", REAL), ("member_address", REAL), ("member_address", FALSE)]
    assert [mail.address for mail in Outbox.objects.all() if "accounts/address/" in mail.body] == [REAL, REAL]
    rewrite(ann, people["staff"], email="")
    rewrite(ann, people["staff"], email=FALSE)
    ann.refresh_from_db()
    assert ann.email_former == REAL


# --- a second person --------------------------------------------------------------------------------


def test_a_second_person_of_the_office_saw_the_member(ann, people, second):
    rewrite(ann, people["staff"])
    addresses.vouch(ann, actor=second, reason="Came with the card")
    assert may_claim(ann) is True
    assert told(ann)[-1][:3] == ("member.address_seen", second.full_name, "Came with the card")


@pytest.mark.parametrize(("role", "opens"), [("staff", False), ("officer", True)])
def test_what_is_the_members_own_opens_by_the_word_of_an_officer_alone(ann, people, role, opens):
    """The attack: an administrator makes a second clerk, who vouches for what the first one wrote."""
    rewrite(ann, people["staff"])
    addresses.vouch(ann, actor=RoleAssignmentFactory(role=role).user, reason="Came with the card")
    ann.refresh_from_db()
    user = invitations.invite(ann, actor=people["staff"])
    request = RequestFactory().get("/")
    accepted = account_invitations.accept(INVITATION.text(user), PASSWORD, request=request)
    accepted.refresh_from_db()
    assert accepted.link_rests is not opens


def test_an_address_that_a_clerk_vouched_for_confirms_no_other(ann, people, second):
    """The attack goes on: at the first false address they would say that the second one is hers."""
    rewrite(ann, people["staff"])
    addresses.vouch(ann, actor=second, reason="Came with the card")
    ann.refresh_from_db()
    rewrite(ann, people["staff"], email="third@people.example")
    ann.refresh_from_db()
    assert ann.email_former == REAL


def test_an_address_that_a_clerk_vouched_for_is_new_after_a_merge(ann, people, second):
    rewrite(ann, people["staff"])
    addresses.vouch(ann, actor=second, reason="Came with the card")
    ann.refresh_from_db()
    kept = merge_members(MemberFactory(email=FALSE), ann, {}, actor=people["staff"], reason="One person")
    assert kept.has_settled_email is False


def test_who_may_not_vouch(ann, people, second):
    staff = people["staff"]
    rewrite(ann, staff, email=second.email)
    own = RoleAssignmentFactory(role="staff", user__member=ann).user
    twin = MemberFactory(last_name=ann.last_name, date_of_birth=ann.date_of_birth)
    alike = RoleAssignmentFactory(role="staff", user__member=twin).user
    mine = "may be, your own record"
    for actor, sentence in ((staff, "You wrote this address"), (second, mine), (own, mine), (alike, mine)):
        with pytest.raises(DomainError, match=sentence):
            addresses.vouch(ann, actor=actor, reason="I saw them")
    for name in ("admin", "organizer", "member"):
        with pytest.raises(PermissionDenied):
            addresses.vouch(ann, actor=people[name], reason="I saw them")
    ann.refresh_from_db()
    assert ann.has_settled_email is False


def test_whoever_let_a_program_in_does_not_vouch_for_what_it_wrote(ann, people):
    """The attack: an administrator who is an officer too writes with the token of a program and vouches as a person."""
    maker, other = people["admin"], people["officer"]
    RoleAssignmentFactory(user=maker, role="officer")
    values = {"name": "Payroll", "network": "203.0.113.0/24", "last_day": local_today()}
    asked = ["members.view_member", "members.change_member"]
    _program, token = programs.add_program(values, asked, actor=maker)
    rewrite(ann, programs.opened_by(token, address="203.0.113.7").user)
    with pytest.raises(DomainError, match="A program that you let in wrote this address"):
        addresses.vouch(ann, actor=User.objects.get(pk=maker.pk), reason="I saw them")
    assert addresses.vouch(ann, actor=other, reason="I saw them").has_settled_email is True


def test_the_database_keeps_writer_and_witness_apart(ann, people):
    rewrite(ann, people["staff"])
    with pytest.raises(IntegrityError), transaction.atomic():
        Member.objects.filter(pk=ann.pk).update(email_seen_by=people["staff"], email_seen_at=timezone.now())
