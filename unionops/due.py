"""What the clock does, in order; each piece fails alone. `manage.py run_due` runs it every minute."""

import logging
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.services import terms
from benevolence.models import ApplicationDocument
from benevolence.services import documents, seats, turns
from core.files import scanning, sweeping
from core.files.models import Attachment
from core.mail import heartbeats, notices, outbox
from core.mail.outbox import Outcome
from core.records import kept_answers
from core.web import keeping
from grievances.models import AgreementFile, CaseDocument, IntakeDocument
from grievances.services import agreements, intake_documents, reminders
from grievances.services import documents as case_documents
from unionops import telling
from unionops.respelling import spell_again

logger = logging.getLogger("unionops.due")


# What the last run may have missed is looked at again for so long; a mail about a term is written once.
OVERLAP = timedelta(minutes=10)
# How often the store of files is gone through for what no row names.
SWEEP_EVERY = timedelta(hours=6)


def _since_then() -> datetime:
    """A little before the last success, so that nothing is forgotten while the clock stood still."""
    last = heartbeats.known().get(heartbeats.RUN_DUE)
    since = last.succeeded_at if last and last.succeeded_at else timezone.now()
    return since - OVERLAP


def tell_of_ended_terms() -> Iterable[str]:
    terms.tell_of_ended_terms(_since_then())
    return ()


def follow_new_names() -> Iterable[str]:
    spell_again(_since_then())
    return ()


def look_at_levels() -> Iterable[str]:
    """Levels that are late, and the days of people away that began or ended."""
    turns.refresh_by_clock()
    seats.escalate()
    return ()


def look_at_deadlines() -> Iterable[str]:
    """Deadlines that are near or have passed, and what follows when the employer let one go by."""
    reminders.look()
    return ()


def send_deadline_digest() -> Iterable[str]:
    reminders.send_digest()
    return ()


def tell_of_events() -> Iterable[str]:
    telling.tell()
    telling.send_digests()
    notices.forget_old()
    return ()


def deliver_mail() -> Iterable[str]:
    done = outbox.deliver_due()
    outbox.forget_old()
    return _sentences(done)


def _sentences(done: Outcome) -> Iterator[str]:
    if done.delivered:
        yield ngettext("%(n)s mail delivered.", "%(n)s mails delivered.", done.delivered) % {"n": done.delivered}
    if done.postponed:
        yield ngettext("%(n)s mail postponed.", "%(n)s mails postponed.", done.postponed) % {"n": done.postponed}
    if done.given_up:
        sentence = ngettext(
            "%(n)s mail given up; the system page lists it.",
            "%(n)s mails given up; the system page lists them.",
            done.given_up,
        )
        yield sentence % {"n": done.given_up}
    if done.problem:
        yield _("The mail server: %(problem)s.") % {"problem": done.problem}


def forget_answers() -> Iterable[str]:
    kept_answers.forget_old()
    keeping.forget_old()
    return ()


# What to do when the scanner finds something, for each model whose rows are files.
HARMFUL: dict[type[Attachment], Callable[[Any], None]] = {
    ApplicationDocument: documents.found_harmful,
    CaseDocument: case_documents.found_harmful,
    IntakeDocument: intake_documents.found_harmful,
    AgreementFile: agreements.found_harmful,
}


def scan_files() -> Iterable[str]:
    """A file that fails stays held, as its page says, and is no reason to call the other work late."""
    failed = scanning.scan_held(HARMFUL).failed
    if failed:
        yield ngettext(
            "%(n)s file could not be scanned and waits; the log says why.",
            "%(n)s files could not be scanned and wait; the log says why.",
            failed,
        ) % {"n": failed}


def sweep_files() -> Iterable[str]:
    last = heartbeats.known().get(heartbeats.SWEEP)
    if last and last.succeeded_at and last.succeeded_at > timezone.now() - SWEEP_EVERY:
        return
    removed, left = sweeping.sweep()
    heartbeats.succeeded(heartbeats.SWEEP)
    if left:
        yield ngettext(
            "%(n)s file is stored and no record names any: nothing is removed. Is the database restored?",
            "%(n)s files are stored and no record names any: nothing is removed. Is the database restored?",
            left,
        ) % {"n": left}
    if removed:
        sentence = ngettext("%(n)s file without a record removed.", "%(n)s files without a record removed.", removed)
        yield sentence % {"n": removed}


WORK: list[Callable[[], Iterable[str]]] = [
    tell_of_ended_terms,
    look_at_levels,
    look_at_deadlines,
    send_deadline_digest,
    tell_of_events,
    deliver_mail,
    follow_new_names,
    forget_answers,
    scan_files,
    sweep_files,
]


def run(work: list[Callable[[], Iterable[str]]]) -> Iterator[str]:
    """Sentences for whoever reads the log. Raises RuntimeError at the end when a piece failed unexpectedly."""
    broken = []
    for piece in work:
        try:
            yield from piece()
        except Exception:
            logger.exception("regular work failed", extra={"work": piece.__name__})
            broken.append(piece.__name__)
    if broken:
        heartbeats.failed(heartbeats.RUN_DUE, ", ".join(broken))
        raise RuntimeError(", ".join(broken))
    heartbeats.succeeded(heartbeats.RUN_DUE)
