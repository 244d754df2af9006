from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members.models.member import Member


class PaperCodeQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(member__in=Member.objects.visible_to(user))

    def live(self):
        return self.filter(used_at=None, ends_at__gt=timezone.now())


class PaperCode(models.Model):
    """A one-time code that the office hands to a member in person; with the member number it claims the account."""

    member = models.ForeignKey(Member, models.PROTECT, related_name="paper_codes", verbose_name=_("member"))
    digest = models.CharField(max_length=64, unique=True)
    printed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    printed_at = models.DateTimeField(_("printed"), default=timezone.now)
    ends_at = models.DateTimeField(_("ends"))
    used_at = models.DateTimeField(_("used"), null=True, blank=True)

    objects = PaperCodeQuerySet.as_manager()

    class Meta:
        verbose_name = _("code on paper")
        verbose_name_plural = _("codes on paper")
        default_permissions = ()
        indexes = [models.Index(fields=["member", "ends_at"], name="paper_code_member")]

    def __str__(self) -> str:
        return str(self.printed_at)
