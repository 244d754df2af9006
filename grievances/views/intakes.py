"""The pages of drafts, up to the filing."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from core.audit.timeline import history
from core.permissions import may
from core.site import local_today
from core.web.columns import Column, of_field, through
from core.web.keeping import KeepsTyped
from core.web.keyset import Sort
from core.web.lists import ListPage
from core.web.views import ActionPage, Crumbs, EditPage, FormPage, RecordPage, RowMixin
from grievances import display, working
from grievances import permissions as p
from grievances.enums import GrievanceType
from grievances.forms.cases import FileForm, IntakeForm, NewIntakeForm
from grievances.forms.filters import IntakeFilterSet
from grievances.models import Grievance, GrievanceIntake
from grievances.services import filing, intake_documents, late_filing
from grievances.services import intakes as intake_services
from members.models import Member, Organization, list_name
from members.permissions import VIEW_MEMBERS
from members.views.filled_in import named_in, only_employer


def kind_of(intake: GrievanceIntake) -> str:
    return display.type_of(intake) or _("No type yet")


def people_of(intake: Any) -> str:
    """The grievant, or how many there are; `intake` comes from `fill_people`."""
    if len(intake.people) > 1:
        return ngettext("%(count)s grievant", "%(count)s grievants", len(intake.people)) % {"count": len(intake.people)}
    return intake.people[0] if intake.people else ""


def fill_people(intakes: Sequence[Any]) -> None:
    """Give each draft the names of its grievants."""
    found: dict[Any, list[str]] = {intake.pk: [] for intake in intakes}
    named = GrievanceIntake.members.through.objects.filter(grievanceintake__in=list(found))
    for pk, *names in named.values_list("grievanceintake_id", *through("member", Member.NAME_FIELDS)):
        found[pk].append(list_name(*names))
    for intake in intakes:
        intake.people = found[intake.pk]


class IntakeList(ListPage):
    permission = p.DRAFT_GRIEVANCES
    is_prepared = has_fixed_choices = True
    model = GrievanceIntake
    filterset_class = IntakeFilterSet
    list_name = "intake_list"
    record_route = "intake_detail"
    page_title = gettext_lazy("Drafts")
    icon = "file-text"
    actions_template = "grievances/intakes/_list_actions.html"
    sorts = (Sort("started", "created_at", gettext_lazy("Started"), descending=True),)
    columns = (
        Column("type", gettext_lazy("Type"), kind_of, kind="link", reads=("grievance_type",)),
        Column(
            "grievants",
            gettext_lazy("Grievants"),
            people_of,
            reads=(),
            fill=fill_people,
        ),
        Column(
            "employer",
            gettext_lazy("Employer"),
            lambda i: i.organization.name if i.organization else "",
            reads=("organization__name",),
        ),
        Column(
            "incident",
            gettext_lazy("Incident"),
            lambda i: i.incident_date or i.knowledge_date,
            kind="date",
            reads=("incident_date", "knowledge_date"),
        ),
        Column(
            "drafted",
            gettext_lazy("Drafted by"),
            lambda i: i.drafted_by.get_full_name() if i.drafted_by else "",
            reads=through("drafted_by", User.NAME_FIELDS),
        ),
        of_field("started", gettext_lazy("Started"), "created_at", kind="moment", sort="started"),
    )
    empty_title = gettext_lazy("No drafts")
    empty_text = gettext_lazy("A grievance begins as a draft. Nothing has to be complete yet.")

    def visible(self) -> Any:
        return GrievanceIntake.objects.visible_to(self.request.user).alive().unfiled()

    @property
    def empty_action(self) -> tuple[str, str]:
        return _("Start a draft"), reverse("intake_create")


class IntakeCreate(KeepsTyped):
    makes_record = True
    permission = p.DRAFT_GRIEVANCES
    form_class = NewIntakeForm
    page_title = gettext_lazy("Start a draft")
    under = ((gettext_lazy("Drafts"), "intake_list"),)
    crumb = gettext_lazy("Start")
    lead = gettext_lazy("Write down what you know now. Everything else can be added until it is filed.")
    submit_label = gettext_lazy("Save draft")
    fields_template = "grievances/intakes/_fields.html"
    done = gettext_lazy("Draft saved.")

    def form_arguments(self, data: Any, files: Any) -> dict[str, Any]:
        return {**super().form_arguments(data, files), "actor": self.request.user, "initial": self.filled_in()}

    def filled_in(self) -> dict[str, Any]:
        """Whom the page was opened for, from a member's or an employer's page."""
        member = named_in(self.request, "member", Member)
        employer = named_in(self.request, "employer", Organization)
        if member is None:
            return {"organization": employer}
        return {
            "members": [member],
            "grievance_type": GrievanceType.INDIVIDUAL,
            "organization": employer or only_employer(member),
        }

    def cancel_url(self) -> str:
        return reverse("intake_list")

    def perform(self, form: Any) -> str:
        user = self.request.user
        intake = intake_services.start_intake(form.values(), actor=user)
        if sheet := form.cleaned_data["sheet"]:
            for name, error in intake_documents.add_all(intake, sheet, actor=user).refused:
                messages.warning(self.request, f"{name}: {error.sentence}")
        return intake.get_absolute_url()


class IntakeDetail(RecordPage):
    permission = p.DRAFT_GRIEVANCES
    model = GrievanceIntake
    template_name = "grievances/intakes/detail.html"
    under = ((gettext_lazy("Drafts"), "intake_list"),)
    crumb = gettext_lazy("Draft")

    def rows(self) -> models.QuerySet:
        return super().rows().select_related("organization", "drafted_by", "filed_as")

    def extra(self, record: Any) -> dict[str, Any]:
        user = self.request.user
        people = list(record.members.order_by("sort_name", "pk"))
        is_open = not record.filed_as_id and not record.is_deleted
        missing = self._missing(record, len(people)) if is_open else []
        return {
            "people": people,
            "is_open": is_open,
            "missing": missing,
            "filing": _filing_date(record) if is_open else None,
            "unclear": late_filing.unclear_agreement(record) if is_open else "",
            "may_file": may(user, p.FILE_GRIEVANCES),
            "sees_notes": may(user, p.VIEW_STRATEGY),
            "sees_case": Grievance.objects.visible_to(user).filter(pk=record.filed_as_id).exists(),
            "sees_members": may(user, VIEW_MEMBERS),
            "entries": history([record]),
            "documents": record.documents.current().in_order(),
        }

    @staticmethod
    def _missing(record: GrievanceIntake, people: int) -> list[tuple[str, str]]:
        """The fields of the form, each with what is missing or wrong there."""
        values = {name: getattr(record, name) for name in intake_services.INTAKE_FIELDS}
        today = local_today()
        return list(filing.problems(values, people, filed_date=today, today=today).items())


def _filing_date(record: GrievanceIntake) -> Any:
    """By when it must be filed, with its badge; None where nobody computes it."""
    deadline = late_filing.filing_deadline(record)
    return (deadline, working.badge(deadline, local_today())) if deadline else None


class IntakePage(RowMixin):
    """What the pages below one draft share."""

    permission = p.DRAFT_GRIEVANCES
    model: type[models.Model] = GrievanceIntake
    crumb: Any

    def draft(self) -> GrievanceIntake:
        return self.get_object()

    def breadcrumbs(self) -> Crumbs:
        url = self.cancel_url()
        return [(_("Drafts"), reverse("intake_list")), (_("Draft"), url), (self.crumb, None)]

    def cancel_url(self) -> str:
        return self.draft().get_absolute_url()


class IntakeEdit(IntakePage, EditPage):
    form_class = IntakeForm
    page_title = gettext_lazy("Edit the draft")
    crumb = gettext_lazy("Edit")
    submit_label = gettext_lazy("Save draft")
    fields_template = "grievances/intakes/_fields.html"
    done = gettext_lazy("Draft saved.")

    def form_arguments(self, data: Any, files: Any) -> dict[str, Any]:
        return {**super().form_arguments(data, files), "actor": self.request.user}

    def perform(self, form: Any) -> str:
        intake_services.update_intake(
            self.get_object(), form.values(), actor=self.request.user, version=form.cleaned_data["version"]
        )
        return self.cancel_url()


class IntakeFile(IntakePage, FormPage):
    makes_record = True
    permission = p.FILE_GRIEVANCES
    page_title = gettext_lazy("File the grievance")
    crumb = gettext_lazy("File")
    submit_label = gettext_lazy("File grievance")
    lead = gettext_lazy("It gets its number and goes to the first step. What it says cannot be changed afterwards.")
    done = gettext_lazy("The grievance is filed. Record how it reached the employer: only that meets the date to file.")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        intake_services.check_open(self.get_object())
        return super().get(request, *args, **kwargs)

    def get_form(self, data: Any = None, files: Any = None) -> FileForm:
        return FileForm(data, record=self.get_object(), actor=self.request.user)

    def perform(self, form: Any) -> str:
        try:
            grievance = intake_services.file_grievance(
                self.get_object(),
                actor=self.request.user,
                filed_date=form.cleaned_data["filed_date"],
                representative=form.cleaned_data["person"],
                version=form.cleaned_data["version"],
                late_reason=form.cleaned_data["late_reason"],
                agreement=form.cleaned_data.get("agreement"),
            )
        except ValidationError as error:
            raise _in_one_sentence(error) from error
        return grievance.get_absolute_url()


def _in_one_sentence(error: ValidationError) -> ValidationError:
    """The draft's fields are on another page; the day of the filing and the representative are on this one."""
    found = dict(error.message_dict)
    here: dict[str, Any] = {name: found.pop(name) for name in ("filed_date", "person") if name in found}
    if found:
        missing = " ".join(sentence for sentences in found.values() for sentence in sentences)
        here["__all__"] = [_("The draft is not complete. %(missing)s") % {"missing": missing}]
    return ValidationError(here)


class IntakeDiscard(IntakePage, ActionPage):
    page_title = gettext_lazy("Discard the draft")
    crumb = gettext_lazy("Discard")
    submit_label = gettext_lazy("Discard draft")
    lead = gettext_lazy("The draft leaves the list and cannot be filed any more.")
    danger = True
    done = gettext_lazy("Draft discarded.")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        intake_services.check_open(self.get_object())
        return super().get(request, *args, **kwargs)

    def perform(self, form: Any) -> str:
        intake_services.discard_intake(self.get_object(), actor=self.request.user, reason=form.cleaned_data["reason"])
        return reverse("intake_list")
