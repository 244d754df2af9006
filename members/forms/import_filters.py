import django_filters as filters
from django.utils.translation import gettext_lazy as _

from core.web.filters import ListFilterSet
from members.enums import ImportKind, ImportStatus
from members.models import ImportBatch


class ImportFilterSet(ListFilterSet):
    kind = filters.ChoiceFilter(label=_("What it holds"), choices=ImportKind.choices, empty_label=_("Any"))
    status = filters.ChoiceFilter(label=_("Status"), choices=ImportStatus.choices, empty_label=_("Any"))

    class Meta:
        model = ImportBatch
        fields: list[str] = []
