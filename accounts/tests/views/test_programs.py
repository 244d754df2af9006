"""The pages about programs: letting one in, its token shown once, ending its access."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Program
from accounts.services import programs
from core.site import local_today

pytestmark = pytest.mark.django_db
TYPED = {"name": "Payroll", "network": "203.0.113.77/24", "permissions": ["members.view_member"]}


@pytest.fixture
def admin(client_of):
    return client_of("admin")


def typed(**other) -> dict:
    return TYPED | {"last_day": str(local_today() + timedelta(days=30))} | other


def test_the_token_is_shown_in_the_answer_and_never_again(admin):
    answer = admin.post("/programs/new/", typed())
    token = re.search(r"uop_[-\w]{43}", answer.text)[0]
    program = Program.objects.get()
    # a range may be typed by any address in it
    assert (answer.status_code, program.network) == (200, "203.0.113.0/24")
    assert programs.opened_by(token, address="203.0.113.7") == program
    pages = ("/programs/", f"/programs/{program.pk}/", "/audit/", "/admin/accounts/program/")
    assert {path: "uop_" in admin.get(path).text for path in pages} == dict.fromkeys(pages, False)
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("other", "field"),
    [
        ({"network": "0.0.0.0/0"}, "network"),
        ({"permissions": ["accounts.assign_role"]}, "permissions"),
        ({"name": ""}, "name"),
    ],
)
def test_what_cannot_be_is_told_at_the_field(admin, other, field):
    answer = admin.post("/programs/new/", typed(**other))
    assert (answer.status_code, [*answer.context["form"].errors]) == (422, [field])
    assert Program.objects.count() == 0


def test_an_officer_looks_and_an_administrator_ends(admin, client_of):
    admin.post("/programs/new/", typed())
    program, officer = Program.objects.get(), client_of("officer")
    page = officer.get(f"/programs/{program.pk}/")
    assert (page.status_code, "See members" in page.text, "End access" in page.text) == (200, True, False)
    assert [officer.get(path).status_code for path in ("/programs/new/", f"/programs/{program.pk}/revoke/")] == [
        403,
        403,
    ]
    assert client_of("staff").get("/programs/").status_code == 403
    ended = admin.post(f"/programs/{program.pk}/revoke/", {"reason": "Not needed"}, follow=True)
    assert "The token opens nothing any more." in ended.text
    assert "Ended early" in officer.get("/programs/").text


def test_one_program_and_three_cost_the_same_queries(admin, people):
    counts = []
    for number in range(3):
        values = {"name": f"P{number}", "network": "203.0.113.0/24", "last_day": local_today()}
        programs.add_program(values, ["members.view_member"], actor=people["admin"])
        with CaptureQueriesContext(connection) as queries:
            admin.get("/programs/")
        counts.append(len(queries))
    assert len({*counts}) == 1
