"""A clerk's own address in somebody's record, through every door that writes it, claims nobody."""

import pytest

from accounts.models import User
from members.factories import MemberFactory
from members.forms.members import MemberForm
from members.models import Member
from members.services import invitations

pytestmark = pytest.mark.django_db
FALSE = "clerk@people.example"


@pytest.fixture
def ann():
    return MemberFactory(member_number="A5120", email="ann@people.example")


def typed(member):
    form = MemberForm(instance=member)
    return {name: form[name].value() or "" for name in form.fields} | {"email": FALSE, "version": member.version}


def on_the_page(client, member):
    return client.post(f"/members/{member.pk}/edit/", typed(member)).status_code


def in_the_admin(client, member):
    return client.post(f"/admin/members/member/{member.pk}/change/", typed(member)).status_code


def by_a_program(client, member):
    told = {"content_type": "application/json", "headers": {"If-Match": f'"{member.version}"'}}
    return client.patch(f"/api/v1/members/{member.pk}/", {"email": FALSE}, **told).status_code


@pytest.mark.parametrize(("write", "status"), [(on_the_page, 302), (in_the_admin, 302), (by_a_program, 200)])
def test_no_door_writes_an_address_that_claims_at_once(ann, people, client_of, client, write, status):
    staff = client_of("staff")
    assert write(staff, ann) == status
    assert Member.objects.get(pk=ann.pk).email == FALSE
    client.post("/accounts/claim/", {"number": "A5120", "email": FALSE})
    assert staff.post(f"/members/{ann.pk}/invite/").status_code == 409
    assert invitations.invite_all(Member.objects.all(), actor=people["staff"]) == 0
    assert not User.objects.filter(member=ann).exists()
