"""The portal's own pages: the local, the audit trail, who looked, my record."""

import re
from datetime import UTC, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from benevolence.factories import ApplicationFactory
from core.audit import trail
from core.enums import ReadKind
from core.models import AuditEvent, ReadEvent, SiteSettings
from core.site import change_settings, site_settings
from core.tests.pages import errors
from grievances.factories import GrievanceFactory
from members.factories import MemberFactory
from members.services import members as services
from unionops.tests.settings_form import PNG, TYPED

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(client_of):
    return client_of("admin", raise_request_exception=False)


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def shown(response) -> list[list[str]]:
    """Return the cells of each row as text."""
    body = response.text.split("<tbody>")[1].split("</tbody>")[0]
    cells = [re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL) for row in body.split("</tr>")]
    return [[re.sub(r"<[^>]+>", "", cell).strip() for cell in row] for row in cells if row]


# --- the local --------------------------------------------------------------------------------------


def test_saving_the_settings(admin, client_of, people):
    assert "Save settings" in admin.get("/settings/").text
    response = admin.post("/settings/", TYPED | {"logo": SimpleUploadedFile("x.png", PNG)})
    site = site_settings()
    assert (response.status_code, response.url) == (302, "/settings/")
    assert site.name == "Local 46"
    assert site.number == "46"
    assert site.working_week == [0, 1]
    assert site.fiscal_year_start == 7
    assert site.version == 2
    page = admin.get("/settings/")
    assert [word in page.text for word in ("Settings saved.", "· Local 46</title>", "Local settings changed")] == [
        True
    ] * 3
    logo = client_of("anon").get("/settings/logo/")
    assert (logo.status_code, b"".join(logo.streaming_content)) == (200, PNG)
    assert (logo["Content-Type"], logo["X-Content-Type-Options"]) == ("image/png", "nosniff")
    assert admin.post("/settings/", TYPED | {"version": "2", "logo-clear": "on"}).status_code == 302
    assert (site_settings().logo.name, client_of("anon").get("/settings/logo/").status_code) == ("", 404)
    events = AuditEvent.objects.filter(subject_type="core.sitesettings").order_by("id")
    assert [[change["field"] for change in event.body["changes"]] for event in events] == [
        ["name", "number", "address", "logo", "time_zone", "clock", "working_week", "fiscal_year_start"],
        ["logo"],
    ]


def test_the_fiscal_year_begins_otherwise_only_while_no_report_could_be_read(admin):
    """Four applications are told nowhere; with the fifth a year is."""
    for _number in range(4):
        ApplicationFactory(status="submitted", money=False)
    assert admin.post("/settings/", TYPED).status_code == 302
    assert site_settings().fiscal_year_start == 7
    ApplicationFactory(status="submitted", money=False)
    typed = TYPED | {"version": site_settings().version}
    sentence = (
        "Reports of the fund could be read by the years of now; beside those of other years they would tell single "
        "months. Leave the month as it is."
    )
    response = admin.post("/settings/", typed | {"fiscal_year_start": "1"})
    assert (response.status_code, errors(response)) == (422, {"fiscal_year_start": [sentence]})
    assert admin.post("/settings/", typed | {"name": "Local 47"}).status_code == 302


def test_who_may_look_and_who_may_change(client_of, people):
    change_settings({"name": "Local 46", "address": "1 Main St"}, actor=None)
    officer = client_of("officer", raise_request_exception=False)
    page = officer.get("/settings/")
    shown = ["1 Main St", "America/New York", "Monday, Tuesday"]
    assert [words for words in (*shown, "<textarea") if words in page.text] == shown
    for values in (TYPED, {"name": ""}):
        assert officer.post("/settings/", values).status_code == 403
    assert {name: client_of(name).get("/settings/").status_code for name in ("staff", "member")} == {
        "staff": 403,
        "member": 403,
    }
    assert site_settings().version == 2


def test_two_change_the_settings_and_neither_is_lost(admin):
    change_settings({"working_week": [0, 1, 2], "name": "Local 7"}, actor=None)
    response = admin.post("/settings/", TYPED)
    assert response.status_code == 409
    rows = {str(label): (theirs, mine) for label, theirs, mine in response.context["conflict"]}
    assert {name: rows[name] for name in ("Working days", "Name of the local", "First month of the fiscal year")} == {
        "Working days": ("Monday, Tuesday, Wednesday", "Monday, Tuesday"),
        "Name of the local": ("Local 7", "Local 46"),
        "First month of the fiscal year": ("January", "July"),
    }
    assert site_settings().name == "Local 7"
    assert 'name="version" value="2"' in response.text
    assert 'value="Local 46"' in response.text
    assert admin.post("/settings/", TYPED | {"version": "2"}).status_code == 302
    assert (site_settings().name, site_settings().working_week) == ("Local 46", [0, 1])


def test_wrong_settings_stay_in_the_form(admin):
    response = admin.post("/settings/", TYPED | {"name": "Lo\u200bcal", "working_week": [], "address": "bell\x07"})
    assert (response.status_code, set(response.context["form"].errors)) == (422, {"name", "working_week", "address"})
    assert [f'id="id_{name}_error"' in response.text for name in ("name", "working_week", "address")] == [True] * 3
    assert 'value="46"' in response.text
    assert not SiteSettings.objects.exists()


# --- my record --------------------------------------------------------------------------------------


def test_my_record(client_of, people):
    own = people["member"].member
    assert client_of("member").get("/me/").url == f"/members/{own.pk}/"
    assert client_of("staff").get("/me/").status_code == 403
    services.delete_member(own, actor=people["staff"], reason="Left")
    page = client_of("member").get("/me/")
    assert page.status_code == 200
    assert "No member record is linked to your account" in page.text


OWN_WORDS = ("How to reach you", "Your membership", "Where you work", "Your cases", "Your applications for help")
THEIR_WORDS = ("How to reach them", "Membership", "Employment", "Grievances", "Benevolence")


def headings(page) -> list[str]:
    """Return what the panels of the page are called."""
    return [re.sub(r"<[^>]+>", "", found).strip() for found in re.findall(r"<h2>(.*?)</h2>", page.text, re.DOTALL)]


def test_an_own_record_speaks_to_the_person(client_of, people):
    own = people["member"].member
    page = client_of("member").get(own.get_absolute_url())
    assert [words for words in (*OWN_WORDS, *THEIR_WORDS) if words in headings(page)] == list(OWN_WORDS)
    assert f"You are member {own.member_number}" in page.text
    page = client_of("staff").get(own.get_absolute_url())
    assert [words for words in (*OWN_WORDS, *THEIR_WORDS) if words in headings(page)] == list(THEIR_WORDS)


def test_an_employers_page_shows_contacts_members_and_cases(client_of, people):
    case = GrievanceFactory(people=[MemberFactory(last_name="Aalto")], employer__name="Crane Yard")
    url = case.employer.get_absolute_url()
    page = client_of("representative").get(url)
    assert headings(page)[:4] == ["How to reach it", "Contacts", "Members working here", "Grievances"]
    assert [words in page.text for words in (str(case), "Aalto")] == [True, True]
    assert f'href="/grievances/drafts/new/?employer={case.employer_id}"' in page.text
    assert list(ReadEvent.objects.values_list("kind", "subject_type")) == [("opened", "members.organization")]
    page = client_of("organizer").get(url)
    assert headings(page)[:4] == ["How to reach it", "Contacts", "Members working here"]
    assert str(case) not in page.text


# --- the audit trail --------------------------------------------------------------------------------


def test_the_trail_says_what_was_done_and_hides_values(admin, client_of, people):
    member = services.create_member(
        {"member_number": "7", "first_name": "Ann", "last_name": "Aalto", "city": "Peoria"}, actor=people["staff"]
    )
    services.delete_member(member, actor=people["staff"], reason="Entered twice")
    page = admin.get("/audit/?subject_type=members.member")
    fields = "member number, first name, last name, city, status, standing"
    assert [row[1:] for row in shown(page)] == [
        ["Staff Person", "Deleted", f"Member: {member}", "—not recorded", "Entered twice"],
        ["Staff Person", "Created", f"Member: {member}", fields, "—not recorded"],
    ]
    assert f'<a href="/members/{member.pk}/">' in page.text
    assert "Peoria" not in page.text
    assert {name: client_of(name).get("/audit/").status_code for name in ("officer", "staff", "member")} == {
        "officer": 403,
        "staff": 403,
        "member": 403,
    }


def test_who_looked(admin, client_of, people):
    member = MemberFactory(first_name="Ann", middle_name="", last_name="Aalto")  # a page writes O'Neill in its own way
    client_of("staff").get(f"/members/{member.pk}/")
    b"".join(client_of("staff").get("/members/export/csv/").streaming_content)
    assert [row[1:] for row in shown(admin.get("/audit/reads/"))] == [
        ["Staff Person", "Exported", "Member", "1"],
        ["Staff Person", "Opened", f"Member: {member}", "—not recorded"],
    ]
    named = ReadEvent.objects.filter(actor=people["admin"], subject_type="members.member")
    assert [(event.subject_type, event.kind, event.rows) for event in named] == [("members.member", "listed", 1)]
    assert client_of("officer").get("/audit/reads/").status_code == 403


def test_days_are_days_of_the_local(admin, people):
    """23:30 in New York on the 1st is the 2nd in UTC."""
    moment = datetime(2026, 3, 2, 4, 30, tzinfo=UTC)
    ReadEvent.objects.bulk_create(
        [ReadEvent(at=moment, actor=people["staff"], kind="opened", subject_type="members.member", subject_id="1")]
    )
    found = {
        day: len(admin.get(f"/audit/reads/?since={day}&until={day}").context["rows"])
        for day in ("2026-03-01", "2026-03-02")
    }
    assert found == {"2026-03-01": 1, "2026-03-02": 0}


def test_the_trail_pages_newest_first_and_every_row_once(admin, people):
    for number in range(120):
        services.create_member(
            {"member_number": str(number + 1), "first_name": "A", "last_name": "B"}, actor=people["staff"]
        )
    page, found = admin.get("/audit/?subject_type=members.member"), []
    while True:
        found += [row.pk for row in page.context["rows"]]
        if not page.context["page"].next_url:
            break
        page = admin.get("/audit/" + page.context["page"].next_url)
    assert found == list(
        AuditEvent.objects.filter(subject_type="members.member").order_by("-id").values_list("pk", flat=True)
    )
    assert len(found) == 120


def test_one_row_and_three_cost_the_same_queries(admin, people):
    """Audit trail, read trail, users: one literal each, whatever the number of rows."""
    people["staff"]
    counts = {"/audit/?subject_type=members.member": [], "/audit/reads/": [], "/users/": []}
    for number in range(3):
        member = services.create_member(
            {"member_number": str(number + 1), "first_name": "A", "last_name": "B"}, actor=people["staff"]
        )
        trail.read(member, ReadKind.OPENED, actor=people["staff"])
        people[("officer", "steward", "organizer")[number]]
        for path, found in counts.items():
            with CaptureQueriesContext(connection) as queries:
                admin.get(path)
            found.append(len(queries))
    assert counts == {"/audit/?subject_type=members.member": [8] * 3, "/audit/reads/": [8] * 3, "/users/": [9] * 3}
