"""What members offers to the pages that unionops composes: the member page, search, home."""

from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.permissions import CONFIRM_ROLES, INVITE_MEMBERS, VIEW_USERS
from accounts.views.people import state_badge
from core.db.prepared import prepared
from core.enums import choice_label
from core.imports.enums import UNFINISHED, ImportStatus
from core.permissions import Actor, may
from core.search import search
from core.web.formats import day_text
from core.web.keyset import countable, first_found
from core.web.panels import Figure, Hit, HitGroup, Waiting, figure
from core.web.waiting import At, Waits, Work
from members import permissions as p
from members.enums import ImportKind, MergeState
from members.models import Employment, ImportBatch, Member, MergeRequest, Organization
from members.models.member import joined_name
from members.services import addresses, invitations, merge_requests, paper_codes
from members.services.identity import facts_of, why_alike
from members.services.search import forgive
from members.services.two_people import alike_to

FOUND = 6


@dataclass(frozen=True, slots=True)
class EmploymentsPanel:
    """A member's jobs; employer names are shown to whoever sees the member."""

    jobs: list[Employment]
    may_change: bool
    may_see_employers: bool
    is_own: bool
    template = "members/employments/_panel.html"


def employments(member: Member, user: Actor) -> EmploymentsPanel:
    return EmploymentsPanel(
        _jobs_of(user, member=member.pk),
        may(user, p.CHANGE_MEMBERS) and not member.is_deleted,
        may(user, p.VIEW_ORGANIZATIONS),
        member.pk == cast(User, user).own_member_id,
    )


@prepared
def _jobs_of(asker: Actor, *, member: Any) -> QuerySet[Employment]:
    return Employment.objects.visible_to(asker).filter(member=member).select_related("organization")


@dataclass(frozen=True, slots=True)
class AccountPanel:
    """Whether the member can sign in, and the way to invite them."""

    account: User | None
    state: tuple[str, str, str] | None
    refusal: str
    account_url: str
    may_invite: bool
    may_print: bool
    written: str  # who wrote an address that claims nobody yet, and when; "" for one that does
    may_vouch: bool
    is_untold: bool  # an invitation opens nothing of the member's own
    template = "members/invitations/_account_panel.html"


def account(member: Member, user: Actor) -> AccountPanel | None:
    """For those who may invite, and for the office while it can vouch for an address."""
    may_invite, may_vouch = may(user, INVITE_MEMBERS), may(user, p.CHANGE_MEMBERS)
    if not may_invite and not (may_vouch and is_too_new(member)):
        return None
    found = invitations.account_of(member)
    mine = found if found is not None and found.member_id == member.pk else None
    url = found.get_absolute_url() if found is not None and may(user, VIEW_USERS) else ""
    is_new = mine is None and is_too_new(member)
    return AccountPanel(
        mine,
        state_badge(mine) if mine else None,
        invitations.refusal(member, found),
        url,
        may_invite,
        may_print=may_invite and not paper_codes.why_not(member, user, mine),
        written=written(member) if is_new else "",
        may_vouch=is_new and may_vouch and not addresses.not_a_witness(member, user),
        is_untold=mine is None and member.is_untold and not addresses.is_theirs(member),
    )


def written(member: Member) -> str:
    words = {
        "day": day_text(timezone.localtime(member.email_written_at).date()),
        "who": member.email_written_by or _("the portal"),
        "how": member.get_email_source_display(),
    }
    return _("Written on %(day)s by %(who)s (%(how)s).") % words


def is_too_new(member: Member) -> bool:
    return bool(member.email) and not member.has_settled_email and not member.is_deleted


@dataclass(frozen=True, slots=True)
class AlikePanel:
    """Records that may be the same person, each with what agrees."""

    rows: list[tuple[Member, str]]
    may_merge: bool
    may_decide: bool
    template = "members/members/_alike_panel.html"


def alike(member: Member, user: Actor) -> AlikePanel | None:
    """For those who merge or decide; None where nobody is alike."""
    merges, decides = may(user, p.MERGE_MEMBERS), may(user, CONFIRM_ROLES)
    found = list(alike_to(member, user)) if (merges or decides) and not member.is_deleted else []
    rows = [(other, why_alike(facts_of(member), other)) for other in found]
    return AlikePanel(rows, merges, decides) if rows else None


def _found(rows: Any, text: str) -> list[Any]:
    found = first_found(search(rows, text), "sort_name", FOUND + 1)
    return found or first_found(forgive(rows, text)[0], "sort_name", FOUND + 1)


def search_members(user: Actor, text: str) -> HitGroup:
    found = _found(Member.objects.visible_to(user).alive(), text)
    hits = [Hit(m.list_name, _note(m, text), m.get_absolute_url()) for m in found]
    more = reverse("member_list") if len(found) > FOUND and may(user, p.VIEW_MEMBERS) else ""
    return HitGroup(Member, _("Members"), hits[:FOUND], more)


def _note(member: Member, text: str) -> str:
    """The number and the city, and a former number where somebody typed it."""
    typed = [number for number in member.former_numbers.split() if number.casefold() == text.strip().casefold()]
    former = [_("formerly %(number)s") % {"number": number} for number in typed]
    return " · ".join(filter(None, (member.member_number, *former, member.city)))


def search_organizations(user: Actor, text: str) -> HitGroup:
    found = _found(Organization.objects.visible_to(user).alive(), text)
    hits = [
        Hit(o.name, " · ".join(filter(None, (o.get_org_type_display(), o.city))), o.get_absolute_url()) for o in found
    ]
    more = reverse("organization_list") if len(found) > FOUND else ""
    return HitGroup(Organization, _("Employers and organizations"), hits[:FOUND], more)


def _merges(asker: Actor, at: At) -> QuerySet | None:
    """Merges that somebody else asked for."""
    return merge_requests.waiting_for(asker) if may(asker, p.MERGE_MEMBERS) else None


def _merge_line(key: str, state: str, first: str, last: str) -> Waiting:
    url, words = reverse("merge_request", args=[UUID(key)]), choice_label(MergeState, state)
    name = joined_name(first, last)
    return Waiting(_("Look at a merge"), url, words, "amber", name, _("Whether both records are one person"))


def _imports(asker: Actor, at: At) -> QuerySet | None:
    """Those that this person began and did not finish."""
    if not may(asker, p.RUN_IMPORTS):
        return None
    return ImportBatch.objects.visible_to(asker).filter(uploaded_by=asker.pk, status__in=UNFINISHED)


def _import_line(key: str, status: str, kind: str, file_name: str) -> Waiting:
    url, words = reverse("import_detail", args=[UUID(key)]), choice_label(ImportStatus, status)
    return Waiting(_("Finish your import"), url, words, "blue", file_name, choice_label(ImportKind, kind))


WAITS = Waits(
    Work(
        "merges",
        gettext_lazy("Merges to look at"),
        MergeRequest,
        _merges,
        _merge_line,
        ("state", "kept__first_name", "kept__last_name"),
        since="created_at",
    ),
    Work(
        "imports",
        gettext_lazy("Imports to finish"),
        ImportBatch,
        _imports,
        _import_line,
        ("status", "kind", "file_name"),
        since="created_at",
    ),
)


def figures(user: Actor) -> list[Figure]:
    """Counts for the home page, of rows that the person may see."""
    found = []
    if may(user, p.VIEW_MEMBERS):
        found.append(figure(_("Members"), _members.count(user), reverse("member_list")))
    if may(user, p.VIEW_ORGANIZATIONS):
        count = _organizations.count(user)
        found.append(figure(_("Employers and organizations"), count, reverse("organization_list")))
    return found


@prepared
def _members(asker: Actor) -> QuerySet:
    return countable(Member.objects.visible_to(asker).alive())


@prepared
def _organizations(asker: Actor) -> QuerySet:
    return countable(Organization.objects.visible_to(asker).alive())
