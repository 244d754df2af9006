"""Abstract bases of tables, and querysets that several apps share."""

from collections.abc import Sequence
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.db import checks
from core.permissions import Actor


class TimeStamped(models.Model):
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("last changed"), auto_now=True)

    class Meta:
        abstract = True


class Versioned(models.Model):
    """`version` counts the saves; an edit names the version it started from (core.records.editing)."""

    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        abstract = True

    # Whether all check constraints are known to hold while constraints are validated.
    _checks_hold = False

    def validate_constraints(self, exclude: set[str] | None = None) -> None:
        """Ask about all check constraints in one statement; about each of them only where one is broken."""
        self._checks_hold = checks.hold(self, exclude)
        try:
            super().validate_constraints(exclude)
        finally:
            del self._checks_hold

    def get_constraints(self) -> list[tuple[type[models.Model], Sequence[models.BaseConstraint]]]:
        found = super().get_constraints()
        if not self._checks_hold:
            return found
        return [
            (model, [one for one in constraints if not isinstance(one, models.CheckConstraint)])
            for model, constraints in found
        ]


class OneRow(Versioned, TimeStamped):
    """Settings of which there is one row, with the key 1; read and changed by core.records.one_row."""

    class Meta:
        abstract = True
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_%(class)s_row")]


class FollowsParent(models.QuerySet):
    """Rows that a person sees as far as they see the row to which each belongs.

    `parent` is the way to that row through foreign keys, `parents_seen` the method that gives the rows they see.
    """

    parent: str
    parents_seen = "visible_to"

    def visible_to(self, user: Actor) -> Self:
        model: Any = self.model
        for name in self.parent.split("__"):
            model = model._meta.get_field(name).related_model
        return self.filter(**{f"{self.parent}__in": getattr(model.objects, self.parents_seen)(user)})


class SoftDeleteQuerySet(models.QuerySet):
    def alive(self):
        return self.filter(deleted_at=None)

    def deleted(self):
        return self.exclude(deleted_at=None)


class SoftDelete(models.Model):
    """A deleted row leaves lists and search, keeps its links and its unique numbers, and can be restored."""

    deleted_at = models.DateTimeField(_("deleted"), null=True, blank=True, editable=False)
    deleted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )
    deleted_reason = models.CharField(_("reason"), max_length=300, blank=True, editable=False)

    class Meta:
        abstract = True

    @property
    def is_deleted(self) -> bool:
        return self.deleted_at is not None
