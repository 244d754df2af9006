"""What the portal answers when something is wrong, and whether it is alive."""

import logging
import sys
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db import DataError, InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.generic import View

from accounts.services.terms import ended_lately
from core import contention
from core.web.errors import RETRY_SECONDS, error_response

logger = logging.getLogger("unionops.errors")


@method_decorator(login_not_required, name="dispatch")
class Livez(View):
    """The process answers."""

    needs_no_database = True

    def get(self, request: HttpRequest) -> HttpResponse:
        return JsonResponse({"status": "alive"})


@method_decorator(login_not_required, name="dispatch")
class Readyz(View):
    """The process and its database answer."""

    needs_no_database = True

    def get(self, request: HttpRequest) -> HttpResponse:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
        except (OperationalError, InterfaceError):
            headers = {"Retry-After": str(RETRY_SECONDS)}
            return JsonResponse({"status": "waiting for the database"}, status=503, headers=headers)
        return JsonResponse({"status": "ready"})


def handler400(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_response(request, 400)


def handler403(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Somebody whose term ended lately is told so: it may be why."""
    user: Any = getattr(request, "user", None)
    is_page = user is not None and user.is_authenticated and not request.path.startswith("/api/")
    sentence = str(getattr(exception, "sentence", ""))
    return error_response(request, 403, message=sentence, why=ended_lately(user) if is_page else ())


def handler404(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_response(request, 404)


def handler500(request: HttpRequest) -> HttpResponse:
    """503 while the database is away, 400 for a value that it cannot hold, 500 for a fault of ours.

    409 where somebody else's lock stopped a middleware; core.web.middleware answers for the views.
    """
    error = sys.exc_info()[1]
    if contention.is_contention(error):
        return error_response(request, 409, message=str(contention.SENTENCE), code=contention.BUSY)
    logger.error("unhandled", exc_info=error)
    while error is not None:
        if isinstance(error, OperationalError | InterfaceError):
            return error_response(request, 503)
        if isinstance(error, DataError):
            return error_response(request, 400)
        error = error.__cause__
    return error_response(request, 500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    sentence = _("This form is too old, or your browser keeps no cookies. Load the page again and send it once more.")
    return error_response(request, 403, message=sentence, code="csrf_failed")
