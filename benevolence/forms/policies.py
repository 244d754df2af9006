"""What people type about the rules of the fund."""

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


class PolicyForm(VersionedModelForm):
    """One version. What differs for a reason is typed in fields of its own: `most_medical`, `outside_medical`, …"""

    conditions = forms.CharField(
        label=_("What intake confirms"),
        required=False,
        max_length=3000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One condition a line; the office confirms each with a note before the levels approve."),
    )

    class Meta:
        model = BenevolencePolicy
        fields = [name for name in FIELDS if name not in ("reasons", "conditions")]
        widgets = {"paused_because": forms.Textarea(attrs={"rows": 2})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["conditions"].initial = "\n".join(self.instance.conditions)
        self.fields["paused_because"].help_text = _("Nothing is submitted or approved meanwhile; applicants read why.")
        self.fields["starts_on"].help_text = _("Today or a later day.")
        name_nothing(self.fields["vote"], _("No vote: the levels decide"))
        name_nothing(self.fields["budget_period"], _("No period"))
        for reason in Reason:
            own = self.instance.reasons.get(reason.value, {})
            self.fields[f"most_{reason.value}"] = MoneyFormField(
                label=_("Most for one application"), required=False, min_value=CENT, initial=own.get("most")
            )
            self.fields[f"outside_{reason.value}"] = forms.BooleanField(
                label=_("Outside the count for one member"), required=False, initial=own.get("outside", False)
            )
            self.fields[f"documents_{reason.value}"] = forms.CharField(
                label=_("Documents"),
                required=False,
                max_length=200,
                initial=", ".join(own.get("documents", [])),
                help_text=KEYS % {"kinds": ", ".join(category.value for category in ASKED_FOR)},
            )

    def clean_conditions(self) -> list[str]:
        return [line.strip() for line in self.cleaned_data["conditions"].splitlines() if line.strip()]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        cleaned["reasons"] = reasons = {}
        for reason in Reason.values:
            most, outside, documents = (cleaned.get(f"{name}_{reason}") for name in OF_REASONS)
            keys = kinds_of(documents or "")
            own: dict[str, Any] = {"most": str(most)} if most is not None else {}
            own |= {"outside": True} if outside else {}
            own |= {"documents": keys} if keys else {}
            if own:
                reasons[reason] = own
        self.instance.reasons, self.instance.conditions = reasons, cleaned.get("conditions", [])
        return cleaned

    def values(self) -> dict[str, Any]:
        given = {**super().values(), "reasons": self.cleaned_data["reasons"]}
        return {**given, "conditions": self.cleaned_data["conditions"]}

    def groups_of_reasons(self) -> list[tuple[str, list[Any]]]:
        """Each reason with its bound fields."""
        return [(str(reason.label), [self[f"{name}_{reason.value}"] for name in OF_REASONS]) for reason in Reason]


class NewPolicyForm(PolicyForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["starts_on"].initial = local_today()
        self.initial["starts_on"], self.initial["why"] = local_today(), ""
        self.fields["why"].required = True


def kinds_of(text: str) -> list[str]:
    """The kinds between the commas, each once. One that is typed as applicants read it is the same kind."""
    known = {str(category.label).lower(): category.value for category in DocumentCategory}
    typed = (part.strip().lower() for part in text.split(","))
    return list(dict.fromkeys(known.get(part, part) for part in typed if part))


class PreviewForm(forms.Form):
    """What an application would need."""

    amount = MoneyFormField(label=_("Amount"), min_value=CENT)
    reason = forms.ChoiceField(label=_("Reason"), choices=Reason.choices)
