"""What the bank's statements show, as the treasurer typed it in, beside what the books said at that moment."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from benevolence.models.fund import FundQuerySet
from core.money import MoneyField
from core.site import site_settings
from core.validators import validate_sensible_date, validate_single_line


class BankStatement(models.Model):
    """The balance at the end of one month. Typed wrong, it is typed again: the newest row of a month counts."""

    append_only = True

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    month = models.DateField(_("month"), validators=[validate_sensible_date])
    balance = MoneyField(_("balance on the statement"))
    note = models.CharField(_("note"), max_length=200, blank=True, validators=[validate_single_line])
    books = MoneyField(_("balance in the books"))
    outstanding = MoneyField(_("paid and not cleared yet"))
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("entered by")
    )
    entered_at = models.DateTimeField(_("entered"), default=timezone.now, editable=False)

    objects = FundQuerySet.as_manager()

    class Meta:
        verbose_name = _("bank statement")
        verbose_name_plural = _("bank statements")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=Q(month__day=1), name="bank_statement_month"),
            models.CheckConstraint(
                condition=Q(outstanding__gte=0),
                name="bank_statement_outstanding",
            ),
        ]
        indexes = [models.Index(fields=["month", "entered_at", "id"], name="bank_statement_newest")]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)

    def get_absolute_url(self) -> str:
        return f"{reverse('statement_list')}?year={site_settings().fiscal_year(self.month)}"

    @property
    def difference(self):
        """What the bank has beyond the books, once everything paid is cleared; nothing where the two agree."""
        return self.balance - self.books - self.outstanding
