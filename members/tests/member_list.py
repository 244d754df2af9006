"""A member list as an office keeps it: odd headers, titles above, old encoding, mistakes. The same on every call."""

import csv
import io
import random
from collections import Counter
from dataclasses import dataclass, field

FIRST = ("Ana", "José", "Zoë", "Liam", "Noah", "Mia", "Renée", "Omar", "Ivy", "Carl", "Dana", "Ruth", "Seán", "Tess")
LAST = ("Ortiz", "Núñez", "O'Brien", "de la Cruz", "Smith", "Kowalski", "Müller", "Nguyen", "Haddad", "Young", "Façade")
EMPLOYERS = ("Alder Mechanical, Inc.", "Birch Electric LLC", "Cedar Piping Co.", "Dogwood Steel Corp.", "Elm Transit")
CLASSES = ("JW", "2nd Year Apprentice", "Journeyman", "Foreman", "A4", "")
STATUSES = ("A", "Active", "Retired", "susp", "")
STATES = ("Illinois", "IL", "ill.", "Indiana", "IN")
HEADERS = [
    "Mbr #",
    "Name (Last, First)",
    "D.O.B.",
    "Home Address",
    "Town",
    "ST",
    "Zip",
    "Cell Phone",
    "E-Mail",
    "Mbr Status",
    "Craft/Class",
    "Date Hired",
    "Paid Thru",
    "Contractor",
    "Rate/Hr",
    "Job",
    "Favourite team",
]
MAPPING = {
    "Mbr #": "member_number",
    "Name (Last, First)": "full_name",
    "D.O.B.": "date_of_birth",
    "Home Address": "address",
    "Town": "city",
    "ST": "state",
    "Zip": "zip_code",
    "Cell Phone": "phone",
    "E-Mail": "email",
    "Mbr Status": "status",
    "Craft/Class": "classification",
    "Date Hired": "hire_date",
    "Paid Thru": "dues_paid_through",
    "Contractor": "employer",
    "Rate/Hr": "hourly_rate",
    "Job": "job_title",
}
FIRST_ROW = 5


@dataclass
class MemberList:
    """`expected` counts the outcomes as the rows were made, not as the importer sees them."""

    rows: list[list[str]] = field(default_factory=list)
    expected: Counter[str] = field(default_factory=Counter)

    def cp1252(self) -> bytes:
        text = io.StringIO()
        writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
        writer.writerows([["Local 77 – membership"], ["Printed 11/20/2026"], [], HEADERS, *self.rows])
        return text.getvalue().encode("cp1252")


def member_list(count: int = 2_000) -> MemberList:
    chance, made = random.Random(77), MemberList()
    for index in range(count):
        row = good_row(chance, index)
        if index % 200 == 50:
            row[0] = ""  # no number, and not a non-member
            row[9] = "Active"
            outcome = "error"
        elif index % 200 == 60:
            row[2] = "31/31/1980"
            outcome = "new"
            made.expected["left_out"] += 1
        elif index % 200 == 70:
            row[5] = "Ontario"
            outcome = "new"
            made.expected["left_out"] += 1
        elif index % 200 == 80:
            row = list(made.rows[-1])
            outcome = "repeated"
        else:
            outcome = "new"
        made.rows.append(row)
        made.expected[outcome] += 1
    return made


def good_row(chance: random.Random, index: int) -> list[str]:
    last, first = chance.choice(LAST), chance.choice(FIRST)
    # Each with a birthday of their own: two of one name and birthday would be asked about.
    month, day, year = index // 55 % 12 + 1, index // 660 % 28 + 1, 1950 + index % 55
    employer = chance.choice(EMPLOYERS)
    employer = employer.upper() if index % 2 else employer
    return [
        f"{'A' if index % 3 == 0 else ''}{10_000 + index}",
        f"{last}, {first}{' Q.' if index % 4 == 0 else ''}",
        (f"{month}/{day}/{year}", f"{month:02}/{day:02}/{year % 100:02}", f"{year}-{month:02}-{day:02}")[index % 3],
        f"{chance.randint(1, 999)}  Main St",
        "Peoria",
        chance.choice(STATES),
        ("61602", "61602-1234", "2139")[index % 3],
        (f"(309) 555-{100 + index:04}", f"309.555.{100 + index:04}", "n/a")[index % 3],
        f"m{index}@example.org" if index % 5 else "",
        chance.choice(STATUSES),
        chance.choice(CLASSES),
        f"{chance.randint(1, 12)}/1/{chance.randint(2005, 2024)}",
        chance.choice(("12/31/2026", "45992", "")),
        employer if index % 10 else "",
        f"${chance.randint(20, 60)}.50" if index % 10 else "",
        chance.choice(("Pipefitter", "Welder", "")) if index % 10 else "",
        chance.choice(("Cubs", "Sox", "078-05-1120")),
    ]
