"""What the office types before the levels approve."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from benevolence.forms.applications import ParagraphsField
from benevolence.services.intake import BRIEF, brief_of, notes_of, released_of, wanted
from core.web.forms import VersionedForm


def document_choices(documents: Iterable[Any]) -> list[tuple[str, str]]:
    """Each document by its name and what it is: photos of a telephone have names that say nothing."""
    return [(str(row.pk), f"{row.name} · {row.category_label}") for row in documents]


class IntakeForm(VersionedForm):
    """A note for each condition: `note_0`, `note_1`, …"""

    record: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        former = {note.words: note.text for note in notes_of(self.record)}
        for place, words in enumerate(wanted(self.record)):
            label = words.rstrip(".") if words != BRIEF else _("What the reviewers read")
            hint = (
                _("How you know.") if words != BRIEF else _("No name, address or number that shows who the person is.")
            )
            self.fields[f"note_{place}"] = ParagraphsField(
                label=label, rows=2 if words else 6, help_text=hint, initial=former.get(words, "")
            )

        there = list(self.record.documents.current().in_order())
        if self.record.is_blind and (choices := document_choices(there)):
            shown = [str(row.pk) for row in there if row.is_released]
            self.fields["released"] = forms.MultipleChoiceField(
                label=_("Documents that the reviewers may open"),
                choices=choices,
                initial=shown,
                required=False,
                widget=forms.CheckboxSelectMultiple,
                help_text=_("Only those from which nobody can tell who the person is."),
            )

    def released(self) -> list[UUID]:
        return [UUID(key) for key in self.cleaned_data.get("released", [])]

    def notes(self) -> dict[str, str]:
        return {words: self.cleaned_data[f"note_{place}"] for place, words in enumerate(wanted(self.record))}


class KeepBackForm(VersionedForm):
    """The documents that blind reviewers may open no longer, and what they may read no longer in the text."""

    kept = forms.MultipleChoiceField(
        label=_("Documents that the reviewers may no longer open"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    struck = ParagraphsField(
        label=_("Words that the reviewers may no longer read"),
        rows=3,
        required=False,
        help_text=_("Names and numbers as they stand in the text, one to a line. “…” stands there instead."),
    )
    conditional = ("kept", "struck")  # one of the two
    record: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kept: Any = self.fields["kept"]
        kept.choices = document_choices(released_of(self.record))
        if not kept.choices:
            del self.fields["kept"]
        self.brief = brief_of(self.record)
        if not self.brief:
            del self.fields["struck"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors and not any(self.kept_back()[name] for name in self.conditional):
            sentence = _("Choose a document, or write which words are to go from the text.")
            self.add_error("kept" if "kept" in self.fields else "struck", sentence)
        return cleaned

    def kept_back(self) -> dict[str, Any]:
        """The arguments of the service."""
        lines = (line.strip() for line in self.cleaned_data.get("struck", "").splitlines())
        return {"kept": self.cleaned_data.get("kept", []), "struck": [line for line in lines if line]}
