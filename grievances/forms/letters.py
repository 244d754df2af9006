"""What people type about letters: their wording."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.validators import validate_paragraphs, validate_single_line
from core.web.forms import VersionedForm
from grievances.models import LONGEST_NOTE
from grievances.services import letters
from grievances.services.letters import Letter, Wording


class LetterForm(VersionedForm):
    title = forms.CharField(label=_("Title"), max_length=120, validators=[validate_single_line])
    body = forms.CharField(
        label=_("Paragraphs"),
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 12}),
        validators=[validate_paragraphs],
        help_text=_("Each line is a paragraph. A line with a place that is empty in a case is left out there."),
    )

    def __init__(self, *args: Any, letter: Letter, held: Wording, **kwargs: Any) -> None:
        super().__init__(*args, record=held, **kwargs)  # type: ignore[arg-type]
        self.letter = letter
        self.fields["title"].initial, self.fields["body"].initial = held.title, held.body

    def clean_body(self) -> str:
        return str(self.cleaned_data["body"]).replace("\r\n", "\n")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if "title" in cleaned and "body" in cleaned:
            letters.check(self.letter, cleaned["title"], cleaned["body"])
        return cleaned
