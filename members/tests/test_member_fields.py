"""Naming members in a form of another app: one by name or number, several one a line."""

import re
from urllib.parse import urlencode

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from core.models import ReadEvent
from core.web import picking
from members.factories import EmploymentFactory, MemberFactory
from members.forms.members import MemberField, MembersField
from members.models import Member
from members.services.members import delete_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann():
    return MemberFactory(member_number="104233", first_name="Ann", last_name="Aalto")


@pytest.mark.parametrize(
    "text", ["Ann Aalto — 104233", "104233", "ann aalto", " Ann  Aalto ", "Aalto — 104233 "], ids=range(5)
)
def test_a_member_is_found_by_what_names_one(people, ann, text):
    MemberFactory(first_name="Anna", last_name="Aaltonen")
    assert MemberField(actor=people["staff"]).clean(text) == ann


@pytest.mark.parametrize("text", ["aal", "Ann A", "a aal"])
def test_the_beginning_of_one_name_is_enough(people, ann, text):
    MemberFactory(first_name="Bea", last_name="Baker")
    assert MemberField(actor=people["staff"]).clean(text) == ann


@pytest.mark.parametrize("text", ["1042", "alto", "ann@people.example", "crane yard"])
def test_what_is_no_name_does_not_decide_whose_case_it_is(people, text):
    job = EmploymentFactory(organization__name="Crane Yard", member__email="ann@people.example")
    Member.objects.filter(pk=job.member_id).update(first_name="Ann", last_name="Aalto", member_number="104233")
    with pytest.raises(ValidationError):
        MemberField(actor=people["staff"]).clean(text)


class CaseForm(forms.Form):
    def __init__(self, *args, actor, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["member"] = MemberField(label="Member", actor=actor)
        self.fields["members"] = MembersField(label="Grievants", actor=actor)


def test_of_several_that_fit_one_is_chosen(people, ann):
    twin = MemberFactory(member_number="104234", first_name="Ann", last_name="Aalto")
    labels = ["Ann Aalto — 104233", "Ann Aalto — 104234"]
    unclear = CaseForm(QueryDict("member=ann&members=ann"), actor=people["staff"])
    assert not unclear.is_valid()
    drawn = {name: str(picking.offers(unclear[name])) for name in ("member", "members")}
    assert {
        name: re.findall('type="([a-z]+)" name="([a-z]+)" value="(.*?)"', text) for name, text in drawn.items()
    } == {
        "member": [("radio", "member", label) for label in labels],
        "members": [("checkbox", "members", label) for label in labels],
    }
    data = urlencode({"member": ["ann", labels[1]], "members": ["ann", *labels]}, doseq=True)
    chosen = CaseForm(QueryDict(data), actor=people["staff"])
    assert chosen.is_valid(), chosen.errors
    assert chosen.cleaned_data == {"member": twin, "members": [ann, twin]}
    assert picking.offers(chosen["member"]) == ""


def test_two_of_one_name_are_told_apart_by_number(people, ann):
    twin = MemberFactory(member_number="104234", first_name="Ann", last_name="Aalto")
    field = MemberField(actor=people["staff"])
    with pytest.raises(ValidationError, match="“Ann Aalto” fits several") as refused:
        field.clean("Ann Aalto")
    assert refused.value.labels == ["Ann Aalto — 104233", "Ann Aalto — 104234"]
    assert field.clean("Ann Aalto — 104234") == twin
    assert field.prepare_value(twin.pk) == "Ann Aalto — 104234"


@pytest.mark.parametrize("text", ["Zed Nobody", "999999", "Bea Berg — 104233", "\0", "—", "x" * 300])
def test_what_names_nobody_is_refused(people, ann, text):
    with pytest.raises(ValidationError):
        MemberField(actor=people["staff"]).clean(text)


def test_only_members_that_the_person_may_see(people, ann):
    assert MemberField(actor=people["staff"]).clean("104233") == ann
    with pytest.raises(ValidationError):
        MemberField(actor=people["member"]).clean("104233")
    delete_member(ann, actor=people["staff"], reason="Left")
    with pytest.raises(ValidationError):
        MemberField(actor=people["staff"]).clean("104233")


def test_several_one_a_line(people, ann):
    bo = MemberFactory(member_number="A77", first_name="Bo", last_name="Berg")
    field = MembersField(actor=people["staff"], required=False)
    assert (field.clean("104233\r\n\r\nBo Berg — A77\n104233"), field.clean("")) == ([ann, bo], [])
    assert field.prepare_value([ann, bo]) == "Ann Aalto — 104233\nBo Berg — A77"
    with pytest.raises(ValidationError, match="at most 200"):
        field.clean("104233\n" * 201)


def test_suggestions_while_one_types(client_of, people, ann):
    staff = client_of("staff")
    assert 'value="Ann Aalto — 104233"' in staff.get("/members/suggest/", {"member": "aal"}).text
    assert "Aalto" in staff.get("/members/suggest/", {"members": "Bo Berg\nann"}).text
    assert [staff.get("/members/suggest/", {"member": text}).text.strip() for text in ("", "a", "zzz", "\0")] == [
        ""
    ] * 4
    assert client_of("member").get("/members/suggest/", {"member": "aal"}).status_code == 403
    looks = ReadEvent.objects.values_list("actor", "kind", "subject_type", "rows", "filters")
    assert list(looks) == [(people["staff"].pk, "listed", "members.member", 1, {})] * 2


def test_what_was_merged_is_the_same_person(ann):
    twin = MemberFactory()
    assert list(Member.objects.same_person(ann.pk)) == [ann]
    Member.objects.filter(pk=twin.pk).update(merged_into=ann)
    assert set(Member.objects.same_person(ann.pk)) == {ann, twin}
    assert list(Member.objects.same_person(None)) == []
