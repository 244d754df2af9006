from django.contrib import admin

from benevolence import permissions as p
from benevolence.models import BenevolenceApplication
from core.admin import ReadOnlyAdmin


@admin.register(BenevolenceApplication)
class BenevolenceApplicationAdmin(ReadOnlyAdmin):
    view_permission = p.VIEW_TOTALS
