"""Installation day: the new slate is prepared, looked over, set for one moment, and read out."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.entry.step_up import StepUpMovePage
from accounts.enums import IN_OFFICE, InstallationState
from accounts.forms.filters import InstallationFilterSet
from accounts.forms.slates import InstallationForm, SlateForm
from accounts.models import Installation, User
from accounts.permissions import ASSIGN_ROLES, HAND_OVER, VIEW_ROLES
from accounts.services import slates
from accounts.services.slate_preview import Slate
from accounts.services.workflow import FLOW
from accounts.views.moves import MOVES
from core.audit import trail
from core.audit.timeline import history
from core.enums import Badge, ReadKind, badge_of
from core.errors import EditConflict
from core.permissions import may
from core.web.columns import Column, of_field, through
from core.web.keyset import Sort
from core.web.lists import ListPage
from core.web.moves import MovePage
from core.web.picking import SUGGESTED
from core.web.views import Crumbs, EditPage, FormPage, PortalView, RecordPage


def state_badge(installation: Installation) -> Badge:
    return IN_OFFICE if installation.has_begun() else badge_of(InstallationState, installation.state)


class InstallationList(ListPage):
    permission = VIEW_ROLES
    page_title = gettext_lazy("Installations")
    model = Installation
    filterset_class = InstallationFilterSet
    list_name = "installations"
    record_route = "installation"
    icon = "users-group"
    search_label = gettext_lazy("Name of the installation")
    empty_title = gettext_lazy("No installation yet")
    empty_text = gettext_lazy("Prepare the new slate days before the meeting at which the officers are sworn in.")
    actions_template = "accounts/slates/_list_actions.html"
    sorts = (Sort("created", "created_at", gettext_lazy("Prepared"), descending=True),)
    columns = (
        of_field("title", gettext_lazy("Name"), "title", kind="link"),
        Column(
            "state",
            gettext_lazy("State"),
            lambda row: str(state_badge(row).text),
            kind="badge",
            badge=state_badge,
            reads=("state", "takes_effect_at"),
        ),
        of_field("takes_effect", gettext_lazy("Takes effect"), "takes_effect_at", kind="moment"),
        Column(
            "created_by",
            gettext_lazy("Prepared by"),
            lambda row: str(row.created_by),
            reads=through("created_by", User.NAME_FIELDS),
        ),
        of_field("created", gettext_lazy("Prepared"), "created_at", kind="date", sort="created"),
    )

    @property
    def empty_action(self) -> tuple[str, str]:
        return (_("Prepare a slate"), reverse("installation_new")) if self.may_change() else ("", "")

    def may_change(self) -> bool:
        return may(self.request.user, ASSIGN_ROLES)


def crumbs(installation: Installation | None, title: str) -> Crumbs:
    to_it: Crumbs = [(_("Installation"), installation.get_absolute_url())] if installation else []
    return [(_("Installations"), reverse("installations")), *to_it, (title, None)]


class InstallationNew(FormPage):
    makes_record = True
    permission = ASSIGN_ROLES
    page_title = gettext_lazy("Prepare a slate")
    submit_label = gettext_lazy("Go on to the seats")
    lead = gettext_lazy("Nothing changes until you set the slate. Whoever holds a role now is proposed for it.")
    form_class = InstallationForm
    fields_template = "accounts/slates/_fields.html"
    done = gettext_lazy("The slate is begun. Correct the seats now.")

    def breadcrumbs(self) -> Crumbs:
        return crumbs(None, self.title())

    def cancel_url(self) -> str:
        return reverse("installations")

    def perform(self, form: Any) -> str:
        slate = slates.start_draft(form.values(), form.chosen(), actor=self.request.user)
        return reverse("installation_edit", args=[slate.pk])


class SeatSuggestions(PortalView):
    """Options of a seat while somebody types. Who looked is recorded, as for the list of accounts."""

    permission = ASSIGN_ROLES

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        typed = next((value for name, value in request.GET.items() if name.startswith("seats_")), "")
        text = typed.rpartition("\n")[2].partition(" — ")[0].replace("\0", " ").strip()[:200]
        rows = User.objects.visible_to(request.user).filter(is_active=True).named(text)
        found = list(rows.order_by("last_name", "pk")[:SUGGESTED]) if len(text) > 1 else []
        if found:
            trail.read(User, ReadKind.LISTED, actor=request.user, rows=len(found))
        return self.render("ui/_options.html", labels=[user.label for user in found])


class InstallationEdit(EditPage):
    permission = ASSIGN_ROLES
    model = Installation
    page_title = gettext_lazy("Edit the slate")
    submit_label = gettext_lazy("Save slate")
    lead = gettext_lazy(
        "Type a name or an e-mail address, one a line, and choose from the list. A person without an account needs one"
        " first: create it under Users."
    )
    form_class = SlateForm
    fields_template = "accounts/slates/_slate_fields.html"
    added = ""

    def form_arguments(self, data: Any, files: Any) -> dict[str, Any]:
        return {**super().form_arguments(data, files), "actor": self.request.user}

    def breadcrumbs(self) -> Crumbs:
        return crumbs(self.get_object(), self.title())

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        slates.check_draft(self.get_object())
        return super().get(request, *args, **kwargs)

    def perform(self, form: Any) -> str:
        slate, version = self.get_object(), form.cleaned_data["version"]
        seats, self.added = form.seats(), form.added()
        slates.save_draft(slate, form.values(), seats, actor=self.request.user, version=version)
        return reverse("installation_edit", args=[slate.pk]) if self.added else self.cancel_url()

    def done_message(self) -> str:
        return " ".join([_("The slate is saved."), self.added]).strip()

    def render_conflict(self, form: Any, conflict: EditConflict) -> HttpResponse:
        """The seats are compared too, which are no columns of the row."""
        saved = SlateForm(instance=conflict.current, actor=self.request.user)
        form.data = form.data.copy()
        form.data["version"] = str(conflict.current.version)
        form.add_error(None, conflict.sentence)
        names = [name for name in saved.fields if name in form.fields and name != "version"]
        both = [(str(saved.fields[name].label), saved.words(name), form.words(name)) for name in names]
        return self.render_form(form, status=409, conflict=[row for row in both if row[1] != row[2]])


class InstallationPage(RecordPage):
    permission = VIEW_ROLES
    model = Installation
    template_name = "accounts/slates/detail.html"

    def rows(self) -> Any:
        return super().rows().select_related("created_by", "set_by")

    def breadcrumbs(self) -> Crumbs:
        return crumbs(None, self.title())

    def extra(self, record: Installation) -> dict[str, Any]:
        user = self.request.user
        return {
            "slate": Slate(record, user),
            "badge": state_badge(record),
            "may_change": may(user, ASSIGN_ROLES),
            "may_call_off": may(user, ASSIGN_ROLES) and not FLOW.refusal(record, FLOW.rows["call_off"], user),
            "may_hand_over": may(user, HAND_OVER) and record.is_set,
            "history": history([record]),
        }


class InstallationSheet(RecordPage):
    """One page to be read out at the meeting."""

    permission = VIEW_ROLES
    model = Installation
    template_name = "accounts/slates/sheet.html"

    def title(self) -> str:
        return _("To be read out")

    def extra(self, record: Installation) -> dict[str, Any]:
        return {"slate": Slate(record, self.request.user)}


class InstallationMove(StepUpMovePage, MovePage):
    permission = ASSIGN_ROLES
    model = Installation
    moves = MOVES

    def record_crumbs(self) -> Crumbs:
        return [(_("Installations"), reverse("installations")), (_("Installation"), self.cancel_url())]


class InstallationSet(InstallationMove):
    """Shows once more what will happen."""

    template_name = "accounts/slates/set.html"

    def render_form(self, form: Any, *, status: int = 200, **extra: Any) -> HttpResponse:
        slate = Slate(self.get_object(), self.request.user)
        return super().render_form(form, status=status, record=self.get_object(), slate=slate, **extra)
