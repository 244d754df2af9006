"""Accounts and roles in the Django admin: for looking. They are changed on the portal's own pages, with reasons."""

from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest

from accounts.models import (
    DoorCount,
    IdentityChange,
    Installation,
    InstallationSeat,
    MailedCode,
    Program,
    RefreshToken,
    Role,
    RoleAssignment,
    Session,
    SessionRecord,
    SignInThrottle,
    SpentCode,
    User,
)
from accounts.permissions import VIEW_ROLES, VIEW_USERS
from core.admin.gated import GatedAdmin, KeyOfAnother, ReadOnlyAdmin


@admin.register(User)
class UserAdmin(GatedAdmin):
    view_permission = VIEW_USERS
    list_display = ["email", "last_name", "first_name", "is_active", "must_change_password", "last_login"]
    list_filter = ["is_active", "must_change_password"]
    search_fields = ["email", "last_name", "first_name"]
    ordering = ["email"]
    fields = [
        "email",
        ("first_name", "last_name"),
        ("member", "is_no_member"),
        ("is_active", "is_verified", "must_change_password"),
        ("invited_at", "invited_by"),
        ("last_login", "created_at", "updated_at"),
    ]
    readonly_fields = ["invited_at", "invited_by", "created_at", "updated_at"]

    def view_on_site(self, obj: Any) -> str:
        return obj.get_absolute_url()


@admin.register(Role)
class RoleAdmin(KeyOfAnother, GatedAdmin):
    view_permission = VIEW_ROLES
    list_display = ["display_name", "name", "description", "is_system_role", "is_custom", "needs_confirmation"]
    ordering = ["position", "pk"]
    fields = [
        "name",
        "display_name",
        "description",
        ("is_system_role", "is_custom", "needs_confirmation"),
        "permissions",
    ]

    def get_queryset(self, request: HttpRequest) -> models.QuerySet:
        return super().get_queryset(request).prefetch_related("permissions__content_type")

    def view_on_site(self, obj: Any) -> str:
        return obj.get_absolute_url()


@admin.register(RoleAssignment)
class RoleAssignmentAdmin(GatedAdmin):
    view_permission = VIEW_USERS
    list_display = ["user", "role", "kind", "starts_at", "confirmed_at", "expires_at", "ended_at"]
    list_filter = ["kind"]
    list_select_related = ["user", "role"]
    ordering = ["-starts_at", "-pk"]


@admin.register(Installation)
class InstallationAdmin(GatedAdmin):
    view_permission = VIEW_ROLES
    list_display = ["title", "state", "takes_effect_at", "created_by"]
    list_filter = ["state"]
    list_select_related = ["created_by"]
    ordering = ["-created_at", "-pk"]

    def view_on_site(self, obj: Any) -> str:
        return obj.get_absolute_url()


@admin.register(InstallationSeat)
class InstallationSeatAdmin(GatedAdmin):
    view_permission = VIEW_ROLES
    list_display = ["user", "role", "installation"]
    list_select_related = ["user", "role", "installation"]
    ordering = ["pk"]


@admin.register(IdentityChange)
class IdentityChangeAdmin(GatedAdmin):
    view_permission = VIEW_USERS
    list_display = ["user", "kind", "epoch", "actor", "at"]
    list_select_related = ["user", "actor"]
    ordering = ["-at", "-pk"]
    fields = ["user", ("kind", "epoch"), ("member_before", "member_after"), ("actor", "at"), "reason"]


@admin.register(SignInThrottle)
class SignInThrottleAdmin(ReadOnlyAdmin):
    """Lifted on the page of an account; the keys are digests and name nobody."""

    is_internal = True
    view_permission = VIEW_USERS
    list_display = ["__str__", "failures", "window_started", "locked_until"]
    ordering = ["-window_started", "pk"]


@admin.register(Session)
class SessionAdmin(ReadOnlyAdmin):
    """Whose and until when; what a session holds is nobody's to read."""

    is_internal = True
    view_permission = VIEW_USERS
    list_display = ["user", "expire_date"]
    list_display_links = None
    list_select_related = ["user"]
    fields = ["user", "expire_date"]
    ordering = ["-expire_date", "pk"]


@admin.register(SessionRecord)
class SessionRecordAdmin(GatedAdmin):
    """Ended on the page of an account; the keys are digests and open nothing."""

    view_permission = VIEW_USERS
    list_display = ["user", "device", "address_prefix", "created_at", "last_used_at"]
    list_select_related = ["user"]
    ordering = ["-last_used_at", "-pk"]


@admin.register(SpentCode)
class SpentCodeAdmin(KeyOfAnother, ReadOnlyAdmin):
    is_internal = True
    view_permission = VIEW_USERS
    list_display = ["authenticator_id", "step"]
    fields = ["step"]
    ordering = ["pk"]


@admin.register(MailedCode)
class MailedCodeAdmin(KeyOfAnother, ReadOnlyAdmin):
    is_internal = True
    view_permission = VIEW_USERS
    list_display = ["user_id", "made_at", "tries"]
    fields = ["made_at", "tries"]
    ordering = ["pk"]


@admin.register(RefreshToken)
class RefreshTokenAdmin(GatedAdmin):
    """Devices that use the API; of a token nothing is shown, not even its digest."""

    view_permission = VIEW_USERS
    list_display = ["user", "device_info", "created_at", "last_used_at", "expires_at", "revoked_at"]
    list_select_related = ["user"]
    ordering = ["-last_used_at", "pk"]
    fields = [
        "user",
        ("device_info", "ip_address"),
        ("created_at", "last_used_at", "rotations"),
        ("expires_at", "revoked_at", "revoke_reason"),
    ]


@admin.register(Program)
class ProgramAdmin(GatedAdmin):
    """Programs that use the API; of a token nothing is shown, not even its digest."""

    view_permission = VIEW_USERS
    list_display = ["name", "network", "last_day", "last_used_at", "revoked_at"]
    ordering = ["-created_at", "-pk"]
    fields = [
        "name",
        "permissions",
        ("network", "last_day"),
        ("created_by", "last_used_at"),
        ("revoked_at", "revoked_by"),
    ]

    def get_queryset(self, request: HttpRequest) -> models.QuerySet:
        return super().get_queryset(request).prefetch_related("permissions__content_type")


@admin.register(DoorCount)
class DoorCountAdmin(ReadOnlyAdmin):
    """The keys are digests and name no network."""

    is_internal = True
    view_permission = VIEW_USERS
    list_display = ["__str__", "used", "ends_at"]
    ordering = ["-ends_at", "pk"]
