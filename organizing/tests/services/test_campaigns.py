"""What may be done in a campaign, by whom: each refusal beside its success."""

import datetime

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import RoleAssignment
from core.errors import DomainError, EditConflict
from core.models import AuditEvent
from core.site import local_today
from members.factories import MemberFactory, OrganizationFactory
from organizing.enums import Duty, Stage
from organizing.factories import AssignmentFactory, CampaignMemberFactory, organizer
from organizing.models import Campaign, CampaignAssignment, CampaignMember, SaltingActivity
from organizing.services import activities, campaigns

pytestmark = pytest.mark.django_db
DONE = {"activity_type": "meeting", "workers_contacted": 2, "cards_signed": 1}
WHO = ("lead", "deputy", "organizer", "handler", "director", "officer", "admin", "staff", "salt")


def trail(record) -> list[tuple]:
    rows = AuditEvent.objects.filter(stream=f"{record._meta.label_lower}:{record.pk}").order_by("id")
    return [(event.action, event.actor_name, event.body) for event in rows]


@pytest.fixture
def actors(vault, people):
    """Make everybody who might try; "officer" and "organizer of nothing" hold the permission without an assignment."""
    unassigned = organizer()
    cast = {name: vault[name] for name in ("lead", "deputy", "organizer", "handler")}
    return {
        **cast,
        "director": people["organizing-director"],
        "officer": unassigned,
        "admin": people["admin"],
        "staff": people["staff"],
        "salt": people["member"],
    }


ACTS = {
    "open_campaign": lambda v, a, x: campaigns.open_campaign(code_name="Ibis", lead=x["officer"], actor=a),
    "replace_lead": lambda v, a, x: campaigns.replace_lead(v.campaign.pk, x["officer"], actor=a, reason="New job"),
    "change_campaign": lambda v, a, x: campaigns.change_campaign(v.campaign, {"unit_size": 7}, actor=a),
    "close_campaign": lambda v, a, x: campaigns.close_campaign(v.campaign, actor=a, reason="Lost"),
    "appoint": lambda v, a, x: campaigns.appoint(v.campaign, {"user": x["officer"], "duty": "organizer"}, actor=a),
    "end_assignment": lambda v, a, x: campaigns.end_assignment(v.terms["organizer"], actor=a, reason="Left"),
    "add_salt": lambda v, a, x: campaigns.add_salt(v.campaign, x["member"], actor=a),
    "change_handler": lambda v, a, x: campaigns.change_handler(v.other_salt, v["handler"], actor=a),
    "end_salt": lambda v, a, x: campaigns.end_salt(v.salt, actor=a, until=local_today(), reason="Left"),
    "reveal_name": lambda v, a, x: campaigns.reveal_name(v.salt, actor=a),
    "log_activity": lambda v, a, x: activities.log_activity(v.campaign, DONE | {"campaign_member": v.salt}, actor=a),
    "change_activity": lambda v, a, x: activities.change_activity(v.activity, {"cards_signed": 3}, actor=a),
    "log_own_entry": lambda v, a, x: activities.log_own_entry(v.salt, DONE, actor=a),
}
EXPECTED = {
    "open_campaign": {"director"},
    "replace_lead": {"director"},
    "change_campaign": {"lead", "deputy"},
    "close_campaign": {"lead"},
    "appoint": {"lead", "deputy"},
    "end_assignment": {"lead", "deputy"},
    "add_salt": {"lead"},
    "change_handler": {"lead", "deputy"},
    "end_salt": {"lead", "deputy"},
    "reveal_name": {"lead", "handler"},
    "log_activity": {"lead", "deputy", "organizer", "handler"},
    "change_activity": {"lead", "deputy", "organizer"},
    "log_own_entry": {"salt"},
}


@pytest.mark.parametrize("act", ACTS)
def test_each_act_is_open_to_the_listed_people_only(vault, actors, act):
    extra, able = {"officer": actors["officer"], "member": MemberFactory()}, set()
    for name in WHO:
        with transaction.atomic():
            try:
                ACTS[act](vault, actors[name], extra)
                able.add(name)
            except (PermissionDenied, DomainError):
                pass
            transaction.set_rollback(True)
    assert able == EXPECTED[act]


def test_an_act_leaves_its_trail_on_its_own_record_without_a_value(vault, people):
    lead = vault["lead"]
    target = OrganizationFactory(name="Granite Mills")
    campaigns.change_campaign(vault.campaign, {"target": target, "salting_notes": "Canary"}, actor=lead)
    salt = campaigns.add_salt(vault.campaign, MemberFactory(), actor=lead)
    activity = activities.log_activity(vault.campaign, DONE | {"campaign_member": salt}, actor=vault["handler"])
    changed = {"changes": [{"field": "target"}, {"field": "salting_notes"}]}
    assert trail(vault.campaign) == [("organizing.changed", "Officer Person", changed)]
    assert trail(salt) == [("organizing.salt_added", "Officer Person", {})]
    [(action, name, body)] = trail(activity)
    assert (action, name) == ("organizing.activity_logged", vault["handler"].full_name)
    assert all(set(change) == {"field"} for change in body["changes"])


def test_a_new_campaign_has_its_lead_from_the_first_moment(people):
    director, lead = people["organizing-director"], organizer()
    campaign = campaigns.open_campaign(code_name="Ibis", lead=lead, actor=director)
    term = campaign.assignments.get()
    assert term.user == lead
    assert term.duty == "lead"
    assert term.appointed_by == director
    assert term.expires_at is None
    assert (Campaign.objects.visible_to(lead).get(), Campaign.objects.visible_to(director).count()) == (campaign, 0)


def test_nobody_appoints_themselves_and_only_who_may_see_campaigns_is_appointed(vault, people):
    from accounts.factories import RoleAssignmentFactory

    director = RoleAssignmentFactory(role="organizing-director", user=organizer()).user
    for lead in (director, people["staff"]):
        with pytest.raises(ValidationError) as refused:
            campaigns.open_campaign(code_name="Ibis", lead=lead, actor=director)
        assert list(refused.value.error_dict) == ["lead"]
        with pytest.raises(ValidationError):
            campaigns.replace_lead(vault.campaign.pk, lead, actor=director, reason="x")
    for user in (vault["deputy"], people["admin"]):
        with pytest.raises(ValidationError):
            campaigns.appoint(vault.campaign, {"user": user, "duty": "handler"}, actor=vault["deputy"])
    with pytest.raises(PermissionDenied):
        campaigns.appoint(vault.campaign, {"user": organizer(), "duty": "lead"}, actor=vault["lead"])


def test_a_deputy_cannot_become_a_handler_but_a_lead_may_name_one(vault):
    AssignmentFactory(campaign=vault.campaign, user=vault["deputy"], duty=Duty.HANDLER)
    with pytest.raises(ValidationError) as refused:
        campaigns.change_handler(vault.salt, vault["deputy"], actor=vault["deputy"])
    assert list(refused.value.error_dict) == ["handler"]
    campaigns.change_handler(vault.salt, vault["deputy"], actor=vault["lead"])
    assert campaigns.reveal_name(vault.salt.__class__.objects.get(pk=vault.salt.pk), actor=vault["deputy"])
    with pytest.raises(ValidationError):
        campaigns.change_handler(vault.salt, vault["organizer"], actor=vault["lead"])


def test_replacing_ends_one_lead_and_starts_the_next_at_one_moment(vault, people):
    campaigns.replace_lead(vault.campaign.pk, vault["deputy"], actor=people["organizing-director"], reason="New job")
    former, present = CampaignAssignment.objects.filter(duty=Duty.LEAD).order_by("starts_at")
    assert (former.ended_at, former.end_reason) == (present.starts_at, "New job")
    assert (former.user, present.user) == (vault["lead"], vault["deputy"])
    with pytest.raises(ValidationError):
        campaigns.replace_lead(vault.campaign.pk, vault["deputy"], actor=people["organizing-director"], reason="Again")


def test_the_lead_is_not_ended_and_nothing_is_ended_twice(vault):
    with pytest.raises(DomainError, match="replaced by the organizing director"):
        campaigns.end_assignment(vault.terms["lead"], actor=vault["deputy"], reason="x")
    campaigns.end_assignment(vault.terms["organizer"], actor=vault["deputy"], reason="Left")
    with pytest.raises(DomainError, match="ended already"):
        campaigns.end_assignment(vault.terms["organizer"], actor=vault["deputy"], reason="Left")


def test_a_handler_whose_duty_ends_handles_nobody_any_more(vault):
    campaigns.end_assignment(vault.terms["handler"], actor=vault["lead"], reason="Left")
    vault.salt.refresh_from_db()
    assert (vault.salt.handler, [action for action, *_rest in trail(vault.salt)]) == (None, ["organizing.salt_handled"])


def test_a_handler_appointed_anew_opens_no_name_of_an_earlier_term(vault):
    handler, past = vault["handler"], timezone.now() - datetime.timedelta(days=1)
    CampaignAssignment.objects.filter(pk=vault.terms["handler"].pk).update(expires_at=past)
    elsewhere = CampaignMemberFactory(handler=handler)
    campaigns.appoint(vault.campaign, {"user": handler, "duty": Duty.HANDLER}, actor=vault["deputy"])
    salt = CampaignMember.objects.get(pk=vault.salt.pk)
    assert (salt.handler, [action for action, *_rest in trail(salt)]) == (None, ["organizing.salt_handled"])
    with pytest.raises(PermissionDenied):
        campaigns.reveal_name(salt, actor=handler)
    assert CampaignMember.objects.get(pk=elsewhere.pk).handler == handler
    salt = campaigns.change_handler(salt, handler, actor=vault["deputy"])
    assert campaigns.reveal_name(salt, actor=handler).pk == int(salt.member_ref)


def test_a_duty_is_held_once(vault):
    with pytest.raises(ValidationError):
        campaigns.appoint(vault.campaign, {"user": vault["organizer"], "duty": "organizer"}, actor=vault["lead"])
    campaigns.appoint(vault.campaign, {"user": vault["organizer"], "duty": "handler"}, actor=vault["lead"])
    assert CampaignAssignment.objects.live().filter(user=vault["organizer"]).count() == 2


@pytest.mark.parametrize("act", ["change_campaign", "close_campaign", "appoint", "add_salt", "log_activity"])
def test_a_campaign_that_ended_takes_nothing_more(vault, actors, act):
    campaigns.close_campaign(vault.campaign, actor=vault["lead"], reason="Lost")
    vault.campaign.refresh_from_db()
    assert (vault.campaign.stage, vault.campaign.closed) == (Stage.ENDED, local_today())
    with pytest.raises(DomainError, match="has ended"):
        ACTS[act](vault, vault["lead"], {"officer": actors["officer"], "member": MemberFactory()})


def test_ending_access_stays_possible_after_the_campaign(vault):
    campaigns.close_campaign(vault.campaign, actor=vault["lead"], reason="Lost")
    campaigns.end_assignment(vault.terms["organizer"], actor=vault["lead"], reason="Over")
    assert Campaign.objects.visible_to(vault["organizer"]).count() == 0


@pytest.mark.parametrize("column", ["expires_at", "ended_at"])
def test_an_assignment_counts_until_its_end_and_not_at_it(vault, column):
    end = timezone.now() + datetime.timedelta(hours=1)
    CampaignAssignment.objects.filter(pk=vault.terms["organizer"].pk).update(**{column: end})
    found = []
    for moment in (end - datetime.timedelta(seconds=1), end):
        with time_machine.travel(moment, tick=False):
            found.append(Campaign.objects.visible_to(vault["organizer"]).exists())
    assert found == [True, False]


def test_an_assignment_is_worth_nothing_without_the_role(vault):
    RoleAssignment.objects.filter(user=vault["organizer"]).update(ended_at=timezone.now())
    user = type(vault["organizer"]).objects.get(pk=vault["organizer"].pk)
    assert [rows.objects.visible_to(user).count() for rows in (Campaign, CampaignMember, SaltingActivity)] == [0] * 3


def test_only_ones_own_entry_is_changed_and_a_newer_version_wins(vault):
    with pytest.raises(PermissionDenied):
        activities.change_activity(vault.own, {"cards_signed": 2}, actor=vault["organizer"])
    activities.change_activity(vault.own, {"cards_signed": 2}, actor=vault["deputy"])
    with pytest.raises(EditConflict):
        activities.change_activity(vault.own, {"cards_signed": 3}, actor=vault["lead"], version=1)
    assert SaltingActivity.objects.get(pk=vault.own.pk).cards_signed == 2


def test_what_a_salt_wrote_stays_under_their_pseudonym(vault):
    """The other salt would read it on the page of own entries."""
    other = {"campaign_member": vault.other_salt}
    with pytest.raises(ValidationError) as refused:
        activities.change_activity(vault.own, other, actor=vault["lead"])
    assert refused.value.message_dict == {"campaign_member": [str(activities.STAYS_THEIRS)]}
    assert activities.change_activity(vault.activity, other, actor=vault["lead"]).campaign_member == vault.other_salt
    same = {"campaign_member": vault.salt, "cards_signed": 2}
    assert activities.change_activity(vault.own, same, actor=vault["lead"]).cards_signed == 2


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"cards_signed": 3, "workers_contacted": 2}, "cards_signed"),
        ({"activity_date": datetime.date(2999, 1, 1)}, "activity_date"),
        ({"campaign_member": "foreign"}, "campaign_member"),
    ],
)
def test_an_activity_that_cannot_be(vault, values, name):
    if values.get("campaign_member"):
        values = {"campaign_member": CampaignMemberFactory()}
    with pytest.raises(ValidationError) as refused:
        activities.log_activity(vault.campaign, DONE | {"campaign_member": vault.salt} | values, actor=vault["lead"])
    assert list(refused.value.error_dict) == [name]


def test_a_member_acts_once_in_a_campaign_under_whichever_key(vault, people, settings):
    settings.FIELD_KEYS = {**settings.FIELD_KEYS, "new2": b"N" * 32}
    with pytest.raises(ValidationError):
        campaigns.add_salt(vault.campaign, people["member"].member, actor=vault["lead"])
    other = AssignmentFactory(user=vault["lead"], duty=Duty.LEAD).campaign
    assert campaigns.add_salt(other, people["member"].member, actor=vault["lead"]).pseudonym == "S-001"
