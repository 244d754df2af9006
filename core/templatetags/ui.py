"""The components of every page. `{% load ui %}`, then:

Small parts
    {% icon "gavel" %}  {% icon "gavel" label=_("Grievance") %}
    {% badge _("Under review") tone="amber" icon="clock" %}      blue grey amber red green violet
    {% state badge %}                                            that of a status, as its enum declares it
    {% button _("New member") url=create_url icon="plus" kind="primary" %}   primary secondary danger link
    {% button _("Approve") kind="primary" disabled_reason=refusal %}         the sentence is shown beside it
    {% button _("Approve") kind="primary" name="move" value="approve" %}     no url: a submit button
    {% form_button _("Restore") url=restore_url icon="restore" %}            a POST form with its CSRF token
    {% absent %}  {% money amount %}  {% phone number %}  {% person_date day %}  {% person_datetime moment %}
    {{ amount|money }}  {{ number|phone }}  {{ day|person_date }}  {{ moment|person_datetime }}  {{ value|value_text }}

Lists
    {% chips filters clear_url=list_url %}                       filters: [(label, remove_url)]
    {% pager page %}                page has previous_url next_url range_label count_label
    {% empty_state _("No members yet") text=hint action_label=_("Add a member") action_url=url icon="users" %}

Records
    {% key_facts facts %}                                        [(label, value)]; an empty value is "not recorded"
    <dl class="key-facts">{% fact _("Employer") %}…{% endfact %}</dl>
    {% stepbar steps %}                                          [(label, state[, note])]; done current todo refused
    {% moves offers %}                                           core.web.moves.Offer: one button, the rest in a menu
    {% tabs items %}                                             [(label, url, is_current[, count])]
    {% timeline entries %}          entry has at actor_name text changes [(field, old, new)] reason icon
    {% diff_table rows %}                                        [(label, before, after)]
    {% progress_bar done=3 total=5 label=_("Answered") %}
    {% bar_chart chart %}                                        core.web.charts.BarChart, with its table beside it
    {% panel _("Employment") icon="briefcase" action_label=_("Add") action_url=url %}…{% endpanel %}
    {% notice _("Read this first") tone="amber" %}…{% endnotice %}           an inline message that stays
    {% menu _("Export") icon="download" %}<a href="…">CSV</a>{% endmenu %}   <details>, works without JavaScript

Forms (the form tag: `<form method="post" class="form-page" novalidate data-guard>`)
    {% error_summary form %}  {% error_summary form formset=lines %}
    {% form_group _("Payment") text=_("Who is paid, and how.") %}…{% endform_group %}
    {% field form.amount %}  {% field form.amount hint=_("Before tax") width="short" %}   short medium full
    {% form_actions submit=_("File grievance") cancel_url=url %}  kind="danger" for a dangerous move
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django import forms, template
from django.forms.boundfield import BoundField
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core.web import charts, fields, formats

register = template.Library()

BUTTON_CLASSES = {
    "primary": "btn btn-primary",
    "secondary": "btn",
    "danger": "btn btn-danger",
    "link": "btn btn-quiet",
}
STEP_ICONS = {"done": "check", "current": "circle-dot", "refused": "x", "todo": "circle"}


SMALL_PARTS: dict[str, Callable[..., Any]] = {
    "absent": formats.absent,
    "badge": formats.badge,
    "icon": formats.icon,
    "money": formats.money,
    "person_date": formats.person_date,
    "person_datetime": formats.person_datetime,
    "phone": formats.phone,
    "state": formats.state,
}
for _name, _function in SMALL_PARTS.items():
    register.simple_tag(_function, name=_name)
register.filter("moment_text", formats.moment_text)
register.filter("value_text", formats.value_text)
for _name in ("money", "person_date", "person_datetime", "phone"):
    register.filter(_name, SMALL_PARTS[_name])


@register.inclusion_tag("ui/button.html")
def button(
    label: str,
    *,
    url: str | None = None,
    icon: str = "",
    kind: str = "secondary",
    disabled_reason: str = "",
    name: str = "",
    value: str = "",
) -> dict[str, Any]:
    return {
        "label": label,
        "url": url,
        "icon": icon,
        "css": BUTTON_CLASSES[kind],
        "disabled_reason": disabled_reason,
        "name": name,
        "value": value,
    }


@register.inclusion_tag("ui/form_button.html", takes_context=True)
def form_button(
    context: template.Context,
    label: str,
    *,
    url: str,
    icon: str = "",
    kind: str = "secondary",
    disabled_reason: str = "",
    name: str = "",
    value: str = "",
    version: int | None = None,
) -> dict[str, Any]:
    """`version`: the one of the record that the page shows, sent along so that a newer one is noticed."""
    return {
        "csrf_token": context.get("csrf_token"),
        "action": url,
        "label": label,
        "icon": icon,
        "kind": kind,
        "disabled_reason": disabled_reason,
        "name": name,
        "value": value,
        "version": version,
    }


@register.inclusion_tag("ui/chips.html")
def chips(filters: Sequence[tuple[str, str]], *, clear_url: str = "") -> dict[str, Any]:
    return {"filters": filters, "clear_url": clear_url}


@register.inclusion_tag("ui/pager.html")
def pager(page: Any, *, newer: str = "", older: str = "") -> dict[str, Any]:
    return {
        "page": page,
        "newer": newer or pgettext("list page", "Newer"),
        "older": older or pgettext("list page", "Older"),
    }


@register.inclusion_tag("ui/empty_state.html")
def empty_state(
    title: str,
    *,
    text: str = "",
    action_label: str = "",
    action_url: str = "",
    icon: str = "inbox",
) -> dict[str, Any]:
    return {
        "title": title,
        "text": text,
        "action_label": action_label,
        "action_url": action_url,
        "icon": icon,
    }


@register.inclusion_tag("ui/timeline.html")
def timeline(entries: Iterable[Any]) -> dict[str, Any]:
    return {"entries": entries}


@register.inclusion_tag("ui/key_facts.html")
def key_facts(facts: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    return {"facts": facts}


@register.simple_block_tag
def fact(content: str, label: str) -> SafeString:
    value = content if content.strip() else formats.absent()
    return format_html("<div><dt>{}</dt><dd>{}</dd></div>", label, value)


@register.inclusion_tag("ui/tabs.html")
def tabs(items: Iterable[Sequence[Any]], *, label: str = "") -> dict[str, Any]:
    rows = [(*item, None)[:4] for item in items]
    return {"items": rows, "label": label or _("Sections")}


@register.inclusion_tag("ui/stepbar.html")
def stepbar(steps: Iterable[Sequence[str]], *, label: str = "") -> dict[str, Any]:
    rows = []
    for step in steps:
        text, state, note = (*step, "")[:3]
        rows.append({"label": text, "state": state, "note": note, "icon": STEP_ICONS[state]})
    return {"steps": rows, "label": label or _("Progress")}


@register.inclusion_tag("ui/progress_bar.html")
def progress_bar(*, done: int, total: int, label: str) -> dict[str, Any]:
    return {"done": done, "total": total, "maximum": max(total, 1), "label": label}


@register.inclusion_tag("ui/bar_chart.html")
def bar_chart(chart: charts.BarChart) -> dict[str, Any]:
    return {
        "chart": chart,
        "width": charts.WIDTH,
        "labels_end": charts.LABELS_END,
        "bars_start": charts.BARS_START,
        "bar_height": charts.BAR,
    }


@register.inclusion_tag("ui/diff_table.html")
def diff_table(
    rows: Iterable[tuple[str, Any, Any]], *, caption: str = "", before: str = "", after: str = ""
) -> dict[str, Any]:
    return {"rows": rows, "caption": caption, "before": before or _("Before"), "after": after or _("After")}


@register.simple_block_tag
def panel(
    content: str,
    title: str,
    *,
    icon: str = "",
    action_label: str = "",
    action_url: str = "",
    css: str = "",
) -> SafeString:
    action = format_html('<a class="panel-action" href="{}">{}</a>', action_url, action_label) if action_url else ""
    return format_html(
        '<section class="panel {}"><div class="panel-head"><h2>{}{}</h2>{}</div>'
        '<div class="panel-body">{}</div></section>',
        css,
        formats.icon(icon) if icon else "",
        title,
        action,
        content,
    )


@register.simple_block_tag
def notice(content: str, title: str = "", *, tone: str = "blue", icon: str = "") -> SafeString:
    heading = format_html('<p class="notice-title">{}</p>', title) if title else ""
    return format_html(
        '<div class="notice notice-{}" role="note">{}<div>{}{}</div></div>',
        tone,
        formats.icon(icon or ("info-circle" if tone == "blue" else formats.TONE_ICONS[tone])),
        heading,
        content,
    )


@register.simple_block_tag
def menu(content: str, label: str, *, icon: str = "", kind: str = "secondary", align: str = "end") -> SafeString:
    return format_html(
        '<details class="menu menu-{}"><summary class="{}">{}{}{}</summary><div class="menu-panel">{}</div></details>',
        align,
        BUTTON_CLASSES[kind],
        formats.icon(icon) if icon else "",
        label,
        formats.icon("chevron-down", css="icon-caret"),
        content,
    )


@register.inclusion_tag("ui/moves.html")
def moves(offers: Iterable[Any]) -> dict[str, Any]:
    """The first move that is open now as the button, the others in a menu, refused ones with their sentence.

    Where all are refused for one reason, that sentence alone: it says what to do, and closed buttons say no more.
    """
    every = list(offers)
    reasons = {offer.refusal for offer in every}
    if len(every) > 1 and len(reasons) == 1 and (sentence := reasons.pop()):
        return {"sentence": sentence}
    first = next((offer for offer in every if not (offer.refusal or offer.danger or offer.quiet)), None)
    return {"first": first, "others": [offer for offer in every if offer is not first]}


@register.inclusion_tag("ui/error_summary.html")
def error_summary(form: forms.BaseForm, *, formset: Any = None) -> dict[str, Any]:
    bound_forms = [form, *(formset or [])]
    general = [str(error) for item in bound_forms for error in item.non_field_errors()]
    if formset is not None:
        general += [str(error) for error in formset.non_form_errors()]
    errors = [
        (_target_id(bound), str(bound.label), str(error))
        for item in bound_forms
        for bound in item
        for error in bound.errors
    ]
    if general or errors:
        errors += [
            (_target_id(bound), str(bound.label), _("Choose it again. A file does not come back with the form."))
            for item in bound_forms
            for bound in item
            if bound.html_name in item.files and not bound.errors
        ]
    return {"general": general, "errors": errors, "any": bool(general or errors)}


def _target_id(bound: BoundField) -> str:
    if isinstance(bound.field.widget, (forms.RadioSelect, forms.CheckboxSelectMultiple)):
        return f"{bound.auto_id}_0"
    return bound.id_for_label or bound.auto_id


@register.simple_tag
def field(bound: BoundField, *, hint: str = "", label: str = "", width: str = "") -> SafeString:
    if not isinstance(bound, BoundField):
        raise ValueError("{% field %} was given a form field that does not exist")
    return fields.drawn(bound, hint=hint or str(bound.help_text or ""), label=label or bound.label, width=width)


@register.simple_block_tag
def form_group(content: str, title: str, *, text: str = "") -> SafeString:
    purpose = format_html('<p class="form-group-text">{}</p>', text) if text else ""
    return format_html('<fieldset class="form-group"><legend>{}</legend>{}{}</fieldset>', title, purpose, content)


@register.inclusion_tag("ui/form_actions.html")
def form_actions(*, submit: str, cancel_url: str = "", kind: str = "primary", icon: str = "") -> dict[str, Any]:
    return {"submit": submit, "cancel_url": cancel_url, "kind": kind, "icon": icon}
