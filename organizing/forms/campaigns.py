from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms.choosing import PersonField
from accounts.forms.people import DayField, after
from accounts.models import User
from core.permissions import Actor
from core.site import local_today
from core.validators import validate_paragraphs, validate_sensible_date, validate_single_line
from core.web.forms import ReasonForm, VersionedModelForm
from members.forms.members import MemberField, OrganizationField
from organizing import permissions as p
from organizing.enums import ENTRY_KINDS, ENTRY_RESULTS, Duty, Stage
from organizing.models import MOST_PEOPLE, NOTES_LENGTH, Campaign, CampaignMember, SaltingActivity
from organizing.services.activities import ACTIVITY_FIELDS, STAYS_THEIRS, told_apart
from organizing.services.campaigns import CAMPAIGN_FIELDS
from organizing.services.duties import handlers_of


class PseudonymField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return obj.pseudonym


def name_empty_choice(form: forms.Form | forms.ModelForm, **labels: Any) -> None:
    """Words instead of Django's row of hyphens."""
    for name, label in labels.items():
        field: Any = form.fields[name]
        field.choices = [("", label), *(choice for choice in field.choices if choice[0] != "")]


class LeadForm(forms.Form):
    lead = PersonField(label=_("Lead"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["lead"].queryset = User.objects.holding(p.VIEW_CAMPAIGNS)  # type: ignore[attr-defined]


class OpenCampaignForm(LeadForm):
    code_name = forms.CharField(
        label=_("Code name"),
        max_length=80,
        validators=[validate_single_line],
        help_text=_("A word that says nothing about the employer or the place."),
    )
    field_order = ["code_name", "lead"]


class ReplaceLeadForm(LeadForm):
    replaces = forms.UUIDField(widget=forms.HiddenInput, required=False)
    reason = ReasonForm.base_fields["reason"]


class CampaignForm(VersionedModelForm):
    class Meta:
        model = Campaign
        fields = list(CAMPAIGN_FIELDS)
        widgets = {"salting_notes": forms.Textarea(attrs={"rows": 4})}

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        target = self.instance.target
        self.fields["target"] = OrganizationField(label=_("Target"), actor=actor, initial=target, required=False)
        self.initial["target"] = target
        name_empty_choice(self, salting_score=_("Not rated yet"))
        self.fields["stage"].choices = [choice for choice in Stage.choices if choice[0] != Stage.ENDED]  # type: ignore[attr-defined]

    def add_prefix(self, field_name: str) -> str:
        """The suggestions of an OrganizationField read a field of that name."""
        return super().add_prefix("organization" if field_name == "target" else field_name)


class AppointForm(forms.Form):
    user = PersonField(label=_("Person"))
    duty = forms.ChoiceField(label=_("Duty"), choices=[choice for choice in Duty.choices if choice[0] != Duty.LEAD])
    last_day = DayField(label=_("Last day"), help_text=_("Empty: until somebody ends it."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["user"].queryset = User.objects.holding(p.VIEW_CAMPAIGNS)  # type: ignore[attr-defined]

    def clean_last_day(self) -> Any:
        day = self.cleaned_data["last_day"]
        if day and day < local_today():
            raise forms.ValidationError(_("This day is past. Choose today or a later day."))
        return day

    def values(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        return {"user": cleaned["user"], "duty": cleaned["duty"], "expires_at": after(cleaned["last_day"])}


class ConfirmForm(forms.Form):
    """Carries the epoch of the account that was looked at."""

    epoch = forms.IntegerField(min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)


class HandlerField(PersonField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"label": _("Handler"), "required": False, "empty_label": _("Nobody yet"), **kwargs})

    def offer(self, campaign: Campaign) -> None:
        """The handlers of this campaign."""
        self.queryset = handlers_of(campaign)


class SaltForm(forms.Form):
    handler = HandlerField(help_text=_("A handler of this campaign. Besides the lead, only they can open the name."))
    since = forms.DateField(label=_("Since"), widget=forms.DateInput, validators=[validate_sensible_date])

    def __init__(self, *args: Any, actor: Actor, campaign: Campaign, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["member"] = MemberField(label=_("Member"), actor=actor)
        self.fields["handler"].offer(campaign)  # type: ignore[attr-defined]
        if not self.fields["handler"].queryset.exists():  # type: ignore[attr-defined]
            self.fields["handler"].help_text = _("There is no handler yet. Add the salt now and choose one later.")
        self.fields["since"].initial = local_today
        self.order_fields(["member", "handler", "since"])


class HandlerForm(VersionedModelForm):
    handler = HandlerField()

    class Meta:
        model = CampaignMember
        fields = ["handler"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["handler"].offer(self.instance.campaign)  # type: ignore[attr-defined]


class EndSaltForm(ReasonForm):
    until = forms.DateField(
        label=_("Last day"),
        widget=forms.DateInput,
        validators=[validate_sensible_date],
        help_text=_("After this day they cannot add entries any more."),
    )
    field_order = ["until", "reason"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["until"].initial = local_today


class ActivityForm(VersionedModelForm):
    class Meta:
        model = SaltingActivity
        fields = list(ACTIVITY_FIELDS)
        field_classes = {"campaign_member": PseudonymField}
        widgets = {
            "activity_date": forms.DateInput,
            "description": forms.Textarea(attrs={"rows": 3}),
            "location": forms.TextInput,
            "notes": forms.Textarea(attrs={"rows": 3}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        salts = CampaignMember.objects.filter(campaign_id=self.instance.campaign_id).order_by("number")
        chooser: Any = self.fields["campaign_member"]
        chooser.queryset = salts
        chooser.empty_label = _("Choose a pseudonym")
        if self.instance.is_own_entry:
            chooser.queryset, chooser.empty_label = salts.filter(pk=self.instance.campaign_member_id), None
            chooser.error_messages["invalid_choice"] = STAYS_THEIRS
        name_empty_choice(self, activity_type=_("Choose a type"), outcome=_("Not said"))
        for name in ("workers_contacted", "cards_signed"):
            self.fields[name].required = False
            # A nought that stands there already becomes 05 under a thumb.
            self.initial[name] = self.initial.get(name) or None
        first = list(salts.current(local_today())[:2])
        if len(first) == 1 and self.instance.campaign_member_id is None:
            self.initial["campaign_member"] = first[0].pk

    def clean_workers_contacted(self) -> int:
        return self.cleaned_data["workers_contacted"] or 0

    def clean_cards_signed(self) -> int:
        return self.cleaned_data["cards_signed"] or 0


class EntryForm(forms.Form):
    """A salt's own entry. Neither words nor names in the page say what it is for."""

    which = forms.ChoiceField(
        label=_("For"),
        error_messages={"invalid_choice": _("This is closed now. Choose again; what you typed is still here.")},
    )
    day = forms.DateField(label=_("Date"), widget=forms.DateInput, validators=[validate_sensible_date])
    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=[("", _("Choose one")), *((name, label) for name, _value, label in ENTRY_KINDS)],
    )
    result = forms.ChoiceField(
        label=_("How it went"),
        required=False,
        choices=[("", _("Not said")), *((name, label) for name, _value, label in ENTRY_RESULTS)],
    )
    people = forms.IntegerField(label=_("People"), required=False, min_value=0, max_value=MOST_PEOPLE)
    filled = forms.IntegerField(label=_("Of them, with a form"), required=False, min_value=0, max_value=MOST_PEOPLE)
    place = forms.CharField(label=_("Where"), required=False, max_length=200, validators=[validate_single_line])
    text = forms.CharField(
        label=_("What happened"),
        required=False,
        max_length=NOTES_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4}),
        validators=[validate_paragraphs],
    )

    def __init__(self, *args: Any, acting: list[CampaignMember], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["day"].initial = local_today
        self.acting = {str(salt.pk): salt for salt in acting}
        self._offer(told_apart(acting))

    def _offer(self, labels: Mapping[str, str]) -> None:
        """A choice, which the only one needs not, unless the page that is sent was made for another."""
        which: Any = self.fields["which"]
        only = next(iter(self.acting)) if len(self.acting) == 1 else ""
        if only and self.data.get("which", "") in ("", only):
            which.choices, which.required, which.initial = labels.items(), False, only
            which.widget = forms.HiddenInput()
        else:
            which.choices = [("", _("Choose one")), *labels.items()]

    def clean_day(self) -> Any:
        if self.cleaned_data["day"] > local_today():
            raise forms.ValidationError(_("This day is still to come. Enter what has happened."))
        return self.cleaned_data["day"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if (cleaned.get("filled") or 0) > (cleaned.get("people") or 0) and "people" in cleaned:
            self.add_error("filled", _("More than the people named above. Check both numbers."))
        return cleaned

    @property
    def salt(self) -> CampaignMember:
        return self.acting[self.cleaned_data.get("which") or next(iter(self.acting))]

    def values(self) -> dict[str, Any]:
        """As activity_services.ENTRY_FIELDS names them."""
        cleaned = self.cleaned_data
        return {
            "activity_date": cleaned["day"],
            "activity_type": {name: value for name, value, _label in ENTRY_KINDS}[cleaned["kind"]],
            "outcome": {name: value for name, value, _label in ENTRY_RESULTS}.get(cleaned["result"], ""),
            "workers_contacted": cleaned["people"] or 0,
            "cards_signed": cleaned["filled"] or 0,
            "description": cleaned["text"].replace("\r\n", "\n"),
            "location": cleaned["place"],
        }
