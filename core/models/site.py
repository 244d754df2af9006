"""The settings of the local."""

from datetime import date
from typing import NamedTuple
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.enums import Clock
from core.models.bases import OneRow
from core.validators import validate_paragraphs, validate_single_line


def all_weekdays() -> list[int]:
    return [0, 1, 2, 3, 4]


def validate_time_zone(value: str) -> None:
    if value not in available_timezones():
        raise ValidationError(_("Choose a time zone from the list, such as America/New_York."))


def validate_working_week(value: object) -> None:
    if not isinstance(value, list) or not value or not all(type(day) is int and 0 <= day <= 6 for day in value):
        raise ValidationError(_("Choose at least one working day."))


class ShownLocal(NamedTuple):
    """What of the settings is shown round every page."""

    name: str
    number: str
    logo_url: str
    is_demo: bool


class SiteSettings(OneRow):
    """The local itself: one row, shown on pages, mails and documents."""

    name = models.CharField(
        _("name of the local"), max_length=120, default="Our local", validators=[validate_single_line]
    )
    number = models.CharField(_("local number"), max_length=20, blank=True, validators=[validate_single_line])
    address = models.TextField(_("postal address"), max_length=500, blank=True, validators=[validate_paragraphs])
    logo = models.FileField(_("logo"), upload_to="logo", blank=True)
    time_zone = models.CharField(
        _("time zone"), max_length=60, default="America/New_York", validators=[validate_time_zone]
    )
    clock = models.CharField(
        _("how times are written"), max_length=2, choices=Clock.choices, default=Clock.TWELVE_HOURS
    )
    working_week = models.JSONField(_("working days"), default=all_weekdays, validators=[validate_working_week])
    fiscal_year_start = models.PositiveSmallIntegerField(
        _("first month of the fiscal year"), default=1, validators=[MinValueValidator(1), MaxValueValidator(12)]
    )
    is_demo = models.BooleanField(_("demo data"), default=False, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = _("local settings")
        default_permissions = ("view", "change")
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_site_settings_row")]

    def __str__(self) -> str:
        return f"{self.name} {self.number}".strip()

    def fiscal_year(self, day: date) -> int:
        """The calendar year in which the fiscal year of this day begins."""
        return day.year if day.month >= self.fiscal_year_start else day.year - 1

    @property
    def logo_url(self) -> str:
        """The portal's own address of the logo; the file itself is never public."""
        return reverse("site_logo") if self.logo else ""

    @property
    def shown(self) -> ShownLocal:
        return ShownLocal(self.name, self.number, self.logo_url, self.is_demo)
