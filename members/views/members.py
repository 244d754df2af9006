"""The pages of members. A member's own page is composed in unionops, because all domains have a part in it."""

from collections.abc import Sequence
from functools import cached_property
from operator import attrgetter
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.entry.step_up import StepUpToRead
from accounts.permissions import INVITE_MEMBERS
from core.audit import trail
from core.db.prepared import prepared
from core.enums import DELETED, Badge, ReadKind, badge_of, choice_label
from core.permissions import may
from core.search import is_lone_short_word, search
from core.web.columns import Column, of_field
from core.web.keyset import Sort, first_found
from core.web.lists import ExportPage, ListPage
from core.web.picking import SUGGESTED
from core.web.views import ActionPage, Crumbs, EditPage, FormPage, PortalView, RecordPage, RowMixin
from members import permissions as p
from members.enums import Classification, MemberStatus, Standing
from members.forms.filters import ForgivingFilterSet, MemberFilterSet
from members.forms.members import MemberForm, NewMemberForm, StatusForm
from members.models import Employment, Member
from members.services import members as services
from members.services.identity import why_alike
from members.validators import shown_phone


def status_of(member: Member) -> str:
    return choice_label(MemberStatus, member.status)


def standing_of(member: Member) -> str:
    return choice_label(Standing, member.standing)


def classification_of(member: Member) -> str:
    return choice_label(Classification, member.classification)


def status_badge(member: Member) -> Badge:
    return DELETED if member.is_deleted else badge_of(MemberStatus, member.status)


def standing_badge(member: Member) -> Badge:
    return badge_of(Standing, member.standing)


@prepared
def employers_now(_asker: Any, *, members: Any) -> Any:
    """(member's key, name of an employer of theirs now), the latest first."""
    rows = Employment.objects.current().filter(member__pk__in=members).order_by("-start_date", "-id")
    return rows.values_list("member_id", "organization__name")


def fill_employers(members: Sequence[Any]) -> None:
    """Give each member the names of their employers now, the latest first."""
    names: dict[int, list[str]] = {}
    for member, name in employers_now(None, members=tuple(member.pk for member in members)):
        names.setdefault(member, []).append(name)
    for member in members:
        member.employer_names = ", ".join(names.get(member.pk, ()))


class MemberListBase:
    model = Member
    filterset_class = MemberFilterSet
    list_name = "member_list"
    record_route = "member_detail"
    sorts = (
        Sort("name", "sort_name", gettext_lazy("Name")),
        Sort("added", "created_at", gettext_lazy("Added"), descending=True),
    )
    columns = (
        Column("name", gettext_lazy("Name"), lambda m: m.list_name, kind="link", sort="name", reads=Member.NAME_FIELDS),
        Column(
            "status",
            gettext_lazy("Status"),
            status_of,
            kind="badge",
            badge=status_badge,
            reads=("status", "deleted_at"),
            same=attrgetter("status", "is_deleted"),
        ),
        Column("number", gettext_lazy("Number"), lambda m: m.member_number, reads=("member_number",)),
        Column(
            "classification",
            gettext_lazy("Classification"),
            classification_of,
            reads=("classification",),
            same=attrgetter("classification"),
        ),
        Column(
            "employer",
            gettext_lazy("Employer"),
            lambda m: m.employer_names,
            phone_card=False,
            reads=(),
            fill=fill_employers,
        ),
        Column(
            "standing",
            gettext_lazy("Standing"),
            standing_of,
            kind="badge",
            shown=False,
            badge=standing_badge,
            reads=("standing",),
            same=attrgetter("standing"),
        ),
        of_field("paid", gettext_lazy("Dues paid through"), "dues_paid_through", kind="date", shown=False),
        Column("phone", gettext_lazy("Phone"), lambda m: shown_phone(m.phone), kind="phone", reads=("phone",)),
        of_field("email", gettext_lazy("E-mail"), "email", shown=False),
        of_field("address", gettext_lazy("Street address"), "address", shown=False, phone_card=False),
        of_field("city", gettext_lazy("City"), "city", shown=False, phone_card=False),
        of_field("state", gettext_lazy("State"), "state", shown=False, phone_card=False),
        of_field("zip", gettext_lazy("ZIP code"), "zip_code", shown=False, phone_card=False),
        of_field("hired", gettext_lazy("Hire date"), "hire_date", kind="date", shown=False),
        of_field("initiated", gettext_lazy("Initiation date"), "initiation_date", kind="date", shown=False),
        of_field("added", gettext_lazy("Added"), "created_at", kind="moment", sort="added", shown=False),
    )


class MemberList(MemberListBase, ListPage):
    permission = (p.VIEW_MEMBERS, p.VIEW_OWN_RECORD)
    is_prepared = has_fixed_choices = True
    reads = Member.NAME_FIELDS  # of the box before the row
    page_title = gettext_lazy("Members")
    icon = "users"
    search_label = gettext_lazy("Name, number, e-mail, phone or employer")
    template_name = "members/members/list.html"
    actions_template = "members/members/_list_actions.html"
    bulk_template = "members/members/_bulk.html"
    export_permission = p.EXPORT_MEMBERS
    empty_title = gettext_lazy("No members yet")
    empty_text = gettext_lazy("Import the local's list, or add the first member by hand.")

    @property
    def empty_action(self) -> tuple[str, str]:
        if may(self.request.user, p.ADD_MEMBERS):
            return _("Add a member"), reverse("member_create")
        return "", ""

    @cached_property
    def bulk_url(self) -> str:
        return reverse("member_status") if may(self.request.user, p.CHANGE_MEMBERS) else ""

    def tools(self) -> list[tuple[str, str, str]]:
        if not may(self.request.user, INVITE_MEMBERS):
            return []
        return [(_("Invite to the portal"), f"{reverse('member_invite_all')}?{self.query_text()}", "mail")]

    @property
    def results_note(self) -> str:
        return results_note(self.current_filterset)

    def filterset(self) -> MemberFilterSet:
        self.current_filterset = super().filterset()
        return self.current_filterset

    @property
    def may_add(self) -> bool:
        return may(self.request.user, p.ADD_MEMBERS)

    @property
    def may_import(self) -> bool:
        return may(self.request.user, p.RUN_IMPORTS)


def results_note(filterset: ForgivingFilterSet) -> str:
    """What the person should know about how the words were read."""
    if filterset.corrections:
        found = ", ".join(f"“{word}”" for near in filterset.corrections.values() for word in near)
        return _("Nothing is spelled that way; showing %(words)s") % {"words": found}
    if is_lone_short_word(filterset.text):
        return _("One or two letters find only names that begin with them; type three to search everywhere")
    return ""


class MemberSuggestions(PortalView):
    """Options of a member field while somebody types. Who looked is recorded, as for the list."""

    permission = p.VIEW_MEMBERS

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        typed = request.GET.get("member") or request.GET.get("members", "").rpartition("\n")[2]
        text = typed.partition(" — ")[0].replace("\0", " ").strip()[:200]
        rows = Member.objects.visible_to(request.user).alive()
        found = first_found(search(rows, text), "sort_name", SUGGESTED) if len(text) > 1 else []
        if found:
            trail.read(Member, ReadKind.LISTED, actor=request.user, rows=len(found))
        return self.render("ui/_options.html", labels=[item.label for item in found])


class MemberExport(StepUpToRead, MemberListBase, ExportPage):
    permission = p.EXPORT_MEMBERS


class MemberDetailBase(RecordPage):
    """What members itself knows of one member; unionops adds the other domains' panels."""

    permission = (p.VIEW_MEMBERS, p.VIEW_OWN_RECORD)
    model = Member
    row_is_prepared = True
    template_name = "members/members/detail.html"
    page_title = gettext_lazy("Member")

    def rows(self) -> models.QuerySet:
        return super().rows().select_related("merged_into", "deleted_by")

    def breadcrumbs(self) -> Crumbs:
        return [(_("Members"), reverse("member_list")), (self.get_object().full_name, None)]

    def allowed(self) -> dict[str, bool]:
        user = self.request.user
        return {
            "change": may(user, p.CHANGE_MEMBERS),
            "delete": may(user, p.DELETE_MEMBERS),
            "restore": may(user, p.RESTORE_MEMBERS),
            "merge": may(user, p.MERGE_MEMBERS),
        }


class MemberCreate(FormPage):
    makes_record = True
    permission = p.ADD_MEMBERS
    form_class = NewMemberForm
    page_title = gettext_lazy("Add a member")
    under = ((gettext_lazy("Members"), "member_list"),)
    crumb = gettext_lazy("Add")
    submit_label = gettext_lazy("Add member")
    fields_template = "members/members/_new_fields.html"
    done = gettext_lazy("Member added.")

    def cancel_url(self) -> str:
        return reverse("member_list")

    def perform(self, form: Any) -> str:
        why_another = form.cleaned_data["why_another"]
        try:
            self.created = services.create_member(form.values(), actor=self.request.user, why_another=why_another)
        except services.PerhapsKnown as question:
            self.known = [(member, why_alike(form.values(), member)) for member in question.members]
            raise
        return self.created.get_absolute_url()

    def render_form(self, form: Any, *, status: int = 200, **extra: Any) -> HttpResponse:
        known = getattr(self, "known", ())
        return super().render_form(
            form, status=status, known=known, asks=bool(known) or form["why_another"].data, **extra
        )


class MemberPage(RowMixin):
    """What the pages below one member share."""

    model = Member
    crumb: Any

    def breadcrumbs(self) -> Crumbs:
        member = self.get_object()
        return [
            (_("Members"), reverse("member_list")),
            (member.full_name, member.get_absolute_url()),
            (self.crumb, None),
        ]


class MemberEdit(MemberPage, EditPage):
    permission = p.CHANGE_MEMBERS
    form_class = MemberForm
    page_title = gettext_lazy("Edit member")
    crumb = gettext_lazy("Edit")
    submit_label = gettext_lazy("Save changes")
    fields_template = "members/members/_fields.html"
    done = gettext_lazy("Changes saved.")

    def perform(self, form: Any) -> str:
        member = services.update_member(
            self.get_object(), form.values(), actor=self.request.user, version=form.cleaned_data["version"]
        )
        return member.get_absolute_url()


class MemberDelete(MemberPage, ActionPage):
    permission = p.DELETE_MEMBERS
    page_title = gettext_lazy("Delete member")
    crumb = gettext_lazy("Delete")
    submit_label = gettext_lazy("Delete member")
    danger = True
    lead = gettext_lazy(
        "The record leaves every list and search. Its history and links stay, its number is not given to anybody else,"
        " and it can be restored."
    )
    done = gettext_lazy("Member deleted. Find it under “Deleted” to restore it.")

    def perform(self, form: Any) -> str:
        services.delete_member(self.get_object(), actor=self.request.user, reason=form.cleaned_data["reason"])
        return reverse("member_list")


class MemberRestore(MemberPage, ActionPage):
    permission = p.RESTORE_MEMBERS
    page_title = gettext_lazy("Restore member")
    crumb = gettext_lazy("Restore")
    submit_label = gettext_lazy("Restore member")
    lead = gettext_lazy("The record comes back to every list and search as it was.")
    done = gettext_lazy("Member restored.")

    def perform(self, form: Any) -> str:
        member = services.restore_member(self.get_object(), actor=self.request.user, reason=form.cleaned_data["reason"])
        return member.get_absolute_url()


class MemberStatusChange(FormPage):
    """Give the chosen members one status: the list posts its choice here, this page asks status and reason."""

    permission = p.CHANGE_MEMBERS
    form_class = StatusForm
    template_name = "members/members/status.html"
    page_title = gettext_lazy("Change status")
    under = ((gettext_lazy("Members"), "member_list"),)
    submit_label = gettext_lazy("Change status")

    def cancel_url(self) -> str:
        return reverse("member_list")

    def chosen(self) -> list[int]:
        field = forms.IntegerField(min_value=1, max_value=models.BigIntegerField.MAX_BIGINT)
        try:
            return [field.clean(raw) for raw in self.request.POST.getlist("id")]
        except ValidationError:
            raise Http404 from None

    def members(self) -> models.QuerySet:
        return Member.objects.visible_to(self.request.user).alive().filter(pk__in=self.chosen()).order_by("sort_name")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        messages.info(request, _("Choose members in the list first."))
        return HttpResponseRedirect(reverse("member_list"))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not self.members().exists():
            return self.get(request)
        if "reason" not in request.POST:
            return self.render_form(StatusForm())
        return super().post(request, *args, **kwargs)

    def render_form(self, form: Any, *, status: int = 200, **extra: Any) -> HttpResponse:
        chosen = list(self.members())
        trail.read(Member, ReadKind.LISTED, actor=self.request.user, rows=len(chosen))
        return super().render_form(form, status=status, members=chosen, **extra)

    def perform(self, form: Any) -> str:
        pks = list(self.members().values_list("pk", flat=True))
        self.changed = services.set_status(
            pks, form.cleaned_data["status"], actor=self.request.user, reason=form.cleaned_data["reason"]
        )
        return reverse("member_list")

    def done_message(self) -> str:
        return ngettext(
            "The status of %(count)s member changed.", "The status of %(count)s members changed.", self.changed
        ) % {"count": self.changed}
