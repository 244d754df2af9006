"""Lists of holidays: a list has versions, and a version never changes, so no date that was computed moves."""

import datetime
import uuid
from typing import Any, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.models import TimeStamped, Versioned
from core.permissions import Actor, may
from grievances import permissions as p
from grievances.enums import HolidayRule
from grievances.models.fields import line, paragraphs


class HolidayListQuerySet(models.QuerySet):
    def visible_to(self, user: Actor) -> Self:
        return self.all() if may(user, p.VIEW_AGREEMENTS) else self.none()


class HolidayList(Versioned, TimeStamped):
    """`names` are those of enums.Holiday; `extra` has a line for each other day, “2026-12-28 Inventory day”."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = line(_("name"), 100, unique=True)
    names = models.JSONField(_("holidays"), default=list, blank=True)
    observed = models.CharField(
        _("a holiday on a weekend is observed"),
        max_length=12,
        choices=HolidayRule.choices,
        default=HolidayRule.NEAREST,
    )
    extra = paragraphs(_("further days"), 4_000, blank=True)

    objects = HolidayListQuerySet.as_manager()

    class Meta:
        verbose_name = _("list of holidays")
        verbose_name_plural = _("lists of holidays")
        default_permissions = ()
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class HolidayListVersion(models.Model):
    """The days of a list as they were computed at one time: day → name, for its years."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    holiday_list = models.ForeignKey(HolidayList, models.PROTECT, related_name="versions", verbose_name=_("list"))
    number = models.PositiveIntegerField(_("version"))
    days = models.JSONField(_("days"), default=dict, blank=True)
    made_at = models.DateTimeField(_("made"), auto_now_add=True)

    objects = HolidayListQuerySet.as_manager()

    class Meta:
        verbose_name = _("version of a list of holidays")
        verbose_name_plural = _("versions of lists of holidays")
        default_permissions = ()
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["holiday_list", "number"], name="holiday_version_once")]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.number}"

    def by_day(self) -> dict[datetime.date, Any]:
        return {datetime.date.fromisoformat(day): name for day, name in self.days.items()}
