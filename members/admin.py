"""Members and organizations in the Django admin: the same rows, the same verbs."""

from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest

from accounts.permissions import INVITE_MEMBERS
from core.admin.gated import GatedAdmin, ReadOnlyAdmin, WordSearch
from core.permissions import may
from members import permissions as p
from members.forms.members import OFFICE_FIELDS, AskingMemberForm, MemberForm, OrganizationForm
from members.models import (
    ColumnMapping,
    Employment,
    FormerMatch,
    ImportBatch,
    ImportRow,
    Member,
    MergeRequest,
    Organization,
    OrganizationContact,
    OtherPerson,
    PaperCode,
    SearchWord,
)
from members.services import members as services
from members.services import organizations


class RecordAdmin(WordSearch, GatedAdmin):
    """A record whose writes go to its services; the form carries the version that was seen."""

    list_per_page = 50
    search_help_text = "Every word of the name, number, e-mail or phone"

    def get_queryset(self, request: HttpRequest) -> models.QuerySet:
        return super().get_queryset(request).alive()

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        return self.form

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        if self.has_change_permission(request, obj):
            return list(self.form.base_fields)
        return [name for name in self.form._meta.fields if name not in OFFICE_FIELDS]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        if obj is not None and not self.has_change_permission(request, obj):
            return tuple(self.get_fields(request, obj))
        return ()


@admin.register(Member)
class MemberAdmin(RecordAdmin):
    form = MemberForm
    view_permission = p.VIEW_MEMBERS
    add_permission = p.ADD_MEMBERS
    change_permission = p.CHANGE_MEMBERS
    list_display = ["list_name", "member_number", "status", "classification"]
    list_filter = ["status", "classification", "standing"]
    ordering = ["sort_name", "id"]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        return self.form if change else type("MemberForm", (AskingMemberForm,), {"actor": request.user})

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        fields = super().get_fields(request, obj)
        return fields if obj is not None else [*fields, "why_another"]

    def save_model(self, request: HttpRequest, obj: Member, form: Any, change: bool) -> None:
        if change:
            version = form.cleaned_data["version"] or 0
            services.update_member(Member(pk=obj.pk), form.values(), actor=request.user, version=version)
        else:
            why_another = form.cleaned_data["why_another"]
            obj.pk = services.create_member(form.values(), actor=request.user, why_another=why_another).pk


@admin.register(Organization)
class OrganizationAdmin(RecordAdmin):
    form = OrganizationForm
    view_permission = p.VIEW_ORGANIZATIONS
    add_permission = p.ADD_ORGANIZATIONS
    change_permission = p.CHANGE_ORGANIZATIONS
    list_display = ["name", "org_type", "city", "state"]
    list_filter = ["org_type", "state"]
    ordering = ["sort_name", "id"]

    def save_model(self, request: HttpRequest, obj: Organization, form: Any, change: bool) -> None:
        if change:
            version = form.cleaned_data["version"] or 0
            organizations.update_organization(
                Organization(pk=obj.pk), form.values(), actor=request.user, version=version
            )
        else:
            obj.pk = organizations.create_organization(form.values(), actor=request.user).pk


class PartAdmin(GatedAdmin):
    """Part of a record; changed on the record's own page in the portal."""


@admin.register(OrganizationContact)
class ContactAdmin(PartAdmin):
    view_permission = p.VIEW_ORGANIZATIONS
    list_display = ["__str__", "organization", "title", "is_primary"]
    list_filter = ["is_primary"]
    list_select_related = ["organization"]

    def get_exclude(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return () if may(request.user, p.CHANGE_ORGANIZATIONS) else OFFICE_FIELDS


@admin.register(Employment)
class EmploymentAdmin(PartAdmin):
    view_permission = p.VIEW_MEMBERS
    list_display = ["member", "organization", "job_title", "start_date", "end_date"]
    list_select_related = ["member", "organization"]
    ordering = ["-id"]


@admin.register(MergeRequest)
class MergeRequestAdmin(PartAdmin):
    """Decided on its page in the portal, which shows what moves."""

    view_permission = p.MERGE_MEMBERS
    list_display = ["created_at", "kept", "duplicate", "state", "asked_by", "decided_by"]
    list_select_related = ["kept", "duplicate", "asked_by", "decided_by"]
    list_filter = ["state"]
    ordering = ["-created_at"]


@admin.register(PaperCode)
class PaperCodeAdmin(PartAdmin):
    view_permission = INVITE_MEMBERS
    list_display = ["member", "printed_at", "ends_at", "used_at"]
    list_select_related = ["member"]
    exclude = ["digest"]
    ordering = ["-id"]


@admin.register(ImportBatch)
class ImportBatchAdmin(PartAdmin):
    view_permission = p.VIEW_IMPORTS
    list_display = ["file_name", "kind", "status", "created_at"]
    list_filter = ["kind", "status"]
    exclude = ["file"]
    ordering = ["-created_at"]


@admin.register(ImportRow)
class ImportRowAdmin(PartAdmin):
    is_internal = True
    view_permission = p.VIEW_IMPORTS
    list_display = ["batch", "number", "outcome", "decision"]
    list_filter = ["outcome"]
    list_select_related = ["batch"]


@admin.register(ColumnMapping)
class ColumnMappingAdmin(PartAdmin):
    is_internal = True
    view_permission = p.VIEW_IMPORTS
    list_display = ["kind", "updated_at"]


@admin.register(FormerMatch)
class FormerMatchAdmin(PartAdmin):
    view_permission = p.RESTORE_MEMBERS
    list_display = ["member", "other", "kept_at"]
    list_select_related = ["member", "other"]


@admin.register(OtherPerson)
class OtherPersonAdmin(PartAdmin):
    view_permission = p.RESTORE_MEMBERS
    list_display = ["member", "other", "decided_by", "decided_at"]
    list_select_related = ["member", "other", "decided_by"]


@admin.register(SearchWord)
class SearchWordAdmin(ReadOnlyAdmin):
    is_internal = True
    view_permission = p.RESTORE_MEMBERS
    list_display = ["word"]
