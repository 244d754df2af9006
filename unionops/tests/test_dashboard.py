import re
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.factories import RoleAssignmentFactory, UserFactory
from accounts.models import RoleAssignment
from benevolence.factories import ApplicationFactory
from benevolence.services import applications
from core.audit import trail
from core.imports.enums import ImportStatus
from core.models import Outbox, ReadEvent
from core.site import local_today
from core.web.waiting import DUE
from grievances.factories import FILED, GrievanceFactory
from members.models import ImportBatch
from organizing.factories import AssignmentFactory, CampaignFactory
from unionops import dashboard
from unionops.navigation import navigation

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
    assert item.when == timezone.localdate(terms[0].assigned_at)
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
    assert item.when == timezone.localdate(mails[0].created_at)
    assert dashboard.waiting_for(people["staff"]) == []


def test_shortcuts(people):
    found = {
        name: [label for label, _url, _icon in dashboard.shortcuts(people[name])]
        for name in ("staff", "officer", "admin", "organizing-director", "member")
    }
    assert found == {
        "staff": ["Draft a grievance", "Apply for help", "Add a member", "Import a list"],
        "officer": ["Draft a grievance", "Apply for help", "Add a member"],
        "admin": ["Import a list"],
        "organizing-director": ["Open a campaign"],
        "member": ["Apply for help"],
    }


@pytest.mark.parametrize("name", ["staff", "admin", "member", "nobody", "expired"])
def test_home(client_of, people, name):
    response = client_of(name).get("/")
    assert response.status_code == 200
    assert "Waiting for me" in response.text
    assert "Nothing waits for you." in response.text
    assert ("In the portal" in response.text) == (name in ("staff", "admin"))
    assert ("My record" in response.text) == (name == "member")
    assert ("You hold no role now." in response.text) == (name in ("nobody", "expired"))


def test_the_suspended_are_sent_to_sign_in(client_of):
    assert client_of("suspended").get("/").url == "/accounts/login/?next=/"


# --- the count in the frame ------------------------------------------------------------------------


def badge_of(answer) -> str:
    found = re.search(r'Waiting for me</span>\s*(?:<span class="count">([^<]*)</span>)?', answer.text)
    return found[1] or ""


def test_every_page_tells_how_much_waits_and_shows_all_of_it(client_of, people):
    officer = client_of("officer")
    assert badge_of(officer.get("/search/")) == ""
    for _number in range(12):
        GrievanceFactory()
    GrievanceFactory(assigned_rep=people["officer"], filed_date=FILED + timedelta(1))
    assert {path: badge_of(officer.get(path)) for path in ("/", "/search/", "/members/", "/waiting/")} == dict.fromkeys(
        ("/", "/search/", "/members/", "/waiting/"), "13"
    )
    home, every, own = (officer.get(path) for path in ("/", "/waiting/", "/waiting/?kind=cases"))
    assert [home.text.count("Assign GR-"), every.text.count("Assign GR-"), own.text.count("Work on GR-")] == [10, 12, 1]
    assert badge_of(client_of("staff").get("/waiting/")) == ""


def test_a_filter_that_is_chosen_fetches_the_rows_alone(client_of, people):
    GrievanceFactory()
    for kind, shown in (("unassigned", 1), ("cases", 0)):
        fragment = client_of("officer").get(f"/waiting/?kind={kind}", headers={"HX-Request": "true"}).text
        assert ("<html" in fragment, fragment.count("Assign GR-")) == (False, shown)


def test_what_is_counted_under_a_filter_is_what_is_listed(client_of, people):
    today = local_today()
    for days in (None, None, 3, -1):
        draft = ApplicationFactory(
            entered_by=people["staff"], needed_by=None if days is None else today + timedelta(days)
        )
        applications.submit(draft, actor=people["staff"])
    found = {}
    for due in ("", *DUE):
        page = client_of("benevolence-vp").get(f"/waiting/?due={due}").context["page"]
        found[due] = (page.count, len(page.rows))
    assert found == {"": (4, 4), "late": (1, 1), "week": (2, 2), "undated": (2, 2)}


def test_only_kinds_of_which_something_waits_are_named(client_of, people):
    GrievanceFactory()
    page = client_of("officer").get("/waiting/").text
    assert re.findall(r'<option value="(\w+)"', page.split('name="kind"')[1].split("</select>")[0]) == ["unassigned"]
    refused = client_of("officer").get("/waiting/?kind=leads")
    assert (refused.status_code, "Assign GR-" in refused.text) == (200, False)


def test_pages_of_what_waits(client_of, people):
    for _number in range(51):
        GrievanceFactory()
    first, second = (client_of("officer").get(path) for path in ("/waiting/", "/waiting/?page=2"))
    assert [answer.text.count("Assign GR-") for answer in (first, second)] == [50, 1]
    assert 'href="?page=2"' in first.text
    assert 'href="?page=1"' in second.text


def test_the_list_costs_the_same_for_one_and_for_three(client_of, people):
    counts = []
    for path in ("/waiting/", "/search/", "/admin/"):
        costs = []
        for _turn in range(3):
            GrievanceFactory()
            with CaptureQueriesContext(connection) as queries:
                client_of("officer").get(path)
            costs.append(len(queries))
        counts.append(len(set(costs[1:])))
    assert counts == [1, 1, 1]


def test_the_frame_asks_one_statement_and_a_fragment_none(people, django_assert_num_queries):
    GrievanceFactory()
    request = RequestFactory().get("/")
    request.user = people["officer"]
    request.user.get_all_permissions()
    with django_assert_num_queries(1):
        found = [navigation(request)[name]() for name in ("waiting_count", "nav", "waiting_count")]
    assert found[0] == "1"


def test_looking_at_what_waits_is_recorded(client_of, people):
    GrievanceFactory()
    for path in ("/", "/waiting/", "/admin/"):
        before = set(ReadEvent.objects.values_list("pk", flat=True))
        client_of("officer").get(path)
        assert list(ReadEvent.objects.exclude(pk__in=before).values_list("actor", "kind", "subject_type", "rows")) == [
            (people["officer"].pk, "listed", "grievances.grievance", 1)
        ]


def test_the_admin_begins_with_what_waits(client_of, people):
    case = GrievanceFactory()
    page = client_of("officer").get("/admin/").text
    assert f'<a href="{case.get_absolute_url()}">Assign {case}</a>' in page
    assert page.index(f"Assign {case}") < page.index('id="content-main"')
    assert "Waiting for me" not in client_of("staff").get("/admin/").text


# --- the domains ------------------------------------------------------------------------------------


@pytest.fixture
def day(people):
    """Make a case, an application and a campaign, each waiting for somebody."""
    case = GrievanceFactory(assigned_rep=people["representative"])
    application = ApplicationFactory(status="submitted", member=people["member"].member)
    campaign = CampaignFactory(target=None, stage="research")
    AssignmentFactory(campaign=campaign, user=people["organizer"], duty="lead")
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
    GrievanceFactory()  # something waits, so that looking is recorded
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
