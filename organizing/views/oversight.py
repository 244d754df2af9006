"""What an organizing director does: opens campaigns and replaces leads, knowing nothing else of them."""

from collections.abc import Sequence
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from core.audit import trail
from core.enums import Badge, ReadKind, badge_of
from core.web.keyset import Sort, paginate
from core.web.views import Crumbs, FormPage, PortalView
from organizing import permissions as p
from organizing.enums import OpeningState
from organizing.forms.campaigns import ConfirmForm, OpenCampaignForm, ReplaceLeadForm
from organizing.models import Campaign, EmergencyOpening
from organizing.services import accounts, campaigns
from organizing.views.base import Instead, stage_badge
from organizing.views.campaigns import FORM, confirm_text

BY_NAME = Sort("name", "sort_name", gettext_lazy("Code name"))


class Oversight(PortalView):
    permission = p.OVERSEE_CAMPAIGNS
    template_name = "organizing/oversight/list.html"
    page_title = gettext_lazy("Oversight of campaigns")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        page = paginate(Campaign.objects.overseen_by(request.user), params=request.GET, sort=BY_NAME)
        trail.read(Campaign, ReadKind.LISTED, actor=request.user, rows=len(page.rows))
        openings = self.openings([row.pk for row in page.rows])
        return self.render(page=page, rows=[(row, stage_badge(row), openings.get(row.pk)) for row in page.rows])

    def openings(self, campaigns: Sequence[Any]) -> dict[Any, tuple[EmergencyOpening, Badge]]:
        """By the campaign's key the last emergency opening of one's own that stands."""
        user = self.request.user
        rows = EmergencyOpening.objects.visible_to(user).filter(asked_by_id=user.pk, campaign__in=campaigns).standing()
        return {row.campaign_id: (row, badge_of(OpeningState, row.state)) for row in rows.reverse()}


class OversightForm(FormPage):
    permission = p.OVERSEE_CAMPAIGNS
    template_name = FORM
    instead: Instead | None = None

    def breadcrumbs(self) -> Crumbs:
        return [(_("Oversight of campaigns"), self.cancel_url()), (self.title(), None)]

    def cancel_url(self) -> str:
        return reverse("oversight")


class LeadPage(OversightForm):
    """Chooses a lead, where there is somebody to choose."""

    @property
    def instead(self) -> Instead | None:
        if User.objects.holding(p.VIEW_CAMPAIGNS).exclude(pk=self.request.user.pk).exists():
            return None
        text = _("Ask the system administrator to give somebody the role of an organizer.")
        return Instead(_("There is nobody to choose yet"), text)


class OpenCampaign(LeadPage):
    makes_record = True
    form_class = OpenCampaignForm
    page_title = gettext_lazy("Open a campaign")
    submit_label = gettext_lazy("Open campaign")
    lead = gettext_lazy("The lead enters the target and everything else. You will see code name, lead and stage.")
    done = gettext_lazy("Campaign opened. Its lead finds it under Campaigns.")

    def perform(self, form: Any) -> str:
        campaigns.open_campaign(actor=self.request.user, **form.cleaned_data)
        return self.cancel_url()


class OverseenMixin(OversightForm):
    """A form about one campaign, of which the page knows no more than the list does."""

    @cached_property
    def overseen(self) -> Any:
        found = Campaign.objects.overseen_by(self.request.user).filter(pk=self.kwargs["pk"]).first()
        if found is None:
            raise Http404
        return found


class ConfirmLead(OverseenMixin):
    """After an officer confirmed the person the director does, and the campaign is open to its lead again."""

    form_class = ConfirmForm
    page_title = gettext_lazy("Confirm the lead")
    submit_label = gettext_lazy("I know it is them")
    done = gettext_lazy("Confirmed. The campaign is open to its lead again.")

    @property
    def lead(self) -> str:
        return confirm_text(self.overseen.lead_name or "")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        accounts.require_rest(self.overseen.lead_rests)
        return super().get(request, *args, **kwargs)

    def form_arguments(self, data: Any, files: Any) -> dict[str, Any]:
        return {"data": data, "initial": {"epoch": self.overseen.lead_epoch}}

    def perform(self, form: Any) -> str:
        accounts.confirm_lead(self.overseen.pk, actor=self.request.user, epoch=form.cleaned_data["epoch"])
        return self.cancel_url()


class ReplaceLead(OverseenMixin, LeadPage):
    form_class = ReplaceLeadForm
    page_title = gettext_lazy("Replace the lead")
    submit_label = gettext_lazy("Replace lead")
    danger = True
    fields_template = "organizing/oversight/_lead_fields.html"
    lead = gettext_lazy("The present lead's access as lead ends at once, and the next lead's begins.")
    done = gettext_lazy("Lead replaced.")

    def form_arguments(self, data: Any, files: Any) -> dict[str, Any]:
        return {"data": data, "initial": {"replaces": self.overseen.lead_assignment}}

    def perform(self, form: Any) -> str:
        campaigns.replace_lead(self.overseen.pk, actor=self.request.user, **form.cleaned_data)
        return self.cancel_url()
