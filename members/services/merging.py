"""Two records of one member or organization become one. Nothing is lost: both histories stay readable."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import models, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.enums import AccountAction, IdentityKind
from accounts.models import User
from accounts.services import identity, notices
from core.audit import trail
from core.errors import DomainError
from core.permissions import Actor, allow
from core.records import records
from core.site import local_now
from members import permissions as p
from members.enums import MemberAction, MergeState
from members.models import Employment, Member, MergeRequest, Organization
from members.services import addresses, matches, merge_requests
from members.services.employments import employed_at, record_removal, refresh_search
from members.services.members import MEMBER_FIELDS, clash_named, searched_names
from members.services.merge_requests import Follow, SecondPersonNeeded, needs_second, refuse_own
from members.services.organizations import ORGANIZATION_FIELDS
from members.services.search import remember_words

JOB_DETAILS = ("start_date", "job_title", "hourly_rate")


def merge_members(
    kept: Member,
    duplicate: Member,
    values: Mapping[str, Any],
    *,
    actor: Actor | None,
    reason: str,
    versions: tuple[int, int] | None = None,
) -> Member:
    """`kept` takes the chosen `values` and the employments; `duplicate` is deleted and points to it.

    `versions` of the two are those that were compared; raises EditConflict when one is no longer the current one, and
    SecondPersonNeeded when more than the record's own data moves: see merge_requests.ask.
    """
    allow(actor, p.MERGE_MEMBERS)
    with transaction.atomic(), clash_named(values):
        kept, duplicate = _lock_members(kept, duplicate, actor=actor, versions=versions)
        if actor is not None and needs_second(kept, duplicate):
            raise SecondPersonNeeded
        return _merge(kept, duplicate, values, actor=actor, reason=reason)


def carry_out(request: MergeRequest, *, actor: Actor, follow: Follow) -> Member:
    """What somebody else asked for; `follow` lets the other parts of the portal go along, or refuse.

    Refused when both have an account: somebody must decide first how the person signs in.
    """
    with transaction.atomic():
        request = merge_requests.locked(request, actor)
        if why := merge_requests.why_not(request, actor):
            raise DomainError(why)
        versions = (request.kept_version, request.duplicate_version)
        kept, duplicate = _lock_members(request.kept, request.duplicate, actor=actor, versions=versions)
        values = {name: getattr(duplicate, name) for name in request.taken}
        with clash_named(values):
            kept = _merge(kept, duplicate, values, actor=actor, reason=request.reason)
        for user in User.objects.filter(member=kept):  # whoever asked is not independent of the account either
            links = {"member_before": duplicate, "member_after": kept}
            identity.record_change(user, IdentityKind.MERGE, actor=request.asked_by, reason=request.reason, **links)
        merge_requests.close(request, MergeState.DONE, actor=actor)
        follow(kept, duplicate)
        return kept


def _lock_members(
    kept: Member, duplicate: Member, *, actor: Actor | None, versions: tuple[int, int] | None
) -> tuple[Member, Member]:
    """The two and their employers, of which none may be the actor's own record."""
    _lock_employers(Employment.objects.filter(member__in=[kept, duplicate]))
    kept, duplicate = records.lock_pair(kept, duplicate, actor=actor, versions=versions)
    refuse_own((kept, duplicate), actor)
    return kept, duplicate


def _merge(kept: Member, duplicate: Member, values: Mapping[str, Any], *, actor: Actor | None, reason: str) -> Member:
    reason = records.stated_reason(reason)
    _move_account(kept, duplicate, actor=actor, reason=reason)
    moved_mail = addresses.note_merge(kept, duplicate, values.get("email", kept.email), actor=actor)
    number = _give_number_back(kept, duplicate, values)
    Member.objects.filter(merged_into=duplicate).update(merged_into=kept)  # so that nobody has to follow a chain
    _retire(duplicate, kept, actor=actor, reason=reason)
    former = {number or "", *kept.former_numbers.split(), *duplicate.former_numbers.split()} - {""}
    kept.former_numbers = " ".join(sorted(former))
    matches.keep_before(kept, values)
    changed = _take(kept, values, MEMBER_FIELDS)
    given = trail.changes(Member, {"member_number": duplicate.member_number}, {"member_number": number})
    if given:
        Member.objects.filter(pk=duplicate.pk).update(member_number=number)
    moved = _move_jobs(duplicate.employments.all(), {"member_id": kept.pk}, actor=actor)
    refresh_search([kept.pk, duplicate.pk])
    remember_words(searched_names(kept))
    addresses.tell(moved_mail)
    told: dict[str, Any] = {"actor": actor, "reason": reason}
    trail.record(kept, MemberAction.MEMBER_MERGED, changes=changed, merged=duplicate.pk, employments=moved, **told)
    trail.record(duplicate, MemberAction.MEMBER_MERGED_AWAY, changes=given, into=kept.pk, **told)
    kept.refresh_from_db()
    return kept


def merge_organizations(
    kept: Organization,
    duplicate: Organization,
    values: Mapping[str, Any],
    *,
    actor: Actor | None,
    reason: str,
    versions: tuple[int, int] | None = None,
) -> Organization:
    """`kept` takes the chosen `values`, the employments and the contacts; its own main contact stays the main one.

    `versions` as for members.
    """
    allow(actor, p.MERGE_ORGANIZATIONS)
    reason = records.stated_reason(reason)
    with transaction.atomic():
        kept, duplicate = records.lock_pair(kept, duplicate, actor=actor, versions=versions)
        _retire(duplicate, kept, actor=actor, reason=reason)
        changed = _take(kept, values, ORGANIZATION_FIELDS)
        people = set(employed_at(kept)) | set(employed_at(duplicate))
        moved = _move_jobs(duplicate.employments.all(), {"organization_id": kept.pk}, actor=actor)
        contacts = duplicate.contacts.all()
        if kept.contacts.filter(is_primary=True).exists():
            contacts.update(is_primary=False)
        contacts_moved = contacts.update(organization=kept)
        refresh_search(people)
        remember_words([kept.name, kept.city])
        trail.record(
            kept,
            MemberAction.ORGANIZATION_MERGED,
            actor=actor,
            changes=changed,
            reason=reason,
            merged=duplicate.pk,
            employments=moved,
            contacts=contacts_moved,
        )
        trail.record(duplicate, MemberAction.ORGANIZATION_MERGED_AWAY, actor=actor, reason=reason, into=kept.pk)
        return kept


def _lock_employers(jobs: Any) -> None:
    """Organizations before members: see employment_services."""
    employers = Organization.objects.filter(pk__in=jobs.values("organization")).order_by("pk")
    list(employers.select_for_update(of=("self",)))


def _move_account(kept: Member, duplicate: Member, *, actor: Actor | None, reason: str) -> None:
    """What is confirmed for an account of either record rests until somebody confirms it anew."""
    users = User.objects.select_for_update(of=("self",)).filter(member__in=[kept, duplicate]).order_by("pk")
    accounts = {user.member_id: user for user in users}
    if len(accounts) == 2:
        raise DomainError(_("Both members can sign in. Switch one account off and detach it, then merge."))
    if user := accounts.get(duplicate.pk):
        user.member = kept
        user.version += 1
        user.save(update_fields=["member", "version", "updated_at"])
        trail.record(user, AccountAction.USER_CHANGED, actor=actor, changes=[{"field": "member"}])
    for user in accounts.values():  # also that of the kept record, which reads more than it did
        links = {"member_before": duplicate, "member_after": kept}
        identity.raise_epoch(user, IdentityKind.MERGE, actor=actor, reason=reason, **links)
        notices.tell(user, AccountAction.LINK_CHANGED)


def _give_number_back(kept: Member, duplicate: Member, values: Mapping[str, Any]) -> str | None:
    """The number that `duplicate` keeps: when its own is chosen for `kept`, the two change places.

    Both stay taken: a number is never given to somebody else.
    """
    chosen = values.get("member_number") or None
    if chosen is None or chosen != duplicate.member_number:
        return duplicate.member_number
    Member.objects.filter(pk=duplicate.pk).update(merged_into=kept, member_number=None)
    return kept.member_number


def _retire(duplicate: Any, kept: Any, *, actor: Actor | None, reason: str) -> None:
    duplicate.merged_into = kept
    duplicate.deleted_at, duplicate.deleted_by, duplicate.deleted_reason = timezone.now(), actor, reason
    duplicate.version += 1
    duplicate.save(update_fields=["merged_into", "deleted_at", "deleted_by", "deleted_reason", "version", "updated_at"])


def _take(kept: Any, values: Mapping[str, Any], editable: tuple[str, ...]) -> list[dict[str, Any]]:
    """Saves also when nothing differs: the version says that a merge happened."""
    before = trail.values(kept, editable)
    records.assign(kept, values, editable)
    kept.version += 1
    records.save(kept)
    return trail.changes(type(kept), before, trail.values(kept, editable))


def _move_jobs(jobs: "models.QuerySet[Employment]", target: Mapping[str, int], *, actor: Actor | None) -> int:
    """Give employments to the kept record; returns how many moved.

    `target` is the column that changes, with its new value. Where both records say that somebody works there now,
    one current employment is left.
    """
    (column, kept_id) = next(iter(target.items()))
    other = "organization_id" if column == "member_id" else "member_id"
    rows = list(jobs.select_for_update(of=("self",)).order_by("pk"))
    clashing = {getattr(job, other): job for job in rows if job.end_date is None}
    present = Employment.objects.current().filter(**target, **{f"{other}__in": list(clashing)})
    for current in present.select_for_update(of=("self",)).order_by("pk"):
        job = clashing[getattr(current, other)]
        if not _end_beside(current, job, actor=actor):
            rows.remove(job)
    Employment.objects.filter(pk__in=[job.pk for job in rows]).update(
        **target, version=F("version") + 1, updated_at=timezone.now()
    )
    field = column.removesuffix("_id")
    entries = []
    for job in rows:
        changed = trail.changes(Employment, {field: getattr(job, column)}, {field: kept_id})
        setattr(job, column, kept_id)
        stream = trail.stream_of(Member(pk=job.member_id))
        entries.append(trail.Entry(job, MemberAction.EMPLOYMENT_CHANGED, changed, stream=stream))
    trail.record_many(entries, actor=actor)
    return len(rows)


def _end_beside(current: Employment, job: Employment, *, actor: Actor | None) -> bool:
    """Two current employments become one: `current` goes on and learns what only `job` knew.

    True when `job` said something else and is kept, ended; False when it said nothing more and was removed.
    """
    stream = trail.stream_of(Member(pk=current.member_id))
    told: dict[str, Any] = {"actor": actor, "action": MemberAction.EMPLOYMENT_CHANGED}
    known = trail.values(job, JOB_DETAILS)
    blank = {name: value for name, value in known.items() if getattr(current, name) in (None, "")}
    records.change(current, blank, editable=JOB_DETAILS, stream=stream, **told)
    if all(value in (None, "", getattr(current, name)) for name, value in known.items()):
        record_removal(job, actor=actor, reason="")
        job.delete()
        return False
    records.change(
        job,
        {"end_date": _last_day(current, job, local_now().date())},
        editable=("end_date",),
        stream=trail.stream_of(Member(pk=job.member_id)),
        **told,
    )
    return True


def _last_day(current: Employment, job: Employment, today: date) -> date:
    """The day on which the employment that goes on began, where that makes sense."""
    began = job.start_date or date.min
    if current.start_date and began <= current.start_date <= today:
        return current.start_date
    return max(today, began)
