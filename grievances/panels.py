"""What grievances offers to the pages that unionops composes: home, search, a member's page."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Case, Q, QuerySet, When
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from core.db.one_of import OneOf
from core.db.prepared import prepared
from core.enums import badge_of, choice_label
from core.permissions import Actor, may
from core.search import search as search_rows
from core.site import local_today
from core.web.first_page import last_changed
from core.web.keyset import bounded_count, countable, first_found
from core.web.panels import Figure, Happened, Hit, HitGroup, Matter, Waiting, figure, recent
from core.web.waiting import At, Waits, Work
from grievances import display
from grievances import permissions as p
from grievances.enums import UNRESOLVED, GrievanceStatus, GrievanceType, Side, TaskKind
from grievances.forms.filters import QUARTER
from grievances.models import Agreement, CaseTask, Deadline, Grievance, GrievanceIntake
from grievances.models.away import is_nobodys
from grievances.services.outlook import Outlook, with_outlook
from grievances.working import due_words, side_of
from members.models import Member, Organization
from members.models.member import joined_name

FOUND = 6
ASKED_FOR = OneOf("pk", Grievance.asked_by.through.objects.values("grievance"))
MOST_SHOWN = 10


def search(user: Actor, text: str) -> HitGroup:
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


def figures(user: Actor) -> list[Figure]:
    found, url = [], reverse("grievance_list")
    if may(user, p.VIEW_GRIEVANCES):
        found.append(figure(_("Unresolved cases"), _unresolved.count(user), f"{url}?status=unresolved"))
        old = _old.count(user, before=local_today() - QUARTER)
        found.append(figure(_("Open over 90 days"), old, f"{url}?status=unresolved&filed=old"))
    if may(user, p.DRAFT_GRIEVANCES):
        found.append(figure(_("Drafts"), _unfiled.count(user), reverse("intake_list")))
    return found


@prepared
def _unresolved(asker: Actor) -> QuerySet:
    return countable(Grievance.objects.whole_to(asker).unresolved())


@prepared
def _old(asker: Actor, *, before: Any) -> QuerySet:
    return countable(Grievance.objects.whole_to(asker).unresolved().filter(filed_date__lt=before))


@prepared
def _unfiled(asker: Actor) -> QuerySet:
    return countable(GrievanceIntake.objects.visible_to(asker).alive().unfiled())


def _drafts(asker: Actor, at: At) -> QuerySet | None:
    if not may(asker, p.DRAFT_GRIEVANCES):
        return None
    return GrievanceIntake.objects.visible_to(asker).alive().unfiled().filter(drafted_by=asker.pk)


def _unassigned(asker: Actor, at: At) -> QuerySet | None:
    if not may(asker, p.ASSIGN_GRIEVANCES):
        return None
    return Grievance.objects.whole_to(asker).unresolved().filter(is_nobodys("assigned_rep", asker) & ~Q(ASKED_FOR))


def _asked_for(asker: Actor, at: At) -> QuerySet | None:
    if not may(asker, p.ASSIGN_GRIEVANCES):
        return None
    return Grievance.objects.whole_to(asker).unresolved().filter(ASKED_FOR)


def _denied(asker: Actor, at: At) -> QuerySet | None:
    if not may(asker, p.ARBITRATE_GRIEVANCES):
        return None
    return Grievance.objects.whole_to(asker).denied_at_the_last_step()


def _assigned(asker: Actor, at: At) -> QuerySet | None:
    if not may(asker, p.WORK_GRIEVANCES):
        return None
    return Grievance.objects.whole_to(asker).unresolved().worked_by(asker)


def _tasks(asker: Actor, at: At) -> QuerySet | None:
    if not may(asker, p.WORK_GRIEVANCES):
        return None
    return CaseTask.objects.waiting_for(asker)


def _task_line(key: str, case: str, kind: str, number: str, first: str, last: str, employer: str) -> Waiting:
    what = {
        TaskKind.TODO: _("Do what was noted in %(case)s"),
        TaskKind.INFORMATION: _("Information is owed in %(case)s"),
        TaskKind.TERM: _("The settlement of %(case)s is not carried out"),
    }[TaskKind(kind)] % {"case": number}
    url = reverse("grievance_detail", args=[UUID(case)])
    return Waiting(what, url, choice_label(TaskKind, kind), "amber", _about(first, last, employer))


def _draft_line(key: str, kind: str, employer: str) -> Waiting:
    url = reverse("intake_detail", args=[UUID(key)])
    return Waiting(_("Finish your draft"), url, _("Draft"), "amber", employer, choice_label(GrievanceType, kind))


def _unassigned_line(key: str, number: str, status: str, *about: str) -> Waiting:
    url = reverse("grievance_detail", args=[UUID(key)])
    what = _("Assign %(case)s") % {"case": number}
    return Waiting(what, url, _("Unassigned"), "amber", _about(*about), choice_label(GrievanceType, about[-1]))


def _asked_for_line(key: str, number: str, status: str, *about: str) -> Waiting:
    url = reverse("grievance_detail", args=[UUID(key)])
    what = _("Somebody asks you for %(case)s") % {"case": number}
    return Waiting(what, url, _("Asked for"), "amber", _about(*about), choice_label(GrievanceType, about[-1]))


def _denied_line(key: str, number: str, status: str, *about: str) -> Waiting:
    url = reverse("grievance_detail", args=[UUID(key)])
    what = _("Demand arbitration in %(case)s, or end it") % {"case": number}
    return Waiting(
        what, url, _("Denied at the last step"), "amber", _about(*about), choice_label(GrievanceType, about[-1])
    )


def _assigned_line(key: str, number: str, status: str, *about: str) -> Waiting:
    url, badge = reverse("grievance_detail", args=[UUID(key)]), badge_of(GrievanceStatus, status)
    what = _("Work on %(case)s") % {"case": number}
    return Waiting(what, url, badge.text, badge.tone, _about(*about), choice_label(GrievanceType, about[-1]))


def _about(first: str, last: str, employer: str, _kind: str = "") -> str:
    """Who of which employer; a policy grievance has nobody, a group names the one who leads it."""
    return " · ".join(filter(None, (joined_name(first, last), employer)))


CASE_WORDS = (
    "grievance_number",
    "status",
    "member__first_name",
    "member__last_name",
    "employer__name",
    "grievance_type",
)
DEADLINE_WORDS = (
    "grievance__grievance_number",
    "clock",
    "stage_name",
    "grievance__member__first_name",
    "grievance__member__last_name",
    Coalesce("grievance__employer__name", "intake__organization__name"),
)


def _due_deadlines(asker: Actor, at: At) -> QuerySet | None:
    if not may(asker, p.DRAFT_GRIEVANCES):
        return None
    return Deadline.objects.waiting_for(asker)


def _deadline_line(key: str, number: str, clock: str, stage: str, *about: str) -> Waiting:
    url = reverse("deadline_detail", args=[UUID(key)])
    what = _("%(case)s: %(what)s") % {"case": number or _("Draft"), "what": due_words(clock, stage)}
    return Waiting(what, url, choice_label(Side, side_of(clock)), "amber", _about(*about), "")


# Deadlines first; own drafts to file, cases to assign, cases to take to arbitration, cases to work.
WAITS = Waits(
    Work(
        "tasks",
        gettext_lazy("To be done in cases"),
        CaseTask,
        _tasks,
        _task_line,
        (
            "grievance_id",
            "kind",
            "grievance__grievance_number",
            "grievance__member__first_name",
            "grievance__member__last_name",
            "grievance__employer__name",
        ),
        since="asked_on",
        due="due",
        in_days=True,
    ),
    Work(
        "deadlines",
        gettext_lazy("Deadlines"),
        Deadline,
        _due_deadlines,
        _deadline_line,
        DEADLINE_WORDS,
        since="contract_date",
        due="due",
        in_days=True,
    ),
    Work(
        "drafts",
        gettext_lazy("Drafts of grievances"),
        GrievanceIntake,
        _drafts,
        _draft_line,
        ("grievance_type", "organization__name"),
        since="created_at",
    ),
    Work(
        "asked_for",
        gettext_lazy("Cases that somebody asks for"),
        Grievance,
        _asked_for,
        _asked_for_line,
        CASE_WORDS,
        since="filed_date",
        in_days=True,
    ),
    Work(
        "unassigned",
        gettext_lazy("Cases to assign"),
        Grievance,
        _unassigned,
        _unassigned_line,
        CASE_WORDS,
        since="filed_date",
        in_days=True,
    ),
    Work(
        "arbitration",
        gettext_lazy("Cases denied at the last step"),
        Grievance,
        _denied,
        _denied_line,
        CASE_WORDS,
        since="filed_date",
        in_days=True,
    ),
    Work(
        "cases",
        gettext_lazy("My cases"),
        Grievance,
        _assigned,
        _assigned_line,
        CASE_WORDS,
        since="filed_date",
        in_days=True,
    ),
)


def own_matters(user: Actor) -> list[Matter]:
    """The person's own cases that are not over."""
    member = cast(User, user).own_member_id
    if not may(user, p.VIEW_OWN_GRIEVANCES) or not member:
        return []
    return [
        Matter(
            f"{case} · {case.employer.name}",
            case.get_absolute_url(),
            display.status_badge(case),
            display.expected(case, Outlook.of(case)),
            Grievance,
        )
        for case in _own(user, member=member, today=local_today())
    ]


@prepared
def _own(asker: Actor, *, member: Any, today: Any) -> QuerySet[Grievance]:
    rows = Grievance.objects.visible_to(asker).about_member(member).unresolved()
    return with_outlook(rows.with_award(), today).select_related("employer").order_by("-filed_date", "-pk")[:MOST_SHOWN]


def happened(user: Actor, limit: int) -> list[Happened]:
    """What was done with cases; who only sees the state of their own is not told who did what."""
    if not may(user, p.VIEW_GRIEVANCES):
        return []
    return recent(last_changed(Grievance.objects.whole_to, limit)(user).rows, str, limit)


@dataclass(frozen=True, slots=True)
class CasesPanel:
    """The newest cases of a member or at an employer, each with its badge and, at an employer, its grievants.

    At an employer the unresolved come first, and `agreements` are those in force. `more` counts those that are not
    shown, `draft_url` begins another; a panel without a case says so.
    """

    cases: list[tuple[Grievance, tuple[str, str, str], str]]
    more: int
    draft_url: str
    is_own: bool = False
    is_of_member: bool = True
    agreements: Sequence[Agreement] = ()
    profile_url: str = ""
    all_url: str = ""
    template = "grievances/cases/_cases_panel.html"

    @property
    def tells_of_people(self) -> bool:
        return bool(self.cases)


def member_panel(member: Member, user: Actor) -> CasesPanel | None:
    """None for whoever works no cases and looks at another's record."""
    is_own = member.pk == cast(User, user).own_member_id and may(user, p.VIEW_OWN_GRIEVANCES)
    if not is_own and not may(user, p.VIEW_GRIEVANCES):
        return None
    cases = _cases_of(user, member=member.pk)
    more = _more(cases, lambda: Grievance.objects.visible_to(user).about_member(member.pk))
    return CasesPanel(_rows_of(cases, lambda _case: ""), more, _draft_url(user, "member", member), is_own)


def employer_panel(employer: Organization, user: Actor) -> CasesPanel | None:
    """None for whoever works no cases."""
    if not may(user, p.VIEW_GRIEVANCES):
        return None
    cases = _cases_at(user, employer=employer.pk)
    more = _more(cases, lambda: Grievance.objects.whole_to(user).filter(employer=employer.pk))
    return CasesPanel(
        _rows_of(cases, display.grievants_of),
        more,
        _draft_url(user, "employer", employer),
        is_of_member=False,
        agreements=_agreements_with(user, employer=employer.pk, today=local_today()),
        profile_url=reverse("employer_profile", args=[employer.pk]) if cases else "",
        all_url=f"{reverse('grievance_list')}?{urlencode({'q': employer.name})}" if more else "",
    )


def _rows_of(cases: list[Any], who: Callable[[Any], str]) -> list[tuple[Grievance, Any, str]]:
    return [(case, display.status_badge(case), who(case)) for case in cases[:MOST_SHOWN]]


def _more(found: list[Any], every: Callable[[], QuerySet]) -> int:
    """How many cases there are besides those that are shown."""
    return bounded_count(every()) - MOST_SHOWN if len(found) > MOST_SHOWN else 0


def _draft_url(user: Actor, name: str, record: Member | Organization) -> str:
    if record.is_deleted or not may(user, p.DRAFT_GRIEVANCES):
        return ""
    return f"{reverse('intake_create')}?{name}={record.pk}"


@prepared
def _cases_of(asker: Actor, *, member: Any) -> QuerySet[Grievance]:
    return _newest(Grievance.objects.visible_to(asker).about_member(member).select_related("employer"))


@prepared
def _cases_at(asker: Actor, *, employer: Any) -> QuerySet[Grievance]:
    rows = Grievance.objects.whole_to(asker).filter(employer=employer).for_list()
    is_over = Case(When(status__in=UNRESOLVED, then=0), default=1)
    return rows.order_by(is_over, "-filed_date", "-pk")[: MOST_SHOWN + 1]


@prepared
def _agreements_with(asker: Actor, *, employer: Any, today: Any) -> QuerySet[Agreement]:
    rows = Agreement.objects.visible_to(asker).filter(employer=employer).in_force(today)
    return rows.order_by("effective_from", "pk")[:MOST_SHOWN]


def _newest(rows: Any) -> QuerySet[Grievance]:
    return rows.order_by("-filed_date", "-pk")[: MOST_SHOWN + 1]
