"""The rules of the fund, and what it gave in numbers."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from benevolence import permissions as p
from benevolence import services
from benevolence.forms import PolicyForm
from benevolence.models import BenevolencePolicy
from benevolence.totals import yearly_totals
from core import one_row
from core.permissions import VIEW_HISTORY, require
from core.templatetags.ui import money_text
from core.timeline import history
from core.views import FormPage, PortalView, may


class Totals(PortalView):
    permission = p.VIEW_TOTALS
    template_name = "benevolence/totals.html"
    page_title = gettext_lazy("Benevolence in numbers")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.render(years=yearly_totals())


class Rules(FormPage):
    """Which levels an amount needs, and what is capped."""

    permission = (p.VIEW_POLICY, p.CHANGE_POLICY)
    form_class = PolicyForm
    page_title = gettext_lazy("Rules of benevolence")
    template_name = "benevolence/rules.html"
    submit_label = gettext_lazy("Save rules")
    lead = gettext_lazy("They hold for every decision from now on.")

    def cancel_url(self) -> str:
        return reverse("home")

    def form_arguments(self, data: Any, files: Any) -> dict[str, Any]:
        return {**super().form_arguments(data, files), "instance": one_row.current(BenevolencePolicy)}

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not may(request.user, p.CHANGE_POLICY):
            return self.render("benevolence/rules_read.html", facts=facts(one_row.current(BenevolencePolicy)))
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        require(request.user, p.CHANGE_POLICY)
        return super().post(request, *args, **kwargs)

    def render_form(self, form: Any, *, status: int = 200, **extra: Any) -> HttpResponse:
        seen = may(self.request.user, VIEW_HISTORY)
        entries = history([one_row.current(BenevolencePolicy)]) if seen else []
        return super().render_form(form, status=status, entries=entries, **extra)

    def perform(self, form: Any) -> str:
        services.change_policy(form.values(), actor=self.request.user, version=form.cleaned_data["version"] or 1)
        return reverse("benevolence_rules")

    def done_message(self) -> str:
        return _("Rules saved.")


def facts(policy: BenevolencePolicy) -> list[tuple[str, str]]:
    """The rules in words, for those who may not change them."""

    def cap(amount: Any) -> str:
        return money_text(amount) if amount is not None else _("no limit")

    return [
        (_("Vice president alone"), _("up to %(amount)s") % {"amount": money_text(policy.vp_up_to)}),
        (_("And benevolence administrator"), _("up to %(amount)s") % {"amount": money_text(policy.admin_up_to)}),
        (_("And business manager"), _("up to %(amount)s") % {"amount": money_text(policy.manager_up_to)}),
        (_("And president"), _("above that")),
        (_("Earlier approvals count for"), _("%(days)s days") % {"days": policy.lookback_days}),
        (_("Most for one application"), cap(policy.cap_per_application)),
        (_("Most for one member in 12 months"), cap(policy.cap_per_member_year)),
    ]
