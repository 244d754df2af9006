"""What the installer wants to know of the machine: regular work, mail, disk, keys, database, versions."""

import platform
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.db import connection
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.translation import gettext as _

from core.enums import MailState
from core.mail import heartbeats
from core.models import Outbox
from core.web.keyset import EXACT_COUNT, bounded_count

BACKUP_AGE = timedelta(hours=26)  # every night, and a night may be an hour longer
LOW_SHARE, LOW_BYTES = 0.1, 2**30
SHOWN = 20


@dataclass(frozen=True, slots=True)
class Work:
    """A piece of regular work: `state` and `tone` for its badge, `advice` when somebody must do something."""

    label: str
    at: datetime | None
    state: str
    tone: str
    advice: str = ""


def regular_work() -> list[Work]:
    beats, now = heartbeats.known(), timezone.now()
    names = (heartbeats.RUN_DUE, heartbeats.MAIL, heartbeats.TELLING, heartbeats.BACKUP)
    run, mail, telling, backup = (beats.get(name) for name in names)
    return [
        _work(
            _("Regular work (run_due)"),
            run,
            is_late=_is_older(run, now - heartbeats.SILENCE),
            advice=_("Set up a timer that runs “manage.py run_due” every minute; see the README."),
        ),
        _work(
            _("Mail"),
            mail,
            is_late=bool(mail and mail.failing_since),
            advice=_("Send a test mail. If it fails, look at EMAIL_URL and ask whoever runs the mail server."),
        ),
        _work(
            _("Notices"),
            telling,
            is_late=bool(telling and telling.failing_since),
            advice=_("Telling of some event fails; it is tried again every ten minutes. The server's log says why."),
        ),
        _work(
            _("Backup"),
            backup,
            is_late=_is_older(backup, now - BACKUP_AGE),
            advice=_("Make a backup every night and let its script end with “manage.py note_backup”."),
        ),
    ]


def _work(label: str, beat: Any, *, is_late: bool, advice: str) -> Work:
    at = beat.succeeded_at if beat else None
    if is_late:
        state = _("Failing: %(problem)s") % {"problem": beat.problem} if beat and beat.problem else _("Overdue")
        return Work(label, at, state, "red", advice)
    return Work(label, at, _("Works"), "green") if at else Work(label, None, _("Not used yet"), "grey")


def _is_older(beat: Any, than: datetime) -> bool:
    return beat is None or beat.succeeded_at is None or beat.succeeded_at < than


@dataclass(frozen=True, slots=True)
class Mails:
    waiting: str
    oldest: datetime | None
    given_up: str
    failed: Sequence[Outbox]


def mails() -> Mails:
    waiting, failed = (Outbox.objects.filter(state=state) for state in (MailState.WAITING, MailState.FAILED))
    oldest = waiting.order_by("due_at", "id").values_list("created_at", flat=True).first()
    rows = failed.order_by("-due_at", "-id").defer("address", "subject", "body")[:SHOWN]
    return Mails(_counted(waiting), oldest, _counted(failed), list(rows))


def _counted(rows: Any) -> str:
    count = bounded_count(rows)
    return f"{count:,}" if count <= EXACT_COUNT else f"{EXACT_COUNT:,}+"


@dataclass(frozen=True, slots=True)
class Disk:
    label: str
    free: str
    total: str
    is_low: bool


def disks() -> list[Disk]:
    """The disks of the folders that the portal writes to, each disk once."""
    found: dict[int, Disk] = {}
    for label, folder in ((_("Uploaded files"), settings.MEDIA_ROOT), (_("Working files"), settings.VAR_DIR)):
        place = _existing(Path(folder))
        usage = shutil.disk_usage(place)
        is_low = usage.free < max(LOW_BYTES, usage.total * LOW_SHARE)
        disk = Disk(label, filesizeformat(usage.free), filesizeformat(usage.total), is_low)
        found.setdefault(place.stat().st_dev, disk)
    return list(found.values())


def _existing(folder: Path) -> Path:
    return next(place for place in (folder, *folder.parents) if place.exists())


def keys() -> list[tuple[str, str]]:
    """Ids only. The last one writes, the others still read."""
    return [(_("Encrypted fields"), _ids(settings.FIELD_KEYS)), (_("Audit trail"), _ids(settings.AUDIT_KEYS))]


def _ids(known: dict[str, bytes]) -> str:
    *older, newest = known
    if not older:
        return newest
    return _("%(newest)s (still read: %(older)s)") % {"newest": newest, "older": ", ".join(older)}


def versions() -> list[tuple[str, str]]:
    number = ".".join(map(str, connection.get_database_version()))
    return [
        (_("Database"), f"{connection.display_name} {number}, {filesizeformat(_database_size())}"),
        ("Django", django.get_version()),
        ("Python", platform.python_version()),
        (_("System"), f"{platform.system()} {platform.release()}"),
    ]


def _database_size() -> int:
    query = (
        "SELECT pg_database_size(current_database())"
        if connection.vendor == "postgresql"
        else "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchone()[0]
