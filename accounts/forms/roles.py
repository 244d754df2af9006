"""What is typed about a role that a local makes."""

from typing import Any

from django import forms
from django.apps import apps
from django.contrib.auth.models import Permission
from django.core.validators import RegexValidator
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Role
from accounts.services import roles
from core.web.forms import VersionedModelForm

SHAPE = RegexValidator(r"\A[a-z][a-z0-9-]{1,78}\Z", _("Use two or more lower-case letters, digits and hyphens."))
PREFIX = "permissions_"
# Words that stand in the addresses of the pages about roles.
RESERVED = ("new", "table", "held", "ending")


def app_label(permission: Permission) -> str:
    """The part of the portal that a permission belongs to, in words."""
    return capfirst(str(apps.get_app_config(permission.content_type.app_label).verbose_name))


class CustomRoleForm(VersionedModelForm):
    """Words, and a group of boxes for each part of the portal."""

    class Meta:
        model = Role
        fields = ["display_name", "name", "description"]
        labels = {"name": _("Short name")}
        help_texts = {
            "display_name": _("As it stands on pages and in mails, such as “Dispatcher”."),
            "name": _("Lower-case letters, digits and hyphens, such as “dispatcher”. Addresses and programs use it."),
        }
        error_messages = {"name": {"unique": _("Another role has this short name. Choose a different one.")}}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].validators.append(SHAPE)
        held = set(self.instance.permissions.values_list("pk", flat=True)) if self.instance.pk else set()
        for label, choices, chosen in _groups(held):
            self.fields[f"{PREFIX}{label}"] = forms.MultipleChoiceField(
                label=choices[0][2],
                choices=[(name, words) for name, words, _part in choices],
                initial=chosen,
                required=False,
                widget=forms.CheckboxSelectMultiple,
                error_messages={"invalid_choice": _("A role made here cannot have one of these. Tick them anew.")},
            )
        # a box is neither needed nor optional
        self.conditional = [name for name in self.fields if name.startswith(PREFIX)]

    def clean_name(self) -> str:
        name = self.cleaned_data["name"]
        if name in RESERVED:
            raise forms.ValidationError(_("This word has a meaning of its own here. Choose a different one."))
        return name

    def words(self, name: str) -> str:
        """What a field shows, to be compared with what somebody else saved."""
        value: Any = self[name].value()
        if isinstance(value, list):
            labels = dict(self.fields[name].choices)  # type: ignore[attr-defined]
            return ", ".join(str(labels.get(item, item)) for item in value)
        return " ".join(str(value or "").split())

    def permissions(self) -> list[str]:
        return [name for field, names in self.cleaned_data.items() if field.startswith(PREFIX) for name in names]


def _groups(held: set[int]) -> list[tuple[str, list[tuple[str, str, str]], list[str]]]:
    """Per app: its label, (name, words, part) of each permission, and the names of those that are held."""
    found: dict[str, tuple[list[tuple[str, str, str]], list[str]]] = {}
    for item in roles.choosable():
        choices, chosen = found.setdefault(item.content_type.app_label, ([], []))
        choices.append((roles.name_of(item), _words(item), app_label(item)))
        if item.pk in held:
            chosen.append(roles.name_of(item))
    return [(label, *group) for label, group in found.items()]


def _words(permission: Permission) -> str:
    words = roles.words_of(permission)
    if roles.is_grave([roles.name_of(permission)]):
        return gettext("%(permission)s (an officer confirms who gets the role)") % {"permission": words}
    return words
