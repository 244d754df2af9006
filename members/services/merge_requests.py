"""A merge that moves more than a name: one person asks, a second one sees what moves and carries it out."""

import copy
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from core.audit import trail
from core.errors import DomainError
from core.permissions import Actor, allow
from core.records import records
from members import permissions as p
from members.enums import MemberAction, MergeState
from members.models import Member, MergeRequest, MergeRequestQuerySet
from members.services.members import MEMBER_FIELDS

# Told of (kept, duplicate) in the transaction of the merge, so that the other parts follow.
Follow = Callable[[Member, Member], None]


class SecondPersonNeeded(DomainError):
    code = "second_person_needed"

    def __init__(self) -> None:
        super().__init__(
            _(
                "An account or a matter of the member hangs on these records, so a second person carries out the merge."
                " Ask for it on the page of the record that stays."
            )
        )


def refuse_own(pair: Sequence[Member], actor: Actor | None) -> None:
    """Raise DomainError when one of the two records is, or ever was, the actor's own, or looks as if it were."""
    if actor is None:
        return
    if {member.pk for member in pair}.intersection(Member.objects.perhaps_of(actor)):
        raise DomainError(_("One of these records may be your own. Ask somebody else of the office to merge them."))


def needs_second(kept: Member, duplicate: Member) -> bool:
    """Whether the merge moves an account, a case, an application, a payment or whatever else hangs on the records.

    An account counts on either record, for it would read what the other brings.
    """
    for relation in Member._meta.get_fields(include_hidden=True):
        model: Any = relation.related_model
        is_named_by = relation.auto_created and not relation.concrete
        if not is_named_by or model._meta.app_label == Member._meta.app_label:  # jobs and the like are the record's own
            continue
        column = relation.field.attname
        pair = [kept.pk, duplicate.pk] if model._meta.app_label == User._meta.app_label else [duplicate.pk]
        if model._base_manager.filter(**{f"{column}__in": pair}).exists():
            return True
    return False


def ask(
    kept: Member,
    duplicate: Member,
    values: Mapping[str, Any],
    *,
    actor: Actor,
    reason: str,
    versions: tuple[int, int] | None = None,
) -> MergeRequest:
    """As merging.merge_members, to be carried out by somebody else. `values` are the duplicate's.

    Raises ValidationError by field for values that `kept` could not have, so that whoever chose them is told.
    """
    allow(actor, p.MERGE_MEMBERS)
    reason = records.stated_reason(reason)
    if strange := [name for name, value in values.items() if getattr(duplicate, name) != value]:
        raise ValueError(f"a merge takes over what the second record has, so not {', '.join(strange)}")
    with transaction.atomic():
        kept, duplicate = records.lock_pair(kept, duplicate, actor=actor, versions=versions)
        refuse_own((kept, duplicate), actor)
        _require_valid(kept, values)
        if MergeRequest.objects.waiting().filter(duplicate__in=[kept, duplicate]).exists():
            raise DomainError(_("A merge of one of these records waits for a second person already."))
        request = MergeRequest(
            kept=kept,
            duplicate=duplicate,
            taken=sorted(values),
            kept_version=kept.version,
            duplicate_version=duplicate.version,
            reason=reason,
            asked_by=actor,
        )
        records.save(request)
        trail.record(kept, MemberAction.MERGE_ASKED, actor=actor, reason=reason, second=duplicate.pk)
        trail.record(duplicate, MemberAction.MERGE_ASKED, actor=actor, reason=reason, second=kept.pk)
    return request


def _require_valid(kept: Member, values: Mapping[str, Any]) -> None:
    """Raise ValidationError by field; a number that is the duplicate's until the merge is not taken."""
    wanted = copy.copy(kept)
    records.assign(wanted, values, MEMBER_FIELDS)
    wanted.full_clean(validate_unique=False, validate_constraints=False)


def why_not(request: MergeRequest, actor: Actor) -> str:
    """Why this person does not carry out the merge, or ""."""
    if request.state != MergeState.ASKED:
        return _("This merge has been decided.")
    if request.asked_by_id == actor.pk:
        return _("You asked for this merge, so somebody else carries it out.")
    try:
        refuse_own((request.kept, request.duplicate), actor)
    except DomainError as refusal:
        return refusal.sentence
    if (request.kept_version, request.duplicate_version) != (request.kept.version, request.duplicate.version):
        return _("One of the two records was changed since. Decline this merge, compare them again and ask anew.")
    return ""


def locked(request: MergeRequest, actor: Actor) -> MergeRequest:
    """The request as it stands, for whoever may decide it. Raises DomainError."""
    allow(actor, p.MERGE_MEMBERS)
    row = records.lock(request, actor=actor)
    if row.state != MergeState.ASKED:
        raise DomainError(_("This merge has been decided."))
    return row


def close(request: MergeRequest, state: MergeState, *, actor: Actor, why: str = "") -> None:
    request.state, request.decided_by, request.why_declined = state, cast(User, actor), why
    request.decided_at = timezone.now()
    request.version += 1
    records.save(request)


def decline(request: MergeRequest, *, actor: Actor, reason: str) -> MergeRequest:
    """Nothing is merged. Whoever asked may take it back in this way too."""
    reason = records.stated_reason(reason)
    with transaction.atomic():
        request = locked(request, actor)
        close(request, MergeState.DECLINED, actor=actor, why=reason)
        for record, second in ((request.kept, request.duplicate), (request.duplicate, request.kept)):
            trail.record(record, MemberAction.MERGE_DECLINED, actor=actor, reason=reason, second=second.pk)
    return request


def waiting_for(user: Actor) -> MergeRequestQuerySet:
    """What somebody else asked and this person may decide, the oldest first."""
    return MergeRequest.objects.visible_to(user).waiting().exclude(asked_by=user.pk).order_by("created_at")
