"""What can be done with employments. Their events are told on the member's history."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.audit import trail
from core.db.update import update_many
from core.permissions import Actor, allow
from core.records import records
from members import permissions as p
from members.enums import MemberAction
from members.models import Employment, Member, Organization

EMPLOYMENT_FIELDS = ("organization", "start_date", "end_date", "job_title", "hourly_rate")
REFRESH_BATCH = 500


def add_employment(member: Member, values: Mapping[str, Any], *, actor: Actor | None) -> Employment:
    allow(actor, p.CHANGE_MEMBERS)
    with transaction.atomic():
        _lock_employer(values, actor)
        member = records.lock_alive(member, actor=actor)
        job = records.create(
            Employment(member=member),
            values,
            editable=EMPLOYMENT_FIELDS,
            actor=actor,
            action=MemberAction.EMPLOYMENT_STARTED,
            stream=trail.stream_of(member),
        )
        refresh_search([member.pk])
        return job


def change_employment(
    job: Employment, values: Mapping[str, Any], *, actor: Actor | None, version: int | None = None
) -> Employment:
    allow(actor, p.CHANGE_MEMBERS)
    with transaction.atomic():
        _lock_employer(values, actor)
        member = records.lock_alive(job.member, actor=actor)
        job = records.lock(job, actor=actor, version=version)
        records.change(
            job,
            values,
            editable=EMPLOYMENT_FIELDS,
            actor=actor,
            action=MemberAction.EMPLOYMENT_CHANGED,
            stream=trail.stream_of(member),
        )
        refresh_search([member.pk])
        return job


def remove_employment(job: Employment, *, actor: Actor | None, reason: str, version: int | None = None) -> None:
    """Take away an employment that was entered by mistake; one that is over is ended instead."""
    allow(actor, p.CHANGE_MEMBERS)
    with transaction.atomic():
        member = records.lock_alive(job.member, actor=actor)
        job = records.lock(job, actor=actor, version=version)
        record_removal(job, actor=actor, reason=records.stated_reason(reason))
        job.delete()
        refresh_search([member.pk])


def record_removal(job: Employment, *, actor: Actor | None, reason: str) -> None:
    stream = trail.stream_of(Member(pk=job.member_id))
    trail.record(job, MemberAction.EMPLOYMENT_REMOVED, actor=actor, reason=reason, stream=stream)


def _lock_employer(values: Mapping[str, Any], actor: Actor | None) -> None:
    """Organizations are locked before members everywhere, so that two people never wait for each other."""
    employer = values.get("organization")
    if employer is None:
        return
    current = records.lock(employer, actor=actor)
    if current.is_deleted:
        raise ValidationError({"organization": _("This organization is deleted. Restore it or choose another one.")})


def refresh_search(member_pks: Iterable[int]) -> None:
    """Write the search text of these members again: the names of their current employers are part of it.

    An employment is told with its member, so that has changed too, for programs that keep in step.
    """
    pks, now = sorted(set(member_pks)), timezone.now()
    for start in range(0, len(pks), REFRESH_BATCH):
        batch = pks[start : start + REFRESH_BATCH]
        members = list(Member.objects.filter(pk__in=batch).order_by("pk").select_for_update(of=("self",)))
        jobs = Employment.objects.current().filter(member_id__in=batch).order_by("id")
        employers: dict[int, list[str]] = {}
        for member_id, name in jobs.values_list("member_id", "organization__name"):
            employers.setdefault(member_id, []).append(name)
        for member in members:
            member.fill_keys(employers.get(member.pk, []))
            member.updated_at = now
        update_many(members, ["search_text", "updated_at"])


def employed_at(organization: Organization) -> list[int]:
    """Keys of the members who work there now, deleted ones too: their search text names the employer."""
    return list(Employment.objects.current().filter(organization=organization).values_list("member_id", flat=True))
