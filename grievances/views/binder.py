"""The binder of a case, made when it is asked for."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase

from core.audit import trail
from core.enums import ReadKind
from core.files.store import StoreAway
from core.papers.typeset import PDF
from core.web.errors import error_response
from core.web.files import inert
from core.web.views import PortalView
from grievances import permissions as p
from grievances.enums import Edition
from grievances.models import Grievance
from grievances.services.binder import binder
from grievances.views.work import CasePage


class GrievanceBinder(CasePage, PortalView):
    permission = p.VIEW_GRIEVANCES

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        case = self.case()
        if kwargs["edition"] not in Edition.values:
            raise Http404
        return binder_response(request, case, Edition(kwargs["edition"]))


def binder_response(request: HttpRequest, case: Grievance, edition: Edition) -> HttpResponseBase:
    trail.read(case, ReadKind.DOWNLOADED, actor=request.user)
    try:
        made = binder(case, edition, actor=request.user)
    except StoreAway as away:
        return error_response(request, 503, message=away.sentence, code=away.code)
    return inert(HttpResponse(made, content_type=PDF), name=f"{case.grievance_number}-{edition}.pdf")
