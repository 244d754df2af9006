"""What people type about the rules of the fund."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from benevolence.enums import SENT_CATEGORIES, DocumentCategory, Reason
from benevolence.models import BenevolencePolicy
from benevolence.services.policies import FIELDS
from core.money import CENT, MoneyFormField
from core.site import local_today
from core.web.forms import VersionedModelForm, name_nothing

KEYS = _("Without these it is not submitted: %(kinds)s, or words of your own such as lease. Put commas between them.")
ASKED_FOR = [category for category in SENT_CATEGORIES if category != DocumentCategory.OTHER]
OF_REASONS = ("most", "outside", "documents")


class ConditionsField(forms.CharField):
    """Sentences, one a line."""

    widget = forms.Textarea(attrs={"rows": 3})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:
        return [line.strip() for line in super().clean(value).splitlines() if line.strip()]


class KindsField(forms.CharField):
    """Kinds of documents between commas."""

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:
        return kinds_of(super().clean(value))


class PolicyForm(VersionedModelForm):
    """One version. What differs for a reason is typed in fields of its own: `most_medical`, `outside_medical`, …"""

    conditions = ConditionsField(
        label=_("What intake confirms"),
        required=False,
        max_length=3000,
        help_text=_("One condition a line; the office confirms each with a note before the levels approve."),
    )

    class Meta:
        model = BenevolencePolicy
        fields = [name for name in FIELDS if name not in ("reasons", "conditions")]
        widgets = {"paused_because": forms.Textarea(attrs={"rows": 2})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["conditions"].initial = self.instance.conditions
        self.fields["paused_because"].help_text = _("Nothing is submitted or approved meanwhile; applicants read why.")
        self.fields["starts_on"].help_text = _("Today or a later day.")
        name_nothing(self.fields["vote"], _("No vote: the levels decide"))
        name_nothing(self.fields["budget_period"], _("No period"))
        for reason in Reason.values:
            self.fields[f"most_{reason}"] = MoneyFormField(
                label=_("Most for one application"), required=False, min_value=CENT
            )
            self.fields[f"outside_{reason}"] = forms.BooleanField(
                label=_("Outside the count for one member"), required=False
            )
            self.fields[f"documents_{reason}"] = KindsField(
                label=_("Documents"),
                required=False,
                max_length=200,
                help_text=KEYS % {"kinds": ", ".join(category.value for category in ASKED_FOR)},
            )
        for name, value in of_reasons(self.instance).items():
            self.fields[name].initial = value

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        self.instance.reasons, self.instance.conditions = self.reasons(), cleaned.get("conditions", [])
        return cleaned

    def reasons(self) -> dict[str, dict[str, Any]]:
        """What was typed for each reason that differs, as a version keeps it."""
        found = {}
        for reason in Reason.values:
            most, outside, kinds = (self.cleaned_data.get(f"{name}_{reason}") for name in OF_REASONS)
            own: dict[str, Any] = {"most": str(most)} if most is not None else {}
            own |= {"outside": True} if outside else {}
            own |= {"documents": kinds} if kinds else {}
            if own:
                found[reason] = own
        return found

    def values(self) -> dict[str, Any]:
        return {**super().values(), "reasons": self.reasons(), "conditions": self.cleaned_data["conditions"]}

    def saved_values(self, row: Any) -> dict[str, Any]:
        return {**super().saved_values(row), "conditions": row.conditions, **of_reasons(row)}

    def groups_of_reasons(self) -> list[tuple[str, list[Any]]]:
        """Each reason with its bound fields."""
        return [(str(reason.label), [self[f"{name}_{reason.value}"] for name in OF_REASONS]) for reason in Reason]


class NewPolicyForm(PolicyForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["starts_on"].initial = local_today()
        self.initial["starts_on"], self.initial["why"] = local_today(), ""
        self.fields["why"].required = True


def of_reasons(policy: BenevolencePolicy) -> dict[str, Any]:
    """What a version says of each reason, by the field in which it is typed."""
    found: dict[str, Any] = {}
    for reason in Reason.values:
        own = policy.reasons.get(reason, {})
        found[f"most_{reason}"] = Decimal(str(own["most"])) if "most" in own else None
        found[f"outside_{reason}"] = own.get("outside", False)
        found[f"documents_{reason}"] = own.get("documents", [])
    return found


def kinds_of(text: str) -> list[str]:
    """The kinds between the commas, each once. One that is typed as applicants read it is the same kind."""
    known = {str(category.label).lower(): category.value for category in DocumentCategory}
    typed = (part.strip().lower() for part in text.split(","))
    return list(dict.fromkeys(known.get(part, part) for part in typed if part))


class PreviewForm(forms.Form):
    """What an application would need."""

    amount = MoneyFormField(label=_("Amount"), min_value=CENT)
    reason = forms.ChoiceField(label=_("Reason"), choices=Reason.choices)
