"""Merging two records of one member or place: what every part of the portal does, and what a second person sees."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from benevolence.models import BenevolenceApplication
from benevolence.services import merging as benevolence
from core.errors import DomainError
from core.permissions import Actor
from grievances.models import Grievance
from grievances.services import merging as grievances
from members.models import Member, MergeRequest, Organization
from members.services import merge_requests, merging
from members.services.merge_requests import SecondPersonNeeded
from organizing.services import merging as organizing


@dataclass(frozen=True, slots=True)
class Moving:
    """One kind of thing that goes along, in words."""

    label: str
    text: str


def merge_alone(kept: Member, duplicate: Member, values: Mapping[str, Any], *, actor: Actor, **given: Any) -> Member:
    """As members.services.merging.merge_members, in every part of the portal. Raises SecondPersonNeeded."""
    with transaction.atomic():
        merged = merging.merge_members(kept, duplicate, values, actor=actor, **given)
        follow(merged, duplicate, actor=actor)
        return merged


def merge_organizations(
    kept: Organization, duplicate: Organization, values: Mapping[str, Any], *, actor: Actor, **given: Any
) -> Organization:
    """As members.services.merging.merge_organizations, in every part of the portal."""
    with transaction.atomic():
        merged = merging.merge_organizations(kept, duplicate, values, actor=actor, **given)
        grievances.follow_employer(merged, duplicate, actor=actor)
        organizing.follow_target(merged, duplicate)
        return merged


def merge(
    kept: Member,
    duplicate: Member,
    values: Mapping[str, Any],
    *,
    actor: Actor,
    reason: str,
    versions: tuple[int, int] | None = None,
) -> Member | MergeRequest:
    """Merge at once, or ask a second person where more than the record's own data moves."""
    given: dict[str, Any] = {"actor": actor, "reason": reason, "versions": versions}
    try:
        return merge_alone(kept, duplicate, values, **given)
    except SecondPersonNeeded:
        return merge_requests.ask(kept, duplicate, values, **given)


def carry_out(request: MergeRequest, *, actor: Actor) -> Member:
    """What somebody else asked for: cases and applications follow, standing decisions are looked at again."""
    if why := why_not(request, actor):
        raise DomainError(why)
    return merging.carry_out(request, actor=actor, follow=partial(follow, actor=actor))


def why_not(request: MergeRequest, actor: Actor) -> str:
    """As merge_requests.why_not; the second person also has to see the cases that move, but for restricted ones."""
    cases = Grievance.objects.about_member(request.duplicate_id).filter(is_restricted=False)
    if cases.exclude(pk__in=Grievance.objects.whole_to(actor).values("pk")).exists():
        return _("You may not see all that moves here. Leave it to somebody of the office who does.")
    return merge_requests.why_not(request, actor)


def follow(kept: Member, duplicate: Member, *, actor: Actor) -> None:
    grievances.follow(kept, duplicate, actor=actor)
    benevolence.follow(kept, duplicate, actor=actor)


def what_moves(request: MergeRequest, user: Actor) -> list[Moving]:
    """As far as the person may see it."""
    kept, duplicate = request.kept, request.duplicate
    jobs = duplicate.employments.count()
    cases = Grievance.objects.visible_to(user).about_member(duplicate.pk).order_by("grievance_number")
    applications = BenevolenceApplication.objects.visible_to(user).filter(member=duplicate)
    found = [
        (_("Account"), _account(duplicate)),
        (_("Account of the kept record, which reads what comes"), _account(kept)),
        (_("Jobs"), ngettext("%(count)s job", "%(count)s jobs", jobs) % {"count": jobs} if jobs else ""),
        (_("Grievances"), ", ".join(map(str, cases))),
        (_("Applications for help"), ", ".join(map(str, applications.order_by("sort_number")))),
    ]
    return [Moving(label, text) for label, text in found if text]


def _account(member: Member) -> str:
    user = User.objects.filter(member=member).first()
    if user is None:
        return ""
    roles = ", ".join(sorted(user.role_names))
    return f"{user.full_name}, {user.email}" + (f" ({roles})" if roles else "")
