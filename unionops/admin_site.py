"""The Django admin as part of the portal: same sign-in, same permissions, no LogEntry."""

from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.admin.apps import AdminConfig
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.permissions import ENTER_ADMIN


class PortalAdminSite(AdminSite):
    site_header = _("Administration")
    site_title = _("Administration")
    index_title = _("Records")
    enable_nav_sidebar = True

    def has_permission(self, request: HttpRequest) -> bool:
        return request.user.is_active and request.user.has_perm(ENTER_ADMIN)

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        return {**super().each_context(request), "log_entries": []}


class PortalAdminConfig(AdminConfig):
    default_site = "unionops.admin_site.PortalAdminSite"
