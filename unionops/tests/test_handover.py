"""Who leaves office, what they worked on, and who sees and gives away which part of it."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.utils import timezone

from accounts.factories import RoleAssignmentFactory, UserFactory
from accounts.models import Installation, Role, SessionRecord, User
from accounts.services import slates, terms
from benevolence.factories import ApplicationFactory, ReviewFactory
from benevolence.models import BenevolenceApplication
from benevolence.services.handover import hand_over_intake
from core.errors import DomainError
from core.models import ReadEvent
from grievances.factories import GrievanceFactory, IntakeFactory
from grievances.models import Grievance, GrievanceIntake
from organizing.factories import AssignmentFactory
from unionops import handover
from unionops.handover import PARTS, Handover

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 12, 4, 18, tzinfo=UTC)
OATH = datetime(2026, 12, 8, 1, tzinfo=UTC)
AFTER = OATH + timedelta(days=1)
BEFORE = datetime(2024, 1, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(NOW, tick=False), timezone.override(ZoneInfo("America/New_York")):
        yield


def person(name: str, *roles: str) -> User:
    user = UserFactory(email=f"{name}@people.example", first_name=name.title(), last_name="Lee", last_login=BEFORE)
    for role in roles:
        RoleAssignmentFactory(user=user, role=role, starts_at=BEFORE)
    return user


@pytest.fixture
def slate(people) -> Installation:
    """Ann leaves and keeps nothing; Bo leaves and stays a steward; Dee is elected again; Cy is new."""
    seats = [person("dee", "officer"), person("cy", "member")]
    person("ann", "officer"), person("bo", "officer", "steward")
    officer = Role.objects.get(name="officer")
    values = {"title": "Officers of 2026", "reason": "Elected", "takes_effect_at": OATH}
    found = slates.start_draft(values, [officer], actor=people["admin"])
    found = slates.save_draft(found, values, {officer: seats}, actor=people["admin"])
    found = slates.set_slate(found, actor=people["admin"])
    terms.confirm_roles(list(found.begun.all()), actor=named("ann"))
    return found


def named(name: str) -> User:
    return User.objects.get(email=f"{name}@people.example")


def left(slate: Installation, user: User) -> dict[str, dict[str, list[str]]]:
    return {
        part.name: {str(person): [item.label for item in items] for person, items in found}
        for part, found in Handover(slate, user).parts()
    }


def hand_over(slate: Installation, part: str, former: User, new: User, actor: User) -> None:
    found = Handover(slate, actor)
    entry = found.of(PARTS[part], former.pk)
    assert entry is not None
    handover.give(found, PARTS[part], *entry, new)


def client(user: User) -> Client:
    found = Client(raise_request_exception=True)
    found.force_login(user)
    return found


def test_who_leaves(slate):
    assert [str(user) for user in slates.leaving(slate)] == ["Ann Lee", "Bo Lee"]


def test_each_sees_their_own_parts(slate, people):
    case = GrievanceFactory(assigned_rep=named("ann"))
    IntakeFactory(drafted_by=named("ann"))
    ApplicationFactory(entered_by=named("ann"))
    campaign = AssignmentFactory(user=named("ann"), duty="lead").campaign
    AssignmentFactory(user=named("bo"), duty="organizer", campaign=campaign)
    dee = named("dee")
    AssignmentFactory(user=dee, duty="deputy", campaign=campaign)
    cases = {"cases": {"Ann Lee": [str(case)]}, "drafts": {"Ann Lee": ["Draft of Fri 4 Dec 2026"]}}
    assert left(slate, people["grievance-chair"]) == cases
    assert left(slate, people["admin"]) == {}
    assert left(slate, people["staff"]) == {"applications": {}}
    lead = {"campaigns": {"Ann Lee": [f"{campaign.code_name}: appoint another lead"]}}
    assert left(slate, people["organizing-director"]) == lead
    inside = {"campaigns": {"Bo Lee": [f"{campaign.code_name}: Organizer"]}}
    assert left(slate, dee) == cases | {"applications": {}} | inside
    with time_machine.travel(AFTER, tick=False):
        assert left(slate, people["staff"]) == {"applications": {"Ann Lee": [""]}}


def test_nobody_else_learns_of_a_campaign(slate, people):
    code_name = AssignmentFactory(user=named("ann"), duty="lead").campaign.code_name
    page = f"/installations/{slate.pk}/handover/"
    for name, shown in (("admin", False), ("staff", False), ("grievance-chair", False), ("organizing-director", True)):
        answer = client(people[name]).get(page)
        assert answer.status_code == 200, name
        assert (code_name in answer.text) == shown, name
        assert ("campaign" in answer.text.split("<main")[1].split("</main>")[0].lower()) is shown
    for name in ("admin", "staff", "grievance-chair"):
        assert "campaign" not in " ".join(item.what for item in handover.waiting(people[name]))
    assert [item.what for item in handover.waiting(people["organizing-director"])] == [
        "1 campaign duty of people who leave office on Mon 7 Dec 2026 has no new owner"
    ]


def test_what_another_role_keeps_is_not_handed_over(slate, people):
    GrievanceFactory(assigned_rep=named("bo"))
    GrievanceFactory(assigned_rep=named("dee"))
    assert left(slate, people["grievance-chair"]) == {"cases": {}, "drafts": {}}
    terms.end_role(named("bo").assignments.get(role__name="steward"), actor=people["admin"], reason="Moved")
    assert [*left(slate, people["grievance-chair"])["cases"]] == ["Bo Lee"]


def test_cases_go_to_one_new_owner(slate, people):
    for _number in range(3):
        GrievanceFactory(assigned_rep=named("ann"))
    waits = [item.what for item in handover.waiting(people["grievance-chair"])]
    assert waits == ["3 cases of people who leave office on Mon 7 Dec 2026 have no new owner"]
    chair = client(people["grievance-chair"])
    url = f"/installations/{slate.pk}/handover/cases/{named('ann').pk}/"
    assert f'href="{url}"' in chair.get(f"/installations/{slate.pk}/handover/").text
    assert "Cy Lee" not in chair.get(url).text
    answer = chair.post(url, {"person": named("cy").pk})
    assert answer.status_code == 422
    assert "Select a valid choice" in answer.text
    with time_machine.travel(AFTER, tick=False):
        chair = client(people["grievance-chair"])
        answer = chair.post(url, {"person": named("cy").pk})
        assert (answer.status_code, answer.url) == (302, f"/installations/{slate.pk}/handover/")
        assert {case.assigned_rep for case in Grievance.objects.all()} == {named("cy")}
        assert (handover.waiting(people["grievance-chair"]), chair.get(url).status_code) == ([], 404)


def test_one_case_that_is_refused_keeps_all(slate, people):
    GrievanceFactory(assigned_rep=named("ann"))
    closed = GrievanceFactory(assigned_rep=named("ann"), is_restricted=True)
    closed.named_people.set([named("ann"), people["grievance-chair"]])
    with pytest.raises(ValidationError, match=f"{closed}: This case is restricted"):
        hand_over(slate, "cases", named("ann"), named("dee"), people["grievance-chair"])
    assert {case.assigned_rep for case in Grievance.objects.all()} == {named("ann")}


def test_drafts_go_to_one_new_owner(slate, people):
    draft = IntakeFactory(drafted_by=named("ann"))
    hand_over(slate, "drafts", named("ann"), people["steward"], people["grievance-chair"])
    assert GrievanceIntake.objects.visible_to(people["steward"]).get() == draft
    assert left(slate, people["grievance-chair"])["drafts"] == {}


def test_applications_are_given_away_by_their_owner_or_after_the_term(slate, people):
    mine = ApplicationFactory(entered_by=named("ann"))
    paid = ApplicationFactory(entered_by=named("ann"), status="denied")
    with pytest.raises(DomainError, match="hand over their own"):
        hand_over_intake(named("ann"), people["staff"], actor=people["staff"], reason="x")
    with pytest.raises(ValidationError, match="no role that enters"):
        hand_over_intake(named("ann"), named("cy"), actor=named("ann"), reason="x")
    with pytest.raises(PermissionDenied):
        hand_over_intake(named("ann"), people["staff"], actor=people["admin"], reason="x")
    assert left(slate, named("ann"))["applications"] == {"Ann Lee": [""]}
    with time_machine.travel(AFTER, tick=False):
        hand_over(slate, "applications", named("ann"), named("dee"), people["staff"])
    mine.refresh_from_db()
    paid.refresh_from_db()
    assert mine.entered_by == named("dee")
    assert mine.version == 2
    assert paid.entered_by == named("ann")


def test_applications_do_not_go_to_who_decided_one(slate, people):
    entered = [ApplicationFactory(entered_by=named("ann"), status="under_review") for _number in range(2)]
    ReviewFactory(application=entered[1], reviewer=named("dee"), decision="needs_info")
    url = f"/installations/{slate.pk}/handover/applications/{named('ann').pk}/"
    with time_machine.travel(AFTER, tick=False):
        staff = client(people["staff"])
        answer = staff.post(url, {"person": named("dee").pk})
        assert answer.status_code == 422
        assert "choose a colleague who decides none of them." in answer.text
        assert {row.entered_by for row in BenevolenceApplication.objects.all()} == {named("ann")}
        assert staff.post(url, {"person": people["staff"].pk}).status_code == 302
        assert {row.entered_by for row in BenevolenceApplication.objects.all()} == {people["staff"]}


def test_sign_ins(slate, people):
    ann = named("ann")
    SessionRecord.objects.create(key="k", user=ann, epoch=ann.session_epoch, device="Firefox")
    found = Handover(slate, people["admin"]).sign_ins()
    assert [(str(user), [str(term.role) for term in roles], count) for user, roles, count in found] == [
        ("Ann Lee", [], 1),
        ("Bo Lee", ["Steward"], 0),
    ]
    with pytest.raises(PermissionDenied):
        handover.sign_out(Handover(slate, people["officer"]))
    admin = client(people["admin"])
    answer = admin.post(f"/installations/{slate.pk}/handover/sign-out/")
    assert answer.status_code == 302
    assert named("ann").session_epoch != ann.session_epoch
    assert "1 person was signed out." in admin.get(answer.url).text
    assert [count for *_entry, count in Handover(slate, people["admin"]).sign_ins()] == [0, 0]


def test_reading_is_recorded(slate, people):
    GrievanceFactory(assigned_rep=named("ann"))
    client(people["grievance-chair"]).get(f"/installations/{slate.pk}/handover/")
    events = ReadEvent.objects.order_by("pk").values_list("subject_type", "kind", "rows")
    assert list(events) == [("accounts.installation", "opened", None), ("grievances.grievance", "listed", 1)]


@pytest.mark.parametrize("count", [1, 3])
def test_a_constant_number_of_queries(slate, people, count, django_assert_num_queries):
    for _number in range(count):
        GrievanceFactory(assigned_rep=named("ann"))
        IntakeFactory(drafted_by=named("ann"))
    chair = User.objects.get(pk=people["grievance-chair"].pk)
    with django_assert_num_queries(7):
        assert len(handover.waiting(chair)) == 2


# --- the day ----------------------------------------------------------------------------------------


def test_the_day_of_the_oath(people):
    """The slate is entered by hand, set days before, and taken up at one moment; the former officers are refused."""
    ann, cy, tess = person("ann", "officer"), person("cy"), person("tess")
    person("old", "treasurer")
    admin = client(people["admin"])
    typed = {"title": "Officers of 2026", "reason": "Elected on 9 November", "last_day": ""}
    typed |= {"day": "2026-12-07", "time": "20:00", "roles": ["officer", "treasurer"]}
    answer = admin.post("/installations/new/", typed)
    slate = Installation.objects.get()
    assert (answer.status_code, answer.url) == (302, f"/installations/{slate.pk}/edit/")
    fields = dict(re.findall(r'name="(seats_\d+)"[^>]*>\s*([^<]*)<', admin.get(answer.url).text))
    officers, treasurers = fields
    assert [words.strip() for words in fields.values()] == [
        f"{name} Lee — {name.lower()}@people.example" for name in ("Ann", "Old")
    ]
    seats = {officers: "cy@people.example\r\nnobody@people.example", treasurers: "tess@people.example"}
    refused = admin.post(answer.url, typed | seats | {"version": slate.version})
    assert refused.status_code == 422
    assert "nobody@people.example. Create the account first." in refused.text
    seats[officers] = "cy@people.example"
    assert admin.post(answer.url, typed | seats | {"version": slate.version}).status_code == 302
    page = admin.get(f"/installations/{slate.pk}/").text
    assert "2 seats count only once an officer confirms them" in page
    slate.refresh_from_db()
    assert admin.post(f"/installations/{slate.pk}/set/", {"version": slate.version}).status_code == 302
    slate.refresh_from_db()
    assert slate.takes_effect_at == datetime(2026, 12, 8, 1, tzinfo=UTC)
    terms.confirm_role(slate.begun.get(role__name="officer"), actor=ann)
    old, new, payer = client(ann), client(cy), client(tess)
    assert [found.get("/members/add/").status_code for found in (old, new)] == [200, 403]
    with time_machine.travel(slate.takes_effect_at - timedelta(seconds=1), tick=False):
        old, new = client(ann), client(cy)
        assert [found.get("/members/add/").status_code for found in (old, new)] == [200, 403]
        with time_machine.travel(slate.takes_effect_at, tick=False):
            assert [found.get("/members/add/").status_code for found in (old, new)] == [403, 200]
            payer = client(tess)
            assert payer.get("/benevolence/queue/").status_code == 403
            terms.confirm_role(slate.begun.get(role__name="treasurer"), actor=cy)
            assert payer.get("/benevolence/queue/").status_code == 200
