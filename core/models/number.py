"""Counters without gaps."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class NumberSequence(models.Model):
    """A counter without gaps; see core.records.numbers."""

    name = models.CharField(max_length=60, primary_key=True)
    value = models.PositiveBigIntegerField(default=0)

    class Meta:
        verbose_name = _("number sequence")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.name}: {self.value}"
