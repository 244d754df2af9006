from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.factories import RoleAssignmentFactory, UserFactory
from accounts.models import RoleAssignment
from benevolence.factories import ApplicationFactory
from core.audit import trail
from core.imports.enums import ImportStatus
from core.models import Outbox
from grievances.factories import GrievanceFactory
from members.models import ImportBatch
from organizing.factories import AssignmentFactory
from unionops import dashboard

pytestmark = pytest.mark.django_db


def batch(user, status: str) -> ImportBatch:
    return ImportBatch.objects.create(
        kind="members", status=status, file_name="list.csv", file_sha256="0" * 64, uploaded_by=user
    )


def test_open_imports_wait_for_whoever_began_them(people):
    made = {status: batch(people["staff"], status) for status in ImportStatus}
    batch(people["admin"], ImportStatus.CHECKED)
    waiting = dashboard.waiting_for(people["staff"])
    assert {(item.what, item.url, item.state) for item in waiting} == {
        ("Finish your import", made[status].get_absolute_url(), str(status.label))
        for status in (ImportStatus.UPLOADED, ImportStatus.CHECKED)
    }
    assert dashboard.waiting_for(people["steward"]) == []


def test_terms_that_end_soon_wait_for_those_who_see_users(people):
    now = timezone.now()
    for days, name in ((3, "Soon"), (29, "Later"), (31, "Far"), (-1, "Over")):
        user = UserFactory(first_name=name, last_name="Person")
        RoleAssignmentFactory(user=user, starts_at=now - timedelta(60), expires_at=now + timedelta(days, 60))
    for name in ("admin", "officer"):
        assert [item.what for item in dashboard.waiting_for(people[name])] == [
            "Staff: the term of Soon Person ends",
            "Staff: the term of Later Person ends",
        ]
    assert dashboard.waiting_for(people["staff"]) == []


def test_roles_wait_for_the_officer_who_may_confirm_them(people, client_of):
    ann, officer = UserFactory(first_name="Ann", last_name="Aalto"), people["officer"]
    given = ((ann, "treasurer", "admin"), (officer, "treasurer", "admin"), (ann, "trustee", "officer"))
    terms = [
        RoleAssignmentFactory(user=user, role=role, needs_confirmation=True, assigned_by=people[by])
        for user, role, by in given
    ]
    (item,) = dashboard.waiting_for(people["officer"])
    assert item.what == "Confirm the role Treasurer for Ann Aalto"
    assert item.url == f"/terms/waiting/?term={terms[0].pk}"
    assert item.when == terms[0].assigned_at
    assert dashboard.waiting_for(people["admin"]) == []
    officer = client_of("officer")
    assert '<span>Confirmations</span><span class="count">1</span>' in officer.get("/").text
    RoleAssignment.objects.filter(pk=terms[0].pk).update(confirmed_at=timezone.now())
    assert "<span>Confirmations</span></a>" in officer.get("/").text


def test_given_up_mails_wait_for_the_administrator(people):
    assert dashboard.waiting_for(people["admin"]) == []
    mails = [Outbox.objects.create(template="test", state=state) for state in ("failed", "failed", "waiting", "sent")]
    (item,) = dashboard.waiting_for(people["admin"])
    assert item.what == "Mails could not be delivered"
    assert item.url == "/system/"
    assert item.state == "Given up"
    assert item.when == mails[0].created_at
    assert dashboard.waiting_for(people["staff"]) == []


def test_shortcuts(people):
    found = {
        name: [label for label, _url, _icon in dashboard.shortcuts(people[name])]
        for name in ("staff", "officer", "admin", "member")
    }
    assert found == {
        "staff": ["Draft a grievance", "Apply for help", "Add a member", "Import a list"],
        "officer": ["Draft a grievance", "Apply for help", "Add a member"],
        "admin": ["Import a list"],
        "member": ["Apply for help"],
    }


@pytest.mark.parametrize("name", ["staff", "admin", "member", "nobody", "expired"])
def test_home(client_of, people, name):
    response = client_of(name).get("/")
    assert response.status_code == 200
    assert "Waiting for me" in response.text
    assert "Nothing waits for you." in response.text
    assert ("In the portal" in response.text) == (name in ("staff", "admin", "member"))
    assert ("My record" in response.text) == (name == "member")
    assert ("You hold no role now." in response.text) == (name in ("nobody", "expired"))


def test_the_suspended_are_sent_to_sign_in(client_of):
    assert client_of("suspended").get("/").url == "/accounts/login/?next=/"


# --- the domains ------------------------------------------------------------------------------------


@pytest.fixture
def day(people):
    """Make a case, an application and a campaign, each waiting for somebody."""
    case = GrievanceFactory(assigned_rep=people["representative"])
    application = ApplicationFactory(status="submitted", member=people["member"].member)
    campaign = AssignmentFactory(user=people["organizer"], duty="lead", campaign__target=None).campaign
    for row, actor in ((case, people["officer"]), (application, people["staff"]), (campaign, people["organizer"])):
        with transaction.atomic():
            trail.record(row, "changed", actor=actor)
    return {"case": case, "application": application, "campaign": campaign}


def test_what_waits_for_whom(people, day):
    names = ("representative", "benevolence-vp", "benevolence-admin", "organizer", "member", "steward", "admin")
    waiting = {name: [(item.what, item.url) for item in dashboard.waiting_for(people[name])] for name in names}
    case, application = day["case"], day["application"]
    assert waiting == {name: [] for name in names} | {
        "representative": [(f"Work on {case}", case.get_absolute_url())],
        "benevolence-vp": [(f"Decide {application}", application.get_absolute_url())],
        "organizer": [
            (f"Enter the target of {day['campaign'].code_name}", f"/organizing/campaigns/{day['campaign'].pk}/edit/")
        ],
    }


def test_what_happened_lately_is_told_to_those_who_see_the_case(people, day):
    names = ("officer", "benevolence-vp", "organizer", "member", "admin", "nobody")
    lately = {name: [item.label for item in dashboard.happened(people[name])] for name in names}
    assert lately == {name: [] for name in names} | {
        "officer": [str(day["case"])],
        "benevolence-vp": [str(day["application"])],
        "organizer": [day["campaign"].code_name],
    }


def test_home_costs_the_same_with_more_to_tell(client_of, people, day):
    counts = []
    for _turn in range(2):
        with CaptureQueriesContext(connection) as queries:
            client_of("officer").get("/")
        counts.append(len(queries))
        for _row in range(2):
            case = GrievanceFactory()
            with transaction.atomic():
                trail.record(case, "changed", actor=people["officer"])
    assert counts[0] == counts[1]
