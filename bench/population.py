"""A million members with employers, in about two minutes.

What the models compute (order, search text, search words) is computed by the models; the rows go in by COPY, beside the
services, so they have no history.
"""

import datetime
import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import accumulate
from random import Random
from typing import Any

import psycopg
from psycopg import sql

from bench.names import draw, family_names, family_weights, given_names

MEMBERS, ORGANIZATIONS, CHUNK, SEED = 1_000_000, 20_000, 10_000, 2026
NAMED_AFTER_FAMILIES = 0.4
EMPLOYED, WITH_EMAIL, WITH_PHONE, WITH_MIDDLE_NAME, DELETED = 0.85, 0.7, 0.92, 0.35, 0.01
FIRST_DAY = datetime.datetime(2015, 1, 5, 12, tzinfo=datetime.UTC)
CITIES = [
    ("Peoria", "IL", "61602"),
    ("Springfield", "IL", "62701"),
    ("Chicago", "IL", "60607"),
    ("Milwaukee", "WI", "53202"),
    ("Gary", "IN", "46402"),
    ("St. Louis", "MO", "63101"),
    ("Davenport", "IA", "52801"),
    ("Detroit", "MI", "48226"),
]
PLACES = ["Illinois", "Prairie", "Kettle", "River", "Bend", "Creek", "Lake", "Heart", "North", "Central", "Valley"]
PLACES += ["Union", "Grand", "Iron", "Oak", "Summit", "Harbor", "Capitol", "Pioneer", "Midland", "Eagle", "Stone"]
TRADES = ["Electric", "Mechanical", "Plumbing", "Sheet Metal", "Construction", "Hospital", "Foods", "Power & Light"]
TRADES += ["Steel", "Transit", "School District", "Builders", "Logistics", "Refining", "Machine Works", "Packing"]
FORMS = ["", "", ", Inc.", " Inc", " LLC", " Co.", " & Sons", " Group"]
STATUSES = {"active": 74, "inactive": 6, "suspended": 1, "retired": 14, "deceased": 2, "represented_non_member": 3}
TABLES = ("members_member", "members_organization", "members_employment")


def build(url: str) -> None:
    """Fill an empty portal. `url` names the same database as the settings."""
    with psycopg.connect(url, autocommit=True) as connection:
        indexes = _take_indexes(connection)
        names = _write_organizations(connection)
        context = multiprocessing.get_context("spawn")
        with context.Pool(os.cpu_count() or 1, _start_worker, (url, names)) as pool:
            for _done in pool.imap_unordered(_write_members, range(0, MEMBERS, CHUNK)):
                pass
        _restore_indexes(url, indexes)
        for table in TABLES:
            connection.execute(
                sql.SQL("SELECT setval(pg_get_serial_sequence({}, 'id'), max(id)) FROM {}").format(
                    table, sql.Identifier(table)
                )
            )
    _remember_names(names)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")


def _take_indexes(connection: psycopg.Connection) -> list[str]:
    """Drop what is quicker to make when the rows are there; returns how to make it again."""
    rows = connection.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY(%s)"
        " AND indexname NOT IN (SELECT conname FROM pg_constraint)",
        [list(TABLES)],
    ).fetchall()
    for name, _definition in rows:
        connection.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(name)))
    return [definition for _name, definition in rows]


def _restore_indexes(url: str, definitions: Iterable[str]) -> None:
    def make(definition: str) -> None:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(definition)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(make, sorted(definitions, key=lambda definition: " gin " not in definition)))


def _copy(connection: psycopg.Connection, rows: Iterable[Any]) -> None:
    """Rows of one model as they are, without the fields' own "now"."""
    rows = iter(rows)
    first = next(rows)
    names = [field.attname for field in first._meta.concrete_fields]
    command = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(first._meta.db_table), sql.SQL(", ").join(map(sql.Identifier, names))
    )
    with connection.cursor() as cursor, cursor.copy(command) as copy:
        for row in (first, *rows):
            copy.write_row([getattr(row, name) for name in names])


def _write_organizations(connection: psycopg.Connection) -> list[str]:
    """Employers, some named after families, the frequent ones more often; returns the names, by key."""
    random, found = Random(SEED), dict[str, None]()
    while len(found) < ORGANIZATIONS:
        family = draw(random, family_names(), family_weights(), 1)[0]
        name = family if random.random() < NAMED_AFTER_FAMILIES else f"{random.choice(PLACES)} {random.choice(PLACES)}"
        found[f"{name} {random.choice(TRADES)}{random.choice(FORMS)}"] = None
    names = list(found)
    _copy(connection, _organizations(random, names))
    return names


def _organizations(random: Random, names: Iterable[str]) -> Iterator[Any]:
    from members.models import Organization

    for key, name in enumerate(names, 1):
        city, state, zip_code = random.choice(CITIES)
        row = Organization(id=key, name=name, city=city, state=state, zip_code=zip_code, created_at=FIRST_DAY)
        row.updated_at = FIRST_DAY
        row.fill_keys()
        yield row


def _remember_names(organizations: Iterable[str]) -> None:
    from members.search import remember_words

    remember_words([*family_names(), *given_names()[0], *organizations])


_worker: dict[str, Any] = {}


def _start_worker(url: str, employers: list[str]) -> None:
    import django

    django.setup()
    _worker["connection"] = psycopg.connect(url, autocommit=True)
    _worker["employers"] = employers
    # The largest employs one and a half in a hundred, the median one about twenty people.
    _worker["sizes"] = list(accumulate(rank**-0.7 for rank in range(1, len(employers) + 1)))


def _write_members(start: int) -> None:
    random = Random(SEED + start)
    employers: list[str] = _worker["employers"]
    places = random.choices(range(1, len(employers) + 1), cum_weights=_worker["sizes"], k=CHUNK)
    jobs = [place if random.random() < EMPLOYED else 0 for place in places]
    members = _members(random, start, [[employers[job - 1]] if job else [] for job in jobs])
    connection: psycopg.Connection = _worker["connection"]
    with connection.transaction():
        _copy(connection, members)
        _copy(connection, _employments(start, jobs))


def _members(random: Random, start: int, employers: list[list[str]]) -> Iterator[Any]:
    from members.models import Member

    chance: Callable[[], float] = random.random
    families = draw(random, family_names(), family_weights(), CHUNK)
    given = draw(random, *given_names(), CHUNK)
    middle = draw(random, *given_names(), CHUNK)
    statuses = random.choices(list(STATUSES), list(STATUSES.values()), k=CHUNK)
    for at in range(CHUNK):
        key = start + at + 1
        city, state, zip_code = random.choice(CITIES)
        added = FIRST_DAY + datetime.timedelta(minutes=key * 6)
        row = Member(
            id=key,
            member_number=None if statuses[at] == "represented_non_member" else str(1_000_000 + key * 7),
            first_name=given[at],
            middle_name=middle[at] if chance() < WITH_MIDDLE_NAME else "",
            last_name=families[at],
            email=_address(given[at], families[at], random.randrange(1000)) if chance() < WITH_EMAIL else "",
            phone=_phone(random) if chance() < WITH_PHONE else "",
            address=f"{random.randrange(1, 9999)} {random.choice(families)} Street",
            city=city,
            state=state,
            zip_code=zip_code,
            status=statuses[at],
            classification="journeyman",
            standing="good",
            created_at=added,
            updated_at=added,
            deleted_at=added if chance() < DELETED else None,
            hire_date=added.date(),
        )
        row.fill_keys(employers[at])
        yield row


def _address(given: str, family: str, number: int) -> str:
    from members.folding import words

    mailbox = ".".join(["".join(words(given)), "".join(words(family))])
    return f"{mailbox}{number or ''}@{('gmail.com', 'mail.example', 'yahoo.com')[number % 3]}"


def _phone(random: Random) -> str:
    return f"({random.randrange(201, 989)}) {random.randrange(200, 999)}-{random.randrange(10_000):04}"


def _employments(start: int, jobs: list[int]) -> Iterator[Any]:
    from members.models import Employment

    for at, place in enumerate(jobs):
        if place:
            key = start + at + 1
            row = Employment(id=key, member_id=key, organization_id=place, job_title="Journeyman")
            row.start_date = FIRST_DAY.date() + datetime.timedelta(days=key // 240)
            row.created_at = row.updated_at = FIRST_DAY
            yield row
