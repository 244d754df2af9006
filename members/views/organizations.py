"""The pages of employers and other organizations, and of the people to call there."""

from operator import attrgetter
from typing import Any

from django.db import models
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.entry.step_up import StepUpToRead
from core.audit import trail
from core.audit.timeline import history
from core.db.prepared import prepared
from core.enums import DELETED, Badge, ReadKind, badge_of, choice_label
from core.permissions import VIEW_HISTORY, Actor, may
from core.search import search
from core.web.columns import Column, of_field
from core.web.keyset import Sort, countable
from core.web.lists import ExportPage, ListPage
from core.web.picking import SUGGESTED
from core.web.views import ActionPage, Crumbs, EditPage, FormPage, PortalView, RecordPage, RowMixin
from members import permissions as p
from members.enums import OrganizationType
from members.forms.filters import OrganizationFilterSet
from members.forms.members import ContactForm, OrganizationForm, label_of
from members.models import Employment, Member, Organization, OrganizationContact
from members.services import organizations as services
from members.validators import shown_phone
from members.views.members import results_note

SHOWN_MEMBERS = 20


def type_of(organization: Organization) -> str:
    return choice_label(OrganizationType, organization.org_type)


def type_badge(organization: Organization) -> Badge:
    return DELETED if organization.is_deleted else badge_of(OrganizationType, organization.org_type)


class OrganizationListBase:
    model = Organization
    filterset_class = OrganizationFilterSet
    list_name = "organization_list"
    record_route = "organization_detail"
    sorts = (
        Sort("name", "sort_name", gettext_lazy("Name")),
        Sort("added", "created_at", gettext_lazy("Added"), descending=True),
    )
    columns = (
        of_field("name", gettext_lazy("Name"), "name", kind="link", sort="name"),
        Column(
            "type",
            gettext_lazy("Type"),
            type_of,
            kind="badge",
            badge=type_badge,
            reads=("org_type", "deleted_at"),
            same=attrgetter("org_type", "is_deleted"),
        ),
        of_field("city", gettext_lazy("City"), "city"),
        of_field("state", gettext_lazy("State"), "state"),
        Column("phone", gettext_lazy("Phone"), lambda o: shown_phone(o.phone), kind="phone", reads=("phone",)),
        of_field("email", gettext_lazy("E-mail"), "email", phone_card=False),
        of_field("address", gettext_lazy("Street address"), "address", shown=False, phone_card=False),
        of_field("zip", gettext_lazy("ZIP code"), "zip_code", shown=False, phone_card=False),
        of_field("website", gettext_lazy("Website"), "website", shown=False, phone_card=False),
        of_field("added", gettext_lazy("Added"), "created_at", kind="moment", sort="added", shown=False),
    )


class OrganizationList(OrganizationListBase, ListPage):
    permission = p.VIEW_ORGANIZATIONS
    is_prepared = has_fixed_choices = True
    page_title = gettext_lazy("Employers and organizations")
    icon = "building"
    search_label = gettext_lazy("Name, city, phone or e-mail")
    actions_template = "members/organizations/_list_actions.html"
    export_permission = p.EXPORT_ORGANIZATIONS
    empty_title = gettext_lazy("No employers yet")
    empty_text = gettext_lazy("Import the local's list, or add the first employer by hand.")

    @property
    def empty_action(self) -> tuple[str, str]:
        if self.may_add:
            return _("Add an organization"), reverse("organization_create")
        return "", ""

    @property
    def results_note(self) -> str:
        return results_note(self.current_filterset)

    def filterset(self) -> OrganizationFilterSet:
        self.current_filterset = super().filterset()
        return self.current_filterset

    @property
    def may_add(self) -> bool:
        return may(self.request.user, p.ADD_ORGANIZATIONS)

    @property
    def may_import(self) -> bool:
        return may(self.request.user, p.RUN_IMPORTS)


class OrganizationExport(StepUpToRead, OrganizationListBase, ExportPage):
    permission = p.EXPORT_ORGANIZATIONS


class OrganizationSuggestions(PortalView):
    """Options of the employer field, in a form or a filter, while somebody types."""

    permission = p.VIEW_ORGANIZATIONS

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        typed = request.GET.get("organization") or request.GET.get("employer", "")
        text = typed.partition(" — ")[0][:200]
        rows = Organization.objects.visible_to(request.user).alive()
        found = search(rows, text).order_by("sort_name", "pk")[:SUGGESTED] if len(text.strip()) > 1 else []
        return self.render("ui/_options.html", labels=[label_of(item) for item in found])


class OrganizationPage(RowMixin):
    model = Organization
    crumb: Any

    def breadcrumbs(self) -> Crumbs:
        organization = self.get_object()
        return [
            (_("Employers"), reverse("organization_list")),
            (organization.name, organization.get_absolute_url()),
            (self.crumb, None),
        ]


class OrganizationDetailBase(RecordPage):
    """What members itself knows of one organization; unionops adds the other domains' panels."""

    permission = p.VIEW_ORGANIZATIONS
    model = Organization
    row_is_prepared = True
    template_name = "members/organizations/detail.html"
    records_reading = False  # `extra` does, where there are people on the page

    def rows(self) -> models.QuerySet:
        return super().rows().select_related("merged_into", "deleted_by")

    def title(self) -> str:
        return self.get_object().name

    def breadcrumbs(self) -> Crumbs:
        return [(_("Employers"), reverse("organization_list")), (self.get_object().name, None)]

    def extra(self, record: Organization) -> dict[str, Any]:
        user = self.request.user
        contacts, shown = _contacts(None, organization=record.pk), _shown(user, organization=record.pk)
        panels = self.panels(record)
        if contacts or shown or any(panel.tells_of_people for panel in panels):
            trail.read(record, ReadKind.OPENED, actor=user)
        tracked = [record, *record.merged_records.all()]
        return {
            "badge": type_badge(record),
            "contacts": contacts,
            "working": shown,
            "panels": panels,
            "working_count": _working.count(user, organization=record.pk),
            "working_url": f"{reverse('member_list')}?employer={record.pk}",
            "entries": history(tracked) if may(user, VIEW_HISTORY) else None,
            "may": {
                "change": may(user, p.CHANGE_ORGANIZATIONS),
                "delete": may(user, p.DELETE_ORGANIZATIONS),
                "restore": may(user, p.RESTORE_ORGANIZATIONS),
                "merge": may(user, p.MERGE_ORGANIZATIONS),
            },
        }

    def panels(self, record: Organization) -> list[Any]:
        """What other domains know of it, each with its `template`."""
        raise NotImplementedError


@prepared
def _contacts(_asker: Any, *, organization: Any) -> models.QuerySet:
    return OrganizationContact.objects.filter(organization=organization)


def _working_at(user: Actor, organization: Any) -> models.QuerySet:
    there = Employment.objects.filter(organization=organization).current()
    return Member.objects.visible_to(user).alive().filter(pk__in=there.values("member_id"))


@prepared
def _shown(asker: Actor, *, organization: Any) -> models.QuerySet:
    return _working_at(asker, organization).order_by("sort_name", "pk")[:SHOWN_MEMBERS]


@prepared
def _working(asker: Actor, *, organization: Any) -> models.QuerySet:
    return countable(_working_at(asker, organization))


class OrganizationCreate(FormPage):
    makes_record = True
    permission = p.ADD_ORGANIZATIONS
    form_class = OrganizationForm
    page_title = gettext_lazy("Add an organization")
    under = ((gettext_lazy("Employers"), "organization_list"),)
    crumb = gettext_lazy("Add")
    submit_label = gettext_lazy("Add organization")
    fields_template = "members/organizations/_fields.html"
    done = gettext_lazy("Organization added.")

    def cancel_url(self) -> str:
        return reverse("organization_list")

    def perform(self, form: Any) -> str:
        return services.create_organization(form.values(), actor=self.request.user).get_absolute_url()


class OrganizationEdit(OrganizationPage, EditPage):
    permission = p.CHANGE_ORGANIZATIONS
    form_class = OrganizationForm
    page_title = gettext_lazy("Edit organization")
    crumb = gettext_lazy("Edit")
    submit_label = gettext_lazy("Save changes")
    fields_template = "members/organizations/_fields.html"
    done = gettext_lazy("Changes saved.")

    def perform(self, form: Any) -> str:
        organization = services.update_organization(
            self.get_object(), form.values(), actor=self.request.user, version=form.cleaned_data["version"]
        )
        return organization.get_absolute_url()


class OrganizationDelete(OrganizationPage, ActionPage):
    permission = p.DELETE_ORGANIZATIONS
    page_title = gettext_lazy("Delete organization")
    crumb = gettext_lazy("Delete")
    submit_label = gettext_lazy("Delete organization")
    danger = True
    lead = gettext_lazy("The record leaves every list and search. Its history and links stay, and it can be restored.")
    done = gettext_lazy("Organization deleted. Find it under “Deleted” to restore it.")

    def perform(self, form: Any) -> str:
        services.delete_organization(self.get_object(), actor=self.request.user, reason=form.cleaned_data["reason"])
        return reverse("organization_list")


class OrganizationRestore(OrganizationPage, ActionPage):
    permission = p.RESTORE_ORGANIZATIONS
    page_title = gettext_lazy("Restore organization")
    crumb = gettext_lazy("Restore")
    submit_label = gettext_lazy("Restore organization")
    lead = gettext_lazy("The record comes back to every list and search as it was.")
    done = gettext_lazy("Organization restored.")

    def perform(self, form: Any) -> str:
        organization = services.restore_organization(
            self.get_object(), actor=self.request.user, reason=form.cleaned_data["reason"]
        )
        return organization.get_absolute_url()


class ContactCreate(OrganizationPage, FormPage):
    makes_record = True
    permission = p.CHANGE_ORGANIZATIONS
    form_class = ContactForm
    page_title = gettext_lazy("Add a contact")
    crumb = gettext_lazy("Contact")
    submit_label = gettext_lazy("Add contact")
    done = gettext_lazy("Contact added.")

    def cancel_url(self) -> str:
        return self.get_object().get_absolute_url()

    def form_arguments(self, data: Any, files: Any) -> dict[str, Any]:
        return {"data": data, "instance": OrganizationContact(organization=self.get_object())}

    def perform(self, form: Any) -> str:
        services.add_contact(self.get_object(), form.values(), actor=self.request.user)
        return self.cancel_url()


class ContactPage(RowMixin):
    model = OrganizationContact

    def breadcrumbs(self) -> Crumbs:
        organization = self.get_object().organization
        return [
            (_("Employers"), reverse("organization_list")),
            (organization.name, organization.get_absolute_url()),
            (_("Contact"), None),
        ]

    def cancel_url(self) -> str:
        return self.get_object().organization.get_absolute_url()


class ContactEdit(ContactPage, EditPage):
    permission = p.CHANGE_ORGANIZATIONS
    form_class = ContactForm
    page_title = gettext_lazy("Edit contact")
    submit_label = gettext_lazy("Save changes")
    done = gettext_lazy("Changes saved.")

    def perform(self, form: Any) -> str:
        services.change_contact(
            self.get_object(), form.values(), actor=self.request.user, version=form.cleaned_data["version"]
        )
        return self.cancel_url()


class ContactRemove(ContactPage, ActionPage):
    permission = p.CHANGE_ORGANIZATIONS
    page_title = gettext_lazy("Remove contact")
    submit_label = gettext_lazy("Remove contact")
    danger = True
    done = gettext_lazy("Contact removed.")

    def perform(self, form: Any) -> str:
        target = self.cancel_url()
        services.remove_contact(self.get_object(), actor=self.request.user, reason=form.cleaned_data["reason"])
        return target
