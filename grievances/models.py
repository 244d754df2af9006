import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.models import TimeStamped, Versioned


class Grievance(Versioned, TimeStamped):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)

    class Meta:
        verbose_name = _("grievance")
        default_permissions = ()
        permissions = [
            ("view_grievance", "Can view grievance"),
            ("view_all_grievance", "Can view all grievance"),
            ("view_own_grievance", "Can view own grievance"),
            ("view_strategy", "Can view strategy"),
            ("export_grievance", "Can export grievance"),
            ("draft_grievance", "Can draft grievance"),
            ("file_grievance", "Can file grievance"),
            ("work_grievance", "Can work grievance"),
            ("work_all_grievance", "Can work all grievance"),
            ("assign_grievance", "Can assign grievance"),
            ("restrict_grievance", "Can restrict grievance"),
            ("resolve_grievance", "Can resolve grievance"),
            ("arbitrate_grievance", "Can arbitrate grievance"),
            ("view_grievancepolicy", "Can view grievancepolicy"),
            ("change_grievancepolicy", "Can change grievancepolicy"),
        ]

    def __str__(self) -> str:
        return str(self.pk)
