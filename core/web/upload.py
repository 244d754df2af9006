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
