"""What people type to let a case rest, and about claims that something came too late."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.site import local_today
from grievances.enums import Side
from grievances.forms.acts import ActForm, ActReasonForm, day_field, text_field
from grievances.models import UntimelyClaim


class AbeyanceForm(ActForm):
    from_day = day_field(_("From"))
    until = day_field(
        _("Last day"),
        required=False,
        help_text=_("Empty when it lasts until one side ends it. After it dates run again."),
    )
    why = text_field(_("Why"), 300, help_text=_("The employer reads this in the letter that confirms it."))
    for_union = text_field(_("Agreed for the union"))
    for_employer = text_field(_("Agreed for the employer"))
    document = text_field(
        _("The document that confirms it"),
        required=False,
        help_text=_("A signed letter or a mail. Without it the abeyance is unconfirmed and every date runs on."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["from_day"].initial = local_today()


class ConfirmAbeyanceForm(ActForm):
    document = text_field(_("The document that confirms it"), help_text=_("For example: letter of 2 September."))


class EndAbeyanceForm(ActReasonForm):
    ended_on = day_field(_("Dates run again from"))
    field_order = ("ended_on", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["ended_on"].initial = local_today()


CLAIMS = [
    (Side.EMPLOYER.value, _("The employer: we were late")),
    (Side.UNION.value, _("We: the employer was late")),
]


class UntimelyForm(ActForm):
    claimed_by = forms.ChoiceField(
        label=_("Who claims it"),
        choices=CLAIMS,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose who claims it.")},
    )
    claimed_on = day_field(_("Claimed on"))
    why = text_field(_("What came too late, and why"), 300)
    document = text_field(_("Where it is written"), required=False, help_text=_("For example: answer of 2 September."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["claimed_on"].initial = local_today()


class ClaimChoice(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return f"{dict(CLAIMS)[obj.claimed_by]} ({obj.why})"


class ClearForm(ActReasonForm):
    claim = ClaimChoice(label=_("Which claim"), queryset=None, empty_label=_("Choose the claim"))
    field_order = ("claim", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        claims: Any = self.fields["claim"]
        claims.queryset = UntimelyClaim.objects.filter(grievance=self.record).live()
        claims.initial = claims.queryset.first()
