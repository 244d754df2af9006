"""The pages of agreements: the list, one agreement, its deadlines with a live example, and the next one."""

import datetime
from typing import Any

from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.audit.timeline import history
from core.files.attaching import taken_in
from core.permissions import may
from core.site import local_today
from core.web.columns import Column, of_field
from core.web.files import FileContent
from core.web.keyset import Sort
from core.web.lists import ListPage
from core.web.views import Crumbs, EditPage, FormPage, RecordFormPage, RecordPage, RowMixin, wants_fragment
from grievances import permissions as p
from grievances import working
from grievances.enums import ClockKind
from grievances.forms.agreements import (
    AgreementFilesForm,
    AgreementForm,
    ClausesForm,
    ClosureForm,
    CopyForm,
    RuleForm,
    StageForm,
)
from grievances.forms.filters import AgreementFilterSet
from grievances.models import Agreement, AgreementFile, AgreementStage, HolidayList, StepRule
from grievances.services import agreements, calendars
from grievances.services.deadlines.counting import due
from grievances.views.work import ToldOfConflict

UNDER = ((gettext_lazy("Agreements"), "agreement_list"),)
NOTICE_AHEAD = datetime.timedelta(180)
READS = (p.VIEW_AGREEMENTS, p.VIEW_OWN_AGREEMENTS)


def expiry_words(agreement: Agreement, today: datetime.date) -> str:
    """That it ends soon or may be reopened, while there is time to prepare; "" otherwise."""
    for day, sentence in (
        (agreement.effective_to, gettext_lazy("Ends in %(days)s days")),
        (agreement.reopener_on, gettext_lazy("May be reopened in %(days)s days")),
    ):
        if day and today <= day <= today + NOTICE_AHEAD:
            return str(sentence) % {"days": (day - today).days}
    return _("Has ended") if agreement.effective_to and agreement.effective_to < today else ""


class AgreementList(ListPage):
    permission = READS
    model = Agreement
    filterset_class = AgreementFilterSet
    list_name = "agreement_list"
    record_route = "agreement_detail"
    page_title = gettext_lazy("Agreements")
    icon = "file-text"
    actions_template = "grievances/agreements/_list_actions.html"
    has_fixed_choices = True
    sorts = (Sort("from", "effective_from", gettext_lazy("In force from"), descending=True),)
    columns = (
        of_field("title", gettext_lazy("Agreement"), "title", kind="link"),
        of_field("employer", gettext_lazy("Employer"), "employer__name"),
        of_field("from", gettext_lazy("In force from"), "effective_from", kind="date", sort="from"),
        of_field("until", gettext_lazy("Until"), "effective_to", kind="date"),
        Column(
            "notice",
            gettext_lazy("Notice"),
            lambda a: expiry_words(a, local_today()),
            reads=("effective_to", "reopener_on"),
        ),
    )
    empty_title = gettext_lazy("No agreement yet")
    empty_text = gettext_lazy("Until an agreement is here, nobody computes the dates of cases.")

    @property
    def may_change(self) -> bool:
        return may(self.request.user, p.CHANGE_AGREEMENTS)

    @property
    def empty_action(self) -> tuple[str, str]:
        return (_("Write an agreement"), reverse("agreement_create")) if self.may_change else ("", "")


class AgreementDetail(RecordPage):
    permission = READS
    model = Agreement
    records_reading = False
    template_name = "grievances/agreements/detail.html"
    under = UNDER

    def rows(self) -> models.QuerySet:
        return super().rows().select_related("employer", "holiday_list", "previous")

    def title(self) -> str:
        return str(self.get_object())

    def extra(self, record: Any) -> dict[str, Any]:
        today, works = local_today(), may(self.request.user, p.VIEW_AGREEMENTS)
        return {
            "notice": expiry_words(record, today),
            "may_change": may(self.request.user, p.CHANGE_AGREEMENTS),
            "stages": [(stage, [_shown(rule) for rule in rules]) for stage, rules in agreements.with_rules(record)],
            "example": example_of_filing(record, today),
            "closures": record.closures.all(),
            "clauses": record.clauses.all()[:400],
            "files": AgreementFile.objects.visible_to(self.request.user).filter(agreement=record).current().in_order(),
            "next": record.next.first(),
            "entries": history([record]) if works else [],
        }


def _shown(rule: StepRule) -> tuple[StepRule, str]:
    return rule, working.rule_words(working.kept_of(rule))


def example_of_filing(agreement: Agreement, day: datetime.date) -> str:
    """The sentence for something that happened today."""
    rules = StepRule.objects.filter(stage__agreement=agreement, clock=ClockKind.FILE).select_related("stage")
    rule = rules.order_by("stage__position").first()
    return example_sentence(rule, agreement, day) if rule else ""


def example_sentence(rule: StepRule, agreement: Agreement, day: datetime.date) -> str:
    found = due(day, calendars.rule_of(rule), calendars.calendar_of(agreement))
    return working.example(rule.clock, day, working.kept_of(rule), found)


class AgreementCreate(FormPage):
    makes_record = True
    permission = p.CHANGE_AGREEMENTS
    form_class = AgreementForm
    page_title = gettext_lazy("Write an agreement")
    under = UNDER
    crumb = gettext_lazy("New")
    submit_label = gettext_lazy("Save agreement")
    fields_template = "grievances/agreements/_fields.html"
    lead = gettext_lazy("It begins with three steps; the contract’s names and deadlines come on the next page.")
    done = gettext_lazy("Agreement saved. Now enter its deadlines.")

    def form_arguments(self, data: Any, files: Any) -> dict[str, Any]:
        initial = {"holiday_list": HolidayList.objects.order_by("name").first()}
        return {**super().form_arguments(data, files), "actor": self.request.user, "initial": initial}

    def cancel_url(self) -> str:
        return reverse("agreement_list")

    def perform(self, form: Any) -> str:
        return reverse(
            "agreement_detail", args=[agreements.create_agreement(form.values(), actor=self.request.user).pk]
        )


class AgreementPage(RowMixin):
    """What the pages below one agreement share."""

    permission = p.CHANGE_AGREEMENTS
    model: type[models.Model] = Agreement
    crumb: Any

    def agreement(self) -> Agreement:
        return self.get_object()

    def breadcrumbs(self) -> Crumbs:
        row = self.agreement()
        return [(_("Agreements"), reverse("agreement_list")), (str(row), self.cancel_url()), (str(self.crumb), None)]

    def cancel_url(self) -> str:
        return reverse("agreement_detail", args=[self.agreement().pk])


class AgreementEdit(AgreementPage, EditPage):
    form_class = AgreementForm
    page_title = gettext_lazy("Edit the agreement")
    crumb = gettext_lazy("Edit")
    submit_label = gettext_lazy("Save agreement")
    fields_template = "grievances/agreements/_fields.html"
    lead = gettext_lazy("Dates that were computed stay; what is computed from now on follows the change.")
    done = gettext_lazy("Agreement saved.")

    def form_arguments(self, data: Any, files: Any) -> dict[str, Any]:
        return {**super().form_arguments(data, files), "actor": self.request.user}

    def perform(self, form: Any) -> str:
        version = form.cleaned_data["version"]
        agreements.change_agreement(self.get_object(), form.values(), actor=self.request.user, version=version)
        return self.cancel_url()


class AgreementCopy(ToldOfConflict, AgreementPage, RecordFormPage):
    makes_record = True
    form_class = CopyForm
    page_title = gettext_lazy("Begin the next agreement")
    crumb = gettext_lazy("Next")
    submit_label = gettext_lazy("Begin the next agreement")
    lead = gettext_lazy("It begins with the steps, deadlines and articles of this one. Cases stay under this one.")
    done = gettext_lazy("The next agreement has begun. Change what was bargained.")

    def get_form(self, data: Any = None, files: Any = None) -> Any:
        return CopyForm(data, record=self.get_object())

    def perform(self, form: Any) -> str:
        fresh = agreements.copy_agreement(
            self.get_object(),
            actor=self.request.user,
            effective_from=form.cleaned_data["effective_from"],
            title=form.cleaned_data["title"],
            version=form.cleaned_data["version"],
        )
        return reverse("agreement_detail", args=[fresh.pk])


class RulePage(AgreementPage, RecordFormPage):
    """A deadline of a step. “Show an example” tries it on a day; with a script the sentence follows what is typed."""

    form_class = RuleForm
    crumb = gettext_lazy("Deadline")
    submit_label = gettext_lazy("Save deadline")
    fields_template = "grievances/agreements/_rule_fields.html"
    done = gettext_lazy("Deadline saved. Drafts follow it; dates of cases that were computed stay.")

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if "example" not in request.POST:
            return super().post(request, *args, **kwargs)
        form = self.get_form(request.POST)
        sentence = self.sentence(form)
        if wants_fragment(request):
            return self.render("grievances/agreements/_example.html", sentence=sentence)
        return self.render_form(form, sentence=sentence)

    def sentence(self, form: Any) -> str:
        if not form.is_valid():
            return _("Fill in the deadline; the example then stands here.")
        rule = StepRule(**{name: form.cleaned_data[name] for name in agreements.RULE_FIELDS})
        return example_sentence(rule, self.agreement(), form.cleaned_data["example_day"] or local_today())


class RuleCreate(RulePage):
    makes_record = True
    page_title = gettext_lazy("Add a deadline")

    def get_form(self, data: Any = None, files: Any = None) -> Any:
        return RuleForm(data, agreement=self.get_object())

    def perform(self, form: Any) -> str:
        agreements.save_rule(form.cleaned_data["stage"], form.values(), actor=self.request.user)
        return self.cancel_url()


class RuleEdit(RulePage):
    model = StepRule
    template_name = "grievances/agreements/edit_part.html"
    take_out_route = "step_rule_take_out"
    page_title = gettext_lazy("Change a deadline")

    def rows(self) -> models.QuerySet:
        return super().rows().select_related("stage__agreement")

    def agreement(self) -> Agreement:
        return self.get_object().stage.agreement

    def get_form(self, data: Any = None, files: Any = None) -> Any:
        return RuleForm(data, instance=self.get_object(), agreement=self.agreement())

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        sentence = example_sentence(self.get_object(), self.agreement(), local_today())
        return self.render_form(self.get_form(), sentence=sentence)

    def perform(self, form: Any) -> str:
        rule, version = self.get_object(), form.cleaned_data["version"]
        agreements.save_rule(rule.stage, form.values(), actor=self.request.user, rule=rule, version=version)
        return self.cancel_url()


class StageCreate(AgreementPage, RecordFormPage):
    makes_record = True
    form_class = StageForm
    page_title = gettext_lazy("Add a step")
    crumb = gettext_lazy("Step")
    submit_label = gettext_lazy("Save step")
    lead = gettext_lazy("A step under the contract’s own name, in the order in which a case goes through them.")
    done = gettext_lazy("Step saved.")

    def get_form(self, data: Any = None, files: Any = None) -> Any:
        stage = AgreementStage(agreement=self.get_object())
        return StageForm(data, instance=stage, initial={"position": self.get_object().stages.count() + 1})

    def perform(self, form: Any) -> str:
        agreements.save_stage(self.agreement(), form.values(), actor=self.request.user)
        return self.cancel_url()


class StageEdit(AgreementPage, EditPage):
    model = AgreementStage
    template_name = "grievances/agreements/edit_part.html"
    take_out_route = "agreement_stage_take_out"
    form_class = StageForm
    page_title = gettext_lazy("Change a step")
    crumb = gettext_lazy("Step")
    submit_label = gettext_lazy("Save step")
    done = gettext_lazy("Step saved.")

    def rows(self) -> models.QuerySet:
        return super().rows().select_related("agreement")

    def agreement(self) -> Agreement:
        return self.get_object().agreement

    def perform(self, form: Any) -> str:
        stage, version = self.get_object(), form.cleaned_data["version"]
        agreements.save_stage(self.agreement(), form.values(), actor=self.request.user, stage=stage, version=version)
        return self.cancel_url()


class ClosureCreate(AgreementPage, RecordFormPage):
    makes_record = True
    form_class = ClosureForm
    page_title = gettext_lazy("Add a closure")
    crumb = gettext_lazy("Closure")
    submit_label = gettext_lazy("Save closure")
    lead = gettext_lazy("Days on which no deadline of this agreement counts.")
    done = gettext_lazy("Closure saved.")

    def perform(self, form: Any) -> str:
        agreements.add_closure(self.agreement(), form.cleaned_data, actor=self.request.user)
        return self.cancel_url()


class ClausesPaste(AgreementPage, RecordFormPage):
    form_class = ClausesForm
    page_title = gettext_lazy("Put the articles in")
    crumb = gettext_lazy("Articles")
    submit_label = gettext_lazy("Split into articles")
    lead = gettext_lazy("Paste the contract; it is split into its articles and sections, in place of those before.")
    number = 0

    def perform(self, form: Any) -> str:
        self.number = agreements.put_clauses_in(self.agreement(), form.cleaned_data["text"], actor=self.request.user)
        return self.cancel_url()

    def done_message(self) -> str:
        return ngettext("%(n)s section is in.", "%(n)s sections are in.", self.number) % {"n": self.number}


class AgreementFileAdd(AgreementPage, RecordFormPage):
    form_class = AgreementFilesForm
    page_title = gettext_lazy("Add the signed agreement")
    crumb = gettext_lazy("File")
    submit_label = gettext_lazy("Send files")
    done = gettext_lazy("File added.")

    def perform(self, form: Any) -> str:
        agreement, user = self.agreement(), self.request.user
        fields = {"agreement": agreement, "added_by": user, "category": "contract"}
        with taken_in(AgreementFile, form.cleaned_data["uploads"], **fields) as rows:
            agreements.add_files(agreement, rows, actor=user)
        return self.cancel_url()


class AgreementFileContent(FileContent):
    permission = READS
    model = AgreementFile
