import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from benevolence import permissions as p
from benevolence.enums import Relationship
from core.models import TimeStamped, Versioned
from core.permissions import may
from members.models import Member


class RelationshipQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Everybody sees their own declarations."""
        if may(user, p.DECLARE_RELATIONSHIP):
            return self.filter(user=user)
        return self.none()


class DeclaredRelationship(Versioned, TimeStamped):
    """Who stepped back from the applications of whom."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("user"))
    member = models.ForeignKey(Member, models.PROTECT, related_name="declared_relationships", verbose_name=_("member"))
    kind = models.CharField(_("relationship"), max_length=10, choices=Relationship.choices)
    declared_at = models.DateTimeField(_("declared"))

    objects = RelationshipQuerySet.as_manager()

    class Meta:
        verbose_name = _("declared relationship")
        verbose_name_plural = _("declared relationships")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["user", "member"],
                name="relationship_declared_once",
                violation_error_message=_("You have declared this relationship already."),
            )
        ]

    def __str__(self) -> str:
        return self.get_kind_display()


class StatementQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(user=user) if may(user, p.DECLARE_RELATIONSHIP) else self.none()


class RelationshipStatement(TimeStamped):
    """Somebody who decides or pays says that they have declared everybody whom they know; asked each term."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("user"))
    stated_at = models.DateTimeField(_("stated"))

    objects = StatementQuerySet.as_manager()

    class Meta:
        verbose_name = _("statement of relationships")
        verbose_name_plural = _("statements of relationships")
        default_permissions = ()
        indexes = [models.Index(fields=["user", "stated_at"], name="statement_user")]

    def __str__(self) -> str:
        return str(self.user)
