"""The pages of the trail stay quick however much was recorded: what they ask is read in the order of an index."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.models import AuditEvent, ReadEvent

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor == "sqlite", reason="only PostgreSQL tells how it reads"),
]
EVENTS = 8_000
# One of five is about an account, and all those are older than the newest fifth.
WRITTEN = f"""
INSERT INTO core_auditevent (stream, seq, at, actor_name, action, subject_type, subject_id, reason, body, request_id,
  previous_mac, key_id, mac)
SELECT 'x:' || n, n, timestamptz '2026-01-01' + n * interval '25 minutes', '', 'changed',
  CASE WHEN n % 5 = 0 AND n < {EVENTS * 4 // 5} THEN 'accounts.user' ELSE 'members.member' END, n, '', '{{}}', '', '',
  'k', '' FROM generate_series(1, {EVENTS}) n
"""
READ = f"""
INSERT INTO core_readevent (at, actor_id, kind, subject_type, subject_id, filters, request_id)
SELECT at, %s, 'opened', subject_type, subject_id, '{{}}', '' FROM core_auditevent WHERE seq <= {EVENTS}
"""


@pytest.fixture
def crowded(people):
    with connection.cursor() as cursor:
        cursor.execute(WRITTEN)
        cursor.execute(READ, [people["officer"].pk])
        for model in (AuditEvent, ReadEvent):
            cursor.execute(f"ANALYZE {model._meta.db_table}")


def page_query(browser, path, **asked):
    """The statement that reads the rows of the page."""
    with CaptureQueriesContext(connection) as queries:
        assert browser.get(path, asked).status_code == 200
    [found] = [query["sql"] for query in queries if re.search(r'ORDER BY "core_\w+"\."(at|id)" DESC', query["sql"])]
    return found


def indexes_of(statement):
    """The indexes by which PostgreSQL reads, and whether it sorts."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {statement}")
        plan = "\n".join(row[0] for row in cursor.fetchall())
    return set(re.findall(r"Index Scan(?: Backward)? using (core_\w+|audit_\w+|read_\w+)", plan)), "Sort" in plan


ASKED = [
    ({"until": "2026-02-01"}, "{}_at"),
    ({"since": "2026-02-01", "until": "2026-03-01"}, "{}_at"),
    ({"subject_type": "accounts.user"}, "{}_kind_at"),
    ({"subject_type": "accounts.user", "until": "2026-04-20"}, "{}_kind_at"),
]


@pytest.mark.usefixtures("crowded")
def test_whatever_is_asked_is_read_in_the_order_of_an_index(client_of):
    browser = client_of("admin")
    pages = [("/audit/", "audit"), ("/audit/reads/", "read")]
    found = [[indexes_of(page_query(browser, path, **asked)) for asked, _index in ASKED] for path, _name in pages]
    assert found == [[({index.format(name)}, False) for _asked, index in ASKED] for _path, name in pages]


@pytest.mark.usefixtures("crowded")
def test_control_in_the_order_of_the_key_what_was_done_since_is_walked_past():
    rows = AuditEvent.objects.outside_vault().filter(subject_type="accounts.user", at__lt="2026-03-01T00:00Z")
    statement, values = rows.order_by("-id")[:51].query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF) {statement}", values)
        plan = "\n".join(row[0] for row in cursor.fetchall())
    removed = [int(count) for count in re.findall(r"Rows Removed by Filter: (\d+)", plan)]
    assert sum(removed) > EVENTS // 2
