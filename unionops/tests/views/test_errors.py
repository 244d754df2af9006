import json
import logging
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import reverse

from unionops.ephemeral_postgres import EphemeralPostgres, binaries

pytestmark = pytest.mark.urls("unionops.tests.error_urls")

BUSY = (409, "busy", "Somebody else is changing this record just now. Wait a minute and try again.")
STATUS = {
    "suspicious": (400, "bad_request", "We could not read that request"),
    "forbidden": (403, "permission_denied", "This is not open to you"),
    "missing": (404, "not_found", "We could not find that page"),
    "refused": (409, "refused", "The fund is closed. Open it first."),
    "transition": (409, "transition_refused", "Already decided."),
    "fault": (500, "server_error", "Something went wrong on our side"),
    "operational": (503, "unavailable", "Closed for a short while"),
    "interface": (503, "unavailable", "Closed for a short while"),
    "wrapped": (503, "unavailable", "Closed for a short while"),
    "data": (400, "bad_request", "We could not read that request"),
    **dict.fromkeys(("lock", "deadlock", "serialization", "statement", "locked", "snapshot"), BUSY),
    **dict.fromkeys(("shutdown", "gone"), (503, "unavailable", "Closed for a short while")),
}


@pytest.fixture
def client():
    return Client(raise_request_exception=False)


@pytest.mark.parametrize("name", STATUS)
def test_every_fault_is_a_page_a_notice_and_json_without_touching_the_database(client, name):
    status, code, heading = STATUS[name]
    page = client.get(f"/fault/{name}/")
    notice = client.get(f"/fault/{name}/", headers={"HX-Request": "true"})
    answer = client.get(f"/api/fault/{name}/")
    for response in (page, notice, answer):
        assert response.status_code == status
        assert "a secret" not in response.text
        assert response["Cache-Control"] == "no-store"
        assert response.get("Retry-After") == ("10" if status == 503 else None)
        assert "default-src 'none'" in response["Content-Security-Policy"]
    assert heading in page.text
    assert page.text.count("<html") == 1
    assert (notice["HX-Retarget"], notice["HX-Push-Url"]) == ("#alerts", "false")
    assert notice.text.count("<html") == 0
    assert notice.text.count('role="alert"') == 1
    body = answer.json()
    assert set(body) == {"detail", "code", "request_id"}
    assert (body["code"], body["request_id"]) == (code, answer["X-Request-ID"])


def test_each_page_bears_the_number_of_its_own_request(client):
    """Though what is the same for everybody is drawn once."""
    pages = [client.get(f"/fault/{name}/") for name in ("forbidden", "missing", "fault", "forbidden", "refused")]
    assert [f"<code>{page['X-Request-ID']}</code>" in page.text for page in pages] == [True] * 5
    assert pages[0].text.replace(pages[0]["X-Request-ID"], pages[3]["X-Request-ID"]) == pages[3].text


def test_unknown_address(client):
    assert "We could not find that page" in client.get("/nowhere/").text
    assert client.get("/api/nowhere/").json()["code"] == "not_found"


def test_a_refusal_leads_back_to_where_the_person_was_but_never_to_another_site(client):
    here = client.get("/fault/refused/", headers={"Referer": "http://testserver/members/7/"})
    elsewhere = client.get("/fault/refused/", headers={"Referer": "https://evil.example/members/7/"})
    assert 'href="http://testserver/members/7/"' in here.text
    assert "evil.example" not in elsewhere.text


def test_requests_that_are_too_much_are_refused_as_unreadable(client):
    many_fields = {f"f{number}": "1" for number in range(settings.DATA_UPLOAD_MAX_NUMBER_FIELDS + 1)}
    urlencoded = "application/x-www-form-urlencoded"
    answers = [
        client.post("/fault/fault/", many_fields),
        client.post("/fault/fault/", "a" * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1), content_type=urlencoded),
        client.post("/fault/fault/", "broken", content_type="multipart/form-data"),
        client.get("/fault/fault/", headers={"Host": "evil.example"}),
    ]
    assert [answer.status_code for answer in answers] == [400, 400, 400, 400]
    assert all("We could not read that request" in answer.text for answer in answers)
    assert client.post("/fault/fault/", {"a": "1"}).text == "read 1 fields"


def test_a_stale_form_is_told_what_to_do():
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    page = client.post("/fault/fault/", {"a": "1"})
    assert page.status_code == 403
    assert "Load the page again and send it once more." in page.text
    assert client.post("/api/fault/fault/", {"a": "1"}).json()["code"] == "csrf_failed"


def test_a_fault_is_logged_by_type_and_place_without_its_message(client, caplog):
    with caplog.at_level(logging.ERROR, "unionops.errors"):
        client.get("/fault/fault/")
    [record] = [record for record in caplog.records if record.name == "unionops.errors"]
    from core.logs import JsonFormatter

    line = json.loads(JsonFormatter().format(record))
    assert (line["exception"], line["message"]) == ("ValueError", "unhandled")
    assert any("error_urls.py" in place for place in line["trace"])
    assert "a secret" not in json.dumps(line)


def test_livez_needs_no_database_and_readyz_asks_it(client, db):
    assert client.get("/livez").json() == {"status": "alive"}
    assert client.get("/readyz").json() == {"status": "ready"}


@pytest.mark.urls("unionops.urls")
def test_the_portal_routes_its_health_checks(client, db):
    assert [reverse("livez"), reverse("readyz")] == ["/livez", "/readyz"]
    assert client.get(reverse("livez")).json() == {"status": "alive"}


@pytest.mark.parametrize("method", ["get", "head", "post", "options"])
def test_livez_reads_neither_session_nor_database_of_whoever_asks(client_of, django_assert_num_queries, method):
    browser = client_of("staff")
    with django_assert_num_queries(0):
        answer = getattr(browser, method)("/livez")
    assert answer.status_code == (405 if method == "post" else 200)
    assert answer.wsgi_request.session.accessed is False
    assert not answer.cookies


SECURITY_HEADERS = (
    "Cache-Control",
    "Content-Security-Policy",
    "Cross-Origin-Opener-Policy",
    "Cross-Origin-Resource-Policy",
    "Permissions-Policy",
    "Referrer-Policy",
    "X-Content-Type-Options",
    "X-Frame-Options",
)


@pytest.mark.urls("unionops.urls")
@pytest.mark.parametrize("path", ["/members", "/admin/members/member", "/api/v1/members", "/accounts/login"])
def test_the_redirect_that_appends_a_slash_bears_the_headers_of_every_page(client_of, path):
    browser = client_of("staff")
    page, away = browser.get("/members/"), browser.get(path)
    assert (away.status_code, away["Location"]) == (301, f"{path}/")
    assert {name: away.get(name) for name in SECURITY_HEADERS} == {name: page[name] for name in SECURITY_HEADERS}


@pytest.mark.urls("unionops.urls")
def test_the_redirect_to_https_bears_the_content_policy(settings):
    settings.SECURE_SSL_REDIRECT = True
    away = Client().get("/members/")
    assert (away.status_code, away["Location"]) == (301, "https://testserver/members/")
    assert [away["X-Frame-Options"], "default-src 'none'" in away["Content-Security-Policy"]] == ["DENY", True]


@pytest.mark.skipif(connection.vendor == "sqlite", reason="PRAGMA synchronous is tested with SQLite's settings")
def test_what_is_committed_is_on_the_disk_whatever_the_server_does_by_default(db):
    with connection.cursor() as cursor:
        cursor.execute("SELECT boot_val, setting, source FROM pg_settings WHERE name = 'synchronous_commit'")
        assert cursor.fetchone() == ("on", "on", "client")


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@contextmanager
def portal(database_url: str):
    """Run a real gunicorn with production's pool, on a database that may be away."""
    port = _free_port()
    environment = {
        **os.environ,
        "DATABASE_URL": database_url,
        "UNIONOPS_TESTING": "0",
    }
    command = [sys.executable, "-m", "gunicorn", "unionops.tests.error_wsgi", "--bind", f"127.0.0.1:{port}"]
    command += ["--worker-class", "gthread", "--threads", "4", "--log-level", "error"]
    server = subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment)
    try:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            try:
                if ask(port, "/livez")[0] == 200:
                    break
            except urllib.error.URLError:
                time.sleep(0.1)
        yield port
    finally:
        server.terminate()
        server.wait(20)


def ask(port: int, path: str, cookie: str = "") -> tuple[int, str | None, str, float]:
    started = time.monotonic()
    asked = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"Cookie": cookie} if cookie else {})
    try:
        with urllib.request.urlopen(asked, timeout=30) as answer:
            return answer.status, answer.headers["Retry-After"], answer.read().decode(), time.monotonic() - started
    except urllib.error.HTTPError as answer:
        return answer.code, answer.headers["Retry-After"], answer.read().decode(), time.monotonic() - started


@pytest.mark.race
@pytest.mark.skipif(binaries() is None, reason="needs PostgreSQL's binaries")
def test_database_away_and_back_without_a_restart():
    server = EphemeralPostgres()
    try:
        with portal(server.url) as port:
            assert_closed(port)
            server.start()
            migrate(server.url)
            assert_open_within(port, seconds=10)
            assert_no_request_is_lost_with_a_connection(port, server.url)
            server.stop()
            assert_closed(port)
            server.start()
            assert_open_within(port, seconds=10)
    finally:
        server.remove()


def assert_closed(port: int) -> None:
    for path in ("/data/", "/api/data/", "/data/", "/readyz"):
        status, retry, text, seconds = ask(port, path)
        assert (status, retry) == (503, "10"), path
        assert seconds < 5, f"{path} hung for {seconds:.1f} s"
        assert "Traceback" not in text
    for cookie in ("", f"{settings.SESSION_COOKIE_NAME}={'s' * 32}"):
        assert ask(port, "/livez", cookie)[:2] == (200, None)


def assert_no_request_is_lost_with_a_connection(port: int, url: str) -> None:
    """End what the pool has open, as a restart of a proxy or an administrator does: the next requests are answered."""
    with psycopg.connect(url, autocommit=True) as administrator, ThreadPoolExecutor(4) as callers:
        for _round in range(3):
            statuses = [
                ask(port, "/data/")[0],
                *(found[0] for found in callers.map(lambda _n: ask(port, "/data/"), range(8))),
            ]
            assert statuses == [200] * 9
            ended = administrator.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            ).fetchall()
            assert ended


def assert_open_within(port: int, *, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while ask(port, "/readyz")[0] != 200:
        assert time.monotonic() < deadline, "the portal did not come back"
        time.sleep(0.2)
    assert ask(port, "/data/")[2] == "the settings were read"


def migrate(url: str) -> None:
    environment = {**os.environ, "DATABASE_URL": url, "UNIONOPS_TESTING": "0"}
    command = [sys.executable, "manage.py", "migrate", "--verbosity", "0", "--skip-checks"]
    subprocess.run(command, cwd=settings.BASE_DIR, env=environment, check=True)
