from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.models import FollowsParent
from core.validators import validate_single_line
from members.models.member import Member


class OtherPersonQuerySet(FollowsParent):
    parent = "member"


class OtherPerson(models.Model):
    """Somebody's decision, kept for good, that two records alike are two people; the first is the older one."""

    append_only = True

    member = models.ForeignKey(Member, models.PROTECT, related_name="+", verbose_name=_("member"))
    other = models.ForeignKey(Member, models.PROTECT, related_name="+", verbose_name=_("another person"))
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided"), default=timezone.now)
    reason = models.CharField(_("reason"), max_length=300, validators=[validate_single_line])

    objects = OtherPersonQuerySet.as_manager()

    class Meta:
        verbose_name = _("decision that two records are two people")
        verbose_name_plural = _("decisions that two records are two people")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(member__lt=F("other")),
                name="other_person_order",
                violation_error_message=_("Name two different records, the older one first."),
            ),
            models.UniqueConstraint(
                fields=["member", "other"],
                name="other_person_once",
                violation_error_message=_("This is decided already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} – {self.other_id}"
