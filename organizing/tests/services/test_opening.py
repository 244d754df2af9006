"""The emergency opening: who asks, who decides, what it opens and for how long, and what it never opens."""

import os
import time
from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from accounts.enums import IdentityKind
from accounts.factories import RoleAssignmentFactory
from accounts.models import RoleAssignment, User
from accounts.services import identity
from core.errors import DomainError
from core.models import AuditEvent
from core.site import local_today
from members.factories import MemberFactory
from organizing.enums import Duty, OpeningState
from organizing.factories import AssignmentFactory, CampaignFactory, OpeningFactory, director, officer, organizer
from organizing.models import Campaign, CampaignMember, EmergencyOpening, SaltingActivity
from organizing.services import accounts, activities, campaigns, openings
from organizing.services.duties import duties_of
from unionops.testing.cast import CAST
from unionops.testing.races import run_in_processes

pytestmark = pytest.mark.django_db
ROUNDS = 20 if os.environ.get("BATTERY") else 3
WHY = "The lead does not answer and the vote is tomorrow."


@pytest.fixture
def asker(people):
    return people["organizing-director"]


@pytest.fixture
def second():
    return officer()


def again(user):
    """Read the person anew, as each request does."""
    return User.objects.get(pk=user.pk)


def seen_by(user) -> list[int]:
    """Return how many campaigns, pseudonyms and activities the person sees."""
    return [rows.objects.visible_to(again(user)).count() for rows in (Campaign, CampaignMember, SaltingActivity)]


def state_of(opening) -> str:
    return EmergencyOpening.objects.with_state().get(pk=opening.pk).state


def ask(vault, asker, hours=24):
    return openings.ask(vault.campaign.pk, actor=asker, reason=WHY, hours=hours)


# --- the whole life -----------------------------------------------------------------------------------


def test_from_the_question_to_the_end_of_the_hours(vault, asker, second):
    opening = ask(vault, asker, hours=3)
    assert (state_of(opening), seen_by(asker)) == (OpeningState.WAITING, [0, 0, 0])
    openings.confirm(opening, actor=second)
    assert (state_of(opening), seen_by(asker)) == (OpeningState.OPEN, [1, 2, 2])
    opening.refresh_from_db()
    assert opening.reason == WHY
    assert opening.decided_by == second
    assert opening.ends_at - opening.decided_at == timedelta(hours=3)
    found = []
    for moment in (opening.ends_at - timedelta(seconds=1), opening.ends_at):
        with time_machine.travel(moment, tick=False):
            found.append((state_of(opening), seen_by(asker)))
    assert found == [(OpeningState.OPEN, [1, 2, 2]), (OpeningState.OVER, [0, 0, 0])]


def test_each_step_leaves_its_trail_in_the_vault_and_no_reason_in_it(vault, asker, second):
    opening = openings.confirm(ask(vault, asker), actor=second)
    openings.end(opening, actor=vault["lead"])
    refused = openings.refuse(ask(vault, asker), actor=second, reason="Call the deputy")
    events = AuditEvent.objects.filter(subject_type="organizing.emergencyopening").order_by("id")
    told = [(event.subject_id, event.action, event.actor_name, event.reason) for event in events]
    first, later = str(opening.pk), str(refused.pk)
    assert told == [
        (first, "organizing.opening_asked", asker.full_name, ""),
        (first, "organizing.opening_confirmed", second.full_name, ""),
        (first, "organizing.opening_ended", vault["lead"].full_name, ""),
        (later, "organizing.opening_asked", asker.full_name, ""),
        (later, "organizing.opening_refused", second.full_name, ""),
    ]
    assert not [event for event in events if WHY in str(event.body)]
    assert events.outside_vault().count() == 0
    assert EmergencyOpening.objects.get(pk=refused.pk).refusal == "Call the deputy"


def test_the_reasons_are_nowhere_in_the_clear(vault, asker, second):
    openings.refuse(ask(vault, asker), actor=second, reason="Call the deputy")
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {EmergencyOpening._meta.db_table}")
        stored = str(cursor.fetchall())
    assert [text for text in (WHY, "Call the deputy") if text in stored] == []


# --- who --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name in CAST if name not in ("anon", "organizing-director")])
def test_only_a_director_asks(vault, people, name):
    with pytest.raises(PermissionDenied):
        ask(vault, people[name])


@pytest.mark.parametrize("name", [name for name in CAST if name not in ("anon", "officer")])
def test_only_an_officer_decides(vault, people, asker, name):
    opening = ask(vault, asker)
    with pytest.raises(PermissionDenied):
        openings.confirm(opening, actor=people[name])
    with pytest.raises(PermissionDenied):
        openings.refuse(opening, actor=people[name], reason="No")
    assert state_of(opening) == OpeningState.WAITING
    openings.confirm(opening, actor=people["officer"])  # who leads the campaign
    assert state_of(opening) == OpeningState.OPEN


def test_nobody_decides_their_own_and_the_database_holds_to_it(vault, asker):
    RoleAssignmentFactory(user=asker, role="officer")
    opening = ask(vault, again(asker))
    with pytest.raises(DomainError, match="You asked for this yourself"):
        openings.confirm(opening, actor=again(asker))
    values = {"decided_by": asker, "decided_at": timezone.now(), "decided_epoch": 1}
    with pytest.raises(IntegrityError), transaction.atomic():
        EmergencyOpening.objects.filter(pk=opening.pk).update(**values)
    assert list(EmergencyOpening.objects.to_decide(again(asker))) == []


def test_an_officer_who_changed_the_directors_account_does_not_decide(vault, asker, second):
    opening = ask(vault, asker)
    identity.record_change(asker, IdentityKind.CREATED, actor=second)
    with pytest.raises(DomainError, match="changed the director’s account yourself"):
        openings.confirm(opening, actor=second)
    assert openings.confirm(opening, actor=officer()).ends_at is not None


def test_for_an_account_that_somebody_else_may_hold_nothing_is_asked_or_opened(vault, asker, second, people):
    opening = ask(vault, asker)
    identity.record_change(asker, IdentityKind.PASSWORD, actor=people["admin"])
    with pytest.raises(DomainError, match="has to confirm the person first"):
        openings.confirm(opening, actor=second)
    with pytest.raises(DomainError, match="has to confirm the person first"):
        openings.ask(CampaignFactory().pk, actor=asker, reason=WHY, hours=1)
    assert state_of(opening) == OpeningState.WAITING


@pytest.mark.parametrize(("hours", "fits"), [(0, False), (1, True), (72, True), (73, False)])
def test_from_one_to_72_hours(vault, asker, hours, fits):
    if fits:
        assert ask(vault, asker, hours=hours).hours == hours
        return
    with pytest.raises(ValidationError) as refused:
        ask(vault, asker, hours=hours)
    assert "hours" in refused.value.error_dict
    with pytest.raises(IntegrityError), transaction.atomic():
        OpeningFactory(hours=hours)


@pytest.mark.parametrize("reason", ["", "  ", "x" * 301, "two\nlines"])
def test_a_reason_is_asked_for(vault, asker, second, reason):
    with pytest.raises(ValidationError) as refused:
        openings.ask(vault.campaign.pk, actor=asker, reason=reason, hours=1)
    assert list(refused.value.error_dict) == ["reason"]
    with pytest.raises(ValidationError):
        openings.refuse(ask(vault, asker), actor=second, reason=reason)


# --- how often, how long ----------------------------------------------------------------------------------


def test_nothing_is_asked_twice_nor_for_a_campaign_that_is_open_already(vault, asker, second):
    opening = ask(vault, asker)
    with pytest.raises(DomainError, match="asked for this campaign already"):
        ask(vault, asker)
    with pytest.raises(IntegrityError), transaction.atomic():
        OpeningFactory(campaign=vault.campaign, asked_by=asker)
    other = ask(vault, director())
    assert state_of(other) == OpeningState.WAITING
    openings.confirm(opening, actor=second)
    with pytest.raises(DomainError, match="open to you already"):
        ask(vault, asker)
    inside = RoleAssignmentFactory(user=vault["organizer"], role="organizing-director").user
    with pytest.raises(DomainError, match="open to you already"):
        ask(vault, again(inside))


def test_what_nobody_decides_in_time_lapses_and_may_be_asked_anew(vault, asker, second):
    opening = ask(vault, asker)
    with time_machine.travel(opening.lapses_at - timedelta(seconds=1), tick=False):
        assert state_of(opening) == OpeningState.WAITING
    with time_machine.travel(opening.lapses_at, tick=False):
        assert state_of(opening) == OpeningState.LAPSED
        assert list(EmergencyOpening.objects.to_decide(second)) == []
        for act in (lambda: openings.confirm(opening, actor=second), lambda: openings.end(opening, actor=asker)):
            with pytest.raises(DomainError):
                act()
        anew = ask(vault, asker)
        assert [state_of(opening), state_of(anew)] == [OpeningState.LAPSED, OpeningState.WAITING]


def test_it_is_decided_once(vault, asker, second):
    refused = openings.refuse(ask(vault, asker), actor=second, reason="Call the deputy")
    opened = openings.confirm(ask(vault, asker), actor=second)
    for opening in (refused, opened):
        with pytest.raises(DomainError, match="waits for nobody any more"):
            openings.confirm(opening, actor=officer())
        with pytest.raises(DomainError, match="waits for nobody any more"):
            openings.refuse(opening, actor=officer(), reason="No")
    assert [state_of(refused), state_of(opened)] == [OpeningState.REFUSED, OpeningState.OPEN]


@pytest.mark.parametrize("name", ["director", "lead", "deputy", "organizer", "handler", "second", "another officer"])
def test_director_lead_and_deputy_close_it_at_once(vault, asker, second, name):
    opening = openings.confirm(ask(vault, asker), actor=second)
    cast = {"director": asker, "second": second, "another officer": officer()}
    actor = cast.get(name) or vault[name]
    if name in ("director", "lead", "deputy"):
        openings.end(opening, actor=actor)
        assert (state_of(opening), seen_by(asker)) == (OpeningState.OVER, [0, 0, 0])
        with pytest.raises(DomainError, match="over already"):
            openings.end(opening, actor=actor)
        return
    with pytest.raises((PermissionDenied, DomainError)):
        openings.end(opening, actor=actor)
    assert state_of(opening) == OpeningState.OPEN


def test_only_the_director_withdraws_and_then_nobody_decides(vault, asker, second):
    opening = ask(vault, asker)
    with pytest.raises(PermissionDenied):
        openings.end(opening, actor=vault["lead"])
    openings.end(opening, actor=asker)
    with pytest.raises(DomainError, match="waits for nobody any more"):
        openings.confirm(opening, actor=second)
    assert state_of(opening) == OpeningState.WITHDRAWN


@pytest.mark.parametrize("whose", ["asked_by", "decided_by"])
@pytest.mark.parametrize("change", ["epoch", "role", "switched off"])
def test_it_rests_once_director_or_officer_is_not_who_they_were(vault, asker, second, whose, change):
    opening = openings.confirm(ask(vault, asker), actor=second)
    person = User.objects.filter(pk=getattr(opening, whose).pk)
    if change == "epoch":
        person.update(identity_epoch=2)
        RoleAssignment.objects.filter(user__in=person).update(identity_epoch=2)  # an officer confirmed the person
    elif change == "role":
        RoleAssignment.objects.filter(user__in=person).update(ended_at=timezone.now())
    else:
        person.update(is_active=False)
    assert (state_of(opening), seen_by(asker)) == (OpeningState.RESTING, [0, 0, 0])
    if change == "epoch" and whose == "asked_by":
        anew = ask(vault, again(asker))
        assert [state_of(opening), state_of(anew)] == [OpeningState.RESTING, OpeningState.WAITING]


def test_a_request_of_an_account_that_changed_waits_no_more(vault, asker, second):
    opening = ask(vault, asker)
    User.objects.filter(pk=asker.pk).update(identity_epoch=2)
    assert state_of(opening) == OpeningState.LAPSED
    with pytest.raises(DomainError, match="waits for nobody any more"):
        openings.confirm(opening, actor=second)


# --- what it opens ----------------------------------------------------------------------------------------


def test_it_opens_this_campaign_alone_and_to_this_director_alone(vault, asker, second, people):
    AssignmentFactory()
    openings.confirm(ask(vault, asker), actor=second)
    assert list(Campaign.objects.visible_to(asker)) == [vault.campaign]
    strangers = [
        second,
        director(),
        officer(),
        organizer(),
        *(people[name] for name in ("admin", "staff", "organizer")),
    ]
    assert [seen_by(user) for user in strangers] == [[0, 0, 0]] * len(strangers)


WRITES = {
    "change campaign": lambda v, a: campaigns.change_campaign(v.campaign, {"unit_size": 7}, actor=a),
    "close campaign": lambda v, a: campaigns.close_campaign(v.campaign, actor=a, reason="Lost"),
    "appoint": lambda v, a: campaigns.appoint(v.campaign, {"user": organizer(), "duty": "handler"}, actor=a),
    "end assignment": lambda v, a: campaigns.end_assignment(v.terms["organizer"], actor=a, reason="Left"),
    "confirm assignment": lambda v, a: accounts.confirm_assignment(v.terms["organizer"], actor=a),
    "add salt": lambda v, a: campaigns.add_salt(v.campaign, MemberFactory(), actor=a),
    "change handler": lambda v, a: campaigns.change_handler(v.other_salt, v["handler"], actor=a),
    "end salt": lambda v, a: campaigns.end_salt(v.salt, actor=a, until=local_today(), reason="Left"),
    "open name": lambda v, a: campaigns.reveal_name(v.salt, actor=a),
    "confirm account": lambda v, a: accounts.confirm_account(v.salt, actor=a, seen="x"),
    "log activity": lambda v, a: activities.log_activity(v.campaign, {"campaign_member": v.salt}, actor=a),
    "change activity": lambda v, a: activities.change_activity(v.activity, {"cards_signed": 3}, actor=a),
}


@pytest.mark.parametrize("also", [None, "organizer", "officer"])
@pytest.mark.parametrize("act", WRITES)
def test_it_opens_no_name_and_writes_nothing(vault, asker, second, act, also):
    """Nor for a director who may work in campaigns besides."""
    if also:
        RoleAssignmentFactory(user=asker, role=also)
    actor = again(asker)
    openings.confirm(ask(vault, actor), actor=second)
    assert (seen_by(actor), duties_of(vault.campaign, actor)) == ([1, 2, 2], frozenset())
    with pytest.raises(PermissionDenied):
        WRITES[act](vault, actor)


def test_who_sees_the_request(vault, asker, second, people):
    opening = ask(vault, asker)
    AssignmentFactory(user=people["organizer"], duty=Duty.LEAD)
    cast = {"asker": asker, "second": second, "another director": director(), "elsewhere": people["organizer"]}
    cast |= {name: vault[name] for name in ("lead", "deputy", "organizer", "handler")}
    cast |= {name: people[name] for name in ("admin", "staff", "member", "trustee", "nobody")}

    def seers():
        return {name for name, user in cast.items() if EmergencyOpening.objects.visible_to(user).exists()}

    inside = {"asker", "lead", "deputy"}
    assert seers() == inside | {"second"}
    openings.refuse(opening, actor=second, reason="Call the deputy")
    cast["another officer"] = officer()
    assert seers() == inside | {"second", "another officer"}
    with time_machine.travel(opening.lapses_at, tick=False):
        assert seers() == inside | {"second"}


# --- several people at once -------------------------------------------------------------------------------


def decide_at_once(decide):
    """Return how many of four officers decided, and how many decisions the trail knows."""
    opening, officers = OpeningFactory(), [officer() for _number in range(4)]

    def work(number):
        try:
            decide(opening, officers[number], number)
        except DomainError:
            return 0
        return 1

    decided = sum(run_in_processes(work))
    actions = ("organizing.opening_confirmed", "organizing.opening_refused")
    return decided, AuditEvent.objects.filter(subject_id=str(opening.pk), action__in=actions).count()


def decide(opening, actor, number):
    if number % 2:
        openings.confirm(opening, actor=actor)
    else:
        openings.refuse(opening, actor=actor, reason="No")


def decide_naively(opening, actor, number):
    """Look, then act, on a row read without a lock: the control of the race."""
    seen = EmergencyOpening.objects.get(pk=opening.pk)
    if seen.decided_at is not None:
        raise DomainError("too late")
    time.sleep(0.1)
    seen.decided_by, seen.decided_at, seen.decided_epoch = actor, timezone.now(), 1
    seen.save()


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", range(ROUNDS))
def test_of_four_officers_at_once_one_decides(turn):
    assert decide_at_once(decide) == (1, 1)


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite lets one writer in at a time")
def test_control_without_the_lock_several_decide():
    assert any(decide_at_once(decide_naively)[0] > 1 for _round in range(ROUNDS))
