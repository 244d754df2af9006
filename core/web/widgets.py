"""The controls of forms, drawn in Python as Django's own templates draw them: a form has hundreds of options."""

from collections.abc import Callable
from typing import Any

from django.forms.renderers import DjangoTemplates
from django.utils.safestring import SafeData, SafeString

from core.web.formats import ESCAPES

INPUTS = [
    "checkbox",
    "date",
    "datetime",
    "email",
    "file",
    "hidden",
    "input",
    "number",
    "password",
    "search",
    "tel",
    "text",
]
INPUTS += ["time", "url"]


class WidgetRenderer(DjangoTemplates):
    """For the widgets that are not here, and all else, Django's templates."""

    def render(self, template_name: str, context: dict[str, Any], request: Any = None) -> str:
        draw = DRAWN.get(template_name)
        return draw(context["widget"]) if draw else super().render(template_name, context, request)


def attributes(widget: dict[str, Any]) -> str:
    """After a space each; True stands without a value, False not at all."""
    return "".join(
        f" {text(name)}" if value is True else f' {text(name)}="{text(value)}"'
        for name, value in widget["attrs"].items()
        if value is not False
    )


def text(value: Any) -> str:
    """As `{{ value }}` shows it, without the wrappers that a page of hundreds of values pays for."""
    shown = value if isinstance(value, str) else str(value)
    return shown if isinstance(shown, SafeData) else shown.translate(ESCAPES)


def _input(widget: dict[str, Any]) -> SafeString:
    value = "" if widget["value"] is None else f' value="{text(widget["value"])}"'
    start = f'<input type="{text(widget["type"])}" name="{text(widget["name"])}"'
    return SafeString(f"{start}{value}{attributes(widget)}>")


def _option(widget: dict[str, Any]) -> SafeString:
    """A button of a choice; its label stands beside it unless it is asked for."""
    if not widget.get("wrap_label"):
        return _input(widget)
    key = f' for="{text(widget["attrs"]["id"])}"' if widget["attrs"].get("id") else ""
    return SafeString(f"<label{key}>{_input(widget)}\n {text(widget['label'])}</label>")


def _textarea(widget: dict[str, Any]) -> SafeString:
    value = text(widget["value"]) if widget["value"] else ""
    return SafeString(f'<textarea name="{text(widget["name"])}"{attributes(widget)}>\n{value}</textarea>')


def _select(widget: dict[str, Any]) -> SafeString:
    parts = [f'<select name="{text(widget["name"])}"{attributes(widget)}>']
    for group, options, _index in widget["optgroups"]:
        if group:
            parts.append(f'\n  <optgroup label="{text(group)}">')
        parts += [
            f'\n  <option value="{text(option["value"])}"{attributes(option)}>{text(option["label"])}</option>\n'
            for option in options
        ]
        if group:
            parts.append("\n  </optgroup>")
    return SafeString("".join([*parts, "\n</select>"]))


DRAWN: dict[str, Callable[[dict[str, Any]], SafeString]] = {
    **{f"django/forms/widgets/{name}.html": _input for name in INPUTS},
    "django/forms/widgets/checkbox_option.html": _option,
    "django/forms/widgets/radio_option.html": _option,
    "django/forms/widgets/textarea.html": _textarea,
    "django/forms/widgets/select.html": _select,
}
