"""The pages of one case besides its moves: who works it, who sees it, notes, a step record put right; the rules."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.errors import DomainError, EditConflict
from core.records import one_row
from core.records.editing import conflict_row
from core.web.one_row import OneRowPage
from core.web.views import Crumbs, EditPage, FormPage, RecordFormPage, RowMixin
from grievances import permissions as p
from grievances.enums import GrievanceAction
from grievances.forms.cases import (
    AnswerRecordForm,
    AssignForm,
    FactsForm,
    LiftForm,
    NotesForm,
    PolicyForm,
    RestrictForm,
    StepRecordForm,
)
from grievances.models import AnswerReceived, Grievance, GrievancePolicy, GrievanceStepRecord
from grievances.services import cases
from grievances.services.workflow import is_theirs


class CasePage(RowMixin):
    """What the pages below one case share: only those who see the whole of it get there."""

    model: type[models.Model] = Grievance
    crumb: Any

    def rows(self) -> models.QuerySet:
        return Grievance.objects.whole_to(self.request.user).select_related("assigned_rep")

    def case(self) -> Grievance:
        return self.get_object()

    def breadcrumbs(self) -> Crumbs:
        case = self.case()
        return [(_("Cases"), reverse("grievance_list")), (str(case), case.get_absolute_url()), (self.crumb, None)]

    def cancel_url(self) -> str:
        return self.case().get_absolute_url()


class ToldOfConflict:
    """Somebody else's newer version is a refusal in the form, which keeps what was typed and goes on from there."""

    def saved(self, begun: Any) -> Mapping[str, Any]:
        """By field what the record holds now, for the fields that change it; `begun` is the form as it begins now."""
        return {}

    def render_conflict(self: Any, form: Any, conflict: EditConflict) -> HttpResponse:
        """Show what is saved now beside what was typed, where they differ."""
        form.add_error(None, _("Somebody changed this record meanwhile. Look at it again, then decide."))
        del self._object
        begun = self.get_form()
        form.data = form.data.copy()
        form.data["version"] = str(begun["version"].value())
        rows = [conflict_row(form, name, value, form.cleaned_data[name]) for name, value in self.saved(begun).items()]
        return self.render_form(form, status=409, conflict=[row for row in rows if row[1] != row[2]] or None)


class CaseFormPage(ToldOfConflict, CasePage, RecordFormPage):
    """A form that is given the case."""

    def get_form(self, data: Any = None, files: Any = None) -> Any:
        form_class: Any = self.form_class
        return form_class(data, record=self.get_object())

    def after(self) -> str:
        """The case, or the list for somebody who no longer sees it."""
        seen = Grievance.objects.whole_to(self.request.user).filter(pk=self.get_object().pk).exists()
        return self.cancel_url() if seen else reverse("grievance_list")


class GrievanceAssign(CaseFormPage):
    permission = p.ASSIGN_GRIEVANCES
    form_class = AssignForm
    page_title = gettext_lazy("Assign the case")
    crumb = gettext_lazy("Assign")
    submit_label = gettext_lazy("Assign")
    lead = gettext_lazy("The representative works the case and sees it among “assigned to me”.")
    done = gettext_lazy("Assignment saved.")

    def saved(self, begun: Any) -> Mapping[str, Any]:
        return {"person": self.get_object().assigned_rep_id}

    def perform(self, form: Any) -> str:
        cases.assign_representative(
            self.get_object(),
            form.cleaned_data["person"],
            actor=self.request.user,
            reason=form.cleaned_data["reason"],
            version=form.cleaned_data["version"],
        )
        return self.after()


class GrievanceAsk(CasePage, FormPage):
    """For whoever may work only what is assigned to them; the button on the case's page sends it."""

    permission = p.WORK_GRIEVANCES
    form_class = forms.Form
    page_title = gettext_lazy("Ask for the case")
    crumb = gettext_lazy("Ask for it")
    submit_label = gettext_lazy("Ask for the case")
    lead = gettext_lazy("Those who assign cases are told that you would work this one.")
    done = gettext_lazy("Asked. You are told when the case is assigned to you.")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if refused := cases.why_not_ask(self.case(), request.user):
            raise DomainError(refused)
        return super().get(request, *args, **kwargs)

    def perform(self, form: Any) -> str:
        cases.ask_for_case(self.case(), actor=self.request.user)
        return self.cancel_url()


class GrievanceRestrict(CaseFormPage):
    permission = p.RESTRICT_GRIEVANCES
    form_class = RestrictForm
    page_title = gettext_lazy("Restrict the case")
    crumb = gettext_lazy("Restrict")
    submit_label = gettext_lazy("Restrict to these people")
    lead = gettext_lazy("For everybody else the case is gone from every list, search and page, for its grievants too.")
    danger = True
    done = gettext_lazy("The case is restricted.")

    def saved(self, begun: Any) -> Mapping[str, Any]:
        return {"people": begun["people"].value()}

    def perform(self, form: Any) -> str:
        cases.restrict(
            self.get_object(),
            list(form.cleaned_data["people"]),
            actor=self.request.user,
            reason=form.cleaned_data["reason"],
            version=form.cleaned_data["version"],
        )
        return self.after()


class GrievanceLift(CaseFormPage):
    permission = p.RESTRICT_GRIEVANCES
    form_class = LiftForm
    page_title = gettext_lazy("Lift the restriction")
    crumb = gettext_lazy("Lift the restriction")
    submit_label = gettext_lazy("Lift restriction")
    lead = gettext_lazy("Everybody whose role sees cases sees this one again.")
    done = gettext_lazy("The restriction is lifted.")

    def perform(self, form: Any) -> str:
        cases.lift_restriction(
            self.get_object(),
            actor=self.request.user,
            reason=form.cleaned_data["reason"],
            version=form.cleaned_data["version"],
        )
        return self.after()


class WorkedPage(CasePage):
    """Refused before the form is drawn where somebody else works the case."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if refused := is_theirs(self.case(), request.user):
            raise DomainError(refused)
        return super().get(request, *args, **kwargs)


class GrievanceFacts(WorkedPage, EditPage):
    permission = p.WORK_GRIEVANCES
    form_class = FactsForm
    page_title = gettext_lazy("Facts")
    crumb = gettext_lazy("Facts")
    submit_label = gettext_lazy("Save facts")
    lead = gettext_lazy("What we know of the matter. What was filed stays as it is, and strategy belongs in the notes.")
    done = gettext_lazy("Facts saved.")

    def perform(self, form: Any) -> str:
        cases.change_facts(
            self.get_object(), form.values(), actor=self.request.user, version=form.cleaned_data["version"]
        )
        return self.cancel_url()


class GrievanceNotes(WorkedPage, EditPage):
    permission = p.VIEW_STRATEGY
    form_class = NotesForm
    page_title = gettext_lazy("Notes")
    crumb = gettext_lazy("Notes")
    submit_label = gettext_lazy("Save notes")
    lead = gettext_lazy("Our own strategy. The office, the grievants and the employer never see it.")
    done = gettext_lazy("Notes saved.")

    def perform(self, form: Any) -> str:
        cases.change_notes(
            self.get_object(),
            form.values()["notes"],
            actor=self.request.user,
            version=form.cleaned_data["version"],
        )
        return f"{self.cancel_url()}?tab=notes"


class ReplacePage(WorkedPage, EditPage):
    """What is wrong in the record of a step is replaced, and kept."""

    permission = p.WORK_GRIEVANCES
    submit_label = gettext_lazy("Replace the record")
    lead = gettext_lazy("The old record is kept, struck through, with your reason.")
    done = gettext_lazy("The record is replaced.")
    supersede: Any

    def rows(self) -> models.QuerySet:
        rows: Any = self.model._default_manager
        return rows.visible_to(self.request.user).live().select_related("grievance__assigned_rep")

    def case(self) -> Grievance:
        return self.get_object().grievance

    def cancel_url(self) -> str:
        return f"{super().cancel_url()}?tab=steps"

    def perform(self, form: Any) -> str:
        type(self).supersede(
            self.model(pk=self.get_object().pk, grievance=self.case()),
            form.values(),
            actor=self.request.user,
            reason=form.cleaned_data["reason"],
            version=form.cleaned_data["version"],
        )
        return self.cancel_url()


class StepRecordReplace(ReplacePage):
    model = GrievanceStepRecord
    supersede = staticmethod(cases.supersede_step_record)
    form_class = StepRecordForm
    page_title = gettext_lazy("Correct a step record")
    crumb = gettext_lazy("Correct a record")
    fields_template = "grievances/work/_step_record_fields.html"


class AnswerReplace(ReplacePage):
    model = AnswerReceived
    supersede = staticmethod(cases.supersede_answer)
    form_class = AnswerRecordForm
    page_title = gettext_lazy("Correct an answer of the employer")
    crumb = gettext_lazy("Correct an answer")
    fields_template = "grievances/work/_answer_fields.html"


class Rules(OneRowPage):
    """What this local decides about grievances."""

    permission = (p.VIEW_POLICY, p.CHANGE_POLICY)
    change_permission = p.CHANGE_POLICY
    model = GrievancePolicy
    form_class = PolicyForm
    template_name = "grievances/work/rules.html"
    read_template = "grievances/work/rules_read.html"
    route = "grievance_rules"
    page_title = gettext_lazy("Grievance rules")
    submit_label = gettext_lazy("Save rules")
    lead = gettext_lazy("They hold from the next filing on; cases that are filed stay where they are.")
    fields_template = "grievances/work/_rules_fields.html"
    done = gettext_lazy("Rules saved.")

    def facts(self) -> list[tuple[Any, Any]]:
        return self.get_form().facts()

    def save(self, values: dict[str, Any], *, version: int) -> None:
        one_row.change(
            GrievancePolicy,
            values,
            permission=p.CHANGE_POLICY,
            actor=self.request.user,
            action=GrievanceAction.RULES_CHANGED,
            version=version,
        )
