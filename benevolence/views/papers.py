"""Papers of one application, as PDF."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase

from benevolence.models import ANY_PERMISSION
from benevolence.services import papers
from benevolence.views.applications import ApplicationPage
from core.audit import trail
from core.enums import ReadKind
from core.permissions import Actor
from core.web.papers import paper_response


class ApplicationPaper(ApplicationPage):
    permission = ANY_PERMISSION

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return handed_out(self.get_object(), kwargs["paper"], actor=request.user)


def handed_out(application: Any, name: str, *, actor: Actor) -> HttpResponseBase:
    """The paper, after the reading of it is on record."""
    kind = papers.KINDS.get(name)
    if kind is None:
        raise Http404
    if not papers.may_have(application):
        raise PermissionDenied
    paper = papers.paper_of(application, kind)
    trail.read(application, ReadKind.DOWNLOADED, actor=actor)
    return paper_response(paper)
