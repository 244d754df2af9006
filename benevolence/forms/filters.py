from typing import Any

import django_filters as filters
from django.db import models
from django.utils.translation import gettext_lazy as _

from benevolence.enums import EntryKind, Level, PaymentMethod, Reason, Status
from benevolence.models import FULL_PERMISSIONS, BenevolenceApplication, FundTransfer, HelpImport, PastHelp, Payment
from benevolence.services.sides import searched_by
from core.imports.enums import ImportStatus
from core.permissions import may
from core.web.filters import ListFilterSet, SearchFilter

BIGGEST = models.BigIntegerField.MAX_BIGINT


class ApplicationFilterSet(ListFilterSet):
    """A reason or a level finds only applications whose reason and level the person sees."""

    q = SearchFilter(label=_("Search"), method="searched")
    status = filters.ChoiceFilter(label=_("Status"), choices=Status.choices, empty_label=_("Any"))
    reason = filters.ChoiceFilter(label=_("Reason"), choices=Reason.choices, empty_label=_("Any"), method="of_known")
    level_due = filters.ChoiceFilter(
        label=_("Level due"), choices=Level.choices, empty_label=_("Any"), method="of_full"
    )

    class Meta:
        model = BenevolenceApplication
        fields: list[str] = []

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if not may(self.request.user, FULL_PERMISSIONS):
            del self.form.fields["level_due"]

    def searched(self, queryset: models.QuerySet, name: str, value: str) -> models.QuerySet:
        return searched_by(self.request.user, queryset, value)

    def of_known(self, queryset: Any, name: str, value: str) -> models.QuerySet:
        return queryset.for_person(self.request.user).with_known_request().filter(reason=value)

    def of_full(self, queryset: Any, name: str, value: str) -> models.QuerySet:
        return queryset.in_full(self.request.user).filter(level_due=value)


class EntryFilterSet(ListFilterSet):
    kind = filters.ChoiceFilter(label=_("Entry"), choices=EntryKind.choices, empty_label=_("Any"))

    class Meta:
        model = FundTransfer
        fields: list[str] = []


class PastHelpFilterSet(ListFilterSet):
    reason = filters.ChoiceFilter(label=_("Reason"), choices=Reason.choices, empty_label=_("Any"))
    member = filters.NumberFilter(field_name="member_id", label=_("Member"), min_value=1, max_value=BIGGEST)

    class Meta:
        model = PastHelp
        fields: list[str] = []


class HelpImportFilterSet(ListFilterSet):
    status = filters.ChoiceFilter(label=_("Status"), choices=ImportStatus.choices, empty_label=_("Any"))

    class Meta:
        model = HelpImport
        fields: list[str] = []


class PaymentFilterSet(ListFilterSet):
    state = filters.ChoiceFilter(
        label=_("State"),
        choices=[
            ("unsigned", _("Not signed by a second person")),
            ("uncleared", _("Not paid by the bank yet")),
            ("void", _("Void")),
        ],
        empty_label=_("Any"),
        method="of_state",
    )
    payment_method = filters.ChoiceFilter(label=_("Paid by"), choices=PaymentMethod.choices, empty_label=_("Any"))

    class Meta:
        model = Payment
        fields: list[str] = []

    def of_state(self, queryset: Any, name: str, value: str) -> models.QuerySet:
        if value == "void":
            return queryset.exclude(voided_at=None)
        lacking = "second_signer" if value == "unsigned" else "cleared_on"
        return queryset.filter(voided_at=None, **{lacking: None})
