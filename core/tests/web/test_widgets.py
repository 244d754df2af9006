from datetime import date
from decimal import Decimal

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy
from hypothesis import given
from hypothesis import strategies as st

from core.web.widgets import DRAWN, WidgetRenderer

NASTY = """</option></textarea>"'><script>alert(1)</script>&amp;{{ x }}"""
CHOICES = [
    ("", "---------"),
    (1, "One & only"),
    (NASTY, NASTY),
    (gettext_lazy("Group <b>"), [("a", gettext_lazy("January")), (2026, 2026), (None, "None")]),
    ("safe", mark_safe("<i>safe</i>")),
]
ATTRIBUTES = {"id": "id_x", "class": 'a "b"', "required": True, "disabled": False, "data-n": 7, "title": NASTY}
WIDGETS = [
    forms.TextInput(),
    forms.TextInput(ATTRIBUTES),
    forms.NumberInput({"step": "0.01", "min": 0}),
    forms.EmailInput(),
    forms.URLInput(),
    forms.SearchInput(),
    forms.TelInput(),
    forms.PasswordInput(render_value=True),
    forms.PasswordInput(),
    forms.HiddenInput(ATTRIBUTES),
    forms.DateInput(),
    forms.DateTimeInput(),
    forms.TimeInput(),
    forms.CheckboxInput(ATTRIBUTES),
    forms.FileInput(ATTRIBUTES),
    forms.Textarea(ATTRIBUTES),
    forms.Select(ATTRIBUTES, choices=CHOICES),
    forms.SelectMultiple(choices=CHOICES),
    forms.NullBooleanSelect(),
]
VALUES = [None, "", "Ann", NASTY, 0, 1234567, Decimal("1234.50"), date(2026, 11, 26), True, mark_safe("<i>safe</i>")]


@pytest.mark.parametrize("widget", WIDGETS, ids=lambda widget: type(widget).__name__)
def test_a_control_is_drawn_as_django_draws_it(widget):
    assert widget.template_name in DRAWN
    for value in VALUES:
        given = [value] if isinstance(widget, forms.SelectMultiple) else value
        expected = widget.render("na<m>e", given, {"id": "id_y"}, renderer=DjangoTemplates())
        assert widget.render("na<m>e", given, {"id": "id_y"}, renderer=WidgetRenderer()) == expected


@pytest.mark.parametrize("kind", [forms.RadioSelect, forms.CheckboxSelectMultiple])
def test_each_button_of_a_choice_is_drawn_as_django_draws_it(kind):
    class Sample(forms.Form):
        x = forms.ChoiceField(choices=CHOICES, widget=kind(ATTRIBUTES))

    mine, theirs = [
        [(button.tag(), button.tag(wrap_label=True)) for button in Sample({"x": "a"}, renderer=renderer)["x"]]
        for renderer in (WidgetRenderer(), DjangoTemplates())
    ]
    assert mine == theirs


def test_all_other_controls_are_left_to_djangos_templates():
    several = forms.MultiWidget([forms.TextInput()] * 2)
    for widget in (forms.RadioSelect(choices=CHOICES), several, forms.ClearableFileInput()):
        expected = widget.render("name", ["a"], renderer=DjangoTemplates())
        assert widget.render("name", ["a"], renderer=WidgetRenderer()) == expected


# Django's template would take an attribute of the name "items" for the method of the dictionary.
NAMES = st.text().filter(lambda name: name != "items")


@given(st.text(), st.dictionaries(NAMES, st.one_of(st.text(), st.booleans(), st.integers())))
def test_nothing_that_was_typed_becomes_markup(value, attributes):
    for widget in (forms.TextInput(), forms.Textarea(), forms.Select(choices=[(value, value)])):
        mine, theirs = (
            widget.render("name", value, attributes, renderer=kind()) for kind in (WidgetRenderer, DjangoTemplates)
        )
        assert mine == theirs


def test_every_control_that_is_drawn_here_is_compared():
    compared = {widget.template_name for widget in WIDGETS}
    buttons = {widget.option_template_name for widget in (forms.RadioSelect, forms.CheckboxSelectMultiple)}
    assert set(DRAWN) - compared - buttons == {"django/forms/widgets/input.html"}


def test_the_portal_uses_it():
    assert type(forms.Form().renderer) is WidgetRenderer
