"""Bare Django pages of the rows that the portal's pages show: one query set, one plain template, nobody signed in."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, Prefetch, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import path

from benevolence.models import BenevolenceApplication
from core.folding import fold
from core.models import AuditEvent, ReadEvent
from grievances.models import Grievance, GrievanceIntake
from members.models import Employment, Member, Organization
from organizing.models import SaltingActivity

ROWS = 50
TABLE = "<table>{{% for r in rows %}}<tr>{cells}</tr>{{% endfor %}}</table>"
PAGE = "<!doctype html><html><head><title>{title}</title></head><body><h1>{title}</h1>{body}</body></html>"


@dataclass(frozen=True, slots=True)
class Bare:
    """`rows` are asked anew for each request; `cells` are what a plain template writes of each."""

    rows: Callable[[Any], QuerySet[Any]]
    cells: tuple[str, ...]
    body: str = TABLE

    def template(self, name: str) -> Any:
        cells = "".join(f"<td>{{{{ {cell} }}}}</td>" for cell in self.cells)
        return engines["django"].from_string(PAGE.format(title=name, body=self.body.format(cells=cells)))


def employed(rows: QuerySet[Any]) -> QuerySet[Any]:
    current = Employment.objects.filter(end_date=None).select_related("organization")
    return rows.prefetch_related(Prefetch("employments", queryset=current, to_attr="jobs"))


def members(asked: Any) -> QuerySet[Any]:
    rows = Member.objects.filter(deleted_at=None)
    for word in fold(asked.get("q", "")).split():
        rows = rows.filter(search_text__contains=word)
    if status := asked.get("status"):
        rows = rows.filter(status=status)
    return employed(rows).order_by("sort_name", "id")[:ROWS]


def one_member(asked: Any) -> QuerySet[Any]:
    return employed(Member.objects.filter(pk=asked["pk"]))


def cases(asked: Any) -> QuerySet[Any]:
    rows = Grievance.objects.filter(is_restricted=False).select_related("member", "employer", "assigned_rep")
    return rows.prefetch_related("grievants").order_by("-filed_date", "-id")[:ROWS]


def one_case(asked: Any) -> QuerySet[Any]:
    rows = Grievance.objects.filter(pk=asked["pk"]).select_related("member", "employer", "assigned_rep")
    return rows.prefetch_related("grievants__member", "step_records")


def applications(asked: Any) -> QuerySet[Any]:
    rows = BenevolenceApplication.objects.filter(level_reached__gte=1).select_related("member", "entered_by")
    return rows.order_by("-list_date", "-id")[:ROWS]


def queue(asked: Any) -> QuerySet[Any]:
    due = Q(status__in=("submitted", "under_review"), level_due="vp")
    return BenevolenceApplication.objects.filter(due).select_related("member").order_by("list_date", "id")[:ROWS]


def activities(asked: Any) -> QuerySet[Any]:
    rows = SaltingActivity.objects.select_related("campaign", "campaign_member", "entered_by")
    return rows.order_by("-activity_date", "-id")[:ROWS]


def drafts(asked: Any) -> QuerySet[Any]:
    rows = GrievanceIntake.objects.filter(deleted_at=None, filed_as=None).select_related("organization", "drafted_by")
    return rows.prefetch_related("members").order_by("-created_at", "-id")[:ROWS]


def organizations(asked: Any) -> QuerySet[Any]:
    return Organization.objects.filter(deleted_at=None).order_by("sort_name", "id")[:ROWS]


def users(asked: Any) -> QuerySet[Any]:
    from accounts.models import RoleAssignment, User

    live = RoleAssignment.objects.filter(ended_at=None, expires_at=None).select_related("role")
    rows = User.objects.prefetch_related(Prefetch("assignments", queryset=live, to_attr="held"))
    return rows.order_by("last_name", "id")[:ROWS]


def events(model: type[Model]) -> Callable[[Any], QuerySet[Any]]:
    return lambda asked: model._default_manager.select_related("actor").order_by("-id")[:ROWS]


PERSON = ("r.member.last_name", "r.member.first_name")
MEMBER = ("r.member_number", "r.last_name", "r.first_name", "r.middle_name", "r.status")
MEMBER += ("r.classification", "r.phone", "r.email", "r.jobs.0.organization.name")
CASE = ("r.grievance_number", "r.status", *PERSON, "r.grievants.all|length", "r.employer.name")
CASE += ("r.current_step", "r.filed_date", "r.assigned_rep.full_name", "r.grievance_type")
APPLICATION = ("r.application_number", "r.status", *PERSON, "r.reason", "r.amount_requested")
APPLICATION += ("r.level_due", "r.list_date")

BARE: dict[str, Bare] = {
    "members": Bare(members, MEMBER),
    "member": Bare(
        one_member,
        (*MEMBER, "r.address", "r.city", "r.state", "r.zip_code", "r.date_of_birth", "r.hire_date", "r.notes"),
        "{{% for r in rows %}}<dl>{cells}</dl>{{% for e in r.jobs %}}<p>{{{{ e.organization.name }}}}"
        " {{{{ e.job_title }}}} {{{{ e.start_date }}}}</p>{{% endfor %}}{{% endfor %}}",
    ),
    "cases": Bare(cases, CASE),
    "case": Bare(
        one_case,
        (*CASE, "r.contract_article", "r.incident_date", "r.violation_description", "r.remedy_sought", "r.notes"),
        "{{% for r in rows %}}<dl>{cells}</dl>{{% for g in r.grievants.all %}}<p>{{{{ g.member.last_name }}}}</p>"
        "{{% endfor %}}{{% for s in r.step_records.all %}}<p>{{{{ s.step_number }}}} {{{{ s.meeting_date }}}}"
        " {{{{ s.notes }}}}</p>{{% endfor %}}{{% endfor %}}",
    ),
    "applications": Bare(applications, APPLICATION),
    "queue": Bare(queue, APPLICATION),
    "activities": Bare(
        activities,
        (
            *("r.activity_date", "r.activity_type", "r.outcome", "r.campaign.code_name"),
            *("r.campaign_member.pseudonym", "r.workers_contacted", "r.cards_signed"),
        ),
    ),
    "drafts": Bare(
        drafts,
        (
            *("r.created_at", "r.grievance_type", "r.members.all.0.last_name", "r.organization.name"),
            *("r.incident_date", "r.drafted_by.full_name"),
        ),
    ),
    "organizations": Bare(organizations, ("r.name", "r.org_type", "r.city", "r.state", "r.phone", "r.email")),
    "users": Bare(
        users, ("r.last_name", "r.first_name", "r.email", "r.is_active", "r.held.0.role.display_name", "r.last_login")
    ),
    "audit": Bare(
        events(AuditEvent), ("r.at", "r.actor_name", "r.action", "r.subject_type", "r.subject_id", "r.reason")
    ),
    "reads": Bare(
        events(ReadEvent),
        ("r.at", "r.actor.full_name", "r.kind", "r.subject_type", "r.subject_id", "r.rows"),
    ),
}


def page(name: str) -> Callable[..., HttpResponse]:
    bare = BARE[name]
    template = bare.template(name)

    def view(request: HttpRequest, pk: str = "") -> HttpResponse:
        rows = list(bare.rows({**request.GET.dict(), "pk": pk}))
        return HttpResponse(template.render({"rows": rows}))

    return view


def _static(request: HttpRequest) -> HttpResponse:
    return HttpResponse(b"x" * 2_000)


urlpatterns = [path("static-answer/", _static)]
for _name in BARE:
    urlpatterns += [path(f"{_name}/", page(_name)), path(f"{_name}/<str:pk>/", page(_name))]
