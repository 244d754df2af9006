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
        assert response.status_code == 401
        assert response["Content-Type"].endswith("json")
        assert set(response.json()) == {"detail", "code"}


@pytest.mark.parametrize("path", PATHS[:4])
def test_without_a_grant_every_path_answers_403_in_json(client_of, path):
    response = client_of("nobody").get(path)
    assert response.status_code == 403
    assert response.json() == {
        "detail": "Your role does not include this page or this step.",
        "code": "permission_denied",
    }


@pytest.mark.parametrize("path", ["/api/", "/api/v1/nothing/", "/api/v2/members/", "/api/v1/members/1/edit/"])
def test_unknown_paths_answer_404_in_json(client_of, path):
    for name in ("anon", "staff"):
        response = client_of(name).get(path)
        assert response.status_code == 404
        assert response["Content-Type"] == "application/json"
        assert response.json()["code"] == "not_found"


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


def test_no_word_of_a_query_gets_into_a_header_of_the_schema(client_of):
    browser = client_of("staff")
    plain, odd = (browser.get("/api/v1/schema/", query) for query in ({}, {"version": "1\nSet-Cookie: a=b"}))
    assert (odd.status_code, odd.headers["Content-Disposition"]) == (200, plain.headers["Content-Disposition"])
    assert odd.content == plain.content


# Each collection with the filters of its list, and whether moves can be taken on its records.
COLLECTIONS = {
    "agreements": ({"force"}, False),
    "agreements/files": ({"agreement"}, False),
    "deadlines": ({"side", "step", "rep", "employer", "since", "until"}, False),
    "drafts": ({"grievance_type", "drafted"}, False),
    "grievances/away": ({"over"}, False),
    "grievances/dockets": (set(), False),
    "grievances/tasks": ({"grievance", "kind", "open"}, False),
    "holiday-lists": (set(), False),
    "grievances/documents": ({"grievance"}, False),
    "past-help": ({"reason", "member"}, False),
    "benevolence-applications": ({"q", "status", "reason", "level_due"}, True),
    "benevolence-documents": ({"application"}, False),
    "benevolence-fund": ({"kind"}, False),
    "benevolence-payments": ({"state", "payment_method"}, False),
    "campaigns": ({"q", "stage"}, False),
    "contacts": ({"organization"}, False),
    "employments": ({"member", "organization"}, False),
    "grievances": ({"q", "status", "step", "grievance_type", "assigned", "filed", "article", "marked"}, True),
    "members": ({"q", "status", "classification", "standing", "employer", "records", "updated_since"}, False),
    "organizations": ({"q", "org_type", "state", "records", "updated_since"}, False),
    "role-assignments": ({"user", "role", "live"}, False),
    "roles": ({"q"}, False),
    "salting-activities": ({"q", "type", "outcome", "since", "until", "campaign"}, False),
    "users": ({"q", "role", "state"}, False),
}
ALWAYS = {"200", "401", "403", "406", "429"}
WRITTEN = (ALWAYS - {"200"}) | {"400", "409", "422"}
# Records that programs write, and what they may also be answered.
RECORDS = ("contacts", "employments", "members", "organizations")
CHANGED = WRITTEN | {"200", "404", "412", "415", "428"}
KEY = "Idempotency-Key"
PAYMENT_MOVES = ("clear", "sign", "void")
ACTS = [
    "role-assignments/{id}/confirm",
    "role-assignments/{id}/end",
    "users/{id}/activate",
    "users/{id}/confirm",
    "users/{id}/deactivate",
    "users/{id}/end-sessions",
    "users/{id}/unlock",
]
DOORS = {
    # what each operation of a door answers besides 406
    ("login/", "post"): "200 400 401 415 429",
    ("refresh/", "post"): "200 400 401 415 429",
    ("logout/", "post"): "204 400 415 429",
    ("logout-all/", "post"): "204 401 403 429",
    ("me/", "get"): "200 401 403 429",
    ("change-password/", "post"): "200 400 401 403 415 429",
    ("forgot-password/", "post"): "202 400 415 429",
    ("reset-password/", "post"): "204 400 409 415 429",
    ("verify-email/", "post"): "204 400 409 415 429",
    ("resend-verification/", "post"): "202 400 415 429",
    ("sessions/", "get"): "200 401 403 429",
    ("sessions/{id}/", "delete"): "204 401 403 404 429",
}


def operations() -> dict[tuple[str, str], tuple[set[str], set[str]]]:
    """Return (path, verb) → (names of parameters, statuses) for every operation that there should be."""
    found = {("/api/v1/", "get"): (set(), ALWAYS)}
    for name, (filters, moves) in COLLECTIONS.items():
        path, key = f"/api/v1/{name}/", "name" if name == "roles" else "id"
        found[path, "get"] = (filters | {"after", "before"}, ALWAYS | {"400"})
        found[f"{path}{{{key}}}/", "get"] = ({key}, ALWAYS | {"404"})
        if moves:
            taken = ({"id", "move", KEY, "If-Match"}, CHANGED)
            found[f"{path}{{id}}/moves/{{move}}/", "post"] = taken
    for name in RECORDS:
        found[f"/api/v1/{name}/", "post"] = ({KEY}, WRITTEN | {"201", "415"})
        found[f"/api/v1/{name}/{{id}}/", "patch"] = ({"id", "If-Match"}, CHANGED)
        found[f"/api/v1/{name}/{{id}}/moves/{{move}}/", "post"] = ({"id", "move", "If-Match", KEY}, CHANGED)
    found["/api/v1/role-assignments/", "post"] = ({KEY}, WRITTEN | {"201"})
    paper = "/api/v1/benevolence-applications/{id}/papers/{paper}/"
    found[paper, "get"] = ({"id", "paper"}, ALWAYS | {"404", "409"})
    found["/api/v1/benevolence-fund/figures/", "get"] = (set(), ALWAYS)
    found |= of_benevolence() | of_grievances() | of_agreements()
    for name in ("benevolence-documents", "grievances/documents", "agreements/files"):
        document = f"/api/v1/{name}/"
        found[document, "post"] = ({KEY}, WRITTEN | {"201", "415"})
        found[f"{document}{{id}}/content/", "get"] = ({"id"}, ALWAYS | {"206", "404", "409", "416", "503"})
        found[f"{document}{{id}}/moves/take_back/", "post"] = ({"id", KEY}, WRITTEN | {"200", "404", "415"})
    found["/api/v1/grievances/{id}/acts/{act}/", "post"] = ({"id", "act", KEY}, WRITTEN | {"200", "404", "415"})
    found["/api/v1/users/", "post"] = ({KEY}, WRITTEN | {"201"})
    for act in ACTS:
        found[f"/api/v1/{act}/", "post"] = ({"id", KEY}, WRITTEN | {"200", "404"})
    for (door, verb), codes in DOORS.items():
        found[f"/api/v1/auth/{door}", verb] = ({"id"} if "{id}" in door else set(), {*codes.split(), "406"})
    return found


def of_benevolence() -> dict[tuple[str, str], tuple[set[str], set[str]]]:
    """Return what programs do with applications, payments and the fund beside the moves."""
    made, seen, told = WRITTEN | {"201", "415"}, {"id", "If-Match"}, CHANGED
    application, payment, fund = (f"/api/v1/benevolence-{name}/" for name in ("applications", "payments", "fund"))
    intake = f"{application}{{id}}/intake/"
    found = {
        (application, "post"): ({KEY}, made),
        (f"{application}{{id}}/", "patch"): (seen, told),
        (f"{application}{{id}}/payees/", "put"): (seen, told),
        (f"{application}{{id}}/appeal/", "post"): ({"id", KEY}, made | {"404"}),
        (intake, "get"): ({"id"}, ALWAYS | {"404", "409"}),
        (intake, "post"): (seen | {KEY}, told),
        (f"{intake}keep-back/", "get"): ({"id"}, ALWAYS | {"404", "409"}),
        (f"{intake}keep-back/", "post"): (seen | {KEY}, told),
        (payment, "post"): ({KEY, "If-Match"}, (told - {"200"}) | {"201"}),
        (fund, "post"): ({KEY}, made),
        (f"{fund}{{id}}/moves/reverse/", "post"): ({"id", KEY}, made | {"404"}),
    }
    return found | {(f"{payment}{{id}}/moves/{name}/", "post"): (seen | {KEY}, told) for name in PAYMENT_MOVES}


def of_grievances() -> dict[tuple[str, str], tuple[set[str], set[str]]]:
    """Return what programs do with drafts, cases, tasks and deadlines beside the moves."""
    made, seen, told = WRITTEN | {"201", "415"}, {"id", "If-Match"}, CHANGED
    born, paper = (told - {"200"}) | {"201"}, ALWAYS | {"404", "409", "503"}
    drafts, case, tasks, dates = (
        f"/api/v1/{name}/" for name in ("drafts", "grievances", "grievances/tasks", "deadlines")
    )
    found = {
        (drafts, "post"): ({KEY}, made),
        (f"{drafts}{{id}}/", "patch"): (seen, told),
        (f"{drafts}{{id}}/file/", "post"): (seen | {KEY}, born),
        (f"{drafts}{{id}}/discard/", "post"): (seen | {KEY}, told),
        (f"{case}{{id}}/ask/", "post"): ({"id", KEY}, made - {"201"} | {"200", "404"}),
        (f"{case}{{id}}/deliveries/", "get"): ({"id"}, ALWAYS | {"404"}),
        (f"{case}{{id}}/deliveries/", "post"): ({"id", KEY}, made | {"404"}),
        (f"{case}{{id}}/binder/{{edition}}/", "get"): ({"id", "edition"}, paper),
        (f"{case}{{id}}/papers/{{paper}}/", "get"): ({"id", "paper"}, paper),
        (tasks, "post"): ({KEY}, made),
        ("/api/v1/grievances/away/", "post"): ({KEY}, made),
        ("/api/v1/grievances/away/{id}/end/", "post"): (seen | {KEY}, told),
        (f"{tasks}{{id}}/", "patch"): (seen, told),
        ("/api/v1/grievances/documents/{id}/", "patch"): (seen, told),
        (f"{dates}{{id}}/extensions/", "post"): (seen | {KEY}, born),
        (f"{dates}{{id}}/extensions/{{record}}/confirm/", "post"): (seen | {KEY, "record"}, told),
    }
    found |= {(f"{case}{{id}}/{name}/", "patch"): (seen, told) for name in ("facts", "notes")}
    acts = ("assign", "restrict", "lift", "agreement")
    found |= {(f"{case}{{id}}/{name}/", "post"): (seen | {KEY}, told) for name in acts}
    found |= {(f"{tasks}{{id}}/{name}/", "post"): (seen | {KEY}, told) for name in ("done", "remind", "drop")}
    replaced = (seen | {KEY, "record"}, told)
    return found | {(f"{case}{{id}}/{name}/{{record}}/replace/", "post"): replaced for name in ("steps", "answers")}


def of_agreements() -> dict[tuple[str, str], tuple[set[str], set[str]]]:
    """Return how programs write agreements and lists of holidays."""
    made, seen, told = WRITTEN | {"201", "415"}, {"id", "If-Match"}, CHANGED
    lists, one = "/api/v1/holiday-lists/", "/api/v1/agreements/{id}/"
    found = {
        (lists, "post"): ({KEY}, made),
        (f"{lists}{{id}}/", "patch"): (seen, told),
        ("/api/v1/agreements/", "post"): ({KEY}, made),
        (one, "patch"): (seen, told),
        (f"{one}next/", "post"): (seen | {KEY}, (told - {"200"}) | {"201"}),
        (f"{one}rules/example/", "post"): ({"id", KEY}, made - {"201"} | {"200", "404"}),
        (f"{one}clauses/", "get"): ({"id"}, ALWAYS | {"404"}),
        (f"{one}clauses/", "put"): ({"id"}, made - {"201"} | {"200", "404"}),
    }
    found |= {(f"{one}{name}/{{record}}/", "patch"): (seen | {"record"}, told) for name in ("stages", "rules")}
    parts = ("stages", "rules", "closures")
    found |= {(f"{one}{name}/{{record}}/take-out/", "post"): (seen | {KEY, "record"}, told) for name in parts}
    return found | {(f"{one}{name}/", "post"): ({"id", KEY}, made | {"404"}) for name in parts}


def test_the_schema_is_openapi_3_1_and_describes_every_operation(schema):
    assert schema["openapi"] == "3.1.1"
    found = {
        (path, verb): ({item["name"] for item in told.get("parameters", [])}, set(told["responses"]))
        for path, verbs in schema["paths"].items()
        for verb, told in verbs.items()
    }
    assert found == operations()
    answers = [
        answer for verbs in schema["paths"].values() for told in verbs.values() for answer in told["responses"].values()
    ]
    spoken = {kind for answer in answers for kind in answer.get("content", {})}
    assert spoken == {"application/json", "application/pdf", "application/octet-stream"}


def test_an_error_has_the_shape_that_the_schema_says(schema, client_of):
    assert schema["components"]["schemas"]["Error"]["required"] == ["code", "detail"]
    body = client_of("staff").get("/api/v1/members/999999/").json()
    assert sorted(body) == ["code", "detail"]
    fields = schema["components"]["schemas"]["InvalidQuery"]["properties"]
    assert sorted(fields) == sorted(client_of("staff").get("/api/v1/members/?status=x").json())


@pytest.mark.heavy
def test_the_generator_has_nothing_to_complain_about():
    GENERATOR_STATS.reset()
    call_command("spectacular", "--fail-on-warn", "--validate", stdout=StringIO())
