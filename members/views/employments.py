"""The pages of a member's employments."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.web.views import ActionPage, Crumbs, EditPage, FormPage, RowMixin
from members import permissions as p
from members.forms.members import EmploymentForm
from members.models import Employment
from members.services import employments
from members.views.members import MemberPage


class EmploymentCreate(MemberPage, FormPage):
    makes_record = True
    permission = p.CHANGE_MEMBERS
    form_class = EmploymentForm
    page_title = gettext_lazy("Add an employment")
    crumb = gettext_lazy("Employment")
    submit_label = gettext_lazy("Add employment")
    fields_template = "members/employments/_fields.html"
    done = gettext_lazy("Employment added.")

    def cancel_url(self) -> str:
        return self.get_object().get_absolute_url()

    def form_arguments(self, data: Any, files: Any) -> dict[str, Any]:
        return {"data": data, "actor": self.request.user, "instance": Employment(member=self.get_object())}

    def perform(self, form: Any) -> str:
        employments.add_employment(self.get_object(), form.values(), actor=self.request.user)
        return self.get_object().get_absolute_url()


class EmploymentPage(RowMixin):
    model = Employment

    def breadcrumbs(self) -> Crumbs:
        member = self.get_object().member
        return [
            (_("Members"), reverse("member_list")),
            (member.full_name, member.get_absolute_url()),
            (_("Employment"), None),
        ]

    def cancel_url(self) -> str:
        return self.get_object().member.get_absolute_url()


class EmploymentEdit(EmploymentPage, EditPage):
    permission = p.CHANGE_MEMBERS
    form_class = EmploymentForm
    page_title = gettext_lazy("Edit employment")
    submit_label = gettext_lazy("Save changes")
    fields_template = "members/employments/_fields.html"
    done = gettext_lazy("Changes saved.")

    def form_arguments(self, data: Any, files: Any) -> dict[str, Any]:
        return {"data": data, "actor": self.request.user, "instance": self.get_object()}

    def perform(self, form: Any) -> str:
        employments.change_employment(
            self.get_object(), form.values(), actor=self.request.user, version=form.cleaned_data["version"]
        )
        return self.cancel_url()


class EmploymentRemove(EmploymentPage, ActionPage):
    permission = p.CHANGE_MEMBERS
    page_title = gettext_lazy("Remove an employment")
    submit_label = gettext_lazy("Remove employment")
    danger = True
    lead = gettext_lazy(
        "For an employment that was entered by mistake. When somebody left a job, edit it and enter the end date."
    )
    done = gettext_lazy("Employment removed.")

    def perform(self, form: Any) -> str:
        target = self.cancel_url()
        employments.remove_employment(self.get_object(), actor=self.request.user, reason=form.cleaned_data["reason"])
        return target
