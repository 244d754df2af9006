"""A program calls the API with its token: what it may, in its own name, and nothing that belongs to people."""

from datetime import timedelta

import pytest
from django.test import Client

from accounts.models import Program
from accounts.services import programs
from core.models import AuditEvent, ReadEvent
from core.site import local_today
from members.factories import MemberFactory
from members.models import Member

pytestmark = pytest.mark.django_db
MEMBERS = "/api/v1/members/"
DEAD = {"detail": "Sign in again: this token opens nothing.", "code": "token_not_valid"}


@pytest.fixture
def token(people) -> str:
    values = {"name": "Payroll", "network": "127.0.0.1/32", "last_day": local_today() + timedelta(days=30)}
    ticked = ["members.view_member", "members.change_member", "members.view_organization"]
    return programs.add_program(values, ticked, actor=people["admin"])[1]


def ask(token: str, method: str = "GET", path: str = MEMBERS, body: object = None, **more):
    headers = {"Authorization": f"Bearer {token}", **more.pop("headers", {})}
    client = Client(raise_request_exception=False)
    return client.generic(method, path, body or "", "application/json", headers=headers, **more)


def test_it_reads_and_changes_in_its_own_name(token):
    ann = MemberFactory(city="Peoria")
    assert [row["id"] for row in ask(token).json()["results"]] == [ann.pk]
    answer = ask(token, "PATCH", f"{MEMBERS}{ann.pk}/", '{"city": "Pekin"}', headers={"If-Match": '"1"'})
    assert (answer.status_code, answer.json()["city"]) == (200, "Pekin")
    program = Program.objects.get()
    event = AuditEvent.objects.get(subject_type="members.member")
    assert (event.actor_id, event.actor_name) == (program.user_id, "Payroll (program)")
    assert {*ReadEvent.objects.values_list("actor", flat=True)} == {program.user_id}
    assert program.last_used_at is not None


def test_what_was_not_ticked_is_forbidden(token):
    ann = MemberFactory()
    path, version = f"{MEMBERS}{ann.pk}/", {"If-Match": '"1"'}
    answers = {
        "add": ask(token, "POST", MEMBERS, '{"first_name": "Bo"}'),
        "delete": ask(token, "POST", f"{path}moves/delete/", '{"reason": "Twice"}', headers=version),
        "merge": ask(token, "POST", f"{path}moves/merge/", "{}", headers=version),
        "cases": ask(token, path="/api/v1/grievances/"),
        "applications": ask(token, path="/api/v1/benevolence-applications/"),
        "campaigns": ask(token, path="/api/v1/campaigns/"),
        "entries": ask(token, path="/api/v1/salting-activities/"),
        "users": ask(token, path="/api/v1/users/"),
        "roles": ask(token, path="/api/v1/roles/"),
        "me": ask(token, path="/api/v1/auth/me/"),
        "devices": ask(token, path="/api/v1/auth/sessions/"),
        "password": ask(token, "POST", "/api/v1/auth/change-password/", "{}"),
        "sign out": ask(token, "POST", "/api/v1/auth/logout-all/"),
    }
    assert {name: answer.status_code for name, answer in answers.items()} == dict.fromkeys(answers, 403)
    assert Member.objects.filter(deleted_at=None).count() == 1


def test_it_sees_the_collections_that_it_may_read_and_the_schema(token):
    root = ask(token, path="/api/v1/").json()
    assert sorted(root) == ["contacts", "employments", "members", "organizations", "schema"]
    assert ask(token, path="/api/v1/schema/").status_code == 200


def test_no_page_reads_it(token):
    for path in ("/", "/members/", "/programs/", "/admin/", "/api/v1/docs/"):
        assert (path, ask(token, path=path).status_code) == (path, 302)


@pytest.mark.parametrize("fault", ["elsewhere", "over", "ended", "wrong", "longer"])
def test_whatever_is_wrong_the_answer_is_the_same(token, people, fault):
    more, text = {}, token
    if fault == "elsewhere":
        more = {"REMOTE_ADDR": "203.0.113.7"}
    if fault == "over":
        Program.objects.update(last_day=local_today() - timedelta(days=1))
    if fault == "ended":
        programs.revoke_program(Program.objects.get(), actor=people["admin"], reason="Because")
    if fault in ("wrong", "longer"):
        text = {"wrong": "uop_x", "longer": f"{token}x"}[fault]
    answer = ask(text, **more)
    assert (answer.status_code, answer.json()) == (401, DEAD)
    assert Program.objects.get().last_used_at is None
    assert ask(token).status_code == (200 if fault in ("elsewhere", "wrong", "longer") else 401)


def test_an_address_that_a_visitor_invents_does_not_count(token):
    answer = ask(token, headers={"X-Forwarded-For": "127.0.0.1"}, REMOTE_ADDR="203.0.113.7")
    assert answer.status_code == 401


def test_every_use_counts_and_too_many_wait(token, settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "program": (3, 15)}
    assert [ask(token).status_code for _turn in range(4)] == [200, 200, 200, 429]
    refused = ask(token)
    assert refused.json() == {
        "detail": "Too many requests. Retry-After says for how many seconds to wait.",
        "code": "too_many",
    }
    assert 0 < int(refused["Retry-After"]) <= 900


def test_wrong_tokens_count_for_the_network_from_which_they_come(token, settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "refresh": (3, 15)}
    assert [ask("uop_x").status_code for _turn in range(4)] == [401, 401, 401, 429]
    assert ask(token).status_code == 200


def test_the_office_reads_who_it_was(token, client_of):
    ann = MemberFactory(city="Peoria")
    ask(token, "PATCH", f"{MEMBERS}{ann.pk}/", '{"city": "Pekin"}', headers={"If-Match": '"1"'})
    assert "Payroll (program)" in client_of("staff").get(f"/members/{ann.pk}/?tab=history").text
    admin = client_of("admin")
    assert "Payroll (program)" in admin.get("/audit/").text
    assert "programs.invalid" not in admin.get("/users/").text
    assert "Payroll" not in admin.get("/users/?q=payroll").content.decode().partition("<tbody")[2]
