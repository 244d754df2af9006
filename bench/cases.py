"""What is measured: pages of the portal, and beside each the plain SQL that fetches the same rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import psycopg

from bench.names import family_names
from members.folding import fold

DEEP, PAGE_ROWS = 900_000, 50

COLUMNS = """m.id, m.last_name, m.first_name, m.middle_name, m.status, m.member_number, m.classification, m.phone,
    m.email, m.deleted_at, (SELECT string_agg(o.name, ', ') FROM members_employment e
    JOIN members_organization o ON o.id = e.organization_id WHERE e.member_id = m.id AND e.end_date IS NULL)"""
LIST = f"""SELECT {COLUMNS} FROM members_member m WHERE m.deleted_at IS NULL ORDER BY m.sort_name, m.id
    LIMIT {PAGE_ROWS + 1}"""
BEYOND = f"""SELECT {COLUMNS} FROM members_member m WHERE m.deleted_at IS NULL AND (m.sort_name, m.id) > (%s, %s)
    ORDER BY m.sort_name, m.id LIMIT {PAGE_ROWS + 1}"""
# Found first and put in order afterwards, as somebody would write it who knows what the planner does otherwise.
SEARCH = f"""WITH m AS MATERIALIZED (SELECT * FROM members_member WHERE deleted_at IS NULL AND ({{}}))
    SELECT {COLUMNS} FROM m ORDER BY m.sort_name, m.id LIMIT {PAGE_ROWS + 1}"""
FILTERED = LIST.replace("ORDER BY", "AND m.status = %s ORDER BY")
DETAIL = f"SELECT {COLUMNS}, m.* FROM members_member m WHERE m.id = %s"


@dataclass(frozen=True, slots=True)
class Probe:
    path: str
    statement: str = ""
    parameters: Sequence[Any] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """`probes` take turns, so that no figure hangs on one word."""

    label: str
    probes: Sequence[Probe]


def list_page(**parameters: Any) -> str:
    return f"/members/?{urlencode(parameters)}" if parameters else "/members/"


def _search(text: str, *held: str, either: bool = False) -> Probe:
    words = held or (fold(text),)
    condition = (" OR " if either else " AND ").join(["search_text LIKE %s"] * len(words))
    return Probe(list_page(q=text), SEARCH.format(condition), [f"%{word}%" for word in words])


def _slip(word: str) -> str:
    """Two neighbours changed over in the middle."""
    at = len(word) // 2
    return word[: at - 1] + word[at] + word[at - 1] + word[at + 1 :]


def _unknown_slips(connection: psycopg.Connection, ranks: Sequence[int]) -> list[Probe]:
    """Names at those ranks (or soon after) written with a slip that is part of nobody's record."""
    probes = []
    for rank in ranks:
        for name in family_names()[rank - 1 :]:
            wrong = _slip(fold(name))
            taken = connection.execute("SELECT 1 FROM members_member WHERE search_text LIKE %s LIMIT 1", [f"%{wrong}%"])
            if len(name) >= 5 and fold(name).isalpha() and wrong != fold(name) and not taken.fetchone():
                near = _one_slip_from(connection, wrong)
                probes.append(_search(wrong, *near, either=True))
                break
    return probes


def _one_slip_from(connection: psycopg.Connection, wrong: str) -> list[str]:
    from members.search import similar_words

    return similar_words([wrong])[wrong]


def _deep_pages(connection: psycopg.Connection) -> list[Probe]:
    rows = connection.execute(
        "SELECT id, sort_name FROM members_member WHERE deleted_at IS NULL ORDER BY sort_name, id OFFSET %s LIMIT 500",
        [DEEP - 1],
    ).fetchall()
    return [
        Probe(list_page(**{"after": key, "from": DEEP + 1 + at}), BEYOND, [name, key])
        for at, (key, name) in enumerate(rows)
        if at % PAGE_ROWS == 0
    ]


def _people(connection: psycopg.Connection, count: int) -> list[Any]:
    """Some with employer, number and telephone, all over the table."""
    return connection.execute(
        "SELECT m.id, m.member_number, m.first_name, o.name, m.phone FROM members_member m"
        " JOIN members_employment e ON e.member_id = m.id JOIN members_organization o ON o.id = e.organization_id"
        " WHERE m.id %% %s = 7 AND m.deleted_at IS NULL AND m.phone <> '' AND m.member_number <> '' ORDER BY m.id",
        [900_001 // count],
    ).fetchall()[:count]


def all_cases(connection: psycopg.Connection) -> list[Case]:
    names, people = [fold(name) for name in family_names()], _people(connection, 20)
    whole = [name for name in names if name.isalpha() and len(name) >= 6]
    firsts = [(fold(first), fold(employer).split()[0]) for _key, _number, first, employer, _phone in people]
    full = [f"{fold(person[2])} {names[at]}" for at, person in enumerate(people)]
    return [
        Case("empty signed-in page", [Probe("/bench/empty/")]),
        Case("members, first page", [Probe(list_page(), LIST)]),
        Case(f"members, page {DEEP:,} rows deep", _deep_pages(connection)),
        Case("search: most frequent name", [_search(names[0])]),
        Case("search: rare name", [_search(name) for name in whole[9_000:9_020]]),
        Case("search: middle fragment", [_search(whole[rank][1:5]) for rank in range(3, 3_000, 200)]),
        Case("search: miss", [_search(word, word) for word in ("xqzwvkj", "wqxzzk", "qqvxzt")]),
        Case("search: one slip", _unknown_slips(connection, (1, 30, 300, 3_000, 9_000))),
        Case("search: first name, employer", [_search(f"{a} {b}", a, b) for a, b in firsts]),
        Case("search: phone fragment", [_search(person[4][6:], *_digits(person[4][6:])) for person in people]),
        Case("search: member number", [_search(person[1]) for person in people]),
        Case("search: frequent employer word", [_search("electric")]),
        Case("members, rare status", [Probe(list_page(status="suspended"), FILTERED, ["suspended"])]),
        Case("search box: first, last name", [Probe(f"/search/?{urlencode({'q': name})}") for name in full]),
        Case("member's page", [Probe(f"/members/{person[0]}/", DETAIL, [person[0]]) for person in people]),
    ]


def _digits(text: str) -> list[str]:
    return ["".join(char for char in text if char.isdigit())]
