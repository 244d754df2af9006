"""What benevolence offers to the pages that unionops composes."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from benevolence import permissions as p
from benevolence.display import status_badge, status_words
from benevolence.enums import IN_REVIEW, Side, Status
from benevolence.models import BenevolenceApplication
from benevolence.querysets import ANY_PERMISSION, FULL_PERMISSIONS, REVIEW_PERMISSIONS, levels_of
from core.keyset import first_found
from core.panels import Figure, Happened, Hit, HitGroup, Waiting, figure, recent
from core.prepared import prepared
from core.site import local_today
from core.views import may
from members.models import Member
from members.search import search as searched

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
    found, visible = [], BenevolenceApplication.objects.visible_to(user)
    if may(user, (*REVIEW_PERMISSIONS.values(), p.PAY)):
        due = BenevolenceApplication.objects.due_to(user)
        found.append(figure(_("Applications waiting for you"), due, reverse("application_queue")))
    if may(user, FULL_PERMISSIONS):
        found.append(figure(_("Benevolence applications"), visible, reverse("application_list")))
    elif may(user, (p.VIEW_OWN_APPLICATIONS, p.APPLY_FOR_MEMBER)):
        in_review = visible.filter(status__in=IN_REVIEW)
        found.append(figure(_("Applications in review"), in_review, reverse("application_list")))
    return found


def waiting(user: Any) -> list[Waiting]:
    """What this person decides, pays, answers or finishes, the oldest first; not what they may not."""
    if not may(user, ANY_PERMISSION):
        return []
    decide = Q(side=Side.FULL, status__in=IN_REVIEW, level_due__in=levels_of(user), has_reviewed_elsewhere=False)
    now = Q(is_awaiting_applicant=False) & (Q(deferred_until=None) | Q(deferred_until__lte=local_today()))
    todo = decide & now
    if may(user, p.PAY):
        todo |= Q(side=Side.FULL, status=Status.APPROVED, has_reviewed=False)
    if may(user, p.REQUEST):
        todo |= Q(is_mine=True) & (Q(status=Status.DRAFT) | Q(is_awaiting_applicant=True))
    rows = BenevolenceApplication.objects.visible_to(user).for_person(user).filter(todo)
    return [waiting_for(row) for row in rows.oldest_first()[:MOST_WAITING]]


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
    rows = BenevolenceApplication.objects.in_full(user).order_by("-updated_at", "-pk")[:limit]
    return recent(rows, str, limit) if may(user, FULL_PERMISSIONS) else []


@dataclass(frozen=True, slots=True)
class MemberPanel:
    """A member's applications, as far as the person sees them: (application, badge)."""

    rows: list[tuple[Any, tuple[str, str, str]]]
    apply_url: str
    template = "benevolence/_member_panel.html"


def member_panel(member: Member, user: Any) -> MemberPanel | None:
    """None where there is nothing to see and the person cannot apply for themselves here."""
    if not may(user, ANY_PERMISSION):
        return None
    may_apply = member.pk == user.member_id and may(user, p.APPLY)
    found = _of_person(user, member=member.merged_into_id or member.pk)
    if not found and not may_apply:
        return None
    return MemberPanel([(row, status_badge(row)) for row in found], reverse("application_create") if may_apply else "")


@prepared
def _of_person(asker: Any, *, member: Any) -> QuerySet[BenevolenceApplication]:
    visible = BenevolenceApplication.objects.visible_to(asker).of_person(Member(pk=member))
    return visible.order_by("-list_date", "-pk")[:MOST_SHOWN]
