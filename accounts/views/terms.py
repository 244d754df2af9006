"""Pages about terms: assigning, confirming and ending them, and who held what when."""

from datetime import timedelta
from operator import attrgetter
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.entry.step_up import StepUpMixin
from accounts.forms import people
from accounts.forms.filters import HeldFilterSet, TermFilterSet
from accounts.models import RoleAssignment, User
from accounts.permissions import ASSIGN_ROLES, CONFIRM_ROLES, VIEW_ROLES
from accounts.services import terms
from accounts.views.people import UserMixin
from accounts.views.roles import role_tabs
from core.audit import trail
from core.enums import ReadKind
from core.permissions import may
from core.web.columns import Column, of_field, through
from core.web.filters import ListFilterSet
from core.web.formats import day_text
from core.web.keyset import Sort
from core.web.lists import ListPage
from core.web.views import ActionPage, Crumbs, FormPage, RowMixin
from core.web.waiting import NEAR

MOST = 200


def named(rows: QuerySet, key: str) -> RoleAssignment | None:
    """The row of which `key`, typed into an address, is the number."""
    return rows.filter(pk=int(key)).first() if key.isascii() and key.isdigit() and len(key) <= 18 else None


class RoleAssign(StepUpMixin, UserMixin, FormPage):
    makes_record = True
    permission = ASSIGN_ROLES
    page_title = gettext_lazy("Assign role")
    submit_label = gettext_lazy("Assign role")
    form_class = people.AssignRoleForm

    def form_arguments(self, data: Any, files: Any) -> dict[str, Any]:
        return {**super().form_arguments(data, files), "initial": self.initial()}

    def initial(self) -> dict[str, Any]:
        """To extend a term: the same role, from the day after its last one."""
        term = named(self.get_object().assignments.select_related("role"), self.request.GET.get("after", ""))
        if term is None or term.last_moment is None:
            return {}
        next_day = timezone.localdate(term.last_moment) + timedelta(days=1)
        return {"role": term.role.name, "kind": term.kind, "first_day": next_day}

    def cancel_url(self) -> str:
        return self.account_url()

    def perform(self, form: Any) -> str:
        self.term = terms.assign_role(self.get_object(), actor=self.request.user, **form.term())
        return self.account_url()

    def done_message(self) -> str:
        if self.term.is_waiting():
            return _("The role is assigned. It counts as soon as an officer confirms it.")
        return _("The role is assigned.")


class TermMixin(RowMixin):
    """Pages below one term."""

    model = RoleAssignment

    def rows(self) -> Any:
        return super().rows().select_related("user", "role")

    def breadcrumbs(self) -> Crumbs:
        user_url = self.get_object().get_absolute_url()
        return [(_("Users"), reverse("users")), (_("Account"), user_url), (self.title(), None)]


class RoleEnd(StepUpMixin, TermMixin, ActionPage):
    permission = ASSIGN_ROLES
    page_title = gettext_lazy("End role")
    submit_label = gettext_lazy("End role")
    lead = gettext_lazy("From that moment on the person may no longer do what only this role allows.")
    danger = True
    form_class = people.EndRoleForm
    done = gettext_lazy("The term is ended.")

    def title(self) -> str:
        return _("End role %(role)s") % {"role": self.get_object().role}

    def cancel_url(self) -> str:
        return self.get_object().get_absolute_url()

    def perform(self, form: Any) -> str:
        reason = form.cleaned_data["reason"]
        terms.end_role(self.get_object(), actor=self.request.user, reason=reason, at=form.ends_at())
        return self.cancel_url()


class Confirmations(StepUpMixin, FormPage):
    """What waits for a second officer; several are confirmed at once."""

    permission = CONFIRM_ROLES
    page_title = gettext_lazy("Confirmations")
    submit_label = gettext_lazy("Confirm the chosen roles")
    template_name = "accounts/terms/confirmations.html"
    form_class = people.ConfirmForm

    def needs_step_up(self) -> bool:
        """Only confirming asks; looking does not."""
        return self.request.method == "POST"

    @cached_property
    def waiting(self) -> list[RoleAssignment]:
        rows = RoleAssignment.objects.visible_to(self.request.user).waiting().order_by("assigned_at", "pk")
        return list(rows.select_related("user", "role", "assigned_by")[:MOST])

    @cached_property
    def refusals(self) -> dict[int, str]:
        return terms.refusals(self.waiting, self.request.user)

    def form_arguments(self, data: Any, files: Any) -> dict[str, Any]:
        own = [term for term in self.waiting if not self.refusals[term.pk]]
        initial = {"terms": [self.request.GET.get("term", "")]}
        return {**super().form_arguments(data, files), "waiting": own, "initial": initial}

    def render_form(self, form: Any, *, status: int = 200, **extra: Any) -> HttpResponse:
        trail.read(RoleAssignment, ReadKind.LISTED, actor=self.request.user, rows=len(self.waiting))
        ticked = {str(value) for value in form["terms"].value() or ()}
        rows = [(term, self.refusals[term.pk], str(term.pk) in ticked) for term in self.waiting]
        return super().render_form(form, status=status, rows=rows, most=MOST, **extra)

    def cancel_url(self) -> str:
        return reverse("home")

    def perform(self, form: people.ConfirmForm) -> str:
        self.confirmed = terms.confirm_roles(form.chosen(), actor=self.request.user)
        return reverse("terms_waiting")

    def done_message(self) -> str:
        count = len(self.confirmed)
        told = ngettext("%(count)s role is confirmed.", "%(count)s roles are confirmed.", count)
        return told % {"count": count}


class TermDecline(TermMixin, ActionPage):
    permission = (CONFIRM_ROLES, ASSIGN_ROLES)
    page_title = gettext_lazy("Do not confirm")
    submit_label = gettext_lazy("Do not confirm")
    lead = gettext_lazy("The person does not get the role and is told so. After a mistake it can be assigned anew.")
    danger = True
    done = gettext_lazy("The role is not confirmed. The person is told by mail.")

    def title(self) -> str:
        return _("Do not confirm %(role)s") % {"role": self.get_object().role}

    def cancel_url(self) -> str:
        if may(self.request.user, CONFIRM_ROLES):
            return reverse("terms_waiting")
        return self.get_object().get_absolute_url()

    def perform(self, form: Any) -> str:
        terms.decline_role(self.get_object(), actor=self.request.user, reason=form.cleaned_data["reason"])
        return self.cancel_url()


def last_day(term: RoleAssignment) -> str:
    return day_text(timezone.localtime(term.last_moment).date()) if term.last_moment else _("no end")


class TermList(ListPage):
    """Terms of everybody, with the tabs of the pages about roles."""

    permission = VIEW_ROLES
    model = RoleAssignment
    template_name = "accounts/terms/list.html"
    icon = "user-shield"
    record_route = "user"
    record_key = "user_id"
    under = ((gettext_lazy("Roles"), "roles"),)

    def list_context(self, *args: Any) -> dict[str, Any]:
        return {**super().list_context(*args), "tabs": role_tabs(self.list_name)}


END = ("expires_at", "ended_at")
PERSON = Column(
    "person",
    gettext_lazy("Person"),
    lambda term: term.user.full_name,
    kind="link",
    sort="person",
    reads=through("user", User.NAME_FIELDS),
)
ROLE = Column(
    "role",
    gettext_lazy("Role"),
    lambda term: term.role_and_kind,
    sort="role",
    reads=("kind", "role__display_name"),
    same=attrgetter("kind", "role_id"),
)
REASON = of_field("reason", gettext_lazy("Reason"), "reason", shown=False)
BY_ROLE = Sort("role", "role__position", gettext_lazy("Role"))
BY_PERSON = Sort("person", "user__last_name", gettext_lazy("Person"))


class TermsHeld(TermList):
    """Everybody who held a role at some moment of one day, which begins and ends on the local's clock."""

    page_title = gettext_lazy("Who held what")
    filterset_class = HeldFilterSet
    list_name = "terms_held"
    empty_title = gettext_lazy("Nobody held a role on that day")
    sorts = (BY_ROLE, BY_PERSON, Sort("from", "starts_at", gettext_lazy("From")))
    columns = (
        PERSON,
        ROLE,
        Column(
            "from",
            gettext_lazy("From"),
            lambda term: term.counts_from,
            kind="date",
            sort="from",
            reads=("starts_at", "needs_confirmation", "confirmed_at"),
        ),
        Column("until", gettext_lazy("Last day"), last_day, reads=END, same=attrgetter(*END)),
        Column(
            "assigned_by",
            gettext_lazy("Assigned by"),
            lambda term: str(term.assigned_by or _("The portal")),
            reads=through("assigned_by", User.NAME_FIELDS),
            same=attrgetter("assigned_by_id"),
        ),
        Column(
            "confirmed_by",
            gettext_lazy("Confirmed by"),
            lambda term: str(term.confirmed_by or ""),
            reads=through("confirmed_by", User.NAME_FIELDS),
        ),
        REASON,
    )

    def filterset(self) -> ListFilterSet:
        asked = self.request.GET.copy()
        if not asked.get("day", "").strip():
            asked["day"] = timezone.localdate().isoformat()
        return self.filterset_class(asked, queryset=self.visible(), request=self.request)

    def chips(self, filterset: ListFilterSet) -> list[tuple[str, str]]:
        """The day is always chosen, and stands in its field."""
        return super().chips(filterset)[1:]


class TermsEnding(TermList):
    page_title = gettext_lazy("Terms that end in 30 days")
    filterset_class = TermFilterSet
    list_name = "terms_ending"
    empty_title = gettext_lazy("No term ends in the next 30 days")
    sorts = (Sort("end", "end", gettext_lazy("Last day")), BY_ROLE, BY_PERSON)

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        shown = (PERSON, ROLE, Column("until", gettext_lazy("Last day"), last_day, sort="end", reads=END), REASON)
        if not may(self.request.user, ASSIGN_ROLES):
            return shown
        needed = (*PERSON.reads, "role__display_name")
        return (*shown, Column("extend", gettext_lazy("What next"), self.extend, kind="move", reads=needed))

    def extend(self, term: RoleAssignment) -> tuple[str, str, str] | None:
        if term.user_id == self.request.user.pk:
            return None
        url = reverse("role_assign", args=[term.user_id])
        return _("Extend"), f"{url}?after={term.pk}", f"{term.role}, {term.user}"

    def visible(self) -> QuerySet:
        now = timezone.now()
        return super().visible().live(now).ended_between(now, now + NEAR)
