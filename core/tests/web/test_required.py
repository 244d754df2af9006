"""What is missing or out of bounds is said in words of ours; a form's own words stand; serializers too."""

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


def test_a_number_that_is_too_small_or_too_large_is_refused_in_our_words():
    class Bounded(forms.Form):
        hours = forms.IntegerField(min_value=1, max_value=72)
        people = forms.IntegerField(min_value=1, error_messages={"min_value": "Nobody came."})

    said = []
    for hours, people in (("0", "0"), ("73", "1")):
        form = Bounded({"hours": hours, "people": people})
        say_it_plainly(form)
        said.append({name: list(found) for name, found in form.errors.items()})
    assert said == [
        {"hours": ["Enter 1 or more."], "people": ["Nobody came."]},
        {"hours": ["Enter 72 or less."]},
    ]


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
