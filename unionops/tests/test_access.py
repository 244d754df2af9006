"""The permission table, typed here a second time."""

import importlib
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import Permission

from accounts.models import Role, User
from accounts.services.roles import sync_roles
from unionops.access import GRANTS, NOT_FOR_CUSTOM_ROLES, PERMISSIONS, ROLES

pytestmark = pytest.mark.django_db

SYSTEM = ("admin", "officer", "staff", "organizer", "instructor", "member")
FURTHER = (
    "representative",
    "steward",
    "grievance-chair",
    "organizing-director",
    "treasurer",
    "trustee",
    "benevolence-vp",
    "benevolence-admin",
    "benevolence-manager",
    "benevolence-president",
)
#                                      adm off stf org mem rep stw gch odr trs tru bvp bad bma bpr
TABLE = """
accounts.enter_admin                     x   x   x   .   .   .   .   .   .   x   .   x   x   x   x
accounts.view_user                       x   x   .   .   .   .   .   .   .   .   .   .   .   .   .
accounts.change_user                     x   .   .   .   .   .   .   .   .   .   .   .   .   .   .
accounts.change_program                  x   .   .   .   .   .   .   .   .   .   .   .   .   .   .
accounts.invite_member                   x   .   x   .   .   .   .   .   .   .   .   .   .   .   .
accounts.view_role                       x   x   .   .   .   .   .   .   .   .   .   .   .   .   .
accounts.change_role                     x   .   .   .   .   .   .   .   .   .   .   .   .   .   .
accounts.assign_role                     x   .   .   .   .   .   .   .   .   .   .   .   .   .   .
accounts.confirm_role                    .   x   .   .   .   .   .   .   .   .   .   .   .   .   .
accounts.hear_alarm                      .   x   .   .   .   .   .   .   .   .   x   .   .   .   .
accounts.hand_over                       x   x   x   x   .   .   .   x   x   .   .   .   .   .   .
core.view_sitesettings                   x   x   .   .   .   .   .   .   .   .   .   .   .   .   .
core.change_sitesettings                 x   .   .   .   .   .   .   .   .   .   .   .   .   .   .
core.view_audit                          x   .   .   .   .   .   .   .   .   .   .   .   .   .   .
core.view_history                        x   x   x   .   .   .   .   .   .   .   .   .   .   .   .
core.view_system                         x   .   .   .   .   .   .   .   .   .   .   .   .   .   .
core.enter_office                        x   x   x   x   .   x   x   x   x   x   x   x   x   x   x
members.view_member                      x   x   x   x   .   x   x   x   .   .   .   .   .   .   .
members.view_own_record                  .   .   .   .   x   .   .   .   .   .   .   .   .   .   .
members.add_member                       .   x   x   .   .   .   .   .   .   .   .   .   .   .   .
members.change_member                    .   x   x   .   .   .   .   .   .   .   .   .   .   .   .
members.delete_member                    .   x   x   .   .   .   .   .   .   .   .   .   .   .   .
members.restore_member                   x   x   x   .   .   .   .   .   .   .   .   .   .   .   .
members.merge_member                     x   x   x   .   .   .   .   .   .   .   .   .   .   .   .
members.export_member                    .   x   x   .   .   .   .   .   .   .   .   .   .   .   .
members.view_organization                x   x   x   x   .   x   x   x   .   .   .   .   .   .   .
members.add_organization                 .   x   x   .   .   .   .   .   .   .   .   .   .   .   .
members.change_organization              .   x   x   .   .   .   .   .   .   .   .   .   .   .   .
members.delete_organization              .   x   x   .   .   .   .   .   .   .   .   .   .   .   .
members.restore_organization             x   x   x   .   .   .   .   .   .   .   .   .   .   .   .
members.merge_organization               x   x   x   .   .   .   .   .   .   .   .   .   .   .   .
members.export_organization              .   x   x   .   .   .   .   .   .   .   .   .   .   .   .
members.view_importbatch                 x   x   x   .   .   .   .   .   .   .   .   .   .   .   .
members.run_import                       x   .   x   .   .   .   .   .   .   .   .   .   .   .   .
grievances.view_grievance                .   x   x   .   .   x   x   x   .   .   .   .   .   .   .
grievances.view_all_grievance            .   x   x   .   .   x   .   x   .   .   .   .   .   .   .
grievances.view_own_grievance            .   .   .   .   x   .   .   .   .   .   .   .   .   .   .
grievances.view_strategy                 .   x   .   .   .   x   x   x   .   .   .   .   .   .   .
grievances.export_grievance              .   x   x   .   .   .   .   x   .   .   .   .   .   .   .
grievances.draft_grievance               .   x   x   .   .   x   x   x   .   .   .   .   .   .   .
grievances.file_grievance                .   x   x   .   .   x   .   x   .   .   .   .   .   .   .
grievances.work_grievance                .   x   x   .   .   x   x   x   .   .   .   .   .   .   .
grievances.work_all_grievance            .   x   x   .   .   .   .   x   .   .   .   .   .   .   .
grievances.assign_grievance              .   x   .   .   .   .   .   x   .   .   .   .   .   .   .
grievances.restrict_grievance            .   x   .   .   .   .   .   x   .   .   .   .   .   .   .
grievances.resolve_grievance             .   x   .   .   .   x   .   x   .   .   .   .   .   .   .
grievances.arbitrate_grievance           .   x   .   .   .   .   .   x   .   .   .   .   .   .   .
grievances.hear_deadlines                .   .   .   .   .   .   .   x   .   .   .   .   .   .   .
grievances.view_agreement                x   x   x   .   .   x   x   x   .   .   .   .   .   .   .
grievances.view_own_agreement            .   .   .   .   x   .   .   .   .   .   .   .   .   .   .
grievances.change_agreement              .   x   .   .   .   x   .   .   .   .   .   .   .   .   .
grievances.change_lettertext            .   x   .   .   .   .   .   x   .   .   .   .   .   .   .
grievances.view_grievancepolicy          x   x   .   .   .   .   .   x   .   .   .   .   .   .   .
grievances.import_grievance              .   x   .   .   .   .   .   x   .   .   .   .   .   .   .
grievances.change_grievancepolicy        x   .   .   .   .   .   .   .   .   .   .   .   .   .   .
benevolence.view_own_application         .   .   .   .   x   .   .   .   .   .   .   .   .   .   .
benevolence.apply                        .   .   .   .   x   .   .   .   .   .   .   .   .   .   .
benevolence.apply_for_member             .   x   x   .   .   .   .   .   .   .   .   .   .   .   .
benevolence.request_benevolence          .   x   x   .   x   .   .   .   .   .   .   .   .   .   .
benevolence.review_vp                    .   .   .   .   .   .   .   .   .   .   .   x   .   .   .
benevolence.review_admin                 .   .   .   .   .   .   .   .   .   .   .   .   x   .   .
benevolence.review_manager               .   .   .   .   .   .   .   .   .   .   .   .   .   x   .
benevolence.review_president             .   .   .   .   .   .   .   .   .   .   .   .   .   .   x
benevolence.pay_benevolence              .   .   .   .   .   .   .   .   .   x   .   .   .   .   .
benevolence.view_decided_application     .   .   .   .   .   .   .   .   .   .   x   .   .   .   .
benevolence.view_fund                    .   .   .   .   .   .   .   .   .   x   x   .   .   .   .
benevolence.record_fund                  .   .   .   .   .   .   .   .   .   x   .   .   .   .   .
benevolence.countersign_payment          .   x   .   .   .   .   .   .   .   .   .   .   .   .   .
benevolence.view_totals                  x   x   x   .   .   .   .   .   .   x   x   x   x   x   x
benevolence.declare_relationship         .   .   .   .   .   .   .   .   .   x   .   x   x   x   x
benevolence.appoint_reviewers            .   x   .   .   .   .   .   .   .   .   .   .   .   .   .
benevolence.view_benevolencepolicy       x   x   .   .   .   .   .   .   .   x   x   x   x   x   x
benevolence.change_benevolencepolicy     x   .   .   .   .   .   .   .   .   .   .   .   .   .   .
benevolence.confirm_paper_decisions      .   x   .   .   .   .   .   .   .   .   .   .   .   .   .
benevolence.import_past_help             .   .   .   .   .   .   .   .   .   x   .   .   .   .   .
organizing.view_campaign                 .   x   .   x   .   .   .   .   .   .   .   .   .   .   .
organizing.oversee_campaign              .   .   .   .   .   .   .   .   x   .   .   .   .   .   .
organizing.confirm_opening               .   x   .   .   .   .   .   .   .   .   .   .   .   .   .
organizing.log_own_activity              .   .   .   .   x   .   .   .   .   .   .   .   .   .   .
"""
COLUMNS = ("admin", "officer", "staff", "organizer", "member", *FURTHER)
WANTED = {
    name: {role for role, mark in zip(COLUMNS, marks, strict=True) if mark == "x"}
    for name, *marks in (line.split() for line in TABLE.strip().splitlines())
}

# What only roles that wait for an officer may do in the product, and yet a local's own role may do at once.
NOT_GRAVE = {
    "core.view_sitesettings": "reads how the local is set up, no person's data",
    "accounts.view_user": "reads names and terms; changing them is grave",
    "accounts.view_role": "reads what roles may do",
    "accounts.hear_alarm": "is told more, and may do nothing",
    "grievances.hear_deadlines": "is reminded of the cases that another permission shows",
    "grievances.change_agreement": "moves dates, each of which stays visible, and opens no case",
    "grievances.change_lettertext": "each wording is kept, and a letter is read by whoever sends it",
    "grievances.view_grievancepolicy": "reads rules, no case",
    "benevolence.view_fund": "reads sums; applications have permissions of their own",
    "benevolence.declare_relationship": "keeps the person out of decisions, and opens nothing",
    "benevolence.view_benevolencepolicy": "reads rules, no application",
}


def test_the_table_is_the_one_that_was_agreed():
    assert {permission: set(roles) for permission, roles in GRANTS.items()} == WANTED


def test_the_roles_are_those_of_the_domain():
    assert tuple(ROLES) == SYSTEM + FURTHER
    assert tuple(name for name, spec in ROLES.items() if spec.is_system_role) == SYSTEM
    assert {role for roles in GRANTS.values() for role in roles} <= set(ROLES)


def test_every_permission_that_code_names_is_granted_and_exists():
    named = set()
    for app in settings.PROJECT_APPS:
        if (Path(settings.BASE_DIR) / app / "permissions.py").exists():
            module = importlib.import_module(f"{app}.permissions")
            named |= {value for name, value in vars(module).items() if name.isupper() and "." in value}
    existing = {
        f"{item.content_type.app_label}.{item.codename}" for item in Permission.objects.select_related("content_type")
    }
    assert named == set(GRANTS) == set(PERMISSIONS)
    assert set(GRANTS) - existing == set()


def grants_in_the_database() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for role in Role.objects.prefetch_related("permissions__content_type"):
        for item in role.permissions.all():
            found.setdefault(f"{item.content_type.app_label}.{item.codename}", set()).add(role.name)
    return found


def test_the_roles_in_the_database_grant_exactly_that():
    assert grants_in_the_database() == WANTED
    assert list(Role.objects.order_by("position").values_list("name", flat=True)) == [*SYSTEM, *FURTHER]


def test_the_grave_roles_are_those_of_the_domain_and_no_other():
    grave = ["admin", "benevolence-admin", "benevolence-manager", "benevolence-president", "benevolence-vp"]
    found = Role.objects.filter(needs_confirmation=True).order_by("name").values_list("name", flat=True)
    further = ["grievance-chair", "officer", "organizing-director", "representative", "treasurer", "trustee"]
    assert list(found) == [*grave, *further]


def test_what_only_roles_that_wait_may_do_waits_in_a_role_of_the_local_too():
    waiting = {role for permission, roles in GRANTS.items() if permission.grave for role in roles}
    theirs = {permission for permission, roles in GRANTS.items() if waiting.issuperset(roles)}
    assert {permission for permission in theirs if not permission.grave} == set(NOT_GRAVE)


def test_every_permission_of_the_table_has_words_of_its_own():
    assert len({str(permission.words) for permission in PERMISSIONS}) == len(GRANTS)


def test_permissions_stand_in_the_order_in_which_people_read_them():
    parts = ["core", "accounts", "members", "grievances", "benevolence", "organizing"]
    assert list(dict.fromkeys(permission.app_label for permission in PERMISSIONS)) == parts


def test_no_custom_role_opens_the_vault_or_confirms():
    vault = {permission for permission in GRANTS if permission.startswith("organizing.")}
    assert set(NOT_FOR_CUSTOM_ROLES) == vault | {"accounts.confirm_role"}


def test_syncing_again_changes_nothing_and_syncing_repairs(django_assert_num_queries):
    before = (list(Role.objects.order_by("pk").values()), grants_in_the_database())
    sync_roles(ROLES, GRANTS)
    assert (list(Role.objects.order_by("pk").values()), grants_in_the_database()) == before
    Role.objects.get(name="staff").permissions.clear()
    Role.objects.get(name="member").permissions.set(Permission.objects.all())
    sync_roles(ROLES, GRANTS)
    assert grants_in_the_database() == WANTED


def test_a_grant_of_something_unknown_stops_the_sync():
    with pytest.raises(LookupError, match=r"members\.fly"):
        sync_roles(ROLES, GRANTS | {"members.fly": ("staff",)})
    assert grants_in_the_database() == WANTED


def test_who_holds_a_permission_in_sql_is_who_may(people):
    cast = {people[name] for name in (*SYSTEM, *FURTHER, "nobody", "expired", "suspended")}
    holders = {permission: cast & set(User.objects.holding(permission)) for permission in PERMISSIONS}
    assert holders == {permission: {person for person in cast if person.has_perm(permission)} for permission in GRANTS}


@pytest.mark.parametrize("name", [*SYSTEM, *FURTHER, "nobody", "expired", "suspended"])
def test_a_person_may_what_the_live_role_grants(people, name):
    user = people[name]
    assert {permission for permission in GRANTS if user.has_perm(permission)} == {
        permission for permission, roles in WANTED.items() if name in roles
    }
    assert user.is_superuser is False
