from typing import Any, cast

from django import forms
from django.db import models
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from core.folding import digits, fold, sort_key
from core.permissions import Actor, may
from core.records import records
from core.search import search
from core.validators import EARLIEST, validate_single_line
from core.web.forms import ReasonForm, VersionedModelForm, VersionField
from core.web.picking import SUGGESTED, LinesInput, Several, exactly, names
from members import permissions as p
from members.enums import MemberStatus, Standing
from members.models import Employment, Member, Organization, OrganizationContact
from members.services.employments import EMPLOYMENT_FIELDS
from members.services.identity import alike, facts_of
from members.services.members import MEMBER_FIELDS, PerhapsKnown
from members.services.organizations import CONTACT_FIELDS, ORGANIZATION_FIELDS
from members.validators import normal_phone, shown_phone

STANDING_FIELDS = ("standing", "standing_as_of", "standing_source")
# Read by whoever may change the record, and by nobody else.
OFFICE_FIELDS = ("notes",)
MOST_NAMESAKES = 100
MOST_NAMED = 200
LONGEST_KEY = 19  # what has fewer digits is a number that the database knows


class PhoneField(forms.CharField):
    """Reads a number as people write it and gives it back as it is stored."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{**kwargs, "max_length": 40})

    def prepare_value(self, value: Any) -> Any:
        return shown_phone(value) if isinstance(value, str) else value

    def clean(self, value: Any) -> str:
        return normal_phone(super().clean(value))


def numbers_typed_freely(fields: dict[str, forms.Field]) -> None:
    fields["phone"] = PhoneField(
        label=fields["phone"].label,
        required=False,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off"}),
    )


def label_of(organization: Organization) -> str:
    """An organization's name with its place, which tells two worksites apart."""
    place = ", ".join(part for part in (organization.city, organization.state) if part)
    return f"{organization.name} — {place}" if place else organization.name


class OrganizationField(forms.CharField):
    """An organization by its name, typed with suggestions: a select of 10,000 employers would help nobody."""

    def __init__(self, *, actor: Actor | None = None, **kwargs: Any) -> None:
        self.actor = cast(Actor, actor)  # set by the form that has the field, before anything is typed
        super().__init__(
            **{"max_length": 320, **kwargs},
            widget=forms.TextInput(attrs={"list": "organization-options", "autocomplete": "off"}),
        )

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, int):
            value = Organization.objects.visible_to(self.actor).filter(pk=value).first()
        return label_of(value) if isinstance(value, Organization) else value

    def clean(self, value: Any) -> Organization | None:
        text = super().clean(value)
        if not text:
            return None
        if isinstance(self.initial, Organization) and label_of(self.initial) == text:
            return self.initial  # also where a second record has the same name and place
        rows = Organization.objects.visible_to(self.actor).alive()
        keys = {sort_key(text), sort_key(text.rpartition(" — ")[0])} - {""}
        named = list(rows.filter(sort_name__in=keys).order_by("sort_name", "pk")[:MOST_NAMESAKES])
        exact = [item for item in named if fold(label_of(item)) == fold(text)]
        exact = exact or [item for item in named if fold(item.name) == fold(text)]
        if len(exact) == 1:
            return exact[0]
        found = exact or list(search(rows, text.partition(" — ")[0]).order_by("sort_name", "pk")[:SUGGESTED])
        if not found:
            raise forms.ValidationError(self.unknown())
        if len(found) == 1 and names(text, label_of(found[0])):
            return found[0]
        raise Several(text, [label_of(item) for item in found[:SUGGESTED]])

    def unknown(self) -> Any:
        """What the person can do about it: only the office adds organizations."""
        if may(self.actor, p.ADD_ORGANIZATIONS):
            return _("No organization of this name. Add it under Employers first.")
        return _("No organization of this name. Check how it is written, or ask the office to add it.")


class EmployerField(OrganizationField):
    """An organization in a filter: by its name, or by its key as in links and for programs."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.widget.attrs |= {
            "hx-get": reverse_lazy("organization_suggestions"),
            "hx-trigger": "input delay:200ms",
            "hx-target": "#organization-options",
            "hx-include": "this",
            "hx-push-url": "false",
            "hx-sync": "this:replace",
        }
        self.known: tuple[str, Organization | None] = ("", None)

    def prepare_value(self, value: Any) -> Any:
        found = self._by_key(value) if isinstance(value, str) else value
        return label_of(found) if isinstance(found, Organization) else value

    def clean(self, value: Any) -> Organization | None:
        text = forms.CharField.clean(self, value)
        return self._by_key(text) or super().clean(value)

    def unknown(self) -> Any:
        return _("No organization of this name. Check how it is written.")

    def _by_key(self, text: str) -> Organization | None:
        """Asked once for the filter and for what the field shows."""
        if not (text.isascii() and text.isdigit() and len(text) < LONGEST_KEY):
            return None
        if self.known[0] != text:
            self.known = text, Organization.objects.visible_to(self.actor).filter(pk=int(text)).first()
        return self.known[1]


class MemberField(forms.CharField):
    """A member by name and number, typed with suggestions; a number alone is enough."""

    def __init__(self, *, actor: Actor | None = None, **kwargs: Any) -> None:
        self.actor = cast(Actor, actor)  # set by the form that has the field, before anything is typed
        super().__init__(
            **{"max_length": 340, **kwargs},
            widget=forms.TextInput(attrs={"list": "member-options", "autocomplete": "off"}),
        )

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, int):
            value = Member.objects.visible_to(self.actor).filter(pk=value).first()
        return value.label if isinstance(value, Member) else value

    def clean(self, value: Any) -> Member | None:
        text = super().clean(value)
        return find_member(text, self.actor) if text else None


class MembersField(MemberField):
    """Several members, one a line; a line that fits several people counts as the one of them that another names."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": 20_000, **kwargs})
        self.widget = LinesInput(attrs={"rows": 4})

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, list | tuple | models.QuerySet):
            return "\n".join(str(super(MembersField, self).prepare_value(item)) for item in value)
        return super().prepare_value(value)

    def clean(self, value: Any) -> list[Member]:
        text = forms.CharField.clean(self, value)
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        if len(lines) > MOST_NAMED:
            raise forms.ValidationError(_("Name at most %(most)s people.") % {"most": MOST_NAMED})
        found: list[Member] = []
        unclear: list[Several] = []
        for line in lines:
            try:
                found.append(find_member(line, self.actor))
            except Several as error:
                unclear.append(error)
        chosen = {member.label for member in found}
        if asked := [error for error in unclear if chosen.isdisjoint(error.labels)]:
            raise forms.ValidationError(asked)
        return list(dict.fromkeys(found))


def find_member(text: str, actor: Actor) -> Member:
    """The one member that `text` names among those that `actor` may see. Raises ValidationError."""
    name, _dash, number = (part.strip() for part in text.rpartition(" — "))
    rows = Member.objects.visible_to(actor).alive()
    found = list(rows.filter(member_number=number)[:1])
    if not found and digits(number):
        found = list(rows.filter(Member.merged_under(number))[:1])
    if found and (not name or fold(found[0].full_name) == fold(name)):
        return found[0]
    near = list(search(rows, text).order_by("sort_name", "pk")[:SUGGESTED])
    exact = exactly(text, near)
    if len(exact) == 1:
        return exact[0]
    if not near:
        raise forms.ValidationError(
            _("No member is called “%(text)s”. Type the name or the member number.") % {"text": text[:60]}
        )
    if len(near) == 1 and names(text, near[0].label):
        return near[0]
    raise Several(text, [item.label for item in exact or near])


class MemberForm(VersionedModelForm):
    # Neither always required nor optional: the status decides.
    conditional = ("member_number",)

    class Meta:
        model = Member
        fields = list(MEMBER_FIELDS)
        widgets = {"notes": forms.Textarea(attrs={"rows": 4})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        numbers_typed_freely(self.fields)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        born = cleaned.get("date_of_birth")
        if born and born > timezone.localdate():
            self.add_error("date_of_birth", _("This day is still to come. Check the year."))
        for name in ("hire_date", "initiation_date"):
            if born and cleaned.get(name) and EARLIEST <= cleaned[name] < born:
                self.add_error(name, _("This is before the date of birth. Check both years."))
        return cleaned

    def clean_member_number(self) -> str | None:
        return (self.cleaned_data["member_number"] or "").strip() or None


class NewMemberForm(MemberForm):
    """With the answer to the question whether this is somebody who is recorded already; asked when it arises."""

    why_another = forms.CharField(
        label=_("Why this is another person"),
        required=False,
        max_length=300,
        help_text=_("For example: twins, or father and son. It stays with the record."),
        validators=[validate_single_line],
    )


class AskingMemberForm(NewMemberForm):
    """Asks at the field, where no page of its own can: in the admin. The service asks again."""

    actor: Actor

    def _post_clean(self) -> None:
        super()._post_clean()
        if self.errors or self.cleaned_data["why_another"]:
            return
        if known := alike(records.visible(Member, self.actor), facts_of(self.instance)):
            self.add_error(
                "why_another", f"{PerhapsKnown(known).sentence} {', '.join(member.label for member in known)}"
            )


class OrganizationForm(VersionedModelForm):
    website = forms.URLField(label=_("Website"), required=False, assume_scheme="https")

    class Meta:
        model = Organization
        fields = list(ORGANIZATION_FIELDS)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        numbers_typed_freely(self.fields)


class ContactForm(VersionedModelForm):
    class Meta:
        model = OrganizationContact
        fields = list(CONTACT_FIELDS)
        widgets = {"notes": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        numbers_typed_freely(self.fields)

    def validate_constraints(self) -> None:
        """The service takes the mark from the former main contact."""


class EmploymentForm(VersionedModelForm):
    class Meta:
        model = Employment
        fields = list(EMPLOYMENT_FIELDS)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        initial = self.instance.organization if self.instance.organization_id else None
        self.fields["organization"] = OrganizationField(label=_("Employer"), actor=actor, initial=initial)
        self.initial["organization"] = initial


class StatusForm(ReasonForm):
    """One status for many members."""

    status = forms.ChoiceField(label=_("New status"), choices=[("", _("Choose a status")), *MemberStatus.choices])
    field_order = ["status", "reason"]


class MergeForm(forms.Form):
    """For each field in which two records differ, which of the two values is kept.

    Carries the versions that were compared: what somebody saves meanwhile is neither taken nor overwritten unseen.
    Fields in `unread`, which the person may not read, are no choice: the kept record keeps its own, or takes the
    other's where it has none.
    """

    kept_version = VersionField()
    duplicate_version = VersionField()
    reason = ReasonForm.base_fields["reason"]

    def __init__(
        self,
        *args: Any,
        kept: Any,
        duplicate: Any,
        fields: tuple[str, ...],
        unread: tuple[str, ...] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.kept, self.duplicate = kept, duplicate
        self.unread = [name for name in fields if name in unread]
        offered = [name for name in fields if name not in unread]
        self.differing = [name for name in offered if self._shown(kept, name) != self._shown(duplicate, name)]
        # Standing, its day and its source are one statement; "not known" says less than any other.
        takes_standing = kept.standing == Standing.UNKNOWN if "standing" in fields else False
        for name in reversed(self.differing):
            field = kept._meta.get_field(name)
            choices = [
                ("kept", self._shown(kept, name) or _("(empty)")),
                ("duplicate", self._shown(duplicate, name) or _("(empty)")),
            ]
            empty = takes_standing if name in STANDING_FIELDS else not self._shown(kept, name)
            self.fields[name] = forms.ChoiceField(
                label=capfirst(str(field.verbose_name)),
                choices=choices,
                widget=forms.RadioSelect,
                initial="duplicate" if empty else "kept",
            )
        self.fields["kept_version"].initial = kept.version
        self.fields["duplicate_version"].initial = duplicate.version
        self.order_fields([*self.differing, "reason"])

    @staticmethod
    def _shown(row: Any, name: str) -> str:
        display = getattr(row, f"get_{name}_display", None)
        value = display() if display else getattr(row, name)
        if name == "phone":
            return shown_phone(value)
        return "" if value is None else str(value)

    @property
    def versions(self) -> tuple[int, int]:
        return self.cleaned_data.get("kept_version", 0), self.cleaned_data.get("duplicate_version", 0)

    @property
    def is_stale(self) -> bool:
        self.is_valid()
        return self.versions != (self.kept.version, self.duplicate.version)

    def compared_again(self, sentence: str) -> "MergeForm":
        """What was chosen, beside the values of now; a field that differs only now has its usual choice."""
        data = self.data.copy()  # type: ignore[attr-defined]
        data["kept_version"], data["duplicate_version"] = self.kept.version, self.duplicate.version
        for name in self.differing:
            data.setdefault(name, self.fields[name].initial)
        fields = (*self.differing, *self.unread)
        form = MergeForm(data, kept=self.kept, duplicate=self.duplicate, fields=fields, unread=tuple(self.unread))
        form.add_error(None, sentence)
        return form

    def values(self) -> dict[str, Any]:
        """The chosen values, for the record that is kept."""
        taken = [name for name in self.differing if self.cleaned_data[name] == "duplicate"]
        taken += [name for name in self.unread if not getattr(self.kept, name)]
        return {name: getattr(self.duplicate, name) for name in taken}
