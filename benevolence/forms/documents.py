"""What people send about an application: files, and what they are."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from benevolence.enums import SENT_CATEGORIES
from benevolence.models import kind_label
from core.web.upload import FilesForm


class DocumentsForm(FilesForm):
    category = forms.ChoiceField(
        label=_("What is it?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what it is.")},
    )

    def __init__(self, *args: Any, needed: Sequence[str] = (), others: Sequence[str] = (), **kwargs: Any) -> None:
        """`needed`: the kinds that are missing, which come first. `others`: further kinds of the rules."""
        super().__init__(*args, **kwargs)
        kinds = dict.fromkeys([*needed, *(category.value for category in SENT_CATEGORIES), *others])
        category: Any = self.fields["category"]
        category.choices = [(kind, kind_label(kind)) for kind in kinds]
