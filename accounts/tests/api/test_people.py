"""Accounts, roles and terms as resources."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.management import call_command
from django.utils import timezone

from accounts.factories import RoleAssignmentFactory, UserFactory
from accounts.models import RefreshToken, Role, RoleAssignment, User
from accounts.services import people as services
from core.enums import ReadKind
from core.models import ReadEvent
from core.site import change_settings
from members.factories import MemberFactory
from unionops.access import GRANTS

pytestmark = pytest.mark.django_db

USERS, ROLES, TERMS = (f"/api/v1/{name}/" for name in ("users", "roles", "role-assignments"))


@pytest.fixture
def ann():
    return UserFactory(email="ann@people.example", first_name="Ann", last_name="Aalto")


def post(client, path: str, body: dict):
    return client.post(path, body, content_type="application/json")


def test_accounts_are_listed_and_opened_and_who_looked_is_recorded(client_of, people, ann):
    RoleAssignmentFactory(user=ann, role="steward")
    RoleAssignmentFactory(user=ann, role="staff", starts_at=timezone.now() + timedelta(days=1))
    admin = client_of("admin")
    listed = admin.get(USERS, {"q": "aalto"}).json()
    assert (listed["count"], listed["results"]) == (1, [admin.get(f"{USERS}{ann.pk}/").json()])
    shown = listed["results"][0]
    assert shown["email"] == ann.email
    assert shown["roles"] == ["steward"]
    assert shown["member"] is None
    assert shown["version"] == 1
    assert not {"password", "session_epoch"} & {*shown}
    events = ReadEvent.objects.filter(actor=people["admin"]).order_by("id")
    assert list(events.values_list("kind", "subject_type", "subject_id", "filters")) == [
        (ReadKind.LISTED, "accounts.user", "", {"q": "aalto"}),
        (ReadKind.OPENED, "accounts.user", str(ann.pk), {}),
    ]


def test_filters_are_those_of_the_page(client_of, ann):
    RoleAssignmentFactory(user=ann, role="steward")
    User.objects.filter(pk=ann.pk).update(must_change_password=True)
    admin = client_of("admin")
    for query in ({"role": "steward"}, {"state": "new"}, {"q": "ann@people"}):
        assert [row["id"] for row in admin.get(USERS, query).json()["results"]] == [ann.pk]
    assert admin.get(USERS, {"role": "emperor"}).status_code == 400


@pytest.mark.parametrize("rows", [1, 3])
def test_lists_cost_the_same_however_long(client_of, django_assert_num_queries, rows):
    for user in UserFactory.create_batch(rows):
        for role in ("steward", "staff"):
            RoleAssignmentFactory(user=user, role=role)
    admin = client_of("admin")
    for path, queries in ((USERS, 5), (ROLES, 5), (TERMS, 4)):
        admin.get(path)
        with django_assert_num_queries(queries):
            admin.get(path)


def test_roles_go_by_their_names_and_say_what_they_grant(client_of):
    admin = client_of("admin")
    assert [row["name"] for row in admin.get(ROLES).json()["results"]] == list(
        Role.objects.order_by("pk").values_list("name", flat=True)
    )
    shown = admin.get(f"{ROLES}organizing-director/").json()
    assert shown == {
        "name": "organizing-director",
        "display_name": "Organizing director",
        "description": "Opens campaigns and appoints leads",
        "is_system_role": False,
        "is_custom": False,
        "needs_confirmation": True,
        "permissions": sorted(name for name, roles in GRANTS.items() if "organizing-director" in roles),
    }
    assert admin.get(f"{ROLES}emperor/").status_code == 404
    assert [row["name"] for row in admin.get(ROLES, {"q": "direct"}).json()["results"]] == ["organizing-director"]


def test_a_role_is_assigned_and_ended_through_the_services(client_of, people, ann):
    admin, body = client_of("admin"), {"user": ann.pk, "role": "steward", "reason": "Elected"}
    answer = post(admin, TERMS, body)
    made = answer.json()
    assert answer.status_code == 201
    assert made["role"] == "steward"
    assert made["kind"] == "regular"
    assert made["reason"] == "Elected"
    assert made["user"] == ann.pk
    assert made["assigned_by"] == people["admin"].pk
    assert made["is_live"] is True
    again = post(admin, TERMS, body)
    assert (again.status_code, again.json()["code"]) == (409, "refused")
    assert User.objects.get(pk=ann.pk).has_role("steward")
    assert post(admin, f"{TERMS}{made['id']}/end/", {}).json()["fields"] == {"reason": ["Fill this in."]}
    ended = post(admin, f"{TERMS}{made['id']}/end/", {"reason": "Stepped down"}).json()
    assert ended["is_live"] is False
    assert ended["ended_by"] == people["admin"].pk
    assert ended["end_reason"] == "Stepped down"
    assert post(admin, f"{TERMS}{made['id']}/end/", {"reason": "Again"}).status_code == 409
    assert not User.objects.get(pk=ann.pk).has_role("steward")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"user": 10**30}, "user"),
        ({"user": 999_999}, "user"),
        ({"user": "x"}, "user"),
        ({"role": "emperor"}, "role"),
        ({"role": "x" * 200}, "role"),
        ({"kind": "eternal"}, "kind"),
        ({"kind": "acting"}, "expires_at"),
        ({"kind": "delegated"}, "expires_at"),
        ({"reason": " "}, "reason"),
        ({"reason": "a\u202eb"}, "reason"),
        ({"reason": "x" * 301}, "reason"),
        ({"starts_at": "9999-12-31T23:59:59Z"}, "starts_at"),
        ({"starts_at": "yesterday"}, "starts_at"),
        ({"expires_at": "9999-12-31"}, "expires_at"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(client_of, ann, change, field):
    body = {"user": ann.pk, "role": "steward", "reason": "Elected", **change}
    answer = post(client_of("admin"), TERMS, body)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])
    assert RoleAssignment.objects.filter(user=ann).count() == 0


def test_only_who_may_assign_does(client_of, people, ann):
    term = RoleAssignmentFactory(user=ann, role="steward")
    body = {"user": ann.pk, "role": "staff", "reason": "Elected"}
    for name, status in (("officer", 403), ("staff", 403), ("anon", 401)):
        assert post(client_of(name), TERMS, body).status_code == status
        assert post(client_of(name), f"{TERMS}{term.pk}/end/", {"reason": "Out"}).status_code == status
    own = {**body, "user": people["admin"].pk}
    assert post(client_of("admin"), TERMS, own).json()["detail"] == (
        "Nobody gives a role to themselves. Ask another administrator."
    )
    assert RoleAssignment.objects.filter(user=ann).values_list("role__name", "ended_at").get() == ("steward", None)


def test_a_grave_term_is_confirmed_by_an_officer(client_of, people, ann):
    assert people["officer"].is_active
    made = post(client_of("admin"), TERMS, {"user": ann.pk, "role": "treasurer", "reason": "Elected"}).json()
    assert made["needs_confirmation"] is True
    assert made["confirmed_at"] is None
    assert made["is_live"] is False
    path = f"{TERMS}{made['id']}/confirm/"
    for name, status in (("admin", 403), ("staff", 403), ("member", 403), ("anon", 401)):
        assert post(client_of(name), path, {}).status_code == status
    confirmed = post(client_of("officer"), path, {}).json()
    assert confirmed["is_live"] is True
    assert confirmed["confirmed_by"] == people["officer"].pk
    again = post(client_of("officer"), path, {})
    assert again.status_code == 409
    assert again.json()["detail"] == "This role is confirmed already. There is nothing more to do."
    assert post(client_of("officer"), f"{TERMS}999999/confirm/", {}).status_code == 404
    assert User.objects.get(pk=ann.pk).has_role("treasurer")


def test_confirming_asks_for_a_fresh_proof(client_of, people, ann, settings):
    assert people["officer"].is_active
    made = post(client_of("admin"), TERMS, {"user": ann.pk, "role": "treasurer", "reason": "Elected"}).json()
    settings.STEP_UP_MINUTES = 10
    refused = post(client_of("officer"), f"{TERMS}{made['id']}/confirm/", {})
    assert (refused.status_code, refused.json()["code"]) == (403, "step_up_needed")


def test_terms_are_narrowed_by_person_role_and_whether_they_count(client_of, people, ann):
    now = timezone.now()
    past = RoleAssignmentFactory(
        user=ann, role="steward", starts_at=now - timedelta(days=9), expires_at=now - timedelta(days=1)
    )
    live = RoleAssignmentFactory(user=ann, role="staff")
    admin = client_of("admin")

    def found(**query: object) -> list[int]:
        return [row["id"] for row in admin.get(TERMS, query).json()["results"]]

    assert found(user=ann.pk) == [past.pk, live.pk]
    assert (found(user=ann.pk, live="now"), found(role="steward")) == ([live.pk], [past.pk])
    assert admin.get(TERMS, {"user": "9" * 30}).status_code == 400


# --- commands ----------------------------------------------------------------------------------------------


def test_list_ended_roles(people, ann, capsys):
    now = timezone.now().replace(microsecond=0)

    def term(role: str, ended: int | None = None, expires: int | None = None, **more: object) -> None:
        days = {"ended_at": ended, "expires_at": expires}
        ends = {name: now - timedelta(days=number) for name, number in days.items() if number is not None}
        RoleAssignmentFactory(user=ann, role=role, starts_at=now - timedelta(days=900), **ends, **more)

    term("steward", expires=2)
    term("staff", ended=3, ended_by=people["admin"], end_reason="Moved away")
    term("officer", ended=4, expires=1)
    term("trustee", expires=-1)
    term("treasurer", expires=40)
    term("member")
    term("benevolence-vp", expires=3, needs_confirmation=True)
    call_command("list_ended_roles")
    lines = [line.split(maxsplit=4)[2:] for line in capsys.readouterr().out.splitlines()[:-1]]
    assert lines == [
        ["officer", ann.email, "ended by a command"],
        ["staff", ann.email, "ended by Admin Person: Moved away"],
        ["steward", ann.email, "its term was over"],
    ]
    call_command("list_ended_roles", "--days", "50")
    assert capsys.readouterr().out.splitlines()[-1] == "4 terms ended in 50 days."


@time_machine.travel(datetime(2026, 9, 3, 15, tzinfo=UTC), tick=False)
def test_list_ended_roles_says_when_by_the_local_s_clock(ann, capsys):
    change_settings({"time_zone": "America/Chicago"}, actor=None)
    term = {"starts_at": datetime(2026, 1, 1, tzinfo=UTC), "expires_at": datetime(2026, 9, 2, 1, tzinfo=UTC)}
    RoleAssignmentFactory(user=ann, role="steward", **term)
    call_command("list_ended_roles")
    assert capsys.readouterr().out.split(maxsplit=2)[:2] == ["2026-09-01", "20:00"]


def test_cleanup_tokens_keeps_what_lives_and_what_ended_lately(ann, capsys):
    now, made = timezone.now(), {}
    for name, (expires, revoked) in {
        "live": (1, None),
        "expired": (-29, None),
        "revoked": (1, -29),
        "old": (-31, None),
        "gone": (1, -31),
    }.items():
        made[name] = RefreshToken.objects.create(
            user=ann,
            token_hash=name,
            session_epoch=ann.session_epoch,
            expires_at=now + timedelta(days=expires),
            revoked_at=None if revoked is None else now + timedelta(days=revoked),
        )
    call_command("cleanup_tokens")
    assert capsys.readouterr().out == "Deleted 2 ended devices and 0 old counts.\n"
    assert {*RefreshToken.objects.values_list("token_hash", flat=True)} == {"live", "expired", "revoked"}
    assert list(RefreshToken.objects.live()) == [made["live"]]
    call_command("cleanup_tokens", "--days", "0")
    assert [device.token_hash for device in RefreshToken.objects.all()] == ["live"]


def test_devices_are_seen_by_their_owner_and_by_whoever_sees_users(people, ann):
    device = RefreshToken.objects.create(
        user=ann, token_hash="x", session_epoch=ann.session_epoch, expires_at=timezone.now() + timedelta(days=1)
    )
    assert device.is_valid is True
    assert device.is_expired is False
    assert str(device) == "device"
    seen = {name: RefreshToken.objects.visible_to(people[name]).count() for name in ("admin", "officer", "staff")}
    assert seen == {"admin": 1, "officer": 1, "staff": 0}
    assert RefreshToken.objects.visible_to(ann).get() == device
    services.end_sessions(ann, actor=people["admin"], reason="Lost laptop")
    assert RefreshToken.objects.live().count() == 0
    assert RefreshToken.objects.get().is_valid is False


# --- inviting and switching off -------------------------------------------------------------------------


NIA = {"email": "Nia@people.example", "first_name": "Nia", "last_name": "Newman"}


def send(browser, path, values):
    return post(browser, USERS + path, values)


def test_to_create_a_user_is_to_invite(client_of):
    member = MemberFactory()
    answer = send(client_of("admin"), "", {**NIA, "roles": ["staff"], "member": member.pk})
    nia = User.objects.get(email="nia@people.example")
    assert answer.status_code == 201
    assert {name: answer.json()[name] for name in ("id", "email", "roles", "member", "is_verified")} == {
        "id": nia.pk,
        "email": "nia@people.example",
        "roles": ["staff"],
        "member": member.pk,
        "is_verified": False,
    }
    assert answer.json()["invited_at"] is not None
    assert not nia.has_usable_password()
    again = send(client_of("admin"), "", NIA)
    assert (again.status_code, again.json()["code"]) == (409, "address_taken")


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"email": "nia"}, "email"),
        ({"email": ""}, "email"),
        ({"first_name": "N\0"}, "first_name"),
        ({"last_name": "x" * 101}, "last_name"),
        ({"roles": ["odd"]}, "roles"),
        ({"roles": "staff"}, "roles"),
        ({"member": 10**30}, "member"),
        ({"member": 4_000_000}, "member"),
        ({"member": "x"}, "member"),
        ({"member": "deleted"}, "member"),
        ({"is_no_member": "perhaps"}, "is_no_member"),
    ],
)
def test_values_that_a_user_cannot_have(client_of, values, field):
    if values == {"member": "deleted"}:
        values = {"member": MemberFactory(deleted_at="2026-01-01T00:00Z").pk}
    answer = send(client_of("admin"), "", {**NIA, **values})
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])
    assert User.objects.filter(last_name="Newman").count() == 0


def test_only_who_may_change_users_invites_or_switches_off(client_of, people):
    path, why = f"{people['member'].pk}/", {"reason": "Because"}
    found = {}
    for name in ("officer", "staff"):
        browser = client_of(name)
        found[name] = [send(browser, "", NIA).status_code] + [
            send(browser, f"{path}{act}/", why).status_code for act in ("deactivate", "activate", "unlock")
        ]
    assert found == {"officer": [403] * 4, "staff": [403] * 4}


def test_acts_on_an_account_with_a_reason(client_of, people):
    admin, path = client_of("admin"), f"{people['member'].pk}/"
    assert send(admin, f"{path}deactivate/", {}).json()["fields"] == {"reason": ["Fill this in."]}
    done = [send(admin, f"{path}{act}/", {"reason": "Lost laptop"}) for act in ("end-sessions", "deactivate")]
    assert [(answer.status_code, answer.json()["is_active"]) for answer in done] == [(200, True), (200, False)]
    refused = [send(admin, f"{path}{act}/", {"reason": "Again"}) for act in ("deactivate", "unlock")]
    assert [(answer.status_code, answer.json()["code"]) for answer in refused] == [(409, "refused")] * 2
    assert send(admin, f"{path}activate/", {"reason": "Found"}).json()["is_active"] is True
    assert send(admin, "999999/activate/", {"reason": "x"}).status_code == 404


def test_inviting_asks_for_a_fresh_proof(client_of, settings):
    settings.STEP_UP_MINUTES = 10
    answer = send(client_of("admin"), "", NIA)
    assert (answer.status_code, answer.json()["code"]) == (403, "step_up_needed")
