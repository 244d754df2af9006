import pytest
from django import forms

from members.factories import MemberFactory, OrganizationFactory
from members.forms.members import MergeForm, OrganizationField, PhoneField, label_of
from members.models import Member
from members.services.members import MEMBER_FIELDS

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("typed", "stored", "shown"),
    [
        ("(309) 555-0142", "+13095550142", "(309) 555-0142"),
        ("309.555.0142 ext 7", "+13095550142x7", "(309) 555-0142 ext. 7"),
        (" +44 20 7946 0018 ", "+442079460018", "+44 20 7946 0018"),
        ("", "", ""),
    ],
)
def test_a_phone_number_is_stored_one_way_and_shown_another(typed, stored, shown):
    field = PhoneField(required=False)
    assert (field.clean(typed), field.prepare_value(stored)) == (stored, shown)


@pytest.mark.parametrize("typed", ["555", "call me", "1-800-FLOWERS", "9" * 41, "+1309555014\0", "٣٠٩", "--"])
def test_what_cannot_be_a_phone_number(typed):
    with pytest.raises(forms.ValidationError):
        PhoneField(required=False).clean(typed)


@pytest.fixture
def field(people):
    return OrganizationField(actor=people["staff"], required=False)


def test_an_organization_by_its_name(field):
    yard = OrganizationFactory(name="Crane Yard", city="Peoria", state="IL")
    other = OrganizationFactory(name="Crane Yard", city="Pekin", state="IL")
    alone = OrganizationFactory(name="Dock — North", city="", state="")
    assert [label_of(item) for item in (yard, other, alone)] == [
        "Crane Yard — Peoria, IL",
        "Crane Yard — Pekin, IL",
        "Dock — North",
    ]
    texts = ["Crane Yard — Peoria, IL", "crane yard — pekin, il", "Dock — North", "dock — NORTH", "", " "]
    assert [field.clean(text) for text in texts] == [yard, other, alone, alone, None, None]


@pytest.mark.parametrize("typed", ["Crane Yard", "crane", "cran ya"])
def test_an_organization_that_is_one_of_several(field, typed):
    yards = [OrganizationFactory(name="Crane Yard", city=city, state="IL") for city in ("Pekin", "Peoria")]
    with pytest.raises(forms.ValidationError, match="fits several") as refused:
        field.clean(typed)
    assert refused.value.labels == [label_of(yard) for yard in yards]
    assert field.clean(f"peoria {typed}") == yards[1]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("Nowhere", "No organization of this name. Add it under Employers first."),
        ("???", "No organization of this name. Add it under Employers first."),
        ("a\0b", "Null characters are not allowed."),
        ("x" * 321, "Ensure this value has at most 320 characters (it has 321)."),
    ],
)
def test_an_organization_that_is_not_clear(field, typed, sentence):
    OrganizationFactory(name="Crane Yard", city="Pekin", state="IL")
    OrganizationFactory(name="Crane Yard", city="Peoria", state="IL")
    with pytest.raises(forms.ValidationError) as refused:
        field.clean(typed)
    assert sorted(refused.value.messages) == [sentence]


def test_an_exact_name_counts_however_many_contain_it(field):
    for number in range(45):
        OrganizationFactory(name=f"Annex {number:02} of the Works")
    works = OrganizationFactory(name="Works", city="Peoria", state="IL")
    assert field.clean("Works — Peoria, IL") == works


def test_organizations_that_the_person_may_not_see_do_not_exist(people):
    OrganizationFactory(name="Crane Yard")
    with pytest.raises(forms.ValidationError, match=r"No organization of this name.*ask the office to add it"):
        OrganizationField(actor=people["member"]).clean("Crane Yard")


def merge_form(data=None) -> MergeForm:
    kept = MemberFactory(first_name="Ann", city="Peoria", phone="+13095550142", email="", notes="")
    fields = {name: getattr(kept, name) for name in MEMBER_FIELDS}
    duplicate = Member(pk=kept.pk + 1, **fields | {"first_name": "Anne", "phone": "", "email": "a@b.example"})
    return MergeForm(data, kept=kept, duplicate=duplicate, fields=MEMBER_FIELDS)


def test_merging_asks_only_for_what_differs_and_prefers_what_is_filled():
    form = merge_form()
    assert form.differing == ["first_name", "phone", "email"]
    assert list(form.fields) == ["first_name", "phone", "email", "reason", "kept_version", "duplicate_version"]
    assert {name: (form.fields[name].initial, form.fields[name].choices) for name in form.differing} == {
        "first_name": ("kept", [("kept", "Ann"), ("duplicate", "Anne")]),
        "phone": ("kept", [("kept", "(309) 555-0142"), ("duplicate", "(empty)")]),
        "email": ("duplicate", [("kept", "(empty)"), ("duplicate", "a@b.example")]),
    }


def test_the_chosen_values():
    form = merge_form({"first_name": "duplicate", "phone": "kept", "email": "duplicate", "reason": "Twice"})
    assert form.is_valid()
    assert form.values() == {"first_name": "Anne", "email": "a@b.example"}


def test_a_merge_without_a_choice_or_with_another_is_refused():
    form = merge_form({"first_name": "third", "phone": "kept", "reason": ""})
    assert {name: [str(item) for item in found] for name, found in form.errors.items()} == {
        "first_name": ["Select a valid choice. third is not one of the available choices."],
        "email": ["This field is required."],
        "reason": ["Say why."],
    }
