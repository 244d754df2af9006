"""The matrix: what every route answers to every persona. Read from matrix.txt; played on one small world of records.

On each commit a row is played for everybody whom it lets in and for some whom it refuses, drawn anew by the seed that
pytest prints; on SQLite for the first whom it lets in and for those whom matrix_covering.txt names beside. BATTERY=1
plays every row for everybody, on both.

After adding a route: `MATRIX_PROPOSAL=/tmp/matrix.txt python -m pytest unionops/tests/test_matrix.py` writes what the
portal answers now. Review each new line by hand against the rules of the domain before it goes into matrix.txt. Lines
that matrix_covering.txt lacks are named by a test of the battery; nobody has to choose them.
"""

import os
import random
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path

from django.db import connection
from django.http import HttpResponseBase
from pypdf import PdfReader

from core.checks import routes
from unionops.testing.cast import PERSONAS

TABLE, COVERING = (Path(__file__).with_name(name) for name in ("matrix.txt", "matrix_covering.txt"))
# A salt of another campaign: no persona of the table, but somebody else who may learn nothing of the campaign here.
ANOTHER_SALT = "another salt"
WHOLE = bool(os.environ.get("BATTERY"))
METHODS = ("GET", "POST")


@dataclass(frozen=True, slots=True)
class Canary:
    """A text that stands in one record, the personas who may read it, and where the first of them does."""

    text: str
    known_to: tuple[str, ...] = ()
    route: str = ""
    tab: str = ""


HEADS = ("off", "rep", "gch")
CASE, DRAFT = "grievances/<uuid:pk>/", "grievances/drafts/<uuid:pk>/"
APPLICATION = "benevolence/applications/<uuid:pk>/"
# By hand. Whoever is in no list may find the text nowhere.
CANARIES = {
    "notes on a member": Canary("Zqmembernotes", ("off", "stf"), "members/<int:pk>/"),
    "notes on a contact": Canary("Zqcontactnotes", ("off", "stf"), "contacts/<int:pk>/edit/"),
    "a row of an import": Canary("Zqacmetool", ("adm", "off", "stf"), "imports/<uuid:pk>/"),
    "a filter of somebody": Canary("Zqsavedfilter"),
    "a password": Canary("Zqpasswordhash"),
    "a token": Canary("Zqtokenhash"),
    "a mailed code": Canary("Zqmaileddigest"),
    "a session": Canary("Zqsessionkey"),
    "a mail": Canary("Zqmailbody"),
    "an answer": Canary("Zqkeptanswer"),
    "what happened at work": Canary("Zqviolation", ("off", "stf", "rep", "gch"), CASE),
    "strategy of a case": Canary("Zqstrategy", HEADS, CASE, "?tab=notes"),
    "what was said at a step": Canary("Zqstepnotes", ("off", "stf", "rep", "gch"), CASE, "?tab=steps"),
    "a document of a case": Canary("Zqcasepaper", ("off", "stf", "rep", "gch"), CASE, "?tab=documents"),
    "text of a draft": Canary("Zqdrafttext", ("off", "stf", "rep", "gch"), DRAFT),
    "strategy of a draft": Canary("Zqdraftstrategy", HEADS, DRAFT),
    "a restricted case": Canary("Zqrestricted"),
    "why help is asked": Canary("Zqhardship", ("bvp",), APPLICATION),
    "a document": Canary("Zqdocument", ("bvp",), APPLICATION),
    "what a reviewer thinks": Canary("Zqreview", ("bvp",), APPLICATION),
    "why a campaign is opened": Canary("Zqopening", ("off",), "organizing/openings/<uuid:pk>/"),
}
LIST = f"Name,City,State\n{CANARIES['a row of an import'].text},Peoria,IL\n".encode()
# Who knows a text at some addresses only: the director sees of a campaign code name, key, lead and stage on one page,
# an officer the code name where an emergency opening waits.
KNOWN_AT = {
    ("odr", "code name"): "/organizing/oversight/$",
    ("odr", "key of campaign"): "/organizing/oversight/$",
    ("off", "code name"): "/organizing/openings/",
}
# What a route of the API names besides the record that it is about.
PARTS = {
    "/steps/": "grievances/steps",
    "/answers/": "grievances/answers",
    "/stages/": "grievances/agreement-steps",
    "/rules/": "grievances/agreement-rules",
    "/closures/": "grievances/agreement-closures",
    "/extensions/": "grievances/extensions",
}
PLACES = {persona: place for place, persona in enumerate(PERSONAS)}


def some_of(names: list[str], count: int, draw: random.Random) -> list[str]:
    return draw.sample(names, max(0, min(count, len(names))))


@dataclass(frozen=True, slots=True)
class Row:
    """`route` as the URLconf writes it; `case` picks the record: "" somebody else's, "own", "deleted"."""

    route: str
    case: str
    method: str
    cells: tuple[int, ...]

    @property
    def key(self) -> tuple[str, str, str]:
        return self.route, self.case, self.method

    def cell(self, persona: str) -> int:
        return self.cells[PLACES[persona]]

    def refuses(self, persona: str) -> bool:
        """Tell whether this persona is kept out. A POST of who may only look is answered 405; the admin sends away."""
        away = persona in ("anon", "sus") or self.route.startswith("admin/")
        return self.cell(persona) in (401, 403, 404, 405) or (self.cell(persona) == 302 and away)

    def visitors(self, seed: int) -> list[str]:
        """Return who plays this row now: everybody whom it lets in, the refused person who comes nearest, one for each
        kind of refusal, and two for hidden records; on SQLite the few who send all of its SQL.
        """
        if WHOLE:
            return list(PERSONAS)
        if connection.vendor == "sqlite":
            return self.few()
        draw, kinds = random.Random(f"{seed} {self.key}"), defaultdict(list)
        for persona in PERSONAS:
            if self.refuses(persona):
                kinds[self.cell(persona)].append(persona)
        refused = [name for names in kinds.values() for name in names]
        near = lets_in_beside(self.place)
        drawn = {max(refused, key=lambda name: (near[name], draw.random()))} if refused else set()
        for kind, names in kinds.items():
            drawn |= {*some_of(names, 2 if kind == 404 else 1, draw)}
        drawn |= {*some_of([name for name in refused if name not in drawn], 2 - len(drawn), draw)}
        return [persona for persona in PERSONAS if persona in drawn or not self.refuses(persona)]

    def reaches(self, persona: str) -> bool:
        """Tell whether this persona gets as far as the tables of the page: is let in, or told of no such record."""
        return self.cell(persona) == 404 or not self.refuses(persona)

    def few(self) -> list[str]:
        """Return the first whom the row lets in, and those who send what nobody sends on another row."""
        first = [persona for persona in PERSONAS if not self.refuses(persona)][:1]
        return [*first, *(persona for persona in covering().get(self.key, ()) if persona not in first)]

    def pair(self, seed: int, among: Collection[str] = PLACES) -> list[str]:
        """Return one whom the row lets in and one whom it refuses, of these people; in the battery all of them."""
        people = [persona for persona in self.visitors(seed) if persona in among]
        if WHOLE:
            return people
        draw = random.Random(f"{seed} pair {self.key}")
        kinds = [[name for name in people if self.refuses(name) is refused] for refused in (False, True)]
        return [draw.choice(names) for names in kinds if names]

    @property
    def place(self) -> str:
        """Return the part of the portal, of the admin or of the API in which the route is."""
        return re.match(r"(?:admin/\w+/|api/v1/)?[^/]*", self.route)[0]

    @property
    def beginning(self) -> str:
        """Return what a line of the table begins with."""
        name = f"{self.route or '/'}{f' ({self.case})' if self.case else ''}"
        return f"{name:<72} {self.method:<5}"

    def __str__(self) -> str:
        return self.beginning + "".join(f"{cell:>5}" for cell in self.cells)


def heading() -> str:
    return f"{'route':<72} {'method':<5}" + "".join(f"{name:>5}" for name in PERSONAS)


LINE = re.compile(r"(?P<route>\S+)(?: \((?P<case>own|deleted)\))? +(?P<method>GET|POST) +(?P<cells>[\w ]+)")


def lines(path: Path) -> Iterator[str]:
    return (line for line in path.read_text().splitlines() if line.strip() and not line.startswith("#"))


def read(line: str) -> tuple[tuple[str, str, str], list[str]]:
    """Return the key of the row that a line is about, and its cells."""
    found = LINE.fullmatch(line.rstrip())
    if found is None:
        raise ValueError(f"cannot read “{line}”")
    route = "" if found["route"] == "/" else found["route"]
    return (route, found["case"] or "", found["method"]), found["cells"].split()


@cache
def table() -> list[Row]:
    written = lines(TABLE)
    if next(written) != heading():
        raise ValueError(f"The heading of {TABLE.name} must be: {heading()}")
    return [Row(*key, tuple(map(int, cells))) for key, cells in map(read, written)]


@cache
def covering() -> dict[tuple[str, str, str], list[str]]:
    """Return row → who plays it on SQLite besides the first whom it lets in."""
    return dict(map(read, lines(COVERING)))


@cache
def lets_in_beside(place: str) -> Counter[str]:
    """Return persona → how many rows of this place let them in: a wrong permission lets in who nearly may."""
    rows = [row for row in table() if row.place == place]
    return Counter(persona for row in rows for persona in PERSONAS if not row.refuses(persona))


def known_routes() -> list[str]:
    return list(dict.fromkeys(route for route, _pattern in routes()))


def words_in(answer: HttpResponseBase) -> str:
    """What somebody reads in an answer; of a paper its text, and what it says of itself."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if answer.get("Content-Type") == "application/pdf":
        paper = PdfReader(BytesIO(body))
        return " ".join([str(paper.metadata), *(page.extract_text() for page in paper.pages)])
    return body.decode(errors="replace")
