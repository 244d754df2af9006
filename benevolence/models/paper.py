"""What levels decided on paper about an application that was on its way before the portal."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from benevolence import permissions as p
from benevolence.enums import Level
from benevolence.models.application import BenevolenceApplication
from benevolence.models.policy import ABOVE_ZERO
from benevolence.models.sides import seen_to_confirm
from core.models import FollowsParent, TimeStamped, Versioned
from core.money import MoneyField
from core.validators import validate_sensible_date, validate_single_line

REFERENCE_LENGTH = 120


class PaperFileQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Whoever recorded it, officers who stand apart until one confirmed it, then whoever sees all of the case."""
        found = Q(application__in=BenevolenceApplication.objects.in_full(user)) | Q(recorded_by=user)
        if (to_confirm := seen_to_confirm(user)) is not None:
            found |= Q(confirmed_at=None) & Q(application__in=BenevolenceApplication.objects.filter(to_confirm))
        return self.filter(found)


class PaperFile(Versioned, TimeStamped):
    """The day and the decisions of an application on paper, until an officer confirms them; afterwards who did.

    Whoever has it confirmed cannot have recorded it, so no one person makes a decision of somebody else.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    application = models.OneToOneField(
        BenevolenceApplication, models.PROTECT, related_name="paper_file", verbose_name=_("application")
    )
    applied_on = models.DateField(_("applied"), validators=[validate_sensible_date])
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("recorded by")
    )
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("confirmed by"),
    )
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, blank=True)

    objects = PaperFileQuerySet.as_manager()

    class Meta:
        verbose_name = _("file of paper decisions")
        verbose_name_plural = _("files of paper decisions")
        default_permissions = ()
        permissions = [(p.CONFIRM_PAPER.codename, "Can confirm paper decisions")]
        constraints = [
            models.CheckConstraint(
                condition=Q(confirmed_by=None, confirmed_at=None)
                | (Q(confirmed_by__isnull=False, confirmed_at__isnull=False) & ~Q(confirmed_by=F("recorded_by"))),
                name="paper_two_people",
                violation_error_message=_("Somebody else than who recorded the decisions confirms them."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.application)


class PaperDecisionQuerySet(FollowsParent):
    parent = "file"


class PaperDecision(models.Model):
    """An approval on paper. A denial ends an application, and a deferral leaves it at its level: neither is carried."""

    file = models.ForeignKey(PaperFile, models.CASCADE, related_name="decisions", verbose_name=_("file"))
    level = models.CharField(_("level"), max_length=10, choices=Level.choices)
    decider = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("who decided")
    )
    decided_on = models.DateField(_("decided"), validators=[validate_sensible_date])
    amount = MoneyField(_("amount approved"))
    reference = models.CharField(_("minute or file"), max_length=REFERENCE_LENGTH, validators=[validate_single_line])

    objects = PaperDecisionQuerySet.as_manager()

    class Meta:
        verbose_name = _("decision on paper")
        verbose_name_plural = _("decisions on paper")
        default_permissions = ()
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["file", "level"], name="paper_level_once"),
            models.UniqueConstraint(
                fields=["file", "decider"],
                name="paper_one_level_a_person",
                violation_error_message=_("Nobody decides two levels of one application."),
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="paper_amount", violation_error_message=ABOVE_ZERO),
        ]

    def __str__(self) -> str:
        return self.get_level_display()
