"""What the office did around the applications of the demonstration: past help, a paper file, an answer."""

from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from accounts.first_data import moment_of
from benevolence.enums import DocumentCategory, Reason
from benevolence.first_proof import keep, letter
from benevolence.models import ApplicantAnswer, PaperDecision, PaperFile, PastHelp
from core.audit import trail
from core.enums import CoreAction
from core.records import bulk, records
from members.models import Member

HELPED, LATEST = 18, 346  # how often there was help before the portal, and how many days ago the last of it
FIRST, STILL_COUNTS = 15, 3  # whoever applies now had the latest of it
RECORDED = ("member", "paid_on", "amount", "reason")


def write_past_help(random: Random, members: list[int], as_of: date, treasurer: Any) -> None:
    """A year of help from before the fund was opened in the portal; the latest of it limits still count."""
    if PastHelp.objects.exists():
        return
    people = Member.objects.in_bulk(members)
    rows = []
    for number in range(HELPED):
        paid_on = as_of - timedelta(LATEST + number * (6 if number < STILL_COUNTS else 20))
        row = PastHelp(
            member=people[members[(FIRST + number) % len(members)]],
            paid_on=paid_on,
            amount=Decimal(random.randint(15, 60) * 10),
            reason=random.choice(Reason.values),
            reference=str(870 - number),
            source=f"Register of the office, line {HELPED - number}",
        )
        rows.append(row)
    bulk.write(
        rows, actor=treasurer, action=CoreAction.CREATED, recorded=RECORDED, at=lambda row: moment_of(row.paid_on)
    )


def record_on_paper(draft: Any, decider: Any, day: date) -> None:
    """The first level approved a draft on paper; an officer has not confirmed it yet."""
    file = PaperFile(application=draft, applied_on=day, recorded_by=draft.entered_by)
    records.save(file)
    decision = PaperDecision(file=file, level="vp", decider=decider, decided_on=day, amount=draft.amount_requested)
    decision.reference = "Minutes, item 6"
    records.save(decision)


def answer(question: Any, text: str, day: date) -> list[trail.Entry]:
    """What the office answered for the applicant, with the pages that were missing; returns the events of the files."""
    application = question.application
    reply = ApplicantAnswer(review=question, text=text, answered_by=application.entered_by)
    reply.answered_at = moment_of(day)
    records.save(reply)
    content = letter(("Prairie Restoration", "Estimate, pages 2 and 3", "Drywall, floor, cabinets"))
    fields = {"category": DocumentCategory.ANSWER, "day": day, "question": question}
    return [keep(application, "Estimate.pdf", content, **fields)]
