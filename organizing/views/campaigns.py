"""The pages of campaigns: what they are, who is in them, under which pseudonyms."""

from operator import attrgetter
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.entry.step_up import step_up_required
from accounts.services import identity
from core.audit import trail
from core.audit.timeline import history
from core.enums import Badge, ReadKind, badge_of, choice_label
from core.mail import notices
from core.permissions import Actor
from core.web.columns import Column, of_field
from core.web.keyset import Sort, first_found
from core.web.lists import ListPage
from core.web.views import ActionPage, EditPage, FormPage, PortalView
from organizing import permissions as p
from organizing.enums import DIRECTING, Duty, OpeningState, SaltAccount, Stage
from organizing.forms.campaigns import AppointForm, CampaignForm, ConfirmForm, EndSaltForm, HandlerForm, SaltForm
from organizing.forms.filters import CampaignFilterSet
from organizing.models import Campaign, CampaignAssignment, CampaignMember, EmergencyOpening
from organizing.services import accounts, campaigns
from organizing.services.duties import directs, handlers_of, may_open_name
from organizing.services.openings import may_end
from organizing.views.base import CampaignMixin, CampaignPartMixin, Instead, stage_badge, stage_steps

FORM = "organizing/form_page.html"
SUGGESTED = 20


class CampaignList(ListPage):
    permission = p.VIEW_CAMPAIGNS
    model = Campaign
    filterset_class = CampaignFilterSet
    template_name = "organizing/list_page.html"
    list_name = "campaign_list"
    record_route = "campaign_detail"
    page_title = gettext_lazy("Campaigns")
    icon = "target"
    search_label = gettext_lazy("Code name or target")
    actions_template = "organizing/campaigns/_list_actions.html"
    empty_title = gettext_lazy("No campaign is open to you")
    empty_text = gettext_lazy("A campaign appears here once its lead has assigned you to it.")
    sorts = (
        Sort("name", "sort_name", gettext_lazy("Code name")),
        Sort("opened", "opened", gettext_lazy("Opened"), descending=True),
    )
    columns = (
        of_field("name", gettext_lazy("Code name"), "code_name", kind="link", sort="name"),
        Column(
            "stage",
            gettext_lazy("Stage"),
            lambda c: choice_label(Stage, c.stage),
            kind="badge",
            badge=stage_badge,
            reads=("stage",),
            same=attrgetter("stage"),
        ),
        Column("target", gettext_lazy("Target"), lambda c: c.target.name if c.target else "", reads=("target__name",)),
        Column("lead", gettext_lazy("Lead"), lambda c: c.lead_name, reads=(), adds=lambda rows: rows.with_lead()),
        of_field("unit", gettext_lazy("Unit size"), "unit_size", kind="number", phone_card=False),
        Column(
            "cards",
            gettext_lazy("Cards signed"),
            lambda c: c.signed,
            kind="number",
            reads=(),
            adds=lambda rows: rows.with_cards_signed(),
        ),
        of_field("opened", gettext_lazy("Opened"), "opened", kind="date", sort="opened", phone_card=False),
    )


def suggested(user: Actor, text: str) -> list[str]:
    """The first code names of the person's own campaigns that hold the words of `text`, or the first of all."""
    own = Campaign.objects.visible_to(user)
    first = first_found(own.searched(text), "sort_name", SUGGESTED) if text else own.order_by("sort_name", "pk")
    return [campaign.code_name for campaign in first[:SUGGESTED]]


class CampaignSuggestions(PortalView):
    """Options of the campaign field while somebody types. Who looked is recorded, as for the list."""

    permission = p.VIEW_CAMPAIGNS

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        names = suggested(request.user, request.GET.get("campaign", "").replace("\0", " ").strip()[:200])
        if names:
            trail.read(Campaign, ReadKind.LISTED, actor=request.user, rows=len(names))
        return self.render("ui/_options.html", labels=names)


class CampaignRecord(CampaignMixin):
    """A tab of the campaign's own page; opening it is recorded, and what was told of the campaign is read."""

    permission = p.READ_CAMPAIGN
    duties = ()
    page_title = gettext_lazy("Campaign")
    tab = ""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        trail.read(self.campaign, ReadKind.OPENED, actor=request.user)
        notices.read_about(self.campaign, actor=request.user)
        return super().get(request, *args, **kwargs)

    def context(self, **extra: Any) -> dict[str, Any]:
        campaign = self.campaign
        tabs = [
            (_("Activities"), campaign.get_absolute_url(), self.tab == "activities"),
            (_("Team"), reverse("campaign_team", args=[campaign.pk]), self.tab == "team"),
            (_("Salts"), reverse("campaign_salts", args=[campaign.pk]), self.tab == "salts"),
            (_("History"), reverse("campaign_history", args=[campaign.pk]), self.tab == "history"),
        ]
        return super().context(
            record=campaign,
            badge=stage_badge(campaign),
            steps=stage_steps(campaign),
            tabs=tabs,
            directs=self.directs,
            leads=self.leads,
            openings=self.openings(),
            **extra,
        )

    def openings(self) -> list[tuple[EmergencyOpening, Badge, bool]]:
        """Emergency openings that stand, for whom they concern: lead and deputy, and the director who has one."""
        if self.held and not directs(self.held):
            return []
        user = self.request.user
        rows = EmergencyOpening.objects.visible_to(user).filter(campaign=self.campaign).standing()
        return [(row, badge_of(OpeningState, row.state), may_end(row, user, self.held)) for row in rows]


class TabContent(PortalView):
    """What a tab shows, under the campaign's head."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.render(**self.extra())

    def extra(self) -> dict[str, Any]:
        raise NotImplementedError


class CampaignTeam(CampaignRecord, TabContent):
    template_name = "organizing/campaigns/team.html"
    tab = "team"

    def extra(self) -> dict[str, Any]:
        terms = self.campaign.assignments.select_related("user", "ended_by").order_by("-starts_at", "-id")
        live = sorted((term for term in terms if term.is_live()), key=lambda term: list(Duty).index(Duty(term.duty)))
        past = [term for term in terms if not term.is_live()]
        return {"live": live, "past": past, "may_end": directs(self.held)}


class CampaignSalts(CampaignRecord, TabContent):
    template_name = "organizing/campaigns/salts.html"
    tab = "salts"

    def extra(self) -> dict[str, Any]:
        """Of whom one may open the name, one also sees whether the account is confirmed."""
        salts = list(self.campaign.members.with_handled().select_related("handler").order_by("number"))
        opened = [salt for salt in salts if may_open_name(salt, self.request.user, self.held)]
        found = accounts.accounts_of(opened)
        badges = {salt: badge_of(SaltAccount, accounts.account_state(salt, found.get(salt.pk))) for salt in opened}
        return {"salts": [(salt, badges.get(salt)) for salt in salts]}


class CampaignHistory(CampaignRecord, TabContent):
    template_name = "organizing/campaigns/history.html"
    tab = "history"

    def extra(self) -> dict[str, Any]:
        parts = [*self.campaign.assignments.all(), *self.campaign.members.defer("member_ref", "account_ref")]
        if directs(self.held):
            parts += self.campaign.openings.defer("reason", "refusal")
        return {"entries": history([self.campaign, *parts])}


class CampaignEdit(CampaignMixin, EditPage):
    model = Campaign
    duties = DIRECTING
    needs_running = True
    template_name = FORM
    page_title = gettext_lazy("Edit campaign")
    crumb = gettext_lazy("Edit")
    submit_label = gettext_lazy("Save changes")
    fields_template = "organizing/campaigns/_fields.html"
    done = gettext_lazy("Changes saved.")

    def get_form(self, data: Any = None, files: Any = None) -> CampaignForm:
        return CampaignForm(data, instance=self.get_object(), actor=self.request.user)

    def perform(self, form: Any) -> str:
        campaigns.change_campaign(
            self.get_object(), form.values(), actor=self.request.user, version=form.cleaned_data["version"]
        )
        return self.cancel_url()


class CampaignClose(CampaignMixin, ActionPage):
    model = Campaign
    duties = (Duty.LEAD,)
    needs_running = True
    template_name = FORM
    page_title = gettext_lazy("Close campaign")
    crumb = gettext_lazy("Close")
    submit_label = gettext_lazy("Close campaign")
    danger = True
    lead = gettext_lazy("Nothing more can be entered afterwards. Whoever is assigned can still read it.")
    done = gettext_lazy("Campaign closed.")

    def perform(self, form: Any) -> str:
        campaigns.close_campaign(self.get_object(), actor=self.request.user, reason=form.cleaned_data["reason"])
        return self.cancel_url()


class TeamMixin(CampaignMixin):
    def cancel_url(self) -> str:
        return reverse("campaign_team", args=[self.campaign.pk])


class Appoint(TeamMixin, FormPage):
    makes_record = True
    duties = DIRECTING
    needs_running = True
    template_name = FORM
    form_class = AppointForm
    page_title = gettext_lazy("Appoint somebody")
    crumb = gettext_lazy("Appoint")
    submit_label = gettext_lazy("Appoint")
    lead = gettext_lazy("From then on they see all of this campaign except the names behind the pseudonyms.")
    done = gettext_lazy("Appointed.")

    def form_arguments(self, data: Any, files: Any) -> dict[str, Any]:
        return {"data": data, "initial": {"duty": self.request.GET.get("duty", "")}}

    def perform(self, form: Any) -> str:
        campaigns.appoint(self.campaign, form.values(), actor=self.request.user)
        return self.cancel_url()


def appoint_url(campaign: Campaign) -> str:
    """The page that appoints a handler."""
    return f"{reverse('campaign_appoint', args=[campaign.pk])}?duty={Duty.HANDLER}"


class AssignmentEnd(TeamMixin, CampaignPartMixin, ActionPage):
    model = CampaignAssignment
    duties = DIRECTING
    template_name = FORM
    page_title = gettext_lazy("End assignment")
    crumb = gettext_lazy("End assignment")
    submit_label = gettext_lazy("End assignment")
    danger = True
    lead = gettext_lazy("The campaign closes to this person at once, unless they have another duty in it.")
    done = gettext_lazy("Assignment ended.")

    def perform(self, form: Any) -> str:
        campaigns.end_assignment(self.get_object(), actor=self.request.user, reason=form.cleaned_data["reason"])
        own = self.get_object().user_id == self.request.user.pk
        return reverse("campaign_list") if own else self.cancel_url()


class AssignmentConfirm(TeamMixin, CampaignPartMixin, FormPage):
    model = CampaignAssignment
    duties = (Duty.LEAD,)
    needs_running = True
    template_name = FORM
    form_class = ConfirmForm
    page_title = gettext_lazy("Confirm the person")
    crumb = gettext_lazy("Confirm")
    submit_label = gettext_lazy("I know it is them")
    done = gettext_lazy("Confirmed. The campaign is open to them again.")

    @property
    def lead(self) -> str:
        return confirm_text(self.get_object().user.full_name)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        accounts.require_rest(self.get_object().rests)
        return super().get(request, *args, **kwargs)

    def form_arguments(self, data: Any, files: Any) -> dict[str, Any]:
        return {"data": data, "initial": {"epoch": self.get_object().user.identity_epoch}}

    def perform(self, form: Any) -> str:
        accounts.confirm_assignment(self.get_object(), actor=self.request.user, epoch=form.cleaned_data["epoch"])
        return self.cancel_url()


def confirm_text(name: str) -> str:
    return _(
        "Somebody else changed the account of %(person)s. Speak with them in person: do they sign in with it, "
        "and is the address theirs? Until you confirm it, the campaign is closed to them."
    ) % {"person": name}


class SaltsMixin(CampaignMixin):
    template_name = FORM
    duties: tuple[str, ...] = DIRECTING

    def cancel_url(self) -> str:
        return reverse("campaign_salts", args=[self.campaign.pk])


class SaltAdd(SaltsMixin, FormPage):
    makes_record = True
    duties = (Duty.LEAD,)
    needs_running = True
    page_title = gettext_lazy("Add a salt")
    crumb = gettext_lazy("Add a salt")
    submit_label = gettext_lazy("Add salt")
    lead = gettext_lazy(
        "They get the next pseudonym. The name is encrypted; it opens to the lead and the handler only. Their page for "
        "own entries opens once one of the two has confirmed their account."
    )
    fields_template = "organizing/campaigns/_salt_fields.html"
    done = gettext_lazy("Added under the next pseudonym.")

    def get_form(self, data: Any = None, files: Any = None) -> SaltForm:
        return SaltForm(data, actor=self.request.user, campaign=self.campaign)

    def perform(self, form: Any) -> str:
        campaigns.add_salt(self.campaign, actor=self.request.user, **form.cleaned_data)
        return self.cancel_url()


class SaltHandler(SaltsMixin, CampaignPartMixin, EditPage):
    model = CampaignMember
    needs_running = True
    form_class = HandlerForm
    page_title = gettext_lazy("Choose the handler")
    crumb = gettext_lazy("Handler")
    submit_label = gettext_lazy("Save handler")
    done = gettext_lazy("Handler saved.")

    def rows(self) -> Any:
        return super().rows().with_handled()

    @property
    def instead(self) -> Instead | None:
        if self.get_object().is_handled or handlers_of(self.campaign).exists():
            return None
        text = _("Appoint somebody as a handler of this campaign; then choose them for the pseudonym.")
        return Instead(_("There is nobody to choose yet"), text, _("Appoint a handler"), appoint_url(self.campaign))

    def form_arguments(self, data: Any, files: Any) -> dict[str, Any]:
        return {"data": data, "instance": self.get_object()}

    def perform(self, form: Any) -> str:
        campaigns.change_handler(
            self.get_object(),
            form.cleaned_data["handler"],
            actor=self.request.user,
            version=form.cleaned_data["version"],
        )
        return self.cancel_url()


class SaltEnd(SaltsMixin, CampaignPartMixin, ActionPage):
    model = CampaignMember
    form_class = EndSaltForm
    page_title = gettext_lazy("End this pseudonym")
    crumb = gettext_lazy("End")
    submit_label = gettext_lazy("End pseudonym")
    danger = True
    lead = gettext_lazy("What was entered stays. The member cannot add entries after the last day.")
    done = gettext_lazy("Pseudonym ended.")

    def perform(self, form: Any) -> str:
        campaigns.end_salt(self.get_object(), actor=self.request.user, **form.cleaned_data)
        return self.cancel_url()


class SaltName(CampaignPartMixin):
    """The name behind a pseudonym, answered to a POST only, so that no link and no look-ahead opens it."""

    model = CampaignMember
    template_name = "organizing/campaigns/salt_name.html"
    page_title = gettext_lazy("Open the name")
    crumb = gettext_lazy("Name")

    def check(self) -> None:
        super().check()
        if not may_open_name(self.get_object(), self.request.user, self.held):
            raise PermissionDenied(self.permission)

    @method_decorator(step_up_required)
    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.render(salt=self.get_object())

    @method_decorator(step_up_required)
    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """With the account that was seen: confirm it. Otherwise open the name."""
        salt = self.get_object()
        if seen := request.POST.get("account", ""):
            accounts.confirm_account(salt, actor=request.user, seen=seen)
            messages.success(request, _("Account confirmed."))
            return HttpResponseRedirect(reverse("campaign_salts", args=[salt.campaign_id]))
        member = campaigns.reveal_name(salt, actor=request.user)
        account = accounts.accounts_of([salt]).get(salt.pk)
        state = accounts.account_state(salt, account)
        new = account if state != SaltAccount.CONFIRMED else None
        return self.render(
            salt=salt,
            member=member,
            account=account,
            badge=badge_of(SaltAccount, state),
            seen=accounts.seen_as(new) if new else "",
            refusal=identity.confirm_first() if new and identity.is_held(new) else "",
        )
