"""What grievances offers to the pages that unionops composes: home, search, a member's page."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from core.db.prepared import prepared
from core.permissions import may
from core.search import search as search_rows
from core.web.first_page import last_changed
from core.web.keyset import bounded_count, countable, first_found
from core.web.panels import Figure, Happened, Hit, HitGroup, Waiting, figure, recent
from grievances import display
from grievances import permissions as p
from grievances.models import Grievance, GrievanceIntake
from members.models import Member

FOUND = 6
WAITING = 10
SHOWN_OF_MEMBER = 10


def search(user: Any, text: str) -> HitGroup:
    """Cases that the person works, by any word of them; their own ones by the number alone."""
    found = first_found(search_rows(Grievance.objects.whole_to(user).for_list(), text), "grievance_number", FOUND + 1)
    hits = [Hit(str(case), " · ".join(_words(case)), case.get_absolute_url()) for case in found]
    if may(user, p.VIEW_OWN_GRIEVANCES):
        known = {case.pk for case in found}
        own = Grievance.objects.visible_to(user).filter(grievance_number=text.strip().upper())
        hits += [
            Hit(str(case), display.status_of(case), case.get_absolute_url()) for case in own if case.pk not in known
        ]
    return HitGroup(Grievance, _("Cases"), hits[:FOUND], reverse("grievance_list") if len(hits) > FOUND else "")


def _words(case: Any) -> list[str]:
    return [words for words in (display.status_of(case), display.grievants_of(case), case.employer.name) if words]


def figures(user: Any) -> list[Figure]:
    found, url = [], reverse("grievance_list")
    if may(user, p.VIEW_GRIEVANCES):
        found.append(figure(_("Unresolved cases"), _unresolved.count(user), f"{url}?status=unresolved"))
    elif may(user, p.VIEW_OWN_GRIEVANCES) and user.own_member_id:
        found.append(figure(_("My cases"), _visible.count(user), url))
    if may(user, p.DRAFT_GRIEVANCES):
        found.append(figure(_("Drafts"), _unfiled.count(user), reverse("intake_list")))
    return found


@prepared
def _unresolved(asker: Any) -> QuerySet:
    return countable(Grievance.objects.whole_to(asker).unresolved())


@prepared
def _visible(asker: Any) -> QuerySet:
    return countable(Grievance.objects.visible_to(asker))


@prepared
def _unfiled(asker: Any) -> QuerySet:
    return countable(GrievanceIntake.objects.visible_to(asker).alive().unfiled())


def waiting(user: Any) -> list[Waiting]:
    """Own drafts to file, cases to assign, cases to work; the oldest first."""
    found = [*_drafts(user), *_unassigned(user), *_assigned(user)]
    return sorted(found, key=lambda item: item.when)[:WAITING]


def _drafts(user: Any) -> list[Waiting]:
    if not may(user, p.DRAFT_GRIEVANCES):
        return []
    return [
        Waiting(
            _("Finish your draft"),
            draft.get_absolute_url(),
            _("Draft"),
            "amber",
            timezone.localtime(draft.created_at).date(),
        )
        for draft in _own_drafts(user)
    ]


@prepared
def _own_drafts(asker: Any) -> QuerySet[GrievanceIntake]:
    rows = GrievanceIntake.objects.visible_to(asker).alive().unfiled().filter(drafted_by=asker.pk)
    return rows.order_by("created_at", "pk")[:WAITING]


def _oldest(rows: Any) -> QuerySet[Grievance]:
    return rows.unresolved().order_by("filed_date", "pk")[:WAITING]


def _unassigned(user: Any) -> list[Waiting]:
    if not may(user, p.ASSIGN_GRIEVANCES):
        return []
    return [
        Waiting(
            _("Assign %(case)s") % {"case": case}, case.get_absolute_url(), _("Unassigned"), "amber", case.filed_date
        )
        for case in _nobodys(user)
    ]


@prepared
def _nobodys(asker: Any) -> QuerySet[Grievance]:
    return _oldest(Grievance.objects.whole_to(asker).filter(assigned_rep=None))


def _assigned(user: Any) -> list[Waiting]:
    if not may(user, p.WORK_GRIEVANCES):
        return []
    return [
        Waiting(
            _("Work on %(case)s") % {"case": case},
            case.get_absolute_url(),
            display.status_of(case),
            display.status_badge(case)[1],
            case.filed_date,
        )
        for case in _own(user)
    ]


@prepared
def _own(asker: Any) -> QuerySet[Grievance]:
    return _oldest(Grievance.objects.whole_to(asker).filter(assigned_rep=asker.pk))


def happened(user: Any, limit: int) -> list[Happened]:
    """What was done with cases; who only sees the state of their own is not told who did what."""
    if not may(user, p.VIEW_GRIEVANCES):
        return []
    return recent(last_changed(Grievance.objects.whole_to, limit)(user).rows, str, limit)


@dataclass(frozen=True, slots=True)
class CasesPanel:
    """The newest cases of a member with their badges; `more` counts those that are not shown."""

    cases: list[tuple[Grievance, tuple[str, str, str]]]
    more: int
    template = "grievances/cases/_member_panel.html"


def member_panel(member: Member, user: Any) -> CasesPanel | None:
    """None where the person may see no case of this member."""
    if not may(user, (p.VIEW_GRIEVANCES, p.VIEW_OWN_GRIEVANCES)):
        return None
    cases = _cases_of(user, member=member.pk)
    if not cases:
        return None
    more = 0
    if len(cases) > SHOWN_OF_MEMBER:
        more = bounded_count(Grievance.objects.visible_to(user).about_member(member.pk)) - SHOWN_OF_MEMBER
    return CasesPanel([(case, display.status_badge(case)) for case in cases[:SHOWN_OF_MEMBER]], more)


@prepared
def _cases_of(asker: Any, *, member: Any) -> QuerySet[Grievance]:
    rows = Grievance.objects.visible_to(asker).about_member(member).select_related("employer")
    return rows.order_by("-filed_date", "-pk")[: SHOWN_OF_MEMBER + 1]
