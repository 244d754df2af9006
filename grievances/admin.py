from django.contrib import admin

from core.admin import ReadOnlyAdmin
from grievances import permissions as p
from grievances.models import Grievance


@admin.register(Grievance)
class GrievanceAdmin(ReadOnlyAdmin):
    view_permission = p.VIEW_GRIEVANCES
