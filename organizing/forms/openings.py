from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.web.forms import ReasonForm
from organizing.models import MOST_HOURS, USUAL_HOURS


class OpeningForm(ReasonForm):
    hours = forms.IntegerField(
        label=_("For how many hours"),
        min_value=1,
        max_value=MOST_HOURS,
        initial=USUAL_HOURS,
        help_text=_("From 1 to 72, counted from the moment at which an officer opens it."),
    )
    field_order = ["hours", "reason"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].help_text = _(
            "An officer who knows nothing of this campaign reads this, and so do its lead and its deputy: name nobody "
            "and no employer."
        )


class RefusalForm(ReasonForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].help_text = _("The director reads this, and so do the lead and the deputy.")
