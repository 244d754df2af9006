import uuid
from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.models import SoftDelete, SoftDeleteQuerySet, TimeStamped, Versioned
from core.permissions import Actor, may
from grievances import permissions as p
from grievances.enums import GrievanceType
from grievances.models.away import theirs
from grievances.models.facts import CaseFacts
from grievances.models.fields import line, paragraphs, person
from grievances.models.grievance import CaseText, Grievance
from members.models import Member, Organization

UNFILED = Q(deleted_at=None, filed_as=None)


class IntakeQuerySet(SoftDeleteQuerySet):
    def visible_to(self, user: Actor) -> Self:
        """Every draft for those who see every case, otherwise one's own and those of people for whom one stands in.

        Once filed, a restriction holds here too.
        """
        case = Grievance.objects.filter(pk=OuterRef("filed_as_id"))
        open_to_all = Q(filed_as=None) | Exists(case.filter(is_restricted=False))
        rows = self.filter(open_to_all | Exists(case.whole_to(user)))
        if may(user, p.DRAFT_GRIEVANCES) and may(user, p.VIEW_ALL_GRIEVANCES):
            return rows
        if may(user, p.DRAFT_GRIEVANCES):
            return rows.filter(theirs("drafted_by", user))
        return self.none()

    def unfiled(self) -> Self:
        return self.filter(filed_as=None)


class GrievanceIntake(SoftDelete, Versioned, TimeStamped, CaseText, CaseFacts):
    """A draft. Everything may be open until it is filed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    grievance_type = models.CharField(_("type"), max_length=12, blank=True, choices=GrievanceType.choices)
    organization = models.ForeignKey(
        Organization, models.PROTECT, null=True, blank=True, related_name="drafts", verbose_name=_("employer")
    )
    members = models.ManyToManyField(Member, blank=True, related_name="drafts", verbose_name=_("grievants"))
    contract_article = line(_("contract article"), 100, blank=True)
    violation_description = paragraphs(_("what happened"), blank=True)
    remedy_sought = paragraphs(_("remedy sought"), blank=True)
    notes = paragraphs(_("notes"), blank=True)
    drafted_by = person(_("drafted by"), null=True, related_name="+", editable=False)
    filed_as = models.OneToOneField(
        Grievance, models.PROTECT, null=True, editable=False, related_name="intake", verbose_name=_("filed as")
    )

    objects = IntakeQuerySet.as_manager()

    class Meta:
        verbose_name = _("draft")
        verbose_name_plural = _("drafts")
        default_permissions = ()
        indexes = [
            models.Index(fields=["created_at", "id"], name="intake_created", condition=Q(deleted_at=None)),
            models.Index(fields=["created_at", "id"], name="intake_unfiled", condition=UNFILED),
            models.Index(fields=["drafted_by", "created_at", "id"], name="intake_unfiled_drafted", condition=UNFILED),
            models.Index(fields=["grievance_type", "created_at", "id"], name="intake_unfiled_type", condition=UNFILED),
        ]

    def __str__(self) -> str:
        return str(_("Draft"))

    def get_absolute_url(self) -> str:
        return reverse("intake_detail", args=[self.pk])
