"""Generated requests to every operation of the schema: no fault, only documented answers, nothing open to strangers."""

import json
import os
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode, openapi

from members.factories import ContactFactory, EmploymentFactory
from unionops.testing.cast import People

pytestmark = [pytest.mark.django_db, pytest.mark.heavy]
# Of two kinds for each of 26 operations: the battery asks for 10,000 on PostgreSQL and plays 13,000.
MANY = os.environ.get("BATTERY") and os.environ.get("TEST_DB") != "sqlite"
EXAMPLES = 250 if MANY else 5
# What must have been seen, so that a generator that makes nothing does not pass.
SEEN = {
    "/api/v1/": {200},
    "/api/v1/members/": {200, 400},
    "/api/v1/members/{id}/": {404},
    "/api/v1/organizations/": {200, 400},
    "/api/v1/organizations/{id}/": {404},
    "/api/v1/contacts/": {200, 400},
    "/api/v1/contacts/{id}/": {404},
    "/api/v1/employments/": {200, 400},
    "/api/v1/employments/{id}/": {404},
    "/api/v1/grievances/": {200, 400},
    "/api/v1/grievances/{id}/": {404},
    "/api/v1/benevolence-applications/": {200, 400},
    "/api/v1/benevolence-applications/{id}/": {404},
    "/api/v1/campaigns/": {200, 400},
    "/api/v1/campaigns/{id}/": {404},
    "/api/v1/salting-activities/": {200, 400},
    "/api/v1/salting-activities/{id}/": {404},
}
VAULT = ("/api/v1/campaigns/", "/api/v1/salting-activities/")
# What is written: the operation, and what must have been answered.
WRITTEN = [
    ("/api/v1/members/", "POST", {422}),
    ("/api/v1/members/{id}/", "PATCH", {422}),
    ("/api/v1/members/{id}/moves/{move}/", "POST", {404}),
    ("/api/v1/organizations/", "POST", {201, 422}),
    ("/api/v1/organizations/{id}/", "PATCH", {200, 422}),
    ("/api/v1/contacts/", "POST", {422}),
    ("/api/v1/contacts/{id}/", "PATCH", {200, 422}),
    ("/api/v1/employments/", "POST", {422}),
    ("/api/v1/employments/{id}/", "PATCH", {422}),
]


@pytest.fixture(scope="module")
def people(everybody) -> People:
    return everybody


@pytest.fixture(scope="module")
def schema(people, django_db_blocker) -> Any:
    """Read once what the API says of itself: to make it costs as much as thirty requests."""
    browser = Client()
    with django_db_blocker.unblock():
        browser.force_login(people["staff"])
        return openapi.from_dict(browser.get("/api/v1/schema/").json())


def often() -> settings:
    return settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


@pytest.mark.parametrize("path", SEEN)
def test_generated_requests_get_documented_answers(client_of, schema, path):
    ContactFactory(organization=EmploymentFactory().organization)
    name = "organizer" if path.startswith(VAULT) else "staff"
    browser, stranger = client_of(name, raise_request_exception=False), Client(raise_request_exception=False)
    operation = schema[path]["GET"]
    documented, seen = operation.definition.raw["responses"], set()

    def ask(case) -> None:
        answer, refused = (somebody.get(case.formatted_path, case.query or {}) for somebody in (browser, stranger))
        seen.add(answer.status_code)
        assert str(answer.status_code) in documented
        assert answer["Content-Type"] == "application/json"
        # A path that no route takes is absent for everybody.
        assert refused.status_code == 401 or (refused.status_code, answer.status_code) == (404, 404)

    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
        often()(given(case=operation.as_strategy(generation_mode=mode))(ask))()
    assert seen >= SEEN[path]


@pytest.mark.parametrize(("path", "method", "wanted"), WRITTEN)
def test_generated_bodies_get_documented_answers(client_of, schema, path, method, wanted):
    """The address and the version are right, so that the body is read."""
    contact, job = ContactFactory(organization__name="Yard"), EmploymentFactory()
    rows = {"members": job.member, "organizations": contact.organization, "contacts": contact, "employments": job}
    browser = client_of("staff", raise_request_exception=False)
    operation = schema[path][method]
    documented, seen, row = operation.definition.raw["responses"], set(), rows[path.split("/")[3]]
    address = path.replace("{id}", str(row.pk)).replace("{move}", "sell")

    def ask(case) -> None:
        row.refresh_from_db()
        body = json.dumps(case.body) if isinstance(case.body, dict | list | str | int | float | bool | None) else "{"
        answer = browser.generic(method, address, body, "application/json", headers={"If-Match": f'"{row.version}"'})
        seen.add(answer.status_code)
        assert str(answer.status_code) in documented
        assert answer["Content-Type"] == "application/json"

    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
        often()(given(case=operation.as_strategy(generation_mode=mode))(ask))()
    assert seen >= wanted
