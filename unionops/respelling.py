"""Cases and applications are found by the names that their people and employers have now.

Each keeps these names in its own searched text, and whoever renames a member or an employer, an import included, knows
of neither. So the clock writes the text again.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from benevolence.models import BenevolenceApplication
from core.db.update import update_many
from core.folding import words
from grievances.models import Grievance, Grievant

BATCH = 500


def spell_again(since: datetime) -> None:
    """Write the searched text of what lacks a name or number that somebody got from `since` on."""
    _write(Grievance.objects.select_related("employer"), _cases(since))
    _write(BenevolenceApplication.objects.select_related("member"), _applications(since))


def _cases(since: datetime) -> Iterator[Any]:
    at_place = Grievance.objects.filter(employer__updated_at__gte=since)
    for pk, text, name in at_place.values_list("pk", "search_text", "employer__name").iterator():
        if _lacks(text, [name]):
            yield pk
    about = Grievant.objects.filter(member__updated_at__gte=since).select_related("member")
    for row in about.annotate(text=F("grievance__search_text")).iterator():
        if _lacks(row.text, row.member.found_by):
            yield row.grievance_id


def _applications(since: datetime) -> Iterator[Any]:
    rows = BenevolenceApplication.objects.filter(member__updated_at__gte=since).select_related("member")
    return (row.pk for row in rows.iterator() if _lacks(row.search_text, row.member.found_by))


def _lacks(text: str, names: Iterable[str]) -> bool:
    known = set(text.split())
    return any(word not in known for name in names for word in words(name))


def _write(rows: Any, found: Iterable[Any]) -> None:
    keys = sorted(set(found))
    for start in range(0, len(keys), BATCH):
        with transaction.atomic():
            batch = rows.filter(pk__in=keys[start : start + BATCH]).select_for_update(of=("self",))
            locked = list(batch.order_by("pk"))
            for row in locked:
                row.fill_keys()
            update_many(locked, ["search_text"])
