"""A POST with an idempotency key is done once, however often it is sent."""

import io
import json
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone

from core.checks import routes
from core.models import AuditEvent, KeptAnswer
from core.tests.files.noting import transactions
from members.models import Organization

pytestmark = pytest.mark.django_db
ORGANIZATIONS = "/api/v1/organizations/"
KEY = {"Idempotency-Key": "4c1f2a6e"}
YARD = {"name": "Crane Yard", "city": "Peoria"}


def post(browser: Client, body: object = YARD, path: str = ORGANIZATIONS, **headers: str):
    return browser.post(path, body, content_type="application/json", headers=KEY | headers)


@pytest.fixture
def staff(client_of):
    return client_of("staff", raise_request_exception=False)


def test_the_same_request_gets_the_former_answer(staff):
    first, again = post(staff), post(staff)
    (yard,) = Organization.objects.all()
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert {name: again[name] for name in ("ETag", "Location")} == {
        "ETag": '"1"',
        "Location": f"http://testserver{ORGANIZATIONS}{yard.pk}/",
    }
    assert AuditEvent.objects.count() == 1
    # written differently, it is still the same request
    assert post(staff, dict(reversed(YARD.items()))).content == first.content


def test_what_was_made_is_told_again_as_it_stands(staff):
    first = post(staff)
    Organization.objects.update(name="Dock", version=2)
    again = post(staff)
    assert (again.status_code, again["Location"], again["ETag"]) == (201, first["Location"], '"2"')
    assert again.json() == first.json() | {"name": "Dock", "version": 2}


def test_what_was_made_is_told_to_nobody_who_sees_it_no_longer(staff):
    first = post(staff)
    Organization.objects.all().delete()
    again = post(staff)
    sentence = "It was saved, and somebody took the record away at once. Read the list again."
    assert (first.status_code, again.status_code) == (201, 409)
    assert again.json() == {"detail": sentence, "code": "saved_unseen"}


def test_another_request_with_the_key_is_refused(staff):
    post(staff)
    answer = post(staff, YARD | {"city": "Pekin"})
    sentence = "This key was used for another request. Send a new key with a new request."
    assert answer.status_code == 422
    assert answer.json() == {"detail": sentence, "code": "key_reused", "fields": {"Idempotency-Key": [sentence]}}
    assert Organization.objects.get().city == "Peoria"


def test_a_key_belongs_to_one_account_and_one_operation(staff, client_of):
    post(staff)
    assert post(client_of("officer")).status_code == 201
    one, other = Organization.objects.order_by("pk")
    for yard in (one, other):
        moved = post(staff, {"reason": "Twice"}, f"{ORGANIZATIONS}{yard.pk}/moves/delete/", **{"If-Match": '"1"'})
        assert (moved.status_code, moved.json()["id"]) == (200, yard.pk)
    again = post(staff, {"reason": "Twice"}, f"{ORGANIZATIONS}{one.pk}/moves/delete/", **{"If-Match": '"1"'})
    assert (again.status_code, again.json()) == (200, {"id": one.pk, "version": 2, "deleted": True})
    later = post(staff, {"reason": "Twice"}, f"{ORGANIZATIONS}{one.pk}/moves/delete/", **{"If-Match": '"2"'})
    assert later.status_code == 422


def test_a_refusal_is_not_kept_so_the_key_is_free_for_a_better_body(staff):
    assert post(staff, {"name": ""}).status_code == 422
    assert KeptAnswer.objects.count() == 0
    assert post(staff).status_code == 201


def test_without_a_key_every_request_is_new(staff):
    for _turn in range(2):
        assert staff.post(ORGANIZATIONS, YARD, content_type="application/json").status_code == 201
    assert (Organization.objects.count(), KeptAnswer.objects.count()) == (2, 0)


class Noted(io.BytesIO):
    """A body that notes inside how many transactions it is read."""

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self.depths: set[int] = set()

    def read(self, *args: int) -> bytes:
        self.depths.add(transactions())
        return super().read(*args)


def test_a_slow_body_keeps_nobody_from_writing(staff):
    content = json.dumps(YARD).encode()
    sent = Noted(content)
    answer = staff.generic(
        "POST", ORGANIZATIONS, content, content_type="application/json", headers=KEY, **{"wsgi.input": sent}
    )
    assert (answer.status_code, sent.depths) == (201, {transactions()})


@pytest.mark.parametrize("key", ["", " ", "a b", "é", "x" * 256, "a\tb"])
def test_an_odd_key_is_refused(staff, key):
    answer = post(staff, **{"Idempotency-Key": key})
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["Idempotency-Key"])
    assert Organization.objects.count() == 0


def test_who_may_no_longer_is_told_nothing_again(staff, people):
    post(staff)
    people["staff"].assignments.update(ended_at=timezone.now())
    assert post(staff).status_code == 403


def test_what_is_kept_names_nobody_and_goes_after_a_day(staff):
    post(staff)
    kept = KeptAnswer.objects.values().get()
    assert "Crane" not in json.dumps(kept, default=str)
    assert "4c1f2a6e" not in json.dumps(kept, default=str)
    assert "Crane" not in KeptAnswer.objects.get().answer
    KeptAnswer.objects.update(made_at=timezone.now() - timedelta(hours=23))
    call_command("run_due", verbosity=0)
    assert KeptAnswer.objects.count() == 1
    KeptAnswer.objects.update(made_at=timezone.now() - timedelta(hours=25))
    assert post(staff).status_code == 201
    assert (Organization.objects.count(), KeptAnswer.objects.count()) == (2, 1)
    KeptAnswer.objects.update(made_at=timezone.now() - timedelta(hours=25))
    call_command("run_due", verbosity=0)
    assert KeptAnswer.objects.count() == 0


def test_every_post_of_a_collection_takes_a_key():
    lacking = set()
    for route, pattern in routes(get_resolver()):
        handler = getattr(pattern.callback, "actions", {}).get("post")
        if handler and not getattr(getattr(pattern.callback.cls, handler), "is_once", False):
            lacking.add(route)
    assert lacking == set()
