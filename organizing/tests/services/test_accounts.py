"""Attacks on who a salt or an organizer is, by those who rule accounts and records and have no part in the campaign."""

import pytest
from django.core.exceptions import PermissionDenied

from accounts.enums import IdentityKind
from accounts.factories import RoleAssignmentFactory, UserFactory
from accounts.models import User
from accounts.services import confirming, identity
from accounts.services import people as accounts_of_people
from core.errors import DomainError
from core.models import AuditEvent
from members.factories import MemberFactory
from members.models import Member
from members.services import merging
from organizing import panels
from organizing.factories import organizer
from organizing.models import Campaign, CampaignMember
from organizing.services import accounts, campaigns

pytestmark = pytest.mark.django_db
REASON = "Asked by telephone"


def relink(vault, people):
    """Give the salt's record to an account of somebody else, as an administrator can."""
    accounts_of_people.change_user(people["member"], {"member": None}, actor=people["admin"])
    puppet = RoleAssignmentFactory(role="member", user=UserFactory()).user
    member = Member.objects.get(pk=vault.salt.member_ref)
    return accounts_of_people.change_user(puppet, {"member": member}, actor=people["admin"])


def merge(vault, people):
    """Merge the salt's record into one that has an account, as two people of the office can."""
    accounts_of_people.change_user(people["member"], {"member": None}, actor=people["admin"])
    puppet = RoleAssignmentFactory(role="member", user=UserFactory(member=MemberFactory())).user
    member = Member.objects.get(pk=vault.salt.member_ref)
    merging.merge_members(puppet.member, member, {}, actor=None, reason="Twice")
    return fresh(puppet)


def take_over(vault, people):
    """Give the salt's own account a password that somebody else knows."""
    accounts_of_people.issue_password(people["member"], actor=people["admin"], reason=REASON)
    return fresh(people["member"])


def vouched_for(user) -> User:
    """An officer outside the campaign has seen the person; what somebody else added to the account has ended."""
    return confirming.confirm(user, actor=RoleAssignmentFactory(role="officer").user)


def fresh(user) -> User:
    return User.objects.get(pk=user.pk)


def pages(browser) -> list[int]:
    return [browser.get(path).status_code for path in ("/entries/", "/entries/add/")]


@pytest.mark.parametrize("attack", [relink, merge])
def test_no_link_and_no_merge_shows_who_is_a_salt(vault, people, browser_of, attack):
    puppet = attack(vault, people)
    assert CampaignMember.objects.acted_by(puppet.member_id).exists()  # the control: by the record alone it would
    assert panels.is_salt(puppet) is False
    assert pages(browser_of(puppet)) == [404, 404]


def test_an_account_that_somebody_else_can_open_shows_nothing(vault, people, browser_of):
    assert pages(browser_of(people["member"])) == [200, 200]
    taken = take_over(vault, people)
    User.objects.update(must_change_password=False)
    assert panels.is_salt(taken) is False
    assert pages(browser_of(taken)) == [404, 404]


@pytest.mark.parametrize("duty", ["lead", "handler"])
@pytest.mark.parametrize("attack", [relink, take_over])
def test_lead_or_handler_open_it_to_the_account_that_they_know(vault, people, attack, duty):
    account = attack(vault, people)
    if attack is take_over:
        with pytest.raises(DomainError, match="confirm the person first"):
            accounts.confirm_account(vault.salt, actor=vault[duty], seen=accounts.seen_as(account))
        vouched_for(account)
    salt = accounts.confirm_account(vault.salt, actor=vault[duty], seen=accounts.seen_as(account))
    assert salt.account_ref == f"{account.pk}:{account.identity_epoch}"
    assert list(CampaignMember.objects.acting_as(account)) == [vault.salt]
    others = User.objects.exclude(pk=account.pk)
    assert not any(panels.is_salt(user) for user in others)
    event = AuditEvent.objects.latest("id")
    assert (event.action, event.actor, event.body) == ("organizing.account_confirmed", vault[duty], {})


def test_others_confirm_no_account(vault, people):
    account = take_over(vault, people)
    seen = accounts.seen_as(account)
    for duty in ("deputy", "organizer"):
        with pytest.raises(PermissionDenied):
            accounts.confirm_account(vault.salt, actor=vault[duty], seen=seen)
    for name in ("admin", "staff", "organizing-director", "member"):
        with pytest.raises((PermissionDenied, DomainError)):
            accounts.confirm_account(vault.salt, actor=people[name], seen=seen)
    assert panels.is_salt(account) is False


def test_what_was_not_seen_is_not_confirmed(vault, people):
    seen = accounts.seen_as(take_over(vault, people))
    take_over(vault, people)
    with pytest.raises(DomainError, match="changed meanwhile"):
        accounts.confirm_account(vault.salt, actor=vault["lead"], seen=seen)
    with pytest.raises(DomainError, match="They have no account"):
        accounts.confirm_account(vault.other_salt, actor=vault["lead"], seen=seen)


def test_nobody_confirms_what_they_changed_or_their_own_account(vault, people):
    RoleAssignmentFactory(user=vault["lead"], role="admin")
    lead = fresh(vault["lead"])
    accounts_of_people.issue_password(people["member"], actor=lead, reason=REASON)
    account = vouched_for(people["member"])
    with pytest.raises(DomainError, match="You changed this account yourself"):
        accounts.confirm_account(vault.salt, actor=lead, seen=accounts.seen_as(account))
    accounts.confirm_account(vault.salt, actor=vault["handler"], seen=accounts.seen_as(account))
    assert panels.is_salt(account) is True
    own = CampaignMember.objects.get(pk=vault.other_salt.pk)
    User.objects.filter(pk=vault["lead"].pk).update(member=Member.objects.get(pk=own.member_ref), is_no_member=False)
    lead = fresh(lead)
    with pytest.raises(DomainError, match="Nobody confirms their own account"):
        accounts.confirm_account(own, actor=lead, seen=accounts.seen_as(lead))


def test_an_account_that_came_in_place_of_the_confirmed_one_is_judged_by_its_own_history(vault, people):
    """The lead linked the record to an account of theirs; that the former one was confirmed later says nothing."""
    lead = RoleAssignmentFactory(user=vault["lead"], role="admin").user
    for _turn in range(2):
        take_over(vault, people)
    account = vouched_for(people["member"])
    accounts.confirm_account(vault.salt, actor=vault["handler"], seen=accounts.seen_as(account))
    accounts_of_people.change_user(fresh(account), {"member": None}, actor=people["admin"])
    puppet, member = UserFactory(), Member.objects.get(pk=vault.salt.member_ref)
    accounts_of_people.change_user(puppet, {"member": member}, actor=fresh(lead))
    salt, account = CampaignMember.objects.get(pk=vault.salt.pk), fresh(puppet)
    with pytest.raises(DomainError, match="You changed this account yourself"):
        accounts.confirm_account(salt, actor=fresh(lead), seen=accounts.seen_as(account))


def test_the_account_is_nowhere_in_the_clear(vault, people):
    stored = CampaignMember.objects.values_list("account_index", flat=True).get(pk=vault.salt.pk)
    assert vault.salt.account_ref == f"{people['member'].pk}:1"
    assert vault.salt.account_ref not in str(CampaignMember.objects.filter(pk=vault.salt.pk).values().get())
    assert (stored != "", accounts.seen_as(people["member"]) == stored) == (True, False)


# --- assignments -----------------------------------------------------------------------------------------


def test_an_assignment_rests_until_the_lead_knows_the_person(vault, people, browser_of):
    term = vault.terms["organizer"]
    taken = vault["organizer"]
    accounts_of_people.issue_password(taken, actor=people["admin"], reason=REASON)
    User.objects.update(must_change_password=False)
    taken = fresh(taken)
    doors = (vault.campaign.get_absolute_url(), f"/api/v1/campaigns/{vault.campaign.pk}/")
    assert [browser_of(taken).get(door).status_code for door in doors] == [404, 404]
    term.refresh_from_db()
    assert (term.rests, term.is_live()) == (True, True)
    for duty in ("deputy", "handler"):
        with pytest.raises(PermissionDenied):
            accounts.confirm_assignment(term, actor=vault[duty])
    with pytest.raises(DomainError):
        accounts.confirm_assignment(term, actor=fresh(taken))
    with pytest.raises(DomainError, match="changed once more"):
        accounts.confirm_assignment(term, actor=vault["lead"], epoch=1)
    with pytest.raises(DomainError, match="confirm the person first"):
        accounts.confirm_assignment(term, actor=vault["lead"], epoch=2)
    taken = vouched_for(taken)
    accounts.confirm_assignment(term, actor=vault["lead"], epoch=2)
    assert [browser_of(taken).get(door).status_code for door in doors] == [200, 200]
    with pytest.raises(DomainError, match="confirmed already"):
        accounts.confirm_assignment(term, actor=vault["lead"])


def led_by_an_organizer(vault):
    term = vault.terms["lead"]
    term.user = organizer()
    term.save()
    return term


def test_a_lead_rests_until_an_officer_and_the_director_know_them(vault, people, browser_of):
    term, director = led_by_an_organizer(vault), people["organizing-director"]
    accounts_of_people.issue_password(term.user, actor=people["admin"], reason=REASON)
    lead = fresh(term.user)
    assert Campaign.objects.visible_to(lead).exists() is False
    [row] = Campaign.objects.overseen_by(director)
    assert (row.lead_name, row.lead_rests) == (lead.full_name, True)
    with pytest.raises(DomainError, match="An officer confirms this person first, and not you"):
        accounts.confirm_lead(vault.campaign.pk, actor=director)
    identity.record_change(lead, IdentityKind.CONFIRMED, actor=director)
    with pytest.raises(DomainError, match="An officer confirms this person first, and not you"):
        accounts.confirm_lead(vault.campaign.pk, actor=director)
    identity.record_change(lead, IdentityKind.CONFIRMED, actor=people["officer"])
    for name in ("officer", "admin", "organizer"):
        with pytest.raises(PermissionDenied):
            accounts.confirm_lead(vault.campaign.pk, actor=people[name])
    accounts.confirm_lead(vault.campaign.pk, actor=director)
    assert Campaign.objects.visible_to(lead).exists() is True


def test_a_director_who_is_an_officer_too_needs_the_word_of_another_one(vault, people):
    """Nothing of the lead's account rests for officers any more; one who never changed it can still vouch for them."""
    term, director, admin = led_by_an_organizer(vault), people["organizing-director"], people["admin"]
    for officer in (director, admin):
        RoleAssignmentFactory(user=officer, role="officer")
    accounts_of_people.issue_password(term.user, actor=admin, reason=REASON)
    confirming.confirm(term.user, actor=fresh(director))
    with pytest.raises(DomainError, match="An officer confirms this person first, and not you"):
        accounts.confirm_lead(vault.campaign.pk, actor=director)
    for officer in (director, admin):
        with pytest.raises(DomainError, match="nothing to confirm"):
            confirming.confirm(term.user, actor=fresh(officer))
    confirming.confirm(term.user, actor=people["officer"])
    accounts.confirm_lead(vault.campaign.pk, actor=director)
    assert Campaign.objects.visible_to(fresh(term.user)).exists() is True


def test_the_server_vouches_for_a_lead_where_no_other_officer_can(vault, people):
    term, director = led_by_an_organizer(vault), people["organizing-director"]
    RoleAssignmentFactory(user=director, role="officer")
    accounts_of_people.issue_password(term.user, actor=people["admin"], reason=REASON)
    confirming.confirm(term.user, actor=fresh(director))
    confirming.confirm_on_server(term.user, reason="Seen at the hall")
    accounts.confirm_lead(vault.campaign.pk, actor=director)
    assert Campaign.objects.visible_to(fresh(term.user)).exists() is True


def test_whoever_is_appointed_is_known_as_they_are_then(vault, people):
    person = organizer()
    accounts_of_people.issue_password(person, actor=people["admin"], reason=REASON)
    appointment = {"user": person, "duty": "organizer"}
    with pytest.raises(DomainError, match="confirm the person first"):
        campaigns.appoint(vault.campaign, appointment, actor=vault["lead"])
    vouched_for(person)
    term = campaigns.appoint(vault.campaign, appointment, actor=vault["lead"])
    assert (term.identity_epoch, Campaign.objects.visible_to(fresh(person)).exists()) == (2, True)
