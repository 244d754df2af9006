"""What people type about agreements: the agreement, its steps and deadlines, closures, articles, holidays."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.permissions import Actor
from core.site import local_today
from core.validators import validate_paragraphs, validate_sensible_date
from core.web.forms import PlainlyAsked, VersionedForm, VersionedModelForm
from core.web.upload import TAKEN, FilesField
from grievances.enums import ClockKind, ClockStart, Holiday
from grievances.models import (
    Agreement,
    AgreementClosure,
    AgreementStage,
    HolidayList,
    StepRule,
)
from grievances.services.agreements import AGREEMENT_FIELDS, CLOSURE_FIELDS, RULE_FIELDS, STAGE_FIELDS
from grievances.services.holidays import HOLIDAY_FIELDS
from members.forms.members import OrganizationField

LONGEST_CONTRACT = 500_000
# What may start each clock; a form that offers more would only invite a wrong choice.
STARTS = {
    ClockKind.FILE: (ClockStart.INCIDENT, ClockStart.KNOWLEDGE),
    ClockKind.MEET: (ClockStart.BEGUN,),
    ClockKind.ANSWER: (ClockStart.MEETING, ClockStart.BEGUN),
    ClockKind.APPEAL: (ClockStart.ANSWER_OR_DUE, ClockStart.ANSWER, ClockStart.MEETING, ClockStart.BEGUN),
}


class AgreementForm(VersionedModelForm):
    class Meta:
        model = Agreement
        fields = list(AGREEMENT_FIELDS)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        employer = self.instance.employer if self.instance.employer_id else self.initial.get("employer")
        self.initial["employer"] = employer
        self.fields["employer"] = OrganizationField(label=_("Employer"), actor=actor, initial=employer)
        self.fields["title"].help_text = _("As it stands on its cover.")
        self.fields["worksites"].help_text = _("Where it holds; empty when it holds everywhere at this employer.")
        self.fields["tolling"].help_text = _("Shown to whoever files late, in the contract’s own words.")
        self.fields["holiday_list"].empty_label = _("No holidays")  # type: ignore[attr-defined]


class CopyForm(VersionedForm):
    title = forms.CharField(label=_("Title"), max_length=200)
    effective_from = forms.DateField(
        label=_("In force from"),
        validators=[validate_sensible_date],
        help_text=_("The agreement that is copied ends the day before."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["title"].initial = self.record.title  # type: ignore[attr-defined]


class StageForm(VersionedModelForm):
    class Meta:
        model = AgreementStage
        fields = list(STAGE_FIELDS)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["step"].help_text = _(
            "A further step before arbitration, such as a joint board, counts as the same step as the one before it."
        )


class RuleForm(VersionedModelForm):
    """A deadline of a step, with a day to try it on."""

    stage: Any = forms.ModelChoiceField(label=_("At"), queryset=None, empty_label=None)
    example_day = forms.DateField(
        label=_("Try it with"), required=False, validators=[validate_sensible_date], initial=local_today
    )
    field_order = ["stage", *RULE_FIELDS, "example_day"]

    class Meta:
        model = StepRule
        fields = list(RULE_FIELDS)

    def __init__(self, *args: Any, agreement: Agreement, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        stages: Any = self.fields["stage"]
        stages.queryset = AgreementStage.objects.filter(agreement=agreement)
        if self.instance.pk and not self.instance._state.adding:
            stages.initial, stages.disabled = self.instance.stage_id, True
            self.instance.stage = self.instance.stage
        self.fields["clause"].help_text = _("For example Article 9, section 2. It stands beside every date.")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if stage := cleaned.get("stage"):
            self.instance.stage = stage
        clock, start = cleaned.get("clock"), cleaned.get("trigger")
        if clock and start and start not in STARTS[ClockKind(clock)]:
            offered = ", ".join(str(item.label) for item in STARTS[ClockKind(clock)])
            self.add_error("trigger", _("This deadline is counted from: %(starts)s.") % {"starts": offered})
        return cleaned


class ClosureForm(PlainlyAsked, forms.ModelForm):
    class Meta:
        model = AgreementClosure
        fields = list(CLOSURE_FIELDS)


class ClausesForm(PlainlyAsked, forms.Form):
    text = forms.CharField(
        label=_("Text of the agreement"),
        max_length=LONGEST_CONTRACT,
        widget=forms.Textarea(attrs={"rows": 20}),
        validators=[validate_paragraphs],
        help_text=_("Each article begins with a line such as “Article 9 Grievances”, each section with “Section 9.1”."),
    )


class AgreementFilesForm(PlainlyAsked, forms.Form):
    uploads = FilesField(
        label=_("Choose files"), help_text=TAKEN, error_messages={"required": _("Choose the signed agreement.")}
    )


class HolidaysForm(VersionedModelForm):
    names = forms.MultipleChoiceField(
        label=_("Holidays"), choices=Holiday.choices, required=False, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = HolidayList
        fields = list(HOLIDAY_FIELDS)
        widgets = {"extra": forms.Textarea(attrs={"rows": 4})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["extra"].help_text = _("A line each, such as 2026-12-28 Inventory day.")


class ChooseAgreementForm(VersionedForm):
    agreement: Any = forms.ModelChoiceField(label=_("Agreement"), queryset=None, empty_label=_("Choose the agreement"))
    reached_on = forms.DateField(
        label=_("Day on which it reached its step"),
        required=False,
        validators=[validate_sensible_date],
        help_text=_("When the case reached the employer at the step where it stands. Empty: the day it was filed."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["agreement"]
        field.queryset = Agreement.objects.filter(employer=self.record.employer_id)  # type: ignore[attr-defined]
