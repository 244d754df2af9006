"""What people type about the arbitration of a case."""

from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from core.money import MoneyFormField
from core.site import local_today
from core.validators import validate_single_line
from core.web.formats import day_text
from grievances.enums import AwardOutcome, PanelSource, Side
from grievances.forms.acts import ActForm, ActReasonForm, day_field, note_field, text_field
from grievances.models import ArbitrationCost, HearingDay, PanelName
from grievances.models.arbitration import LARGEST_PANEL
from grievances.services import arbitration as services

SIDES = [("", _("Choose the side")), (Side.UNION.value, _("The union")), (Side.EMPLOYER.value, _("The employer"))]


class RequestForm(ActForm):
    source = forms.ChoiceField(label=_("The arbitrator comes from"), choices=PanelSource.choices)
    size = forms.IntegerField(
        label=_("Names on the panel"),
        min_value=1,
        max_value=LARGEST_PANEL,
        help_text=_("An odd number, so that the last name serves. 1 where nothing is struck."),
    )
    requested_on = day_field(_("Asked for on"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, value in {**services.usual_panel(self.record), "requested_on": local_today()}.items():
            self.fields[name].initial = value


class PanelForm(ActForm):
    names = forms.CharField(
        label=_("The names, one a line"), max_length=6_000, widget=forms.Textarea(attrs={"rows": 8, "cols": 40})
    )
    first_strike = forms.ChoiceField(
        label=_("Who strikes first"),
        choices=SIDES,
        required=False,
        help_text=_("As the contract says or the coin fell; from then on each side strikes in turn."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        live = services.live_of(self.record)
        if live is not None and live.size == 1:
            del self.fields["first_strike"]
            self.fields["names"].label = _("The name of the arbitrator")
            self.fields["names"].widget.attrs["rows"] = 1
        else:
            self.fields["first_strike"].initial = services.usual_first(self.record)

    def clean_names(self) -> list[str]:
        names = [" ".join(line.split()) for line in self.cleaned_data["names"].splitlines() if line.strip()]
        for name in names:
            validate_single_line(name)
            if len(name) > 200:
                raise forms.ValidationError(_("A name has at most 200 characters. Type one name a line."))
        return names


class NumberField(forms.IntegerField):
    """The number of a strike as the page showed it, which goes along unseen; without it nobody strikes."""

    widget = forms.HiddenInput

    def __init__(self) -> None:
        super().__init__(required=False, min_value=0, max_value=LARGEST_PANEL)

    def clean(self, value: Any) -> int:
        return super().clean(value) or 0


class StrikeForm(ActForm):
    name: Any = forms.ModelChoiceField(label=_("Strike"), queryset=None, widget=forms.RadioSelect, empty_label=None)
    number = NumberField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        live = services.live_of(self.record)
        names: Any = self.fields["name"]
        names.queryset = PanelName.objects.filter(arbitration=live) if live else PanelName.objects.none()
        names.choices = [(row.pk, row.name) for row in live.remaining] if live else []
        self.fields["number"].initial = live.next_number if live else 0

    def go_on(self) -> None:
        data = cast(QueryDict, self.data).copy()
        live = services.live_of(self.record)
        data["number"] = str(live.next_number if live else 0)
        self.data = data


class TakeBackForm(ActReasonForm):
    number = NumberField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        live = services.live_of(self.record)
        self.fields["number"].initial = len(live.struck) if live else 0


class HearingForm(ActForm):
    day = day_field(_("Day of the hearing"))
    place = text_field(
        _("Where and when"), required=False, help_text=_("For example: 9:30, the union hall, second floor.")
    )


class DayChoice(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return day_text(obj.day)


class CancelHearingForm(ActReasonForm):
    hearing = DayChoice(label=_("Which day"), queryset=None, empty_label=_("Choose the day"))
    field_order = ("hearing", "reason")
    named = ("hearing",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        days: Any = self.fields["hearing"]
        live = HearingDay.objects.filter(arbitration__grievance=self.record, arbitration__superseded_at=None)
        days.queryset = live.filter(cancelled_at=None)


class BriefForm(ActForm):
    side = forms.ChoiceField(label=_("Whose brief"), choices=SIDES)
    due = day_field(_("Due"))


class BriefCameForm(ActForm):
    received_on = day_field(_("Received on"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["received_on"].initial = local_today()


class AwardForm(ActForm):
    outcome = forms.ChoiceField(
        label=_("Outcome"),
        choices=AwardOutcome.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what the arbitrator decided.")},
    )
    day = day_field(_("Day of the award"))
    received_on = day_field(_("Received on"))
    amount = MoneyFormField(
        label=_("Amount"), required=False, help_text=_("What the employer is to pay; empty when it is no money.")
    )
    summary = note_field(_("What it says"))
    reason = text_field(_("Why it replaces the record there is"), 300)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["received_on"].initial = local_today()
        live = services.live_of(self.record)
        award = live.award if live else None
        if award is None:
            del self.fields["reason"]
            return
        for name in ("outcome", "day", "received_on", "amount", "summary"):
            self.fields[name].initial = getattr(award, name)


class CostForm(ActForm):
    day = day_field(_("Day"))
    what = text_field(_("What it was for"), help_text=_("For example: our half of the arbitrator’s fee."))
    amount = MoneyFormField(label=_("Our share"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["day"].initial = local_today()


class CostChoice(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return f"{day_text(obj.day)}: {obj.what}"


class StrikeCostForm(ActReasonForm):
    cost = CostChoice(label=_("Which cost"), queryset=None, empty_label=_("Choose the cost"))
    field_order = ("cost", "reason")
    named = ("cost",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        costs: Any = self.fields["cost"]
        live = ArbitrationCost.objects.filter(arbitration__grievance=self.record, arbitration__superseded_at=None)
        costs.queryset = live.filter(dropped_at=None)
