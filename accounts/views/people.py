"""Pages about accounts, for those who may see or change them."""

from collections.abc import Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.entry.step_up import StepUpMixin
from accounts.enums import AccountState, TermState
from accounts.forms import people
from accounts.forms.filters import UserFilterSet
from accounts.models import IdentityChange, RoleAssignment, User
from accounts.permissions import ASSIGN_ROLES, CHANGE_USERS, CONFIRM_ROLES, VIEW_USERS
from accounts.services import confirming, factors, identity, invitations, limits
from accounts.services import people as services
from core.audit import trail
from core.audit.timeline import history
from core.enums import Badge, ReadKind, badge_of
from core.permissions import may
from core.web.columns import Column, of_field
from core.web.keyset import Sort
from core.web.lists import ListPage
from core.web.views import ActionPage, Crumbs, EditPage, FormPage, PortalView, RecordPage, RowMixin

MOST_CHANGES = 30
STATE = ("is_active", "invited_at", "must_change_password")


def state_of(user: User) -> AccountState:
    """Of one account the page says beside it until when it is locked; of many the list has only this."""
    if not user.is_active:
        return AccountState.OFF
    if user.invited_at:
        return AccountState.INVITED
    if getattr(user, "is_locked", False):
        return AccountState.LOCKED
    return AccountState.ONE_TIME if user.must_change_password else AccountState.ON


def state_badge(user: User) -> Badge:
    return badge_of(AccountState, state_of(user))


def term_badge(term: RoleAssignment) -> Badge:
    if term.is_waiting():
        return badge_of(TermState, TermState.WAITING)
    if term.rests:
        return badge_of(TermState, TermState.RESTS)
    return badge_of(TermState, TermState.LIVE if term.is_live() else TermState.COMING)


def changes_of(user: User) -> list[IdentityChange]:
    """What made the account theirs, the newest first."""
    shown = ("actor", "member_before", "member_after")
    return list(user.identity_changes.select_related(*shown).order_by("-at", "-pk")[:MOST_CHANGES])


def fill_roles(users: Sequence[Any]) -> None:
    """Give each user the names of the roles that are live now, in the order of the roles."""
    found: dict[int, list[str]] = {user.pk: [] for user in users}
    live = RoleAssignment.objects.live().filter(user__in=list(found)).order_by("role__position")
    for pk, role in live.values_list("user_id", "role__display_name"):
        found[pk].append(role)
    for user in users:
        user.live_roles = ", ".join(found[user.pk])


class UserList(ListPage):
    permission = VIEW_USERS
    is_prepared = True
    page_title = gettext_lazy("Users")
    model = User
    filterset_class = UserFilterSet
    list_name = "users"
    record_route = "user"
    icon = "users"
    search_label = gettext_lazy("Name or e-mail address")
    empty_title = gettext_lazy("No accounts yet")
    actions_template = "accounts/people/_list_actions.html"
    sorts = (
        Sort("name", "last_name", gettext_lazy("Name")),
        Sort("email", "email", gettext_lazy("E-mail address")),
        Sort("created", "created_at", gettext_lazy("Created"), descending=True),
    )
    columns = (
        Column(
            "name",
            gettext_lazy("Name"),
            lambda user: user.full_name,
            kind="link",
            sort="name",
            reads=User.NAME_FIELDS,
        ),
        Column(
            "state",
            gettext_lazy("State"),
            lambda user: state_badge(user).text,
            kind="badge",
            badge=state_badge,
            reads=(*STATE, "email"),
            fill=limits.mark_locked,
            same=attrgetter(*STATE, "is_locked"),
        ),
        of_field("email", gettext_lazy("E-mail address"), "email", sort="email"),
        Column("roles", gettext_lazy("Roles"), lambda user: user.live_roles, reads=(), fill=fill_roles),
        of_field("last_login", gettext_lazy("Last sign-in"), "last_login", kind="date"),
        of_field("created", gettext_lazy("Created"), "created_at", kind="date", sort="created", shown=False),
    )

    def may_change(self) -> bool:
        return may(self.request.user, CHANGE_USERS)


class UserMixin(RowMixin, PortalView):
    """Pages below one account."""

    model = User

    def breadcrumbs(self) -> Crumbs:
        user = self.get_object()
        return [(_("Users"), reverse("users")), (_("Account"), user.get_absolute_url()), (self.title(), None)]

    def account_url(self) -> str:
        return self.get_object().get_absolute_url()


def _is_current(term: RoleAssignment, now: datetime) -> bool:
    rests = term.rests and not term.is_over(now)
    return rests or term.is_live(now) or term.is_coming(now) or term.is_waiting(now)


class UserPage(RecordPage):
    permission = VIEW_USERS
    crumb = gettext_lazy("Account")
    under = ((gettext_lazy("Users"), "users"),)
    model = User
    row_is_prepared = True
    template_name = "accounts/people/detail.html"

    def rows(self) -> Any:
        return super().rows().select_related("member", "invited_by")

    def extra(self, record: User) -> dict[str, Any]:
        terms = list(record.assignments.by_term().select_related("role", "assigned_by", "ended_by", "confirmed_by"))
        now, is_due = timezone.now(), confirming.is_due(record)
        current = [term for term in terms if _is_current(term, now)]
        may_confirm = may(self.request.user, CONFIRM_ROLES)
        return {
            "badge": state_badge(record),
            "locked_until": record.locked_until,
            "current": [(term, term_badge(term)) for term in current],
            "past": [term for term in terms if term not in current],
            "changes": changes_of(record),
            "is_due": is_due,
            "rests": confirming.what_rests(record) if record.rests else [],
            "confirmers": confirming.who_confirms(record) if is_due else [],
            "history": history([record]),
            "may_change": may(self.request.user, CHANGE_USERS),
            "may_assign": may(self.request.user, ASSIGN_ROLES) and record != self.request.user,
            "may_confirm": may_confirm,
            "may_vouch": may_confirm and not is_due and confirming.may_vouch(record, self.request.user),
            "is_self": record == self.request.user,
            "has_factors": factors.has_second_factor(record),
        }


class OneTimePasswordPage(FormPage):
    """The password leaves in the answer to the POST and is kept nowhere, so it cannot be shown again."""

    issued: tuple[User, str] | None = None

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = super().post(request, *args, **kwargs)
        if self.issued is None:
            return response
        user, password = self.issued
        return self.render("accounts/people/one_time_password.html", account=user, password=password)


class UserCreate(StepUpMixin, OneTimePasswordPage):
    """An invitation by mail or, for people without mail, a one-time password: one form, two ways in."""

    makes_record = True
    permission = CHANGE_USERS
    template_name = "accounts/people/new.html"
    form_class = people.NewUserForm
    taken: User | None = None
    made_already = gettext_lazy(
        "The account was made already. If its one-time password was not copied, make another on its page."
    )
    done = gettext_lazy("The invitation is on its way.")
    under = ((gettext_lazy("Users"), "users"),)

    @property
    def by_mail(self) -> bool:
        return (self.request.POST.get("way") or self.request.GET.get("way")) != "password"

    def title(self) -> str:
        return _("Invite somebody") if self.by_mail else _("New account without mail")

    @property
    def submit_label(self) -> str:
        return _("Send invitation") if self.by_mail else _("Make one-time password")

    @property
    def lead(self) -> str:
        if self.by_mail:
            return _("The person gets a link by mail, chooses a password with it, and so proves the address.")
        return _("The portal makes a one-time password and shows it once. The person chooses their own with it.")

    @property
    def ways(self) -> list[tuple[str, str, bool]]:
        url = reverse("user_new")
        return [
            (_("Invitation by mail"), url, self.by_mail),
            (_("One-time password"), f"{url}?way=password", not self.by_mail),
        ]

    def form_arguments(self, data: Any, files: Any) -> dict[str, Any]:
        may_assign = may(self.request.user, ASSIGN_ROLES)
        own = {"actor": self.request.user, "may_assign": may_assign, "by_mail": self.by_mail}
        return {**super().form_arguments(data, files), **own}

    def cancel_url(self) -> str:
        return reverse("users")

    def perform(self, form: Any) -> str:
        values = form.values()
        member = values.pop("member")
        given = {**values, "roles": form.cleaned_data.get("roles", ()), "member_id": member.pk if member else None}
        if not self.by_mail:
            self.issued = services.create_user(**given, actor=self.request.user)
            return self.cancel_url()
        try:
            return invitations.invite(**given, actor=self.request.user).get_absolute_url()
        except invitations.AddressTaken as error:
            self.taken = error.account
            raise ValidationError({"email": error.sentence}) from error


class UserInviteAgain(UserMixin, PortalView):
    permission = CHANGE_USERS
    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        invitations.invite_again(self.get_object(), actor=request.user)
        messages.success(request, _("Another invitation is on its way; the link before it does not work any more."))
        return HttpResponseRedirect(self.account_url())


class UserEdit(StepUpMixin, UserMixin, EditPage):
    permission = CHANGE_USERS
    page_title = gettext_lazy("Edit account")
    submit_label = gettext_lazy("Save account")
    form_class = people.UserForm
    fields_template = "accounts/people/_fields.html"
    done = gettext_lazy("The account is saved.")

    def form_arguments(self, data: Any, files: Any) -> dict[str, Any]:
        return {**super().form_arguments(data, files), "actor": self.request.user}

    def perform(self, form: Any) -> str:
        version = form.cleaned_data["version"]
        services.change_user(self.get_object(), form.values(), actor=self.request.user, version=version)
        return self.account_url()


class UserAction(UserMixin, ActionPage):
    """A move on one account that asks for a reason."""

    permission = CHANGE_USERS
    danger = True


class UserConfirm(StepUpMixin, UserMixin, FormPage):
    """One button for whoever can say that an account is this person's: what rests counts again."""

    permission = CONFIRM_ROLES
    template_name = "accounts/people/confirm.html"
    form_class = people.ConfirmPersonForm
    page_title = gettext_lazy("Is this their account?")
    submit_label = gettext_lazy("Confirm the person")
    done = gettext_lazy("The person is confirmed and told by mail. What rested counts again.")
    lead = gettext_lazy(
        "Confirm only what you know: see the person, or call a number that you had before. Ask whether they know of"
        " each change below."
    )

    def needs_step_up(self) -> bool:
        """Only confirming asks; looking does not."""
        return self.request.method == "POST"

    def rows(self) -> Any:
        return super().rows().select_related("member")

    def form_arguments(self, data: Any, files: Any) -> dict[str, Any]:
        return {**super().form_arguments(data, files), "initial": {"epoch": self.get_object().identity_epoch}}

    def render_form(self, form: Any, *, status: int = 200, **extra: Any) -> HttpResponse:
        user: User = self.get_object()
        trail.read(user, ReadKind.OPENED, actor=self.request.user)
        return super().render_form(
            form,
            status=status,
            record=user,
            refusal=identity.why_not_by(user, self.request.user),
            is_due=confirming.is_due(user) or confirming.may_vouch(user, self.request.user),
            rests=confirming.what_rests(user),
            new_factors=list(factors.added_while_held(user)),
            password_ends=confirming.password_ends(user),
            changes=changes_of(user),
            **extra,
        )

    def cancel_url(self) -> str:
        return self.account_url()

    def perform(self, form: Any) -> str:
        confirming.confirm(self.get_object(), actor=self.request.user, **form.cleaned_data)
        return self.account_url()


class UserDeactivate(UserAction):
    page_title = gettext_lazy("Switch account off")
    submit_label = gettext_lazy("Switch off")
    lead = gettext_lazy("The person is signed out everywhere at once and cannot sign in. Roles and history stay.")
    done = gettext_lazy("The account is switched off.")

    def perform(self, form: Any) -> str:
        services.deactivate(self.get_object(), actor=self.request.user, reason=form.cleaned_data["reason"])
        return self.account_url()


class UserActivate(UserAction):
    page_title = gettext_lazy("Switch account on")
    submit_label = gettext_lazy("Switch on")
    lead = gettext_lazy("The person can sign in again, with the roles that are live now.")
    danger = False
    done = gettext_lazy("The account is switched on.")

    def perform(self, form: Any) -> str:
        services.activate(self.get_object(), actor=self.request.user, reason=form.cleaned_data["reason"])
        return self.account_url()


class UserUnlock(UserAction):
    page_title = gettext_lazy("Lift sign-in lock")
    submit_label = gettext_lazy("Lift lock")
    lead = gettext_lazy("Too many wrong passwords locked this account. Make sure that it was the person who tried.")
    danger = False
    done = gettext_lazy("The lock is lifted.")

    def perform(self, form: Any) -> str:
        services.unlock(self.get_object(), actor=self.request.user, reason=form.cleaned_data["reason"])
        return self.account_url()


class UserEndSessions(UserAction):
    page_title = gettext_lazy("Lost laptop or phone: end everything")
    submit_label = gettext_lazy("End everything")
    lead = gettext_lazy(
        "Every browser and device of this person is signed out at once, the one in their hands too, and none counts as"
        " known any more. The person gets a mail and signs in again."
    )
    done = gettext_lazy("Everything has ended: this account is signed in nowhere.")

    def perform(self, form: Any) -> str:
        services.end_sessions(self.get_object(), actor=self.request.user, reason=form.cleaned_data["reason"])
        return self.account_url()


class UserFactorsRemove(StepUpMixin, UserAction):
    page_title = gettext_lazy("Remove second factors")
    submit_label = gettext_lazy("Remove all factors")
    lead = gettext_lazy(
        "For somebody who has lost the telephone and the recovery codes. The person is signed out everywhere and, where"
        " the role needs it, sets up a new factor at the next sign-in. Make sure that it is the person who asks."
    )
    done = gettext_lazy("All second factors of this account are removed.")

    def perform(self, form: Any) -> str:
        factors.remove_all(self.get_object(), actor=self.request.user, reason=form.cleaned_data["reason"])
        return self.account_url()


class UserPassword(StepUpMixin, OneTimePasswordPage, UserAction):
    page_title = gettext_lazy("New one-time password")
    submit_label = gettext_lazy("Make password")
    lead = gettext_lazy("The present password stops working, every session ends, and a new password is shown once.")

    def perform(self, form: Any) -> str:
        user = self.get_object()
        password = services.issue_password(user, actor=self.request.user, reason=form.cleaned_data["reason"])
        self.issued = (user, password)
        return self.account_url()
