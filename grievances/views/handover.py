"""Many cases of one representative go to another in one step."""

from functools import cached_property
from typing import Any

from django.contrib import messages
from django.db.models import Exists, OuterRef
from django.http import HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from core.audit import trail
from core.enums import ReadKind
from core.web.views import FormPage
from grievances import permissions as p
from grievances.forms.away import FormerForm, HandOverForm
from grievances.models import Grievance
from grievances.services import cases, dockets
from grievances.views.dockets import MOST_TOLD, tell_of

MOST = 500


class GrievanceHandOver(FormPage):
    """First whose cases; then those, all ticked, and who has them from now on."""

    permission = p.ASSIGN_GRIEVANCES
    page_title = gettext_lazy("Hand cases over")
    under = ((gettext_lazy("Cases"), "grievance_list"),)
    crumb = gettext_lazy("Hand over")
    counted = (0, 0)

    @cached_property
    def people(self) -> Any:
        """Those who have an unresolved case."""
        has = Grievance.objects.whole_to(self.request.user).unresolved().filter(assigned_rep=OuterRef("pk"))
        return User.objects.filter(Exists(has)).order_by("last_name", "first_name", "pk")

    @cached_property
    def former(self) -> Any:
        asked = self.request.POST.get("former") or self.request.GET.get("former") or ""
        return self.people.filter(pk=asked).first() if asked.isdecimal() and len(asked) < 18 else None

    @property
    def is_chosen(self) -> bool:
        return self.former is not None and (self.request.method == "GET" or "person" in self.request.POST)

    fields_template = "grievances/cases/_hand_over_fields.html"

    @property
    def submit_label(self) -> str:
        return _("Hand over") if self.is_chosen else _("Show the cases")

    @property
    def lead(self) -> str:
        if not self.is_chosen:
            return _("All or some open cases of one representative go to another.")
        return _("Open cases of %(person)s. Who gets them finds them under “Waiting for me”.") % {
            "person": self.former.get_full_name()
        }

    def get_form(self, data: Any = None, files: Any = None) -> Any:
        if not self.is_chosen:
            return FormerForm(data, people=self.people)
        rows = Grievance.objects.whole_to(self.request.user).unresolved().filter(assigned_rep=self.former)
        found = list(dockets.with_next_date(rows).select_related("member").order_by("filed_date", "pk")[:MOST])
        trail.read(Grievance, ReadKind.LISTED, actor=self.request.user, rows=len(found))
        return HandOverForm(data, former=self.former, cases=found)

    def before_perform(self, form: Any) -> HttpResponseBase | None:
        if isinstance(form, FormerForm):
            return HttpResponseRedirect(f"{reverse('grievance_hand_over')}?former={form.cleaned_data['former'].pk}")
        return None

    def cancel_url(self) -> str:
        return reverse("grievance_list")

    def perform(self, form: Any) -> str:
        said = form.cleaned_data
        done, refused = cases.hand_over(form.chosen(), said["person"], actor=self.request.user, reason=said["reason"])
        self.counted = len(done), len(refused)
        tell_of(self.request, refused)
        if len(refused) > MOST_TOLD:
            messages.warning(self.request, _("%(count)s were refused in all.") % {"count": len(refused)})
        return self.cancel_url()

    def done_message(self) -> str:
        done, refused = self.counted
        said = ngettext("%(count)s case was handed over.", "%(count)s cases were handed over.", done)
        return said % {"count": done} if done or not refused else ""
