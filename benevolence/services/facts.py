"""What the rules ask to know of an application, read from the database."""

from collections.abc import Collection, Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Q, Sum
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import CONFIRM_ROLES
from benevolence import permissions as p
from benevolence.enums import Payee, Relationship
from benevolence.models import (
    FULL_PERMISSIONS,
    BenevolenceApplication,
    BenevolencePolicy,
    DeclaredRelationship,
)
from benevolence.services import past_help
from benevolence.services.policy import Asked, Facts, Help, documents_needed, months_before, period_of
from core.site import local_today
from members.enums import MemberStatus
from members.models import Member


def policy_on(day: date) -> BenevolencePolicy:
    """The version in force; before the local has any, the rules that came with the portal."""
    return BenevolencePolicy.objects.in_force(day) or BenevolencePolicy()


def policy_of(application: Any) -> Any:
    """The version that an application keeps; of a draft the one in force today."""
    if application.policy_id is not None:
        return application.policy
    known = application.__dict__.get("_shared", application.__dict__)  # one for all rows of a list, see turns.once
    if "_policy" not in known:
        known["_policy"] = policy_on(local_today())
    return known["_policy"]


def asked_of(application: Any, rules: Any) -> Asked:
    return Asked(application.amount_requested, application.reason, facts_of(application, rules))


def facts_of(application: Any, rules: Any, *, day: date | None = None) -> Facts:
    day = day or local_today()
    member = application.member.merged_into or application.member
    status = member.status if member.deleted_at is None else MemberStatus.INACTIVE
    return Facts(
        day=day,
        status=status,
        standing=member.standing,
        initiated_on=member.initiation_date,
        dues_paid_through=member.dues_paid_through,
        helped=tuple(helped_before(application, rules, day)),
        spent=spent(rules, day),
        excluded=excluded(application, rules),
        documents=sent_kinds(application) if documents_needed(rules, application.reason) else frozenset(),
        payees=payee_kinds(application) if rules.vendors_only else frozenset(),
        confirmed=frozenset(rules.conditions),  # asked for before the levels approve, see services.intake
    )


def sent_kinds(application: Any) -> frozenset[str]:
    """The kinds of documents that were sent and not taken back."""
    return frozenset(application.documents.current().values_list("category", flat=True))


def documents_missing(application: Any) -> list[str]:
    """The kinds that the rules ask for and of which nothing has been sent."""
    needed = documents_needed(policy_of(application), application.reason)
    sent = sent_kinds(application) if needed else frozenset()
    return [kind for kind in needed if kind not in sent]


def payee_kinds(application: BenevolenceApplication) -> frozenset[str]:
    """Who is to be paid; the member, where nobody else is named."""
    return frozenset(application.lines.named().values_list("payee_kind", flat=True)) or frozenset([Payee.MEMBER.value])


def records_that_count(application: BenevolenceApplication) -> list[int]:
    """The records of the applicant and of who may be the same person: what was given to any of them counts."""
    return Member.objects.perhaps_one_with(application.member_id)


def others_granted(application: BenevolenceApplication, person: Collection[int]) -> Any:
    """Other applications of the holder of these records that were approved."""
    return BenevolenceApplication.objects.filter(member__in=person).granted().exclude(pk=application.pk)


def granted_since(application: BenevolenceApplication, day: Any) -> Decimal:
    """With what was paid before the portal."""
    person = records_that_count(application)
    rows = others_granted(application, person).filter(approved_on__gte=day)
    granted = rows.aggregate(total=Sum("approved_amount"))["total"] or Decimal(0)
    return granted + past_help.total_since(person, day)


def helped_before(application: BenevolenceApplication, rules: Any, day: date) -> Iterable[Help]:
    """As far back as any of these rules counts; nothing is asked where none does."""
    since = [months_before(day, rules.cap_months)] if rules.cap_per_member is not None else []
    if rules.times_per_member is not None:
        since.append(months_before(day, rules.times_months))
    if rules.wait_days is not None:
        since.append(day - timedelta(rules.wait_days))
    if not since:
        return []
    person = records_that_count(application)
    rows = others_granted(application, person).filter(approved_on__gte=min(since))
    past = past_help.given_since(person, min(since)).values_list("paid_on", "amount", "reason")
    return [Help(*row) for row in (*rows.values_list("approved_on", "approved_amount", "reason"), *past)]


def spent(rules: Any, day: date) -> Decimal:
    """What was approved in the period of the budget."""
    if rules.budget_amount is None:
        return Decimal(0)
    since = period_of(day, rules.budget_period)
    rows = BenevolenceApplication.objects.granted().filter(approved_on__gte=since)
    return (rows.aggregate(total=Sum("approved_amount"))["total"] or Decimal(0)) + past_help.paid_since(since)


def excluded(application: BenevolenceApplication, rules: Any) -> str:
    """Why the rules exclude this person: an officer, staff, or of the household of one."""
    groups = []
    if rules.excludes_officers:
        groups += [CONFIRM_ROLES, *FULL_PERMISSIONS]
    if rules.excludes_staff:
        groups.append(p.APPLY_FOR_MEMBER)
    if not groups:
        return ""
    holders = User.objects.none()
    for permission in groups:
        holders = holders | User.objects.holding(permission)
    people = list(holders.values_list("pk", "member_id"))
    records = set(records_that_count(application))
    if any(member in records for _user, member in people):
        return _(
            "The rules exclude officers and staff, so the fund cannot help here. Ask the office where else to ask."
        )
    if rules.excludes_households:
        near = DeclaredRelationship.objects.filter(
            Q(user__in=[user for user, _member in people]), member__in=records, kind=Relationship.HOUSEHOLD
        )
        if near.exists():
            return _("The rules exclude the households of officers and staff, so the fund cannot help here.")
        if application.is_related_to_office and is_own_entry(application, records):
            return _(
                "You are related to an officer or employee, and the rules exclude their households. If you do not live "
                "together, ask the office to enter the application: it names who that is, and the levels read it."
            )
    return ""


def is_own_entry(application: Any, records: set[int]) -> bool:
    """Whether the applicant, who has one of these records, entered it without the office."""
    return User.objects.filter(pk=application.entered_by_id, member__in=records).exists()


def total_of(application: Any, policy: Any) -> Decimal:
    """What decides the levels: the amount requested, and what was approved for the same person shortly before."""
    return application.amount_requested + granted_since(application, local_today() - timedelta(policy.lookback_days))
