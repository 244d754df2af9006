"""Mail to people: written in the transaction of what it tells, delivered afterwards by `manage.py run_due`."""

from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection
from django.template import Context
from django.template.loader import get_template
from django.utils import timezone
from django.utils.crypto import salted_hmac

from core.models import Outbox, SiteSettings
from core.site import site_settings

BATCH = 500


def send(address: str, template: str, context: dict[str, Any], *, key: str = "") -> None:
    """Put a mail into the outbox; with a `key` only the first mail of that key.

    templates/mail/<template>.txt has the subject in its first line and extends mail/base.txt; it also knows `local`
    and `portal_url`, with which links begin. Subjects carry no personal word: they show on locked screens.
    Raises RuntimeError outside a transaction: a mail and what it tells stand or fall together.
    """
    put(address, template, context, key=key)


def put(address: str, template: str, context: dict[str, Any], *, key: str = "") -> Outbox:
    """As `send`, for whoever needs the row."""
    _require_transaction()
    subject, body = render(template, context)
    digest = salted_hmac("core.outbox", key, algorithm="sha256").hexdigest() if key else ""
    mail = Outbox(template=template, key=digest, address=address, subject=subject, body=body)
    Outbox.objects.bulk_create([mail], ignore_conflicts=bool(key))
    return mail


def send_many(template: str, mails: Iterable[tuple[str, dict[str, Any]]]) -> None:
    """As `send`, for many pairs of address and context at once."""
    _require_transaction()
    site, rows = site_settings(), []
    for address, context in mails:
        subject, body = render(template, context, site=site)
        rows.append(Outbox(template=template, address=address, subject=subject, body=body))
    Outbox.objects.bulk_create(rows, batch_size=BATCH)


def _require_transaction() -> None:
    if not connection.in_atomic_block:
        raise RuntimeError("A mail needs the transaction of what it tells.")


def render(template: str, context: dict[str, Any], *, site: SiteSettings | None = None) -> tuple[str, str]:
    """(subject, text), with times in the local's zone; nothing is escaped, since a mail is plain text."""
    site = site or site_settings()
    known = {"local": site, "portal_url": settings.PORTAL_URL, **context}
    with timezone.override(ZoneInfo(site.time_zone)):
        backend: Any = get_template(f"mail/{template}.txt")
        text = backend.template.render(Context(known, autoescape=False))
    subject, _separator, body = text.strip().partition("\n")
    return " ".join(subject.split()), f"{body.strip()}\n"
