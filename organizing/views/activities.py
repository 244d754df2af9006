"""The pages of activities, and the pages on which salts keep their own entries."""

from operator import attrgetter
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.audit.timeline import history
from core.enums import Badge, badge_of, choice_label
from core.permissions import may
from core.web.columns import Column, of_field
from core.web.formats import day_text
from core.web.keyset import Sort, paginate
from core.web.lists import ListPage
from core.web.views import EditPage, FormPage, PortalView, RecordPage
from organizing import permissions as p
from organizing.enums import ENTRY_KINDS, ENTRY_RESULTS, ActivityType, Outcome
from organizing.forms.campaigns import ActivityForm, EntryForm
from organizing.forms.filters import ActivityFilterSet, CampaignActivityFilterSet
from organizing.models import CampaignMember, SaltingActivity
from organizing.services import activities as services
from organizing.services.duties import may_change
from organizing.views.base import CampaignMixin, CampaignPartMixin, Instead
from organizing.views.campaigns import FORM, CampaignRecord, suggested

BY_DATE = Sort("date", "activity_date", gettext_lazy("Date"), descending=True)


def type_of(activity: SaltingActivity) -> str:
    return choice_label(ActivityType, activity.activity_type)


def outcome_badge(activity: SaltingActivity) -> Badge | None:
    return badge_of(Outcome, activity.outcome) if activity.outcome else None


DATE = Column(
    "date",
    gettext_lazy("Date"),
    lambda a: day_text(a.activity_date),
    kind="link",
    sort="date",
    reads=("activity_date",),
)
COLUMNS = (
    Column("type", gettext_lazy("Type"), type_of, reads=("activity_type",), same=attrgetter("activity_type")),
    Column(
        "outcome",
        gettext_lazy("Outcome"),
        lambda a: choice_label(Outcome, a.outcome),
        kind="badge",
        badge=outcome_badge,
        reads=("outcome",),
        same=attrgetter("outcome"),
    ),
    of_field("who", gettext_lazy("Who acted"), "campaign_member__pseudonym"),
    of_field("workers", gettext_lazy("Workers"), "workers_contacted", kind="number"),
    of_field("cards", gettext_lazy("Cards"), "cards_signed", kind="number"),
)


class ActivityListBase(ListPage):
    permission = p.VIEW_CAMPAIGNS
    model = SaltingActivity
    icon = "activity"
    sorts = (BY_DATE,)
    empty_title = gettext_lazy("No activity yet")
    record_route = "activity_detail"


class ActivityList(ActivityListBase):
    """Over all campaigns to which one is assigned."""

    is_prepared = True
    filterset_class = ActivityFilterSet
    template_name = "organizing/activities/list.html"
    list_name = "activity_list"
    page_title = gettext_lazy("Activities")
    under = ((gettext_lazy("Campaigns"), "campaign_list"),)
    search_label = gettext_lazy("Code name, target or pseudonym")
    actions_template = "organizing/activities/_list_actions.html"
    empty_text = gettext_lazy("Open a campaign to enter what was done in it.")
    columns = (
        DATE,
        *COLUMNS[:2],
        of_field("campaign", gettext_lazy("Campaign"), "campaign__code_name"),
        *COLUMNS[2:],
    )

    def first_suggestions(self) -> list[str]:
        """For a browser without JavaScript, and for people with few campaigns, the whole choice."""
        return suggested(self.request.user, "")


class CampaignDetail(CampaignRecord, ActivityListBase):
    """The campaign's first tab: what was done in it."""

    template_name = "organizing/campaigns/detail.html"
    filterset_class = CampaignActivityFilterSet
    list_name = "campaign_activity_list"
    tab = "activities"
    columns = (DATE, *COLUMNS)
    empty_text = gettext_lazy("Enter the first one.")

    def visible(self) -> models.QuerySet:
        return super().visible().filter(campaign=self.campaign)

    def filterset(self) -> CampaignActivityFilterSet:
        return CampaignActivityFilterSet(
            self.request.GET, queryset=self.visible(), request=self.request, campaign=self.campaign
        )


class ActivityAdd(CampaignMixin, FormPage):
    makes_record = True
    needs_running = True
    template_name = FORM
    page_title = gettext_lazy("Enter an activity")
    crumb = gettext_lazy("Enter an activity")
    submit_label = gettext_lazy("Enter activity")
    fields_template = "organizing/activities/_fields.html"
    done = gettext_lazy("Activity entered.")

    @property
    def instead(self) -> Instead | None:
        if self.campaign.members.exists():
            return None
        title = _("Nobody acts for us here yet")
        if not self.leads:
            return Instead(title, _("Activities are entered under a pseudonym. Ask the lead to add a salt."))
        url = reverse("salt_add", args=[self.campaign.pk])
        return Instead(title, _("Activities are entered under a pseudonym."), _("Add a salt"), url)

    def get_form(self, data: Any = None, files: Any = None) -> ActivityForm:
        return ActivityForm(data, instance=SaltingActivity(campaign=self.campaign))

    def perform(self, form: Any) -> str:
        return services.log_activity(self.campaign, form.values(), actor=self.request.user).get_absolute_url()


class ActivityMixin(CampaignPartMixin):
    model = SaltingActivity

    def rows(self) -> models.QuerySet:
        return super().rows().for_list()

    @property
    def may_change(self) -> bool:
        running = not self.campaign.has_ended
        return running and may_change(self.get_object(), self.request.user, self.held)


class ActivityDetail(ActivityMixin, RecordPage):
    permission = p.READ_CAMPAIGN
    duties = ()
    template_name = "organizing/activities/detail.html"
    page_title = gettext_lazy("Activity")
    crumb = gettext_lazy("Activity")

    def title(self) -> str:
        return str(self.page_title)

    def extra(self, record: SaltingActivity) -> dict[str, Any]:
        return {"badge": outcome_badge(record), "entries": history([record]), "may_change": self.may_change}


class ActivityEdit(ActivityMixin, EditPage):
    needs_running = True
    template_name = FORM
    form_class = ActivityForm
    page_title = gettext_lazy("Edit activity")
    crumb = gettext_lazy("Edit activity")
    submit_label = gettext_lazy("Save changes")
    fields_template = "organizing/activities/_fields.html"
    done = gettext_lazy("Changes saved.")

    def check(self) -> None:
        super().check()
        if not may_change(self.get_object(), self.request.user, self.held):
            raise PermissionDenied(self.permission)

    def form_arguments(self, data: Any, files: Any) -> dict[str, Any]:
        return {"data": data, "instance": self.get_object()}

    def cancel_url(self) -> str:
        return self.get_object().get_absolute_url()

    def perform(self, form: Any) -> str:
        services.change_activity(
            self.get_object(), form.values(), actor=self.request.user, version=form.cleaned_data["version"]
        )
        return self.cancel_url()


class OwnEntriesPage(PortalView):
    """For salts: to everybody else these pages do not exist, and no log or read trail joins them with a person.

    So nothing here is kept under the person's name either: no read event, no saved filter, no choice of columns.
    """

    permission = p.LOG_OWN_ACTIVITY

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not may(request.user, self.permission) or not self.acting:
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def acting(self) -> list[CampaignMember]:
        acting = CampaignMember.objects.acting_as(self.request.user)
        return list(acting.defer("member_ref").order_by("since", "created_at", "pk"))


class EntryList(OwnEntriesPage):
    template_name = "organizing/activities/entries.html"
    page_title = gettext_lazy("My entries")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        rows = SaltingActivity.objects.written_by(request.user)
        page = paginate(rows, params=request.GET, sort=BY_DATE, size=20)
        kinds = {value: label for _name, value, label in ENTRY_KINDS}
        results = {value: label for _name, value, label in ENTRY_RESULTS}
        names = {UUID(key): label for key, label in services.told_apart(self.acting).items()}
        entries = [
            (row, names.get(row.campaign_member_id, ""), kinds[row.activity_type], results.get(row.outcome, ""))
            for row in page.rows
        ]
        return self.render(entries=entries, page=page, several=len(self.acting) > 1)


class EntryAdd(OwnEntriesPage, FormPage):
    makes_record = True
    page_title = gettext_lazy("Add an entry")
    under = ((gettext_lazy("My entries"), "entry_list"),)
    crumb = gettext_lazy("Add")
    submit_label = gettext_lazy("Add entry")
    fields_template = "organizing/activities/_entry_fields.html"
    done = gettext_lazy("Entry added.")

    def get_form(self, data: Any = None, files: Any = None) -> EntryForm:
        return EntryForm(data, acting=self.acting)

    def cancel_url(self) -> str:
        return reverse("entry_list")

    def perform(self, form: Any) -> str:
        services.log_own_entry(form.salt, form.values(), actor=self.request.user)
        return self.cancel_url()
