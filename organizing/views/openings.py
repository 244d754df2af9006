"""The pages of an emergency opening: the director asks, an officer decides, and whoever it concerns looks at it."""

from typing import Any

from django.forms import Form
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.entry.step_up import StepUpMixin
from core.enums import badge_of
from core.web.views import ActionPage, Crumbs, RecordPage, RowMixin
from organizing import permissions as p
from organizing.enums import OpeningState
from organizing.forms.openings import OpeningForm, RefusalForm
from organizing.models import Campaign, EmergencyOpening
from organizing.services import openings
from organizing.services.duties import duties_of
from organizing.views.base import Instead, above
from organizing.views.campaigns import FORM
from organizing.views.oversight import OverseenMixin


class OpeningAsk(StepUpMixin, OverseenMixin):
    makes_record = True
    form_class = OpeningForm
    page_title = gettext_lazy("Open in an emergency")
    submit_label = gettext_lazy("Ask an officer")
    done = gettext_lazy("Asked. The officers are told, and so are the lead and the deputy.")

    lead = gettext_lazy(
        "Once an officer opens the campaign, you can read it until the hours are over: target, activities, ratings and "
        "pseudonyms, but no name behind a pseudonym. You can change nothing in it. Its lead and its deputy are told "
        "now, and again then. What no officer decides within 24 hours stays closed."
    )

    @property
    def instead(self) -> Instead | None:
        found = Campaign.objects.visible_to(self.request.user).filter(pk=self.overseen.pk).first()
        if found is not None:
            text = _("There is nothing to ask for.")
            return Instead(_("This campaign is open to you already"), text, _("Read it"), found.get_absolute_url())
        if openings.deciders(self.request.user.pk).exists():
            return None
        text = _("Ask the system administrator to give somebody the role of an officer.")
        return Instead(_("There is no officer to decide it"), text)

    def perform(self, form: Any) -> str:
        opening = openings.ask(self.overseen.pk, actor=self.request.user, **form.cleaned_data)
        return opening.get_absolute_url()


class OpeningMixin(RowMixin):
    """Seen by the director who asked, by officers, and by the lead and the deputy; everybody else finds nothing."""

    permission: str | tuple[str, ...] = (p.CONFIRM_OPENING, *p.READ_CAMPAIGN)
    model = EmergencyOpening

    def rows(self) -> Any:
        return super().rows().with_state()

    def breadcrumbs(self) -> Crumbs:
        opening, user = self.get_object(), self.request.user
        crumbs = above(user)
        if Campaign.objects.visible_to(user).filter(pk=opening.campaign_id).exists():
            crumbs.append((opening.campaign.code_name, opening.campaign.get_absolute_url()))
        return [*crumbs, (_("Emergency opening"), None)]


class OpeningDetail(OpeningMixin, RecordPage):
    template_name = "organizing/openings/detail.html"
    page_title = gettext_lazy("Emergency opening")

    def title(self) -> str:
        return str(self.page_title)

    def extra(self, record: EmergencyOpening) -> dict[str, Any]:
        user = self.request.user
        return {
            "badge": badge_of(OpeningState, record.state),
            "decides": EmergencyOpening.objects.to_decide(user).filter(pk=record.pk).exists(),
            "ends": record.is_standing and openings.may_end(record, user, duties_of(record.campaign, user)),
            "reads": record.state == OpeningState.OPEN and record.asked_by_id == user.pk,
        }


class OpeningConfirm(StepUpMixin, OpeningMixin, ActionPage):
    permission = p.CONFIRM_OPENING
    template_name = FORM
    form_class = Form
    page_title = gettext_lazy("Open it")
    submit_label = gettext_lazy("Open it")
    danger = True
    done = gettext_lazy("Opened. The director is told, and so are the lead and the deputy.")

    @property
    def lead(self) -> str:
        opening = self.get_object()
        words = _(
            "From then on %(person)s can read the campaign for %(hours)s hours, but no name behind a pseudonym. Speak "
            "with them first if the reason does not convince you."
        )
        return words % {"person": opening.asked_by, "hours": opening.hours}

    def perform(self, form: Any) -> str:
        return openings.confirm(self.get_object(), actor=self.request.user).get_absolute_url()


class OpeningRefuse(OpeningMixin, ActionPage):
    permission = p.CONFIRM_OPENING
    template_name = FORM
    form_class = RefusalForm
    page_title = gettext_lazy("Refuse the opening")
    submit_label = gettext_lazy("Refuse")
    danger = True
    lead = gettext_lazy("The campaign stays closed to the director.")
    done = gettext_lazy("Refused. The director is told, and so are the lead and the deputy.")

    def perform(self, form: Any) -> str:
        opening = openings.refuse(self.get_object(), actor=self.request.user, reason=form.cleaned_data["reason"])
        return opening.get_absolute_url()


class OpeningEnd(OpeningMixin, ActionPage):
    permission = p.READ_CAMPAIGN
    template_name = FORM
    form_class = Form
    page_title = gettext_lazy("Close it now")
    submit_label = gettext_lazy("Close it now")
    danger = True
    lead = gettext_lazy("The campaign closes to the director at once, or what they ask for is withdrawn.")
    done = gettext_lazy("Closed.")

    def perform(self, form: Any) -> str:
        return openings.end(self.get_object(), actor=self.request.user).get_absolute_url()
