"""What people send about an application: files, and what they are."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from benevolence.enums import SENT_CATEGORIES
from benevolence.models import kind_label
from core.web.upload import TAKEN, CameraInput, FilesField, FilesInput


class DocumentsForm(forms.Form):
    """One or several files, from a folder or from the camera."""

    conditional = ("photo", "uploads")

    category = forms.ChoiceField(
        label=_("What is it?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what it is.")},
    )
    photo = FilesField(label=_("Take a photo"), widget=CameraInput, required=False)
    uploads = FilesField(label=_("Choose files"), required=False, help_text=TAKEN)

    def __init__(self, *args: Any, needed: Sequence[str] = (), **kwargs: Any) -> None:
        """`needed`: the kinds that the rules ask for, which come first."""
        super().__init__(*args, **kwargs)
        kinds = dict.fromkeys([*needed, *(category.value for category in SENT_CATEGORIES)])
        category: Any = self.fields["category"]
        category.choices = [(kind, kind_label(kind)) for kind in kinds]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not (cleaned.get("photo") or cleaned.get("uploads") or self.errors):
            self.add_error("uploads", _("Take a photo, or choose a file."))
        return cleaned

    def sent(self) -> list[Any]:
        return [*self.cleaned_data["photo"], *self.cleaned_data["uploads"]]


class ReplaceForm(forms.Form):
    uploads = FilesField(
        label=_("The newer file"),
        widget=FilesInput({"multiple": False}),
        help_text=TAKEN,
        error_messages={"required": _("Choose the file that takes its place.")},
    )
