"""Programs of the office: what a token opens, from where, until when, and that nobody signs in as a program."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Program, User
from accounts.permissions import CHANGE_PROGRAMS
from accounts.services import invitations, programs, terms
from accounts.services import people as accounts
from core.errors import DomainError
from core.models import AuditEvent
from core.site import local_today
from unionops.access import FOR_PROGRAMS, GRANTS, PERMISSIONS

pytestmark = pytest.mark.django_db
SEES, CHANGES = "members.view_member", "members.change_member"
HOME = "203.0.113.7"


def values(**other) -> dict:
    return {"name": "Payroll", "network": "203.0.113.0/24", "last_day": local_today() + timedelta(days=30)} | other


@pytest.fixture
def made(people):
    return programs.add_program(values(), [SEES, CHANGES], actor=people["admin"])


def test_what_a_program_may_be_let_do_is_the_lists_of_the_office():
    assert {name.partition(".")[0] for name in FOR_PROGRAMS} == {"members"}
    assert [row for row in PERMISSIONS if row in FOR_PROGRAMS and row.grave] == []
    assert {"members.merge_member", "members.run_import", "members.export_member"}.isdisjoint(FOR_PROGRAMS)
    assert [programs.name_of(item) for item in programs.choosable()] == list(FOR_PROGRAMS)


def test_the_token_is_told_once_and_kept_as_a_digest(made, people):
    program, token = made
    kept = {name: str(value) for name, value in Program.objects.values().get().items()}
    assert token.startswith("uop_")
    assert len(token) > 40
    assert [name for name, value in kept.items() if token in value or token[4:] in value] == []
    (event,) = AuditEvent.objects.filter(action="program.added")
    assert (event.actor, event.subject_id) == (people["admin"], str(program.pk))
    assert token not in str(event.body)
    assert "Change members" in str(event.body)


def test_it_opens_what_was_ticked_and_names_the_program(made):
    program, token = made
    found = programs.opened_by(token, address=HOME)
    assert found == program
    assert found.user.get_all_permissions() == {SEES, CHANGES}
    assert (str(found.user), found.user.own_member_id, found.user.is_staff) == ("Payroll (program)", None, False)


@pytest.mark.parametrize("address", ["203.0.114.7", "127.0.0.1", "::1", "2001:db8::1%eth0", ""])
def test_from_elsewhere_it_opens_nothing(made, address):
    assert programs.opened_by(made[1], address=address) is None


def test_a_range_of_the_newer_addresses(people):
    program, token = programs.add_program(values(network="2001:db8::/48"), [SEES], actor=people["admin"])
    found = {address: programs.opened_by(token, address=address) for address in ("2001:db8::7", "2001:db9::7", HOME)}
    assert found == {"2001:db8::7": program, "2001:db9::7": None, HOME: None}


def test_after_its_last_day_it_opens_nothing(made):
    program, token = made
    for days, opens in ((0, True), (-1, False)):
        Program.objects.update(last_day=local_today() + timedelta(days=days))
        assert (programs.opened_by(token, address=HOME) == program) is opens


def test_ended_it_opens_nothing_from_the_next_request_on(made, people):
    program, token = made
    with pytest.raises(ValidationError):
        programs.revoke_program(program, actor=people["admin"], reason="")
    programs.revoke_program(program, actor=people["admin"], reason="Not needed any more")
    assert programs.opened_by(token, address=HOME) is None
    with pytest.raises(DomainError, match="has ended already"):
        programs.revoke_program(program, actor=people["admin"], reason="Again")
    (event,) = AuditEvent.objects.filter(action="program.revoked")
    assert (event.actor, event.reason) == (people["admin"], "Not needed any more")
    # the name is free for the next one
    assert programs.add_program(values(), [SEES], actor=people["admin"])[0].name == "Payroll"


@pytest.mark.parametrize("token", ["", "uop_", "uop_x", "\0", "uop_" + "x" * 5_000, "é"])
def test_another_text_opens_nothing(made, token):
    assert programs.opened_by(token, address=HOME) is None


def test_what_the_release_takes_from_programs_no_token_keeps(made, settings):
    settings.FOR_PROGRAMS = "accounts.tests.services.test_programs.LESS"
    assert programs.opened_by(made[1], address=HOME).user.get_all_permissions() == {SEES}


LESS = (SEES,)


@pytest.mark.parametrize("permission", [*(name for name in GRANTS if name not in FOR_PROGRAMS), "members.fly"])
def test_nothing_else_can_be_ticked(people, permission):
    with pytest.raises(ValidationError) as refused:
        programs.add_program(values(), [SEES, permission], actor=people["admin"])
    assert refused.value.message_dict == {"permissions": ["Tick what the program may do, from the list."]}
    assert Program.objects.count() == 0


@pytest.mark.parametrize(
    ("other", "ticked", "fields"),
    [
        ({}, [], {"permissions"}),
        ({}, [CHANGES], {"permissions"}),
        ({"network": "0.0.0.0/0"}, [SEES], {"network"}),
        ({"network": "::/0"}, [SEES], {"network"}),
        ({"network": "10.0.0.0/4"}, [SEES], {"network"}),
        ({"network": "here"}, [SEES], {"network"}),
        ({"name": "a\u202eb"}, [SEES], {"name"}),
        ({"last_day": timezone.localdate() + timedelta(days=400)}, [SEES], {"last_day"}),
        ({"last_day": timezone.localdate() - timedelta(days=2)}, [SEES], {"last_day"}),
    ],
)
def test_what_cannot_be_is_told_by_field_and_leaves_nothing_behind(people, other, ticked, fields):
    with pytest.raises(ValidationError) as refused:
        programs.add_program(values(**other), ticked, actor=people["admin"])
    assert {*refused.value.message_dict} == fields
    assert (Program.objects.exists(), User.objects.filter(is_program=True).exists()) == (False, False)


def test_two_programs_with_one_name_are_refused(made, people):
    with pytest.raises(ValidationError, match="Another program has this name"):
        programs.add_program(values(), [SEES], actor=people["admin"])


@pytest.mark.parametrize("name", ["officer", "staff", "member", "nobody"])
def test_only_administrators_let_programs_in(people, made, name):
    assert people[name].has_perm(CHANGE_PROGRAMS) is False
    with pytest.raises(PermissionDenied):
        programs.add_program(values(name="Other"), [SEES], actor=people[name])
    with pytest.raises(PermissionDenied):
        programs.revoke_program(made[0], actor=people[name], reason="Because")


def test_the_account_behind_the_name_opens_no_door(made, people):
    account, admin = User.objects.get(is_program=True), people["admin"]
    assert (account.is_active, account.has_usable_password(), account.get_all_permissions()) == (False, False, set())
    assert not User.objects.visible_to(admin).filter(pk=account.pk).exists()
    with pytest.raises(ValidationError, match="nobody signs in with it"):
        invitations.invite(account.email, "A", "B", actor=admin)
    for changed in ({"is_active": True}, {"is_verified": True}, {"member": people["member"].member}):
        with pytest.raises(IntegrityError), transaction.atomic():
            User.objects.filter(pk=account.pk).update(**changed)


def test_a_role_that_it_was_given_counts_for_nothing(made):
    program, token = made
    terms.assign_role(program.user, terms.Role.objects.get(name="officer"), actor=None, reason="By mistake")
    assert User.objects.get(pk=program.user_id).get_all_permissions() == set()
    assert programs.opened_by(token, address=HOME).user.get_all_permissions() == {SEES, CHANGES}


def test_nobody_switches_it_on(made, people):
    with pytest.raises(DomainError, match="no longer there"):
        accounts.activate(made[0].user, actor=people["admin"], reason="Because")
    assert User.objects.get(is_program=True).is_active is False


def test_the_last_use_is_noted_once_a_minute(made):
    _program, token = made
    programs.note_use(programs.opened_by(token, address=HOME))
    first = Program.objects.get().last_used_at
    programs.note_use(programs.opened_by(token, address=HOME))
    assert Program.objects.get().last_used_at == first
    Program.objects.update(last_used_at=first - timedelta(minutes=2))
    programs.note_use(programs.opened_by(token, address=HOME))
    assert Program.objects.get().last_used_at > first
