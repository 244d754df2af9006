"""The wording of letters: what comes with the portal, what the local makes of it, and how its places are filled.

A place is a name in braces, such as {number}. A line whose place is empty in a case is left out of the letter.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.audit import trail
from core.errors import DomainError
from core.papers.typeset import Paper
from core.permissions import Actor, allow
from core.site import local_today, site_settings
from core.web.formats import day_text
from grievances import display, permissions
from grievances.enums import GrievanceAction, LetterKind
from grievances.models import Grievance, LetterText
from members.models import Member

TEMPLATE = "papers/letter.typ"
PLACE = re.compile(r"\{([^{}]*)\}")
# Name of a place → what stands there, and what the preview puts there.
PLACES: dict[str, tuple[Any, str]] = {
    "number": (gettext_lazy("the number of the case"), "GR-2026-0000"),
    "employer": (gettext_lazy("the employer"), "Example Works"),
    "grievants": (gettext_lazy("the names of the grievants"), "Pat Example, Lee Example"),
    "step": (gettext_lazy("the step, under the contract’s own name"), "Step 2"),
    "article": (gettext_lazy("the contract article"), "Article 12"),
    "filed": (gettext_lazy("the day on which it was filed"), "Mon 5 Jan 2026"),
    "union": (gettext_lazy("the name of the local"), "Example Local 1"),
    "what": (gettext_lazy("what it is about, on lines of its own"), "The overtime list\nThe shift rota"),
    "asked": (gettext_lazy("the day on which we asked"), "Mon 12 Jan 2026"),
    "due": (gettext_lazy("the day by which it is due"), "Mon 19 Jan 2026"),
    "resolution": (gettext_lazy("what was decided, on lines of its own"), "Six hours are paid at the overtime rate."),
    "terms": (gettext_lazy("the terms that are to be carried out, each on a line"), "Back pay · $240.00"),
    "moved": (gettext_lazy("what is due on the date that moves"), "Step 2 answer due"),
    "old": (gettext_lazy("the date that holds now"), "Mon 19 Jan 2026"),
    "new": (gettext_lazy("the new date"), "Mon 2 Feb 2026"),
    "agreed": (gettext_lazy("the day of the agreement"), "Fri 16 Jan 2026"),
    "for_union": (gettext_lazy("who agreed for the union"), "Pat Example, representative"),
    "for_employer": (gettext_lazy("who agreed for the employer"), "Sam Example, manager"),
    "since": (gettext_lazy("the day from which it rests"), "Mon 19 Jan 2026"),
    "until": (gettext_lazy("until when it rests"), "until Mon 2 Feb 2026"),
    "reason": (gettext_lazy("why"), "The arbitrator decides the same question in another case."),
    "name": (gettext_lazy("the name of the grievant"), "Pat Example"),
    "where": (gettext_lazy("where the case stands and what comes next"), "We meet the employer about it next."),
    "ended": (gettext_lazy("the day on which it ended"), "Mon 2 Mar 2026"),
    "appeal": (gettext_lazy("the day until which the grievant may appeal"), "Wed 1 Apr 2026"),
}
COMMON = ("number", "employer", "grievants", "step", "article", "filed", "union")


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter with our own wording, its places besides COMMON, and those that it cannot do without."""

    kind: LetterKind
    title: Any
    body: Any
    places: tuple[str, ...] = ()
    needed: tuple[str, ...] = ()
    to_grievant: bool = False
    signatures: tuple[Any, ...] = (gettext_lazy("For the union"),)

    @property
    def known(self) -> tuple[str, ...]:
        return (*COMMON, *self.places)


@dataclass(frozen=True, slots=True)
class Wording:
    """What holds now: `version` is the number of its row, 0 before anybody wrote one."""

    title: str
    body: str
    version: int
    is_ours: bool


BOTH = (gettext_lazy("For the employer, and day"), gettext_lazy("For the union, and day"))
LETTERS: dict[str, Letter] = {
    letter.kind.value: letter
    for letter in (
        Letter(
            LetterKind.STEP,
            LetterKind.STEP.label,
            gettext_lazy("The grievance below stands at {step}. Please tell us when you meet with us about it."),
        ),
        Letter(
            LetterKind.INFORMATION,
            LetterKind.INFORMATION.label,
            gettext_lazy(
                "To represent our members in grievance {number} we ask you for the following information:\n"
                "{what}\n"
                "Please send it by {due}."
            ),
            ("what", "due"),
            ("what",),
        ),
        Letter(
            LetterKind.REMINDER,
            LetterKind.REMINDER.label,
            gettext_lazy(
                "On {asked} we asked you for the following information about grievance {number}:\n"
                "{what}\n"
                "We have not received it. It was due on {due}. Send it now."
            ),
            ("what", "asked", "due"),
            ("what",),
        ),
        Letter(
            LetterKind.DEMAND,
            LetterKind.DEMAND.label,
            gettext_lazy(
                "The grievance below was not settled in its steps. The union demands that it is arbitrated.\n"
                "Please take part in choosing the arbitrator as the contract says."
            ),
        ),
        Letter(
            LetterKind.SETTLEMENT,
            LetterKind.SETTLEMENT.label,
            gettext_lazy(
                "The employer and the union settle the grievance below on these terms:\n{resolution}\n{terms}"
            ),
            ("resolution", "terms"),
            ("resolution", "terms"),
            signatures=BOTH,
        ),
        Letter(
            LetterKind.EXTENSION,
            LetterKind.EXTENSION.label,
            gettext_lazy(
                "{employer} and {union} agree to a later date in the grievance below.\n"
                "It is about: {moved}.\n"
                "The date was {old}. It is now {new}.\n"
                "It was agreed on {agreed}, by {for_union} for the union and by {for_employer} for the employer.\n"
                "Later dates are counted from the new one. Everything else stays as it is."
            ),
            ("moved", "old", "new", "agreed", "for_union", "for_employer"),
            ("old", "new"),
            signatures=BOTH,
        ),
        Letter(
            LetterKind.ABEYANCE,
            LetterKind.ABEYANCE.label,
            gettext_lazy(
                "The employer and the union put the grievance below in abeyance from {since} {until}.\n"
                "Reason: {reason}\n"
                "While it lasts no time limit of the contract runs for either side.\n"
                "When it ends, each goes on where it stood."
            ),
            ("since", "until", "reason"),
            ("since", "until"),
            signatures=BOTH,
        ),
        Letter(
            LetterKind.GRIEVANT,
            LetterKind.GRIEVANT.label,
            gettext_lazy("this is where your grievance stands:\n{where}"),
            ("name", "where"),
            ("where",),
            to_grievant=True,
        ),
        Letter(
            LetterKind.ENDED,
            LetterKind.GRIEVANT.label,
            gettext_lazy(
                "your grievance has ended on {ended}.\n"
                "{resolution}\n"
                "You may appeal this decision within the union until {appeal}."
            ),
            ("name", "ended", "resolution", "appeal"),
            ("resolution", "appeal"),
            to_grievant=True,
        ),
    )
}


# --- which wording holds ----------------------------------------------------------------------------------


def wording(letter: Letter) -> Wording:
    newest = LetterText.objects.newest(letter.kind)
    if newest is None or newest.is_ours:
        return Wording(str(letter.title), str(letter.body), newest.number if newest else 0, is_ours=True)
    return Wording(newest.title, newest.body, newest.number, is_ours=False)


def check(letter: Letter, title: str, body: str) -> None:
    """Raises ValidationError by field for what the letter cannot be printed with."""
    found: dict[str, str] = {}
    for name, text in (("title", title), ("body", body)):
        if sentence := _wrong_places(letter, text):
            found[name] = sentence
    missing = [place for place in letter.needed if place not in PLACE.findall(body)]
    if missing and "body" not in found:
        found["body"] = _("This letter cannot do without %(places)s. Put it in.") % {"places": _listed(missing)}
    if found:
        raise ValidationError(found)


def _wrong_places(letter: Letter, text: str) -> str:
    strange = [place for place in PLACE.findall(text) if place not in letter.known]
    known = _("The places of this letter are %(known)s.") % {"known": _listed(letter.known)}
    if strange:
        return _("Nothing is known to put in place of %(strange)s.") % {"strange": _listed(strange)} + f" {known}"
    if re.search(r"[{}]", PLACE.sub("", text)):
        return _("A brace stands alone. A place has one on each side.") + f" {known}"
    return ""


def _listed(places: Iterable[str]) -> str:
    return ", ".join(f"{{{place}}}" for place in dict.fromkeys(places))


def save_wording(letter: Letter, *, title: str, body: str, seen: int, actor: Actor | None) -> None:
    """A new version where anything differs; our own wording again is kept as a version that says so.

    Raises ValidationError by field, and DomainError when another version than the one that was seen holds.
    """
    allow(actor, permissions.CHANGE_LETTERS)
    check(letter, title, body)
    now = wording(letter)
    if now.version != seen:
        raise _changed_meanwhile()
    if (title, body) == (now.title, now.body):
        return
    ours = (title, body) == (str(letter.title), str(letter.body))
    text = {"title": "", "body": ""} if ours else {"title": title, "body": body}
    try:
        with transaction.atomic():
            row = LetterText(kind=letter.kind, number=now.version + 1, written_by=actor, **text)
            row.full_clean(validate_constraints=False)
            row.save(force_insert=True)
            trail.record(row, GrievanceAction.WORDING_CHANGED, actor=actor)
    except IntegrityError as error:  # another version got the number first
        raise _changed_meanwhile() from error


def _changed_meanwhile() -> DomainError:
    return DomainError(
        _("Somebody changed this wording meanwhile. Copy what you typed, then open the page again and compare.")
    )


# --- from the wording to a letter -------------------------------------------------------------------------


def filled(text: str, values: Mapping[str, str]) -> list[str]:
    """The paragraphs of a letter, a line each. What is put in is printed as it is, whatever it looks like."""
    found: list[str] = []
    for line in text.splitlines():
        places = PLACE.findall(line)
        if line.strip() and all(values[place] for place in places):
            found += PLACE.sub(lambda place: values[place[1]], line).splitlines()
    return [line for line in found if line.strip()]


def written(letter: Letter, values: Mapping[str, str]) -> tuple[str, list[str]]:
    """Title and paragraphs in the wording that holds."""
    held = wording(letter)
    return _printed(held.title, held.body, values)


def _printed(title: str, body: str, values: Mapping[str, str]) -> tuple[str, list[str]]:
    return " ".join(filled(title, values)) or title, filled(body, values)


def values_of(grievance: Grievance, **more: Any) -> dict[str, str]:
    """What stands in the places of a letter about a case."""
    return {
        "number": grievance.grievance_number,
        "employer": grievance.employer.name,
        "grievants": grievants_of(grievance),
        "step": display.step_of(grievance),
        "article": grievance.contract_article,
        "filed": day_text(grievance.filed_date),
        "union": str(site_settings()),
        **more,
    }


def grievants_in_order(grievance: Grievance) -> list[Member]:
    """The lead, then the others by name."""
    rows = grievance.grievants.select_related("member").order_by("member__sort_name", "pk")
    return sorted((row.member for row in rows), key=lambda member: member.pk != grievance.member_id)


def grievants_of(grievance: Grievance) -> str:
    people = [str(row.member) for row in grievance.grievants.select_related("member").order_by("member__sort_name")]
    return ", ".join(people) or _("None: a policy grievance")


def set_letter(
    letter: Letter,
    values: Mapping[str, str],
    *,
    address: list[str],
    name: str,
    facts: list[tuple[str, str]],
    said: tuple[str, str] | None = None,
) -> Paper:
    """The letter to whoever lives at `address`, with `facts` below; `said` is a wording to try."""
    title, paragraphs = _printed(*said, values) if said else written(letter, values)
    data = _set_out(letter, values, paragraphs, address, facts, day_text(local_today()))
    return Paper(TEMPLATE, name, title, data)


def set_letters(
    letter: Letter,
    values: Mapping[str, str],
    people: Iterable[tuple[str, list[str]]],
    *,
    name: str,
    facts: list[tuple[str, str]],
) -> Paper:
    """The letter to each of `people`, who have a name and an address, in one paper."""
    held, day, letters = wording(letter), day_text(local_today()), []
    for whom, address in people:
        to_them = {**values, "name": whom}
        title, paragraphs = _printed(held.title, held.body, to_them)
        letters.append({"title": title, **_set_out(letter, to_them, paragraphs, address, facts, day)})
    return Paper(TEMPLATE, name, letters[0]["title"], {"letters": letters})


def _set_out(
    letter: Letter,
    values: Mapping[str, str],
    paragraphs: list[str],
    address: list[str],
    facts: list[tuple[str, str]],
    day: str,
) -> dict[str, Any]:
    return {
        "address": address,
        "day": day,
        "greeting": _("Dear %(name)s,") % {"name": values["name"]} if letter.to_grievant else "",
        "paragraphs": paragraphs,
        "facts": facts,
        "signatures": [str(words) for words in letter.signatures],
    }


def preview(letter: Letter, *, title: str, body: str) -> Paper:
    """The letter as it would be printed, about a case that there is not."""
    values = {place: example for place, (_words, example) in PLACES.items() if place in letter.known}
    whom = values["name"] if letter.to_grievant else values["employer"]
    address = [whom, "1 Example Street", "Example, IL 60601"]
    facts = [(_("Grievance"), values["number"]), (_("Employer"), values["employer"])]
    return set_letter(letter, values, address=address, name=f"{letter.kind}-preview", facts=facts, said=(title, body))
