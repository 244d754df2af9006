"""Lists of holidays, which agreements share, by program."""

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.once import once
from core.api.records import CHANGES, IF_MATCH, WRITES, done, filled_as_offered, given_values
from core.api.rows import STAMPS, RowSerializer
from core.api.versions import seen_version
from core.api.viewsets import UUID_PATTERN, GatedViewSet, documented
from core.permissions import require
from core.web.filters import ListFilterSet
from core.web.keyset import Sort
from grievances import permissions as p
from grievances.enums import Holiday, HolidayRule
from grievances.forms.agreements import HolidaysForm
from grievances.models import HolidayList
from grievances.services import holidays
from grievances.services.holidays import HOLIDAY_FIELDS


class HolidayListFilterSet(ListFilterSet):
    class Meta:
        model = HolidayList
        fields: list[str] = []


class HolidayListSerializer(RowSerializer):
    """`names` are the usual ones, `extra` has a line for each other day, such as `2026-12-28 Inventory day`."""

    names = serializers.ListField(child=serializers.ChoiceField(choices=Holiday.choices))

    class Meta:
        model = HolidayList
        fields = ["id", *HOLIDAY_FIELDS, *STAMPS]
        read_only_fields = fields


class HolidayListBodySerializer(serializers.ModelSerializer):
    names = serializers.ListField(child=serializers.ChoiceField(choices=Holiday.choices), required=False)
    observed = serializers.ChoiceField(choices=HolidayRule.choices, required=False)

    class Meta:
        model = HolidayList
        fields = list(HOLIDAY_FIELDS)


@extend_schema_view(
    create=extend_schema(request=HolidayListBodySerializer, responses={201: HolidayListSerializer, **WRITES}),
    partial_update=extend_schema(
        request=HolidayListBodySerializer, parameters=[IF_MATCH], responses={200: HolidayListSerializer, **CHANGES}
    ),
)
@documented(HolidayListSerializer)
class HolidayListViewSet(GatedViewSet):
    """A change makes a new version; dates that were computed stay as they are."""

    permission = p.VIEW_AGREEMENTS
    model = HolidayList
    queryset = HolidayList.objects.none()
    serializer_class = HolidayListSerializer
    filterset_class = HolidayListFilterSet
    sort = Sort("name", "name", "name")
    lookup_value_regex = UUID_PATTERN

    @once
    def create(self, request: Request) -> Response:
        require(request.user, p.CHANGE_AGREEMENTS)
        form = filled_as_offered(HolidaysForm, given_values(request, "names"))
        row = done(holidays.create_list, form.values(), actor=request.user)
        return self.created(row.pk)

    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        row = self.get_object()
        require(request.user, p.CHANGE_AGREEMENTS)
        version, given = seen_version(request), given_values(request, "names")
        values = filled_as_offered(lambda typed: HolidaysForm(typed, instance=row), given).values()
        named = {name: values[name] for name in given}
        done(holidays.change_list, row, named, actor=request.user, version=version)
        return self.shown(self.fresh(row.pk))
