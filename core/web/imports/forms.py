from collections.abc import Iterator, Sequence
from typing import Any

from django import forms
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from core.errors import DomainError
from core.imports import mapping, never_stored
from core.imports.batches import date_order_of, layout_of, possible_decisions
from core.imports.declaration import ImportedList
from core.imports.enums import RowDecision
from core.imports.layout import SAMPLE_ROWS
from core.imports.models import Batch, Row
from core.imports.survey import orders_in
from core.web.forms import ReasonForm, VersionedForm

SAMPLES = 3
SAMPLE_LENGTH = 60
LAST_HEADER_ROW = 1_000
LEAST_TELLING = 3  # dates of a sample that can only be read one way


class UploadForm(forms.Form):
    """With one kind of list there is nothing to choose."""

    kind = forms.ChoiceField(label=_("What does the list hold?"), widget=forms.RadioSelect)
    file = forms.FileField(
        label=_("File"),
        help_text=_("CSV or Excel (XLSX). Titles above the header and other columns do no harm."),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx"}),
        error_messages={"empty": _("The file is empty. Choose the file that holds the list.")},
    )

    def __init__(self, data: Any = None, files: Any = None, *, kinds: type[models.TextChoices]) -> None:
        super().__init__(data, files)
        self.only = kinds.values[0] if len(kinds) == 1 else ""
        if self.only:
            del self.fields["kind"]
        else:
            self.fields["kind"].choices = kinds.choices  # type: ignore[attr-defined]

    @property
    def chosen_kind(self) -> str:
        return self.only or self.cleaned_data["kind"]


class LayoutForm(forms.Form):
    """Which sheet and row the columns' names are in, when the portal guessed wrong."""

    sheet = forms.ChoiceField(label=_("Sheet"), required=False)
    header_row = forms.IntegerField(
        label=_("Row of the header"), min_value=1, max_value=LAST_HEADER_ROW, required=False
    )

    def __init__(self, data: Any = None, *, batch: Batch) -> None:
        layout = layout_of(batch)
        super().__init__(data, initial={"sheet": layout.sheet, "header_row": layout.header_row})
        self.fields["sheet"].choices = [(name, name) for name in layout.sheets]  # type: ignore[attr-defined]
        if len(layout.sheets) < 2:
            del self.fields["sheet"]


class MatchForm(forms.Form):
    """One choice per column of the file; a column without one is ignored."""

    def __init__(self, data: Any = None, *, batch: Batch, what: ImportedList, samples: dict[str, list[str]]) -> None:
        super().__init__(data)
        self.batch, self.samples, self.headers = batch, samples, layout_of(batch).headers
        self.what = what
        choices = [("", _("Ignore this column")), *((name, item.label) for name, item in self.what.targets.items())]
        for index, header in enumerate(self.headers):
            self.fields[f"column-{index}"] = forms.ChoiceField(
                label=header,
                choices=choices,
                required=False,
                initial=batch.mapping.get(header, ""),
                widget=forms.Select(attrs={"class": "form-select"}),
            )
        if self.unclear_dates():
            self.fields["date_order"] = forms.ChoiceField(
                label=_("Dates such as 3/4/2020 are"),
                choices=[("mdy", _("month/day/year (March 4)")), ("dmy", _("day/month/year (April 3)"))],
                initial=date_order_of(batch),
                help_text=_("A column in which enough dates can only be read one way is read that way as a whole."),
            )
        for name, option in self.what.options.items():
            self.fields[name] = forms.ChoiceField(
                label=option.label,
                choices=option.choices.choices,
                required=False,
                initial=self.what.option_of(batch, name),
                help_text=option.help_text,
            )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors:
            try:
                mapping.require_usable(self.what, self.headers, self.chosen())
                never_stored.refuse(self.samples, self.chosen())
            except DomainError as error:
                self.add_error(None, error.sentence)
        return cleaned

    def chosen(self) -> dict[str, str]:
        return {
            header: field
            for index, header in enumerate(self.headers)
            if (field := self.cleaned_data.get(f"column-{index}"))
        }

    def option_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.what.options]

    def options(self) -> dict[str, str]:
        return {name: value for name in self.what.options if (value := self.cleaned_data.get(name))}

    def unclear_dates(self) -> list[str]:
        """The columns of which the first dates may be read both ways, or tell so seldom that those below may differ."""
        is_cut = max(map(len, self.samples.values()), default=0) >= SAMPLE_ROWS
        found = orders_in(self.samples)
        return [
            header
            for header, column in found.items()
            if column.order is None or (is_cut and column.telling < LEAST_TELLING)
        ]

    def date_order(self) -> str:
        """The answer; where nobody was asked, what all columns show."""
        orders = {column.order for column in orders_in(self.samples).values()}
        shown = orders.pop() if len(orders) == 1 else ""
        return self.cleaned_data.get("date_order") or shown or ""

    def columns(self) -> Iterator[tuple[Any, list[str], bool, str]]:
        """(bound field, sample values, whether the values are withheld, a hint) of each column."""
        suggested = mapping.suggest(self.what, self.samples, self.batch.mapping)
        misfits = mapping.misfits(self.what, self.samples, self.batch.mapping)
        for index, header in enumerate(self.headers):
            values = self.samples.get(header, [])
            withheld = never_stored.is_withheld(header, values)
            shown = [] if withheld else [value[:SAMPLE_LENGTH] for value in dict.fromkeys(values)][:SAMPLES]
            hint = ""
            if header in suggested and not withheld:
                hint = _("Its values look like: %(field)s.") % {"field": self.what.label_of(suggested[header])}
            elif wrong := misfits.get(header):
                hint = ngettext(
                    "%(wrong)s of the first %(all)s values does not look like it.",
                    "%(wrong)s of the first %(all)s values do not look like it.",
                    wrong,
                ) % {"wrong": wrong, "all": len(values)}
            yield self[f"column-{index}"], shown, withheld, hint


class DecisionsForm(forms.Form):
    """What to do with each possible duplicate of one page."""

    def __init__(self, data: Any = None, *, rows: Sequence[Row]) -> None:
        super().__init__(data)
        for row in rows:
            choices = [(item.value, item.label) for item in possible_decisions(row)]
            self.fields[f"row-{row.number}"] = forms.ChoiceField(
                label=_("Decision for row %(row)s") % {"row": row.number},
                choices=[("", _("Not decided: leave out")), *choices],
                required=False,
                initial=row.decision,
                widget=forms.Select(attrs={"class": "form-select"}),
            )

    def decisions(self) -> dict[int, str]:
        return {int(name.removeprefix("row-")): value for name, value in self.cleaned_data.items()}


class UndoForm(VersionedForm, ReasonForm):
    pass


class DecideAllForm(forms.Form):
    decision = forms.ChoiceField(choices=RowDecision.choices)
