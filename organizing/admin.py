from django.contrib import admin

from core.admin import ReadOnlyAdmin
from organizing import permissions as p
from organizing.models import Campaign


@admin.register(Campaign)
class CampaignAdmin(ReadOnlyAdmin):
    view_permission = p.VIEW_CAMPAIGNS
