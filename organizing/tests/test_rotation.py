"""New keys for encrypted fields: salts are found before, while and after the old key goes."""

from io import StringIO

import pytest
from django.core.management import call_command

from core.management.commands.rotate_field_keys import index_again
from members.factories import MemberFactory
from organizing.factories import CampaignMemberFactory
from organizing.models import CampaignMember

pytestmark = pytest.mark.django_db
INDEX = CampaignMember._meta.get_field("member_index")


def test_an_index_is_computed_anew_before_the_old_key_goes(settings):
    members = [MemberFactory() for _number in range(3)]
    salts = [CampaignMemberFactory(member=member) for member in members]
    settings.FIELD_KEYS = {**settings.FIELD_KEYS, "new2": b"N" * 32}
    first, second = StringIO(), StringIO()
    call_command("rotate_field_keys", stdout=first)
    call_command("rotate_field_keys", stdout=second)
    assert "organizing.CampaignMember.member_index: 3 values moved to key new2." in first.getvalue()
    assert "organizing.CampaignMember.member_index: 0 values moved to key new2." in second.getvalue()
    settings.FIELD_KEYS = {"new2": b"N" * 32}
    assert [CampaignMember.objects.acted_by(member.pk).get() for member in members] == salts


def test_each_index_is_looked_at_once_also_over_several_chunks(settings, monkeypatch):
    monkeypatch.setattr("core.management.commands.rotate_field_keys.CHUNK", 2)
    members = [MemberFactory() for _number in range(5)]
    for member in members:
        CampaignMemberFactory(member=member)
    settings.FIELD_KEYS = {**settings.FIELD_KEYS, "new2": b"N" * 32}
    assert [index_again(CampaignMember, INDEX) for _turn in range(2)] == [5, 0]
