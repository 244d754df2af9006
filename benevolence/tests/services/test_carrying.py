"""An application on its way is carried over with its paper decisions, by two people who decided none of it."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from accounts.factories import RoleAssignmentFactory, UserFactory
from benevolence.enums import EntryKind, Level
from benevolence.factories import ApplicationFactory, RelationshipFactory
from benevolence.models import BenevolenceApplication, BenevolencePolicy, PaperFile
from benevolence.services import applications, carrying, fund, payments, reviews
from benevolence.services.paper import OnPaper, unmet
from benevolence.tests.conftest import ROLE_OF
from benevolence.tests.steps import TYPED, State, events, faults, refused, state
from core.errors import DomainError, TransitionRefused
from core.site import local_today
from core.web.formats import day_text
from members.factories import MemberFactory

pytestmark = pytest.mark.django_db
DAYS = {Level.VP: 20, Level.ADMIN: 10, Level.MANAGER: 5}


@pytest.fixture
def draft(people):
    member, staff = people["member"].member, people["staff"]
    return ApplicationFactory(member=member, entered_by=staff, amount_requested=Decimal("900.00"), reason="hardship")


def ago(days: int) -> date:
    return local_today() - timedelta(days)


@pytest.fixture
def paper(people):
    """`paper(Level.VP, amount="800.00")`: what the paper says of one level."""

    def make(level, *, by=None, amount="900.00", on=None) -> OnPaper:
        decided_on = on or ago(DAYS[level])
        return OnPaper(level, by or people[ROLE_OF[level]], decided_on, Decimal(amount), "minutes, page 2")

    return make


@pytest.fixture
def recorded(people, draft):
    def make(*decisions, applied_on=None) -> BenevolenceApplication:
        day = applied_on or ago(30)
        return carrying.record_paper(draft, actor=people["staff"], applied_on=day, decisions=decisions)

    return make


def carried(application, people):
    return carrying.carry_over(application, actor=people["officer"])


def test_it_stands_at_the_next_level_with_its_own_day(people, recorded, paper):
    application = carried(recorded(paper(Level.VP, amount="800.00")), people)

    assert state(application) == State("under_review", "admin", 2)
    assert application.application_date == ago(30)
    assert application.application_number == f"BN-{ago(30).year}-0001"
    assert [line.amount for line in application.lines.all()] == [Decimal("800.00")]


def test_the_record_says_that_it_was_paper_and_who_stands_behind_it(people, recorded, paper):
    application = carried(recorded(paper(Level.VP)), people)

    review = application.reviews.get()
    assert (review.reviewer, review.review_date) == (people["benevolence-vp"], ago(20))
    assert review.reviewer_name == f"{people['benevolence-vp'].full_name}, on paper"
    clerk, officer = people["staff"].full_name, people["officer"].full_name
    assert review.comments == f"Decided on paper (minutes, page 2), recorded by {clerk}, confirmed by {officer}."
    assert [name for name, _data in events(application)] == ["benevolence.paper", "benevolence.carry_over"]
    file = PaperFile.objects.get()
    assert (file.recorded_by, file.confirmed_by) == (people["staff"], people["officer"])


def test_rules_that_are_not_met_are_told_with_paper_decisions_and_refuse_without(people, draft, recorded, paper):
    cap = Decimal("500.00")
    first = BenevolencePolicy.objects.create(number=1, starts_on=date(2000, 1, 1), cap_per_application=cap)
    sentence = next(iter(unmet(draft, recorded().paper_file, tells=False)))
    assert first.cap_per_application == cap
    assert "$500.00" in sentence
    assert refused(carrying.carry_over, draft, actor=people["officer"]) == sentence
    application = carried(recorded(paper(Level.VP)), people)
    assert application.reviews.get().comments.splitlines()[1:] == [
        "The rules were not met when it was carried over:",
        sentence,
    ]


def test_before_any_decision_it_waits_at_the_first_level(people, recorded):
    assert state(carried(recorded(), people)) == State("submitted", "vp", 1)


def test_all_levels_grant_it_and_set_it_aside(people, recorded, paper):
    before = fund.figures().set_aside
    application = carried(recorded(paper(Level.VP), paper(Level.ADMIN, amount="850.00")), people)

    assert state(application) == State("approved", "", 2)
    assert (application.approved_amount, application.approved_on) == (Decimal("850.00"), ago(10))
    assert fund.figures().set_aside - before == Decimal("850.00")


def test_the_rules_of_the_day_it_was_asked_for_count_and_not_stricter_ones_since(people, recorded, paper):
    for number, day, limits in ((1, date(2000, 1, 1), {}), (2, ago(25), {"admin_up_to": Decimal("600.00")})):
        BenevolencePolicy.objects.create(number=number, starts_on=day, **limits)
    application = carried(recorded(paper(Level.VP), paper(Level.ADMIN)), people)

    assert (state(application), application.policy.number) == (State("approved", "", 2), 1)


def test_before_the_first_version_of_the_rules_that_one_counts(people, recorded, paper):
    for number, days, vp_up_to in ((2, 10, "600.00"), (1, 25, "1000.00")):
        BenevolencePolicy.objects.create(number=number, starts_on=ago(days), vp_up_to=Decimal(vp_up_to))
    application = carried(recorded(paper(Level.VP)), people)

    assert (state(application), application.policy.number) == (State("approved", "", 1), 1)


def test_before_the_portal_has_rules_those_that_came_with_it_count(people, recorded, paper):
    application = carried(recorded(paper(Level.VP), paper(Level.ADMIN), applied_on=date(1999, 12, 31)), people)

    assert (state(application), application.policy.number) == (State("approved", "", 2), 1)


def test_the_next_level_decides_and_somebody_else_pays(people, recorded, paper):
    application = carried(recorded(paper(Level.VP)), people)
    application = reviews.approve(application, actor=people["benevolence-admin"], amount=Decimal("900.00"))
    application = payments.pay(
        application, actor=people["treasurer"], payment_date=local_today(), payment_method="direct_deposit"
    )
    assert application.status == "paid"


def test_the_people_named_decide_and_pay_nothing_else(people, recorded, paper):
    vp = people["benevolence-vp"]
    for role in ("benevolence-admin", "treasurer"):
        RoleAssignmentFactory(user=vp, role=role)
    application = carried(recorded(paper(Level.VP)), people)

    sentence = "You took part at another level of this application. Leave this level to somebody else."
    assert refused(reviews.approve, application, actor=vp, amount=Decimal("900.00")) == sentence
    reviews.approve(application, actor=people["benevolence-admin"], amount=Decimal("900.00"))
    sentence = "You took part in the decision. Whoever pays must not have decided; leave it to somebody else."
    given = {"payment_date": local_today(), "payment_method": "direct_deposit"}
    assert refused(payments.pay, application, actor=vp, **given) == sentence


def test_who_confirmed_decides_and_pays_nothing_of_it(people, recorded, paper):
    officer = people["officer"]
    for role in ("benevolence-admin", "treasurer"):
        RoleAssignmentFactory(user=officer, role=role)
    application = carried(recorded(paper(Level.VP)), people)

    sentence = "You confirmed what was decided on paper. Leave the rest to somebody else."
    assert refused(reviews.approve, application, actor=officer, amount=Decimal("900.00")) == sentence
    reviews.approve(application, actor=people["benevolence-admin"], amount=Decimal("900.00"))
    given = {"payment_date": local_today(), "payment_method": "direct_deposit"}
    assert refused(payments.pay, application, actor=officer, **given) == sentence


def test_who_recorded_it_does_not_confirm_it(people, draft, recorded, paper):
    RoleAssignmentFactory(user=people["staff"], role="officer")
    application = recorded(paper(Level.VP))
    sentence = "You recorded this. An officer who did not compares it with the paper and confirms it."
    assert refused(carrying.carry_over, application, actor=people["staff"]) == sentence


def test_who_is_named_does_not_confirm_it(people, recorded, paper, person_with):
    named = person_with("officer", "benevolence-vp")
    application = recorded(paper(Level.VP, by=named))
    sentence = "You are named as one who decided. Another officer compares this with the paper and confirms it."
    assert refused(carrying.carry_over, application, actor=named) == sentence


def test_the_applicant_and_who_knows_them_do_not_even_see_that_it_waits(people, recorded, paper):
    officer = people["officer"]
    application = recorded(paper(Level.VP))
    RelationshipFactory(user=officer, member=application.member)
    assert application not in BenevolenceApplication.objects.visible_to(officer)
    with pytest.raises(TransitionRefused):
        carried(application, people)


@pytest.mark.parametrize("name", ["admin", "treasurer", "benevolence-vp", "member"])
def test_nobody_else_confirms(people, recorded, paper, name):
    with pytest.raises((PermissionDenied, TransitionRefused)):
        carrying.carry_over(recorded(paper(Level.VP)), actor=people[name])


def test_an_applicant_of_the_office_has_a_colleague_record_it(people, paper):
    clerk = people["staff"]
    clerk.member, clerk.is_no_member = people["member"].member, False
    people["member"].member = None
    people["member"].save()
    clerk.save()
    own = ApplicationFactory(member=clerk.member, entered_by=clerk)
    with pytest.raises(DomainError, match="you are the applicant"):
        carrying.record_paper(own, actor=clerk, applied_on=ago(30), decisions=[paper(Level.VP)])


def test_what_is_recorded_is_not_submitted_and_can_be_recorded_anew(people, draft, recorded, paper):
    recorded(paper(Level.VP))
    sentence = "What was decided on paper is recorded; an officer confirms it next. Or withdraw it and begin anew."
    assert refused(applications.submit, draft, actor=people["staff"]) == sentence

    recorded(paper(Level.VP, amount="700.00"))
    assert [row.amount for row in PaperFile.objects.get().decisions.all()] == [Decimal("700.00")]


def test_an_amount_that_changed_since_is_looked_at_again(people, draft, recorded, paper):
    recorded(paper(Level.VP))
    draft.refresh_from_db()
    applications.update_draft(draft, {"amount_requested": Decimal("600.00")}, actor=people["staff"])
    sentence = "At most $600.00: a level may lower the amount, never raise it."
    assert refused(carrying.carry_over, draft, actor=people["officer"]) == sentence


def wrong(name, paper, people, draft):
    """Return what a paper says that does not hold, by a word for it."""
    RelationshipFactory(user=people["benevolence-admin"], member=draft.member)
    stranger = UserFactory()
    clerk = people["staff"]
    RoleAssignmentFactory(user=clerk, role="benevolence-vp")
    RoleAssignmentFactory(user=people["benevolence-vp"], role="benevolence-admin")
    return {
        "of nobody": [paper(Level.VP, by=stranger)],
        "of who recorded it": [paper(Level.VP, by=clerk)],
        "of a relation": [paper(Level.VP), paper(Level.ADMIN)],
        "of one person twice": [paper(Level.VP), paper(Level.ADMIN, by=people["benevolence-vp"])],
        "without the level before": [paper(Level.ADMIN)],
        "of a level too many": [paper(Level.VP), paper(Level.ADMIN), paper(Level.MANAGER)],
        "more than asked": [paper(Level.VP, amount="900.01")],
        "before the application": [paper(Level.VP, on=ago(31))],
        "tomorrow": [paper(Level.VP, on=ago(-1))],
    }[name]


WRONG = {
    "of nobody": ("decider_vp", "This account never held this level. Give it the role first, or choose who decided."),
    "of who recorded it": (
        "decider_vp",
        "Whoever enters an application does not decide it. A colleague has to enter this one.",
    ),
    "of a relation": (
        "decider_admin",
        "This person is the applicant, or declared that they know them. Such a decision does not hold.",
    ),
    "of one person twice": ("decider_admin", "Nobody decides two levels of one application."),
    "without the level before": (
        "decider_admin",
        "The level before decided first: Vice president. Enter its decision too.",
    ),
    "of a level too many": ("decider_manager", "By the rules of that day this level was not needed. Leave it out."),
    "more than asked": ("amount_vp", "At most $900.00: a level may lower the amount, never raise it."),
    "before the application": ("decided_on_vp", "Between the application, or the decision before, and today."),
    "tomorrow": ("decided_on_vp", "Between the application, or the decision before, and today."),
}


@pytest.mark.parametrize("name", WRONG)
def test_paper_that_does_not_hold_is_refused_at_its_field(people, draft, paper, name):
    decisions = wrong(name, paper, people, draft)
    found = faults(carrying.record_paper, draft, actor=people["staff"], applied_on=ago(30), decisions=decisions)
    field, sentence = WRONG[name]
    assert found[field] == [sentence]
    assert not PaperFile.objects.exists()


def test_an_application_of_a_day_to_come_is_refused(people, draft):
    with pytest.raises(ValidationError) as caught:
        carrying.record_paper(draft, actor=people["staff"], applied_on=ago(-1), decisions=[])
    assert caught.value.message_dict == {"applied_on": ["This day is still to come."]}


def test_an_appeal_is_not_decided_on_paper_by_who_denied_before(people, person_with, paper):
    staff, vp = people["staff"], people["benevolence-vp"]
    denied = ApplicationFactory(member=people["member"].member, entered_by=staff, status="submitted")
    reviews.deny(denied, actor=vp, reason="Not an emergency.")
    row = BenevolenceApplication.objects.get(pk=denied.pk)
    appeal = applications.appeal(row, actor=staff, values={**TYPED, "amount_requested": row.amount_requested})
    given = {"actor": staff, "applied_on": ago(30)}

    asked = {"amount": str(appeal.amount_requested)}
    found = faults(carrying.record_paper, appeal, decisions=[paper(Level.VP, **asked)], **given)
    sentence = "This person took part in the decision that is appealed. Somebody else decides the appeal."
    assert found == {"decider_vp": [sentence]}
    other = person_with("benevolence-vp")
    carrying.record_paper(appeal, decisions=[paper(Level.VP, by=other, **asked)], **given)
    assert PaperFile.objects.get().decisions.get().decider == other


def opened(people, day):
    """Let the fund open on a day; return what is said of applications that are later."""
    values = {"kind": EntryKind.OPENING, "amount": Decimal("5000.00"), "on": day, "note": "Statement of May"}
    fund.contribute(values, actor=people["treasurer"])
    since = f"The fund is kept here since {day_text(day)}."
    return f"{since} Submit what was asked for later, so that the levels decide it here."


def test_only_what_was_asked_for_until_the_fund_opened_here_is_carried_over(people, draft, recorded, paper):
    sentence = opened(people, ago(30))
    assert carried(recorded(paper(Level.VP), applied_on=ago(30)), people).status == "under_review"

    later = ApplicationFactory(member=MemberFactory(), entered_by=people["staff"], amount_requested=Decimal("900.00"))
    given = {"actor": people["staff"], "applied_on": ago(29), "decisions": [paper(Level.VP)]}
    assert faults(carrying.record_paper, later, **given) == {"applied_on": [sentence]}


def test_a_fund_that_began_with_nothing_is_kept_here_since_the_first_money_that_stands(people, draft, recorded, paper):
    treasurer = people["treasurer"]
    gift = {"kind": EntryKind.DONATION, "amount": Decimal("5000.00"), "note": ""}
    wrong = fund.contribute({**gift, "on": ago(40)}, actor=treasurer)
    for day in (20, 30):
        fund.contribute({**gift, "on": ago(day)}, actor=treasurer)
    fund.reverse(wrong, actor=treasurer, reason="Of another fund")
    later = ApplicationFactory(member=MemberFactory(), entered_by=people["staff"], amount_requested=Decimal("900.00"))
    given = {"actor": people["staff"], "applied_on": ago(29), "decisions": [paper(Level.VP)]}
    sentence = f"The fund is kept here since {day_text(ago(30))}. "
    sentence += "Submit what was asked for later, so that the levels decide it here."
    assert faults(carrying.record_paper, later, **given) == {"applied_on": [sentence]}
    assert carried(recorded(paper(Level.VP), applied_on=ago(30)), people).status == "under_review"


def test_what_was_recorded_before_the_fund_opened_here_is_looked_at_again(people, draft, recorded, paper):
    recorded(paper(Level.VP))
    sentence = opened(people, ago(31))
    assert refused(carrying.carry_over, draft, actor=people["officer"]) == sentence
