"""The vault in the Django admin: read only, the same rows as on the portal's pages, and never whose pseudonym it is."""

from django.contrib import admin

from core.admin.gated import GatedAdmin
from organizing import permissions as p
from organizing.models import Campaign, CampaignAssignment, CampaignMember, EmergencyOpening, SaltingActivity


class VaultAdmin(GatedAdmin):
    view_permission = p.VIEW_CAMPAIGNS


@admin.register(Campaign)
class CampaignAdmin(VaultAdmin):
    list_display = ["code_name", "target", "stage", "unit_size", "opened"]
    list_filter = ["stage"]
    list_select_related = ["target"]
    ordering = ["sort_name", "id"]


@admin.register(CampaignAssignment)
class CampaignAssignmentAdmin(VaultAdmin):
    list_display = ["user", "duty", "campaign__code_name", "starts_at", "expires_at", "ended_at"]
    list_filter = ["duty"]
    list_select_related = ["user", "campaign"]
    ordering = ["-starts_at", "-id"]


@admin.register(CampaignMember)
class CampaignMemberAdmin(VaultAdmin):
    list_display = ["pseudonym", "campaign__code_name", "handler", "since", "until"]
    list_select_related = ["campaign", "handler"]
    fields = ["pseudonym", "campaign", "handler", "since", "until"]
    ordering = ["pseudonym", "id"]


@admin.register(EmergencyOpening)
class EmergencyOpeningAdmin(VaultAdmin):
    list_display = ["asked_by", "asked_at", "hours", "decided_by", "decided_at", "ends_at", "ended_at"]
    list_select_related = ["asked_by", "decided_by"]
    ordering = ["-asked_at", "-id"]


@admin.register(SaltingActivity)
class SaltingActivityAdmin(VaultAdmin):
    list_display = [
        "activity_date",
        "activity_type",
        "outcome",
        "campaign__code_name",
        "campaign_member__pseudonym",
        "workers_contacted",
        "cards_signed",
    ]
    list_filter = ["activity_type", "outcome"]
    list_select_related = ["campaign", "campaign_member"]
    ordering = ["-activity_date", "-id"]
