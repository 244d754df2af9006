"""What the office types of decisions on paper."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.forms.choosing import PersonField
from benevolence.enums import LEVELS, Level
from benevolence.models import ABOVE_ZERO
from benevolence.models.paper import REFERENCE_LENGTH
from benevolence.services.paper import OnPaper, file_of, in_order, on_paper, who_held
from core.money import CENT, MoneyFormField
from core.validators import validate_sensible_date, validate_single_line
from core.web.forms import VersionedForm

PARTS = ("decider", "decided_on", "amount", "reference")


class PaperForm(VersionedForm):
    """The day of the application, and for each level that has decided: who, when, how much and where that is kept."""

    applied_on = forms.DateField(
        label=gettext_lazy("Day of the application"),
        validators=[validate_sensible_date],
        help_text=gettext_lazy("As the paper says. The application gets a number of that year."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for level in LEVELS:
            self._add(level)
        file = file_of(self.record)
        if file is not None:
            self.fields["applied_on"].initial = file.applied_on
            for one in on_paper(file):
                for part in PARTS:
                    value = one.decider.pk if part == "decider" else getattr(one, part)
                    self.fields[f"{part}_{one.level}"].initial = value

    def _add(self, level: Level) -> None:
        self.fields[f"decider_{level}"] = PersonField(
            queryset=who_held(level),
            required=False,
            label=_("Who approved"),
            empty_label=_("Not decided yet"),
        )
        self.fields[f"decided_on_{level}"] = forms.DateField(
            required=False, label=_("On which day"), validators=[validate_sensible_date]
        )
        self.fields[f"amount_{level}"] = MoneyFormField(
            required=False,
            label=_("Amount approved"),
            min_value=CENT,
            error_messages={"min_value": ABOVE_ZERO},
        )
        self.fields[f"reference_{level}"] = forms.CharField(
            required=False,
            max_length=REFERENCE_LENGTH,
            label=_("Minute or file"),
            validators=[validate_single_line],
            help_text=_("Where the signed paper is, for example “minutes of 4 May, page 2”."),
        )

    @property
    def levels(self) -> list[tuple[str, list[Any]]]:
        """Each level with its fields."""
        return [(str(level.label), [self[f"{part}_{level}"] for part in PARTS]) for level in LEVELS]

    def clean(self) -> dict[str, Any]:
        """All four of a level, or none."""
        cleaned = super().clean() or {}
        for level in LEVELS:
            given = {part: cleaned.get(f"{part}_{level}") for part in PARTS}
            if not any(given.values()):
                continue
            for part, value in given.items():
                name = f"{part}_{level}"
                if not value and name not in self.errors:
                    self.add_error(name, _("Say this too, or leave the whole level empty."))
        return cleaned

    def decisions(self) -> list[OnPaper]:
        given = {level: self._of(level) for level in LEVELS if self.cleaned_data.get(f"decider_{level}")}
        return in_order(given)

    def _of(self, level: Level) -> OnPaper:
        return OnPaper(level, *(self.cleaned_data[f"{part}_{level}"] for part in PARTS))
