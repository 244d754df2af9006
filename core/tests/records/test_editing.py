from datetime import date
from decimal import Decimal

import pytest
from django import forms
from django.http import QueryDict

from core.models import SiteSettings
from core.records.editing import Merged, compare, conflict_rows, marks, read_marks, take
from core.tests.sample.models import Ticket
from core.web.forms import VersionedModelForm

pytestmark = pytest.mark.django_db


class TicketForm(VersionedModelForm):
    hidden = forms.BooleanField(label="Hidden", required=False)

    class Meta:
        model = Ticket
        fields = ["title", "number", "status", "hidden", "amount"]


def typed(query: str, ticket: Ticket) -> TicketForm:
    form = TicketForm(QueryDict(query), instance=ticket)
    assert form.is_valid(), form.errors
    return form


def test_both_versions_in_the_words_of_the_form(db):
    saved = Ticket.objects.create(title="Roof", number=7, status="closed", hidden=True)
    form = typed("title=Door&number=&status=open&amount=12.50&version=1", Ticket.objects.get())
    assert conflict_rows(form, saved, compare(form, saved, {}).clashes) == [
        ("Title", "Roof", "Door"),
        ("Number", "7", "empty"),
        ("Status", "Closed", "Open"),
        ("Hidden", "yes", "no"),
        ("Amount", "empty", "12.50"),
    ]


def test_the_same_change_twice_is_no_difference(db):
    Ticket.objects.create(title="Roof", amount="3.00")
    form = typed("title=Roof&status=open&amount=3&version=1", Ticket.objects.get())
    assert compare(form, Ticket.objects.get(), {}) == Merged()


def test_marks_tell_who_changed_which_field(db):
    Ticket.objects.create(title="Roof", number=7, status="open", amount="3.00")
    seen = read_marks(marks(TicketForm(instance=Ticket.objects.get()), Ticket.objects.get()))
    saved = Ticket(title="Roof", number=8, status="closed", hidden=True, amount=Decimal("3.00"))
    form = typed("title=Door&number=9&status=open&amount=3&version=1", Ticket.objects.get())
    assert compare(form, saved, seen) == Merged(theirs=["status", "hidden"], clashes=["number"])
    assert compare(form, saved, {}) == Merged(clashes=["title", "number", "status", "hidden"])


class PlaceForm(TicketForm):
    """Asks for more than the columns of a ticket: a place, which says one thing together with the number."""

    one_statement = ("number", "place")
    place = forms.CharField(label="Place", required=False)

    def saved_values(self, row):
        return {**super().saved_values(row), "place": row.secret}


def placed(typed_of_both: str, saved: Ticket) -> tuple[PlaceForm, Merged]:
    """Compare what is typed with what is `saved` since both were 7, Yard."""
    seen = Ticket(title="Roof", number=7, secret="Yard")
    form = PlaceForm(QueryDict(f"title=Roof&status=open&version=1&{typed_of_both}"), instance=Ticket())
    assert form.is_valid(), form.errors
    return form, compare(form, saved, read_marks(marks(PlaceForm(instance=seen), seen)))


def test_what_is_no_column_is_compared_too(db):
    saved = Ticket(title="Door", number=7, secret="Shed")
    form, merged = placed("number=7&place=Yard", saved)
    assert merged == Merged(theirs=["title", "place"])
    form.data = form.data.copy()
    take(form, "place", saved)
    assert (form["place"].value(), form.cleaned_data["place"]) == ("Shed", "Shed")
    form, merged = placed("number=7&place=Barn", saved)
    assert merged == Merged(theirs=["title"], clashes=["place"])
    assert conflict_rows(form, saved, merged.clashes) == [("Place", "Shed", "Barn")]


def test_one_statement_is_never_mixed_of_two_people(db):
    saved = Ticket(title="Door", number=7, secret="Shed")
    form, merged = placed("number=8&place=Yard", saved)
    assert (merged.theirs, set(merged.clashes)) == (["title"], {"number", "place"})
    assert conflict_rows(form, saved, merged.clashes) == [("Number", "7", "8"), ("Place", "Shed", "Yard")]
    assert placed("number=8&place=Barn", Ticket(title="Roof", number=7, secret="Yard"))[1] == Merged()


def test_what_is_taken_is_shown_by_the_form_whatever_its_fields_are_called_in_the_page(db):
    saved, query = Ticket(title="Door", number=0), QueryDict("t-title=Roof&t-number=7&t-status=open&t-hidden=on")
    form = TicketForm(query.copy(), instance=Ticket(), prefix="t")
    assert form.is_valid(), form.errors
    for name in ("title", "number", "hidden", "amount"):
        take(form, name, saved)
    assert {name: form[name].value() for name in ("title", "number", "hidden", "amount")} == {
        "title": "Door",
        "number": "0",
        "hidden": False,
        "amount": "",
    }


@pytest.mark.parametrize("text", ["", "x", "[]", "7", "{", "null", '{"title": 3}', "[" * 5_000, "\0"])
def test_forged_marks_say_nothing(db, text):
    form = typed("title=Door&status=open&version=1", Ticket())
    assert compare(form, Ticket(title="Roof"), read_marks(text)).clashes == ["title"]


def test_lists_of_choices_are_told_in_words():
    class DaysForm(VersionedModelForm):
        working_week = forms.TypedMultipleChoiceField(label="Days", coerce=int, choices=[(0, "Monday"), (1, "Tuesday")])

        class Meta:
            model = SiteSettings
            fields = ["working_week"]

    form = DaysForm(QueryDict("working_week=0&working_week=1&version=1"), instance=SiteSettings(pk=1, working_week=[1]))
    assert form.is_valid()
    saved = SiteSettings(pk=1, working_week=[1])
    assert compare(form, saved, {}).clashes == ["working_week"]
    assert conflict_rows(form, saved, ["working_week"]) == [("Days", "Tuesday", "Monday, Tuesday")]


def test_the_form_carries_the_version_that_was_seen(db):
    ticket = Ticket.objects.create(title="Roof", version=4)
    assert TicketForm(instance=ticket)["version"].value() == 4
    assert TicketForm(instance=ticket).fields["version"].widget.is_hidden


@pytest.mark.parametrize("version", ["-1", "x", "1.5", "99999999999", "\0", "9" * 5_000])
def test_a_forged_version_is_refused(db, version):
    query = QueryDict(mutable=True)
    query.update({"title": "Roof", "status": "open", "version": version})
    assert list(TicketForm(query, instance=Ticket()).errors) == ["version"]


def test_dates_are_compared_as_days():
    class DayForm(forms.ModelForm):
        day = forms.DateField(label="Day")

        class Meta:
            model = Ticket
            fields: list[str] = []

    form = DayForm({"day": "2026-09-01"})
    assert form.is_valid()
    assert form.cleaned_data == {"day": date(2026, 9, 1)}
