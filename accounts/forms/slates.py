"""The slate as people type it: one person a line for every seat of a role."""

from collections import Counter
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import from_current_timezone
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.forms.people import DayField, after
from accounts.models import Installation, Role, User, UserQuerySet
from accounts.services import slates
from core.permissions import Actor
from core.validators import validate_paragraphs
from core.web.forms import ReasonForm, VersionedModelForm
from core.web.moves import MoveForm
from core.web.picking import SUGGESTED, LinesInput, Several, names

LONGEST_LIST = 8_000
MOST_ASKED = 20


def role_choices() -> list[tuple[str, str]]:
    return [(role.name, str(role)) for role in slates.roles_of_slates()]


class SeatsField(forms.CharField):
    """People by name or e-mail address, one a line; cleaned to accounts, in the order typed."""

    def __init__(self, *, role: Role, actor: Actor) -> None:
        super().__init__(
            label=str(role),
            required=False,
            max_length=LONGEST_LIST,
            validators=[validate_paragraphs],
            widget=LinesInput(attrs={"rows": 3, "autocomplete": "off", "spellcheck": "false"}),
        )
        self.actor = actor

    def clean(self, value: Any) -> list[User]:
        lines = [line.strip() for line in super().clean(value).splitlines() if line.strip()]
        rows = User.objects.visible_to(self.actor)
        addresses = [User.objects.normalize_email(line.rpartition(" — ")[2]) for line in lines]
        known = {user.email: user for user in rows.filter(email__in=addresses)}
        found: list[User] = []
        unclear: list[Several] = []
        unknown: list[str] = []
        for line, address in zip(lines, addresses, strict=True):
            near = [known[address]] if address in known else _near(rows, line, len(unclear) + len(unknown))
            if len(near) == 1:
                found.append(near[0])
            elif near:
                unclear.append(Several(line, [user.label for user in near]))
            else:
                unknown.append(line)
        chosen = {user.label for user in found}
        problems = [
            *_named(unknown),
            *_twice([user.email for user in found]),
            *[error for error in unclear if chosen.isdisjoint(error.labels)],
        ]
        if problems:
            raise ValidationError(problems)
        return found


def _near(rows: UserQuerySet, text: str, asked_before: int) -> list[User]:
    """Whom a name fits; of many lines that name nobody the first few are looked up."""
    if asked_before >= MOST_ASKED or "@" in text:
        return []
    return [user for user in rows.named(text).order_by("last_name", "pk")[:SUGGESTED] if names(text, user.label)]


def _named(unknown: list[str]) -> list[str]:
    sentence = _("Nobody has this name or address: %(text)s. Create the account first.")
    return [sentence % {"text": text[:254]} for text in dict.fromkeys(unknown)][:10]


def _twice(typed: list[str]) -> list[str]:
    again = [address for address, count in Counter(typed).items() if count > 1]
    return [_("This address is there twice: %(address)s.") % {"address": address[:254]} for address in again[:10]]


class InstallationForm(VersionedModelForm):
    """A new slate; its seats are filled on the next page, from who holds the roles now."""

    day = DayField(label=gettext_lazy("Day"), help_text=gettext_lazy("Empty: it takes effect when you set it."))
    time = forms.TimeField(
        label=gettext_lazy("Time"),
        required=False,
        widget=forms.TimeInput(format="%H:%M", attrs={"placeholder": "19:00", "autocomplete": "off"}),
        help_text=gettext_lazy("The moment of the oath, on the local's clock."),
    )
    last_day = DayField(
        label=gettext_lazy("Last day"), help_text=gettext_lazy("Of the new terms. Empty: until the next installation.")
    )
    roles = forms.MultipleChoiceField(
        label=gettext_lazy("Roles of the slate"),
        choices=role_choices,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Everybody who holds one of them and is not on the slate leaves that office."),
    )
    field_order = ["title", "reason", "day", "time", "last_day", "roles"]

    class Meta:
        model = Installation
        fields = ["title", "reason"]
        labels = {"title": gettext_lazy("Name")}
        help_texts = {"reason": gettext_lazy("Stays with every term, such as “Elected on 9 November 2026”.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance._state.adding:
            self.initial["title"] = _("Installation of officers")
            self.initial["roles"] = [role.name for role in slates.usual_roles()]
            return
        self.initial["roles"] = list(self.instance.roles.values_list("name", flat=True))
        if self.instance.takes_effect_at:
            moment = timezone.localtime(self.instance.takes_effect_at)
            self.initial["day"], self.initial["time"] = moment.date(), f"{moment:%H:%M}"
        if self.instance.last_moment:
            self.initial["last_day"] = timezone.localtime(self.instance.last_moment).date()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        day, time, last_day = (cleaned.get(name) for name in ("day", "time", "last_day"))
        if bool(day) != bool(time) and not {"day", "time"} & self.errors.keys():
            name, missing = ("time", _("Give the time too.")) if day else ("day", _("Give the day too."))
            self.add_error(name, missing)
        if day and time:
            self._check_moment(datetime.combine(day, time))
        if last_day and last_day < (day or timezone.localdate()):
            self.add_error("last_day", _("The new terms must end after they begin."))
        return cleaned

    def _check_moment(self, typed: datetime) -> None:
        try:
            self.cleaned_data["moment"] = from_current_timezone(typed)
        except ValidationError as error:
            self.add_error("time", error)
            return
        if self.cleaned_data["moment"] < timezone.now():
            self.add_error("day", _("This moment is over. Choose one to come, or leave day and time empty."))

    def values(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        moment, last = cleaned.get("moment"), after(cleaned["last_day"])
        return {**super().values(), "takes_effect_at": moment, "expires_at": last}

    def chosen(self) -> list[Role]:
        return list(slates.roles_of_slates().filter(name__in=self.cleaned_data["roles"]))

    def words(self, name: str) -> str:
        """What a field shows, to be compared with what somebody else saved."""
        value = self[name].value()
        if isinstance(value, list):
            labels = dict(role_choices())
            return ", ".join(labels.get(item, item) for item in sorted(value))
        return " ".join(str(value or "").split())


class SlateForm(InstallationForm):
    """A draft with its seats: a list of people for each role that is on the slate."""

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.slate = list(self.instance.roles.order_by("position", "pk"))
        # an empty seat is no field that somebody may leave out
        self.conditional: list[str] = []
        seated: dict[int, list[str]] = {role.pk: [] for role in self.slate}
        seats = self.instance.seats.select_related("user").order_by("user__last_name", "user__first_name", "user_id")
        for seat in seats:
            seated[seat.role_id].append(seat.user.label)
        for role in self.slate:
            self.fields[self.seat_name(role)] = SeatsField(role=role, actor=actor)
            self.conditional.append(self.seat_name(role))
            self.initial[self.seat_name(role)] = "\n".join(seated[role.pk])

    @staticmethod
    def seat_name(role: Role) -> str:
        return f"seats_{role.pk}"

    def seat_fields(self) -> list[Any]:
        return [self[self.seat_name(role)] for role in self.slate]

    def seats(self) -> dict[Role, list[User]]:
        """Roles that were just added begin with who holds them now."""
        chosen, known = self.chosen(), {role.pk for role in self.slate}
        new = slates.holders_now([role for role in chosen if role.pk not in known])
        return {role: self.cleaned_data[self.seat_name(role)] if role.pk in known else new[role] for role in chosen}

    def added(self) -> str:
        """A sentence when roles were added whose seats nobody has looked at yet."""
        known = {role.pk for role in self.slate}
        count = sum(role.pk not in known for role in self.chosen())
        sentence = ngettext(
            "%(count)s role was added, with who holds it now.",
            "%(count)s roles were added, with who holds them now.",
            count,
        )
        return sentence % {"count": count} if count else ""


class CallOffForm(ReasonForm, MoveForm):
    """Why the slate is called off."""
