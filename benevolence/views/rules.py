"""The rules of the fund, version by version."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy

from benevolence import permissions as p
from benevolence.display import policy_badge, policy_facts
from benevolence.enums import Reason
from benevolence.forms.policies import NewPolicyForm, PolicyForm, PreviewForm
from benevolence.models import BenevolencePolicy
from benevolence.services import policies
from benevolence.services.facts import policy_on
from benevolence.services.policy import Facts, preview
from core.audit.timeline import history
from core.errors import DomainError
from core.permissions import VIEW_HISTORY, may
from core.site import local_today
from core.web.forms import ReasonForm
from core.web.views import ActionPage, Crumbs, EditPage, FormPage, PortalView, RecordPage

UNDER = ((gettext_lazy("Rules of benevolence"), "benevolence_rules"),)
EXAMPLE = {"amount": "1200", "reason": Reason.HARDSHIP.value}


def previewed(request: HttpRequest, policy: Any) -> dict[str, Any]:
    """The form of the preview, and what it says of the amount and reason in the address."""
    form = PreviewForm({**EXAMPLE, **{name: request.GET[name] for name in EXAMPLE if name in request.GET}})
    lines: list[str] = []
    if form.is_valid():
        amount, reason = form.cleaned_data["amount"], form.cleaned_data["reason"]
        lines = preview(policy, amount, reason, model_facts())
    return {"preview_form": form, "preview": lines}


def model_facts() -> Facts:
    """A member of long standing who was never helped, and a budget of which nothing is used."""
    today = local_today()
    return Facts(day=today, initiated_on=today.replace(year=today.year - 60, day=1), dues_paid_through=today)


class Rules(PortalView):
    """The version in force, those to come and those that were."""

    permission = (p.VIEW_POLICY, p.CHANGE_POLICY)
    page_title = gettext_lazy("Rules of benevolence")
    template_name = "benevolence/rules/list.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        today = local_today()
        current = policy_on(today)
        versions = [(row, policy_badge(row, current, today)) for row in BenevolencePolicy.objects.newest_first()]
        return self.render(
            facts=policy_facts(current),
            current=current,
            versions=versions,
            may_change=may(request.user, p.CHANGE_POLICY),
            unstaffed=policies.cannot_be_staffed(current),
            **previewed(request, current),
        )


class RulesVersion(RecordPage):
    permission = (p.VIEW_POLICY, p.CHANGE_POLICY)
    model = BenevolencePolicy
    records_reading = False
    under = UNDER
    template_name = "benevolence/rules/detail.html"

    def title(self) -> str:
        return str(self.get_object())

    def extra(self, record: Any) -> dict[str, Any]:
        today = local_today()
        return {
            "facts": policy_facts(record),
            "badge": policy_badge(record, policy_on(today), today),
            "may_edit": may(self.request.user, p.CHANGE_POLICY),
            "frozen": policies.why_frozen(record),
            "is_coming": record.starts_on > today and record.called_off_at is None,
            "entries": history([record]) if may(self.request.user, VIEW_HISTORY) else [],
            **previewed(self.request, record),
        }


class RulesNew(FormPage):
    """A new version, which begins as a copy of the one in force."""

    makes_record = True
    permission = p.CHANGE_POLICY
    page_title = gettext_lazy("New version of the rules")
    under = UNDER
    form_class = NewPolicyForm
    template_name = "benevolence/rules/edit.html"
    submit_label = gettext_lazy("Make this version")
    lead = gettext_lazy("It holds for what is submitted from its day on; what was submitted before keeps its rules.")
    done = gettext_lazy("New version made.")

    def form_arguments(self, data: Any, files: Any) -> dict[str, Any]:
        copy = policy_on(local_today())
        copy.pk, copy._state.adding = None, True
        return {**super().form_arguments(data, files), "instance": copy}

    def cancel_url(self) -> str:
        return reverse("benevolence_rules")

    def perform(self, form: Any) -> str:
        values = form.values()
        made = policies.add_version(values, actor=self.request.user, starts_on=values["starts_on"])
        return made.get_absolute_url()


class VersionPage:
    """What the pages below one version share."""

    permission = p.CHANGE_POLICY
    model = BenevolencePolicy

    def breadcrumbs(self: Any) -> Crumbs:
        record = self.get_object()
        above = (str(record), record.get_absolute_url())
        return [(str(UNDER[0][0]), reverse(UNDER[0][1])), above, (self.title(), None)]


class RulesEdit(VersionPage, EditPage):
    """Change a version that no application has used."""

    page_title = gettext_lazy("Change this version")
    form_class = PolicyForm
    template_name = "benevolence/rules/edit.html"
    submit_label = gettext_lazy("Save rules")
    done = gettext_lazy("Rules saved.")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if frozen := policies.why_frozen(self.get_object()):
            raise DomainError(frozen)
        return super().get(request, *args, **kwargs)

    def perform(self, form: Any) -> str:
        version = form.cleaned_data["version"]
        record = BenevolencePolicy(pk=self.get_object().pk)
        changed = policies.change_version(record, form.values(), actor=self.request.user, version=version)
        return changed.get_absolute_url()


class RulesCallOff(VersionPage, ActionPage):
    """A version that is still to come does not come."""

    page_title = gettext_lazy("Call off this version")
    form_class = ReasonForm
    submit_label = gettext_lazy("Call it off")
    danger = True
    lead = gettext_lazy("It never begins, and stays in the list as called off.")
    done = gettext_lazy("Called off.")

    def perform(self, form: Any) -> str:
        return policies.call_off(
            self.get_object(), actor=self.request.user, reason=form.cleaned_data["reason"]
        ).get_absolute_url()
