"""The wall, from inside: what the assigned read, and that nothing outside differs by a campaign.

That strangers find none of it is proven by the matrix (unionops/tests/test_matrix.py), for every page and persona.
"""

import io
import re

import openpyxl
import pytest
from django.db import connection, transaction
from django.test import Client

from accounts.factories import RoleAssignmentFactory
from core.checks import routes
from core.classification import is_vault
from core.models import AuditEvent, AuditHead, ReadEvent
from core.site import local_today
from members.factories import EmploymentFactory, MemberFactory, OrganizationFactory
from members.models import Member
from organizing.factories import CampaignMemberFactory
from organizing.models import Campaign, CampaignAssignment, CampaignMember, EmergencyOpening, SaltingActivity
from organizing.services import campaigns
from organizing.tests.secret import Secret

pytestmark = pytest.mark.django_db


@pytest.fixture
def secret(people) -> Secret:
    member = MemberFactory(first_name="Ann", last_name="Aalto")
    employer = OrganizationFactory(name="Quarrystone Foods")
    EmploymentFactory(member=member, organization=employer)
    return Secret(member, employer)


def addresses(secret: Secret) -> list[str]:
    """Return every page and API address of campaigns, with every key of the vault in it."""
    found = set()
    for route, _pattern in routes():
        pattern = route.replace("^", "").replace("$", "")
        if pattern.startswith(("organizing/", "api/v1/campaigns", "api/v1/salting")):
            for key in secret.keys(route) if "pk" in route else [""]:
                found.add("/" + re.sub(r"\(\?P<(\w+)>[^)]*\)|<(?:\w+:)?(\w+)>", str(key), pattern))
    return sorted(found)


def told(browser: Client, path: str, words: dict[str, str]) -> tuple[int, set[str]]:
    """Return the status, and which of the words the answer holds; what one typed oneself is not told."""
    with transaction.atomic():
        answer = browser.get(path)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        transaction.set_rollback(True)
    browser.cookies.pop("messages", None)  # Django's admin repeats the key that was asked for on the next page
    text = body.decode(errors="replace") + str(answer.headers.get("Content-Disposition", ""))
    return answer.status_code, {name for name, word in words.items() if word in text and word not in path}


def test_control_whoever_is_assigned_finds_each_canary_where_it_belongs(secret):
    browser, words = Client(), secret.words()
    browser.force_login(secret.lead)
    found = set()
    for path in addresses(secret):
        if path.startswith("/organizing/") and "/name/" not in path:
            found |= told(browser, path, words)[1]
    assert found | {name for name in words if name.startswith("key of")} == set(words) - {"index of the member"}
    assert {"code name", "notes on the employer"} <= told(browser, secret.campaign.get_absolute_url(), words)[1]
    shown = told(browser, secret.activity.get_absolute_url(), words)[1]
    assert {"location", "description", "notes", "pseudonym"} <= shown
    for place in ("/api/v1/campaigns/", "/api/v1/salting-activities/"):
        assert told(browser, place, words)[1] != set()


def test_not_even_the_assigned_see_the_name_or_its_index_outside_its_own_page(secret):
    secret.member.last_name = "Zqlastname"
    secret.member.save()
    browser = Client()
    browser.force_login(secret.lead)
    words = {"name": "Zqlastname", "index": secret.words()["index of the member"]}
    assert {path for path in addresses(secret) if told(browser, path, words)[1]} == set()


def drawn(browser: Client, path: str) -> str:
    """Return the page without what differs between any two answers."""
    answer = browser.get(path)
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if path.endswith("xlsx/") and answer.status_code == 200:
        sheet = openpyxl.load_workbook(io.BytesIO(body)).active
        return str([[cell.value for cell in row] for row in sheet.iter_rows()])
    return re.sub(r'csrf\w*" value="[^"]+|X-CSRFToken&?[^}]+|[0-9a-f]{8}-[0-9a-f-]{27}', "", body.decode())


@pytest.mark.parametrize("name", ["staff", "officer", "admin", "organizer"])
def test_member_employer_search_and_exports_are_the_same_with_and_without_a_campaign(client_of, name):
    member, employer = MemberFactory(last_name="Aalto"), OrganizationFactory(name="Quarrystone Foods")
    EmploymentFactory(member=member, organization=employer)
    browser = client_of(name, raise_request_exception=False)
    paths = [
        f"/members/{member.pk}/",
        f"/members/{member.pk}/?tab=history",
        f"/organizations/{employer.pk}/",
        "/members/",
        "/organizations/",
        "/search/?q=aalto",
        "/search/?q=quarrystone",
        "/members/export/csv/",
        "/members/export/xlsx/",
        "/organizations/export/csv/",
        f"/api/v1/members/{member.pk}/",
        f"/api/v1/organizations/{employer.pk}/",
        f"/admin/members/member/{member.pk}/change/",
        f"/admin/members/member/{member.pk}/history/",
        f"/admin/members/organization/{employer.pk}/change/",
    ]
    before = {path: drawn(browser, path) for path in paths}
    Secret(member, employer)
    assert {path: drawn(browser, path) for path in paths} == before


def test_every_table_of_organizing_is_vault_and_its_events_stay_out_of_the_trail(secret):
    models = (Campaign, CampaignAssignment, CampaignMember, SaltingActivity, EmergencyOpening)
    assert [is_vault(model) for model in models] == [True] * 5
    own = AuditEvent.objects.filter(subject_type__startswith="organizing.")
    assert (own.count(), own.outside_vault().count()) == (3, 0)
    reads = ReadEvent.objects.filter(subject_type__startswith="organizing.")
    assert (reads.count(), reads.outside_vault().count()) == (1, 0)
    heads = AuditHead.objects.filter(stream__startswith="organizing.")
    assert (heads.count(), heads.outside_vault().count()) == (3, 0)


def test_no_event_about_anything_else_is_written(secret):
    campaigns.add_salt(secret.campaign, MemberFactory(), actor=secret.lead, since=local_today())
    outside = AuditEvent.objects.exclude(subject_type__startswith="organizing.")
    assert (outside.count(), ReadEvent.objects.outside_vault().count()) == (0, 0)


@pytest.mark.heavy
def test_no_log_line_joins_a_person_with_the_vault(secret, browser_of, caplog):
    """Whoever reads the logs would see who is inside a campaign. Its lead asks for every address of it."""
    RoleAssignmentFactory(user=secret.lead, role="officer")
    browser, key = browser_of(secret.lead), secret.campaign.pk
    vault = [path for path in addresses(secret) if "/oversight/" not in path]
    vault += [f"/admin/organizing/campaign/{rest}" for rest in ("", f"{key}/change/", "unknown/change/")]
    with caplog.at_level("INFO", logger="unionops.requests"):
        for path in (*vault, "/me/", "/organizing/oversight/"):
            browser.get(path)
    lines = [(record.route, record.user_id) for record in caplog.records if record.name == "unionops.requests"]
    assert len(lines) == len(vault) + 2
    assert [line for line in lines if line[1]] == [(path, secret.lead.pk) for path in ("me/", "organizing/oversight/")]


def test_the_members_key_is_nowhere_in_the_clear():
    CampaignMemberFactory(member=MemberFactory(pk=987_654_321))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {CampaignMember._meta.db_table}")
        stored = " ".join(str(value) for row in cursor.fetchall() for value in row)
    links = {field.related_model for field in CampaignMember._meta.concrete_fields if field.is_relation}
    assert "987654321" not in stored
    assert Member not in links
    assert CampaignMember.objects.get().member_ref == "987654321"
