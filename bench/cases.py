"""What is measured: pages and calls of the portal, each beside a bare page of the same rows and with its target."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

import psycopg

from bench.names import family_names
from core.folding import fold

DEEP_PART, PROBES = 0.9, 8


@dataclass(frozen=True, slots=True)
class Case:
    """`path` and `bare` may name a probe in braces; its values take turns, so that no figure hangs on one word.

    `target` is the most that it may cost, as a multiple of the bare page. `by`: signed in by the browser's cookie, by
    a token, or nothing but the exchange of a refresh token.
    """

    label: str
    role: str
    path: str
    bare: str = ""
    target: float | None = None
    by: str = "cookie"
    status: int = 200


MEMBERS = "/members/"
LISTS, RECORDS, HOME, API = 1.2, 2.0, 1.5, 1.0
CASES = (
    Case("refusal", "staff", "/audit/", MEMBERS, 0.15, status=403),
    Case("empty page", "staff", "/bench/empty/", MEMBERS, 0.35),
    Case("members, 50 rows", "staff", "/members/", MEMBERS, LISTS),
    Case("search, frequent name", "staff", "/members/?q={frequent}", "/members/?q={frequent}", LISTS),
    Case("search, rare name", "staff", "/members/?q={rare}", "/members/?q={rare}", LISTS),
    Case("search, none", "staff", "/members/?q={none}"),
    Case("member's page", "staff", "/members/{member}/", "/member/{member}/", RECORDS),
    Case("cases, 50 rows", "staff", "/grievances/", "/cases/", LISTS),
    Case("one case", "staff", "/grievances/{case}/", "/case/{case}/", RECORDS),
    Case("deadlines", "grievance-chair", "/grievances/deadlines/"),
    Case("deadlines of a month", "grievance-chair", "/grievances/deadlines/?month={month}"),
    Case("deadlines of a steward", "steward", "/grievances/deadlines/"),
    Case("waiting for me", "grievance-chair", "/waiting/"),
    Case("waiting for a steward", "steward", "/waiting/"),
    Case("applications, 50 rows", "benevolence-vp", "/benevolence/applications/", "/applications/", LISTS),
    Case("queue of a level", "benevolence-vp", "/benevolence/queue/", "/queue/", LISTS),
    Case("decision page", "benevolence-vp", "/benevolence/applications/{application}/", "/case/{case}/", RECORDS),
    Case("fund", "treasurer", "/benevolence/fund/"),
    Case("payments", "treasurer", "/benevolence/payments/"),
    Case("second signatures", "officer", "/benevolence/payments/"),
    Case("bank statements", "treasurer", "/benevolence/fund/statements/"),
    Case("reports of benevolence", "trustee", "/benevolence/reports/"),
    Case("admin's first page", "benevolence-vp", "/admin/"),
    Case("activities", "organizer", "/organizing/activities/", "/activities/", LISTS),
    Case("home", "staff", "/", MEMBERS, HOME),
    Case("API members, 50", "staff", "/api/v1/members/", MEMBERS, API, "token"),
    Case("API cases, 50", "staff", "/api/v1/grievances/", "/cases/", API, "token"),
    Case("API applications, 50", "benevolence-vp", "/api/v1/benevolence-applications/", "/applications/", API, "token"),
    Case("API me", "staff", "/api/v1/auth/me/", MEMBERS, 0.25, "token"),
    Case("API refresh", "staff", "/api/v1/auth/refresh/", MEMBERS, 0.35, "refresh"),
    # Other lists, and the same lists through other eyes.
    Case("members, deep in the list", "staff", "/members/?after={deep}&from=901", MEMBERS, LISTS),
    Case("members, rare status", "staff", "/members/?status=suspended", "/members/?status=suspended", LISTS),
    Case("search, one slip", "staff", "/members/?q={slip}"),
    Case("cases of a steward", "steward", "/grievances/", "/cases/", LISTS),
    Case("applications of the office", "staff", "/benevolence/applications/", "/applications/", LISTS),
    Case("applications of a trustee", "trustee", "/benevolence/applications/", "/applications/", LISTS),
    Case("activities of five campaigns", "officer", "/organizing/activities/", "/activities/", LISTS),
    Case("campaigns", "organizer", "/organizing/"),
    Case("drafts", "staff", "/grievances/drafts/", "/drafts/", LISTS),
    Case("drafts of a steward", "steward", "/grievances/drafts/", "/drafts/", LISTS),
    Case("step records (admin)", "officer", "/admin/grievances/grievancesteprecord/"),
    Case("organizations", "staff", "/organizations/", "/organizations/", LISTS),
    Case("users", "admin", "/users/", "/users/", LISTS),
    Case("audit trail", "admin", "/audit/", "/audit/", LISTS),
    Case("who looked", "admin", "/audit/reads/", "/reads/", LISTS),
)
PROFILED = ("members, 50 rows", "one case", "empty page", "refusal")
# What 64 people do at once.
CROWDED = ("members, 50 rows", "search, rare name", "member's page", "cases, 50 rows", "one case", "home")

Probes = Mapping[str, Sequence[str]]


def filled(path: str, probes: Probes) -> list[str]:
    """Every form of a path, one for each value of the probe in it."""
    for name, values in probes.items():
        if f"{{{name}}}" in path:
            return [path.replace(f"{{{name}}}", quote(value)) for value in values]
    return [path]


def find_probes(connection: psycopg.Connection) -> dict[str, list[str]]:
    names = [fold(name) for name in family_names()]
    whole = [name for name in names if name.isalpha() and len(name) >= 6]
    count = _count(connection)
    rare = _present(connection, whole[min(9_000, count // 50) :])
    people = "SELECT id FROM members_member WHERE id %% %s = 7 AND deleted_at IS NULL AND phone <> '' ORDER BY id"
    cases = (
        "SELECT grievance_id FROM grievances_grievancesteprecord s JOIN grievances_grievance g ON g.id = grievance_id"
    )
    cases += " WHERE g.status = 'hearing' AND NOT g.is_restricted AND g.assigned_rep_id IS NOT NULL LIMIT %s"
    waiting = "SELECT id FROM benevolence_benevolenceapplication WHERE status = 'submitted' AND level_due = 'vp'"
    waiting += " ORDER BY list_date DESC, id DESC LIMIT %s"
    deep = "SELECT id FROM members_member WHERE deleted_at IS NULL ORDER BY sort_name, id OFFSET %s LIMIT 1"
    return {
        "frequent": [names[0]],
        "rare": rare,
        "none": ["xqzwvkj", "wqxzzk", "qqvxzt"],
        "slip": [_slip(word) for word in rare],
        "member": [str(key) for (key,) in connection.execute(people, [max(9, count // PROBES)])][:PROBES],
        "case": [str(key) for (key,) in connection.execute(cases, [PROBES])],
        "application": [str(key) for (key,) in connection.execute(waiting, [PROBES])],
        "month": [f"{datetime.datetime.now(datetime.UTC):%Y-%m}"],
        "deep": [str(key) for (key,) in connection.execute(deep, [int(count * DEEP_PART)])],
    }


def _count(connection: psycopg.Connection) -> int:
    (found,) = connection.execute("SELECT count(*) FROM members_member").fetchone() or (0,)
    return int(found)


def _present(connection: psycopg.Connection, names: Sequence[str]) -> list[str]:
    """The first of these names that somebody has."""
    found: list[str] = []
    for name in names:
        if connection.execute(
            "SELECT 1 FROM members_member WHERE search_text LIKE %s LIMIT 1", [f"% {name}%"]
        ).fetchone():
            found.append(name)
        if len(found) == PROBES:
            break
    return found


def _slip(word: str) -> str:
    """Two neighbours changed over in the middle."""
    at = len(word) // 2
    return word[: at - 1] + word[at] + word[at - 1] + word[at + 1 :]
