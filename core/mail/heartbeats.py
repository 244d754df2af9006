"""Whether the regular work is done: when it last succeeded, and what every page of the office says when it is not."""

from datetime import timedelta
from typing import Any

from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from core.kept import Kept
from core.models import Heartbeat

# NOTICES: until when events were looked for; TELLING: whether all of them could be told; SWEEP: the store of files
RUN_DUE, MAIL, BACKUP, NOTICES, TELLING, SWEEP = "run_due", "mail", "backup", "notices", "telling", "sweep"
SILENCE = timedelta(hours=2)


def succeeded(name: str) -> None:
    values = {"succeeded_at": timezone.now(), "failing_since": None, "problem": ""}
    Heartbeat.objects.update_or_create(name=name, defaults=values)
    _beats.forget_with_commit()


def failed(name: str, problem: str) -> None:
    """`problem` is a kind of error, never a text that could name a person."""
    now = timezone.now()
    Heartbeat.objects.bulk_create([Heartbeat(name=name)], ignore_conflicts=True)
    Heartbeat.objects.filter(name=name).update(failing_since=Coalesce("failing_since", now), problem=problem[:100])
    _beats.forget_with_commit()


def known() -> dict[str, Heartbeat]:
    return {beat.name: beat for beat in Heartbeat.objects.all()}


_beats = Kept(known)


def alarms() -> list[str]:
    """What has not worked for SILENCE, in sentences, as it was known a few seconds ago."""
    beats, late = _beats(), timezone.now() - SILENCE
    found = []
    if not _is_fresh(beats.get(RUN_DUE), late):
        found.append(_("The portal's regular work has not run for two hours: reminders and mails wait."))
    mail: Any = beats.get(MAIL)
    if mail and mail.failing_since and mail.failing_since < late:
        found.append(_("No mail could be delivered for two hours: links, codes and reminders reach nobody."))
    telling: Any = beats.get(TELLING)
    if telling and telling.failing_since and telling.failing_since < late:
        found.append(_("For two hours somebody could not be told of something; the server's log says why."))
    return found


def _is_fresh(beat: Heartbeat | None, late: Any) -> bool:
    return beat is not None and beat.succeeded_at is not None and beat.succeeded_at >= late
