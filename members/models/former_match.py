from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.models import FollowsParent
from members.models.member import Member


class FormerMatchQuerySet(FollowsParent):
    parent = "member"


class FormerMatch(models.Model):
    """Two records that were alike when one of them was changed: still one person, until somebody decides otherwise.

    Each pair stands both ways.
    """

    append_only = True

    member = models.ForeignKey(Member, models.PROTECT, related_name="+", verbose_name=_("member"))
    other = models.ForeignKey(Member, models.PROTECT, related_name="+", verbose_name=_("perhaps the same person"))
    kept_at = models.DateTimeField(_("kept"), default=timezone.now)

    objects = FormerMatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("match of before a change")
        verbose_name_plural = _("matches of before a change")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=~Q(member=F("other")), name="former_match_of_two"),
            models.UniqueConstraint(fields=["member", "other"], name="former_match_once"),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} – {self.other_id}"
