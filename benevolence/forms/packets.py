"""What a trustee chooses of a fiscal year's audit packet."""

from typing import Any

from django import forms
from django.db import models
from django.utils.translation import gettext_lazy as _

from benevolence.forms.reports import YearForm
from benevolence.services.packets import Sample
from core.validators import validate_single_line


class Way(models.TextChoices):
    NONE = "", _("No sample")
    EVERY = "every", _("Every nth payment")
    RANDOM = "random", _("At random")


class PacketForm(YearForm):
    """A sample at random names its seed, so that anybody can draw the same again."""

    way = forms.ChoiceField(label=_("Sample"), choices=Way.choices, required=False)
    number = forms.IntegerField(label=_("Number"), min_value=1, max_value=500, required=False)
    seed = forms.CharField(
        label=_("Seed"),
        max_length=40,
        required=False,
        validators=[validate_single_line],
        help_text=_("Any word, such as the day of the audit. The same seed draws the same sample."),
    )

    def __init__(self, data: Any, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        for name in ("way", "number", "seed"):
            select = isinstance(self.fields[name].widget, forms.Select)
            self.fields[name].widget.attrs["class"] = "form-select" if select else "form-control"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("way") and cleaned.get("number") is None and "number" not in self.errors:
            self.add_error("number", _("Say how many."))
        if cleaned.get("way") == Way.RANDOM and not cleaned.get("seed") and "seed" not in self.errors:
            self.add_error("seed", _("Choose a seed: any word will do."))
        return cleaned

    @property
    def sample(self) -> Sample | None:
        """None where none is asked for, or what is asked for makes none."""
        if not self.is_valid() or not (way := self.cleaned_data["way"]):
            return None
        number = self.cleaned_data["number"]
        return Sample(every=number) if way == Way.EVERY else Sample(count=number, seed=self.cleaned_data["seed"])
