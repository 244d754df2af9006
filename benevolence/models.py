import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.models import TimeStamped, Versioned


class BenevolenceApplication(Versioned, TimeStamped):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)

    class Meta:
        verbose_name = _("benevolence application")
        default_permissions = ()
        permissions = [
            ("view_own_application", "Can view own application"),
            ("apply", "Can apply"),
            ("apply_for_member", "Can apply for member"),
            ("request_benevolence", "Can request benevolence"),
            ("review_vp", "Can review vp"),
            ("review_admin", "Can review admin"),
            ("review_manager", "Can review manager"),
            ("review_president", "Can review president"),
            ("pay_benevolence", "Can pay benevolence"),
            ("view_decided_application", "Can view decided application"),
            ("view_totals", "Can view totals"),
            ("declare_relationship", "Can declare relationship"),
            ("view_benevolencepolicy", "Can view benevolencepolicy"),
            ("change_benevolencepolicy", "Can change benevolencepolicy"),
        ]

    def __str__(self) -> str:
        return str(self.pk)
