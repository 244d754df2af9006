"""Merging two records of one member, because all domains have a part in it."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.audit import trail
from core.enums import ReadKind, badge_of
from core.errors import DomainError
from core.web.formats import day_text
from core.web.views import ActionPage, Crumbs, PortalView, RecordPage, RowMixin
from members import permissions as p
from members.enums import MergeState
from members.models import Member, MergeRequest
from members.services import merge_requests
from members.services.members import MEMBER_FIELDS
from members.services.organizations import ORGANIZATION_FIELDS
from members.validators import shown_phone
from members.views.members import MemberPage
from members.views.merging import MergePage
from members.views.organizations import OrganizationPage
from unionops import merging


class MemberMerge(MemberPage, MergePage):
    makes_record = True
    permission = p.MERGE_MEMBERS
    change_permission = p.CHANGE_MEMBERS
    merge_fields = MEMBER_FIELDS
    merge_route = "member_merge_with"
    verb = staticmethod(merging.merge)
    asked = gettext_lazy("Asked for. Somebody else sees what moves, and carries it out or declines.")

    @property
    def second_needed(self) -> bool:
        return merge_requests.needs_second(self.get_object(), self.other())

    @property
    def submit_label(self) -> Any:
        return _("Ask for the merge") if self.second_needed else _("Merge records")

    def perform(self, form: Any) -> str:
        page = super().perform(form)
        if isinstance(self.merged, MergeRequest):
            self.done = self.asked
        return page


class OrganizationMerge(OrganizationPage, MergePage):
    permission = p.MERGE_ORGANIZATIONS
    change_permission = p.CHANGE_ORGANIZATIONS
    merge_fields = ORGANIZATION_FIELDS
    merge_route = "organization_merge_with"
    verb = staticmethod(merging.merge_organizations)


class RequestPage(RowMixin, PortalView):
    permission = p.MERGE_MEMBERS
    model = MergeRequest

    def rows(self) -> Any:
        return super().rows().select_related("kept", "duplicate", "asked_by", "decided_by")

    def breadcrumbs(self) -> Crumbs:
        request = self.get_object()
        kept = request.kept
        return [(_("Members"), reverse("member_list")), (str(kept), kept.get_absolute_url()), (_("Merge"), None)]


class MergeRequestDetail(RequestPage, RecordPage):
    template_name = "unionops/merging/request.html"
    page_title = gettext_lazy("Merge two records")

    def title(self) -> str:
        return _("Merge two records")

    def extra(self, record: MergeRequest) -> dict[str, Any]:
        user = self.request.user
        pair = (record.kept, record.duplicate)
        for member in pair:
            trail.read(member, ReadKind.OPENED, actor=user)
        return {
            "badge": badge_of(MergeState, record.state),
            "moving": merging.what_moves(record, user) if record.state == MergeState.ASKED else [],
            "rows": _compared(record),
            "refusal": merging.why_not(record, user),
            "is_open": record.state == MergeState.ASKED,
        }


def _compared(request: MergeRequest) -> list[tuple[str, str, str, bool]]:
    """(field, kept record's value, second record's, whether the second one's stays) of what tells two people apart."""
    shown = ("member_number", "first_name", "middle_name", "last_name", "date_of_birth", "email", "phone", "city")
    names = [*shown, *(name for name in request.taken if name not in shown and name != "notes")]
    label = {name: Member._meta.get_field(name).verbose_name for name in names}
    pair = (request.kept, request.duplicate)
    found = [(label[name], *(_shown(member, name) for member in pair), name in request.taken) for name in names]
    return [row for row in found if row[1] or row[2]]


def _shown(member: Member, name: str) -> str:
    display = getattr(member, f"get_{name}_display", None)
    value = display() if display else getattr(member, name)
    if name == "phone":
        return shown_phone(value)
    if isinstance(value, date):
        return day_text(value)
    return "" if value is None else str(value)


class MergeCarryOut(RequestPage):
    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            kept = merging.carry_out(self.get_object(), actor=request.user)
        except ValidationError as error:  # there is no form whose fields could say it
            raise DomainError(" ".join(error.messages)) from error
        messages.success(request, _("The two records are one now."))
        return HttpResponseRedirect(kept.get_absolute_url())


class MergeDecline(RequestPage, ActionPage):
    page_title = gettext_lazy("Decline the merge")
    submit_label = gettext_lazy("Decline")
    lead = gettext_lazy("Both records stay as they are. Whoever asked reads your reason.")
    done = gettext_lazy("Declined. Both records stay as they are.")

    def perform(self, form: Any) -> str:
        request = merge_requests.decline(self.get_object(), actor=self.request.user, reason=form.cleaned_data["reason"])
        return request.get_absolute_url()
