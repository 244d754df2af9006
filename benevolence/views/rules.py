"""The rules of the fund."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from benevolence import permissions as p
from benevolence.forms.policies import PolicyForm
from benevolence.models import BenevolencePolicy
from benevolence.services import policies
from core.records import one_row
from core.web.formats import money_text
from core.web.one_row import OneRowPage


class Rules(OneRowPage):
    """Which levels an amount needs, and what is capped."""

    permission = (p.VIEW_POLICY, p.CHANGE_POLICY)
    change_permission = p.CHANGE_POLICY
    model = BenevolencePolicy
    form_class = PolicyForm
    page_title = gettext_lazy("Rules of benevolence")
    template_name = "benevolence/rules/edit.html"
    read_template = "benevolence/rules/read.html"
    route = "benevolence_rules"
    submit_label = gettext_lazy("Save rules")
    lead = gettext_lazy("They hold for every decision from now on.")
    done = gettext_lazy("Rules saved.")

    def facts(self) -> list[tuple[str, str]]:
        return facts(one_row.current(BenevolencePolicy))

    def save(self, values: dict[str, Any], *, version: int) -> None:
        policies.change_policy(values, actor=self.request.user, version=version)


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
