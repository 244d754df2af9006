"""What officers type about who sits at a level."""

from datetime import timedelta
from typing import Any, cast

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from benevolence import permissions as p
from benevolence.enums import Level
from benevolence.models import REVIEW_PERMISSIONS
from benevolence.services.seats import candidates
from core.permissions import Actor, may
from core.site import local_now
from core.validators import validate_sensible_date
from core.web.forms import ReasonForm


def reviewers() -> Any:
    """Everybody who holds a level."""
    keys: set[int] = set()
    for permission in REVIEW_PERMISSIONS.values():
        keys |= set(User.objects.holding(permission).values_list("pk", flat=True))
    return User.objects.filter(pk__in=keys).order_by("last_name", "first_name", "pk")


class SeatForm(ReasonForm):
    level = forms.ChoiceField(label=_("Level"), choices=Level.choices)
    user = forms.ModelChoiceField(label=_("Person"), queryset=User.objects.none(), empty_label=_("Choose the person"))
    until = forms.DateField(
        label=_("Last day"),
        required=False,
        validators=[validate_sensible_date],
        help_text=_("Leave it empty for a term without an end."),
    )
    field_order = ("level", "user", "until", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices: Any = self.fields["user"]
        choices.queryset = reviewers()

    def values(self) -> dict[str, Any]:
        given = {name: self.cleaned_data[name] for name in ("level", "user", "reason")}
        until = self.cleaned_data["until"]
        given["starts_at"] = timezone.now()
        if until:
            midnight = local_now().replace(year=until.year, month=until.month, day=until.day, hour=0, minute=0)
            given["expires_at"] = midnight.replace(second=0, microsecond=0) + timedelta(1)
        return given


class AbsenceForm(forms.Form):
    user = forms.ModelChoiceField(label=_("Person"), queryset=User.objects.none(), empty_label=_("Choose the person"))
    first_day = forms.DateField(label=_("First day away"), validators=[validate_sensible_date])
    last_day = forms.DateField(label=_("Last day away"), validators=[validate_sensible_date])

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows, choices = reviewers(), cast(Any, self.fields["user"])
        choices.queryset = rows if may(actor, p.APPOINT) else rows.filter(pk=actor.pk)


class SubstituteForm(ReasonForm):
    user = forms.ModelChoiceField(
        label=_("Substitute"), queryset=User.objects.none(), empty_label=_("Choose the substitute")
    )
    field_order = ("user", "reason")

    def __init__(self, *args: Any, record: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        keys = [user.pk for user in candidates(record)]
        choices: Any = self.fields["user"]
        choices.queryset = User.objects.filter(pk__in=keys).order_by("last_name", "pk")
