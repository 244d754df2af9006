"""A record named by words: one that fits is taken, of several the person chooses among those that are offered."""

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core.folding import fold, words

LEAST = 3
# How many are offered at once.
SUGGESTED = 8


class Several(forms.ValidationError):
    """What was typed fits several records; `labels` name them so that each names one alone."""

    def __init__(self, text: str, labels: Sequence[str]) -> None:
        sentence = _("“%(text)s” fits several. Choose which one you mean, or type more of the name.")
        super().__init__(sentence, code="several", params={"text": text[:60]})
        self.labels = list(labels)


class LinesInput(forms.Textarea):
    """Several values of one name, each a line or a box of its own, are read as one text."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        if not hasattr(data, "getlist") or name not in data:
            return super().value_from_datadict(data, files, name)
        return "\n".join(data.getlist(name))


def names(text: str, label: str) -> bool:
    """Whether each word of `text` begins a word of `label`; a number only counts whole."""
    told, asked = words(label), words(text)
    fits = (word in told if word.isdigit() else any(other.startswith(word) for other in told) for word in asked)
    return sum(map(len, asked)) >= LEAST and all(fits)


def exactly(text: str, near: Iterable[Any]) -> list[Any]:
    """Those of the people found that `text` calls by their whole name or label."""
    return [item for item in near if fold(text) in (fold(item.full_name), fold(item.label))]


def offers(bound: BoundField) -> SafeString:
    """Buttons to choose from what fitted; they bear the field's name, so that the chosen one is sent as if typed."""
    if not bound.errors:
        return SafeString("")
    labels = labels_of(bound.form.errors.as_data().get(bound.name, ()))
    if not labels:
        return SafeString("")
    kind = "checkbox" if isinstance(bound.field.widget, LinesInput) else "radio"
    made = format_html_join(
        "",
        '<label class="chip"><input type="{}" name="{}" value="{}"> {}</label>',
        ((kind, bound.html_name, label, label) for label in labels),
    )
    return format_html(
        '<fieldset class="offers" data-offers><legend class="visually-hidden">{}</legend>{}</fieldset>',
        _("%(field)s: which one?") % {"field": bound.label},
        made,
    )


def labels_of(errors: Iterable[Any]) -> list[str]:
    """What the errors of one field offer, each label once."""
    return list(dict.fromkeys(label for error in errors for label in getattr(error, "labels", ())))
