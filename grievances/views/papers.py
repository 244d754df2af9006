"""The papers of a case, as PDF."""

from typing import Any

from django.db import models
from django.http import Http404, HttpRequest, HttpResponseBase

from core.audit import trail
from core.enums import ReadKind
from core.permissions import Actor
from core.web.papers import paper_response
from core.web.views import PortalView, RowMixin
from grievances import permissions as p
from grievances.models import Agreement, CaseTask, Extension, Grievance
from grievances.services import papers
from grievances.services.fact_sheet import fact_sheet
from grievances.services.fair_packet import fair_packet
from grievances.views.agreements import READS
from grievances.views.work import CasePage


class GrievancePaper(CasePage, PortalView):
    permission = p.VIEW_GRIEVANCES

    def rows(self) -> models.QuerySet:
        return super().rows().select_related("employer", "member")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return case_paper(self.case(), kwargs["paper"], actor=request.user)


def case_paper(case: Grievance, name: str, *, actor: Actor) -> HttpResponseBase:
    kind = papers.KINDS.get(name)
    if kind is None:
        raise Http404
    paper = papers.paper_of(case, kind)
    trail.read(case, ReadKind.DOWNLOADED, actor=actor)
    return paper_response(paper)


class FairRepresentation(CasePage, PortalView):
    """Decisions and notices of a case, for those who answer for how it was represented."""

    permission = p.ARBITRATE_GRIEVANCES

    def rows(self) -> models.QuerySet:
        return super().rows().select_related("employer")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        case = self.case()
        trail.read(case, ReadKind.DOWNLOADED, actor=request.user)
        return paper_response(fair_packet(case))


class TaskLetter(CasePage, PortalView):
    """What asks the employer for information, or reminds of it."""

    permission = p.VIEW_GRIEVANCES
    model = CaseTask

    def rows(self) -> models.QuerySet:
        return CaseTask.objects.visible_to(self.request.user).select_related("grievance__employer")

    def case(self) -> Any:
        return self.get_object().grievance

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        task = self.get_object()
        paper = papers.information_letter(task)
        trail.read(task, ReadKind.DOWNLOADED, actor=request.user)
        return paper_response(paper)


class ExtensionLetter(CasePage, PortalView):
    """What both sides sign to confirm an extension."""

    permission = p.VIEW_GRIEVANCES
    model = Extension

    def rows(self) -> models.QuerySet:
        return Extension.objects.visible_to(self.request.user).select_related("grievance__employer", "deadline")

    def case(self) -> Any:
        return self.get_object().grievance

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        extension = self.get_object()
        trail.read(extension, ReadKind.DOWNLOADED, actor=request.user)
        return paper_response(papers.extension_letter(extension))


class BlankFactSheet(RowMixin, PortalView):
    """What a steward asks, on paper; it tells of nobody."""

    permission = READS
    model = Agreement

    def rows(self) -> models.QuerySet:
        return super().rows().select_related("employer")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return paper_response(fact_sheet(self.get_object()))
