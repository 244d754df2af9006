"""Whose role needs a second factor sets one up before the API opens by token, as before any page."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts.entry import identity


class FactorInPlace(BasePermission):
    code = "second_factor_needed"
    message = _("Sign in to the portal and set up a second factor first.")

    def has_permission(self, request: Request, view: Any) -> bool:
        # a browser's session is asked by accounts.entry.middleware
        return request.auth is None or not identity.lacks_factor(request.user)
