"""Pages that need several domains, and the portal's own: home, search, a member's and an employer's page, one's own."""

from typing import Any, cast

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import RoleAssignment, User
from accounts.services import confirming
from benevolence import panels as benevolence
from core import permissions as core
from core.audit.timeline import history
from core.db.prepared import prepared
from core.permissions import SIGNED_IN, Actor, may
from core.web.views import Crumbs, PortalView, wants_fragment
from grievances import panels as grievances
from members import panels
from members import permissions as members
from members.models import Member, Organization
from members.views.members import MemberDetailBase, standing_badge, status_badge
from members.views.organizations import OrganizationDetailBase
from unionops import dashboard
from unionops.search import record_search, search_everything

MEMBER_PANELS = [panels.alike, panels.employments, grievances.member_panel, benevolence.member_panel, panels.account]
ORGANIZATION_PANELS = [grievances.employer_panel]
LATEST = 6


class Home(PortalView):
    permission = SIGNED_IN
    template_name = "unionops/home/page.html"
    page_title = gettext_lazy("Home")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        user = cast(User, request.user)
        waiting, besides = dashboard.waiting_for(user), dashboard.arranged_by(user)
        matters = dashboard.own_matters(user)
        dashboard.record_reading(user, [*waiting, *besides, *matters])
        return self.render(
            waiting=waiting,
            besides=besides,
            matters=matters,
            figures=dashboard.figures(user),
            happened=dashboard.happened(user),
            shortcuts=dashboard.shortcuts(user),
            roles=_roles(user, now=timezone.now()),
            rests=confirming.what_rests(user) if user.rests else [],
            confirmers=confirming.who_confirms(user) if user.rests else [],
            has_record=may(user, members.VIEW_OWN_RECORD) and user.own_member_id,
        )


@prepared
def _roles(asker: Actor, *, now: Any) -> QuerySet[RoleAssignment]:
    return RoleAssignment.objects.filter(user=asker.pk).live(now).select_related("role").order_by("role__position")


class Search(PortalView):
    permission = SIGNED_IN
    template_name = "unionops/search/page.html"
    page_title = gettext_lazy("Search")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        text = request.GET.get("q", "")[:200].replace("\0", " ").strip()
        groups = search_everything(request.user, text)
        record_search(request.user, text, groups)
        template = "unionops/search/_results.html" if wants_fragment(request) else ""
        return self.render(template, groups=groups, global_query=text)


@prepared
def _merged(_asker: Any, *, member: Any) -> QuerySet[Member]:
    return Member.objects.filter(merged_into=member)


class MemberDetail(MemberDetailBase):
    """A member's page: what members knows, and a panel of each domain."""

    def extra(self, record: Member) -> dict[str, Any]:
        user = self.request.user
        sees_history = may(user, core.VIEW_HISTORY)
        asked = self.request.GET.get("tab")
        tab = str(asked) if asked in ("history", "whole") and sees_history else "summary"
        entries = history([record, *_merged(None, member=record.pk)]) if sees_history else []
        url = record.get_absolute_url()
        tabs = [(_("Summary"), url, tab == "summary")]
        if sees_history:
            tabs.append((_("History"), f"{url}?tab=history", tab == "history"))
            tabs.append((_("Whole record"), f"{url}?tab=whole", tab == "whole"))
        return {
            "tab": tab,
            "tabs": tabs,
            "badge": status_badge(record),
            "standing": standing_badge(record),
            "panels": [panel for offer in MEMBER_PANELS if (panel := offer(record, user)) is not None],
            "entries": entries,
            "latest": entries[:LATEST],
            "is_own": record.pk == user.own_member_id,
            "may": self.allowed(),
        }

    def breadcrumbs(self) -> Crumbs:
        return super().breadcrumbs() if may(self.request.user, members.VIEW_MEMBERS) else []


class OrganizationDetail(OrganizationDetailBase):
    """An employer's page: what members knows, and a panel of each domain."""

    def panels(self, record: Organization) -> list[Any]:
        offered = [offer(record, self.request.user) for offer in ORGANIZATION_PANELS]
        return [panel for panel in offered if panel is not None]


class MyRecord(PortalView):
    permission = members.VIEW_OWN_RECORD
    template_name = "unionops/own_record/none.html"
    page_title = gettext_lazy("My record")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        member = Member.objects.visible_to(request.user).filter(pk=request.user.own_member_id).first()
        if member is None:
            return self.render()
        return HttpResponseRedirect(member.get_absolute_url())
