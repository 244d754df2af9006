"""Every refusal and failure as a page, an htmx notice or JSON, made without database, session or request context."""

import secrets
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import get_template
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from core import request_id

RETRY_SECONDS = 10
# A notice stands on the page that was there; the address stays, and so does what the Back button opens.
NOTICE_HEADERS = {"HX-Retarget": "#alerts", "HX-Reswap": "innerHTML", "HX-Push-Url": "false"}

# Status → the code of the API and the sentence of a notice; the pages have their own words in templates/errors/.
WORDS: dict[int, tuple[str, Any]] = {
    400: ("bad_request", _("We could not read that request. Load the page again and repeat the step.")),
    403: ("permission_denied", _("Your role does not include this page or this step.")),
    404: ("not_found", _("We could not find that. It may have been removed, or it is not one you can open.")),
    409: ("refused", _("This could not be done. Open the record again to see where it stands now.")),
    500: (
        "server_error",
        _("Something went wrong on our side. Check whether your change is there, then repeat it."),
    ),
    503: ("unavailable", _("The portal is closed for a short while. Try again in a few minutes.")),
}


def error_response(
    request: HttpRequest, status: int, *, message: str = "", code: str = "", why: Sequence[str] = ()
) -> HttpResponse:
    """`message` replaces the usual sentence of that status; `why` are sentences that a person reads after it."""
    usual_code, usual = WORDS[status]
    current = request_id.current.get()
    response: HttpResponse
    if request.path.startswith("/api/"):
        body = {"detail": message or str(usual), "code": code or usual_code, "request_id": current}
        response = JsonResponse(body, status=status)
    elif request.headers.get("HX-Request") == "true":
        response = _notice(" ".join((message or str(usual), *why)), status, current)
    else:
        back_url = _back_url(request) if status == 409 else ""
        if message or why or back_url or not current:
            values = {"message": message, "why": why, "request_id": current, "back_url": back_url}
            text = get_template(f"errors/{status}.html").render(values)
        else:
            text = current.join(usual_page(status, get_language()))
        response = HttpResponse(text, status=status)
    if status == 503:
        response.headers["Retry-After"] = str(RETRY_SECONDS)
    response.headers["Cache-Control"] = "no-store"
    return response


@lru_cache(64)
def usual_page(status: int, language: str) -> list[str]:
    """Draw once what everybody is shown for this status; the number of the request belongs between the parts."""
    mark = secrets.token_hex(16)
    return get_template(f"errors/{status}.html").render({"request_id": mark}).split(mark)


def _notice(message: str, status: int, current: str) -> HttpResponse:
    text = get_template("errors/_notice.html").render(
        {"message": message, "request_id": current if status >= 500 else ""}
    )
    return HttpResponse(text, status=status, headers=NOTICE_HEADERS)


def _back_url(request: HttpRequest) -> str:
    url = request.headers.get("Referer", "")
    return url if url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure()) else ""
