"""The Django admin as part of the portal: same sign-in, same permissions, no LogEntry."""

from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.admin.apps import AdminConfig
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _

from accounts.permissions import ENTER_ADMIN
from core.permissions import may


class PortalAdminSite(AdminSite):
    site_header = _("Administration")
    site_title = _("Administration")
    index_title = _("Records")
    enable_nav_sidebar = True
    empty_value_display = "—"  # as on the portal's pages
    # An address that is none is 404 for everybody here too.
    final_catch_all_view = False

    def has_permission(self, request: HttpRequest) -> bool:
        return may(request.user, ENTER_ADMIN)

    def get_urls(self) -> list[Any]:
        """Without the address that leads from a type and a key to any record, whoever asks."""
        return [route for route in super().get_urls() if getattr(route, "name", "") != "view_on_site"]

    @method_decorator(login_not_required)
    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """No form of its own: there is one door for passwords."""
        if request.user.is_authenticated:
            raise PermissionDenied(ENTER_ADMIN)
        from django.contrib.auth.views import redirect_to_login  # noqa: PLC0415  the apps are not there before

        return redirect_to_login(request.GET.get(REDIRECT_FIELD_NAME) or reverse("admin:index"))

    def index(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Begins with what waits for this person, as Home does; applications to decide or to pay come first."""
        from unionops import dashboard  # noqa: PLC0415  the apps are not there before

        queue, waiting = dashboard.waiting_in_admin(request.user)
        dashboard.record_reading(request.user, [*(queue.rows if queue else ()), *waiting])
        return super().index(request, {**(extra_context or {}), "queue": queue, "waiting": waiting})

    def logout(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return redirect("account_logout")

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return redirect("account_change_password")

    def password_change_done(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return redirect("account_change_password")


class PortalAdminConfig(AdminConfig):
    default_site = "unionops.admin_site.PortalAdminSite"
