"""Two records of one member become one in every part of the portal, by two people."""

import re
from decimal import Decimal

import pytest

from accounts.enums import IdentityKind
from accounts.factories import RoleAssignmentFactory, UserFactory
from accounts.services import identity
from accounts.services.people import change_user
from benevolence.enums import Status
from benevolence.factories import ApplicationFactory, RelationshipFactory, ReviewFactory
from benevolence.models import BenevolenceApplication, DeclaredRelationship
from core.models import AuditEvent, Notice, Outbox
from core.search import search
from grievances.factories import AgreementFactory, GrievanceFactory, IntakeFactory, ResolutionFactory
from grievances.models import Deadline, Grievance, GrievantTold
from grievances.services.agreements import choose_agreement
from grievances.services.clocks import refresh_draft
from members.enums import MergeState
from members.factories import MemberFactory, OrganizationFactory
from members.models import Member, MergeRequest
from members.services import merge_requests
from members.services.merge_requests import SecondPersonNeeded
from members.services.merging import merge_members
from organizing.factories import AssignmentFactory, CampaignFactory
from organizing.models import Campaign
from unionops import merging, telling

pytestmark = pytest.mark.django_db
REASON = "One person, two cards"


@pytest.fixture
def pair():
    return MemberFactory(member_number="7007", last_name="Keptname"), MemberFactory(
        member_number="8008", last_name="Gonename"
    )


def merged(people, kept, duplicate, values=None):
    """Ask by the office, carry out by an officer."""
    asked = merge_requests.ask(kept, duplicate, values or {}, actor=people["staff"], reason=REASON)
    return merging.carry_out(asked, actor=people["officer"])


MATTERS = {
    "an account": lambda member: UserFactory(member=member),
    "a case": lambda member: GrievanceFactory(people=[member]),
    "a draft": lambda member: IntakeFactory(people=[member]),
    "an application": lambda member: ApplicationFactory(member=member),
    "a payment": lambda member: ApplicationFactory(member=member, status=Status.PAID),
    "a relationship": lambda member: RelationshipFactory(member=member),
}


@pytest.mark.parametrize("matter", MATTERS)
def test_whatever_hangs_on_the_second_record_needs_a_second_person(pair, people, matter):
    kept, duplicate = pair
    MATTERS[matter](duplicate)
    for name in ("staff", "officer", "admin"):
        with pytest.raises(SecondPersonNeeded):
            merge_members(kept, duplicate, {}, actor=people[name], reason=REASON)
    asked = merging.merge(kept, duplicate, {}, actor=people["staff"], reason=REASON)
    assert isinstance(asked, MergeRequest)
    assert Member.objects.alive().filter(pk__in=[kept.pk, duplicate.pk]).count() == 2


def test_a_record_of_which_nothing_moves_is_merged_at_once(pair, people):
    kept, duplicate = pair
    GrievanceFactory(people=[kept])
    assert merging.merge(kept, duplicate, {}, actor=people["staff"], reason=REASON) == kept


# --- who it is about --------------------------------------------------------------------------------


def test_cases_drafts_and_applications_name_the_record_that_stayed(pair, people):
    kept, duplicate = pair
    case, draft = GrievanceFactory(people=[duplicate]), IntakeFactory(people=[duplicate])
    application = ApplicationFactory(member=duplicate, status=Status.SUBMITTED)
    own = ApplicationFactory(member=kept, status=Status.SUBMITTED)
    merged(people, kept, duplicate, {"member_number": "8008"})
    case.refresh_from_db()
    assert case.member == kept
    assert [row.member for row in case.grievants.all()] == [kept]
    assert list(draft.members.all()) == [kept]
    application.refresh_from_db()
    assert application.member == kept
    for number in ("7007", "8008"):
        assert list(search(Grievance.objects.all(), number)) == [case]
        assert set(search(BenevolenceApplication.objects.all(), number)) == {application, own}
        assert list(search(Member.objects.alive(), number)) == [kept]
    assert list(search(Grievance.objects.all(), "Gonename")) == []


def test_the_pages_name_the_record_that_stayed(pair, people, client_of):
    kept, duplicate = pair
    case = GrievanceFactory(people=[duplicate])
    application = ApplicationFactory(member=duplicate, status=Status.SUBMITTED)
    merged(people, kept, duplicate)
    officer, level, own = client_of("officer"), client_of("benevolence-vp"), f"/members/{kept.pk}/"
    seen = [(officer, url) for url in (case.get_absolute_url(), "/grievances/?q=8008", "/search/?q=8008", own)]
    seen += [(level, url) for url in (application.get_absolute_url(), "/benevolence/applications/?q=8008")]
    for client, url in seen:
        page = client.get(url).content.decode()
        assert "Keptname" in page
        assert "Gonename" not in page


def test_one_grievant_stays_where_both_records_were(pair, people):
    kept, duplicate = pair
    resolution = ResolutionFactory(
        grievance__people=[duplicate, kept], grievance__grievance_type="group", grievance__settled=True
    )
    case = resolution.grievance
    GrievantTold.objects.filter(resolution=resolution, grievant__member=kept).delete()
    merged(people, kept, duplicate)
    case.refresh_from_db()
    assert case.member == kept
    row = case.grievants.get()
    assert row.member == kept
    assert [told.grievant for told in GrievantTold.objects.filter(resolution=resolution)] == [row]


def test_declared_relationships_follow(pair, people):
    kept, duplicate = pair
    mine, both = RelationshipFactory(member=duplicate), RelationshipFactory(member=duplicate)
    RelationshipFactory(member=kept, user=both.user)
    merged(people, kept, duplicate)
    moved = DeclaredRelationship.objects.get(pk=mine.pk)
    assert moved.version == mine.version + 1
    assert moved.updated_at > mine.updated_at
    assert set(DeclaredRelationship.objects.filter(member=kept).values_list("user", flat=True)) == {
        mine.user_id,
        both.user_id,
    }


def by_page(client, kept, duplicate):
    url = f"/organizations/{kept.pk}/merge/{duplicate.pk}/"
    form = {"reason": "One plant", "kept_version": kept.version, "duplicate_version": duplicate.version}
    return client.post(url, form | dict.fromkeys(client.get(url).context["form"].differing, "kept"))


def by_program(client, kept, duplicate):
    body = {"duplicate": duplicate.pk, "duplicate_version": duplicate.version, "reason": "One plant"}
    told = {"content_type": "application/json", "headers": {"If-Match": f'"{kept.version}"'}}
    return client.post(f"/api/v1/organizations/{kept.pk}/moves/merge/", body, **told)


@pytest.mark.parametrize(("merge", "drafted_at"), [(by_page, "kept"), (by_program, "duplicate")])
def test_agreements_drafts_and_cases_stand_at_the_employer_that_stayed(client_of, merge, drafted_at):
    agreement, kept = AgreementFactory(), OrganizationFactory()
    place = {"kept": kept, "duplicate": agreement.employer}[drafted_at]
    draft = IntakeFactory(organization=place, knowledge_date=agreement.effective_from)
    case = GrievanceFactory(employer=agreement.employer)
    assert merge(client_of("staff"), kept, agreement.employer).status_code in (200, 302)
    assert Deadline.objects.running().get(intake__organization=kept, clock="file").intake == draft
    case.refresh_from_db()
    agreement.refresh_from_db()
    assert case.employer == agreement.employer == kept
    assert choose_agreement(case, agreement, actor=None).agreement == agreement


@pytest.mark.parametrize("merge", [by_page, by_program])
def test_a_campaign_goes_along_with_its_employer_and_nobody_outside_can_tell(client_of, people, merge):
    """Two pairs are merged alike, one with a campaign at the second record; answers and trail are the same."""
    found, lead, campaign = [], people["organizer"], CampaignFactory(target=None)
    AssignmentFactory(campaign=campaign, user=lead, duty="lead")
    for is_target in (True, False):
        kept, duplicate = (OrganizationFactory(name=f"{name} Yard", city="Peoria") for name in ("Alder", "Crane"))
        if is_target:
            campaign.target = duplicate
            campaign.save()
        before = AuditEvent.objects.latest("id").pk if AuditEvent.objects.exists() else 0
        answer = merge(client_of("staff"), kept, duplicate)
        events = AuditEvent.objects.filter(pk__gt=before).outside_vault().order_by("id")
        told = [(event.action, event.actor_name, sorted(event.body.get("data", {}))) for event in events]
        found.append((answer.status_code, told))
        if is_target:
            stayed = kept
    assert found[0] == found[1]
    campaign.refresh_from_db()
    assert (campaign.target, campaign.version) == (stayed, 2)
    [event] = AuditEvent.objects.filter(subject_type="organizing.campaign")
    assert (event.action, event.actor, event.body) == ("organizing.changed", None, {"changes": [{"field": "target"}]})
    assert list(Campaign.objects.visible_to(lead).searched("alder")) == [campaign]
    assert list(Campaign.objects.visible_to(lead).searched("crane")) == []
    telling.tell()
    assert Notice.objects.filter(event=event).count() == 0


def test_a_draft_keeps_its_date_where_agreements_of_both_records_hold(people):
    one, other = AgreementFactory(), AgreementFactory()
    draft = IntakeFactory(organization=one.employer, knowledge_date=one.effective_from)
    refresh_draft(draft)
    merging.merge_organizations(one.employer, other.employer, {}, actor=people["staff"], reason="One plant")
    assert Deadline.objects.get(intake=draft).is_running


# --- decisions that stand ---------------------------------------------------------------------------


@pytest.fixture
def reviewer(pair):
    """Let the vice president's account stand on the record that stays."""
    return RoleAssignmentFactory(role="benevolence-vp", user__member=pair[0]).user


@pytest.mark.parametrize("status", [Status.UNDER_REVIEW, Status.APPROVED])
def test_a_decision_of_the_applicants_own_is_void_before_payment(pair, people, reviewer, status):
    kept, duplicate = pair
    decided = {"vp": {"reviewer": reviewer}}
    application = ApplicationFactory(
        member=duplicate, status=status, amount_requested=Decimal(300), money__reviews=decided
    )
    if status == Status.UNDER_REVIEW:
        ReviewFactory(application=application, reviewer=reviewer)
    review = application.reviews.get()
    merged(people, kept, duplicate)
    application.refresh_from_db()
    review.refresh_from_db()
    assert review.voided_at is not None
    assert application.status == Status.SUBMITTED
    assert application.level_due == "vp"
    assert application.approved_amount is None
    events = AuditEvent.objects.filter(subject_id=str(application.pk)).order_by("id")
    assert list(events.values_list("action", flat=True)) == ["benevolence.member_merged", "benevolence.void"]


@pytest.mark.parametrize("part", ["decided", "paid"])
def test_a_payment_of_the_applicants_own_is_reported(pair, people, reviewer, part):
    kept, duplicate = pair
    trustee, officer = people["trustee"], people["officer"]
    own = {"paid_by": reviewer} if part == "paid" else {"money__reviews": {"vp": {"reviewer": reviewer}}}
    ApplicationFactory(member=duplicate, status=Status.PAID, **own)
    merged(people, kept, duplicate)
    application = BenevolenceApplication.objects.get()
    assert application.status == Status.PAID
    mails = {mail.address: mail.body for mail in Outbox.objects.filter(template="benevolence_conflict")}
    url = application.get_absolute_url()
    assert {address: url in body for address, body in mails.items()} == {trustee.email: True, officer.email: False}
    assert AuditEvent.objects.filter(action="benevolence.conflict").count() == 2


def test_a_record_that_was_once_the_reviewers_counts_too(pair, people):
    kept, duplicate = pair
    reviewer = RoleAssignmentFactory(role="benevolence-vp").user
    identity.record_change(reviewer, IdentityKind.LINK, actor=None, member_before=kept)
    decided = {"vp": {"reviewer": reviewer}}
    application = ApplicationFactory(member=duplicate, status=Status.APPROVED, money__reviews=decided)
    review = application.reviews.get()
    merged(people, kept, duplicate)
    review.refresh_from_db()
    assert review.voided_at is not None


def test_decisions_of_others_stand(pair, people, reviewer):
    kept, duplicate = pair
    application = ApplicationFactory(member=duplicate, status=Status.APPROVED)
    review = application.reviews.get()
    merged(people, kept, duplicate)
    review.refresh_from_db()
    application.refresh_from_db()
    assert (review.voided_at, application.status) == (None, Status.APPROVED)


@pytest.fixture
def linked_late(people):
    """Let a vice president be linked with the applicant's record after deciding and paying."""
    reviewer = RoleAssignmentFactory(role="benevolence-vp").user
    member = MemberFactory()

    def link():
        change_user(reviewer, {"member": member}, actor=people["admin"])

    return reviewer, member, link


def test_a_link_shows_that_a_decision_was_the_applicants_own(linked_late):
    reviewer, member, link = linked_late
    decided = {"amount_requested": Decimal(300), "money__reviews": {"vp": {"reviewer": reviewer}}}
    application = ApplicationFactory(member=member, status=Status.APPROVED, **decided)
    review, other = (row.reviews.get() for row in (application, ApplicationFactory(status=Status.APPROVED, **decided)))
    link()
    for row in (application, review, other):
        row.refresh_from_db()
    assert (application.status, application.level_due) == (Status.SUBMITTED, "vp")
    assert [review.voided_at is None, other.voided_at is None] == [False, True]


def test_a_link_shows_that_a_payment_was_the_applicants_own(linked_late, people):
    reviewer, member, link = linked_late
    hearers = {people["trustee"].email, people["officer"].email}
    application = ApplicationFactory(member=member, status=Status.PAID, paid_by=reviewer)
    link()
    application.refresh_from_db()
    assert application.status == Status.PAID
    told = {mail.address for mail in Outbox.objects.filter(template="benevolence_conflict")}
    assert told == hearers
    assert AuditEvent.objects.filter(action="benevolence.conflict").count() == 2


# --- the pages --------------------------------------------------------------------------------------


def text_of(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def ask_on_the_page(client, kept, duplicate):
    form = {"reason": REASON, "kept_version": kept.version, "duplicate_version": duplicate.version}
    form |= {"member_number": "kept", "last_name": "duplicate", "first_name": "kept"}
    form |= dict.fromkeys(client.get(f"/members/{kept.pk}/merge/{duplicate.pk}/").context["form"].differing, "kept")
    return client.post(f"/members/{kept.pk}/merge/{duplicate.pk}/", form)


def test_one_asks_and_another_sees_what_moves_and_carries_it_out(pair, people, client_of):
    kept, duplicate = pair
    case = GrievanceFactory(people=[duplicate])
    staff, officer, admin = (client_of(name) for name in ("staff", "officer", "admin"))
    assert "A second person carries it out" in text_of(staff.get(f"/members/{kept.pk}/merge/{duplicate.pk}/"))
    url = ask_on_the_page(staff, kept, duplicate).headers["Location"]
    asked = MergeRequest.objects.get()
    assert url == asked.get_absolute_url()
    assert "You asked for this merge" in text_of(staff.get(url))
    assert staff.post(f"{url}carry-out/").status_code == 409
    assert "Look at a merge" not in text_of(staff.get("/"))
    assert "Look at a merge" in text_of(officer.get("/"))
    assert case.grievance_number in text_of(officer.get(url))
    assert case.grievance_number not in text_of(admin.get(url))
    assert "You may not see all that moves here" in text_of(admin.get(url))
    assert admin.post(f"{url}carry-out/").status_code == 409
    assert officer.post(f"{url}carry-out/").headers["Location"] == f"/members/{kept.pk}/"
    case.refresh_from_db()
    assert case.member == kept
    assert "Look at a merge" not in text_of(officer.get("/"))


def test_a_choice_that_is_no_record_is_told_at_its_field_and_never_breaks_the_second_persons_page(people, client_of):
    """Also where it was asked for before the rule was there."""
    kept = MemberFactory(member_number=None, status="represented_non_member")
    duplicate = UserFactory(member=MemberFactory()).member
    staff, officer, url = client_of("staff"), client_of("officer"), f"/members/{kept.pk}/merge/{duplicate.pk}/"
    form = {"reason": REASON, "kept_version": kept.version, "duplicate_version": duplicate.version}
    form |= dict.fromkeys(staff.get(url).context["form"].differing, "kept") | {"status": "duplicate"}
    sentence = "Enter the member number. Only a represented non-member may have none."
    answer = staff.post(url, form)
    assert (answer.status_code, answer.context["form"].errors) == (422, {"member_number": [sentence]})

    page = staff.post(url, form | {"member_number": "duplicate"}).headers["Location"]
    asked = MergeRequest.objects.get()
    MergeRequest.objects.update(taken=["status"])
    answer = officer.post(f"{page}carry-out/")
    assert (answer.status_code, sentence in text_of(answer)) == (409, True)
    assert Member.objects.alive().filter(pk__in=[kept.pk, duplicate.pk]).count() == 2
    MergeRequest.objects.update(taken=asked.taken)
    assert officer.post(f"{page}carry-out/").headers["Location"] == f"/members/{kept.pk}/"


def test_it_can_be_declined_with_a_reason_that_stays(pair, people, client_of):
    kept, duplicate = pair
    UserFactory(member=duplicate)
    asked = merging.merge(kept, duplicate, {}, actor=people["staff"], reason=REASON)
    url, officer = asked.get_absolute_url(), client_of("officer")
    assert officer.post(f"{url}decline/", {"reason": ""}).status_code == 422
    assert officer.post(f"{url}decline/", {"reason": "Two cousins"}).headers["Location"] == url
    asked.refresh_from_db()
    assert asked.state == MergeState.DECLINED
    assert "Two cousins" in text_of(client_of("staff").get(url))


def test_a_program_moves_no_account_either(pair, client_of):
    kept, duplicate = pair
    UserFactory(member=duplicate)
    body = {"duplicate": duplicate.pk, "duplicate_version": duplicate.version, "reason": REASON}
    told = {"content_type": "application/json", "headers": {"If-Match": f'"{kept.version}"'}}
    for name in ("staff", "officer", "admin"):
        answer = client_of(name).post(f"/api/v1/members/{kept.pk}/moves/merge/", body, **told)
        assert (answer.status_code, answer.json()["code"]) == (409, "second_person_needed")
    assert Member.objects.alive().filter(pk__in=[kept.pk, duplicate.pk]).count() == 2


def test_the_admin_only_shows_merges(pair, people, client_of):
    UserFactory(member=pair[1])
    asked = merging.merge(*pair, {}, actor=people["staff"], reason=REASON)
    admin = client_of("admin")
    url = f"/admin/members/mergerequest/{asked.pk}/change/"
    assert admin.get(url).status_code == 200
    assert admin.post(url, {"state": "done"}).status_code == 403
