import pytest

from members.factories import OrganizationFactory
from members.forms.members import label_of
from organizing.factories import CampaignMemberFactory
from organizing.forms.campaigns import ActivityForm, CampaignForm, EntryForm, HandlerForm
from organizing.models import SaltingActivity

pytestmark = pytest.mark.django_db


def test_the_target_is_typed_under_the_name_that_the_suggestions_read(vault):
    employer = OrganizationFactory()
    data = {"organization": label_of(employer), "stage": "building", "version": "1"}
    form = CampaignForm(data, instance=vault.campaign, actor=vault["lead"])
    assert form.is_valid()
    assert form.values()["target"] == employer
    assert 'name="organization"' in str(form["target"])


def test_ended_is_no_stage_to_choose(vault):
    form = CampaignForm(instance=vault.campaign, actor=vault["lead"])
    assert "ended" not in dict(form.fields["stage"].choices)


def test_line_ends_of_a_browser_change_nothing(vault):
    data = {"organization": "", "stage": "building", "salting_notes": "Two\r\nlines"}
    form = CampaignForm(data, instance=vault.campaign, actor=vault["lead"])
    assert form.is_valid()
    assert form.values()["salting_notes"] == "Two\nlines"


def test_who_acted_is_chosen_among_the_campaigns_own_and_preselected_where_there_is_one(vault):
    CampaignMemberFactory()
    form = ActivityForm(instance=SaltingActivity(campaign=vault.campaign))
    assert set(form.fields["campaign_member"].queryset) == {vault.salt, vault.other_salt}
    assert "S-002" in str(form["campaign_member"])
    assert form.initial.get("campaign_member") is None
    alone = CampaignMemberFactory()
    form = ActivityForm(instance=SaltingActivity(campaign=alone.campaign))
    assert form.initial["campaign_member"] == alone.pk


def test_a_handler_is_chosen_among_those_with_the_duty(vault):
    form = HandlerForm(instance=vault.other_salt)
    assert list(form.fields["handler"].queryset) == [vault["handler"]]


def test_an_entry_becomes_the_fields_of_an_activity(vault):
    data = {
        "day": "2026-01-05",
        "kind": "talk",
        "result": "",
        "people": "",
        "filled": "",
        "place": "",
        "text": "a\r\nb",
    }
    form = EntryForm(data, acting=[vault.salt])
    assert form.is_valid()
    assert form.salt == vault.salt
    assert (form.fields["which"].widget.is_hidden, form["which"].initial) == (True, str(vault.salt.pk))
    assert {name: value for name, value in form.values().items() if name != "activity_date"} == {
        "activity_type": "one_on_one",
        "outcome": "",
        "workers_contacted": 0,
        "cards_signed": 0,
        "description": "a\nb",
        "location": "",
    }


def test_numbers_begin_empty_and_nothing_typed_is_none(vault):
    numbers = ("workers_contacted", "cards_signed")
    form = ActivityForm(instance=SaltingActivity(campaign=vault.campaign))
    assert [(form[name].value(), form.fields[name].required) for name in numbers] == [(None, False)] * 2
    shown = ActivityForm(instance=vault.activity)
    assert [shown[name].value() for name in numbers] == [5, 2]
    typed = {"campaign_member": vault.salt.pk, "activity_date": "2026-08-01", "activity_type": "meeting"}
    empty = ActivityForm(typed, instance=SaltingActivity(campaign=vault.campaign))
    assert (empty.errors, [empty.values()[name] for name in numbers]) == ({}, [0, 0])
    more = ActivityForm(typed | {"cards_signed": "2"}, instance=SaltingActivity(campaign=vault.campaign))
    assert more.errors == {"cards_signed": ["More cards than workers contacted. Check both numbers."]}
