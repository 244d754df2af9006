"""What members offers to the pages that unionops composes: the member page, search, home."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import INVITE_MEMBERS, VIEW_USERS
from accounts.views.people import state_badge
from core.db.prepared import prepared
from core.permissions import may
from core.search import search
from core.web.keyset import countable, first_found
from core.web.panels import Figure, Hit, HitGroup, figure
from members import permissions as p
from members.models import Employment, Member, Organization
from members.services import invitations
from members.services.search import forgive

FOUND = 6


@dataclass(frozen=True, slots=True)
class EmploymentsPanel:
    """A member's jobs; employer names are shown to whoever sees the member."""

    jobs: list[Employment]
    may_change: bool
    may_see_employers: bool
    template = "members/employments/_panel.html"


def employments(member: Member, user: Any) -> EmploymentsPanel:
    return EmploymentsPanel(
        _jobs_of(user, member=member.pk),
        may(user, p.CHANGE_MEMBERS) and not member.is_deleted,
        may(user, p.VIEW_ORGANIZATIONS),
    )


@prepared
def _jobs_of(asker: Any, *, member: Any) -> QuerySet[Employment]:
    return Employment.objects.visible_to(asker).filter(member=member).select_related("organization")


@dataclass(frozen=True, slots=True)
class AccountPanel:
    """Whether the member can sign in, and the way to invite them."""

    account: User | None
    state: tuple[str, str, str] | None
    refusal: str
    account_url: str
    template = "members/invitations/_account_panel.html"


def account(member: Member, user: Any) -> AccountPanel | None:
    """For those who may invite."""
    if not may(user, INVITE_MEMBERS):
        return None
    found = invitations.account_of(member)
    mine = found if found is not None and found.member_id == member.pk else None
    url = found.get_absolute_url() if found is not None and may(user, VIEW_USERS) else ""
    return AccountPanel(mine, state_badge(mine) if mine else None, invitations.refusal(member, found), url)


def _found(rows: Any, text: str) -> list[Any]:
    found = first_found(search(rows, text), "sort_name", FOUND + 1)
    return found or first_found(forgive(rows, text)[0], "sort_name", FOUND + 1)


def search_members(user: Any, text: str) -> HitGroup:
    found = _found(Member.objects.visible_to(user).alive(), text)
    hits = [Hit(m.list_name, " · ".join(filter(None, (m.member_number, m.city))), m.get_absolute_url()) for m in found]
    more = reverse("member_list") if len(found) > FOUND and may(user, p.VIEW_MEMBERS) else ""
    return HitGroup(Member, _("Members"), hits[:FOUND], more)


def search_organizations(user: Any, text: str) -> HitGroup:
    found = _found(Organization.objects.visible_to(user).alive(), text)
    hits = [
        Hit(o.name, " · ".join(filter(None, (o.get_org_type_display(), o.city))), o.get_absolute_url()) for o in found
    ]
    more = reverse("organization_list") if len(found) > FOUND else ""
    return HitGroup(Organization, _("Employers and organizations"), hits[:FOUND], more)


def figures(user: Any) -> list[Figure]:
    """Counts for the home page, of rows that the person may see."""
    found = []
    if may(user, p.VIEW_MEMBERS):
        found.append(figure(_("Members"), _members.count(user), reverse("member_list")))
    if may(user, p.VIEW_ORGANIZATIONS):
        count = _organizations.count(user)
        found.append(figure(_("Employers and organizations"), count, reverse("organization_list")))
    return found


@prepared
def _members(asker: Any) -> QuerySet:
    return countable(Member.objects.visible_to(asker).alive())


@prepared
def _organizations(asker: Any) -> QuerySet:
    return countable(Organization.objects.visible_to(asker).alive())
