"""Handing over: each person sees the parts that are theirs to give to a new owner."""

from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.enums import InstallationState
from accounts.models import Installation
from accounts.permissions import CHANGE_USERS, HAND_OVER, VIEW_ROLES, VIEW_USERS
from core.permissions import may, require
from core.web.views import Crumbs, FormPage, RecordPage, RowMixin
from grievances.forms.cases import PersonField
from unionops.handover import PARTS, Handover, Part, give, heirs, sign_out


class SlateMixin(RowMixin):
    model = Installation
    permission: str | tuple[str, ...] = HAND_OVER

    def rows(self) -> Any:
        return super().rows().filter(state=InstallationState.SET)

    @cached_property
    def handover(self) -> Handover:
        return Handover(self.get_object(), self.request.user)

    def way_here(self) -> Crumbs:
        if not may(self.request.user, VIEW_ROLES):
            return [(_("Home"), reverse("home"))]
        return [
            (_("Installations"), reverse("installations")),
            (_("Installation"), self.get_object().get_absolute_url()),
        ]

    def handover_url(self) -> str:
        return reverse("handover", args=[self.get_object().pk])


class HandoverPage(SlateMixin, RecordPage):
    template_name = "unionops/handover/page.html"
    page_title = gettext_lazy("Handover")

    def title(self) -> str:
        return str(self.page_title)

    def breadcrumbs(self) -> Crumbs:
        return [*self.way_here(), (self.title(), None)]

    def extra(self, record: Installation) -> dict[str, Any]:
        user, parts = self.request.user, self.handover.parts()
        self.handover.record_reading(parts)
        sign_ins = self.handover.sign_ins() if may(user, VIEW_USERS) else []
        return {
            "parts": parts,
            "people": self.handover.people.values(),
            "is_confidential": any(part.is_confidential and people for part, people in parts),
            "sign_ins": sign_ins,
            "may_sign_out": may(user, CHANGE_USERS) and any(count for _person, _roles, count in sign_ins),
        }


class HeirForm(forms.Form):
    person = PersonField(
        label=gettext_lazy("New owner"),
        queryset=None,
        empty_label=gettext_lazy("Choose a person"),
        help_text=gettext_lazy("People whose term has begun; who takes office later can be chosen from then on."),
    )

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = people  # type: ignore[attr-defined]


class HandOver(SlateMixin, FormPage):
    """Everything of one kind that one person leaves, to one new owner."""

    form_class = HeirForm
    page_title = gettext_lazy("Hand over")
    submit_label = gettext_lazy("Hand over")
    fields_template = "unionops/handover/_fields.html"
    part: Part
    done = gettext_lazy("Handed over.")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        part = PARTS.get(kwargs["part"])
        if part is None or not part.is_given_here:
            raise Http404
        if request.user.is_authenticated:
            require(request.user, part.sees)
        self.part = part
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def left(self) -> Any:
        found = self.handover.of(self.part, self.kwargs["person"])
        if found is None:
            raise Http404
        return found

    @property
    def lead(self) -> str:
        return _("%(part)s of %(person)s go to one new owner, who finds them under “Waiting for me”.") % {
            "part": self.part.title,
            "person": self.left[0],
        }

    def breadcrumbs(self) -> Crumbs:
        return [*self.way_here(), (_("Handover"), self.handover_url()), (self.title(), None)]

    def cancel_url(self) -> str:
        return self.handover_url()

    def form_arguments(self, data: Any, files: Any) -> dict[str, Any]:
        return {"data": data, "people": heirs(self.part, self.left[0])}

    def render_form(self, form: Any, *, status: int = 200, **extra: Any) -> HttpResponse:
        self.handover.record_reading([(self.part, [self.left])])
        items = [item for item in self.left[1] if item.label]
        return super().render_form(form, status=status, items=items, **extra)

    def perform(self, form: Any) -> str:
        former, items = self.left
        give(self.handover, self.part, former, items, form.cleaned_data["person"])
        return self.handover_url()


class HandoverSignOut(SlateMixin, FormPage):
    """One button for everybody who leaves."""

    permission = CHANGE_USERS
    form_class = forms.Form
    page_title = gettext_lazy("Sign everybody out who leaves")
    submit_label = gettext_lazy("Sign them out everywhere")
    lead = gettext_lazy(
        "Every browser and device of these people is signed out at once. With the roles they keep they sign in again."
    )
    danger = True
    count = 0

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.get_object()
        return super().get(request, *args, **kwargs)

    def breadcrumbs(self) -> Crumbs:
        return [*self.way_here(), (_("Handover"), self.handover_url()), (self.title(), None)]

    def cancel_url(self) -> str:
        return self.handover_url()

    def perform(self, form: Any) -> str:
        self.count = sign_out(self.handover)
        return self.handover_url()

    def done_message(self) -> str:
        sentence = ngettext("%(count)s person was signed out.", "%(count)s people were signed out.", self.count)
        return sentence % {"count": self.count}
