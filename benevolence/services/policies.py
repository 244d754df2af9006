"""The rules of the fund, version by version: what applications have used is never changed."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from benevolence import permissions as p
from benevolence.enums import BenevolenceAction, Level
from benevolence.models import FIRST_DAY, REVIEW_PERMISSIONS, BenevolenceApplication, BenevolencePolicy
from benevolence.services.facts import policy_on
from benevolence.services.policy import unstaffed
from core.audit import trail
from core.errors import DomainError, EditConflict
from core.permissions import Actor, allow
from core.records import records
from core.site import local_today

FIELDS = tuple(
    field.name
    for field in BenevolencePolicy._meta.concrete_fields
    if field.name not in ("id", "created_at", "updated_at", "version", "number", "called_off_at")
)
RULES = tuple(name for name in FIELDS if name not in ("starts_on", "why"))


def locked_rules() -> list[BenevolencePolicy]:
    """Every version, locked in their order; the rules that came with the portal are the first of them."""
    BenevolencePolicy.objects.bulk_create([BenevolencePolicy(number=1, starts_on=FIRST_DAY)], ignore_conflicts=True)
    return list(BenevolencePolicy.objects.select_for_update().order_by("number"))


def locked_policy_on(day: date) -> BenevolencePolicy:
    """The version in force, which nobody changes until the transaction is over."""
    found = BenevolencePolicy.objects.in_force(day)
    if found is None:
        locked_rules()
        found = BenevolencePolicy.objects.in_force(day)
    return BenevolencePolicy.objects.select_for_update().get(pk=found.pk)


def is_used(policy: BenevolencePolicy) -> bool:
    return BenevolenceApplication.objects.filter(policy=policy).exists()


def why_frozen(policy: BenevolencePolicy) -> str:
    """Why a version cannot be changed any more."""
    if policy.called_off_at is not None:
        return _("This version was called off. Make a new one.")
    if is_used(policy):
        return _("Applications were submitted under this version, so it stays as it is. Make a new version.")
    if policy.starts_on <= local_today() and policy != policy_on(local_today()):
        return _("This version has ended, so it stays as it is. Make a new version.")
    return ""


def too_early() -> str:
    return _("Rules hold from today on at the earliest. Choose today or a later day.")


def holds_today(policy: BenevolencePolicy) -> bool:
    """Whether its day has come; a later version may have taken its place."""
    return policy.called_off_at is None and policy.starts_on <= local_today()


def nothing_until_then() -> str:
    return _(
        "No rules would hold until that day. Leave the day of this version as it is, and make a new version for the "
        "day that you chose."
    )


def add_version(values: Mapping[str, Any], *, actor: Actor | None, starts_on: date) -> BenevolencePolicy:
    """Make a new version that holds from a day on; what `values` leave out is as in the version it follows."""
    allow(actor, p.CHANGE_POLICY)
    if starts_on < local_today():
        raise ValidationError({"starts_on": too_early()})
    with transaction.atomic():
        locked_rules()
        before = policy_on(starts_on)
        policy = BenevolencePolicy(**{name: getattr(before, name) for name in RULES})
        last = BenevolencePolicy.objects.aggregate(last=Max("number"))["last"] or 0
        policy.number, policy.starts_on = last + 1, starts_on
        _assign(policy, values)
        records.save(policy)
        changed = trail.changes(BenevolencePolicy, trail.values(before, FIELDS), trail.values(policy, FIELDS))
        trail.record(policy, BenevolenceAction.POLICY_CHANGED, actor=actor, changes=changed, reason=policy.why)
        return policy


def change_version(
    policy: BenevolencePolicy, values: Mapping[str, Any], *, actor: Actor | None, version: int | None = None
) -> BenevolencePolicy:
    """Change a version that no application has used. Raises EditConflict when `version` is not the current one."""
    allow(actor, p.CHANGE_POLICY)
    with transaction.atomic():
        rows = locked_rules()
        row = next(row for row in rows if row.pk == policy.pk)
        if version is not None and version != row.version:
            raise EditConflict(_("Somebody changed these rules meanwhile."), row)
        if frozen := why_frozen(row):
            raise DomainError(frozen)
        day = values.get("starts_on", row.starts_on)
        if day != row.starts_on and day < local_today():
            raise ValidationError({"starts_on": too_early()})
        if day > local_today() and not any(holds_today(other) for other in rows if other != row):
            raise ValidationError({"starts_on": nothing_until_then()})
        before = trail.values(row, FIELDS)
        _assign(row, values)
        row.version += 1
        records.save(row)
        if changed := trail.changes(BenevolencePolicy, before, trail.values(row, FIELDS)):
            trail.record(row, BenevolenceAction.POLICY_CHANGED, actor=actor, changes=changed, reason=row.why)
        return row


def change_policy(values: Mapping[str, Any], *, actor: Actor | None, version: int | None = None) -> BenevolencePolicy:
    """From today on: in the version in force where no application has used it, else in a new one."""
    allow(actor, p.CHANGE_POLICY)
    with transaction.atomic():
        today = local_today()
        current = next(row for row in reversed(locked_rules()) if row == policy_on(today))
        if current.starts_on == today and not why_frozen(current):
            return change_version(current, values, actor=actor, version=version)
        return add_version(values, actor=actor, starts_on=today)


def call_off(policy: BenevolencePolicy, *, actor: Actor | None, reason: str) -> BenevolencePolicy:
    """A version that is still to come does not come."""
    allow(actor, p.CHANGE_POLICY)
    reason = records.stated_reason(reason)
    with transaction.atomic():
        row = next(row for row in locked_rules() if row.pk == policy.pk)
        if row.starts_on <= local_today():
            raise DomainError(_("This version has begun. Make a new version instead."))
        if row.called_off_at is not None:
            raise DomainError(_("This version is called off already."))
        row.called_off_at = timezone.now()
        row.version += 1
        records.save(row)
        trail.record(row, BenevolenceAction.POLICY_CALLED_OFF, actor=actor, reason=reason)
        return row


def _assign(policy: BenevolencePolicy, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        setattr(policy, name, value)
    policy.full_clean()
    if refusal := cannot_be_staffed(policy):
        raise DomainError(refusal)


def cannot_be_staffed(policy: Any) -> str:
    """The seat for which nobody is left among today's people."""
    people: dict[Level, set[int]] = {
        level: set(User.objects.holding(REVIEW_PERMISSIONS[level]).values_list("pk", flat=True))
        for level in policy.levels
    }
    return unstaffed(policy, people, set(User.objects.holding(p.PAY).values_list("pk", flat=True)))
