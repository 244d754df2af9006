"""The list of help that was paid before the portal."""

from functools import cached_property
from operator import attrgetter
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.entry.step_up import StepUpToRead
from benevolence import permissions as p
from benevolence.enums import Reason
from benevolence.forms.filters import PastHelpFilterSet
from benevolence.models import PAST_HELP_PERMISSIONS, PastHelp
from core.enums import choice_label
from core.permissions import may
from core.web.columns import Column, of_field, through
from core.web.keyset import Sort
from core.web.lists import ExportPage, ListPage
from core.web.views import Crumbs
from members.models import Member


class PastHelpRows:
    request: Any
    model = PastHelp
    filterset_class = PastHelpFilterSet
    list_name = "past_help_list"
    export_permission = p.PAY
    sorts = (Sort("paid", "paid_on", gettext_lazy("Paid on"), descending=True),)

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """Whoever sees only their own need not read their name."""
        others = may(self.request.user, PAST_HELP_PERMISSIONS)
        named = through("member", Member.NAME_FIELDS)
        number = through("member", ("member_number",))
        return (
            of_field("paid", _("Paid on"), "paid_on", kind="date", sort="paid"),
            Column("member", _("Member"), lambda h: h.member.list_name, shown=others, reads=named),
            Column("number", _("Member number"), lambda h: h.member.member_number or "", shown=False, reads=number),
            of_field("amount", _("Amount"), "amount", kind="money"),
            Column(
                "reason",
                _("Reason"),
                lambda h: choice_label(Reason, h.reason),
                reads=("reason",),
                same=attrgetter("reason"),
            ),
            of_field("reference", _("Check or bank reference"), "reference"),
            of_field("source", _("Taken from"), "source", shown=False),
        )

    def visible(self) -> Any:
        return super().visible().alive()


class PastHelpList(PastHelpRows, ListPage):
    """Beside the applications: whoever decides or pays sees what the same people were given, members their own."""

    permission = (p.VIEW_OWN_APPLICATIONS, *PAST_HELP_PERMISSIONS)
    page_title = gettext_lazy("Help before the portal")
    icon = "history"
    actions_template = "benevolence/past_help/_list_actions.html"
    counted = (gettext_lazy("payment"), gettext_lazy("payments"))
    empty_title = gettext_lazy("No help on record from before the portal")

    def breadcrumbs(self) -> Crumbs:
        return [(_("Applications"), "/benevolence/applications/"), (self.title(), None)]

    @property
    def may_import(self) -> bool:
        return may(self.request.user, p.IMPORT_PAST_HELP)

    @property
    def empty_text(self) -> str:
        if not self.may_import:
            return _("What was paid before the portal was used would stand here; limits count it.")
        return _("Import what was paid in the last 12 months, so that limits count it from the first day.")


class PastHelpExport(StepUpToRead, PastHelpRows, ExportPage):
    permission = p.PAY
