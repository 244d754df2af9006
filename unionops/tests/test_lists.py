"""What holds for every list of the portal: a page reads what it draws, at once, and no more."""

from datetime import timedelta

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from django.http import HttpRequest
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.factories import RoleAssignmentFactory, UserFactory
from accounts.models import Installation
from accounts.views.people import UserList
from accounts.views.slates import InstallationList
from accounts.views.terms import TermsEnding, TermsHeld
from benevolence.factories import ApplicationFactory, PastHelpFactory
from benevolence.models import HelpImport
from benevolence.views.applications import ApplicationList
from benevolence.views.fund import FundPage
from benevolence.views.imports import ImportList as HelpImportList
from benevolence.views.past_help import PastHelpList
from benevolence.views.payments import PaymentList
from core.audit import trail
from core.enums import ReadKind
from core.mail import notices
from core.mail.notices import Told
from core.models import ListColumns
from core.site import site_settings
from core.web import columns
from core.web.lists import ListPage
from grievances.factories import AgreementFactory, DocketFactory, GrievanceFactory, IntakeFactory
from grievances.models import CaseImport
from grievances.views.agreements import AgreementList
from grievances.views.cases import GrievanceList
from grievances.views.dockets import DocketList
from grievances.views.imports import ImportList as CaseImportList
from grievances.views.intakes import IntakeList
from members.factories import EmploymentFactory, MemberFactory
from members.models import ImportBatch
from members.views.imports import ImportList
from members.views.members import MemberList
from members.views.organizations import OrganizationList
from organizing.factories import ActivityFactory, AssignmentFactory
from organizing.views.activities import ActivityList
from organizing.views.campaigns import CampaignList
from unionops.telling import SENTENCES
from unionops.views.audit import AuditTrail, ReadTrail
from unionops.views.notices import NoticeList
from unionops.views.reads import OwnReads

pytestmark = [pytest.mark.django_db, pytest.mark.heavy]
HOSTILE = """<i>"O'Neill" & sons</i>"""
# Who sees rows of each list here; those of two sides see both.
LISTS: dict[type[ListPage], str] = {
    MemberList: "staff",
    OrganizationList: "staff",
    ImportList: "staff",
    GrievanceList: "steward",
    IntakeList: "staff",
    AgreementList: "steward",
    DocketList: "steward",
    CaseImportList: "grievance-chair",
    ApplicationList: "staff",
    FundPage: "treasurer",
    PastHelpList: "treasurer",
    HelpImportList: "treasurer",
    PaymentList: "treasurer",
    CampaignList: "organizer",
    ActivityList: "organizer",
    UserList: "admin",
    TermsHeld: "admin",
    TermsEnding: "admin",
    InstallationList: "admin",
    AuditTrail: "admin",
    ReadTrail: "admin",
    OwnReads: "member",
    NoticeList: "member",
}


@pytest.fixture(scope="module")
def world(everybody):
    """Make at least two rows of every list, with hostile names."""
    people = everybody
    now = timezone.now()
    staff, steward, organizer = people["staff"], people["steward"], people["organizer"]
    member = people["member"].member
    steward.member, steward.is_no_member = MemberFactory(), False
    steward.save()
    RoleAssignmentFactory(user=steward, role="member")
    odd = MemberFactory(last_name=HOSTILE, first_name=HOSTILE, phone="+442079460958", email="a'b@x.example")
    EmploymentFactory(member=odd, organization__name=HOSTILE)
    EmploymentFactory(member=odd, organization__phone="+13125550123")
    for number in (1, 2):
        ImportBatch.objects.create(file_name=HOSTILE, kind="members", uploaded_by=staff if number == 1 else None)
        ApplicationFactory(member=odd, entered_by=staff)
        PastHelpFactory(member=odd, reference=HOSTILE, source=HOSTILE)
        HelpImport.objects.create(file_name=HOSTILE, kind="past_help", uploaded_by=staff if number == 1 else None)
        CaseImport.objects.create(file_name=HOSTILE, kind="cases", uploaded_by=staff if number == 1 else None)
        ApplicationFactory(member=odd, status="paid")
        assignment = AssignmentFactory(user=organizer)
        ActivityFactory(campaign=assignment.campaign)
        term = RoleAssignmentFactory(user=UserFactory(last_name=HOSTILE), role="steward", starts_at=now)
        type(term).objects.filter(pk=term.pk).update(expires_at=now + timedelta(days=9), reason=HOSTILE)
        Installation.objects.create(title=HOSTILE, reason=HOSTILE, created_by=people["admin"])
    for reason in (HOSTILE, ""):
        event = trail.record(odd, "changed", actor=UserFactory(last_name=HOSTILE), reason=reason)
        notices.write([Told(people["member"], event, "own_case", odd, HOSTILE[:20])], SENTENCES, at=now)
    trail.read(member, ReadKind.OPENED, actor=staff)
    trail.read(member, ReadKind.OPENED, actor=UserFactory(first_name=HOSTILE))
    # a case that one works, and one's own, of which only the state is shown
    GrievanceFactory(people=[odd], assigned_rep=steward, contract_article=HOSTILE)
    GrievanceFactory(people=[steward.member, odd], contract_article=HOSTILE)
    IntakeFactory(people=[odd], organization__name=HOSTILE)
    AgreementFactory(employer__name=HOSTILE, title=HOSTILE, rules=False)
    AgreementFactory(effective_to=None, rules=False)
    for place in (HOSTILE, ""):
        DocketFactory(made_by=steward, place=place, employer__name=HOSTILE)
    IntakeFactory(people=[], organization=None, grievance_type="")
    return people


def page_of(kind: type[ListPage], user) -> ListPage:
    request: HttpRequest = RequestFactory().get("/")
    request.user, request.session = user, SessionStore()
    view = kind()
    view.setup(request)
    site_settings()  # read before any list is drawn
    return view


def rows_of(view: ListPage) -> list:
    return view.page_of(view.filterset().exact, view.sort(), narrowed=False).rows


def drawn(view: ListPage, rows: list) -> str:
    address = view.record_address()
    return columns.table_body(rows, view.shown_columns, address=address, choosable=bool(view.bulk_url))


def show_all(view: ListPage, user) -> None:
    names = [column.name for column in view.columns]
    ListColumns.objects.update_or_create(owner=user, list_name=view.list_name, defaults={"columns": names})


@pytest.mark.parametrize("kind", LISTS)
@pytest.mark.parametrize("every", [False, True], ids=["usual", "every"])
def test_drawing_asks_the_database_nothing(world, kind, every):
    """A column that declares too little would ask once a row."""
    user = world[LISTS[kind]]
    view = page_of(kind, user)
    if every:
        show_all(view, user)
    rows = rows_of(view)
    view.record_address()
    with CaptureQueriesContext(connection) as queries:
        body = drawn(view, rows)
    assert [query["sql"] for query in queries] == []
    assert len(rows) >= 2
    assert body.count("<tr") == len(rows)
    assert body.count("<i>") == 0


@pytest.mark.parametrize("kind", LISTS)
def test_a_row_looks_the_same_alone_and_among_others(world, kind):
    """What rows share is only what is the same in them."""
    user = world[LISTS[kind]]
    view = page_of(kind, user)
    show_all(view, user)
    rows = rows_of(view)
    assert drawn(view, rows) == "".join(drawn(view, [row]) for row in rows)
    assert drawn(view, rows[::-1]) == "".join(drawn(view, [row]) for row in rows[::-1])


@pytest.mark.parametrize("kind", LISTS)
def test_the_address_of_a_row_is_that_of_its_record(world, kind):
    view = page_of(kind, world[LISTS[kind]])
    address = view.record_address()
    linked = any(column.kind == "link" for column in view.columns)
    assert (address is not None) == linked
    if address:
        rows = rows_of(view)
        assert [address(row) for row in rows] == [row.get_absolute_url() for row in rows]


@pytest.mark.parametrize("kind", LISTS)
def test_every_column_says_what_it_reads(world, kind):
    view = page_of(kind, world[LISTS[kind]])
    assert [column.name for column in view.columns if column.reads is None] == []


NEVER_LISTED = {
    MemberList: {"notes", "search_text", "date_of_birth", "email", "address", "zip_code", "dues_paid_through"},
    ApplicationList: {"description", "notes", "search_text", "approved_amount", "payment_reference"},
    GrievanceList: {"notes", "violation_description", "remedy_sought", "search_text", "settlement_amount"},
    ActivityList: {"notes", "description", "location"},
    UserList: {"password", "session_epoch", "created_at"},
}


@pytest.mark.parametrize("kind", NEVER_LISTED)
def test_what_is_not_shown_is_not_read(world, kind):
    view = page_of(kind, world[LISTS[kind]])
    unread = [row.get_deferred_fields() & NEVER_LISTED[kind] for row in rows_of(view)]
    assert unread == [NEVER_LISTED[kind]] * len(unread)


def test_a_column_that_is_chosen_is_read(world):
    user = world["staff"]
    ListColumns.objects.create(owner=user, list_name="member_list", columns=["name", "zip"])
    view = page_of(MemberList, user)
    with CaptureQueriesContext(connection) as queries:
        rows = rows_of(view)
    read = {field.attname for field in MemberList.model._meta.concrete_fields} - rows[0].get_deferred_fields()
    assert read == {"id", "first_name", "middle_name", "last_name", "zip_code", "deleted_at"}
    assert not any("organization" in query["sql"] for query in queries)
