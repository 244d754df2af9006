"""Help that was paid before the portal, and the tables of the lists that it comes in."""

from functools import reduce
from operator import or_

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from benevolence import permissions as p
from benevolence.enums import BenevolenceList, Reason
from benevolence.models.application import BenevolenceApplication
from benevolence.models.policy import ABOVE_ZERO
from benevolence.models.sides import REVIEW_PERMISSIONS, is_applicant, levels_of
from core.imports.enums import UNFINISHED
from core.imports.models import Batch, Matching, Row
from core.models import FollowsParent, SoftDelete, SoftDeleteQuerySet, TimeStamped, Versioned
from core.money import MoneyField
from core.permissions import may
from core.validators import validate_sensible_date, validate_single_line
from members.models import Member

SOURCE_LENGTH = 250
# Of others than themselves.
PAST_HELP_PERMISSIONS = (*REVIEW_PERMISSIONS.values(), p.PAY)


class PastHelpQuerySet(SoftDeleteQuerySet):
    def visible_to(self, user):
        """Whoever pays sees all, a level what the applicants that it knows had, members their own; nobody else any."""
        if may(user, p.PAY):
            return self.all()
        found = []
        if levels_of(user):
            applied = BenevolenceApplication.objects.by_name(user).filter(member=OuterRef("member_id"))
            found.append(Q(Exists(applied)))
        if user.own_member_id and may(user, p.VIEW_OWN_APPLICATIONS):
            found.append(Q(is_applicant(user)))
        return self.alive().filter(reduce(or_, found)) if found else self.none()


class PastHelp(SoftDelete, Versioned, TimeStamped):
    """One payment of help from before the portal: no application, and no entry of the ledger.

    The opening balance is net of it. Limits, the look-back and the budget of a period count it by the day it was paid.
    """

    id = models.BigAutoField(primary_key=True)
    member = models.ForeignKey(Member, models.PROTECT, related_name="past_help", verbose_name=_("member"))
    paid_on = models.DateField(_("paid on"), validators=[validate_sensible_date])
    amount = MoneyField(_("amount"))
    reason = models.CharField(_("reason"), max_length=20, choices=Reason.choices, default=Reason.OTHER)
    reference = models.CharField(
        _("check or bank reference"), max_length=60, blank=True, validators=[validate_single_line]
    )
    source = models.CharField(_("taken from"), max_length=SOURCE_LENGTH, validators=[validate_single_line])

    objects = PastHelpQuerySet.as_manager()

    class Meta:
        verbose_name = _("past help")
        verbose_name_plural = _("past help")
        default_permissions = ()
        permissions = [(p.IMPORT_PAST_HELP.codename, "Can import past help")]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0), name="past_help_amount", violation_error_message=ABOVE_ZERO
            ),
        ]
        indexes = [
            models.Index(fields=["paid_on", "id"], name="past_help_day"),
            models.Index(fields=["member", "paid_on"], name="past_help_member"),
            models.Index(fields=["reference"], name="past_help_reference", condition=~Q(reference="")),
        ]

    def __str__(self) -> str:
        return self.reference or str(self._meta.verbose_name)


class HelpImportQuerySet(models.QuerySet):
    def visible_to(self, user):
        if may(user, p.IMPORT_PAST_HELP):
            return self.all()
        return self.none()


class HelpImport(Batch):
    """A list of benevolence on its way into the records."""

    kind = models.CharField(_("what it holds"), max_length=15, choices=BenevolenceList.choices)

    objects = HelpImportQuerySet.as_manager()

    class Meta:
        verbose_name = _("import of benevolence")
        verbose_name_plural = _("imports of benevolence")
        default_permissions = ()
        indexes = [
            models.Index(fields=["created_at", "id"], name="help_import_created"),
            models.Index(
                fields=["uploaded_by", "created_at", "id"],
                name="help_import_unfinished",
                condition=Q(status__in=UNFINISHED),
            ),
        ]

    def get_absolute_url(self) -> str:
        return reverse("past_help_import_detail", args=[self.pk])


class HelpImportRowQuerySet(FollowsParent):
    parent = "batch"


class HelpImportRow(Row):
    batch = models.ForeignKey(HelpImport, models.CASCADE, related_name="rows")

    objects = HelpImportRowQuerySet.as_manager()

    class Meta:
        verbose_name = _("row of an import of benevolence")
        verbose_name_plural = _("rows of imports of benevolence")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["batch", "number"], name="help_import_row_number")]
        indexes = [
            models.Index(fields=["batch", "outcome", "number"], name="help_import_row_outcome"),
            models.Index(fields=["batch", "applied", "number"], name="help_import_row_applied"),
        ]


class HelpMatchingQuerySet(models.QuerySet):
    def visible_to(self, user):
        if may(user, p.IMPORT_PAST_HELP):
            return self.all()
        return self.none()


class HelpMatching(Matching):
    kind = models.CharField(max_length=15, choices=BenevolenceList.choices)

    objects = HelpMatchingQuerySet.as_manager()

    class Meta:
        verbose_name = _("remembered columns of benevolence")
        verbose_name_plural = _("remembered columns of benevolence")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["kind", "headers_key"], name="help_matching_headers")]

    def __str__(self) -> str:
        return self.get_kind_display()
