"""Invitations: who may invite whom, what the mailed link is good for, and what becomes of a switched-off account."""

import re
from datetime import timedelta

import pytest
import time_machine
from allauth.socialaccount.models import SocialAccount
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import RequestFactory
from django.utils import timezone

from accounts.enums import AccountAction
from accounts.factories import RoleAssignmentFactory, UserFactory
from accounts.models import RoleAssignment, User
from accounts.services import invitations, mailed_links
from accounts.services import people as services
from accounts.services.invitations import AddressTaken, Invitee
from accounts.services.mailed_links import LinkDead
from accounts.tests.hashes import counted_hashes
from accounts.tests.inviting import ADDRESS, CHOSEN, invite
from accounts.tests.mails import mails
from accounts.tests.proving import give_app
from accounts.tests.rows import fresh
from core.errors import DomainError
from core.models import AuditEvent, Outbox
from members.factories import MemberFactory

pytestmark = pytest.mark.django_db

REQUEST = RequestFactory().get("/")


def links(address=ADDRESS):
    """Return the tokens in the mails to that address, oldest first."""
    mails = Outbox.objects.filter(template="invitation").order_by("created_at")
    return [re.search(r"/accounts/invitation/(\S+)/", mail.body)[1] for mail in mails if mail.address == address]


def accept(token, password=CHOSEN):
    return invitations.accept(token, password, request=REQUEST)


def trail(user):
    events = AuditEvent.objects.filter(subject_type="accounts.user", subject_id=str(user.pk)).order_by("id")
    return list(events.values_list("action", "actor_name"))


def invitees(count):
    return [Invitee(f"m{number}@people.example", "M", "Member", MemberFactory().pk) for number in range(count)]


# --- inviting ---------------------------------------------------------------------------------------


def test_an_invitation_makes_the_account_and_mails_the_link(people):
    member = MemberFactory()
    user = fresh(invite(people["admin"], roles=["staff", "steward"], member_id=member.pk))
    assert user.email == ADDRESS
    assert user.full_name == "Nia Newman"
    assert user.member_id == member.pk
    assert user.is_verified is False
    assert not user.has_usable_password()
    assert user.invited_by == people["admin"]
    assert user.invitation_ends_at == user.invited_at + timedelta(days=7)
    assert user.role_names == {"staff", "steward"}
    assert trail(user) == [
        (AccountAction.USER_INVITED, "Admin Person"),
        (AccountAction.ROLE_ASSIGNED, "Admin Person"),
        (AccountAction.ROLE_ASSIGNED, "Admin Person"),
    ]
    assert mailed_links.INVITATION.owner(*links()) == user
    mail = Outbox.objects.get(template="invitation")
    assert "7 days" in mail.body
    without_link = mail.body.replace(links()[0], "")
    assert not re.search("Nia|Newman|Admin", mail.subject + without_link)


@pytest.mark.parametrize("name", ["officer", "staff", "member", "nobody"])
def test_only_who_may_change_users_invites_anybody(people, name):
    with pytest.raises(PermissionDenied):
        invite(people[name])
    assert (User.objects.filter(email=ADDRESS).count(), Outbox.objects.count()) == (0, 0)


def test_an_address_that_is_in_use_is_refused_and_the_account_is_named(people):
    known = UserFactory(email=ADDRESS)
    with pytest.raises(AddressTaken, match="has an account already") as refused:
        invite(people["admin"])
    assert refused.value.account == known
    known.delete()
    invite(people["admin"])
    with pytest.raises(AddressTaken, match="invited already"):
        invite(people["admin"])
    assert len(links()) == 1


def test_bad_values_are_errors_of_their_fields(people):
    member = people["member"].member
    for given, field in [({"first_name": ""}, "first_name"), ({"member_id": member.pk}, "member")]:
        with pytest.raises(ValidationError) as refused:
            invite(people["admin"], **given)
        assert list(refused.value.message_dict) == [field]
    assert (User.objects.filter(email=ADDRESS).count(), len(links())) == (0, 0)


def test_a_switched_off_account_comes_back_without_roles_factors_and_password(people):
    old, now = UserFactory(email=ADDRESS, member=MemberFactory(), first_name="Old"), timezone.now()
    give_app(old)
    SocialAccount.objects.create(user=old, provider="openid", uid="1")
    live = RoleAssignmentFactory(user=old, role="officer", starts_at=now - timedelta(days=9))
    coming = RoleAssignmentFactory(user=old, role="trustee", starts_at=now + timedelta(days=9))
    over = RoleAssignmentFactory(
        user=old, role="steward", starts_at=now - timedelta(days=9), expires_at=now - timedelta(days=1)
    )
    services.deactivate(old, actor=people["admin"], reason="Left")
    before, written = fresh(old), Outbox.objects.count()
    reset = mailed_links.PASSWORD_RESET.text(before)
    user = fresh(invite(people["admin"], roles=["organizer"]))
    assert user.pk == old.pk
    assert user.first_name == "Nia"
    assert user.is_active is True
    assert user.is_verified is False
    assert not user.has_usable_password()
    assert user.member_id is None
    assert user.session_epoch != before.session_epoch
    assert user.role_names == {"organizer"}
    assert user.authenticator_set.count() == 0
    assert user.emailaddress_set.count() == 0
    assert not SocialAccount.objects.filter(user=user).exists()
    ended = {term.role.name: term.ended_at is not None for term in RoleAssignment.objects.filter(user=user)}
    assert ended == {"officer": True, "trustee": True, "steward": False, "organizer": False}
    assert {live.pk, coming.pk, over.pk} <= {term.pk for term in user.assignments.all()}
    assert [action for action, _name in trail(user)][-5:] == [
        AccountAction.ROLE_ENDED,
        AccountAction.ROLE_ENDED,
        AccountAction.FACTOR_REMOVED,
        AccountAction.USER_RESTORED,
        AccountAction.ROLE_ASSIGNED,
    ]
    with pytest.raises(LinkDead):
        mailed_links.PASSWORD_RESET.owner(reset)
    assert Outbox.objects.count() - written == 2  # the invitation, and the role that was given


def test_members_are_invited_with_one_role_and_without_a_hash(people):
    with counted_hashes() as hashes:
        users = invitations.invite_members(invitees(3), actor=people["staff"])
    assert hashes == []
    assert [(user.invited_by, user.is_verified, user.role_names) for user in map(fresh, users)] == [
        (people["staff"], False, {"member"})
    ] * 3
    assert trail(users[0]) == [
        (AccountAction.USER_INVITED, "Staff Person"),
        (AccountAction.ROLE_ASSIGNED, "Staff Person"),
    ]
    assert {mailed_links.INVITATION.owner(*links(user.email)) for user in users} == set(users)
    term = RoleAssignment.objects.filter(user=users[0]).get()
    assert (term.assigned_by, term.expires_at) == (people["staff"], None)


@pytest.mark.parametrize("count", [1, 3])
def test_statements_do_not_grow_with_the_members(people, count, django_assert_num_queries):
    staff, found = people["staff"], invitees(count)
    with django_assert_num_queries(17):
        invitations.invite_members(found, actor=staff)


@pytest.mark.parametrize("name", ["officer", "organizer", "member"])
def test_only_who_may_invite_members_does(people, name):
    with pytest.raises(PermissionDenied):
        invitations.invite_members(invitees(1), actor=people[name])


def test_all_of_a_batch_or_none(people):
    UserFactory(email="m1@people.example")
    with pytest.raises(DomainError):
        invitations.invite_members(invitees(3), actor=people["staff"])
    assert (User.objects.filter(email="m0@people.example").count(), Outbox.objects.count()) == (0, 0)


# --- again ------------------------------------------------------------------------------------------


def test_another_invitation_kills_the_link_before(people):
    user = invite(people["admin"])
    invitations.invite_again(user, actor=people["admin"])
    first, second = links()
    with pytest.raises(LinkDead):
        accept(first)
    assert accept(second) == user
    with pytest.raises(DomainError, match="accepted"):
        invitations.invite_again(user, actor=people["admin"])


def test_three_invitations_an_hour_to_one_address(people):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        user = invite(people["admin"])
        for _turn in range(2):
            invitations.invite_again(user, actor=people["admin"])
        with pytest.raises(DomainError, match="within an hour"):
            invitations.invite_again(user, actor=people["admin"])
        clock.shift(timedelta(hours=1))
        invitations.invite_again(user, actor=people["admin"])
    assert len(links()) == 4


def test_staff_invite_again_whom_they_may_invite(people):
    member = invitations.invite_members(invitees(1), actor=people["staff"])[0]
    invitations.invite_again(member, actor=people["staff"])
    with pytest.raises(PermissionDenied):
        invitations.invite_again(invite(people["admin"]), actor=people["staff"])


# --- accepting --------------------------------------------------------------------------------------


def test_accepting_sets_the_password_and_proves_the_address(people):
    user = invite(people["admin"], roles=["staff"])
    accept(*links())
    now = fresh(user)
    assert now.is_verified is True
    assert now.check_password(CHOSEN)
    assert now.invited_at is None
    assert now.invited_by is None
    assert list(now.emailaddress_set.values_list("email", "verified", "primary")) == [(ADDRESS, True, True)]
    assert trail(user)[-1] == (AccountAction.INVITATION_ACCEPTED, "Nia Newman")
    assert "Your account in the portal is ready" in [subject for _address, subject, _text in mails()]
    with pytest.raises(LinkDead):
        accept(*links(), "another heron stands awake")
    assert fresh(user).check_password(CHOSEN)


def test_a_password_that_will_not_do_leaves_the_link_alive(people):
    invite(people["admin"])
    with pytest.raises(ValidationError):
        accept(*links(), "newman newman")
    assert accept(*links()).email == ADDRESS


def test_a_link_lives_for_seven_days_or_as_the_setting_says(people, settings):
    with time_machine.travel(timezone.now().replace(microsecond=0), tick=False) as clock:
        user = invite(people["admin"])
        clock.shift(timedelta(days=7))
        assert mailed_links.INVITATION.owner(*links()) == user
        clock.shift(timedelta(seconds=1))
        with pytest.raises(LinkDead):
            accept(*links())
        settings.INVITATION_DAYS = 8
        assert accept(*links()) == user


@pytest.mark.parametrize(
    "act",
    [
        lambda user, admin: services.deactivate(user, actor=admin, reason="By mistake"),
        lambda user, admin: services.change_user(user, {"email": "other@people.example"}, actor=admin),
        lambda user, admin: services.end_sessions(user, actor=admin, reason="Lost laptop"),
        lambda user, admin: services.issue_password(user, actor=admin, reason="No mail"),
    ],
    ids=["off", "address", "sessions", "password"],
)
def test_whatever_the_office_does_kills_the_link(people, act):
    user = invite(people["admin"])
    act(user, people["admin"])
    with pytest.raises(LinkDead):
        accept(*links())
    assert not fresh(user).check_password(CHOSEN)


def test_the_links_of_one_purpose_open_nothing_of_another(people):
    user = invite(people["admin"])
    for token in (mailed_links.PASSWORD_RESET, mailed_links.EMAIL_VERIFICATION):
        with pytest.raises(LinkDead):
            invitations.accept(token.text(fresh(user)), CHOSEN, request=REQUEST)
        with pytest.raises(LinkDead):
            token.owner(*links())


# --- what the office does meanwhile -----------------------------------------------------------------


def test_a_corrected_address_gets_the_invitation(people):
    user = invite(people["admin"])
    services.change_user(user, {"email": "right@people.example"}, actor=people["admin"])
    now = fresh(user)
    assert now.emailaddress_set.count() == 0
    assert now.is_verified is False
    assert accept(*links("right@people.example")) == user
    assert [subject for _address, subject, _text in mails()] == [
        "Your invitation to the portal",
        "The e-mail address of your account was changed",
        "Your invitation to the portal",
        "Your account in the portal is ready",
    ]


def test_a_one_time_password_takes_the_place_of_the_invitation(people):
    user = invite(people["admin"])
    password = services.issue_password(user, actor=people["admin"], reason="No mail")
    now = fresh(user)
    assert now.invited_at is None
    assert now.is_verified is True
    assert now.must_change_password is True
    assert now.check_password(password)
    assert now.emailaddress_set.get().verified is True


def test_an_invited_address_is_not_confirmed_by_another_mail(people):
    user = invite(people["admin"])
    mailed_links.ask_for_verification(ADDRESS)
    mailed_links.ask_for_reset(ADDRESS)
    assert set(Outbox.objects.values_list("template", flat=True)) == {"invitation"}
    with pytest.raises(LinkDead):
        mailed_links.verify_email(mailed_links.EMAIL_VERIFICATION.text(fresh(user)))
