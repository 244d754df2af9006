"""A list over the sample table, for test_lists, beside the portal's own pages."""

import django_filters as filters
from django.db import models
from django.urls import path

from core.enums import Badge
from core.permissions import SIGNED_IN
from core.tests.sample.models import Ticket, TicketStatus
from core.web.filters import ListFilterSet, SearchFilter
from core.web.keyset import Sort
from core.web.lists import Column, ExportPage, ListPage
from unionops.urls import urlpatterns as portal

Ticket.get_absolute_url = lambda ticket: f"/tickets/{ticket.pk}/"


class TicketFilterSet(ListFilterSet):
    q = SearchFilter(label="Search", field_name="title", lookup_expr="icontains")
    status = filters.ChoiceFilter(label="Status", choices=TicketStatus.choices)
    several = filters.MultipleChoiceFilter(label="Several", field_name="status", choices=TicketStatus.choices)
    since = filters.DateFilter(label="Since", field_name="created_at", lookup_expr="date__gte")

    class Meta:
        model = Ticket
        fields: list[str] = []


class TicketListBase:
    model = Ticket
    filterset_class = TicketFilterSet
    list_name = "ticket_list"
    sorts = (Sort("title", "title", "Title"), Sort("added", "created_at", "Added", descending=True))
    columns = (
        Column("title", "Title", lambda t: t.title, kind="link", sort="title"),
        Column(
            "status", "Status", lambda t: t.get_status_display(), kind="badge", badge=lambda t: Badge("Open", "blue")
        ),
        Column("amount", "Amount", lambda t: t.amount, kind="money"),
        Column("added", "Added", lambda t: t.created_at, kind="moment", sort="added", shown=False),
    )


class TicketList(TicketListBase, ListPage):
    permission = SIGNED_IN
    page_title = "Tickets"
    icon = "ticket"
    page_size = 3
    actions_template = "ui/brand.html"
    empty_title = "No tickets yet"
    empty_action = ("", "")
    export_permission = "core.view_audit"


class TicketExport(TicketListBase, ExportPage):
    permission = "core.view_audit"

    def for_page(self, rows: models.QuerySet) -> models.QuerySet:
        return rows.defer("secret")


urlpatterns = [
    path("tickets/", TicketList.as_view(), name="ticket_list"),
    path("tickets/export/<slug:kind>/", TicketExport.as_view(), name="ticket_list_export"),
    *portal,
]
