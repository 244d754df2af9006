"""What people type about being away, and about handing cases over."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms.choosing import PersonField
from accounts.models import User
from core.permissions import Actor, may
from core.site import local_today
from core.web.forms import ReasonForm
from grievances import permissions as p
from grievances.forms.dockets import Chosen, case_words
from grievances.forms.moves import day_field
from grievances.models import Grievance


class AwayForm(forms.Form):
    """Whoever assigns cases marks anybody; others mark themselves."""

    person = PersonField(label=_("Who is away"))
    stand_in = PersonField(
        label=_("Stand-in"),
        empty_label=_("Choose who stands in"),
        help_text=_("Works the assigned cases during these days, hears of their deadlines, and is told now."),
    )
    first_day = day_field(_("Away from"))
    last_day = day_field(_("Away until"), help_text=_("The last day; the day after, it is over by itself."))

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor
        people = User.objects.holding(p.WORK_GRIEVANCES).order_by("last_name", "first_name", "pk")
        for name in ("person", "stand_in"):
            self.fields[name].queryset = people  # type: ignore[attr-defined]
        self.fields["first_day"].initial = local_today()
        self.fields["person"].initial = actor.pk
        if not may(actor, p.ASSIGN_GRIEVANCES):
            del self.fields["person"]
            self.fields["stand_in"].queryset = people.exclude(pk=actor.pk)  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        return {"person": self.actor, **self.cleaned_data}


class FormerForm(forms.Form):
    """Whose cases are handed over; then they are offered."""

    former = PersonField(label=_("Whose cases"), empty_label=_("Choose the representative"))

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["former"].queryset = people  # type: ignore[attr-defined]


class HandOverForm(ReasonForm):
    cases = Chosen(
        label=_("Cases to hand over"), error_messages={"required": _("Tick the cases that are handed over.")}
    )
    person = PersonField(label=_("New representative"))
    field_order = ("cases", "person", "reason")

    def __init__(self, *args: Any, former: User, cases: Sequence[Grievance], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen: Any = self.fields["cases"]
        self.by_key = chosen.offer(cases, case_words)
        chosen.initial = list(self.by_key)
        people = User.objects.holding(p.WORK_GRIEVANCES).exclude(pk=former.pk)
        self.fields["person"].queryset = people.order_by("last_name", "first_name", "pk")  # type: ignore[attr-defined]

    def chosen(self) -> list[Grievance]:
        return [self.by_key[key] for key in self.cleaned_data["cases"]]
