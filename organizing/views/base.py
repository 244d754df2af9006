"""What the pages of the vault share: the campaign they are about, and what a live duty in it allows."""

from typing import Any, NamedTuple

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from core.enums import Badge, badge_of
from core.permissions import Actor, may, require
from core.web.views import Crumbs, RowMixin
from organizing import permissions as p
from organizing.enums import Duty, Stage
from organizing.models import Campaign
from organizing.services.duties import directs, duties_of, require_running


def stage_badge(campaign: Any) -> Badge:
    return badge_of(Stage, campaign.stage)


def stage_steps(campaign: Campaign) -> list[tuple[str, str]]:
    """The way through the stages, for the step bar."""
    stages: list[Stage] = [stage for stage in Stage if stage != Stage.ENDED]
    here = stages.index(Stage(campaign.stage)) if not campaign.has_ended else len(stages)
    return [
        (str(stage.label), "done" if at < here else "current" if at == here else "todo")
        for at, stage in enumerate(stages)
    ]


def above(user: Actor) -> Crumbs:
    """The page on which the person finds campaigns, if there is one."""
    if may(user, p.VIEW_CAMPAIGNS):
        return [(_("Campaigns"), reverse("campaign_list"))]
    return [(_("Oversight of campaigns"), reverse("oversight"))] if may(user, p.OVERSEE_CAMPAIGNS) else []


class Instead(NamedTuple):
    """What a form's page shows in its place while there is nothing to choose, and where that is mended."""

    title: str
    text: str
    action_label: str = ""
    action_url: str = ""


class CampaignMixin:
    """A page inside one campaign. A hidden campaign is 404, a missing duty 403, one that has ended 409.

    A form that is sent to one that has ended meanwhile comes back with what was typed and the service's refusal.
    """

    request: HttpRequest
    kwargs: dict[str, Any]
    permission: str | tuple[str, ...] = p.VIEW_CAMPAIGNS
    duties: tuple[str, ...] = tuple(Duty)  # none where whoever sees the campaign may read on
    needs_running = False
    crumb: Any = ""
    instead: Instead | None = None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        require(request.user, self.permission)
        self.check()
        return super().dispatch(request, *args, **kwargs)

    def check(self) -> None:
        held = self.held
        if self.duties and not held & set(self.duties):
            raise PermissionDenied(self.permission)
        if self.needs_running and self.request.method in ("GET", "HEAD"):
            require_running(self.campaign)

    @cached_property
    def campaign(self) -> Any:
        found = Campaign.objects.visible_to(self.request.user).for_list().filter(pk=self.campaign_key()).first()
        if found is None:
            raise Http404
        return found

    def campaign_key(self) -> Any:
        return self.kwargs["pk"]

    @cached_property
    def held(self) -> frozenset[str]:
        return duties_of(self.campaign, self.request.user)

    @property
    def directs(self) -> bool:
        return directs(self.held) and not self.campaign.has_ended

    @property
    def leads(self) -> bool:
        return Duty.LEAD in self.held and not self.campaign.has_ended

    def breadcrumbs(self) -> Crumbs:
        campaign = self.campaign
        here = above(self.request.user)
        if not self.crumb:
            return [*here, (campaign.code_name, None)]
        return [*here, (campaign.code_name, campaign.get_absolute_url()), (str(self.crumb), None)]

    def cancel_url(self) -> str:
        return self.campaign.get_absolute_url()


class CampaignPartMixin(CampaignMixin, RowMixin):
    """A page about a part of a campaign, whose row the URL names."""

    def campaign_key(self) -> Any:
        return self.get_object().campaign_id
