"""Draws the usual form controls without templates: a select of fifty options went through Django's a hundred times."""

from collections.abc import Callable, Mapping
from typing import Any

from django.forms.renderers import DjangoTemplates
from django.http import HttpRequest
from django.utils.formats import localize
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString

Widget = Mapping[str, Any]


class PortalRenderer(DjangoTemplates):
    def render(self, template_name: str, context: dict[str, Any], request: HttpRequest | None = None) -> str:
        draw = DRAWN.get(template_name)
        return draw(context["widget"]) if draw else super().render(template_name, context, request)


def _attributes(widget: Widget) -> str:
    return "".join(
        [
            f" {conditional_escape(name)}" if value is True else f' {conditional_escape(name)}="{_text(value)}"'
            for name, value in widget["attrs"].items()
            if value is not False
        ]
    )


def _text(value: Any) -> str:
    return conditional_escape(value if isinstance(value, str) else str(value))


def _input(widget: Widget) -> str:
    value = "" if widget["value"] is None else f' value="{_text(widget["value"])}"'
    return SafeString(
        f'<input type="{_text(widget["type"])}" name="{_text(widget["name"])}"{value}{_attributes(widget)}>'
    )


def _option(widget: Widget) -> str:
    label = conditional_escape(localize(widget["label"]))
    return f'  <option value="{_text(widget["value"])}"{_attributes(widget)}>{label}</option>'


def _select(widget: Widget) -> str:
    lines = [f'<select name="{_text(widget["name"])}"{_attributes(widget)}>']
    for group, options, _index in widget["optgroups"]:
        drawn = [_option(option) for option in options]
        lines += [f'  <optgroup label="{_text(group)}">', *drawn, "  </optgroup>"] if group else drawn
    return SafeString("\n".join([*lines, "</select>"]))


def _textarea(widget: Widget) -> str:
    value = conditional_escape(localize(widget["value"])) if widget["value"] else ""
    return SafeString(f'<textarea name="{_text(widget["name"])}"{_attributes(widget)}>\n{value}</textarea>')


PLACE = "django/forms/widgets"
INPUTS = ("text", "number", "email", "url", "password", "hidden", "date", "datetime", "time", "checkbox", "file")
DRAWN: dict[str, Callable[[Widget], str]] = {
    **{f"{PLACE}/{name}.html": _input for name in INPUTS},
    f"{PLACE}/select.html": _select,
    f"{PLACE}/textarea.html": _textarea,
}
