"""Somebody independent says who a person is, and what rested counts again."""

from io import StringIO

import pytest
from allauth.socialaccount.models import SocialAccount
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import panels
from accounts.enums import IdentityKind
from accounts.factories import PASSWORD, RoleAssignmentFactory, UserFactory
from accounts.models import IdentityChange, Role, RoleAssignment, User
from accounts.services import confirming, factors, identity, invitations, mailed_links, terms
from accounts.services import people as services
from accounts.tests.proving import give_app
from core.errors import DomainError
from core.models import Outbox
from members.factories import MemberFactory

pytestmark = pytest.mark.django_db


def subjects_to(address: str) -> list[str]:
    return [mail.subject for mail in Outbox.objects.order_by("created_at") if mail.address == address]


def fresh(user: User) -> User:
    return User.objects.get(pk=user.pk)


@pytest.fixture
def ann(people):
    """A treasurer with a member's record, of whom an administrator has made a one-time password."""
    user = UserFactory(member=MemberFactory(), email="ann@people.example")
    RoleAssignmentFactory(user=user, role="treasurer")
    services.issue_password(user, actor=people["admin"], reason="Forgotten")
    return fresh(user)


def test_an_officer_who_changed_nothing_lifts_all_of_it(people, ann):
    assert (ann.rests, ann.role_names) == (True, frozenset())
    assert len(confirming.what_rests(ann)) == 2
    officer = people["officer"]
    assert confirming.who_confirms(ann) == [officer]
    confirming.confirm(ann, actor=officer, epoch=2)
    again = fresh(ann)
    assert (again.rests, again.role_names, again.own_member_id) == (False, {"treasurer"}, ann.member_id)
    assert again.identity_changes.first().kind == IdentityKind.CONFIRMED
    # whoever signed in while somebody else held the account is out
    assert again.session_epoch != ann.session_epoch
    assert "You are confirmed" in subjects_to("ann@people.example")
    with pytest.raises(DomainError, match="nothing to confirm"):
        confirming.confirm(again, actor=officer)
    admin = fresh(RoleAssignmentFactory(user=people["admin"], role="officer").user)
    assert [confirming.may_vouch(again, person) for person in (officer, admin, again)] == [False, False, False]
    other = RoleAssignmentFactory(role="officer").user
    assert confirming.may_vouch(again, other) is True
    confirming.confirm(again, actor=other)
    assert confirming.may_vouch(again, other) is False


def test_whoever_is_not_independent_is_refused(people, ann):
    """Also an administrator who is an officer, for what they changed; and nobody for themselves."""
    for user in (people["admin"], ann):
        RoleAssignmentFactory(user=user, role="officer")
    for actor, sentence in ((people["admin"], "changed this account yourself"), (ann, "your own")):
        with pytest.raises(DomainError, match=sentence):
            confirming.confirm(ann, actor=fresh(actor))
    with pytest.raises(PermissionDenied):
        confirming.confirm(ann, actor=people["staff"])
    assert not confirming.resting(fresh(people["admin"]), timezone.now()).exists()
    assert fresh(ann).rests


@pytest.mark.parametrize("server", [False, True])
def test_a_factor_added_while_somebody_else_held_the_account_ends(people, ann, server):
    """The administrator signs in with the one-time password first; the person gets another one and is confirmed."""
    give_app(ann)
    services.issue_password(ann, actor=people["admin"], reason="She cannot sign in")
    held = fresh(ann)
    assert factors.has_second_factor(held)
    if server:
        confirming.confirm_on_server(held, reason="Seen at the hall")
    else:
        confirming.confirm(held, actor=people["officer"])
    again = fresh(ann)
    assert list(factors.of(again)) == []
    assert again.session_epoch != held.session_epoch
    assert "Set up your second factors again" in subjects_to("ann@people.example")
    give_app(again)
    assert list(factors.added_while_held(again)) == []


def test_an_outside_sign_in_that_was_linked_while_somebody_else_held_the_account_ends(people):
    user = UserFactory(member=MemberFactory())

    def link(name):
        return SocialAccount.objects.create(user=user, provider="union", uid=name)

    link("theirs")
    services.issue_password(user, actor=people["admin"], reason="She cannot sign in")
    link("whoever held it")
    confirming.confirm(fresh(user), actor=people["officer"])
    assert list(SocialAccount.objects.values_list("uid", flat=True)) == ["theirs"]


def test_a_factor_of_before_and_one_since_a_change_of_the_link_stay(people):
    user = UserFactory(member=MemberFactory())
    give_app(user)
    services.issue_password(fresh(user), actor=people["admin"], reason="Forgotten")
    confirming.confirm(fresh(user), actor=people["officer"])
    factors.new_codes(fresh(user))
    services.change_user(fresh(user), {"member": MemberFactory()}, actor=people["admin"])
    factors.new_codes(fresh(user))
    before = fresh(user).session_epoch
    confirming.confirm(fresh(user), actor=people["officer"])
    assert [factor.type for factor in factors.of(user)] == ["totp", "recovery_codes"]
    assert fresh(user).session_epoch == before


KNOWN_TO_OTHERS = "seven quiet herons asleep"


def signs_in(user: User, password: str = KNOWN_TO_OTHERS) -> bool:
    return fresh(user).check_password(password)


def confirm_here(user, people, **given):
    return confirming.confirm(user, actor=people["officer"], **given)


def confirm_on_server(user, people, **given):
    confirming.confirm_on_server(user, reason="Seen at the hall", **given)


@pytest.mark.parametrize("confirm", [confirm_here, confirm_on_server])
def test_a_password_set_while_somebody_else_held_the_account_ends(people, ann, confirm, rf):
    """The administrator signs in with the one-time password and chooses another; Ann gets a link, and later another."""
    services.change_own_password(ann, KNOWN_TO_OTHERS)
    confirm(fresh(ann), people)
    assert signs_in(ann) is False
    mailed_links.ask_for_reset(ann.email)
    first, second = Outbox.objects.filter(template__startswith="password").order_by("created_at")
    assert (first.template, first.address, second.template) == ("password_ended", ann.email, "password_reset")
    text = first.body.partition("/link/")[2].partition("/")[0]
    mailed_links.reset_password(text, "four other grey herons", request=rf.get("/"))
    assert signs_in(ann, "four other grey herons") is True
    assert fresh(ann).role_names == {"treasurer"}


@pytest.mark.parametrize("confirm", [confirm_here, confirm_on_server])
def test_whoever_reads_no_mail_keeps_a_password_of_their_own(people, ann, confirm):
    with pytest.raises(DomainError, match="choose their own first"):
        confirm(fresh(ann), people, keeps_password=True)
    assert fresh(ann).rests
    services.change_own_password(fresh(ann), KNOWN_TO_OTHERS)
    confirm(fresh(ann), people, keeps_password=True)
    assert signs_in(ann) is True
    assert "Choose a new password for the portal" not in subjects_to(ann.email)


def test_who_took_the_factors_learnt_no_password(people):
    user = UserFactory()
    give_app(user)
    factors.remove_all(user, actor=people["admin"], reason="Lost")
    confirm_here(fresh(user), people)
    assert signs_in(user, PASSWORD) is True


def test_what_was_looked_at_is_what_is_confirmed(people, ann):
    services.change_user(ann, {"member": MemberFactory()}, actor=people["admin"])
    with pytest.raises(DomainError, match="meanwhile"):
        confirming.confirm(ann, actor=people["officer"], epoch=2)
    assert fresh(ann).rests


def test_the_database_lets_nobody_confirm_themselves(ann):
    change = IdentityChange(user=ann, actor=ann, kind=IdentityKind.CONFIRMED, epoch=2)
    with pytest.raises(IntegrityError), transaction.atomic():
        change.save()


def test_a_puppet_officer_confirms_no_puppet_treasurer(people):
    """One administrator makes two accounts and gives both roles: nothing counts before an officer says so."""
    admin, officer = people["admin"], people["officer"]
    puppets = [services.create_user(f"p{n}@people.example", "P", f"Uppet{n}", actor=admin)[0] for n in (1, 2)]
    first, second = (
        terms.assign_role(user, Role.objects.get(name=role), actor=admin, reason="Elected")
        for user, role in zip(puppets, ("officer", "treasurer"), strict=True)
    )
    assert [term.is_live() for term in (first, second)] == [False, False]
    with pytest.raises(PermissionDenied):
        terms.confirm_role(second, actor=fresh(puppets[0]))
    terms.end_role(officer.assignments.get(), actor=admin, reason="Stepped down")
    third = terms.assign_role(puppets[1], Role.objects.get(name="trustee"), actor=admin, reason="No officer left")
    assert third.needs_confirmation


@pytest.mark.parametrize("role", ["officer", "grievance-chair", "representative", "treasurer"])
def test_at_first_set_up_a_grave_role_counts_at_once_and_the_history_says_exempt(people, role):
    ann = UserFactory()
    term = terms.assign_role(ann, Role.objects.get(name=role), actor=people["admin"], reason="First set-up")
    assert (term.is_live(), term.identity_epoch) == (True, 1)
    assert people["officer"].is_active
    later = terms.assign_role(UserFactory(), Role.objects.get(name=role), actor=people["admin"], reason="Later")
    assert later.is_live() is False


def test_who_changed_the_account_does_not_confirm_its_role_either(people):
    """An administrator who is an officer too, and an accomplice who only assigns."""
    both, other, ann = people["admin"], UserFactory(), UserFactory()
    RoleAssignmentFactory(user=both, role="officer")
    RoleAssignmentFactory(user=other, role="admin")
    services.issue_password(ann, actor=both, reason="Forgotten")
    term = terms.assign_role(ann, Role.objects.get(name="treasurer"), actor=other, reason="Elected")
    with pytest.raises(DomainError, match="changed this person’s account yourself"):
        terms.confirm_role(term, actor=fresh(both))
    confirming.confirm(ann, actor=people["officer"])
    assert terms.confirm_role(term, actor=people["officer"]).is_live()


def reset_account(admin):
    user = UserFactory(is_no_member=False)
    services.issue_password(user, actor=admin, reason="Forgotten")
    return user


def made_account(admin):
    return services.create_user("new@people.example", "New", "Person", actor=admin)[0]


@pytest.mark.parametrize("account_of", [reset_account, made_account])
def test_no_role_is_confirmed_for_an_account_that_somebody_else_may_hold(people, account_of):
    """Nothing rests that would say so; what the administrator added to the account ends with the confirmation."""
    admin, officer = people["admin"], people["officer"]
    user = account_of(admin)
    give_app(user)
    term = terms.assign_role(user, Role.objects.get(name="treasurer"), actor=admin, reason="Elected")
    assert fresh(user).rests is False
    with pytest.raises(DomainError, match="confirm the person first"):
        terms.confirm_role(term, actor=officer)
    assert list(confirming.resting(officer, timezone.now())) == [user]
    RoleAssignmentFactory(user=admin, role="officer")
    with pytest.raises(DomainError, match="changed this account yourself"):
        confirming.confirm(user, actor=fresh(admin))
    confirming.confirm(user, actor=officer)
    assert list(factors.of(user)) == []
    assert terms.confirm_role(term, actor=officer).is_live()


def test_an_account_made_by_an_invitation_or_a_command_is_its_person_s(people):
    by_command = services.create_user("seat@people.example", "Sea", "T", actor=None)[0]
    invited = invitations.invite("mail@people.example", "May", "L", actor=people["admin"])
    assert identity.held([by_command.pk, invited.pk]) == set()


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("confirm_person", *arguments, stdout=out)
    return out.getvalue()


def test_the_server_confirms_where_nobody_can_and_tells_everybody(people, ann):
    hearers = [people["officer"], people["trustee"]]
    told = run("Ann@people.example", "--reason", "Seen at the hall")
    assert ["treasurer" in fresh(ann).role_names, fresh(ann).rests, "Treasurer" in told] == [True, False, True]
    change = ann.identity_changes.first()
    assert (change.kind, change.actor, change.reason) == (IdentityKind.CONFIRMED, None, "Seen at the hall")
    for hearer in hearers:
        assert "Somebody was confirmed on the server" in subjects_to(hearer.email)
    for wrong, sentence in (("ann@people.example", "nothing to confirm"), ("nobody@x.example", "Nobody signs in")):
        with pytest.raises(CommandError, match=sentence):
            run(wrong, "--reason", "Again")


def test_the_server_confirms_what_waits(people):
    """The one officer of a local is to be treasurer too: nobody else can confirm that."""
    officer = people["officer"]
    term = terms.assign_role(officer, Role.objects.get(name="treasurer"), actor=people["admin"], reason="Elected")
    run(officer.email, "--reason", "The meeting elected her")
    assert RoleAssignment.objects.live().filter(pk=term.pk).exists()


def test_who_sees_that_something_waits(people, ann):
    assert [item.what for item in panels.WAITS.first(people["officer"])] == [
        f"Confirm that the account of {ann} is theirs"
    ]
    assert panels.WAITS.first(people["staff"]) == []
    assert identity.why_not_by(ann, people["officer"]) == ""
