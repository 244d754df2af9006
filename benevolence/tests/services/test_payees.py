"""Who is paid: named in a draft, fixed by submission, lowered by levels, and named anew only with a new review."""

from decimal import Decimal

import pytest

from benevolence.enums import Level
from benevolence.factories import ApplicationFactory
from benevolence.models import Payment, PaymentLine
from benevolence.services import applications, payees, payments, policies, reviews
from benevolence.services.merging import follow
from benevolence.tests.steps import TYPED, approve_up_to, faults, refused, state
from core.errors import DomainError, EditConflict, MoveConflict
from core.site import local_today
from members.factories import MemberFactory
from members.models import Member

pytestmark = pytest.mark.django_db
LIGHT = {"payee_kind": "utility", "payee_name": "Lakeside", "account_number": "77-1", "purpose": "Light"}
RENT = {"payee_kind": "landlord", "payee_name": "Ridgeway", "address": "88 Ridgeway", "purpose": "Rent"}


def shares(application) -> list[tuple[str, str, str]]:
    return [(line.payee_name, f"{line.asked}", f"{line.amount}") for line in application.lines.named()]


def named(*amounts):
    return [{**words, "asked": Decimal(amount)} for words, amount in zip((LIGHT, RENT), amounts, strict=False)]


def test_a_draft_names_them_and_asks_for_their_sum(people):
    member = people["member"]
    draft = applications.create_application(TYPED, actor=member)
    draft = applications.name_payees(draft, named("150.00", "200.00"), actor=member, version=1)
    assert (draft.amount_requested, draft.version) == (Decimal("350.00"), 2)
    assert draft.lines.first().account_number == "77-1"
    with pytest.raises(MoveConflict):
        applications.name_payees(draft, named("1.00"), actor=member, version=1)
    with pytest.raises(DomainError, match="no longer there"):
        applications.name_payees(draft, named("1.00"), actor=people["staff"])
    draft = applications.update_draft(draft, {"amount_requested": Decimal("400.00")}, actor=member)
    assert refused(applications.submit, draft, actor=member) == (
        "The payees get $350.00 together, and $400.00 are asked for. Make the two the same."
    )
    draft = applications.name_payees(draft, named("150.00", "250.00"), actor=member)
    assert shares(applications.submit(draft, actor=member)) == [
        ("Lakeside", "150.00", "150.00"),
        ("Ridgeway", "250.00", "250.00"),
    ]


def test_another_payee_alone_is_a_newer_version_of_the_draft(people):
    member = people["member"]
    draft, found = applications.create_application(TYPED, actor=member), []
    for payee, version in ((RENT, 1), (RENT, 2), (LIGHT, 2)):  # the same payee again is no change
        draft = applications.update_draft(draft, TYPED, actor=member, payee=payee, version=version)
        found.append((draft.version, shares(draft)))
    rent, light = ([(words["payee_name"], "450.00", "450.00")] for words in (RENT, LIGHT))
    assert found == [(2, rent), (2, rent), (3, light)]
    with pytest.raises(EditConflict):
        applications.update_draft(draft, TYPED, actor=member, payee=RENT, version=2)
    assert shares(draft) == light


def test_where_nobody_is_named_the_member_is_paid(people):
    member = people["member"]
    draft = applications.create_application(TYPED, actor=member)
    application = applications.submit(draft, actor=member)
    assert shares(application) == [(member.member.full_name, "450.00", "450.00")]
    values = {"amount_requested": Decimal("300.00")}
    application = applications.amend(application, actor=member, values=values)
    assert shares(application) == [(member.member.full_name, "300.00", "300.00")]


@pytest.fixture
def two(people):
    draft = ApplicationFactory(member=people["member"].member, entered_by=people["member"], amount_requested=900)
    applications.name_payees(draft, named("400.00", "500.00"), actor=people["member"])
    return applications.submit(draft, actor=people["member"])


def test_a_level_that_lowers_the_amount_says_who_gets_less(people, two):
    vp = {"actor": people["benevolence-vp"], "amount": Decimal("600.00")}
    told = [
        ({}, "The payees get $900.00 together. Say what each of them gets of the $600.00."),
        ({1: Decimal(100)}, "The payees get $600.00 together."),
        ({1: Decimal(50), 2: Decimal(550)}, "A level may lower what a payee gets, never raise it."),
        ({1: Decimal(-100), 2: Decimal(700)}, "A level may lower what a payee gets, never raise it."),
    ]
    for amounts, sentence in (told[0], *told[2:]):
        assert faults(reviews.approve, two, amounts=amounts, **vp) == {"amount": [sentence]}
    application = reviews.approve(two, amounts={1: Decimal(100)}, **vp)
    assert shares(application) == [("Lakeside", "400.00", "100.00"), ("Ridgeway", "500.00", "500.00")]
    second = {"actor": people["benevolence-admin"], "amount": Decimal("600.00")}
    assert faults(reviews.approve, application, amounts={1: Decimal(200), 2: Decimal(400)}, **second) == {
        "amount": ["A level may lower what a payee gets, never raise it."]
    }
    application = reviews.approve(application, **second)
    assert application.approved_amount == Decimal("600.00")


def test_a_payee_who_is_left_alone_gets_what_the_next_level_approves(people, two):
    vp = {"actor": people["benevolence-vp"], "amount": Decimal("500.00")}
    application = reviews.approve(two, amounts={1: Decimal(0)}, **vp)
    assert shares(application) == [("Lakeside", "400.00", "0.00"), ("Ridgeway", "500.00", "500.00")]
    second = {"actor": people["benevolence-admin"], "amount": Decimal("450.00")}
    assert faults(reviews.approve, application, amounts={1: Decimal(50)}, **second) == {
        "amount": ["The payees get $500.00 together. Say what each of them gets of the $450.00."]
    }
    application = reviews.approve(application, **second)
    assert shares(application) == [("Lakeside", "400.00", "0.00"), ("Ridgeway", "500.00", "450.00")]


def test_new_payees_after_a_decision_start_the_review_again(people, two):
    application = approve_up_to(two, people, Level.VP)
    member = people["member"]
    assert refused(applications.name_payees, application, named("400.00", "500.00"), actor=member) == (
        "Nothing is different from what we have. Change something, or go back."
    )
    new = ({"payee_name": "Ridgeway Homes"}, {"purpose": "Deposit"}, {"account_number": "5"}, {"address": "1 A"})
    for changes in new:
        lines = [named("400.00", "500.00")[0], {**named("1", "500.00")[1], **changes}]
        application = applications.name_payees(application, lines, actor=member)
        assert state(application)[:2] == ("submitted", "vp")
        assert application.reviews.filter(voided_at=None).count() == 0
        application = approve_up_to(application, people, Level.VP)
    application = approve_up_to(application, people, Level.ADMIN)
    assert refused(applications.name_payees, application, named("1.00"), actor=member) == (
        "“Change the application” is not possible while the status is “Approved”."
    )


@pytest.mark.usefixtures("staffed", "money")
def test_rules_that_pay_vendors_only_hold_after_the_submission_too(people):
    policies.change_policy({"vendors_only": True}, actor=people["admin"])
    landlord = [{"payee_kind": "landlord", "payee_name": "Harbor Homes", "asked": Decimal("400.00")}]
    member = [{"payee_kind": "member", "payee_name": "", "asked": Decimal("400.00")}]
    draft = applications.create_application(TYPED, actor=people["member"])
    applications.name_payees(draft, landlord, actor=people["member"])
    application = applications.submit(draft, actor=people["member"])
    with pytest.raises(DomainError, match="pay landlords, utilities and vendors only"):
        applications.name_payees(application, member, actor=people["member"])
    PaymentLine.objects.filter(application=application).update(payee_kind="member")
    with pytest.raises(DomainError, match="pay landlords, utilities and vendors only"):
        reviews.approve(application, actor=people["benevolence-vp"], amount=Decimal("400.00"))


def test_an_appeal_pays_whom_the_denied_application_named(people, two):
    denied = reviews.deny(two, actor=people["benevolence-vp"], reason="Not an emergency.")
    appeal = applications.submit(applications.appeal(denied, actor=people["member"]), actor=people["member"])
    assert payees.named(appeal) == payees.named(two)
    assert shares(appeal) == [("Lakeside", "400.00", "400.00"), ("Ridgeway", "500.00", "500.00")]


ASKED = {"reason": "hardship", "description": "Off work again", "amount_requested": Decimal("300.00")}


@pytest.fixture
def changed(people):
    """Denied: the office entered it, and the member changed the request and the payees after the submission."""
    staff, member = people["staff"], people["member"]
    draft = applications.create_application(TYPED, actor=staff, member=member.member)
    row = applications.submit(draft, actor=staff)
    row = applications.name_payees(row, named("150.00"), actor=member)
    row = applications.amend(row, actor=member, values={"description": "My operation", "reason": "medical"})
    return reviews.deny(row, actor=people["benevolence-vp"], reason="Not an emergency.")


def test_an_appeal_of_the_office_tells_it_nothing_that_it_did_not_type(people, changed):
    staff = people["staff"]
    assert set(faults(applications.appeal, changed, actor=staff)) == {"reason", "description", "amount_requested"}
    appeal = applications.appeal(changed, actor=staff, values=ASKED)
    assert {name: getattr(appeal, name) for name in ASKED} == ASKED
    assert (appeal.appeal_of, payees.named(appeal)) == (changed, [])
    appeal = applications.submit(appeal, actor=staff)
    assert shares(appeal) == [(people["member"].member.full_name, "300.00", "300.00")]


def test_the_page_of_an_appeal_asks_the_office_and_not_the_applicant(people, client_of, changed):
    url = f"/benevolence/applications/{changed.pk}/appeal/"
    fields = {name: list(client_of(name).get(url).context["form"].fields) for name in ("staff", "member")}
    assert fields == {"staff": ["reason", "description", "amount_requested", "needed_by"], "member": []}
    assert "My operation" not in client_of("staff").get(url).text
    assert client_of("staff").post(url, {"description": "Off work again"}).status_code == 422
    typed = {**ASKED, "needed_by": ""}
    assert client_of("staff").post(url, typed).status_code == 302
    assert changed.appeals.get().description == "Off work again"


@pytest.mark.usefixtures("money")
def test_a_void_payment_keeps_its_payee_when_others_are_named(people, person_with, applied):
    """Who decided turned out to be the applicant; once the payment is void the review begins again."""
    member, other = people["member"], MemberFactory(status="active", standing="good")
    vp = person_with("benevolence-vp", member=other)
    row = reviews.approve(applied("400.00"), actor=vp, amount=Decimal("400.00"))
    given = {"payment_date": local_today(), "payment_method": "direct_deposit"}
    row = payments.pay(row, actor=people["treasurer"], **given)
    Member.objects.filter(pk=other.pk).update(merged_into=member.member)
    follow(Member.objects.get(pk=member.member.pk), Member.objects.get(pk=other.pk), actor=people["staff"])
    row = payments.reverse(row, actor=people["treasurer"], reason="Came back")

    row = applications.name_payees(row, named("150.00", "250.00"), actor=member)
    assert (state(row)[:2], row.amount_requested) == (("submitted", "vp"), Decimal("400.00"))
    assert shares(row) == [("Lakeside", "150.00", "150.00"), ("Ridgeway", "250.00", "250.00")]
    line = Payment.objects.get().line
    assert (line.payee_name, line.position) == (member.member.full_name, None)
    row = reviews.approve(row, actor=people["benevolence-vp"], amount=Decimal("400.00"))
    for payee in (1, 2):
        row = payments.pay(row, actor=people["treasurer"], payee=payee, **given)
    assert row.status == "paid"
