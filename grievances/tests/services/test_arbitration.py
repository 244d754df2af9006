"""The arbitration of a case: the panel and its strikes, hearing days, briefs, the award and what it cost."""

import datetime
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from core.errors import DomainError
from core.site import local_today
from grievances import permissions as p
from grievances.arbitration_factories import ARBITRATORS, ArbitrationFactory
from grievances.enums import DeadlineEnd
from grievances.factories import AgreementFactory, DeadlineFactory, DeliveryFactory, GrievanceFactory
from grievances.models import Award, Grievance, PanelName
from grievances.services import arbitration, briefs, deliveries
from grievances.tests.case_setup import story
from grievances.views.acts import ACTS
from members.factories import AS_OF

pytestmark = pytest.mark.django_db
DAY = datetime.timedelta(1)
ASKED = {"source": "fmcs", "size": 5}


@pytest.fixture
def officer(people):
    return people["officer"]


@pytest.fixture
def panel(db):
    return ArbitrationFactory(grievance__number=7)


def test_an_award_that_counts_is_known_of_the_case_and_of_its_row(panel):
    known = [panel.grievance.is_awarded]
    values = {"day": AS_OF, "received_on": AS_OF, "outcome": "denied", "summary": "Denied."}
    award = Award.objects.create(arbitration=panel, **values)
    known += [Grievance.objects.get().is_awarded, Grievance.objects.with_award().get().is_awarded]
    award.superseded_at = timezone.now()
    award.save()
    assert [*known, Grievance.objects.get().is_awarded] == [False, True, True, False]


def struck(panel, officer, count):
    """Strike the first names of a panel in turn."""
    for number, name in enumerate(panel.names.all()[:count], 1):
        arbitration.strike(panel.grievance, actor=officer, name=name, number=number)
    return arbitration.live_of(panel.grievance)


def test_both_strike_in_turn_and_the_last_name_serves(panel, officer):
    live = arbitration.live_of(panel.grievance)
    turns = []
    for number, name in enumerate(ARBITRATORS[:4], 1):
        turns.append(live.turn)
        row = PanelName.objects.get(arbitration=panel, name=name)
        arbitration.strike(panel.grievance, actor=officer, name=row, number=number)
        live = arbitration.live_of(panel.grievance)
    assert turns == ["union", "employer", "union", "employer"]
    assert [(row.name, row.struck_by) for row in live.struck] == list(zip(ARBITRATORS, turns, strict=False))
    assert live.selected.name == "E. Engel"
    assert live.turn == ""
    with pytest.raises(DomainError, match="One name is left and serves"):
        arbitration.strike(panel.grievance, actor=officer, name=live.selected, number=5)
    assert story(panel.grievance) == ["grievance.struck"] * 4


def test_a_name_struck_twice_and_a_strike_out_of_turn_are_refused(panel, officer):
    case, names = panel.grievance, list(panel.names.all())
    arbitration.strike(case, actor=officer, name=names[0], number=1)
    with pytest.raises(ValidationError, match="Abbott was struck already, by the union"):
        arbitration.strike(case, actor=officer, name=names[0], number=2)
    with pytest.raises(DomainError, match="It is the turn of the employer now"):
        arbitration.strike(case, actor=officer, name=names[1], number=1)
    with pytest.raises(ValidationError, match="not on the panel"):
        arbitration.strike(case, actor=officer, name=ArbitrationFactory().names.first(), number=2)
    assert [row.name for row in arbitration.live_of(case).struck] == ["A. Abbott"]


def test_the_database_knows_each_strike_once(panel):
    """Whatever a program does beside the service."""
    said = {"struck_number": 1, "struck_by": "union", "struck_on": local_today()}
    first, second = panel.names.all()[:2]
    PanelName.objects.filter(pk=first.pk).update(**said)
    with pytest.raises(IntegrityError), transaction.atomic():
        PanelName.objects.filter(pk=second.pk).update(**said)
    with pytest.raises(IntegrityError), transaction.atomic():
        PanelName.objects.filter(pk=second.pk).update(struck_number=2)


def test_the_last_strike_is_taken_back_with_a_reason(panel, officer):
    live = struck(panel, officer, 2)
    with pytest.raises(DomainError, match="Only the last strike"):
        arbitration.take_back(panel.grievance, actor=officer, number=1, reason="Wrong name")
    with pytest.raises(ValidationError, match="Say why"):
        arbitration.take_back(panel.grievance, actor=officer, number=2, reason=" ")
    arbitration.take_back(panel.grievance, actor=officer, number=2, reason="Wrong name")
    live = arbitration.live_of(panel.grievance)
    assert [row.name for row in live.struck] == ["A. Abbott"]
    assert live.turn == "employer"
    assert story(panel.grievance)[-1] == "grievance.strike_taken_back"


@pytest.mark.parametrize(
    ("names", "first", "field", "sentence"),
    [
        (["A", "B"], "union", "names", "This panel has 5 names; you typed 2."),
        (["A", "B", "C", "D", "a"], "union", "names", "“a” stands here twice."),
        (["A", "B", "C", "D", "E"], "", "first_strike", "Say who strikes first."),
    ],
)
def test_what_is_no_panel_is_refused(officer, names, first, field, sentence):
    panel = ArbitrationFactory(names=[], first_strike="")
    with pytest.raises(ValidationError) as refused:
        arbitration.type_panel(panel.grievance, actor=officer, names=names, first_strike=first)
    assert refused.value.message_dict[field][0].startswith(sentence)
    assert panel.names.count() == 0


def test_of_a_sole_arbitrator_nothing_is_struck(officer):
    case = GrievanceFactory(at_arbitration=True)
    with pytest.raises(ValidationError, match="one name"):
        arbitration.request_panel(case, actor=officer, source="sole", size=3, requested_on=local_today())
    arbitration.request_panel(case, actor=officer, source="sole", size=1, requested_on=local_today())
    arbitration.type_panel(case, actor=officer, names=["Dr. Alone"])
    live = arbitration.live_of(case)
    assert (str(live.selected), live.turn) == ("Dr. Alone", "")


@pytest.mark.parametrize(
    ("agreed", "panel", "first"),
    [
        ({"panel_source": "aaa", "panel_size": 9, "first_strike": "employer"}, ("aaa", 9), "employer"),
        ({"panel_source": "permanent", "panel_size": 7, "first_strike": "coin"}, ("permanent", 1), ""),
        ({"first_strike": "in_turn"}, ("fmcs", 7), "employer"),
    ],
)
def test_a_panel_begins_as_the_agreement_says(officer, agreed, panel, first):
    """Where both strike first in turn, the side begins that did not the last time at this employer."""
    agreement = AgreementFactory(rules=False, **agreed)
    struck(ArbitrationFactory(grievance__employer=agreement.employer), officer, 1)
    case = GrievanceFactory(at_arbitration=True, agreement=agreement, employer=agreement.employer)
    usual = arbitration.usual_panel(case)
    assert (usual["source"], usual["size"]) == panel
    assert arbitration.usual_first(case) == first


def test_nothing_is_recorded_before_arbitration_is_demanded_or_by_somebody_else(people, officer):
    case, asked = GrievanceFactory(), {**ASKED, "requested_on": local_today()}
    with pytest.raises(DomainError, match="Demand arbitration first"):
        arbitration.request_panel(case, actor=officer, **asked)
    with pytest.raises(DomainError, match="has ended"):
        arbitration.set_hearing(GrievanceFactory(settled=True), actor=officer, day=local_today())
    case = GrievanceFactory(at_arbitration=True)
    with pytest.raises(DomainError, match="from where the arbitrator comes"):
        arbitration.set_hearing(case, actor=officer, day=local_today())
    with pytest.raises(DomainError, match="assigned to nobody"):
        briefs.set_brief(case, actor=people["representative"], side="union", due=local_today())
    with pytest.raises(PermissionDenied):
        arbitration.request_panel(case, actor=people["member"], **asked)
    arbitration.request_panel(case, actor=officer, **asked)
    with pytest.raises(DomainError, match="asked for already"):
        arbitration.request_panel(case, actor=officer, **asked)


def test_whoever_does_not_take_cases_to_arbitration_records_days_and_costs_alone(people):
    """The office works every case, and a representative this one; the panel and the award are not theirs."""
    case, today = GrievanceFactory(at_arbitration=True, assigned_rep=people["representative"]), local_today()
    panel = ArbitrationFactory(grievance=case)
    name, days = panel.names.first(), {"day": today, "received_on": today}
    for actor in (people["staff"], people["representative"]):
        acts = {
            "request_panel": {**ASKED, "requested_on": today},
            "type_panel": {"names": ["A"]},
            "strike": {"name": name, "number": 1},
            "take_back": {"number": 1, "reason": "Wrong name"},
            "give_up_panel": {"reason": "Late"},
            "record_award": {**days, **AWARD},
        }
        for act, said in acts.items():
            with pytest.raises(PermissionDenied):
                getattr(arbitration, act)(case, actor=actor, **said)
            assert ACTS[act].permission == p.ARBITRATE_GRIEVANCES
    arbitration.set_hearing(case, actor=people["representative"], day=today)
    arbitration.record_cost(case, actor=people["staff"], day=today, what="Fee", amount=Decimal("9.00"))


def test_a_panel_that_is_given_up_is_kept_beside_the_next(panel, officer):
    struck(panel, officer, 1)
    arbitration.give_up_panel(panel.grievance, actor=officer, reason="Both wanted another")
    arbitration.request_panel(panel.grievance, actor=officer, **ASKED, requested_on=local_today())
    kept = panel.grievance.arbitrations.order_by("created_at")
    assert [row.superseded_reason for row in kept] == ["Both wanted another", ""]
    assert [row.names.count() for row in kept] == [5, 0]


def test_with_the_panel_go_the_days_on_which_its_briefs_were_due(panel, officer):
    case, due = panel.grievance, local_today() + DAY
    appeal = DeadlineFactory(grievance=case)

    def rows():
        found = case.deadlines.exclude(pk=appeal.pk).order_by("created_at")
        return [(row.clock, row.contract_date, row.end, row.ended_on) for row in found]

    for side in ("union", "employer"):
        briefs.set_brief(case, actor=officer, side=side, due=due)
    with pytest.raises(ValidationError, match="Say why"):
        arbitration.give_up_panel(case, actor=officer, reason=" ")
    assert rows() == [("our_brief", due, "", None), ("their_brief", due, "", None)]
    arbitration.give_up_panel(case, actor=officer, reason="Both wanted another")
    over = [(clock, due, DeadlineEnd.MOOT, local_today()) for clock in ("our_brief", "their_brief")]
    assert (rows(), case.deadlines.running().get()) == (over, appeal)
    assert "no brief is due any more" in ACTS["give_up_panel"].lead
    arbitration.request_panel(case, actor=officer, **ASKED, requested_on=local_today())
    briefs.set_brief(case, actor=officer, side="union", due=due + DAY)
    assert rows() == [*over, ("our_brief", due + DAY, "", None)]


def test_hearing_days_are_set_and_cancelled_with_a_reason(panel, officer):
    days = [local_today() + number * DAY for number in (30, 31)]
    first, _second = [arbitration.set_hearing(panel.grievance, actor=officer, day=day) for day in days]
    with pytest.raises(ValidationError, match="set for the hearing already"):
        arbitration.set_hearing(panel.grievance, actor=officer, day=days[0])
    arbitration.cancel_hearing(panel.grievance, actor=officer, hearing=first, reason="The arbitrator is ill")
    with pytest.raises(DomainError, match="no longer set"):
        arbitration.cancel_hearing(panel.grievance, actor=officer, hearing=first, reason="Again")
    arbitration.set_hearing(panel.grievance, actor=officer, day=days[0])
    assert [(row.day, row.cancelled_reason) for row in panel.hearings.order_by("created_at")] == [
        (days[0], "The arbitrator is ill"),
        (days[1], ""),
        (days[0], ""),
    ]


def test_our_brief_is_met_by_its_delivery_and_the_employers_when_it_comes(panel, officer):
    case, due = panel.grievance, local_today() + DAY
    ours, theirs = [briefs.set_brief(case, actor=officer, side=side, due=due) for side in ("union", "employer")]
    with pytest.raises(ValidationError, match="runs already"):
        briefs.set_brief(case, actor=officer, side="union", due=due)
    briefs.brief_came(case, actor=officer, received_on=local_today())
    with pytest.raises(DomainError, match="No brief of the employer is due"):
        briefs.brief_came(case, actor=officer, received_on=local_today())
    sent = DeliveryFactory.build(grievance=case)
    values = {name: getattr(sent, name) for name in ("what", "how", "to_whom", "delivered_at", "proof")}
    deliveries.record_delivery(case, {**values, "deadline": ours}, actor=officer)
    assert [(row.side, row.end) for row in case.deadlines.order_by("side")] == [
        ("employer", DeadlineEnd.MET),
        ("union", DeadlineEnd.MET),
    ]
    assert theirs.source == "Set in the arbitration."


AWARD = {"outcome": "in_part", "summary": "Half of the hours.", "amount": Decimal("412.00")}


def test_an_award_ends_nothing_and_is_replaced_with_a_reason(panel, officer):
    case, today = panel.grievance, local_today()
    days = {"day": today - DAY, "received_on": today}
    arbitration.record_award(case, actor=officer, **days, **AWARD)
    with pytest.raises(ValidationError, match="Say why"):
        arbitration.record_award(case, actor=officer, **days, **AWARD | {"outcome": "sustained"})
    arbitration.record_award(case, actor=officer, **days, **AWARD | {"outcome": "sustained"}, reason="Read wrongly")
    assert [(row.outcome, row.superseded_reason) for row in panel.awards.all()] == [
        ("in_part", "Read wrongly"),
        ("sustained", ""),
    ]
    case.refresh_from_db()
    assert case.status == "arbitration"
    assert arbitration.ending_of(case) == {
        "reason": "Half of the hours.",
        "decided_by": "FMCS",
        "day": today,
        "amount": Decimal("412.00"),
    }
    with pytest.raises(DomainError, match="The award is there"):
        arbitration.give_up_panel(case, actor=officer, reason="Late")


@pytest.mark.parametrize(
    ("day", "received", "field"), [(0, -1, "received_on"), (0, 1, "received_on"), (-900, 0, "day")]
)
def test_the_days_of_an_award_fit(panel, officer, day, received, field):
    days = {"day": local_today() + day * DAY, "received_on": local_today() + received * DAY}
    with pytest.raises(ValidationError) as refused:
        arbitration.record_award(panel.grievance, actor=officer, **days, **AWARD)
    assert list(refused.value.message_dict) == [field]


def test_costs_come_also_when_the_case_has_ended(officer):
    panel = ArbitrationFactory(grievance=GrievanceFactory(settled=True))
    said = {"day": local_today(), "what": "Half of the fee"}
    cost = arbitration.record_cost(panel.grievance, actor=officer, **said, amount=Decimal("900.00"))
    with pytest.raises(ValidationError, match="more than nothing"):
        arbitration.record_cost(panel.grievance, actor=officer, **said, amount=Decimal())
    arbitration.strike_cost(panel.grievance, actor=officer, cost=cost, reason="Typed twice")
    assert [(row.amount, row.dropped_reason) for row in panel.costs.all()] == [(Decimal("900.00"), "Typed twice")]
    with pytest.raises(DomainError, match="no arbitration"):
        arbitration.record_cost(GrievanceFactory(), actor=officer, **said, amount=Decimal("1.00"))
