"""A URLconf of things that go wrong, for test_views."""

import sqlite3
from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import DataError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path
from django.utils.decorators import method_decorator
from django.views.generic import View
from psycopg import errors

from core.errors import DomainError, TransitionRefused
from core.models import SiteSettings
from core.records import one_row
from unionops.views.errors import Livez, Readyz, handler400, handler403, handler404, handler500

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]


def wrapped() -> Exception:
    error = RuntimeError("outer with a secret")
    error.__cause__ = OperationalError("inner with a secret")
    return error


def lost(cause: Exception) -> Exception:
    error = OperationalError("outer with a secret")
    error.__cause__ = cause
    return error


def sqlite_error(code: int) -> Exception:
    error = sqlite3.OperationalError("database is locked, a secret")
    error.sqlite_errorcode = code
    return error


FAULTS: dict[str, Callable[[], Exception]] = {
    "suspicious": lambda: SuspiciousOperation("a secret"),
    "forbidden": lambda: PermissionDenied("a secret"),
    "missing": lambda: Http404("a secret"),
    "refused": lambda: DomainError("The fund is closed. Open it first."),
    "transition": lambda: TransitionRefused("Already decided."),
    "fault": lambda: ValueError("a secret"),
    "operational": lambda: OperationalError("a secret"),
    "interface": lambda: InterfaceError("a secret"),
    "wrapped": wrapped,
    "data": lambda: DataError("a secret"),
    "lock": lambda: lost(errors.LockNotAvailable("a secret")),
    "deadlock": lambda: lost(errors.DeadlockDetected("a secret")),
    "serialization": lambda: lost(errors.SerializationFailure("a secret")),
    "statement": lambda: lost(errors.QueryCanceled("a secret")),
    "locked": lambda: lost(sqlite_error(sqlite3.SQLITE_BUSY)),
    "snapshot": lambda: lost(sqlite_error(sqlite3.SQLITE_BUSY_SNAPSHOT)),
    "shutdown": lambda: lost(errors.AdminShutdown("a secret")),
    "gone": lambda: lost(sqlite_error(sqlite3.SQLITE_CANTOPEN)),
}


@method_decorator(login_not_required, name="dispatch")
class Fault(View):
    needs_no_database = True

    def get(self, request: HttpRequest, name: str) -> HttpResponse:
        raise FAULTS[name]()

    def post(self, request: HttpRequest, name: str) -> HttpResponse:
        return HttpResponse(f"read {len(request.POST)} fields")


@method_decorator(login_not_required, name="dispatch")
class NeedsDatabase(View):
    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        one_row.current(SiteSettings)
        return HttpResponse("the settings were read")


urlpatterns = [
    path("livez", Livez.as_view()),
    path("readyz", Readyz.as_view()),
    path("data/", NeedsDatabase.as_view()),
    path("api/data/", NeedsDatabase.as_view()),
    path("fault/<name>/", Fault.as_view()),
    path("api/fault/<name>/", Fault.as_view()),
]
