"""Every model in the admin, for everybody who may enter it: what is open, what leaks, what is written.

Where many models or people are asked the same, some are drawn on each commit; BATTERY=1 asks all.
"""

import html
import random
import re
from datetime import date

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.models import ReadEvent, SavedFilter
from grievances.factories import ResolutionFactory
from members.factories import ContactFactory, EmploymentFactory, MemberFactory
from members.models import ImportBatch, ImportRow, Member
from members.services.members import update_member
from unionops.testing.cast import PERSONAS
from unionops.tests.admin_rows import (
    CHANGE,
    ENTERING,
    EVERYBODY,
    HISTORY,
    VIEW,
    WHOLE,
    address,
    drawn,
    label_of,
    make_cases,
    make_rows,
    row_of,
)
from unionops.tests.matrix import table

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def people(everybody):
    return everybody


@pytest.fixture(scope="module")
def world(people, django_db_blocker):
    with django_db_blocker.unblock():
        make_rows(people)


def test_every_model_is_in_the_table():
    assert {label_of(model) for model in admin.site._registry} == set(VIEW)


# Who, and a table of which the matrix opens a row for them.
OPENED = {
    (name, "{}.{}".format(*row.route.split("/")[1:3]))
    for row in table()
    if row.method == "GET" and row.route.endswith("<path:object_id>/change/")
    for persona, name in PERSONAS.items()
    if row.cell(persona) == 200
}


@pytest.mark.heavy
@pytest.mark.parametrize("name", ENTERING)
def test_every_page_of_every_model(client_of, people, world, name):
    """On each commit the tables of which this person sees other rows than the matrix has: it plays the rest."""
    browser, found, wanted = client_of(name, raise_request_exception=False), {}, {}
    own = [label for label, viewers in VIEW.items() if name in viewers and (name, label) not in OPENED]
    for label in VIEW if WHOLE else own:
        viewers = VIEW[label]
        key = admin.utils.quote(row_of(label, people[name]).pk)
        sees, changes = name in viewers, name in CHANGE.get(label, ())
        told = 200 if name in HISTORY.get(label, EVERYBODY) else 302
        pages = {
            "changelist": (address(label, "changelist"), 200 if sees else 403),
            "add": (address(label, "add"), 200 if changes else 403),
            "change": (address(label, "change", key), 200 if sees else 403),
            "history": (address(label, "history", key), told if sees else 403),
            "delete": (address(label, "delete", key), 403),
        }
        if not WHOLE:
            pages = {page: pages[page] for page in ("change", "history")}
        for page, (url, status) in pages.items():
            wanted[label, page] = status
            found[label, page] = browser.get(url).status_code
    hidden = {key for key, status in found.items() if status == 302 and wanted[key] == 403 and key[1] != "add"}
    assert {key: status for key, status in found.items() if key not in hidden} == {
        key: status for key, status in wanted.items() if key not in hidden
    }


INTERNAL = {
    "core.audithead",
    "core.numbersequence",
    "core.savedfilter",
    "core.listcolumns",
    "core.outbox",
    "core.heartbeat",
    "core.keptanswer",
    "core.keptform",
    "core.notice",
    "core.noticechoice",
    "core.noticedevent",
    "accounts.signinthrottle",
    "accounts.doorcount",
    "accounts.session",
    "accounts.spentcode",
    "accounts.mailedcode",
    "members.importrow",
    "members.columnmapping",
    "members.searchword",
    "benevolence.helpimportrow",
    "benevolence.helpmatching",
    "grievances.caseimportrow",
    "grievances.casematching",
}


def test_tables_of_the_machinery_stand_in_the_index_of_administrators_only(client_of, world):
    def listed(name):
        groups = client_of(name).get(reverse("admin:index")).context["app_list"]
        return {label_of(item["model"]) for group in groups for item in group["models"]}

    seen = {name: {label for label, viewers in VIEW.items() if name in viewers} for name in ENTERING}
    assert listed("admin") == seen["admin"]
    assert {name: listed(name) for name in ENTERING[1:]} == {name: seen[name] - INTERNAL for name in ENTERING[1:]}


@pytest.mark.heavy
@pytest.mark.parametrize("name", ENTERING)
def test_no_record_leads_to_a_page_that_this_person_cannot_open(client_of, people, world, name, seed):
    browser, led = client_of(name, raise_request_exception=False), {}
    seen = [label for label, viewers in VIEW.items() if name in viewers]
    for label in seen if WHOLE else random.Random(f"{seed} {name}").sample(seen, len(seen) // 3):
        page = browser.get(address(label, "change", admin.utils.quote(row_of(label, people[name]).pk)))
        if page.status_code == 200:
            found = re.findall(r'<a [^>]*href="(/[^"#]*)"', page.text.partition("<main")[2])
            led |= {html.unescape(url): label for url in found if "/logo/" not in url}
    closed = {(label, url): browser.get(url).status_code for url, label in led.items()}
    assert {key: status for key, status in closed.items() if status in (403, 404)} == {}
    assert led


def test_values_and_titles_are_those_of_the_portal(client_of, people, world):
    case = ResolutionFactory(amount="1250.00", day=date(2026, 12, 7))
    page = client_of("officer").get(address("grievances.resolution", "change", case.pk)).text
    words = ["$1,250.00", "Mon 7 Dec 2026", "<h1>View resolution</h1>"]
    assert [word for word in words if word in page] == words
    assert f'<a href="{address("grievances.grievance", "change", case.grievance_id)}">' in page
    listed = client_of("officer").get(address("grievances.resolution", "changelist")).text
    words = ["<h1>Resolutions</h1>", "$1,250.00", "Mon 7 Dec 2026"]
    assert [word for word in words if word in listed] == words


@pytest.mark.parametrize("name", ["steward", "member", "organizer", "nobody", "expired", "trustee"])
def test_others_do_not_enter(client_of, world, name, seed):
    browser = client_of(name)
    paths = [reverse("admin:index"), *(address(label, "changelist") for label in drawn(seed, name, 5))]
    assert {browser.get(path).status_code for path in paths} <= {403, 302}
    assert {browser.get(path, follow=True).status_code for path in paths} == {403}


@pytest.mark.heavy
@pytest.mark.parametrize("name", ENTERING)
def test_nothing_is_deleted_whatever_is_posted(client_of, people, world, name, seed):
    browser = client_of(name)
    labels = drawn(seed, name, 16)
    before = {label: row_of(label, people[name]).pk for label in labels}
    for label, key in before.items():
        quoted = admin.utils.quote(key)
        browser.post(address(label, "delete", quoted), {"post": "yes"})
        browser.post(
            address(label, "changelist"), {"action": "delete_selected", "_selected_action": key, "post": "yes"}
        )
    assert {label: row_of(label, people[name]).pk for label in before} == before


def links(text: str) -> set[str]:
    return {html.unescape(url) for url in re.findall(r'href="(\?[^"]*)"', text)}


@pytest.mark.heavy
def test_every_filter_and_heading_that_a_changelist_offers_answers(client_of, world, seed):
    broken, tried = {}, 0
    for label in drawn(seed, "filters", len(VIEW) // 4):
        browser = client_of(VIEW[label][0], raise_request_exception=False)
        base = address(label, "changelist")
        for url in links(browser.get(base).text):
            tried += 1
            status = browser.get(base + url).status_code
            if status != 200:
                broken[base + url] = status
    assert broken == {}
    assert tried > (60 if WHOLE else 5)


def test_titles_and_paths_name_nobody(client_of, people, world):
    browser = client_of("staff")
    member = Member.objects.get(last_name="Aalto")
    for page in ("change", "history"):
        response = browser.get(address("members.member", page, member.pk))
        title = re.search("<title>(.*?)</title>", response.text, re.DOTALL)[1]
        assert "Aalto" not in title
        assert "Aalto" in response.text


@pytest.mark.heavy
def test_one_row_and_three_cost_the_same_queries_none_of_which_reads_a_whole_table(client_of, people, world):
    counts, reads = {}, {}
    client_of("admin").get(reverse("admin:index"))  # a process that has answered before
    for _turn in range(3 if WHOLE else 2):
        for label, viewers in VIEW.items():
            browser = client_of(viewers[0])
            with CaptureQueriesContext(connection) as queries:
                page = browser.get(address(label, "changelist"), {"_facets": "True", "o": "1"})
            counts.setdefault(label, []).append(len(queries))
            reads[label] = reads_of_the_table(page.context["cl"].opts.db_table, queries)
        job = EmploymentFactory()
        ContactFactory(organization=job.organization)
        batch = ImportBatch.objects.create(kind="members", file_name="list.csv", file_sha256="0" * 64)
        ImportRow.objects.create(batch=batch, number=1, outcome="new")
        make_cases(people)
    # What the newest events are about decides how many kinds of records are named beside them.
    named = {label: counts.pop(label) for label in ("core.auditevent", "core.readevent")}
    assert {label: found for label, found in counts.items() if len(set(found)) > 1} == {}
    assert {label: found for label, found in named.items() if max(found) > found[0] + 2} == {}
    assert {label: found for label, found in reads.items() if found != {"to a thousand": 1, "whole": []}} == {}


def reads_of_the_table(db_table, queries) -> dict[str, object]:
    """Return how often rows are counted to a thousand, and what counts all, lists values or has facets over all."""
    asked = [query["sql"] for query in queries if "auth_permission" not in query["sql"]]
    statements = [sql for sql in asked if f'FROM "{db_table}"' in sql]
    whole = [sql for sql in statements if sql.startswith("SELECT COUNT(") and "LIMIT 1001" not in sql]
    whole += [sql for sql in statements if "DISTINCT" in sql]
    return {"to a thousand": sum("LIMIT 1001" in sql for sql in statements), "whole": whole}


def test_a_long_list_counts_to_a_thousand(client_of, people):
    def add(count):
        staff = people["staff"]
        ReadEvent.objects.bulk_create(
            ReadEvent(actor=staff, kind="exported", subject_type="members.member") for _number in range(count)
        )
        return client_of("admin").get(path)

    path = address("core.readevent", "changelist") + "?kind__exact=exported"
    told = "Only the first 1,000 are shown. Search or filter to find the others."
    pages = [add(1_000), add(1)]
    assert [(page.context["cl"].result_count, told in page.text) for page in pages] == [(1_000, False), (1_000, True)]
    assert len(client_of("admin").get(f"{path}&p=20").context["cl"].result_list) == 50
    assert client_of("admin").get(f"{path}&p=21").status_code == 302


def test_audit_events_by_subject_and_action(client_of, world):
    update_member(Member.objects.get(last_name="Aalto"), {"city": "Another city"}, actor=None)
    page = client_of("admin").get(address("core.auditevent", "changelist"), {"subject_type__exact": "members.member"})
    subjects, actions = page.context["cl"].filter_specs
    chosen = [item["display"] for item in subjects.choices(page.context["cl"]) if item["selected"]]
    found = {event.subject_type for event in page.context["cl"].result_list}
    assert (chosen, found) == (["Member"], {"members.member"})
    offered = {str(item["display"]) for item in actions.choices(page.context["cl"])}
    assert offered >= {"All", "Created", "Changed", "Deleted"}


def test_the_index_shows_no_log_beside_the_audit_trail(client_of, world):
    page = client_of("admin").get(reverse("admin:index"))
    assert page.status_code == 200
    assert "Recent actions" not in page.text
    assert LogEntry.objects.count() == 0


@pytest.mark.parametrize("path", ["jsi18n/", "autocomplete/", "password_change/", "logout/", "members/"])
def test_the_rest_of_the_admin(client_of, world, path):
    found = {name: client_of(name).get(f"/admin/{path}").status_code for name in ("anon", "staff", "nobody")}
    assert set(found.values()) <= {200, 302, 403, 404, 405}
    assert found["anon"] == 302


@pytest.mark.parametrize("path", ["r/{kind}/{key}/", "nothing/", "auth/", "core/logentry/"])
def test_what_is_no_address_is_unknown_to_everybody(client_of, path):
    member = MemberFactory()
    kind = ContentType.objects.get_for_model(Member).pk
    url = "/admin/" + path.format(kind=kind, key=member.pk)
    found = {name: client_of(name).get(url).status_code for name in ("anon", "nobody", "member", "staff", "admin")}
    assert set(found.values()) == {404}


def test_a_record_in_the_admin_leads_to_its_own_page(client_of):
    member = MemberFactory()
    page = client_of("staff").get(address("members.member", "change", member.pk))
    assert f'<a href="{member.get_absolute_url()}" class="viewsitelink">' in page.text


def test_deleted_and_foreign_rows_are_absent(client_of, people, world):
    from members.services import members as services

    gone = MemberFactory()
    services.delete_member(gone, actor=people["staff"], reason="Left")
    other = SavedFilter.objects.get(owner=people["officer"])
    browser = client_of("staff")
    assert browser.get(address("members.member", "change", gone.pk)).status_code == 302
    assert browser.get(address("core.savedfilter", "change", other.pk)).status_code == 302
