"""Who is away and who stands in, by program: marked, read, ended."""

from collections.abc import Sequence
from typing import Any

import django_filters as filters
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from core.api.once import once
from core.api.records import CHANGES, IF_MATCH, WRITES, done, filled_as_offered, given_values, known_only
from core.api.rows import STAMPS, RowSerializer, columns
from core.api.versions import seen_version
from core.api.viewsets import UUID_PATTERN, GatedViewSet, documented
from core.permissions import require
from core.web.filters import ListFilterSet
from core.web.keyset import Sort
from grievances import permissions as p
from grievances.forms.away import AwayForm
from grievances.models import Away
from grievances.services import away as services


class AwayFilterSet(ListFilterSet):
    over = filters.BooleanFilter(method="by_end", label="over")

    class Meta:
        model = Away
        fields: list[str] = []

    def by_end(self, rows: Any, name: str, value: bool) -> Any:
        now = timezone.now()
        return rows.filter(ends_at__lte=now) if value else rows.filter(ends_at__gt=now)


class AwaySerializer(RowSerializer):
    """`person` and `stand_in` are ids. It holds from `starts_at` to `ends_at`; called off, it ends as it begins."""

    person_name = serializers.CharField(source="person.full_name")
    stand_in_name = serializers.CharField(source="stand_in.full_name")

    class Meta:
        model = Away
        fields = [
            *("id", "person", "person_name", "stand_in", "stand_in_name"),
            *("first_day", "last_day", "starts_at", "ends_at"),
            *STAMPS,
        ]
        read_only_fields = fields


class AwayBodySerializer(serializers.ModelSerializer):
    """Whoever assigns cases marks anybody; others mark themselves and name no `person`.

    `first_day` is today where it is missing.
    """

    class Meta:
        model = Away
        fields = ["person", "stand_in", "first_day", "last_day"]
        extra_kwargs = {name: {"required": False} for name in ("person", "first_day")}


@extend_schema_view(
    create=extend_schema(request=AwayBodySerializer, responses={201: AwaySerializer, **WRITES}),
    end=extend_schema(request=None, parameters=[IF_MATCH], responses={200: AwaySerializer, **CHANGES}),
)
@documented(AwaySerializer)
class AwayViewSet(GatedViewSet):
    """Everybody's for those who assign cases; for others their own and those in which they stand in."""

    permission = p.WORK_GRIEVANCES
    model = Away
    queryset = Away.objects.none()
    serializer_class = AwaySerializer
    filterset_class = AwayFilterSet
    sort = Sort("from", "starts_at", "from", descending=True)
    lookup_value_regex = UUID_PATTERN

    @once
    def create(self, request: Request) -> Response:
        """Mark somebody away. The stand-in is told, and works the cases of these days."""
        require(request.user, p.WORK_GRIEVANCES)
        form = filled_as_offered(lambda typed: AwayForm(typed, actor=request.user), given_values(request))
        away = done(services.mark, **form.values(), actor=request.user)
        return self.created(away.pk)

    @action(detail=True, methods=["post"])
    @once
    def end(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Back from now on; a mark that has not begun is called off."""
        away = self.get_object()
        require(request.user, p.WORK_GRIEVANCES)
        version = seen_version(request)
        known_only(given_values(request), [])
        done(services.end, away, actor=request.user, version=version)
        return self.shown(self.fresh(away.pk))

    def for_answer(self, rows: Any) -> Any:
        return rows.select_related("person", "stand_in")

    def sent(self) -> Sequence[str]:
        names = (f"{who}__{name}" for who in ("person", "stand_in") for name in User.NAME_FIELDS)
        return [*columns(AwaySerializer), *names]
