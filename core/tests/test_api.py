"""What every answer below /api/ has in common, and the schema that describes it."""

import json
from io import StringIO

import pytest
from django.core.management import call_command
from drf_spectacular.drainage import GENERATOR_STATS

pytestmark = pytest.mark.django_db
PATHS = [
    "/api/v1/members/",
    "/api/v1/members/1/",
    "/api/v1/organizations/",
    "/api/v1/organizations/1/",
    "/api/v1/schema/",
]


@pytest.mark.parametrize("path", PATHS)
def test_without_sign_in_every_path_answers_401_in_json(client_of, path):
    for headers in ({}, {"HX-Request": "true"}):
        response = client_of("anon").get(path, headers=headers)
        assert (response.status_code, response["Content-Type"].endswith("json")) == (401, True)
        assert set(response.json()) == {"detail", "code"}


@pytest.mark.parametrize("path", PATHS[:4])
def test_without_a_grant_every_path_answers_403_in_json(client_of, path):
    response = client_of("nobody").get(path)
    assert (response.status_code, response.json()) == (
        403, {"detail": "You do not have permission to perform this action.", "code": "permission_denied"}
    )  # fmt: skip


@pytest.mark.parametrize("path", ["/api/", "/api/v1/nothing/", "/api/v2/members/", "/api/v1/members/1/edit/"])
def test_unknown_paths_answer_404_in_json(client_of, path):
    for name in ("anon", "staff"):
        response = client_of(name).get(path)
        assert (response.status_code, response["Content-Type"], response.json()["code"]) == (
            404, "application/json", "not_found"
        )  # fmt: skip


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "image/*", "application/json;q=nonsense, text/csv"])
def test_only_json_is_spoken(client_of, accept):
    response = client_of("staff").get("/api/v1/members/", headers={"Accept": accept})
    assert (response.status_code, response["Content-Type"]) in ((406, "application/json"), (200, "application/json"))
    assert (response.status_code == 406) == ("json" not in accept)
    if response.status_code == 406:
        assert response.json()["code"] == "not_acceptable"


@pytest.mark.parametrize("path", PATHS[:3:2])
def test_answers_are_kept_by_no_cache(client_of, path):
    response = client_of("staff").get(path)
    assert response["Cache-Control"] == "no-store"
    assert {name.strip() for name in response["Vary"].split(",")} >= {"Cookie", "HX-Request"}


@pytest.fixture
def schema(client_of):
    response = client_of("staff").get("/api/v1/schema/")
    assert response.status_code == 200
    return json.loads(response.content)


def test_the_schema_is_openapi_3_1_and_names_every_path(schema):
    assert schema["openapi"] == "3.1.1"
    resources = {"members/", "organizations/", "users/", "role-assignments/"}
    doors = {f"{door}/" for door in DOORS} | {"sessions/{id}/"}
    assert {path.removeprefix("/api/v1/") for path in schema["paths"]} == {
        "", *resources, *(f"{name}{{id}}/" for name in resources), "roles/", "roles/{name}/",
        "role-assignments/{id}/end/", *(f"auth/{door}" for door in doors),
    }  # fmt: skip


DOORS = {
    # door: what its operation answers besides 406
    "login": "200 400 401 415 429",
    "refresh": "200 400 401 415 429",
    "logout": "204 400 415 429",
    "logout-all": "204 401 403",
    "me": "200 401 403",
    "change-password": "204 400 401 403 415 429",
    "forgot-password": "202 400 415 429",
    "reset-password": "204 400 409 415 429",
    "verify-email": "204 400 409 415 429",
    "resend-verification": "202 400 415 429",
    "sessions": "200 401 403",
}


def answers(operation: dict) -> set[str]:
    kinds = {kind for answer in operation["responses"].values() for kind in answer.get("content", {})}
    assert kinds <= {"application/json"}
    return set(operation["responses"])


def test_every_door_documents_its_errors(schema):
    for door, codes in DOORS.items():
        method = "get" if door in ("me", "sessions") else "post"
        operations = schema["paths"][f"/api/v1/auth/{door}/"]
        assert (door, set(operations), answers(operations[method])) == (door, {method}, {*codes.split(), "406"})
    ended = schema["paths"]["/api/v1/auth/sessions/{id}/"]
    assert answers(ended["delete"]) == {"204", "401", "403", "404", "406"}


def test_every_operation_documents_its_refusals(schema):
    always = {"200", "401", "403", "406"}
    one, many, written = always | {"404"}, always | {"400"}, (always | {"400", "409"}) - {"200"}
    found = {
        f"{method} {path}": answers(operation)
        for path, operations in schema["paths"].items()
        for method, operation in operations.items()
        if "/auth/" not in path
    }
    writes = {
        "post /api/v1/role-assignments/": written | {"201"},
        "post /api/v1/role-assignments/{id}/end/": written | {"200", "404"},
    }
    assert found == {
        key: writes.get(key) or (one if "{" in key else many if key != "get /api/v1/" else always) for key in found
    }


def test_every_parameter_of_a_list_is_described(schema):
    found = {
        path: {item["name"] for item in operations["get"].get("parameters", [])}
        for path, operations in schema["paths"].items()
        if "/auth/" not in path and "get" in operations
    }
    pages = {"after", "before"}
    assert found == {
        "/api/v1/users/": pages | {"q", "role", "state"},
        "/api/v1/users/{id}/": {"id"},
        "/api/v1/roles/": pages | {"q"},
        "/api/v1/roles/{name}/": {"name"},
        "/api/v1/role-assignments/": pages | {"user", "role", "live"},
        "/api/v1/role-assignments/{id}/": {"id"},
        "/api/v1/": set(),
        "/api/v1/members/": {"after", "before", "q", "status", "classification", "standing", "employer", "records"},
        "/api/v1/members/{id}/": {"id"},
        "/api/v1/organizations/": {"after", "before", "q", "org_type", "state", "records"},
        "/api/v1/organizations/{id}/": {"id"},
    }


def test_an_error_has_the_shape_that_the_schema_says(schema, client_of):
    assert schema["components"]["schemas"]["Error"]["required"] == ["code", "detail"]
    body = client_of("staff").get("/api/v1/members/999999/").json()
    assert sorted(body) == ["code", "detail"]
    fields = schema["components"]["schemas"]["InvalidQuery"]["properties"]
    assert sorted(fields) == sorted(client_of("staff").get("/api/v1/members/?status=x").json())


def test_the_generator_has_nothing_to_complain_about():
    GENERATOR_STATS.reset()
    call_command("spectacular", "--fail-on-warn", "--validate", stdout=StringIO())
