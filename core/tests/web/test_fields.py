import pytest
from django import forms
from django.template import Context, Template
from django.utils.safestring import mark_safe

from core.money import MoneyInput

NASTY = "<b>'\"&"
ESCAPED = "&lt;b&gt;&#x27;&quot;&amp;"


class Sample(forms.Form):
    name = forms.CharField(label=NASTY, help_text=NASTY)
    note = forms.CharField(widget=forms.Textarea, required=False, label="Note")
    day = forms.DateField(label="Day")
    agreed = forms.BooleanField(label="Agreed", help_text=mark_safe("<i>Read</i> it"), required=False)
    kind = forms.ChoiceField(label="Kind", choices=[("a", NASTY)], widget=forms.RadioSelect)
    amount = forms.DecimalField(label="Amount", widget=MoneyInput)
    key = forms.CharField(widget=forms.HiddenInput, initial=NASTY)


def drawn(name: str, options: str = "", data: dict | None = None) -> str:
    return Template("{% load ui %}{% field bound " + options + " %}").render(Context({"bound": Sample(data)[name]}))


EXPECTED = {
    "name": (
        f'<div class="field field-single field-medium"><label class="field-label" for="id_name">{ESCAPED}</label>'
        f'<p class="field-hint" id="id_name_hint">{ESCAPED}</p>'
        '<input type="text" name="name" class="form-control" aria-describedby="id_name_hint" '
        'required id="id_name"></div>'
    ),
    "note": (
        '<div class="field field-single field-full"><label class="field-label" for="id_note">Note '
        '<span class="field-optional">(optional)</span></label>'
        '<textarea name="note" cols="40" rows="10" class="form-control" id="id_note">\n</textarea></div>'
    ),
    "day": (
        '<div class="field field-single field-short"><label class="field-label" for="id_day">Day</label>'
        '<input type="date" name="day" class="form-control" required id="id_day"></div>'
    ),
    "agreed": (
        '<div class="field field-checkbox field-medium"><div class="choice"><input type="checkbox" name="agreed" '
        'class="form-check-input" aria-describedby="id_agreed_hint" id="id_agreed">'
        '<label for="id_agreed">Agreed</label></div><p class="field-hint" id="id_agreed_hint"><i>Read</i> it</p></div>'
    ),
    "kind": (
        '<fieldset class="field field-choices field-medium"><legend class="field-label">Kind</legend>'
        '<div class="choice"><input type="radio" name="kind" value="a" id="id_kind_0" required>'
        f'<label for="id_kind_0">{ESCAPED}</label></div></fieldset>'
    ),
    "key": f'<input type="hidden" name="key" value="{ESCAPED}" class="form-control" id="id_key">',
}


@pytest.mark.parametrize("name", EXPECTED)
def test_a_field_is_drawn_by_its_kind(name):
    assert drawn(name) == EXPECTED[name]


def test_money_has_its_currency_in_front():
    assert '<div class="money-input"><span class="money-sign" aria-hidden="true">$</span><input' in drawn("amount")
    assert drawn("amount").startswith('<div class="field field-money field-short">')


def test_an_error_stands_under_its_field_and_is_named_by_it():
    text = drawn("kind", data={"kind": NASTY})
    assert text.startswith(
        '<fieldset class="field field-choices field-medium field-invalid" aria-describedby="id_kind_error">'
    )
    assert (
        f"</span> Select a valid choice. {ESCAPED} is not one of the available choices.</span></p></fieldset>" in text
    )


def test_hint_label_and_width_may_be_given():
    text = drawn("day", "hint='When' label='The day' width='full'")
    assert '<div class="field field-single field-full"><label class="field-label" for="id_day">The day</label>' in text
    assert '<p class="field-hint" id="id_day_hint">When</p>' in text


def test_a_field_that_does_not_exist_is_a_mistake():
    with pytest.raises(ValueError, match="does not exist"):
        Template("{% load ui %}{% field form.nothing %}").render(Context({"form": Sample()}))
