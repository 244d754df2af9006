"""Controls drawn in Python look as Django's own templates draw them."""

import datetime as dt
import re

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy
from hypothesis import given
from hypothesis import strategies as st

from core.form_renderer import DRAWN, PLACE, PortalRenderer

HOSTILE = """<script>alert("1")</script> & 'two'"""
CHOICES = [("", HOSTILE), (HOSTILE, gettext_lazy("Monday")), (1, SafeString("<b>1</b>")), (True, 7)]
GROUPS = [(HOSTILE, [("a", "A"), ("b", HOSTILE)]), ("c", "C")]
ATTRS = {"class": HOSTILE, "required": True, "disabled": False, "max": 7, "data-x": SafeString("&amp;"), HOSTILE: "x"}
CONTROLS = {
    "text": (forms.TextInput(), HOSTILE),
    "empty": (forms.TextInput(), ""),
    "number": (forms.NumberInput(), 1234.5),
    "email": (forms.EmailInput(), "a@b.example"),
    "url": (forms.URLInput(), "https://x.example/?a=1&b=2"),
    "password": (forms.PasswordInput(render_value=True), HOSTILE),
    "hidden": (forms.HiddenInput(), 0),
    "date": (forms.DateInput(), dt.date(2026, 1, 2)),
    "moment": (forms.DateTimeInput(), dt.datetime(2026, 1, 2, 3, 4, tzinfo=dt.UTC)),
    "time": (forms.TimeInput(), dt.time(3, 4)),
    "checkbox": (forms.CheckboxInput(), True),
    "off": (forms.CheckboxInput(), False),
    "checked": (forms.CheckboxInput(), HOSTILE),
    "file": (forms.FileInput(), None),
    "select": (forms.Select(choices=CHOICES), HOSTILE),
    "nothing": (forms.Select(choices=CHOICES), None),
    "groups": (forms.Select(choices=GROUPS), "b"),
    "several": (forms.SelectMultiple(choices=GROUPS), ["a", "c"]),
    "textarea": (forms.Textarea(), HOSTILE),
    "no text": (forms.Textarea(), None),
    "radio": (forms.RadioSelect(choices=CHOICES), "1"),
}


def drawn(widget: forms.Widget, value: object, renderer: DjangoTemplates, attrs: dict | None = None) -> str:
    """Without the white space round tags and lines, which means nothing there."""
    html = widget.render(HOSTILE, value, ATTRS if attrs is None else attrs, renderer)
    return re.sub(r"\s*\n\s*", "\n", html).strip()


@pytest.mark.parametrize("name", CONTROLS)
def test_a_control_looks_as_the_template_draws_it(name):
    assert drawn(*CONTROLS[name], PortalRenderer()) == drawn(*CONTROLS[name], DjangoTemplates())


@given(st.text(), st.dictionaries(st.text(), st.one_of(st.text(), st.booleans(), st.integers())))
def test_nothing_that_was_typed_becomes_markup(value, attrs):
    for widget in (forms.TextInput(), forms.Textarea(), forms.Select(choices=[(value, value)])):
        assert drawn(widget, value, PortalRenderer(), attrs) == drawn(widget, value, DjangoTemplates(), attrs)


def test_every_control_that_is_drawn_here_is_compared():
    names = {widget.template_name for widget, _value in CONTROLS.values()}
    assert set(DRAWN) - names == set()
    assert f"{PLACE}/radio.html" not in DRAWN
