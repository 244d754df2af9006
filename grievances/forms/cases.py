"""What people type: drafts, the filing, who works a case and who sees it. The moves' own: moves.py."""

import copy
from typing import Any

from django import forms
from django.utils.formats import time_format
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from accounts.forms.choosing import PersonField
from accounts.models import User
from core.permissions import Actor, may
from core.site import local_today
from core.validators import validate_sensible_date, validate_single_line
from core.web.forms import ReasonForm, VersionedForm, VersionedModelForm
from core.web.upload import TAKEN, FilesField
from grievances import permissions as p
from grievances.enums import GrievanceType, StepOutcome
from grievances.models import (
    FACTS,
    Agreement,
    AnswerReceived,
    Grievance,
    GrievanceIntake,
    GrievancePolicy,
    GrievanceStepRecord,
)
from grievances.services import clocks, filing, late_filing
from grievances.services.intakes import INTAKE_FIELDS
from grievances.services.step_records import ANSWER_FIELDS, MEETING_FIELDS
from members.forms.members import MembersField, OrganizationField

FACT_BOXES = {
    name: forms.Textarea(attrs={"rows": 2}) for name in ("people_involved", "why", "witnesses", "past_practice")
}
FACT_HINTS = {
    "people_involved": _("Supervisors and others, with their job titles."),
    "department": _("As the plant calls it. Cases are counted by it, however it is written."),
    "happened_at": _("The time, the shift, and whether it goes on."),
    "why": _("What the employer said, and which words of the contract, the law or a rule it breaks."),
    "witnesses": _("Who saw or heard it, and how to reach them. The employer never sees this."),
    "past_practice": _("How it was done before, for how long, and who can tell."),
}


def leave_out(form: forms.ModelForm, name: str) -> None:
    """Take a field from this one form, so that it is neither saved nor compared with a newer version."""
    del form.fields[name]
    form._meta = copy.copy(form._meta)
    form._meta.fields = [kept for kept in form._meta.fields or () if kept != name]


class IntakeForm(VersionedModelForm):
    """A draft: everything may stay open. The notes are there for those who may read them."""

    conditional = ("members",)  # the type says how many
    marks = {
        **dict.fromkeys(filing.NEEDED, _("(needed to file)")),
        **dict.fromkeys(filing.DAYS, _("(one of the two is needed to file)")),
    }

    class Meta:
        model = GrievanceIntake
        fields = ["grievance_type", "members", *INTAKE_FIELDS[1:]]
        widgets = {
            "violation_description": forms.Textarea(attrs={"rows": 6}),
            "remedy_sought": forms.Textarea(attrs={"rows": 4}),
            **FACT_BOXES,
            "notes": forms.Textarea(attrs={"rows": 4}),
        }
        help_texts = FACT_HINTS

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        employer = self.instance.organization if self.instance.organization_id else self.initial.get("organization")
        self.initial["organization"] = employer
        self.fields["organization"] = OrganizationField(
            label=_("Employer"), actor=actor, initial=employer, required=False
        )
        self.fields["members"] = MembersField(label=_("Grievants"), actor=actor, required=False)
        self.fields["grievance_type"].choices = [("", _("Choose the type")), *GrievanceType.choices]  # type: ignore[attr-defined]
        if not may(actor, p.VIEW_STRATEGY):
            leave_out(self, "notes")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name, sentence in filing.days_to_come(cleaned, local_today()).items():
            self.add_error(name, sentence)
        return cleaned


class NewIntakeForm(IntakeForm):
    """A draft may begin with a photo of what was written by hand."""

    sheet = FilesField(label=_("Photos of the fact sheet"), required=False, help_text=TAKEN)


class FileForm(VersionedForm):
    conditional: tuple[str, ...] = ()
    filed_date = forms.DateField(
        label=_("Filed on"),
        validators=[validate_sensible_date],
        help_text=_("The day on which the employer got it. Its year becomes part of the number."),
    )
    agreement: Any = forms.ModelChoiceField(
        label=_("Agreement that covers it"),
        queryset=None,
        required=False,
        empty_label=_("Nobody can say yet"),
        help_text=_("Several are in force. Until one is chosen, here or later on the case, nobody computes its dates."),
    )
    late_reason = forms.CharField(
        label=_("Why it is late"),
        max_length=300,
        required=False,
        validators=[validate_single_line],
        help_text=_("Only asked for when the contract’s time to file has passed. It is filed all the same."),
    )

    person = PersonField(
        label=_("Representative"),
        required=False,
        empty_label=_("Nobody yet: the grievance chair assigns it"),
        help_text=_("Who works the case from now on. Its grievants see the name, telephone and mail address."),
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["filed_date"].initial = local_today()
        self.fields["person"].queryset = User.objects.holding(p.WORK_GRIEVANCES)  # type: ignore[attr-defined]
        if may(actor, p.WORK_GRIEVANCES) and may(actor, p.VIEW_STRATEGY):
            self.fields["person"].initial = actor.pk
        self.offer_agreements(actor)
        if sentence := late_filing.late_sentence(self.record, local_today()):  # type: ignore[arg-type]
            self.fields["late_reason"].help_text = f"{sentence} {_('It is filed all the same.')}"
            self.conditional = ("late_reason",)

    def offer_agreements(self, actor: Actor) -> None:
        """Ask which one covers it only where the portal cannot tell."""
        record: Any = self.record
        found = clocks.agreements_for(record.organization_id, clocks.first_day(record))
        if len(found) > 1:
            keys = [agreement.pk for agreement in found]
            field: Any = self.fields["agreement"]
            field.queryset = Agreement.objects.visible_to(actor).filter(pk__in=keys).order_by("title", "pk")
        else:
            del self.fields["agreement"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if day := cleaned.get("filed_date"):
            reason, agreement = cleaned.get("late_reason", ""), cleaned.get("agreement")
            try:
                late_filing.check_reason(self.record, day, reason, agreement)  # type: ignore[arg-type]
            except forms.ValidationError as error:
                self.add_error(None, error)
        return cleaned


class PeopleField(forms.ModelMultipleChoiceField):
    widget = forms.CheckboxSelectMultiple

    def clean(self, value: Any) -> Any:
        try:
            return super().clean(value)
        except OverflowError:  # SQLite, when a key has more than 64 bits
            message = self.error_messages["invalid_list"]
            raise forms.ValidationError(message, code="invalid_list") from None

    def label_from_instance(self, obj: Any) -> str:
        return obj.get_full_name()


class AssignForm(VersionedForm):
    person = PersonField(
        label=_("Representative"),
        required=False,
        empty_label=_("Nobody"),
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        required=False,
        validators=[validate_single_line],
        help_text=_("Others read this in the history."),
    )

    def __init__(self, *args: Any, record: Grievance, **kwargs: Any) -> None:
        super().__init__(*args, record=record, **kwargs)
        self.fields["person"].queryset = User.objects.holding(p.WORK_GRIEVANCES)  # type: ignore[attr-defined]
        asked = list(record.asked_by.order_by("last_name", "first_name"))
        self.fields["person"].initial = record.assigned_rep_id or next((person.pk for person in asked), None)
        if asked:
            names = ", ".join(person.get_full_name() for person in asked)
            self.fields["person"].help_text = _("Asked for by %(people)s.") % {"people": names}


class RestrictForm(VersionedForm, ReasonForm):
    people = PeopleField(
        label=_("Who may see it"),
        queryset=None,
        help_text=_("At least one of them must be somebody who may lift the restriction again."),
    )
    field_order = ["people", "reason"]

    def __init__(self, *args: Any, record: Grievance, **kwargs: Any) -> None:
        super().__init__(*args, record=record, **kwargs)
        offered = User.objects.holding(p.VIEW_GRIEVANCES)
        self.fields["people"].queryset = offered  # type: ignore[attr-defined]
        if record.is_restricted:
            named = offered.filter(pk__in=record.named_people.values("pk"))
            self.fields["people"].initial = list(named.values_list("pk", flat=True))


class LiftForm(VersionedForm, ReasonForm):
    pass


class FactsForm(VersionedModelForm):
    class Meta:
        model = Grievance
        fields = list(FACTS)
        widgets = FACT_BOXES
        help_texts = FACT_HINTS


class NotesForm(VersionedModelForm):
    class Meta:
        model = Grievance
        fields = ["notes"]
        widgets = {"notes": forms.Textarea(attrs={"rows": 14})}


class StepRecordForm(VersionedModelForm):
    """The right record in the place of a wrong one; outcomes that moves set are not among the choices."""

    reason = ReasonForm.base_fields["reason"]

    class Meta:
        model = GrievanceStepRecord
        fields = [*MEETING_FIELDS, "outcome"]
        widgets = {"notes": forms.Textarea(attrs={"rows": 4})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.outcome not in ("", StepOutcome.DENIED):
            leave_out(self, "outcome")
        else:
            denied = StepOutcome.DENIED
            self.fields["outcome"].choices = [("", _("No answer yet")), (denied.value, denied.label)]  # type: ignore[attr-defined]


class AnswerRecordForm(VersionedModelForm):
    """The right answer in the place of a wrong one."""

    reason = ReasonForm.base_fields["reason"]

    class Meta:
        model = AnswerReceived
        fields = list(ANSWER_FIELDS)
        widgets = {"words": forms.Textarea(attrs={"rows": 5})}


class PolicyForm(VersionedModelForm):
    class Meta:
        model = GrievancePolicy
        fields = [
            "entry_step_individual",
            "entry_step_group",
            "entry_step_policy",
            "representative_may_resolve",
            "reminder_days",
            "cutoff",
        ]
        widgets = {"cutoff": forms.TimeInput(format="%H:%M")}

    def facts(self) -> list[tuple[str, Any]]:
        """Label and value in words, for those who may only read."""
        steps = [
            (capfirst(str(self.fields[name].label)), getattr(self.instance, f"get_{name}_display")())
            for name in self.Meta.fields[:3]
        ]
        resolves = _("yes") if self.instance.representative_may_resolve else _("no")
        said = {"representative_may_resolve": resolves, "reminder_days": self.instance.reminder_days}
        said["cutoff"] = time_format(self.instance.cutoff)
        return [*steps, *((capfirst(str(self.fields[name].label)), value) for name, value in said.items())]
