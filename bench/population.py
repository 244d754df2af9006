"""Members with employers: a million in a minute or two.

What the models compute (order, search text) is computed here in the same way, of each name once, and compared with the
model for one row of each chunk. The rows go in by COPY, beside the services, so they have no history.
"""

import datetime
import multiprocessing
import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
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
SIX_MINUTES = datetime.timedelta(minutes=6)
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


def build(url: str, members: int = MEMBERS) -> None:
    """Fill an empty portal. `url` names the same database as the settings."""
    with psycopg.connect(url, autocommit=True) as connection:
        indexes = take_indexes(connection, TABLES)
        names = _write_organizations(connection, min(ORGANIZATIONS, max(50, members // 50)))
        context = multiprocessing.get_context("spawn")
        with context.Pool(os.cpu_count() or 1, _start_worker, (url, names)) as pool:
            chunks = [(start, min(CHUNK, members - start)) for start in range(0, members, CHUNK)]
            for _done in pool.imap_unordered(_write_members, chunks):
                pass
        restore_indexes(url, indexes)
        go_on_counting(connection, TABLES)
        _remember_names(connection, names)
        connection.execute("VACUUM ANALYZE")


def go_on_counting(connection: psycopg.Connection, tables: Iterable[str]) -> None:
    """The next key of each table follows its last row."""
    for table in tables:
        statement = "SELECT setval(pg_get_serial_sequence({}, 'id'), max(id)) FROM {}"
        connection.execute(sql.SQL(statement).format(table, sql.Identifier(table)))


def take_indexes(connection: psycopg.Connection, tables: Iterable[str]) -> list[str]:
    """Drop what is quicker to make when the rows are there; returns how to make it again."""
    rows = connection.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY(%s)"
        " AND indexname NOT IN (SELECT conname FROM pg_constraint)",
        [list(tables)],
    ).fetchall()
    for name, _definition in rows:
        connection.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(name)))
    return [definition for _name, definition in rows]


def restore_indexes(url: str, definitions: Iterable[str]) -> None:
    def make(definition: str) -> None:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(definition)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(make, sorted(definitions, key=lambda definition: " gin " not in definition)))


def _copy(connection: psycopg.Connection, row: Any, columns: Sequence[str], values: Iterable[Sequence[Any]]) -> None:
    """Rows like `row` but for `columns`, whose `values` are given row by row."""
    names = [field.attname for field in row._meta.concrete_fields]
    whole, places = [getattr(row, name) for name in names], [names.index(name) for name in columns]
    command = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(row._meta.db_table), sql.SQL(", ").join(map(sql.Identifier, names))
    )
    with connection.cursor() as cursor, cursor.copy(command) as copy:
        for particular in values:
            for place, value in zip(places, particular, strict=True):
                whole[place] = value
            copy.write_row(whole)


def _write_organizations(connection: psycopg.Connection, count: int) -> list[str]:
    """Employers, some named after families, the frequent ones more often; returns the names, by key."""
    random, found = Random(SEED), dict[str, None]()
    while len(found) < count:
        family = draw(random, family_names(), family_weights(), 1)[0]
        name = family if random.random() < NAMED_AFTER_FAMILIES else f"{random.choice(PLACES)} {random.choice(PLACES)}"
        found[f"{name} {random.choice(TRADES)}{random.choice(FORMS)}"] = None
    names = list(found)
    columns = ("id", "name", "city", "state", "zip_code", "sort_name", "name_key", "place_key", "search_text")
    made = _organizations(random, names)
    _copy(connection, made[0], columns, ([getattr(row, column) for column in columns] for row in made))
    return names


def _organizations(random: Random, names: Iterable[str]) -> list[Any]:
    from members.models import Organization

    made = []
    for key, name in enumerate(names, 1):
        city, state, zip_code = random.choice(CITIES)
        row = Organization(id=key, name=name, city=city, state=state, zip_code=zip_code, created_at=FIRST_DAY)
        row.updated_at = FIRST_DAY
        row.fill_keys()
        made.append(row)
    return made


def _remember_names(connection: psycopg.Connection, organizations: Iterable[str]) -> None:
    """Of those whom somebody bears."""
    from members.services.search import remember_words

    families = connection.execute("SELECT DISTINCT last_name FROM members_member").fetchall()
    given = connection.execute("SELECT DISTINCT first_name FROM members_member").fetchall()
    remember_words([*(name for (name,) in families), *(name for (name,) in given), *organizations])


_worker: dict[str, Any] = {}


def _start_worker(url: str, employers: list[str]) -> None:
    import django

    django.setup()
    _worker["connection"] = psycopg.connect(url, autocommit=True)
    _worker["employers"] = employers
    # The largest employs one and a half in a hundred, the median one about twenty people.
    _worker["sizes"] = list(accumulate(rank**-0.7 for rank in range(1, len(employers) + 1)))


def _write_members(chunk: tuple[int, int]) -> None:
    start, count = chunk
    random = Random(SEED + start)
    employers: list[str] = _worker["employers"]
    places = random.choices(range(1, len(employers) + 1), cum_weights=_worker["sizes"], k=count)
    jobs = [place if random.random() < EMPLOYED else 0 for place in places]
    connection: psycopg.Connection = _worker["connection"]
    with connection.transaction():
        _copy(connection, *_members(random, start, [[employers[job - 1]] if job else [] for job in jobs]))
        _copy(connection, *_employments(start, jobs))


COLUMNS = (
    "id",
    "member_number",
    "first_name",
    "middle_name",
    "last_name",
    "email",
    "phone",
    "address",
    "city",
    "state",
)
COLUMNS += ("zip_code", "status", "created_at", "updated_at", "deleted_at", "hire_date", "sort_name", "search_text")


def _members(random: Random, start: int, employers: list[list[str]]) -> tuple[Any, Sequence[str], list[list[Any]]]:
    """A member, the columns in which the others differ from it, and their values."""
    from members.models import Member

    count, chance = len(employers), random.random
    families = draw(random, family_names(), family_weights(), count)
    given, middle = (draw(random, *given_names(), count) for _turn in range(2))
    statuses = random.choices(list(STATUSES), list(STATUSES.values()), k=count)
    values = []
    for at in range(count):
        key = start + at + 1
        number = None if statuses[at] == "represented_non_member" else str(1_000_000 + key * 7)
        second = middle[at] if chance() < WITH_MIDDLE_NAME else ""
        email = _address(given[at], families[at], random.randrange(1000)) if chance() < WITH_EMAIL else ""
        phone = _phone(random) if chance() < WITH_PHONE else ""
        street, added = f"{random.randrange(1, 9999)} {families[-at]} Street", FIRST_DAY + key * SIX_MINUTES
        gone = added if chance() < DELETED else None
        name = (given[at], second, families[at])
        keys = _keys(name, number or "", email, phone, employers[at])
        place = random.choice(CITIES)
        values.append(
            [key, number, *name, email, phone, street, *place, statuses[at], added, added, gone, added.date(), *keys]
        )
    told = {"classification": "journeyman", "standing": "good", "email_written_at": FIRST_DAY}
    row = Member(**dict(zip(COLUMNS, values[0], strict=True)), **told)
    row.fill_keys(employers[0])
    if [row.sort_name, row.search_text] != values[0][-2:]:
        raise RuntimeError("The model computes other keys than the bench does.")
    return row, COLUMNS, values


def _keys(name: tuple[str, str, str], number: str, email: str, phone: str, employers: Sequence[str]) -> tuple[str, str]:
    """What Member.fill_keys computes, from words that are folded once each."""
    first, middle, last = map(_words, name)
    mail = (word for part in email.replace("@", ".").split(".") for word in _words(part)) if email else ()
    telephone = (phone[1:],) if phone else ()
    numbers = (number,) if number else ()
    named = (word for employer in employers for word in _words(employer))
    together = ["".join(part) for part in (first, middle, last) if len(part) > 1]
    whole = "".join((*last, *first))
    together += [] if whole.isascii() else [whole]
    found = dict.fromkeys((*first, *middle, *last, *together, *numbers, *mail, *telephone, *named))
    return " ".join((*last, *first, *middle))[:200], "".join([f" {word}" for word in found])


@cache
def _words(text: str) -> tuple[str, ...]:
    from core.folding import words

    return tuple(words(text))


def _address(given: str, family: str, number: int) -> str:
    mailbox = ".".join(["".join(_words(given)), "".join(_words(family))])
    return f"{mailbox}{number or ''}@{('gmail.com', 'mail.example', 'yahoo.com')[number % 3]}"


def _phone(random: Random) -> str:
    return f"+1{random.randrange(201, 989)}{random.randrange(200, 999)}{random.randrange(10_000):04}"


def _employments(start: int, jobs: list[int]) -> tuple[Any, Sequence[str], list[list[Any]]]:
    from members.models import Employment

    row = Employment(job_title="Journeyman", created_at=FIRST_DAY, updated_at=FIRST_DAY)
    first = FIRST_DAY.date()
    values = [
        [start + at, start + at, place, first + datetime.timedelta(days=(start + at) // 240)]
        for at, place in enumerate(jobs, 1)
        if place
    ]
    return row, ("id", "member_id", "organization_id", "start_date"), values
