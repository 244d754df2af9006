"""Pages about roles: what each may do, who holds it, and the roles that a local adds."""

from typing import Any

from django.db.models import Count, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.entry.step_up import StepUpMixin
from accounts.forms import people
from accounts.forms.roles import CustomRoleForm, app_label
from accounts.models import Role, RoleAssignment
from accounts.permissions import CHANGE_ROLES, VIEW_ROLES
from accounts.services import roles
from core.audit.timeline import history
from core.errors import EditConflict
from core.permissions import may
from core.web.keyset import BoundedCount, count_in_words
from core.web.views import ActionPage, Crumbs, EditPage, FormPage, PortalView, RecordPage, RowMixin

TABS = (
    ("roles", gettext_lazy("Roles")),
    ("role_table", gettext_lazy("Role table")),
    ("terms_held", gettext_lazy("Who held what")),
    ("terms_ending", gettext_lazy("Terms that end")),
)


def role_tabs(current: str) -> list[tuple[str, str, bool]]:
    return [(str(label), reverse(route), route == current) for route, label in TABS]


HOLDERS_SHOWN = 200


class RoleList(PortalView):
    permission = VIEW_ROLES
    page_title = gettext_lazy("Roles")
    template_name = "accounts/roles/list.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        held = RoleAssignment.objects.live().filter(user__is_active=True, role=OuterRef("pk"))
        roles = Role.objects.visible_to(request.user).annotate(holders=BoundedCount(held))
        for role in roles:
            role.holders_label = count_in_words(role.holders)
        return self.render(roles=roles, tabs=role_tabs("roles"), may_add=may(request.user, CHANGE_ROLES))


class RoleMixin(RowMixin):
    """Roles go by their names, in addresses too."""

    model = Role

    def get_object(self) -> Role:
        if not hasattr(self, "_object"):
            self._object = get_object_or_404(self.rows(), name=self.kwargs["name"])
        return self._object


class RolePage(RoleMixin, RecordPage):
    permission = VIEW_ROLES
    template_name = "accounts/roles/detail.html"
    records_reading = False
    under = ((gettext_lazy("Roles"), "roles"),)

    def title(self) -> str:
        return self.get_object().display_name

    def extra(self, record: Role) -> dict[str, Any]:
        rows = RoleAssignment.objects.visible_to(self.request.user).filter(role=record)
        terms = rows.live() | rows.resting()
        holders = terms.select_related("user").order_by("user__last_name", "user__first_name")
        shown = list(holders[: HOLDERS_SHOWN + 1])
        held = roles.in_order(record.permissions.select_related("content_type"))
        return {
            "permissions": [roles.words_of(item) for item in held],
            "terms": shown[:HOLDERS_SHOWN],
            "has_more": len(shown) > HOLDERS_SHOWN,
            "history": history([record]),
            "may_change": may(self.request.user, CHANGE_ROLES),
            "waiting": rows.waiting().count(),
            "was_held": record.assignments.exists(),
        }


class RoleDescribe(RoleMixin, EditPage):
    permission = CHANGE_ROLES
    page_title = gettext_lazy("Describe role")
    lead = gettext_lazy("The description stands in the list of roles. What the role may do does not change by it.")
    submit_label = gettext_lazy("Save description")
    form_class = people.DescriptionForm
    done = gettext_lazy("The description is saved.")

    def breadcrumbs(self) -> Crumbs:
        role = self.get_object()
        return [(_("Roles"), reverse("roles")), (role.display_name, role.get_absolute_url()), (self.title(), None)]

    def perform(self, form: Any) -> str:
        asked: Any = {"actor": self.request.user, "version": form.cleaned_data["version"]}
        return roles.describe_role(self.get_object(), form.cleaned_data["description"], **asked).get_absolute_url()


class RoleTable(PortalView):
    """Which role may do what, as the database has it."""

    permission = VIEW_ROLES
    page_title = gettext_lazy("Role table")
    under = ((gettext_lazy("Roles"), "roles"),)
    template_name = "accounts/roles/table.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        shown = list(Role.objects.visible_to(request.user).prefetch_related("permissions__content_type"))
        resting = RoleAssignment.objects.visible_to(request.user).resting().order_by().values_list("role")
        rests = dict(resting.annotate(people=Count("user", distinct=True)))
        confirmed = [(role.needs_confirmation, rests.get(role.pk, 0)) for role in shown]
        return self.render(roles=shown, confirmed=confirmed, groups=table_of(shown), tabs=role_tabs("role_table"))


def table_of(shown: list[Role]) -> list[tuple[str, list[tuple[str, list[bool]]]]]:
    """Per part of the portal: each permission in words, and of each role whether it may."""
    held = {role.pk: {item.pk for item in role.permissions.all()} for role in shown}
    every = {item.pk: item for role in shown for item in role.permissions.all()}
    groups: dict[str, list[tuple[str, list[bool]]]] = {}
    for item in roles.in_order(every.values()):
        marks = [item.pk in held[role.pk] for role in shown]
        groups.setdefault(app_label(item), []).append((roles.words_of(item), marks))
    return list(groups.items())


class RoleFormPage(StepUpMixin, FormPage):
    """A custom role with its permissions."""

    permission = CHANGE_ROLES
    form_class = CustomRoleForm


class RoleCreate(RoleFormPage):
    makes_record = True
    page_title = gettext_lazy("Add a role")
    under = ((gettext_lazy("Roles"), "roles"),)
    submit_label = gettext_lazy("Add role")
    lead = gettext_lazy("For work that no role of the product fits. It may do what you tick here and nothing else.")
    done = gettext_lazy("The role is added. Give it to somebody on the page of an account.")

    def cancel_url(self) -> str:
        return reverse("roles")

    def perform(self, form: CustomRoleForm) -> str:
        return roles.add_role(form.values(), form.permissions(), actor=self.request.user).get_absolute_url()


class CustomRoleMixin(RoleMixin):
    """Pages of a role that this local made; of any other there is none."""

    permission = CHANGE_ROLES

    def rows(self) -> Any:
        return super().rows().filter(is_custom=True)

    def breadcrumbs(self) -> Crumbs:
        role = self.get_object()
        return [(_("Roles"), reverse("roles")), (role.display_name, role.get_absolute_url()), (self.title(), None)]

    def cancel_url(self) -> str:
        return self.get_object().get_absolute_url()


class RoleEdit(CustomRoleMixin, RoleFormPage):
    page_title = gettext_lazy("Edit role")
    submit_label = gettext_lazy("Save role")
    lead = gettext_lazy("What you take away is gone with the next click of everybody who holds the role.")
    done = gettext_lazy("The role is saved.")

    def form_arguments(self, data: Any, files: Any) -> dict[str, Any]:
        return {**super().form_arguments(data, files), "instance": self.get_object()}

    def perform(self, form: CustomRoleForm) -> str:
        # the form has written what was typed into its own instance
        role = Role.objects.get(pk=self.get_object().pk)
        asked: Any = {"actor": self.request.user, "version": form.cleaned_data["version"]}
        return roles.change_role(role, form.values(), form.permissions(), **asked).get_absolute_url()

    def render_conflict(self, form: Any, conflict: EditConflict) -> HttpResponse:
        """The permissions are compared too, which are no columns of the row."""
        saved = CustomRoleForm(instance=conflict.current)
        form.data = form.data.copy()
        form.data["version"] = str(conflict.current.version)
        form.add_error(None, conflict.sentence)
        names = [name for name in saved.fields if name != "version"]
        both = [(str(saved.fields[name].label), saved.words(name), form.words(name)) for name in names]
        return self.render_form(form, status=409, conflict=[row for row in both if row[1] != row[2]])


class RoleDelete(StepUpMixin, CustomRoleMixin, ActionPage):
    page_title = gettext_lazy("Delete role")
    submit_label = gettext_lazy("Delete role")
    lead = gettext_lazy("Nobody has ever held this role, so nothing is lost with it but its list of permissions.")
    danger = True
    done = gettext_lazy("The role is deleted.")

    def perform(self, form: Any) -> str:
        roles.delete_role(self.get_object(), actor=self.request.user, reason=form.cleaned_data["reason"])
        return reverse("roles")
