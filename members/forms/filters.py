from typing import Any

import django_filters as filters
from django.db import models
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from core.imports.enums import ImportStatus
from core.permissions import may
from core.search import search
from core.web.filters import ListFilterSet, SearchFilter
from members import permissions as p
from members.enums import Classification, ImportKind, MemberStatus, OrganizationType, Standing, State
from members.forms.members import EmployerField
from members.models import Employment, ImportBatch, Member, Organization, OrganizationContact
from members.services.search import forgive

BIGGEST = models.BigIntegerField.MAX_BIGINT


class DeletedFilter(filters.ChoiceFilter):
    """Living records unless the deleted ones are asked for."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            **{"label": _("Records"), "choices": [("deleted", _("Deleted"))], "empty_label": _("Current"), **kwargs}
        )

    def filter(self, queryset: Any, value: str) -> Any:
        return queryset.deleted() if value == "deleted" else queryset.alive()


class ForgivingFilterSet(ListFilterSet):
    """Where nothing matches exactly, a one-letter slip is forgiven; `corrections` says what was read instead."""

    restore_permission = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.corrections: dict[str, list[str]] = {}
        if not may(self.request.user, self.restore_permission):
            del self.form.fields["records"]

    @property
    def qs(self) -> models.QuerySet:
        if not hasattr(self, "_found"):
            self._found = self.forgiven() if self.text and not self.exact.exists() else self.exact
        return self._found

    @property
    def exact(self) -> models.QuerySet:
        return super().qs

    def forgiven(self) -> models.QuerySet:
        others = self.form.cleaned_data | {"q": ""}
        found, self.corrections = forgive(self._narrowed(self.queryset, others), self.text)
        return found

    def _narrowed(self, rows: models.QuerySet, values: dict[str, Any]) -> models.QuerySet:
        for name, item in self.filters.items():
            rows = item.filter(rows, values.get(name))
        return rows

    def filter_queryset(self, queryset: models.QuerySet) -> models.QuerySet:
        return self._narrowed(queryset, self.form.cleaned_data)

    def searched(self, queryset: models.QuerySet, name: str, value: str) -> models.QuerySet:
        return search(queryset, value)


class EmployerFilter(filters.CharFilter):
    field_class = EmployerField


class MemberFilterSet(ForgivingFilterSet):
    restore_permission = p.RESTORE_MEMBERS

    q = SearchFilter(label=_("Search"), method="searched")
    status = filters.ChoiceFilter(label=_("Status"), choices=MemberStatus.choices, empty_label=_("Any"))
    classification = filters.ChoiceFilter(
        label=_("Classification"), choices=Classification.choices, empty_label=_("Any")
    )
    standing = filters.ChoiceFilter(label=_("Standing"), choices=Standing.choices, empty_label=_("Any"))
    employer = EmployerFilter(label=_("Employer"), method="employed_at")
    records = DeletedFilter()

    class Meta:
        model = Member
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.form.fields["employer"].actor = self.request.user

    def employed_at(self, queryset: models.QuerySet, name: str, value: Organization) -> models.QuerySet:
        current = Employment.objects.current().filter(member_id=OuterRef("pk"), organization_id=value.pk)
        return queryset.filter(Exists(current))


class OrganizationFilterSet(ForgivingFilterSet):
    restore_permission = p.RESTORE_ORGANIZATIONS

    q = SearchFilter(label=_("Search"), method="searched")
    org_type = filters.ChoiceFilter(label=_("Type"), choices=OrganizationType.choices, empty_label=_("Any"))
    state = filters.ChoiceFilter(label=_("State"), choices=State.choices, empty_label=_("Any"))
    records = DeletedFilter()

    class Meta:
        model = Organization
        fields: list[str] = []


class ImportFilterSet(ListFilterSet):
    kind = filters.ChoiceFilter(label=_("What it holds"), choices=ImportKind.choices, empty_label=_("Any"))
    status = filters.ChoiceFilter(label=_("Status"), choices=ImportStatus.choices, empty_label=_("Any"))

    class Meta:
        model = ImportBatch
        fields: list[str] = []


class EmploymentFilterSet(ListFilterSet):
    member = filters.NumberFilter(field_name="member_id", label=_("Member"), min_value=1, max_value=BIGGEST)
    organization = filters.NumberFilter(
        field_name="organization_id", label=_("Employer"), min_value=1, max_value=BIGGEST
    )

    class Meta:
        model = Employment
        fields: list[str] = []


class ContactFilterSet(ListFilterSet):
    organization = filters.NumberFilter(
        field_name="organization_id", label=_("Organization"), min_value=1, max_value=BIGGEST
    )

    class Meta:
        model = OrganizationContact
        fields: list[str] = []
