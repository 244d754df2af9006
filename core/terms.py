"""A term: what somebody holds from one moment until another, planned or earlier."""

from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.db.statements import Place
from core.validators import validate_single_line

# A moment, or the place of one in a query whose SQL is made once.
Moment = datetime | Place


def not_over(at: Moment) -> Q:
    return (Q(expires_at=None) | Q(expires_at__gt=at)) & (Q(ended_at=None) | Q(ended_at__gt=at))


def last_moment_before(end: datetime | None) -> datetime | None:
    """Just before the end, so that a term to the midnight after Friday reads as one to Friday."""
    return end - timedelta(microseconds=1) if end else None


class TermQuerySet(models.QuerySet):
    def live(self, at: Moment | None = None) -> Self:
        """Terms that count at `at` (now): starts_at ≤ at < the earlier of expires_at and ended_at."""
        at = at or timezone.now()
        return self.filter(not_over(at), starts_at__lte=at)

    def not_over(self, at: datetime) -> Self:
        """Those that have not ended by then; they may begin later."""
        return self.filter(not_over(at))


class Term(models.Model):
    starts_at = models.DateTimeField(_("starts"), default=timezone.now)
    expires_at = models.DateTimeField(_("ends"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended early"), null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("ended by")
    )
    end_reason = models.CharField(
        _("reason for the end"), max_length=300, blank=True, validators=[validate_single_line]
    )

    class Meta:
        abstract = True

    @property
    def ends_at(self) -> datetime | None:
        """The first moment at which it does not count any more."""
        return min((end for end in (self.expires_at, self.ended_at) if end), default=None)

    @property
    def last_moment(self) -> datetime | None:
        return last_moment_before(self.ends_at)

    @property
    def counts_from(self) -> datetime | None:
        """The first moment at which it counts; None while that is open."""
        return self.starts_at

    def is_live(self, at: datetime | None = None) -> bool:
        at = at or timezone.now()
        return self.counts_from is not None and self.counts_from <= at and not self.is_over(at)

    def is_over(self, at: datetime | None = None) -> bool:
        return self.ends_at is not None and self.ends_at <= (at or timezone.now())
