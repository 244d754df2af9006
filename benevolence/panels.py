"""What benevolence offers to the pages that unionops composes."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from benevolence import permissions as p
from benevolence.display import status_badge, status_words
from benevolence.enums import IN_REVIEW, Status
from benevolence.models import (
    ANY_PERMISSION,
    FULL_PERMISSIONS,
    REVIEW_PERMISSIONS,
    TO_DO_FOR_ENTRANT,
    ApplicationQuerySet,
    BenevolenceApplication,
    is_applicant,
    levels_of,
)
from core.db.one_of import OneOf
from core.db.prepared import prepared
from core.permissions import may
from core.search import search as searched
from core.site import local_today
from core.web.first_page import last_changed
from core.web.keyset import countable, first_found
from core.web.panels import Figure, Happened, Hit, HitGroup, Waiting, figure, recent
from members.models import Member

FOUND = 6
MOST_WAITING = 10
MOST_SHOWN = 10


def search(user: Any, text: str) -> HitGroup:
    visible = BenevolenceApplication.objects.visible_to(user).select_related("member")
    found = first_found(searched(visible, text), "list_date", FOUND + 1)
    hits = [
        Hit(str(row), " · ".join((row.member.list_name, status_words(row))), row.get_absolute_url()) for row in found
    ]
    more = reverse("application_list") if len(found) > FOUND else ""
    return HitGroup(BenevolenceApplication, _("Benevolence applications"), hits[:FOUND], more)


def figures(user: Any) -> list[Figure]:
    found = []
    if may(user, (*REVIEW_PERMISSIONS.values(), p.PAY)):
        found.append(figure(_("Applications waiting for you"), _due.count(user), reverse("application_queue")))
    if may(user, FULL_PERMISSIONS):
        found.append(figure(_("Benevolence applications"), _visible.count(user), reverse("application_list")))
    elif may(user, (p.VIEW_OWN_APPLICATIONS, p.APPLY_FOR_MEMBER)):
        found.append(figure(_("Applications in review"), _in_review.count(user), reverse("application_list")))
    return found


@prepared
def _due(asker: Any) -> QuerySet:
    return countable(BenevolenceApplication.objects.due_to(asker))


@prepared
def _visible(asker: Any) -> QuerySet:
    return countable(BenevolenceApplication.objects.visible_to(asker))


@prepared
def _in_review(asker: Any) -> QuerySet:
    return countable(BenevolenceApplication.objects.visible_to(asker).filter(status__in=IN_REVIEW))


def waiting(user: Any) -> list[Waiting]:
    """What this person decides, pays, answers or finishes, the oldest first; not what they may not."""
    if not may(user, ANY_PERMISSION):
        return []
    return [waiting_for(row) for row in _todo(user, day=local_today())]


@prepared
def _todo(user: Any, *, day: Any) -> ApplicationQuerySet:
    rows = BenevolenceApplication.objects.for_person(user)
    # Each kind is found by its own index; of all together only the oldest of each are compared.
    oldest = [kind.oldest_first().values("pk")[:MOST_WAITING] for kind in _kinds(user, day)]
    found = reduce(or_, (Q(OneOf("pk", keys)) for keys in oldest), Q(pk=None))
    return rows.filter(found).oldest_first()[:MOST_WAITING]


def _kinds(user: Any, day: Any) -> Iterator[ApplicationQuerySet]:
    """What to decide, to pay, and to finish or answer as the applicant or for one."""
    full = BenevolenceApplication.objects.in_full(user).for_person(user)
    if levels := levels_of(user):
        now = Q(is_awaiting_applicant=False) & (Q(deferred_until=None) | Q(deferred_until__lte=day))
        yield full.filter(now, status__in=IN_REVIEW, level_due__in=levels, has_reviewed_elsewhere=False)
    if may(user, p.PAY):
        yield full.filter(status=Status.APPROVED, has_reviewed=False)
    if may(user, p.REQUEST):
        begun = BenevolenceApplication.objects.visible_to(user).filter(TO_DO_FOR_ENTRANT)
        yield begun.filter(is_applicant(user))
        yield begun.filter(entered_by=user)


def waiting_for(row: Any) -> Waiting:
    words, tone, _icon = status_badge(row)
    if row.status == Status.DRAFT:
        what = _("Finish an application")
    elif row.is_awaiting_applicant:
        what = _("Answer the question about %(number)s") % {"number": row}
    elif row.status == Status.APPROVED:
        what = _("Pay %(number)s") % {"number": row}
    else:
        what = _("Decide %(number)s") % {"number": row}
    return Waiting(what, row.get_absolute_url(), words, tone, row.list_date)


def happened(user: Any, limit: int) -> list[Happened]:
    """Of applications seen in full: an event names who decided."""
    if not may(user, FULL_PERMISSIONS):
        return []
    return recent(last_changed(BenevolenceApplication.objects.in_full, limit)(user).rows, str, limit)


@dataclass(frozen=True, slots=True)
class MemberPanel:
    """A member's applications, as far as the person sees them: (application, badge)."""

    rows: list[tuple[Any, tuple[str, str, str]]]
    apply_url: str
    template = "benevolence/applications/_member_panel.html"


def member_panel(member: Member, user: Any) -> MemberPanel | None:
    """None where there is nothing to see and the person cannot apply for themselves here."""
    if not may(user, ANY_PERMISSION):
        return None
    may_apply = member.pk == user.own_member_id and may(user, p.APPLY)
    found = _of_person(user, member=member.merged_into_id or member.pk)
    if not found and not may_apply:
        return None
    return MemberPanel([(row, status_badge(row)) for row in found], reverse("application_create") if may_apply else "")


@prepared
def _of_person(asker: Any, *, member: Any) -> QuerySet[BenevolenceApplication]:
    visible = BenevolenceApplication.objects.visible_to(asker).of_person(Member(pk=member))
    return visible.order_by("-list_date", "-pk")[:MOST_SHOWN]
