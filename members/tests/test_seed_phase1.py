import datetime
import io

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.forms.models import model_to_dict

from accounts.factories import RoleAssignmentFactory
from core.audit.check import verify
from core.models import AuditEvent
from core.search import search
from core.site import change_settings, site_settings
from members.first_data import FirstData
from members.models import Employment, Member, Organization, OrganizationContact, SearchWord

pytestmark = pytest.mark.django_db
MODELS = (Organization, OrganizationContact, Member, Employment)
DAY = datetime.date(2026, 9, 1)


def seed(*arguments):
    out = io.StringIO()
    call_command("seed_phase1", *arguments, stdout=out)
    return out.getvalue().splitlines()


def portrait():
    """Return every value but keys and times, with names in place of links."""
    members = [
        {**model_to_dict(row, exclude=["id"]), "search_text": row.search_text, "sort_name": row.sort_name}
        for row in Member.objects.order_by("pk")
    ]
    links = {
        Organization: [model_to_dict(row, exclude=["id"]) for row in Organization.objects.order_by("pk")],
        OrganizationContact: [
            {**model_to_dict(row, exclude=["id"]), "organization": row.organization.name}
            for row in OrganizationContact.objects.order_by("pk").select_related("organization")
        ],
        Employment: [
            {
                **model_to_dict(row, exclude=["id"]),
                "organization": row.organization.name,
                "member": row.member.search_text,
            }
            for row in Employment.objects.order_by("pk").select_related("organization", "member")
        ],
    }
    return members, links


def forget_everything():
    for model in reversed(MODELS):
        model.objects.all().delete()


def test_it_fills_an_empty_portal_and_says_what_there_is():
    said = seed("--seed", "7", "--as-of", "2026-09-01")
    contacts, jobs = OrganizationContact.objects.count(), Employment.objects.count()
    assert said == ["Organizations: 40", f"Contacts: {contacts}", "Members: 200", f"Employments: {jobs}"]
    assert sorted(Organization.objects.values_list("org_type").distinct()) == [
        ("employer",),
        ("jatc",),
        ("training_partner",),
        ("union",),
    ]
    assert 40 <= contacts <= 120
    assert jobs >= 200
    assert Organization.objects.filter(contacts__is_primary=True).count() == 40


def test_everything_in_it_is_valid_recorded_and_searchable():
    FirstData(7, DAY).write()
    for model in MODELS:
        for row in model.objects.all():
            row.full_clean()
    assert verify().faults == []
    assert AuditEvent.objects.filter(action="created").count() == 240
    member = Employment.objects.current().select_related("member", "organization").first().member
    employer = member.current_employer_names()[0]
    assert member in search(Member.objects.all(), f"{member.last_name} {employer}")
    assert SearchWord.objects.filter(word="kettle").exists()


def test_it_looks_like_a_local():
    FirstData(7, DAY).write()
    members = Member.objects.all()
    assert not Employment.objects.current().filter(member__status__in=["retired", "deceased", "inactive"]).exists()
    assert set(members.filter(member_number=None).values_list("status", flat=True)) == {"represented_non_member"}
    assert members.filter(status="active").count() > 120
    assert members.filter(email="").exists()
    assert members.exclude(email="").exists()
    assert [row for row in members if not row.last_name.isascii()] != []
    assert [row for row in members if "'" in row.last_name] != []
    assert {row.standing for row in members} == {"good", "arrears", "unknown"}


def test_the_same_seed_and_day_repeat_every_value():
    FirstData(7, DAY).write()
    first = portrait()
    forget_everything()
    FirstData(7, DAY).write()
    assert portrait() == first
    forget_everything()
    FirstData(8, DAY).write()
    assert portrait() != first


def test_a_second_run_adds_nothing_unless_asked_for_more():
    said = seed()
    before = portrait()
    assert seed() == [*said, "Nothing was added. To add another set, say --more."]
    assert portrait() == before
    seed("--more", "--scale", "2")
    assert (Organization.objects.count(), Member.objects.count()) == (120, 600)
    assert Organization.objects.values("name").distinct().count() == 120
    assert portrait()[0][:200] == before[0]


def test_production_refuses_it(settings):
    settings.PRODUCTION = True
    with pytest.raises(CommandError) as refusal:
        seed()
    assert str(refusal.value) == "This portal runs with production settings. Demonstration data is refused here."
    assert Member.objects.count() == 0


@pytest.mark.parametrize("scale", ["0", "-1", "10001"])
def test_a_scale_out_of_range_is_refused(scale):
    with pytest.raises(CommandError, match="--scale takes a number from 1 to 10000"):
        seed("--scale", scale)
    assert Member.objects.count() == 0


def test_it_marks_the_portal_and_names_the_local_once():
    seed()
    site = site_settings()
    assert site.is_demo is True
    assert site.name == "Prairie State Trades Local"
    assert site.number == "4127"
    change_settings({"name": "Our own name"}, actor=None)
    seed("--more")
    assert site_settings().name == "Our own name"


def test_the_demo_member_gets_a_record_once():
    user = RoleAssignmentFactory(role="member").user
    staff = RoleAssignmentFactory(role="staff").user
    seed()
    user.refresh_from_db()
    staff.refresh_from_db()
    assert (user.member.status, staff.member) == ("active", None)
    linked = user.member
    seed("--more")
    user.refresh_from_db()
    assert user.member == linked


def test_a_large_scale_tells_how_far_it_is(monkeypatch):
    monkeypatch.setattr("members.first_data.MEMBERS", 5)
    assert seed("--scale", "11")[0] == "55 members written"


def test_statements_grow_with_batches_and_not_with_rows(django_assert_max_num_queries):
    with django_assert_max_num_queries(90 if connection.vendor == "postgresql" else 130):
        FirstData(7, DAY).write()
