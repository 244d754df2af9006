"""Pages that need several domains, and the portal's own: home, search, a member's page, the local, the audit trail."""

from typing import Any

import django_filters as filters
from django import forms
from django.contrib.auth.decorators import login_not_required
from django.db import models
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import View

from core import permissions as core
from core.filters import ListFilterSet
from core.keyset import Sort
from core.lists import Column, ListPage
from core.models import AuditEvent, ReadEvent
from core.site import change_settings, site_settings
from core.timeline import action_label, history
from core.views import SIGNED_IN, Crumbs, FormPage, PortalView, may, wants_fragment
from members import panels
from members import permissions as members
from members.models import Member
from members.views import MemberDetailBase, standing_badge, status_badge
from unionops import dashboard
from unionops.forms import SiteSettingsForm
from unionops.search import search_everything

MEMBER_PANELS = [panels.employments]
LATEST = 6


class Home(PortalView):
    permission = SIGNED_IN
    template_name = "unionops/home.html"
    page_title = gettext_lazy("Home")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        user = request.user
        waiting = dashboard.waiting_for(user)
        return self.render(
            waiting=waiting,
            waiting_count=len(waiting),
            figures=dashboard.figures(user),
            shortcuts=dashboard.shortcuts(user),
            roles=user.assignments.live().select_related("role").order_by("role__position"),
            has_record=may(user, members.VIEW_OWN_RECORD) and user.member_id,
        )


class Search(PortalView):
    permission = SIGNED_IN
    template_name = "unionops/search.html"
    page_title = gettext_lazy("Search")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        text = request.GET.get("q", "")[:200].replace("\0", " ").strip()
        groups = search_everything(request.user, text)
        template = "unionops/_search_results.html" if wants_fragment(request) else ""
        return self.render(template, groups=groups, global_query=text)


class MemberDetail(MemberDetailBase):
    """A member's page: what members knows, and a panel of each domain."""

    def extra(self, record: Member) -> dict[str, Any]:
        user = self.request.user
        sees_history = may(user, core.VIEW_HISTORY)
        tab = "history" if self.request.GET.get("tab") == "history" and sees_history else "summary"
        entries = history([record, *record.merged_records.all()]) if sees_history else []
        url = record.get_absolute_url()
        tabs = [(_("Summary"), url, tab == "summary")]
        if sees_history:
            tabs.append((_("History"), f"{url}?tab=history", tab == "history"))
        return {
            "tab": tab,
            "tabs": tabs,
            "badge": status_badge(record),
            "standing": standing_badge(record),
            "panels": [panel(record, user) for panel in MEMBER_PANELS],
            "entries": entries,
            "latest": entries[:LATEST],
            "may": self.allowed(),
        }

    def breadcrumbs(self) -> Crumbs:
        return super().breadcrumbs() if may(self.request.user, members.VIEW_MEMBERS) else []


class MyRecord(PortalView):
    permission = members.VIEW_OWN_RECORD
    template_name = "unionops/no_record.html"
    page_title = gettext_lazy("My record")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        member = Member.objects.visible_to(request.user).filter(pk=request.user.member_id).first()
        if member is None:
            return self.render()
        return HttpResponseRedirect(member.get_absolute_url())


class Settings(FormPage):
    """The local's name, address, clock and calendar."""

    permission = (core.VIEW_SETTINGS, core.CHANGE_SETTINGS)
    form_class = SiteSettingsForm
    template_name = "unionops/site_settings.html"
    page_title = gettext_lazy("The local")
    submit_label = gettext_lazy("Save settings")
    lead = gettext_lazy("Shown on pages, mails and documents.")

    def cancel_url(self) -> str:
        return reverse("home")

    def form_arguments(self, data: Any, files: Any) -> dict[str, Any]:
        return {**super().form_arguments(data, files), "instance": site_settings()}

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        site = site_settings(request)
        may_change = may(request.user, core.CHANGE_SETTINGS)
        if not may_change:
            return self.render("unionops/site_settings_read.html", facts=self.get_form().facts(site))
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        core.require(request.user, core.CHANGE_SETTINGS)
        return super().post(request, *args, **kwargs)

    def render_form(self, form: Any, *, status: int = 200, **extra: Any) -> HttpResponse:
        entries = history([site_settings()]) if may(self.request.user, core.VIEW_HISTORY) else []
        return super().render_form(form, status=status, entries=entries, **extra)

    def perform(self, form: Any) -> str:
        change_settings(form.values(), actor=self.request.user, version=form.cleaned_data["version"] or 1)
        return reverse("site_settings")

    def done_message(self) -> str:
        return _("Settings saved.")


@method_decorator(login_not_required, name="dispatch")
class Logo(View):
    """The local's logo; it is on the sign-in page, so everybody may fetch it."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        logo = site_settings(request).logo
        if not logo or not logo.storage.exists(logo.name):  # type: ignore[arg-type]
            raise Http404
        kind = "image/png" if logo.name.endswith(".png") else "image/jpeg"
        answer = FileResponse(logo.open("rb"), content_type=kind)
        answer.headers["X-Content-Type-Options"] = "nosniff"
        answer.headers["Cache-Control"] = "private, max-age=300"
        return answer


class AuditFilterSet(ListFilterSet):
    subject_type = filters.ChoiceFilter(label=gettext_lazy("About"), choices=[], empty_label=gettext_lazy("Everything"))
    since = filters.DateFilter(
        label=gettext_lazy("From"),
        field_name="at",
        lookup_expr="date__gte",
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    until = filters.DateFilter(
        label=gettext_lazy("Until"),
        field_name="at",
        lookup_expr="date__lte",
        widget=forms.DateInput(attrs={"type": "date"}),
    )

    class Meta:
        model = AuditEvent
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.form.fields["subject_type"].choices = [("", _("Everything")), *subject_choices()]


def subject_choices() -> list[tuple[str, str]]:
    from core.classification import project_models

    found = [(model._meta.label_lower, str(model._meta.verbose_name).capitalize()) for model in project_models()]
    return sorted(found, key=lambda item: item[1])


def subject_words(event: AuditEvent | ReadEvent) -> str:
    return f"{dict(subject_choices()).get(event.subject_type, event.subject_type)} {event.subject_id}".strip()


def changed_fields(event: AuditEvent) -> str:
    return ", ".join(change["field"].replace("_", " ") for change in event.body.get("changes", []))


class AuditTrail(ListPage):
    """Everything that was done, newest first; values of sensitive fields are not in it."""

    permission = core.VIEW_AUDIT
    model: type[models.Model] = AuditEvent
    filterset_class = AuditFilterSet
    list_name = "audit_list"
    page_title = gettext_lazy("Audit trail")
    icon = "history"
    actions_template = "unionops/_audit_actions.html"
    empty_title = gettext_lazy("Nothing recorded yet")
    empty_text = gettext_lazy("Every change of a record appears here.")
    empty_action = ("", "")
    sorts = (Sort("when", "id", gettext_lazy("When"), descending=True),)
    columns: tuple[Column, ...] = (
        Column("when", gettext_lazy("When"), lambda e: e.at, kind="moment"),
        Column("actor", gettext_lazy("Who"), lambda e: e.actor_name or _("The portal")),
        Column("action", gettext_lazy("What"), lambda e: action_label(e.action)),
        Column("subject", gettext_lazy("About"), subject_words),
        Column("fields", gettext_lazy("Fields"), changed_fields, phone_card=False),
        Column("reason", gettext_lazy("Reason"), lambda e: e.reason),
    )

    def visible(self) -> models.QuerySet:
        return self.model.objects.all() if may(self.request.user, self.permission) else self.model.objects.none()


class ReadFilterSet(AuditFilterSet):
    class Meta:
        model = ReadEvent
        fields: list[str] = []


class ReadTrail(AuditTrail):
    """Who opened, listed or exported what."""

    model = ReadEvent
    filterset_class = ReadFilterSet
    list_name = "read_list"
    page_title = gettext_lazy("Who looked")
    empty_text = gettext_lazy("Every opened personal record and every export appears here.")
    columns = (
        Column("when", gettext_lazy("When"), lambda e: e.at, kind="moment"),
        Column("actor", gettext_lazy("Who"), lambda e: e.actor.full_name),
        Column("kind", gettext_lazy("What"), lambda e: e.get_kind_display()),
        Column("subject", gettext_lazy("About"), subject_words),
        Column("rows", gettext_lazy("Rows"), lambda e: e.rows),
    )

    def for_page(self, rows: models.QuerySet) -> models.QuerySet:
        return rows.select_related("actor")
