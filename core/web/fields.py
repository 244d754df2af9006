"""One field of a form with its label, hint and error, drawn in Python: a page holds dozens of them."""

import copy
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core.money import MoneyInput
from core.web.formats import CURRENCY, icon
from core.web.picking import offers
from core.web.widgets import text


def _kind_of(widget: forms.Widget) -> str:
    if isinstance(widget, (forms.RadioSelect, forms.CheckboxSelectMultiple)):
        return "choices"
    if isinstance(widget, forms.CheckboxInput):
        return "checkbox"
    if isinstance(widget, forms.MultiWidget):
        return "group"
    if isinstance(widget, MoneyInput):
        return "money"
    return "single"


def _with_native_date(widget: forms.Widget) -> forms.Widget:
    """A browser's date picker only reads ISO dates, whatever the language."""
    if type(widget) is not forms.DateInput:
        return widget
    native = copy.copy(widget)
    native.input_type = "date"
    native.format = "%Y-%m-%d"
    return native


def _control(bound: BoundField, described_by: str) -> SafeString:
    widget = _with_native_date(bound.field.widget)
    base = "form-select" if isinstance(widget, forms.Select) else "form-control"
    if isinstance(widget, forms.CheckboxInput):
        base = "form-check-input"
    attrs: dict[str, str | bool] = {"class": f"{base} {widget.attrs.get('class', '')}".strip()}
    if described_by:
        attrs["aria-describedby"] = described_by
    if _kind_of(widget) == "money":
        attrs.setdefault("inputmode", "decimal")
        attrs.setdefault("autocomplete", "off")
    return bound.as_widget(widget=widget, attrs=attrs)


def drawn(bound: BoundField, *, hint: str, label: Any, width: str) -> SafeString:
    widget = bound.field.widget
    kind = _kind_of(widget)
    described = " ".join(
        [*([f"{bound.auto_id}_hint"] if hint else []), *([f"{bound.auto_id}_error"] if bound.errors else [])]
    )
    if widget.is_hidden:
        return _control(bound, described)
    css = f"field field-{kind} field-{width or _width_of(widget, kind)}{' field-invalid' if bound.errors else ''}"
    below = f'<p class="field-hint" id="{text(bound.auto_id)}_hint">{text(hint)}</p>' if hint else ""
    words = text(label) + _optional(bound, kind)
    if kind in ("choices", "group"):
        about = f' aria-describedby="{text(described)}"' if described else ""
        return SafeString(
            f'<fieldset class="{text(css)}"{about}><legend class="field-label">{words}</legend>{below}'
            f"{_controls(bound, described, kind)}{_errors(bound)}</fieldset>"
        )
    control, target = _control(bound, described), text(bound.id_for_label)
    if kind == "checkbox":
        inside = f'<div class="choice">{control}<label for="{target}">{text(label)}</label></div>{below}'
    else:
        if kind == "money":
            sign = f'<span class="money-sign" aria-hidden="true">{text(CURRENCY)}</span>'
            control = SafeString(f'<div class="money-input">{sign}{control}</div>')
        inside = f'<label class="field-label" for="{target}">{words}</label>{below}{control}{offers(bound)}'
    return SafeString(f'<div class="{text(css)}">{inside}{_errors(bound)}</div>')


def _optional(bound: BoundField, kind: str) -> str:
    """A mark where nothing has to be typed, in whatever else is typed; a form's `marks` say it more exactly."""
    if bound.field.required or kind == "checkbox" or bound.name in getattr(bound.form, "conditional", ()):
        return ""
    mark = getattr(bound.form, "marks", {}).get(bound.name) or _("(optional)")
    return f' <span class="field-optional">{text(mark)}</span>'


def _controls(bound: BoundField, described: str, kind: str) -> str:
    if kind == "group":
        return f'<div class="field-row">{_control(bound, described)}</div>'
    buttons = ((choice.tag(), text(choice.id_for_label), text(choice.choice_label)) for choice in bound)
    return "".join(
        f'<div class="choice">{button}<label for="{key}">{words}</label></div>' for button, key, words in buttons
    )


def _errors(bound: BoundField) -> str:
    if not bound.errors:
        return ""
    said = f'<span class="visually-hidden">{text(_("Error:"))}</span> {" ".join(map(text, bound.errors))}'
    return f'<p class="field-error" id="{text(bound.auto_id)}_error">{icon("alert-circle")}<span>{said}</span></p>'


def _width_of(widget: forms.Widget, kind: str) -> str:
    if kind == "money" or isinstance(widget, (forms.DateInput, forms.TimeInput, forms.NumberInput)):
        return "short"
    if isinstance(widget, (forms.Textarea, forms.ClearableFileInput)):
        return "full"
    return "medium"
