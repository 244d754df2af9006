import os
import random
import re
from collections import Counter, defaultdict
from contextlib import contextmanager
from http.cookies import SimpleCookie
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client

from core.web.views import RecordPage
from organizing.tests.secret import QUESTIONS
from unionops.tests import matrix
from unionops.tests.matrix import ANOTHER_SALT, CANARIES, METHODS, PERSONAS, Row, known_routes, table, words_in
from unionops.tests.matrix_world import World

PROPOSAL = os.environ.get("MATRIX_PROPOSAL")
ROWS = [] if PROPOSAL else table()
# On SQLite nobody plays most rows that let nobody in; whether anybody does depends on no seed.
PLAYED = [row for row in ROWS if row.visitors(seed=0)]
pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), transaction.atomic():
        yield World()
        transaction.set_rollback(True)


def test_every_route_has_its_rows():
    wanted = {(route, "", method) for route in known_routes() for method in METHODS}
    listed = [row.key for row in ROWS]
    if PROPOSAL:
        pytest.skip("writing a proposal")
    assert {
        "missing": wanted - {*listed},
        "unknown": {key for key in listed if (key[0], "", key[2]) not in wanted},
    } == {
        "missing": set(),
        "unknown": set(),
    }
    assert len(listed) == len({*listed})
    assert matrix.covering().keys() - {*listed} == set()
    assert {len(row.cells) for row in ROWS} == {len(PERSONAS)}


WRITES = re.compile(r'(?:INSERT INTO|UPDATE|DELETE FROM) "(\w+)"')
NOBODY = {"int": "999999999", "uuid": "00000000-0000-4000-8000-000000000000"}
# A GET of these tells something about people, so it says in the trail who looked.
TELLING = {
    "accounts/security/reads/",
    "api/v1/^benevolence-applications/$",
    r"api/v1/^benevolence-applications/(?P<pk>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})/$",
    r"api/v1/^benevolence-applications/(?P<pk>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})/intake/$",
    r"api/v1/^benevolence-applications/(?P<pk>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})/intake/keep-back/$",
    "api/v1/^benevolence-payments/$",
    r"api/v1/^benevolence-payments/(?P<pk>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})/$",
    "api/v1/^benevolence-documents/$",
    r"api/v1/^benevolence-documents/(?P<pk>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})/$",
    r"api/v1/^benevolence-documents/(?P<pk>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})/content/$",
    "api/v1/^agreements/$",
    r"api/v1/^agreements/(?P<pk>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})/$",
    "api/v1/^agreements/files/$",
    "api/v1/^drafts/$",
    "api/v1/^deadlines/$",
    "api/v1/^grievances/tasks/$",
    "api/v1/^holiday-lists/$",
    r"api/v1/^agreements/files/(?P<pk>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})/$",
    r"api/v1/^agreements/files/(?P<pk>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})/content/$",
    r"api/v1/^drafts/(?P<pk>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})/$",
    r"api/v1/^deadlines/(?P<pk>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})/$",
    r"api/v1/^grievances/tasks/(?P<pk>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})/$",
    r"api/v1/^holiday-lists/(?P<pk>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})/$",
    r"api/v1/^grievances/(?P<pk>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})/deliveries/$",
    r"api/v1/^grievances/(?P<pk>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})/binder/(?P<edition>[a-z]{1,20})/$",
    r"api/v1/^grievances/(?P<pk>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})/papers/(?P<paper>[a-z-]{1,40})/$",
    "api/v1/^campaigns/$",
    "api/v1/^contacts/$",
    r"api/v1/^contacts/(?P<pk>[0-9]{1,18})/$",
    "api/v1/^employments/$",
    r"api/v1/^employments/(?P<pk>[0-9]{1,18})/$",
    "api/v1/^grievances/$",
    "api/v1/^grievances/away/$",
    r"api/v1/^grievances/away/(?P<pk>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})/$",
    "api/v1/^grievances/dockets/$",
    r"api/v1/^grievances/dockets/(?P<pk>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})/$",
    "api/v1/^grievances/documents/$",
    r"api/v1/^grievances/documents/(?P<pk>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})/$",
    r"api/v1/^grievances/documents/(?P<pk>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})/content/$",
    r"api/v1/^grievances/(?P<pk>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})/$",
    "api/v1/^members/$",
    r"api/v1/^members/(?P<pk>[0-9]{1,18})/$",
    "api/v1/^organizations/$",
    r"api/v1/^organizations/(?P<pk>[0-9]{1,18})/$",
    "api/v1/^benevolence-fund/$",
    r"api/v1/^benevolence-fund/(?P<pk>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})/$",
    "api/v1/^past-help/$",
    r"api/v1/^past-help/(?P<pk>[0-9]{1,18})/$",
    "api/v1/^role-assignments/$",
    r"api/v1/^role-assignments/(?P<pk>[0-9]{1,18})/$",
    "api/v1/^roles/$",
    "api/v1/^roles/(?P<name>[-a-z0-9_]{1,80})/$",
    "api/v1/^salting-activities/$",
    "api/v1/^users/$",
    r"api/v1/^users/(?P<pk>[0-9]{1,18})/$",
    "audit/",
    "audit/reads/",
    "benevolence/applications/",
    "benevolence/applications/<uuid:pk>/",
    "benevolence/applications/<uuid:pk>/moves/<slug:move>/",
    "benevolence/applications/<uuid:pk>/photos/",
    "benevolence/documents/<uuid:pk>/content/",
    "benevolence/documents/<uuid:pk>/preview/",
    "benevolence/documents/<uuid:pk>/replace/",
    "benevolence/documents/<uuid:pk>/take-back/",
    "benevolence/audit/",
    "benevolence/payments/<uuid:pk>/voucher/",
    "benevolence/runs/<uuid:pk>/vouchers/",
    "benevolence/audit/packet/",
    "benevolence/audit/register/",
    "benevolence/audit/register/<slug:kind>/",
    "benevolence/applications/<uuid:pk>/intake/",
    "benevolence/applications/<uuid:pk>/intake/keep-back/",
    "benevolence/relationships/",
    "benevolence/fund/",
    "benevolence/fund/statements/",
    "benevolence/fund/<uuid:pk>/",
    "benevolence/past-help/",
    "benevolence/past-help/export/<slug:kind>/",
    "benevolence/past-help/lists/",
    "benevolence/past-help/lists/<uuid:pk>/",
    "benevolence/past-help/lists/<uuid:pk>/match/",
    "benevolence/past-help/lists/<uuid:pk>/result/<slug:kind>/",
    "benevolence/applications/<uuid:pk>/payees/",
    "benevolence/payments/",
    "benevolence/payments/<uuid:pk>/",
    "benevolence/payments/<uuid:pk>/cleared/",
    "benevolence/payments/<uuid:pk>/sign/",
    "benevolence/payments/export/<slug:kind>/",
    "benevolence/payments/run/",
    "benevolence/runs/<uuid:pk>/",
    "benevolence/runs/<uuid:pk>/positive-pay/",
    "benevolence/queue/",
    "contacts/<int:pk>/edit/",
    "employments/<int:pk>/edit/",
    "grievances/",
    "grievances/<uuid:pk>/",
    "grievances/<uuid:pk>/acts/<slug:act>/",
    "grievances/<uuid:pk>/assign/",
    "grievances/<uuid:pk>/binder/<slug:edition>/",
    "grievances/<uuid:pk>/facts/",
    "grievances/<uuid:pk>/papers/<slug:paper>/",
    "grievances/drafts/<uuid:pk>/documents/",
    "grievances/draft-documents/<uuid:pk>/content/",
    "grievances/draft-documents/<uuid:pk>/preview/",
    "grievances/draft-documents/<uuid:pk>/take-back/",
    "grievances/<uuid:pk>/fair-representation/",
    "grievances/extensions/<uuid:pk>/letter/",
    "grievances/<uuid:pk>/lift/",
    "grievances/<uuid:pk>/moves/<slug:move>/",
    "grievances/<uuid:pk>/notes/",
    "grievances/<uuid:pk>/restrict/",
    "grievances/answers/<uuid:pk>/replace/",
    "grievances/<uuid:pk>/photos/",
    "grievances/documents/<uuid:pk>/content/",
    "grievances/documents/<uuid:pk>/edit/",
    "grievances/documents/<uuid:pk>/preview/",
    "grievances/documents/<uuid:pk>/replace/",
    "grievances/documents/<uuid:pk>/take-back/",
    *(f"grievances/tasks/<uuid:pk>/{page}/" for page in ("done", "drop", "edit", "letter", "remind")),
    "grievances/agreement-files/<uuid:pk>/",
    "grievances/agreement-files/<uuid:pk>/take-back/",
    "grievances/away/",
    "grievances/dockets/",
    *(f"grievances/dockets/<uuid:pk>/{page}" for page in ("", "agenda/", "edit/", "extend/", "letter/", "record/")),
    "grievances/deadlines/",
    "grievances/deadlines/<uuid:pk>/",
    "grievances/drafts/",
    "grievances/drafts/<uuid:pk>/",
    "grievances/drafts/<uuid:pk>/edit/",
    "grievances/export/<slug:kind>/",
    "organizations/<int:pk>/profile/",
    "grievances/lists/",
    "grievances/lists/<uuid:pk>/",
    "grievances/lists/<uuid:pk>/match/",
    "grievances/lists/<uuid:pk>/result/<slug:kind>/",
    "grievances/patterns/",
    "grievances/patterns/export/<slug:kind>/",
    "grievances/steps/<uuid:pk>/replace/",
    "imports/",
    "imports/<uuid:pk>/",
    "imports/<uuid:pk>/match/",
    "imports/<uuid:pk>/result/<slug:kind>/",
    "installations/",
    "installations/<uuid:pk>/",
    "installations/<uuid:pk>/handover/",
    "installations/<uuid:pk>/handover/<slug:part>/<int:person>/",
    "installations/<uuid:pk>/sheet/",
    "members/",
    "members/<int:pk>/",
    "members/<int:pk>/edit/",
    "members/<int:pk>/merge/",
    "members/<int:pk>/merge/<int:other>/",
    "members/<int:pk>/two-people/<int:other>/",
    "members/export/<slug:kind>/",
    "organizations/<int:pk>/",
    "organizations/export/<slug:kind>/",
    "organizing/",
    "organizing/activities/",
    "organizing/openings/<uuid:pk>/",
    "organizing/oversight/",
    "roles/ending/",
    "roles/held/",
    "search/",
    "terms/waiting/",
    "users/",
    "users/<int:pk>/",
    "users/<int:pk>/confirm/",
    "users/<int:pk>/edit/",
    "merges/<uuid:pk>/",
    "notices/",
}
# The page of a record marks the notices of whoever has unread ones: here of one person.
HAS_NOTICES = "mem"
# Whoever goes on from a notice has read it, which is kept.
MARKED_BY_OPENING = {("notices/<uuid:pk>/", "own"): {"core_notice"}}
# Tables of the admin whose rows are about people: every look at a list, a row or its history is recorded.
PERSONAL_TABLES = {
    "accounts": "doorcount identitychange installation installationseat mailedcode program refreshtoken "
    "roleassignment session sessionrecord signinthrottle user",
    "benevolence": "applicantanswer applicationdocument bankstatement benevolenceapplication benevolencereview "
    "declaredrelationship fundtransfer payment paymentline paymentrun helpimport helpimportrow pasthelp "
    "absence casesubstitute intakenote relationshipstatement seat vote paperdecision paperfile",
    "core": "auditevent keptanswer keptform listcolumns notice noticechoice outbox readevent savedfilter",
    "grievances": (
        "answerreceived away casedocument casetask grievance grievanceintake grievancesteprecord grievant "
        "grievanttold resolution agreementfile caseimport caseimportrow deadline deadlinefeed delivery docket "
        "docketcase extension stageentry abeyance untimelyclaim arbitration panelname hearingday award "
        "arbitrationcost intakedocument"
    ),
    "members": "employment formermatch importbatch importrow member mergerequest organizationcontact otherperson "
    "papercode searchword",
    "organizing": "campaign campaignassignment campaignmember saltingactivity emergencyopening",
}
TELLING |= {
    f"admin/{app}/{table}/{page}"
    for app, tables in PERSONAL_TABLES.items()
    for table in tables.split()
    for page in ("", "<path:object_id>/change/", "<path:object_id>/history/")
}
TELLING |= {
    f"admin/{case}/<path:object_id>/moves/<slug:move>/"
    for case in ("grievances/grievance", "benevolence/benevolenceapplication")
}
# Who finds somebody by the number of a member who has a case and an application at the first level.
SEARCHERS = ("adm", "off", "stf", "org", "rep", "stw", "gch", "bvp")
# Where there is nobody to tell of: an organization without contacts.
TELLS_NOBODY = {("organizations/<int:pk>/", "deleted")}


@contextmanager
def statements():
    """The SQL that is sent inside, without its values."""
    found = set()

    def watch(execute, sql, params, many, context):
        if "SAVEPOINT" not in sql:
            found.add(re.sub(r"%s(?:, %s)+", "%s", sql))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        yield found


def written(sent) -> set[str]:
    """The tables that these statements write to."""
    return {table for sql in sent for table in WRITES.findall(sql)}


@pytest.mark.parametrize("row", PLAYED, ids=lambda row: " ".join(row.key))
def test_a_row_is_answered_as_the_table_says_and_tells_nobody_what_is_not_theirs(world, row, seed):
    """Also: reading writes nothing but who read, a hidden record looks like one that does not exist, no title and no
    address names anybody, and no cache keeps an answer.
    """
    path, found, faults, sent = world.address(row.route, row.case), {}, {}, {}
    for persona in row.visitors(seed):
        with statements() as sent[persona]:
            answer = world.ask(persona, row.method, path)
        found[persona] = answer.status_code
        wrong = {f"shows {name}" for name in world.leaks(persona, path, answer)} | cache_faults(answer)
        wrong |= {f"names {word} in an address or in the title" for word in world.named(path, answer)}
        if row.method == "GET":
            wrong |= reading_faults(world, row, persona, answer, written(sent[persona]))
        if answer.status_code == 404 and not row.case:
            wrong |= hiding_faults(world, row, persona, answer)
        if wrong:
            faults[persona] = wrong
    assert (found, faults) == ({persona: row.cell(persona) for persona in found}, {})


# Pages whose rows are the work that waits for whoever looks.
TELL_WHAT_WAITS = {"", "waiting/", "admin/"}


def reading_faults(world, row, persona, answer, tables) -> set[str]:
    tells = row.route in TELLING and answer.status_code == 200 and (row.route, row.case) not in TELLS_NOBODY
    if row.route == "search/":
        tells = persona in SEARCHERS
    if row.route in TELL_WHAT_WAITS and answer.status_code == 200:
        shown = [item for name in ("waiting", "besides", "matters", "rows") for item in answer.context.get(name) or ()]
        shown += getattr(answer.context.get("queue"), "rows", ())
        tells = any(item.model is not None for item in shown)
    expected = {"core_readevent"} if tells else set()
    if not row.refuses(persona):
        expected |= MARKED_BY_OPENING.get((row.route, row.case), set())
    if persona == HAS_NOTICES and answer.context and isinstance(answer.context.get("view"), RecordPage):
        expected |= {"core_notice"}
    faults = set() if tables == expected else {f"writes to {sorted(tables)}"}
    if not tells and not answer.streaming:
        typed = answer.wsgi_request.get_full_path()
        text = words_in(answer)
        faults |= {f"tells {word} unrecorded" for word in world.personal() if word in text and word not in typed}
    return faults


def cache_faults(answer) -> set[str]:
    varies = {item.strip() for item in answer.get("Vary", "").split(",")}
    kept = "no-store" not in answer.get("Cache-Control", "") or not {"HX-Request", "Cookie"} <= varies
    return {"may be kept by a cache"} if kept else set()


def hiding_faults(world, row, persona, answer) -> set[str]:
    if (kind := re.search("<(int|uuid):pk>", row.route)) is None:
        return set()
    none = world.ask(persona, row.method, world.address(row.route, key=NOBODY[kind[1]]))
    same = (none.status_code, without_ids(none.text)) == (404, without_ids(answer.text))
    return set() if same else {"looks other than what does not exist"}


def without_ids(text: str) -> str:
    return re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d+|csrfmiddlewaretoken\" value=\"\w+\"", "#", text)


OWN_PAGES = [
    row for row in ROWS if not row.route.startswith(("admin/", "api/")) and row.route not in ("livez", "readyz")
]


def is_drawn(about: object, seed: int) -> bool:
    """Tell whether this one of many alike is played now: one in three on a commit, each in the battery."""
    return matrix.WHOLE or random.Random(f"{seed} drawn {about}").random() < 1 / 3


@pytest.mark.heavy
def test_htmx_headers_open_and_close_nothing(world, seed):
    for row in OWN_PAGES:
        if is_drawn(row.key, seed):
            assert_htmx_changes_nothing(world, row, seed)


def assert_htmx_changes_nothing(world, row, seed):
    path = world.address(row.route, row.case)
    headers = {"HX-Request": "true", "HX-Target": "main", "HX-Current-URL": "http://testserver/users/"}
    for persona in row.pair(seed):
        expected = row.cell(persona)
        answer = world.ask(persona, row.method, path, **headers)
        plain = world.ask(persona, row.method, path) if expected == 302 and persona in ("anon", "sus") else {}
        signed_out = plain.get("Location", "").startswith("/accounts/login/?next=")
        # What is open may come as a part of the page instead of a redirect; what is closed stays closed.
        found = "open" if answer.status_code < 400 else answer.status_code
        wanted = 401 if signed_out else "open" if expected < 400 else expected
        assert (row.key, persona, found) == (row.key, persona, wanted)
        assert (row.key, persona, world.leaks(persona, path, answer)) == (row.key, persona, set())


READERS = ("admin/", "accounts/signup/")
TRIED = ("anon", "adm", "stf")
OTHER_METHODS = ("HEAD", "PUT", "DELETE")


@pytest.mark.heavy
def test_no_other_method_does_anything(world, seed):
    """HEAD records who read and writes no more. On PUT and DELETE the admin's views, and the page that says that nobody
    signs up, read; all others refuse.
    """
    for route in known_routes():
        if is_drawn(route, seed):
            assert_other_methods_do_nothing(world, route, seed)


def assert_other_methods_do_nothing(world, route, seed):
    path, draw = world.address(route), random.Random(f"{seed} {route}")
    read = next((row for row in ROWS if row.key == (route, "", "GET")), None) if route.startswith(READERS) else None
    # The admin's views draw a page for each: on a commit for one of them.
    methods = OTHER_METHODS if matrix.WHOLE or not read else [draw.choice(OTHER_METHODS)]
    heads = ("adm", "off", "stf", "mem") if matrix.WHOLE else [draw.choice(("adm", "off", "stf", "mem"))]
    for persona in heads if "HEAD" in methods else ():
        with statements() as sent:
            world.ask(persona, "HEAD", path)
        known = {"core_readevent"} if route in TELLING or route in TELL_WHAT_WAITS else set()
        assert written(sent) <= known, (persona, path)
    for persona in TRIED if matrix.WHOLE else [draw.choice(TRIED)]:
        for method in [method for method in methods if method != "HEAD"]:
            with statements() as sent:
                status = world.ask(persona, method, path).status_code
            assert 300 < status < 500 or (read and status == read.cell(persona)), (persona, method, path)
            assert written(sent) <= {"core_readevent"}, (persona, method, path)


@pytest.mark.heavy
def test_nothing_is_sent_without_a_token(world, seed):
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    draw, sent = random.Random(seed), set()
    for route in known_routes():
        if not route.startswith("api/"):
            for persona in TRIED if matrix.WHOLE else [draw.choice(TRIED)]:
                client.cookies = SimpleCookie(world.cookies[persona])
                if client.post(world.address(route)).status_code != 403:
                    sent.add((persona, route))
    assert sent == set()


# --- who may not know ---------------------------------------------------------------------------------


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_guessed_word_finds_nothing_of_the_vault(world, question):
    people = (*PERSONAS, ANOTHER_SALT)
    found = {persona: world.leaks(persona, question, world.ask(persona, "GET", question)) for persona in people}
    assert found == {persona: set() for persona in people}


# Pages with several sheets at one address.
TABBED = {
    "grievances/<uuid:pk>/": ("steps", "deadlines", "documents", "notes", "history"),
    "members/<int:pk>/": ("history",),
    "organizations/<int:pk>/": ("history",),
}


@pytest.mark.parametrize(
    "row", [row for row in ROWS if row.method == "GET" and row.route in TABBED], ids=lambda row: " ".join(row.key)
)
def test_no_tab_shows_anybody_what_is_not_theirs(world, row, seed):
    faults = {}
    for tab in TABBED[row.route]:
        path = f"{world.address(row.route, row.case)}?tab={tab}"
        for persona in row.visitors(seed):
            answer = world.ask(persona, "GET", path)
            if found := world.leaks(persona, path, answer) | world.named(path, answer):
                faults[persona, tab] = found
            if (answer.status_code < 400) is not (row.cell(persona) < 400):
                faults[persona, tab] = {f"answers {answer.status_code}"}
    assert faults == {}


ASKED = [row for row in ROWS if row.method == "GET" and not row.case]
EVENTS = re.compile("core/(auditevent|readevent|audithead)")
# On each commit only the keys of the vault's events; those of its records are the rows of the matrix.
KEYED = [row for row in ASKED if re.search("pk>|object_id>", row.route) and (matrix.WHOLE or EVENTS.search(row.route))]
# What a salt may open, and every place of the vault.
VAULT = re.compile("organizing|entries|campaigns|salting")
OF_SALTS = [row for row in ASKED if row.cell("mem") == 200 or VAULT.search(row.route)]


@pytest.mark.parametrize("row", KEYED, ids=lambda row: row.route)
def test_a_key_of_the_vault_opens_nothing(world, row, seed):
    faults = {}
    for key in world.secret.keys(row.route):
        path = world.address(row.route, key=key)
        for persona in row.visitors(seed):
            answer = world.ask(persona, "GET", path)
            if found := world.leaks(persona, path, answer):
                faults[persona, path] = found
            if EVENTS.search(row.route) and answer.status_code == 200:
                faults[persona, path] = {"opens"}
    assert faults == {}


def test_another_salt_learns_nothing_of_this_campaign(world):
    faults, asked = {}, 0
    for row in ASKED if matrix.WHOLE else OF_SALTS:
        path = world.address(row.route)
        answer = world.ask(ANOTHER_SALT, "GET", path)
        asked += 1
        found = world.leaks(ANOTHER_SALT, path, answer)
        shut = VAULT.search(row.route) and not path.startswith("/entries/")
        if found or (shut and answer.status_code not in (302, 401, 403, 404)):
            faults[path] = (answer.status_code, found)
    assert (faults, asked > 40) == ({}, True)


@pytest.mark.parametrize("name", [name for name, canary in CANARIES.items() if canary.known_to])
def test_control_each_canary_is_shown_where_it_belongs(world, name):
    canary = CANARIES[name]
    answer = world.ask(canary.known_to[0], "GET", world.address(canary.route) + canary.tab)
    assert (answer.status_code, canary.text in answer.text) == (200, True)


def test_control_a_name_in_an_address_is_seen(world):
    page = HttpResponse('<title>Member</title> Oxenhandler <a href="/members/?q=QUIRINA%20o&amp;page=2">Next</a>')
    assert [world.named(path, page) for path in ("/", "/members/?q=quirina")] == [{"quirina"}, set()]


@pytest.mark.skipif(connection.vendor == "sqlite", reason="there few people play")
def test_everybody_is_refused_often_and_whoever_is_let_in_always_plays(seed):
    refused = dict.fromkeys(PERSONAS, 0)
    for row in ROWS:
        played = {*row.visitors(seed)}
        let_in = {persona for persona in PERSONAS if not row.refuses(persona)}
        assert (let_in - played, len(played) >= min(len(PERSONAS), len(let_in) + 2)) == (set(), True)
        for persona in played - let_in:
            refused[persona] += 1
    assert {persona for persona in PERSONAS if refused[persona] < 20} == set()


@pytest.mark.skipif(not matrix.WHOLE or connection.vendor != "sqlite", reason="in the battery, on SQLite")
def test_the_few_who_play_on_sqlite_send_every_statement_that_anybody_sends(world):
    """So that `make test` loses no SQL. What is missing is told as the lines that matrix_covering.txt needs."""
    senders, missing = senders_of(world), defaultdict(list)
    left = {sql: who for sql, who in senders.items() if not any(name in row.few() for row, name in who)}
    while left:
        (row, persona), _count = Counter(who for pairs in left.values() for who in pairs).most_common(1)[0]
        missing[row].append(persona)
        left = {sql: who for sql, who in left.items() if (row, persona) not in who}
    assert [row.beginning + "".join(f"{name:>5}" for name in missing[row]) for row in ROWS if row in missing] == []


def senders_of(world) -> dict[str, list[tuple[Row, str]]]:
    """Return statement → on which rows who sends it, of those who reach the tables of the page."""
    found = defaultdict(list)
    for row in ROWS:
        path = world.address(row.route, row.case)
        sheets = [f"?tab={tab}" for tab in TABBED.get(row.route, ())] if row.method == "GET" else []
        for persona in filter(row.reaches, PERSONAS):
            with statements() as sent:
                for sheet in ("", *sheets):
                    world.ask(persona, row.method, path + sheet)
            for sql in sent:
                found[sql].append((row, persona))
    return found


@pytest.mark.skipif(not PROPOSAL, reason="only on request: MATRIX_PROPOSAL=file")
def test_write_a_proposal(world):
    cases = [(route, "") for route in known_routes()]
    cases += [("members/<int:pk>/", "own"), ("members/<int:pk>/edit/", "own"), ("grievances/<uuid:pk>/", "own")]
    cases += [
        (f"benevolence/applications/<uuid:pk>/{act}", "own")
        for act in ("", "edit/", "documents/", "photos/", "moves/<slug:move>/")
    ]
    cases += [
        (f"benevolence/documents/<uuid:pk>/{act}/", "own") for act in ("content", "preview", "replace", "take-back")
    ]
    cases += [
        (f"{kind}/<int:pk>/{act}", "deleted") for kind in ("members", "organizations") for act in ("", "restore/")
    ]
    rows = []
    for route, case in cases:
        path = world.address(route, case)
        for method in METHODS:
            cells = tuple(world.ask(persona, method, path).status_code for persona in PERSONAS)
            rows.append(Row(route, case, method, cells))
    Path(PROPOSAL).write_text("\n".join([matrix.heading(), *map(str, rows)]) + "\n")
