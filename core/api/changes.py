"""Lists for programs that keep in step: what changed since a moment, and which records are gone.

The way through the pages is the moment of the last row and its id, so a row that changes meanwhile comes again, later.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, PolymorphicProxySerializer, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.places import PlaceUnknown
from core.api.viewsets import ERRORS, INVALID, GatedViewSet, KeysetPagination
from core.audit import trail
from core.enums import ReadKind
from core.web.keyset import PAGE_SIZE, bounded_count

SINCE, AFTER = "updated_since", "after"
# A change bears the moment at which it was made and is seen when its transaction ends. The longest, an import, takes
# ten minutes.
OVERLAP = timedelta(minutes=15)
Told = list[dict[str, Any]]


class TombstoneSerializer(serializers.Serializer):
    """All that is told of a deleted record: its id, and `deleted`, which is true."""

    id = serializers.IntegerField()
    deleted = serializers.BooleanField()


class ChangesPagination(KeysetPagination):
    """As the other lists; `as_of`, with `updated_since` only, is the moment to ask for next time."""

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        told = super().get_paginated_response_schema(schema)
        told["properties"]["as_of"] = {"type": "string", "format": "date-time"}
        return told


class ChangesMixin(GatedViewSet):
    """Before a viewset of records with `updated_at` that are deleted softly, and querysets of `ever_visible_to`."""

    pagination_class = ChangesPagination

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        if SINCE not in request.query_params:
            return super().list(request, *args, **kwargs)
        now = timezone.now()
        since, after = self._position(request)
        rows = self.model.objects.ever_visible_to(request.user).filter(updated_at__gte=since)
        if after is not None:
            rows = rows.filter(Q(updated_at__gt=since) | Q(pk__gt=after))
        count = bounded_count(rows)
        places = list(rows.order_by("updated_at", "pk").values_list("pk", "updated_at")[: PAGE_SIZE + 1])
        shown = places[:PAGE_SIZE]
        told = self._told_of([pk for pk, _moment in shown])
        trail.read(self.model, ReadKind.LISTED, actor=request.user, rows=len(told), filters={SINCE: since.isoformat()})
        return Response(
            {
                "count": min(count, 1000),
                "count_is_exact": count <= 1000,
                "next": _next(request, *shown[-1]) if len(places) > PAGE_SIZE else None,
                "previous": None,
                "as_of": _written(now - OVERLAP),
                "results": told,
            }
        )

    def _position(self, request: Request) -> tuple[datetime, int | None]:
        """The moment and, on a further page, the id of the last row of the one before. Raises ValidationError."""
        given = request.query_params
        if beside := sorted(name for name in self.filterset_class.base_filters if given.get(name)):
            sentence = _("Leave the filters out: a record that no longer fits one would not be told.")
            raise ValidationError({name: [sentence] for name in beside})
        after = given.get(AFTER, "")
        if after and not (after.isascii() and after.isdigit() and len(after) < 19):
            raise PlaceUnknown(AFTER)
        return _moment(given[SINCE]), int(after) if after else None

    def _told_of(self, keys: Sequence[Any]) -> Told:
        """The living records as everywhere, of the others that they are gone; in the order of the keys."""
        alive = self.visible().alive().filter(pk__in=keys)
        told = {item["id"]: item for item in self.told(list(self.for_answer(alive).only(*self.sent())))}
        return [told.get(key) or {"id": key, "deleted": True} for key in keys]


def _moment(text: str) -> datetime:
    try:
        # a plus sign that nobody encoded arrives as a space
        found = parse_datetime(text.replace(" ", "+", 1) if "T" in text else text)
        if found is not None and timezone.is_aware(found):
            return found.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise ValidationError({SINCE: [_("Give a moment with its offset, such as 2026-11-25T19:30:00Z.")]})


def _written(moment: datetime) -> str:
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}Z"


def _next(request: Request, key: Any, moment: datetime) -> str:
    query = urlencode({SINCE: _written(moment), AFTER: key})
    return f"{request.build_absolute_uri(request.path)}?{query}"


def in_step(name: str, serializer: type[serializers.Serializer]) -> Any:
    """Decorates a ChangesMixin: what its list tells of changes."""
    words = "Records that changed since then, the oldest change first, and of deleted ones that they are gone."
    since = OpenApiParameter(
        SINCE, {"type": "string", "format": "date-time"}, OpenApiParameter.QUERY, description=words
    )
    rows = PolymorphicProxySerializer(
        component_name=f"{name}OrTombstone",
        serializers=[serializer, TombstoneSerializer],
        resource_type_field_name=None,
        many=True,
    )
    return extend_schema_view(list=extend_schema(parameters=[since], responses={200: rows, 400: INVALID, **ERRORS}))
