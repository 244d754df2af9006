from io import StringIO

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command

from accounts.models import Role, User
from accounts.permissions import CHANGE_USERS
from core.models import AuditEvent
from core.site import site_settings
from members.factories import MemberFactory
from unionops.access import GRANTS, ROLES
from unionops.management.commands.seed_auth import PASSWORD

pytestmark = pytest.mark.django_db

LOCAL = {
    "email": "First@local46.example",
    "first_name": "Fay",
    "last_name": "First",
    "name": "Pipefitters Local",
    "number": "46",
    "time_zone": "America/Chicago",
}


def run(command: str, **options) -> str:
    out = StringIO()
    call_command(command, stdout=out, **options)
    return out.getvalue()


def test_roles_prints_every_grant():
    rows = [line.strip("| ").split(" | ") for line in run("roles").splitlines()[2:]]
    assert [row[0] for row in rows] == list(ROLES)
    assert {name: set(may.split(", ")) - {"–"} for name, _screen, may in rows} == {
        name: {permission for permission, roles in GRANTS.items() if name in roles} for name in ROLES
    }


def test_seed_auth_repairs_the_roles():
    Role.objects.get(name="staff").permissions.clear()
    assert len(run("seed_auth").splitlines()) == len(ROLES)
    granted = {permission for permission, roles in GRANTS.items() if "staff" in roles}
    found = Role.objects.get(name="staff").permissions.select_related("content_type")
    assert {f"{item.content_type.app_label}.{item.codename}" for item in found} == granted
    assert User.objects.count() == 0
    assert site_settings().is_demo is False


def test_seed_auth_demo_makes_one_account_per_role_and_again_adds_nothing():
    MemberFactory()
    assert PASSWORD in run("seed_auth", demo=True)
    found = {user.email.partition("@")[0]: user for user in User.objects.all()}
    assert {name: user.role_names for name, user in found.items()} == {name: {name} for name in ROLES}
    assert {user.must_change_password for user in found.values()} == {False}
    assert authenticate(None, email=found["staff"].email, password=PASSWORD) == found["staff"]
    assert [name for name, user in found.items() if user.member_id] == ["member"]
    assert site_settings().is_demo is True
    events = AuditEvent.objects.count()
    run("seed_auth", demo=True)
    assert (User.objects.count(), AuditEvent.objects.count()) == (len(ROLES), events)


def test_seed_auth_demo_is_refused_in_production(settings):
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="refused here"):
        run("seed_auth", demo=True)
    assert User.objects.count() == 0


def test_start_local():
    password = run("start_local", **LOCAL).splitlines()[-1]
    user = User.objects.get()
    assert user.email == "first@local46.example"
    assert user.role_names == {"admin"}
    assert user.must_change_password is True
    assert user.is_verified is True
    assert user.has_perm(CHANGE_USERS) is True
    assert authenticate(None, email=user.email, password=password) == user
    site = site_settings()
    assert site.name == "Pipefitters Local"
    assert site.number == "46"
    assert site.time_zone == "America/Chicago"
    assert site.is_demo is False
    with pytest.raises(CommandError, match="already has an administrator"):
        run("start_local", **{**LOCAL, "email": "second@local46.example"})
    assert User.objects.count() == 1


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"email": "fay"}, "email"), ({"time_zone": "Mars/Base"}, "time_zone"), ({"first_name": ""}, "first_name")],
)
def test_start_local_refuses_wrong_values_and_leaves_nothing_behind(wrong, field):
    with pytest.raises(CommandError, match=f"^{field}: "):
        run("start_local", **{**LOCAL, **wrong})
    assert (User.objects.count(), site_settings().name) == (0, "Our local")
