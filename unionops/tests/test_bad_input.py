"""Rubbish in every field, parameter and path: an error at the field or a page of ours, never a fault, no poisoned row.

Each class of fields gets every kind, its fields take turns; BATTERY=1 sends every kind to each, on SQLite those that
a database may take differently.
"""

import html
import json
import random
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.factories import RoleAssignmentFactory, UserFactory
from accounts.models import Program, Role, RoleAssignment
from accounts.services.slates import start_draft
from members.factories import ContactFactory, EmploymentFactory, MemberFactory, OrganizationFactory
from members.models import Employment, Member, Organization, OrganizationContact
from unionops.testing.cast import People
from unionops.tests.rubbish import (
    ALL,
    SHARED_CLASSES,
    WHOLE,
    classes_of,
    deal,
    drawn,
    faults_of_sending,
    faults_of_versions,
    is_about_a_version,
    is_ours,
    kept,
    rubbish_for,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client_of) -> Client:
    return client_of("staff", raise_request_exception=False)


@pytest.fixture
def admin(client_of) -> Client:
    return client_of("admin", raise_request_exception=False)


@pytest.fixture(scope="module")
def people(everybody) -> People:
    return everybody


@pytest.fixture(scope="module")
def world(people, django_db_blocker) -> dict[str, Any]:
    with django_db_blocker.unblock():
        return rows_for(people)


def rows_for(people: People) -> dict[str, Any]:
    job = EmploymentFactory(
        member__member_number="104233", organization__name="Crane Yard", organization__city="Peoria"
    )
    user = UserFactory(first_name="Una", last_name="User")
    officer = Role.objects.get(name="officer")
    slate = start_draft({"title": "Officers", "reason": "Elected"}, [officer], actor=people["admin"])
    return {
        "slate": slate,
        "program": Program.objects.create(
            user=UserFactory(is_program=True, is_active=False, is_verified=False),
            name="Payroll",
            network="203.0.113.0/24",
            last_day="2026-12-01",
        ),
        "member": job.member,
        "second": MemberFactory(member_number="A77"),
        "job": job,
        "organization": job.organization,
        "twin": OrganizationFactory(name="Crane Yard, Inc."),
        "contact": ContactFactory(organization=job.organization),
        "user": user,
        "term": RoleAssignmentFactory(user=user, role="organizer"),
        "custom": SimpleNamespace(pk=Role.objects.create(name="dispatcher", display_name="D", is_custom=True).name),
    }


PERSON = {"first_name": "Ann", "last_name": "Berg", "phone": "3095550142", "email": "ann@people.example"}
PLACE = {"address": "1 Main St", "city": "Peoria", "state": "IL", "zip_code": "61602"}
MEMBER = (
    PERSON
    | PLACE
    | {
        "member_number": "A5120",
        "middle_name": "",
        "status": "active",
        "classification": "foreman",
        "standing": "good",
        "date_of_birth": "1980-02-29",
        "hire_date": "",
        "initiation_date": "",
        "dues_paid_through": "",
        "standing_as_of": "",
        "standing_source": "",
        "notes": "",
    }
)
ORGANIZATION = PLACE | {
    "name": "Dock",
    "org_type": "union",
    "phone": "",
    "email": "",
    "website": "https://dock.example",
}
CONTACT = PERSON | {"title": "Payroll", "notes": "", "is_primary": ""}
JOB = {
    "organization": "Crane Yard, Inc.",
    "job_title": "Rigger",
    "hourly_rate": "45.50",
    "start_date": "2020-01-02",
    "end_date": "",
}
LOCAL = {
    "name": "Local 46",
    "number": "46",
    "address": "1 Main St",
    "time_zone": "America/Chicago",
    "clock": "12",
    "working_week": "0",
    "fiscal_year_start": "7",
}
# What an officer hears of.
NOTICES = ("case_given", "case_waits", "case_moves", "entered", "confirmation", "merge", "campaign")
REASON = {"reason": "Because"}
COMPARED = REASON | {"kept_version": "1", "duplicate_version": "1"}
USER = {"email": "b@people.example", "first_name": "N", "last_name": "U"}
CUSTOM = {"display_name": "Caller", "name": "caller", "description": "", "permissions_core": "core.enter_office"}
TERM = {"role": "1", "kind": "acting", "first_day": "", "last_day": ""}
PROGRAM = {
    "name": "Dues",
    "network": "203.0.113.0/24",
    "last_day": "2026-12-01",
    "permissions": "members.view_member",
}
SLATE = REASON | {
    "title": "Officers",
    "day": "2099-12-07",
    "time": "19:00",
    "last_day": "",
    "roles": "officer",
    "seats_2": "x",
}
# Who, the route's name, the rows in the path, what is typed there.
FORMS: dict[str, tuple[str, str, tuple[str, ...], dict[str, str]]] = {
    "member": ("staff", "member_create", (), MEMBER),
    "member edit": ("staff", "member_edit", ("member",), MEMBER | {"version": "1"}),
    "member delete": ("staff", "member_delete", ("second",), REASON),
    "member merge": ("staff", "member_merge_with", ("member", "second"), COMPARED | {"city": "kept"}),
    "member status": ("staff", "member_status", (), REASON | {"id": "1", "status": "retired"}),
    "employment": ("staff", "employment_create", ("second",), JOB),
    "employment edit": ("staff", "employment_edit", ("job",), JOB | {"version": "1"}),
    "employment remove": ("staff", "employment_remove", ("job",), REASON),
    "organization": ("staff", "organization_create", (), ORGANIZATION),
    "organization edit": ("staff", "organization_edit", ("organization",), ORGANIZATION | {"version": "1"}),
    "organization delete": ("staff", "organization_delete", ("twin",), REASON),
    "organization merge": ("staff", "organization_merge_with", ("organization", "twin"), COMPARED | {"name": "kept"}),
    "contact": ("staff", "contact_create", ("organization",), CONTACT),
    "contact edit": ("staff", "contact_edit", ("contact",), CONTACT | {"version": "1"}),
    "contact remove": ("staff", "contact_remove", ("contact",), REASON),
    "settings": ("admin", "site_settings", (), LOCAL | {"version": "1"}),
    "notices": ("officer", "notice_choices", (), dict.fromkeys(NOTICES, "digest")),
    "user": ("admin", "user_new", (), USER | {"email": "new@people.example", "roles": ""}),
    "user without mail": (
        "admin",
        "user_new",
        (),
        USER | {"email": "new@people.example", "roles": "", "way": "password"},
    ),
    "user edit": ("admin", "user_edit", ("user",), USER | {"version": "1"}),
    "user off": ("admin", "user_deactivate", ("user",), REASON),
    "user on": ("admin", "user_activate", ("user",), REASON),
    "user unlock": ("admin", "user_unlock", ("user",), REASON),
    "user sign-out": ("admin", "user_end_sessions", ("user",), REASON),
    "user password": ("admin", "user_password", ("user",), REASON),
    "role": ("admin", "role_assign", ("user",), TERM | REASON),
    "role end": ("admin", "role_end", ("term",), REASON | {"last_day": ""}),
    "slate": ("admin", "installation_new", (), SLATE),
    "slate edit": ("admin", "installation_edit", ("slate",), SLATE | {"version": "1"}),
    "slate off": ("admin", "installation_call_off", ("slate",), REASON | {"version": "1"}),
    "confirmations": ("officer", "terms_waiting", (), {"terms": "1"}),
    "decline": ("officer", "term_decline", ("term",), REASON),
    "custom role": ("admin", "role_new", (), CUSTOM),
    "custom role edit": ("admin", "role_edit", ("custom",), CUSTOM | {"name": "dispatcher"}),
    "custom role described": ("admin", "role_describe", ("custom",), {"description": "Sends people", "version": "1"}),
    "custom role delete": ("admin", "role_delete", ("custom",), REASON),
    "program": ("admin", "program_new", (), PROGRAM),
    "program end": ("admin", "program_revoke", ("program",), REASON),
    "retry mail": ("admin", "system_retry_mail", (), {"mail": "x"}),
    "columns": ("staff", "columns_choose", (), {"list_name": "member_list", "columns": "name", "next": "/"}),
    "filter": ("staff", "filter_save", (), {"list_name": "member_list", "name": "Mine", "query": "q=a", "next": "/"}),
    "theme": ("staff", "theme", (), {"theme": "dark", "next": "/"}),
    "own password": ("staff", "account_change_password", (), {"oldpassword": "x", "password1": "y", "password2": "y"}),
    "confirm": ("staff", "account_reauthenticate", (), {"password": "x"}),
    "invite members": ("staff", "member_invite_all", (), {"seen": "1"}),
    "claim": ("anon", "claim", (), {"number": "A77", "email": "b@people.example"}),
    "claim by code": ("anon", "claim_code", (), {"number": "A77", "code": "ABCD", "email": "b@people.example"}),
    "address seen": ("staff", "member_address_seen", ("second",), REASON),
    "code on paper": ("staff", "member_paper_code", ("second",), REASON),
    "sign in": ("anon", "account_login", (), {"login": "a@b.example", "password": "x", "next": "/"}),
    "sign in dialog": ("anon", "sign_in_dialog", (), {"login": "a@b.example", "password": "x"}),
}
NOT_SHOWN_AGAIN = {
    "password",
    "seen",
    "way",
    "oldpassword",
    "password1",
    "password2",
    "next",
    "version",
    "is_primary",
    "roles",
    "seats_2",
}


def address(name: str, world: dict[str, Any]) -> str:
    _who, route, rows, _values = FORMS[name]
    return reverse(route, args=[world[row].pk for row in rows])


OFFICE_PAGES = [
    "/",
    "/members/",
    "/members/?records=deleted",
    "/organizations/",
    "/organizations/?records=deleted",
    "/members/export/csv/",
    "/members/export/xlsx/",
    "/organizations/export/csv/",
    "/organizations/export/xlsx/",
    "/api/v1/members/",
    "/api/v1/organizations/",
    "/search/?q=ann",
    "/organizations/suggest/?organization=crane",
    "/admin/members/member/",
    "/admin/members/organization/",
    "/admin/members/employment/",
    "/admin/members/organizationcontact/",
    "/admin/core/savedfilter/",
]
ADMIN_PAGES = [
    "/users/",
    "/roles/",
    "/roles/table/",
    "/roles/held/",
    "/audit/",
    "/audit/reads/",
    "/settings/",
    "/admin/accounts/user/",
    "/admin/core/auditevent/",
    "/admin/core/readevent/",
    "/admin/accounts/roleassignment/",
    "/admin/accounts/role/",
]


def record_pages() -> Iterator[str]:
    """The pages of the newest row of each table."""
    for model, one in ((Member, "member"), (Organization, "organization")):
        pk = model.objects.order_by("-pk").values_list("pk", flat=True)[0]
        yield from (f"/{one}s/{pk}/", f"/{one}s/{pk}/?tab=history", f"/{one}s/{pk}/edit/", f"/{one}s/{pk}/merge/")
        yield from (
            f"/api/v1/{one}s/{pk}/",
            f"/admin/members/{one}/{pk}/change/",
            f"/admin/members/{one}/{pk}/history/",
        )
    for model, path in ((Employment, "employments"), (OrganizationContact, "contacts")):
        for pk in model.objects.order_by("-pk").values_list("pk", flat=True)[:1]:
            yield f"/{path}/{pk}/edit/"


# The first word of a form's name → what stands in the addresses of the pages that show its rows.
SHOWN_ON = {
    "employment": ("employment", "member"),
    "contact": ("contact", "organization"),
    "role": ("role", "user"),
    "slate": ("role", "installation"),
    "custom": ("role",),
    "filter": ("savedfilter", "/members/"),
    "columns": ("/members/",),
    "confirmations": ("role",),
    "decline": ("role",),
    "invite": ("member",),
    "claim": ("member", "user"),
    "address": ("member",),
    "code": ("member",),
}
ALWAYS = ("/", "/search/?q=ann", "/audit/")


def poisoned(form: str, world: dict[str, Any], staff: Client, admin: Client, seed: int) -> dict[str, int]:
    """Lists, details, exports, pages of the admin and of the API that show the rows of this form, where they fail.

    On a commit a quarter of them, drawn; in the battery every page on which a row of any table here appears.
    """
    draw = random.Random(f"{seed} {form}")
    user, noun = world["user"].pk, form.split(maxsplit=1)[0]
    visits = [(staff, path) for path in (*OFFICE_PAGES, *record_pages())]
    visits += [(admin, path) for path in (*ADMIN_PAGES, f"/users/{user}/", f"/admin/accounts/user/{user}/change/")]
    found = {}
    for browser, path in visits:
        shows = path in ALWAYS or any(word in path for word in SHOWN_ON.get(noun, (noun,)))
        if not (WHOLE or (shows and draw.random() < 0.25)):
            continue
        response = browser.get(path)
        if response.streaming:
            b"".join(response.streaming_content)
        if response.status_code not in (200, 302, 404):  # the API does not know deleted records
            found[path] = response.status_code
    return found


# What the page of each form answers, and the class of every field; opened by the first test that needs them.
STATUSES: dict[str, int] = {}
CLASSES: dict[Any, Any] = {}


@pytest.fixture
def opened(client_of, world) -> None:
    """Open each form once a process."""
    if not STATUSES:
        browsers = {who: client_of(who) for who in {who for who, *_rest in FORMS.values()}}
        pages = {form: browsers[who].get(address(form, world)) for form, (who, *_rest) in FORMS.items()}
        STATUSES.update({form: page.status_code for form, page in pages.items()})
        CLASSES.update(classes_of((form, page, FORMS[form][3]) for form, page in pages.items()))


@pytest.fixture
def dealt(opened, seed) -> dict[Any, list[str]]:
    assert set(CLASSES.values()) >= SHARED_CLASSES
    return deal(CLASSES, turn=seed)


@pytest.mark.parametrize("form", FORMS)
def test_rubbish_in_each_field_of_each_form(client_of, world, staff, admin, form, settings, dealt, seed):
    """Answers are 2xx/3xx (taken), 422 (told at the field), 409 (refused in words), 404 (a forged row) or 400."""
    # the form is tried, not its door
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "sign-in": (100_000, 15), "invitation": (100_000, 60)}
    who, _route, _rows, values = FORMS[form]
    browser, path = client_of(who, raise_request_exception=False), address(form, world)
    odd, lost, taken = {}, set(), False
    for wrong, kind in rubbish_for(form, values, dealt):
        response = browser.post(path, values | wrong)
        taken = taken or response.status_code in (200, 302)
        if response.status_code not in (200, 302, 400, 404, 409, 422) or not is_ours(response):
            odd[tuple(wrong), kind] = response.status_code
        if response.status_code == 400:
            assert "We could not read that request" in response.content.decode()
        if response.status_code == 422:
            shown = html.unescape(response.content.decode()).replace("\r\n", "\n")
            assert "This field is required." not in shown
            typed = {name: value for name, value in (values | wrong).items() if name not in NOT_SHOWN_AGAIN}
            lost |= {
                (name, kind)
                for name, value in typed.items()
                if not kept(value, shown) and not (name in wrong and name in CHOSEN)
            }
    assert (odd, lost) == ({}, set())
    if WHOLE or taken:
        assert poisoned(form, world, staff, admin, seed) == {}


# A select or a checkbox cannot show what it does not offer.
CHOSEN = {
    "status",
    "classification",
    "standing",
    "state",
    "org_type",
    "time_zone",
    "clock",
    "working_week",
    "fiscal_year_start",
    "kind",
    *NOTICES,
    "roles",
    "role",
    "terms",
    "permissions_core",
    "permissions",
    "id",
    "is_primary",
    "city",
    "first_name",
    "name",
}

MEANWHILE = (
    "Somebody else saved this record while you were editing it.",
    "Somebody else saved this role while you were editing it.",
    "Somebody else saved one of the two records meanwhile. Compare them again before you merge.",
    "Somebody changed this record meanwhile. Look at it again, then decide.",
    "Somebody changed these settings meanwhile.",
)


@pytest.mark.heavy
def test_a_form_that_is_sent_as_it_is_shown_or_filled_in_makes_no_fault(client_of, world, seed):
    """A class of fields says nothing of what a page does with all of them."""
    assert faults_of_sending(client_of, FORMS, lambda form: address(form, world), seed) == {}


VERSIONED = [form for form, (_who, route, _rows, values) in FORMS.items() if is_about_a_version(route, values)]


@pytest.mark.heavy
def test_a_version_that_is_missing_or_over_is_refused_and_nothing_typed_is_lost(client_of, world, seed):
    valid, faults = {"slate edit": {"seats_2": ""}}, {}
    for form in drawn(VERSIONED, seed):
        who, _route, _rows, values = FORMS[form]
        typed = values | valid.get(form, {})
        faults[form] = faults_of_versions(client_of(who), address(form, world), typed, MEANWHILE)
    assert {form: found for form, found in faults.items() if found} == {}


LISTS = {
    "/members/": (
        "q",
        "status",
        "classification",
        "standing",
        "employer",
        "records",
        "sort",
        "after",
        "before",
        "from",
    ),
    "/organizations/": ("q", "org_type", "state", "records", "sort", "after", "before", "from"),
    "/users/": ("q", "role", "state", "sort", "after", "before", "from"),
    "/imports/": ("after", "sort", "page"),
    "/audit/": ("subject_type", "since", "until", "sort", "after", "before", "from"),
    "/audit/reads/": ("subject_type", "since", "until", "sort", "after", "before", "from"),
    "/search/": ("q",),
    "/waiting/": ("kind", "due", "page"),
    "/organizations/suggest/": ("organization", "employer"),
    "/installations/suggest/": ("seats_4",),
    "/members/export/csv/": ("q", "status", "employer", "sort"),
    "/organizations/export/xlsx/": ("q", "state", "sort"),
    "/api/v1/members/": ("q", "status", "employer", "records", "after", "before", "from", "format"),
    "/api/v1/organizations/": ("q", "state", "after", "before", "from"),
    "/api/v1/schema/": ("lang", "version", "format"),
    "/admin/members/member/": ("q", "status__exact", "o", "p", "all", "e", "_popup", "_to_field", "_facets"),
    "/accounts/login/": ("next", "login"),
}


CURSORS, DATES, WORDS = ("after", "before", "from"), ("since", "until"), ("q", "employer", "organization", "login")


def class_of_parameter(path: str, name: str) -> str:
    """Positions, days, words and choices are read alike on every list; signing in, the admin and the schema differ."""
    if path.startswith(("/accounts", "/admin", "/api/v1/schema")):
        return path
    names = {"cursor": CURSORS, "day": DATES, "word": WORDS}
    return next((kind for kind, those in names.items() if name in those), "choice")


PARAMETERS = {(path, name): class_of_parameter(path, name) for path, names in LISTS.items() for name in names}
PARAMETERS |= {(path, ALL): ALL for path in LISTS}


@pytest.mark.parametrize("path", LISTS)
def test_rubbish_in_each_parameter(client_of, world, path, seed):
    exporting = "/export/" in path
    name = "staff" if exporting or path.startswith("/admin") else "admin"
    browser = client_of("anon" if path.startswith("/accounts") else name, raise_request_exception=False)
    odd = {}
    queries = rubbish_for(path, dict.fromkeys(LISTS[path]), deal(PARAMETERS, turn=seed))
    for number, parameter in enumerate(LISTS[path]):
        names = (parameter, f"{parameter}[]", f"{parameter}__in")
        queries += [({name: ["1", "a", "\0"]}, "repeated") for name in (names if WHOLE else [names[number % 3]])]
    for query, kind in queries:
        response = browser.get(path, query)
        if response.status_code not in (200, 302, 400, 404, 406) or not is_ours(response):
            odd[tuple(query), kind] = response.status_code
        if path.startswith("/api/") and response.status_code >= 400:
            assert set(json.loads(response.content)) - {"fields", "request_id"} == {"detail", "code"}
    assert odd == {}


PATHS = [
    "/members/{}/",
    "/members/{}/edit/",
    "/members/1/merge/{}/",
    "/members/export/{}/",
    "/employments/{}/edit/",
    "/organizations/{}/",
    "/contacts/{}/remove/",
    "/users/{}/",
    "/roles/{}/",
    "/terms/{}/end/",
    "/imports/{}/",
    "/lists/filters/{}/forget/",
    "/api/v1/members/{}/",
    "/api/v1/{}/",
    "/admin/members/member/{}/change/",
    "/admin/{}/",
    "/admin/r/{}/{}/",
    "/static/{}",
    "/settings/{}",
    "/{}",
]
SEGMENTS = [
    "0",
    "-1",
    "1.5",
    "1e9",
    "9" * 19,
    "9" * 40,
    "9" * 5_000,
    "%D9%A1",
    "%00",
    "%0d%0aX-Evil:1",
    "%ED%A0%80",
    "%FF%FE",
    "%",
    "%zz",
    "%252e%252e",
    "..%2f..%2fetc%2fpasswd",
    "%E2%80%AE",
    "a%20b",
    "'",
    "%22%3E%3Cscript%3E",
    "~",
    "_00",
    ";a=1",
    "x" * 5_000,
    "csv%00",
    "None",
    "[]",
    "%F0%9F%91%A8%E2%80%8D%F0%9F%91%A9",
]


@pytest.mark.parametrize("path", PATHS)
def test_rubbish_in_paths(client_of, world, path, seed):
    """Each segment by one of those who try, on each commit; by each of them in the battery."""
    odd, draw = {}, random.Random(f"{seed} {path}")
    browsers = {name: client_of(name, raise_request_exception=False) for name in ("staff", "admin", "anon")}
    for segment in SEGMENTS:
        url = path.replace("{}", segment)
        for name in browsers if WHOLE else [draw.choice(("staff", "admin", "anon"))]:
            for send in (browsers[name].get, browsers[name].post):
                response = send(url)
                if response.status_code not in (200, 301, 302, 400, 401, 403, 404, 405) or not is_ours(response):
                    odd[name, segment, send.__name__] = response.status_code
                if url.startswith("/api/") and response.status_code >= 400:
                    assert response["Content-Type"] == "application/json"
    assert odd == {}


# --- whole requests ---------------------------------------------------------------------------------

PART = b'--x\r\nContent-Disposition: form-data; name="first_name"'
URLENCODED = "application/x-www-form-urlencoded"
BODIES = {
    "nothing": (b"", URLENCODED),
    "JSON": (b'{"first_name":"Ann"}', "application/json"),
    "broken JSON": (b'{"a":', "application/json"),
    "deep JSON": (b"[" * 100_000, "application/json"),
    "surrogate": (b"first_name=%ED%A0%80&last_name=%ED%BF%BF", URLENCODED),
    "not UTF-8": (b"first_name=%FF%FE\xff\xfe&last_name=\xc3\x28", URLENCODED),
    "UTF-16": ("first_name=Ann".encode("utf-16"), f"{URLENCODED}; charset=utf-16"),
    "unknown charset": (b"first_name=Ann", f"{URLENCODED}; charset=klingon"),
    "no type": (b"first_name=Ann", ""),
    "odd type": (b"first_name=Ann", 'text/plain; charset="; x=y; ='),
    "XML": (b"<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>", "application/xml"),
    "no boundary": (b"broken", "multipart/form-data"),
    "empty boundary": (b"broken", "multipart/form-data; boundary="),
    "wrong boundary": (b"--x\r\nbroken", "multipart/form-data; boundary=y"),
    "cut off": (PART + b"\r\n\r\nAn", "multipart/form-data; boundary=x"),
    "odd transfer": (
        PART + b"\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!\r\n--x--\r\n",
        "multipart/form-data; boundary=x",
    ),
    "file for a text": (
        PART + b'; filename="a.txt"\r\n\r\nAnn\r\n--x--\r\n',
        "multipart/form-data; boundary=x",
    ),
    "long boundary": (b"x", "multipart/form-data; boundary=" + "b" * 10_000),
    "odd charset": (
        PART + b"\r\nContent-Type: text/plain; charset=klingon\r\n\r\nAnn\r\n--x--\r\n",
        "multipart/form-data; boundary=x; charset=klingon",
    ),
    "3,000 fields": (b"&".join(b"f%d=1" % number for number in range(3_000)), URLENCODED),
    "10 MB": (b"first_name=" + b"x" * 10_000_000, URLENCODED),
    "1 MB of names": (b"&".join(b"x" * 1_000 for _number in range(1_000)), URLENCODED),
    "repeated": (b"first_name=Ann&first_name=Bo&first_name[]=C&version=1&version=2&status=active&status=x", URLENCODED),
    "ampersands": (b"&&&=&=a&%3D=%26;;", URLENCODED),
}


@pytest.mark.parametrize("body", BODIES)
def test_rubbish_as_the_whole_body(client_of, world, body, seed):
    """To every form in the battery, to six drawn ones on each commit: a body is read before any form is asked."""
    content, kind = BODIES[body]
    forms = FORMS if WHOLE else random.Random(f"{seed} {body}").sample(list(FORMS), 6)
    odd = {}
    before = list(Member.objects.order_by("pk").values("first_name", "version"))
    for form in forms:
        browser = client_of(FORMS[form][0], raise_request_exception=False)
        response = browser.generic("POST", address(form, world), content, kind)
        if response.status_code not in (200, 302, 400, 404, 409, 422) or not is_ours(response):
            odd[form] = response.status_code
        if response.status_code == 400:
            assert "We could not read that request" in response.content.decode()
    assert odd == {}
    assert list(Member.objects.order_by("pk").values("first_name", "version")) == before


@pytest.mark.parametrize("name", ["3,000 fields", "10 MB", "no boundary"])
def test_a_request_that_is_too_much_is_a_page_of_ours(staff, world, name):
    content, kind = BODIES[name]
    response = staff.generic("POST", "/members/add/", content, kind)
    assert (response.status_code, "We could not read that request" in response.text) == (400, True)
    assert staff.get("/members/").status_code == 200


HEADERS = [
    {"HX-Request": "true", "HX-Target": "\0", "HX-Current-URL": "https://evil.example/%00", "HX-Boosted": "maybe"},
    {"HX-Request": "true", "HX-Current-URL-URI-AutoEncoded": "true", "HX-Current-URL": "%ED%A0%80"},
    {"HX-Request": "true", "HX-Triggering-Event": "{not json", "HX-Prompt": "x" * 10_000},
    {"HX-Request": "x" * 10_000},
    {"Accept-Language": "x" * 600 + ";q=\0"},
    {"Accept-Language": "../../etc", "If-Modified-Since": "Thu, 99 Foo 0000", "If-None-Match": "\0"},
    {"Range": "bytes=-1,999999999999-", "Referer": "\0//evil", "User-Agent": "\u202e".encode().decode("latin-1")},
    {"X-Forwarded-For": "::::", "X-Forwarded-Proto": "javascript", "X-Request-ID": "a\nb"},
    {"Cookie": "sessionid=\0; theme=<script>; csrftoken=" + "x" * 5_000},
]


@pytest.mark.parametrize("headers", HEADERS, ids=range(len(HEADERS)))
def test_rubbish_in_headers(client_of, world, headers):
    odd = {}
    for name in ("staff", "anon"):
        browser = client_of(name, raise_request_exception=False)
        for path in ("/", "/members/", "/members/add/", "/accounts/login/", "/api/v1/members/", "/admin/", "/nothing/"):
            response = browser.get(path, headers=headers)
            if (
                response.status_code not in (200, 302, 400, 401, 404)
                or not is_ours(response)
                or "<script>;" in response.text
            ):
                odd[name, path] = response.status_code
    assert odd == {}


def test_the_world_of_this_test_reaches_its_forms(opened, world):
    """Otherwise every refusal above would be that of an absent row."""
    closed = {"columns", "filter", "theme", "member status", "retry mail"}
    assert {form: status for form, status in STATUSES.items() if status != 200 and form not in closed} == {}
    assert RoleAssignment.objects.filter(pk=world["term"].pk).exists()
