"""A field of a form that takes one or several files, from a folder or straight from a phone's camera."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from core.files.kinds import ACCEPTED

MOST_AT_ONCE = 20
TAKEN = _("PDF, photos, Word, Excel, text or e-mail; at most 25 MB each.")


class FilesInput(forms.FileInput):
    """Several files in one input; the portal's script shows how far they are, and repeats what got lost."""

    allow_multiple_selected = True

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"accept": ACCEPTED, "multiple": True, **(attrs or {})})

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        return files.getlist(name) if hasattr(files, "getlist") else files.get(name, [])


class CameraInput(FilesInput):
    """The same, which on a phone opens the camera."""

    def __init__(self) -> None:
        super().__init__({"accept": "image/*", "capture": "environment", "multiple": False})


class FilesField(forms.Field):
    """Its value is a list of uploads; what they hold is looked at by the service."""

    widget = FilesInput
    default_error_messages = {
        "required": _("Choose a file, or take a photo."),
        "unreadable": _("The file did not arrive. Choose it again."),
        "many": ngettext_lazy("Send at most %(most)s file at once.", "Send at most %(most)s files at once.", "most"),
    }

    def clean(self, value: Any) -> list[UploadedFile]:
        files = [file for file in value if file is not None] if isinstance(value, list) else [value] if value else []
        if self.required and not files:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        if any(not isinstance(file, UploadedFile) for file in files):
            raise forms.ValidationError(self.error_messages["unreadable"], code="unreadable")
        if len(files) > MOST_AT_ONCE:
            raise forms.ValidationError(self.error_messages["many"] % {"most": MOST_AT_ONCE}, code="many")
        return files


class FilesForm(forms.Form):
    """One or several files, from a folder or from the camera; a subclass asks what they are."""

    conditional: tuple[str, ...] = ("photo", "uploads")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["photo"] = FilesField(label=_("Take a photo"), widget=CameraInput, required=False)
        self.fields["uploads"] = FilesField(label=_("Choose files"), required=False, help_text=TAKEN)

    @property
    def about(self) -> list[Any]:
        """The fields that say what the files are."""
        return [bound for bound in self if bound.name not in ("photo", "uploads")]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not (cleaned.get("photo") or cleaned.get("uploads") or self.errors):
            self.add_error("uploads", _("Take a photo, or choose a file."))
        return cleaned

    def sent(self) -> list[Any]:
        return [*self.cleaned_data["photo"], *self.cleaned_data["uploads"]]


class ReplaceFileForm(forms.Form):
    """One file that takes the place of another."""

    uploads = FilesField(
        label=_("The newer file"),
        widget=FilesInput({"multiple": False}),
        help_text=TAKEN,
        error_messages={"required": _("Choose the file that takes its place.")},
    )
