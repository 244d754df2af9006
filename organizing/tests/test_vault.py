"""The wall: whatever a person without a live assignment opens, by whichever address, tells nothing of the vault."""

import io
import re

import openpyxl
import pytest
from django.db import connection, transaction
from django.test import Client

from accounts.factories import RoleAssignmentFactory, UserFactory
from core.checks import routes
from core.classification import is_vault
from core.models import AuditEvent, AuditHead, ReadEvent
from core.site import local_today
from members.factories import EmploymentFactory, MemberFactory, OrganizationFactory
from members.models import Member, Organization
from organizing import activity_services, services
from organizing.enums import Duty
from organizing.factories import ActivityFactory, AssignmentFactory, CampaignFactory, CampaignMemberFactory, organizer
from organizing.models import Campaign, CampaignAssignment, CampaignMember, SaltingActivity

pytestmark = pytest.mark.django_db
STRANGERS = (
    "anon",
    "nobody",
    "expired",
    "suspended",
    "admin",
    "officer",
    "staff",
    "organizer",
    "instructor",
    "member",
    "representative",
    "steward",
    "grievance-chair",
    "organizing-director",
    "treasurer",
    "trustee",
    "benevolence-vp",
    "benevolence-admin",
    "benevolence-manager",
    "benevolence-president",
    "another salt",
)
CANARIES = {
    "code name": "Zqcodename",
    "notes on the employer": "Zqemployernotes",
    "location": "Zqlocation",
    "description": "Zqdescription",
    "notes": "Zqactivitynotes",
    "own entry": "Zqownentry",
    "pseudonym": "S-941",
    "reason": "Zqreason",
}
WITH_PERMISSION = ("officer", "organizer")
VAULT_ROUTES = ("organizing/", "entries/", "api/v1/campaigns/", "api/v1/salting-activities/", "admin/organizing/")
OWN_LISTS = (
    "/organizing/", "/organizing/activities/", "/api/v1/campaigns/", "/api/v1/salting-activities/",
    *(f"/admin/organizing/{model}/" for model in ("campaign", "campaignassignment", "campaignmember")),
    "/admin/organizing/saltingactivity/", "/admin/organizing/",
)  # fmt: skip
FIXED = {"kind": "csv", "name": "steward", "url": "nowhere", "app_label": "organizing", "content_type_id": "1",
         "move": "settle", "format": "json", "other": "1"}  # fmt: skip


class Secret:
    """A campaign at an employer, with every canary in its place, worked on by people outside the cast."""

    def __init__(self, member: Member, employer: Organization) -> None:
        self.member, self.employer, self.lead = member, employer, organizer()
        self.campaign = CampaignFactory(
            code_name=CANARIES["code name"], target=employer, salting_notes=CANARIES["notes on the employer"]
        )
        self.term = AssignmentFactory(campaign=self.campaign, user=self.lead, duty=Duty.LEAD)
        gone = AssignmentFactory(campaign=self.campaign)
        self.salt = CampaignMemberFactory(campaign=self.campaign, member=member, number=941, handler=organizer())
        values = {"activity_type": "one_on_one", "workers_contacted": 4, "campaign_member": self.salt}
        texts = {name: CANARIES[name] for name in ("location", "description", "notes")}
        self.activity = activity_services.log_activity(self.campaign, values | texts, actor=self.lead)
        self.own = ActivityFactory(
            campaign=self.campaign, campaign_member=self.salt, entered_by=None, description=CANARIES["own entry"]
        )
        services.end_assignment(gone, actor=self.lead, reason=CANARIES["reason"])
        services.reveal_name(self.salt, actor=self.lead)
        services.change_campaign(self.campaign, {"unit_size": 41}, actor=self.lead)
        self.rows = [self.campaign, self.term, gone, self.salt, self.activity, self.own]

    def words(self) -> dict[str, str]:
        ids = {f"key of {row._meta.model_name}": str(row.pk) for row in self.rows}
        index = CampaignMember.objects.values_list("member_index", flat=True).get(pk=self.salt.pk)
        return {**CANARIES, **ids, "index of the member": index}

    def keys(self, route: str) -> list[str]:
        """Every key that somebody could put into this route to get at the vault, or at what it is about."""
        about = [self.member.pk, self.employer.pk, self.lead.pk]
        events = AuditEvent.objects.filter(subject_type__startswith="organizing.").values_list("pk", flat=True)
        reads = ReadEvent.objects.filter(subject_type__startswith="organizing.").values_list("pk", flat=True)
        heads = AuditHead.objects.filter(stream__startswith="organizing.").values_list("pk", flat=True)
        found = {"core/auditevent": events, "core/readevent": reads, "core/audithead": heads}
        special = next((keys for place, keys in found.items() if place in route), None)
        if special is not None:
            return [str(key).replace(":", "_3A").replace(".", "_2E") for key in special]
        opaque = [row.pk for row in self.rows]
        if "organizing" in route or "campaigns" in route or "salting" in route:
            return [str(key) for key in opaque]
        numbered = "<int:pk>" in route or "[0-9]{1,18}" in route or "admin/" in route
        return [str(key) for key in (dict.fromkeys(about) if numbered else opaque[:1])]


@pytest.fixture
def secret(people) -> Secret:
    member = MemberFactory(first_name="Ann", last_name="Aalto")
    employer = OrganizationFactory(name="Quarrystone Foods")
    EmploymentFactory(member=member, organization=employer)
    return Secret(member, employer)


def addresses(secret: Secret) -> list[str]:
    found = {
        "/search/?q=zqcodenam", "/search/?q=s-94", "/members/?q=zqownentr", "/organizations/?q=zqemployernote",
        "/organizing/?q=zqcodenam", "/organizing/activities/?q=zqcodenam", "/api/v1/campaigns/?q=zqcodenam",
        "/admin/organizing/campaign/?q=zqcodenam", "/audit/?subject=organizing.campaign", "/members/suggest/?member=zq",
        "/organizations/suggest/?organization=zqcode",
    }  # fmt: skip
    for route, _pattern in routes():
        pattern = route.replace("^", "").replace("$", "").replace("\\.", ".").replace("/?", "/")
        keyed = "pk" in route or "object_id" in route
        for key in secret.keys(route) if keyed else [""]:
            values = {**FIXED, "pk": key, "object_id": key}
            path = re.sub(
                r"\(\?P<(\w+)>[^)]*\)|<(?:\w+:)?(\w+)>", lambda m, values=values: values.get(m[1] or m[2], "x"), pattern
            )
            found.add(f"/{path}")
    return sorted(found)


def browser_of(people, name: str) -> Client:
    browser = Client(raise_request_exception=False)
    if name == "another salt":
        user = RoleAssignmentFactory(role="member", user=UserFactory(member=MemberFactory())).user
        CampaignMemberFactory(member=user.member)
        browser.force_login(user)
    elif name != "anon":
        browser.force_login(people[name])
    return browser


def told(browser: Client, path: str, words: dict[str, str]) -> tuple[int, set[str]]:
    """The status, and which of the words the answer holds; what one typed oneself is not told."""
    with transaction.atomic():
        answer = browser.get(path)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        transaction.set_rollback(True)
    browser.cookies.pop("messages", None)  # Django's admin repeats the key that was asked for on the next page
    text = body.decode(errors="replace") + str(answer.headers.get("Content-Disposition", ""))
    return answer.status_code, {name for name, word in words.items() if word in text and word not in path}


@pytest.mark.parametrize("name", STRANGERS)
def test_a_stranger_finds_no_canary_and_no_key_anywhere(people, secret, name):
    browser, words, faults, asked = browser_of(people, name), secret.words(), {}, 0
    for path in addresses(secret):
        status, found = told(browser, path, words)
        asked += 1
        plain = path.partition("?")[0]
        if name == "organizing-director" and plain == "/organizing/oversight/":
            found -= {"code name", "key of campaign"}
        allowed = {302, 401, 403, 404}
        if name in WITH_PERMISSION and plain in OWN_LISTS:
            allowed.add(200)
        if name == "organizing-director" and plain.startswith("/organizing/oversight/"):
            allowed.add(200)
        if name == "another salt" and plain.startswith("/entries/"):
            allowed.add(200)
        if found or ((plain.strip("/") + "/").startswith(VAULT_ROUTES) and status not in allowed):
            faults[path] = (status, found)
    assert (faults, asked > 250) == ({}, True)


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
    asked = [p for p in addresses(secret) if p.startswith(("/organizing/", "/api/v1/campaigns/", "/api/v1/salting"))]
    assert {path for path in asked if told(browser, path, words)[1]} == set()


def drawn(browser: Client, path: str) -> str:
    """The page without what differs between any two answers."""
    answer = browser.get(path)
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if path.endswith("xlsx/") and answer.status_code == 200:
        sheet = openpyxl.load_workbook(io.BytesIO(body)).active
        return str([[cell.value for cell in row] for row in sheet.iter_rows()])
    return re.sub(r'csrf\w*" value="[^"]+|X-CSRFToken&?[^}]+|[0-9a-f]{8}-[0-9a-f-]{27}', "", body.decode())


@pytest.mark.parametrize("name", ["staff", "officer", "admin", "organizer"])
def test_member_employer_search_and_exports_are_the_same_with_and_without_a_campaign(people, name):
    member, employer = MemberFactory(last_name="Aalto"), OrganizationFactory(name="Quarrystone Foods")
    EmploymentFactory(member=member, organization=employer)
    browser = browser_of(people, name)
    paths = [
        f"/members/{member.pk}/", f"/members/{member.pk}/?tab=history", f"/organizations/{employer.pk}/", "/members/",
        "/organizations/", "/search/?q=aalto", "/search/?q=quarrystone", "/members/export/csv/",
        "/members/export/xlsx/", "/organizations/export/csv/", f"/api/v1/members/{member.pk}/",
        f"/api/v1/organizations/{employer.pk}/", f"/admin/members/member/{member.pk}/change/",
        f"/admin/members/member/{member.pk}/history/", f"/admin/members/organization/{employer.pk}/change/",
    ]  # fmt: skip
    before = {path: drawn(browser, path) for path in paths}
    Secret(member, employer)
    assert {path: drawn(browser, path) for path in paths} == before


def test_every_table_of_organizing_is_vault_and_its_events_stay_out_of_the_trail(secret):
    models = (Campaign, CampaignAssignment, CampaignMember, SaltingActivity)
    assert [is_vault(model) for model in models] == [True] * 4
    own = AuditEvent.objects.filter(subject_type__startswith="organizing.")
    assert (own.count(), own.outside_vault().count()) == (3, 0)
    reads = ReadEvent.objects.filter(subject_type__startswith="organizing.")
    assert (reads.count(), reads.outside_vault().count()) == (1, 0)
    heads = AuditHead.objects.filter(stream__startswith="organizing.")
    assert (heads.count(), heads.outside_vault().count()) == (3, 0)


def test_no_event_about_anything_else_is_written(secret):
    services.add_salt(secret.campaign, MemberFactory(), actor=secret.lead, since=local_today())
    outside = AuditEvent.objects.exclude(subject_type__startswith="organizing.")
    assert (outside.count(), ReadEvent.objects.outside_vault().count()) == (0, 0)


def test_the_members_key_is_nowhere_in_the_clear():
    CampaignMemberFactory(member=MemberFactory(pk=987_654_321))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {CampaignMember._meta.db_table}")
        stored = " ".join(str(value) for row in cursor.fetchall() for value in row)
    links = {field.related_model for field in CampaignMember._meta.concrete_fields if field.is_relation}
    assert ("987654321" in stored, Member in links) == (False, False)
    assert CampaignMember.objects.get().member_ref == "987654321"
