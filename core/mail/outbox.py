"""Delivery of the outbox: each mail is claimed by one conditional UPDATE, so that several workers share the rows.

A mail is delivered once, except that a process may die after the mail server took the mail and before the row says
so: then it goes out again after the lease, under the same Message-ID, by which mail programs know a duplicate.
"""

import logging
import re
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from smtplib import SMTPException, SMTPRecipientsRefused, SMTPResponseException, SMTPServerDisconnected
from typing import Any, Protocol

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.audit import trail
from core.enums import CoreAction, MailState
from core.errors import DomainError
from core.mail import heartbeats
from core.mail.notifications import put
from core.models import Outbox, SiteSettings
from core.permissions import VIEW_SYSTEM, Actor, allow
from core.records import one_row

logger = logging.getLogger("unionops.outbox")
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=6)
CONSOLE = "django.core.mail.backends.console.EmailBackend"
BATCH = 100
SERVICE_ENDS = 421
NO_MAILBOX = (550, 551, 552, 553)
# Of the codes about addresses (RFC 3463) the two that are about the sender's.
OF_THE_SENDER = ("5.1.7", "5.1.8")
ENHANCED = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")


@dataclass
class Outcome:
    """What one run did. `problem`: the kind of the last error that was not about one mailbox alone."""

    delivered: int = 0
    postponed: int = 0
    given_up: int = 0
    problem: str = ""


def pause_after(tries: int) -> timedelta:
    """1, 2, 4 … minutes, at most 6 hours."""
    return min(FIRST_PAUSE * 2 ** min(tries - 1, 10), LONGEST_PAUSE)


def due() -> models.QuerySet[Outbox]:
    return Outbox.objects.filter(state=MailState.WAITING, due_at__lte=timezone.now())


def claim(pk: uuid.UUID) -> Outbox | None:
    """The mail, for this process alone until the lease ends; None when somebody else was faster."""
    token, until = uuid.uuid4(), timezone.now() + timedelta(minutes=settings.OUTBOX_LEASE_MINUTES)
    mine = due().filter(pk=pk, tries__lt=settings.OUTBOX_TRIES)
    if not mine.update(claim=token, due_at=until, tries=models.F("tries") + 1):
        return None
    return Outbox.objects.filter(pk=pk, claim=token).first()


def claims() -> Iterator[Outbox]:
    """Every mail that is due, one after the other, as long as there are any."""
    open_ones = {"tries__lt": settings.OUTBOX_TRIES}
    while found := list(due().filter(**open_ones).order_by("due_at", "id").values_list("pk", flat=True)[:BATCH]):
        yield from (mail for pk in found if (mail := claim(pk)))


def deliver_due() -> Outcome:
    """Deliver what is due. A server that cannot be reached costs no mail a try."""
    lost = _give_up_lost()
    outcome = _deliver_all(claims()) if due().exists() else Outcome()
    outcome.given_up += lost
    return outcome


def deliver_now(pk: uuid.UUID) -> Outcome:
    """Deliver one mail at once, for somebody who waits for the outcome."""
    return _deliver_all(mail for mail in [claim(pk)] if mail)


class ServerGone(OSError):
    """It ended the connection and takes no new one; no mail is to blame."""


def _deliver_all(mails: Iterable[Outbox]) -> Outcome:
    outcome, connection = Outcome(), mail_connection()
    try:
        connection.open()
        for mail in mails:
            deliver(mail, connection, outcome)
        connection.close()
    except OSError as error:
        outcome.problem = outcome.problem or kind_of(error.__cause__ or error)
    if outcome.delivered:
        heartbeats.succeeded(heartbeats.MAIL)
    elif outcome.problem:
        heartbeats.failed(heartbeats.MAIL, outcome.problem)
    return outcome


def mail_connection() -> Any:
    """A demonstration sends nothing to anybody: its mails are printed."""
    return get_connection(CONSOLE if one_row.current(SiteSettings).is_demo else None)


def deliver(mail: Outbox, connection: Any, outcome: Outcome) -> None:
    """Hand one claimed mail to the server. Whatever else goes wrong is this mail's own: the next one is tried.

    Raises ServerGone; then the mail waits as if it had not been claimed.
    """
    try:
        _send(mail, connection)
    except ServerGone:
        _mine(mail).update(claim=None, due_at=timezone.now(), tries=models.F("tries") - 1)
        raise
    except Exception as error:
        _postpone(mail, error, outcome)
        return
    emptied = {"address": "", "subject": "", "body": ""}
    _mine(mail).update(state=MailState.SENT, sent_at=timezone.now(), problem="", claim=None, **emptied)
    outcome.delivered += 1


def _send(mail: Outbox, connection: Any) -> None:
    """Servers end a connection after some mails or minutes; the next mail goes over a new one."""
    try:
        _message(mail, connection).send()
    except SMTPException as error:
        if not (isinstance(error, SMTPServerDisconnected) or getattr(error, "smtp_code", 0) == SERVICE_ENDS):
            raise
        connection.close()
        try:
            connection.open()
        except OSError as again:
            raise ServerGone from again
        _message(mail, connection).send()


def _message(mail: Outbox, connection: Any) -> EmailMessage:
    host = settings.PORTAL_URL.partition("://")[2].partition(":")[0]
    headers = {"Message-ID": f"<{mail.pk}@{host}>", "Auto-Submitted": "auto-generated"}
    return EmailMessage(mail.subject, mail.body, to=[mail.address], headers=headers, connection=connection)


def _postpone(mail: Outbox, error: Exception, outcome: Outcome) -> None:
    """Try again later, or never: after OUTBOX_TRIES, and when the server says that there is no such mailbox."""
    is_last, problem = mail.tries >= settings.OUTBOX_TRIES, kind_of(error)
    if isinstance(error, SMTPRecipientsRefused) and not any(is_of_ours(*said) for said in error.recipients.values()):
        is_last = is_last or all(code >= 500 for code, _words in error.recipients.values())
    else:
        outcome.problem = problem
    state = MailState.FAILED if is_last else MailState.WAITING
    later = timezone.now() + pause_after(mail.tries)
    _mine(mail).update(state=state, problem=problem, claim=None, due_at=later)
    outcome.given_up += is_last
    outcome.postponed += not is_last
    what = "mail given up" if is_last else "mail postponed"
    logger.log(logging.ERROR if is_last else logging.WARNING, what, extra={"mail": str(mail.pk), "problem": problem})


def is_of_ours(code: int, words: bytes | str) -> bool:
    """Whether a refusal for good is about us, as “relay access denied”, and no word on the mailbox (RFC 3463)."""
    if code < 500:
        return False
    status = ENHANCED.match(words.decode(errors="replace") if isinstance(words, bytes) else words)
    if status is None:
        return code not in NO_MAILBOX
    return status[0] in OF_THE_SENDER or not status[0].startswith(("5.1.", "5.2."))


def _mine(mail: Outbox) -> models.QuerySet[Outbox]:
    """The row while the claim still holds: after the lease somebody else may have it."""
    return Outbox.objects.filter(pk=mail.pk, claim=mail.claim)


def _give_up_lost() -> int:
    """Mails whose every try ended with the death of its process."""
    lost = due().filter(tries__gte=settings.OUTBOX_TRIES)
    return lost.update(state=MailState.FAILED, claim=None, problem="lost")


def kind_of(error: BaseException) -> str:
    """The kind of error and the server's code; its words may hold an address."""
    codes: list[int] = []
    if isinstance(error, SMTPResponseException):
        codes = [error.smtp_code]
    elif isinstance(error, SMTPRecipientsRefused):
        codes = [code for code, _words in error.recipients.values()]
    return " ".join([type(error).__name__, *map(str, codes)])[:100]


def forget_old() -> int:
    """Delete what left, or was given up, long ago."""
    before = timezone.now() - timedelta(days=settings.OUTBOX_KEEP_DAYS)
    return Outbox.objects.exclude(state=MailState.WAITING).filter(due_at__lt=before).delete()[0]


# --- what the installer does on the system page ---------------------------------------------------------


class Addressed(Actor, Protocol):
    """An actor who can be written to."""

    @property
    def email(self) -> str: ...


def send_test(*, actor: Addressed) -> Outcome:
    """A mail to the installer's own address, delivered at once; it stays in the outbox when that fails."""
    allow(actor, VIEW_SYSTEM)
    with transaction.atomic():
        mail = put(actor.email, "test", {"person": str(actor)})
        trail.record(mail, CoreAction.MAIL_TESTED, actor=actor)
    return deliver_now(mail.pk)


def retry(mails: Iterable[Outbox], *, actor: Actor | None) -> int:
    """Put given-up mails back, with all their tries; returns how many."""
    allow(actor, VIEW_SYSTEM)
    with transaction.atomic():
        rows = Outbox.objects.select_for_update().filter(pk__in=[mail.pk for mail in mails], state=MailState.FAILED)
        found = list(rows.order_by("pk"))
        if not found:
            raise DomainError(_("These mails are no longer given up. Look at the page again."))
        rows.update(state=MailState.WAITING, tries=0, due_at=timezone.now(), problem="")
        trail.record_many([trail.Entry(mail, CoreAction.MAIL_RETRIED) for mail in found], actor=actor)
    return len(found)
