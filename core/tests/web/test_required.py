"""Each kind of required field says in words of ours what is missing; a form's own words stand; serializers too."""

from django import forms
from rest_framework import serializers

from core.models import AuditEvent
from core.money import MoneyFormField
from core.web.required import said_plainly, say_it_plainly


class Everything(forms.Form):
    text = forms.CharField()
    number = forms.IntegerField()
    day = forms.DateField()
    mail = forms.EmailField()
    amount = MoneyFormField()
    one = forms.ChoiceField(choices=[("a", "A")])
    several = forms.MultipleChoiceField(choices=[("a", "A")])
    person = forms.ModelChoiceField(AuditEvent.objects.none())
    people = forms.ModelMultipleChoiceField(AuditEvent.objects.none())
    sheet = forms.FileField()
    tick = forms.BooleanField()
    terms = forms.CharField(error_messages={"required": "Say what was agreed."})


def test_what_is_missing_is_said_by_kind():
    form = Everything({})
    say_it_plainly(form)
    assert {name: list(found) for name, found in form.errors.items()} == {
        "text": ["Fill this in."],
        "number": ["Fill this in."],
        "day": ["Enter a date."],
        "mail": ["Enter an e-mail address."],
        "amount": ["Enter an amount."],
        "one": ["Choose one."],
        "several": ["Tick at least one."],
        "person": ["Choose one."],
        "people": ["Tick at least one."],
        "sheet": ["Choose a file."],
        "tick": ["Tick this to go on."],
        "terms": ["Say what was agreed."],
    }


class Part(serializers.Serializer):
    name = serializers.CharField()


class Body(serializers.Serializer):
    reason = serializers.CharField()
    note = serializers.CharField()
    amount = serializers.IntegerField()
    parts = Part(many=True)


def test_a_serializer_says_it_too():
    body = Body(data={"note": " ", "amount": None, "parts": [{}]})
    assert not body.is_valid()
    assert said_plainly(body.errors) == {
        "reason": ["Fill this in."],
        "note": ["Fill this in."],
        "amount": ["Fill this in."],
        "parts": {0: {"name": ["Fill this in."]}},
    }
    wrong = Body(data={"reason": "So", "note": "So", "amount": "x", "parts": []})
    assert not wrong.is_valid()
    assert said_plainly(wrong.errors) == {"amount": ["A valid integer is required."]}
