from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.contrib.auth import authenticate
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from accounts.enums import AccountAction, AssignmentKind
from accounts.factories import PASSWORD, RoleAssignmentFactory, UserFactory
from accounts.models import Role, RoleAssignment, User
from accounts.services import people, roles, terms
from accounts.tests.rows import fresh
from core.errors import DomainError, EditConflict
from core.models import AuditEvent
from members.factories import MemberFactory
from unionops.access import GRANTS, ROLES
from unionops.testing.races import run_in_processes

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def account(role: str = "", **fields) -> User:
    user = UserFactory(**fields)
    if role:
        RoleAssignmentFactory(user=user, role=role)
    return User.objects.get(pk=user.pk)


@pytest.fixture
def admin():
    return account("admin", email="admin@people.example", first_name="Ada", last_name="Admin")


@pytest.fixture
def ann():
    return account(email="ann@people.example", first_name="Ann", last_name="Person")


def role(name: str) -> Role:
    return Role.objects.get(name=name)


def trail(subject) -> list[tuple[str, str, str]]:
    """Return (who, what, why) of every event about `subject`, oldest first."""
    events = AuditEvent.objects.filter(subject_type=subject._meta.label_lower, subject_id=str(subject.pk))
    return list(events.order_by("id").values_list("actor_name", "action", "reason"))


def may_sign_in(user: User, password: str = PASSWORD) -> bool:
    return authenticate(None, email=user.email, password=password) is not None


# --- accounts ---------------------------------------------------------------------------------------


def test_create_user(admin):
    user, password = people.create_user("New@People.example ", "Nia", "Newman", actor=admin, roles=["staff"])
    user = fresh(user)
    assert (user.email, user.full_name) == ("new@people.example", "Nia Newman")
    assert user.is_active is True
    assert user.is_verified is True
    assert user.must_change_password is True
    assert user.role_names == {"staff"}
    address = EmailAddress.objects.get(user=user)
    assert address.email == "new@people.example"
    assert address.verified is True
    assert address.primary is True
    assert may_sign_in(user, password)
    assert trail(user) == [
        ("Ada Admin", AccountAction.USER_CREATED, ""),
        ("Ada Admin", AccountAction.ROLE_ASSIGNED, "New account"),
    ]


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"email": "ANN@people.example"}, "email"),
        ({"email": "no address"}, "email"),
        ({"email": ""}, "email"),
        ({"email": "x" * 250 + "@people.example"}, "email"),
        ({"first_name": ""}, "first_name"),
        ({"last_name": "Per\u202eson"}, "last_name"),
        ({"last_name": "x" * 101}, "last_name"),
        ({"member_id": 999}, "member"),
    ],
)
def test_create_user_refuses_wrong_values_at_the_field(admin, ann, fields, wrong):
    values = {"email": "new@people.example", "first_name": "Nia", "last_name": "Newman", **fields}
    with pytest.raises(ValidationError) as caught:
        people.create_user(**values, actor=admin)
    assert list(caught.value.error_dict) == [wrong]
    assert User.objects.count() == 2


def test_only_those_who_may_change_users_do(ann):
    officer = account("officer")
    refused = [
        lambda: people.create_user("new@people.example", "Nia", "Newman", actor=officer),
        lambda: people.change_user(ann, {"first_name": "Anna"}, actor=officer),
        lambda: people.deactivate(ann, actor=officer, reason="r"),
        lambda: people.activate(ann, actor=officer, reason="r"),
        lambda: people.end_sessions(ann, actor=officer, reason="r"),
        lambda: people.unlock(ann, actor=officer, reason="r"),
        lambda: people.issue_password(ann, actor=officer, reason="r"),
        lambda: terms.assign_role(ann, role("staff"), actor=officer, reason="r"),
        lambda: terms.end_role(RoleAssignment.objects.get(user=officer), actor=officer, reason="r"),
        lambda: roles.describe_role(role("staff"), "Words", actor=officer),
    ]
    for act in refused:
        with pytest.raises(PermissionDenied):
            act()
    assert AuditEvent.objects.count() == 0


def test_change_user_keeps_the_verified_address_in_step(admin, ann):
    changed = people.change_user(
        ann, {"email": "Anna@people.example", "first_name": "Anna"}, actor=admin, version=ann.version
    )
    assert changed.email == "anna@people.example"
    assert changed.first_name == "Anna"
    assert changed.version == ann.version + 1
    addresses = EmailAddress.objects.filter(user=ann).values_list("email", "verified", "primary")
    assert list(addresses) == [("anna@people.example", True, True)]
    event = AuditEvent.objects.get(subject_id=str(ann.pk), action=AccountAction.USER_CHANGED)
    assert event.body == {"changes": [{"field": "email"}, {"field": "first_name"}]}


def test_change_user_notices_a_newer_version(admin, ann):
    people.change_user(ann, {"last_name": "First"}, actor=admin, version=ann.version)
    with pytest.raises(EditConflict) as caught:
        people.change_user(ann, {"last_name": "Second"}, actor=admin, version=ann.version)
    assert caught.value.current.last_name == "First"
    assert fresh(ann).last_name == "First"


def test_nobody_says_whose_record_is_their_own_or_skips_the_proof_of_a_new_address(admin, ann):
    member = MemberFactory()
    for values, field in (
        ({"member": member}, "member"),
        ({"is_no_member": not admin.is_no_member}, "member"),
        ({"email": "other@people.example"}, "email"),
    ):
        with pytest.raises(ValidationError) as refused:
            people.change_user(admin, values, actor=admin)
        assert list(refused.value.message_dict) == [field]
    same = {"email": admin.email.upper(), "member": None, "first_name": "Adele"}
    assert people.change_user(admin, same, actor=admin).first_name == "Adele"
    assert people.change_user(ann, {"member": member}, actor=admin).member == member


def test_who_is_said_to_be_no_member_is_confirmed_as_a_link_is(admin):
    ann, sentence = account(is_no_member=False), "A member number is entered. Clear it, or untick this."
    assert (ann.is_known, ann.rests) == (False, False)
    stated = people.change_user(ann, {"is_no_member": True}, actor=admin)
    assert (stated.is_known, stated.link_rests, stated.identity_epoch) == (False, True, 2)
    change = stated.identity_changes.get()
    assert (change.kind, change.reason, change.member_after) == ("link", "Not a member", None)
    with pytest.raises(ValidationError) as refused:
        people.change_user(ann, {"is_no_member": True, "member": MemberFactory()}, actor=admin)
    assert refused.value.message_dict == {"is_no_member": [sentence]}
    linked = people.change_user(ann, {"member": MemberFactory()}, actor=admin)
    assert (linked.is_no_member, linked.is_known, linked.identity_epoch) == (False, False, 3)


def test_a_command_on_the_server_needs_nobody_to_confirm_who_is_no_member(admin):
    made, _password = people.create_user("nia@people.example", "Nia", "Newman", actor=None)
    assert (made.is_no_member, made.is_known) == (True, True)
    invited = people.create_user("bo@people.example", "Bo", "Newman", actor=admin, is_no_member=True)[0]
    assert (invited.is_no_member, invited.is_known) == (True, False)


def test_another_address_from_the_office_ends_the_link_with_a_provider(admin, ann):
    SocialAccount.objects.create(user=ann, provider="openid", uid="1")
    people.change_user(ann, {"first_name": "Anna"}, actor=admin)
    assert SocialAccount.objects.filter(user=ann).exists()
    people.change_user(ann, {"email": "anna@people.example"}, actor=admin)
    assert not SocialAccount.objects.filter(user=ann).exists()


def test_change_user_changes_nothing_else(admin, ann):
    with pytest.raises(ValueError, match="is_active"):
        people.change_user(ann, {"is_active": False}, actor=admin)


def test_deactivate_and_activate(admin, ann):
    epoch = ann.session_epoch
    people.deactivate(ann, actor=admin, reason=" Left the local ")
    off = fresh(ann)
    assert off.is_active is False
    assert off.session_epoch != epoch
    assert may_sign_in(ann) is False
    with pytest.raises(DomainError, match="already switched off"):
        people.deactivate(ann, actor=admin, reason="again")
    people.activate(ann, actor=admin, reason="Came back")
    assert may_sign_in(ann)
    with pytest.raises(DomainError, match="already switched on"):
        people.activate(ann, actor=admin, reason="again")
    assert trail(ann) == [
        ("Ada Admin", AccountAction.USER_DEACTIVATED, "Left the local"),
        ("Ada Admin", AccountAction.USER_ACTIVATED, "Came back"),
    ]


def test_every_dangerous_move_needs_a_reason(admin, ann):
    term = RoleAssignmentFactory(user=ann, role="staff")
    for act in (
        lambda: people.deactivate(ann, actor=admin, reason="  "),
        lambda: people.end_sessions(ann, actor=admin, reason=""),
        lambda: people.issue_password(ann, actor=admin, reason=""),
        lambda: terms.assign_role(ann, role("officer"), actor=admin, reason=""),
        lambda: terms.end_role(term, actor=admin, reason=""),
    ):
        with pytest.raises(ValidationError) as caught:
            act()
        assert list(caught.value.error_dict) == ["reason"]
    assert trail(ann) == []


def test_unlock(admin, ann):
    with pytest.raises(DomainError, match="not locked"):
        people.unlock(ann, actor=admin, reason="On the phone")
    for _turn in range(5):
        authenticate(None, email=ann.email, password="wrong")
    assert not may_sign_in(ann)
    people.unlock(ann, actor=admin, reason="On the phone")
    assert may_sign_in(ann)
    assert trail(ann)[-1] == ("Ada Admin", AccountAction.USER_UNLOCKED, "On the phone")


def test_end_sessions(admin, ann):
    before = ann.get_session_auth_hash()
    people.end_sessions(ann, actor=admin, reason="Lost laptop")
    assert fresh(ann).get_session_auth_hash() != before


# --- passwords --------------------------------------------------------------------------------------


def test_issue_password(admin, ann):
    before = ann.get_session_auth_hash()
    for _turn in range(5):
        authenticate(None, email=ann.email, password="wrong")
    password = people.issue_password(ann, actor=admin, reason="Forgot it")
    user = fresh(ann)
    assert user.must_change_password is True
    assert user.get_session_auth_hash() != before
    assert may_sign_in(ann) is False
    assert may_sign_in(ann, password) is True
    assert password not in str(list(AuditEvent.objects.values()))


def test_nobody_issues_a_password_to_themselves(admin):
    with pytest.raises(DomainError, match="Change password"):
        people.issue_password(admin, actor=admin, reason="r")


def test_change_own_password(ann):
    User.objects.filter(pk=ann.pk).update(must_change_password=True)
    before = fresh(ann).get_session_auth_hash()
    people.change_own_password(ann, "seven quiet herons asleep")
    assert ann.must_change_password is False
    assert ann.get_session_auth_hash() != before
    assert may_sign_in(ann) is False
    assert may_sign_in(ann, "seven quiet herons asleep") is True
    assert trail(ann) == [("Ann Person", AccountAction.PASSWORD_CHANGED, "")]


# --- roles ------------------------------------------------------------------------------------------


def test_assign_and_end_role(admin, ann):
    now = timezone.now()
    with time_machine.travel(now, tick=False) as clock:
        given = {"reason": "Elected", "kind": AssignmentKind.ACTING, "expires_at": timezone.now() + 9 * DAY}
        term = terms.assign_role(ann, role("steward"), actor=admin, **given)
        assert fresh(ann).role_names == {"steward"}
        clock.shift(timedelta(days=2))
        terms.end_role(term, actor=admin, reason="Resigned")
        assert fresh(ann).role_names == frozenset()
    term.refresh_from_db()
    assert term.kind == "acting"
    assert term.reason == "Elected"
    assert term.assigned_by == admin
    assert term.starts_at == now
    assert term.ended_at == now + timedelta(days=2)
    assert term.ended_by == admin
    assert term.end_reason == "Resigned"
    assert {day: term.is_live(now + timedelta(days=day)) for day in (0, 1, 2)} == {0: True, 1: True, 2: False}
    assert trail(ann) == [
        ("Ada Admin", AccountAction.ROLE_ASSIGNED, "Elected"),
        ("Ada Admin", AccountAction.ROLE_ENDED, "Resigned"),
    ]
    assigned = AuditEvent.objects.get(action=AccountAction.ROLE_ASSIGNED)
    assert assigned.body["data"] == {
        "role": "steward",
        "kind": "acting",
        "starts_at": str(term.starts_at),
        "expires_at": str(now + 9 * DAY),
    }


def test_nobody_gives_a_role_to_themselves(admin):
    with pytest.raises(DomainError, match="themselves"):
        terms.assign_role(admin, role("treasurer"), actor=admin, reason="r")


@pytest.mark.parametrize(
    ("starts", "ends", "sentence"),
    [
        (-DAY, None, "cannot start in the past"),
        (DAY, DAY, "must end after it starts"),
        (2 * DAY, DAY, "must end after it starts"),
    ],
)
def test_impossible_terms_are_refused(admin, ann, starts, ends, sentence):
    now = timezone.now()
    with pytest.raises(DomainError, match=sentence):
        terms.assign_role(
            ann, role("staff"), actor=admin, reason="r", starts_at=now + starts, expires_at=ends and now + ends
        )


@pytest.mark.parametrize(
    ("first", "second", "accepted"),
    [
        ((0, None), (0, None), False),
        ((0, None), (5, 9), False),
        ((5, None), (0, None), False),
        ((5, 9), (0, None), False),
        ((5, 9), (0, 6), False),
        ((5, 9), (8, 12), False),
        ((5, 9), (6, 7), False),
        ((5, 9), (0, 5), True),
        ((5, 9), (9, None), True),
        ((5, 9), (9, 12), True),
        ((5, None), (0, 5), True),
    ],
)
def test_terms_of_one_role_never_overlap(admin, ann, first, second, accepted):
    now = timezone.now()

    def assign(days):
        starts, ends = days
        return terms.assign_role(
            ann,
            role("staff"),
            actor=admin,
            reason="r",
            starts_at=now + starts * DAY if starts else None,
            expires_at=now + ends * DAY if ends else None,
        )

    assign(first)
    if accepted:
        assign(second)
    else:
        with pytest.raises(DomainError, match="already holds the role Staff in that time"):
            assign(second)
    assert RoleAssignment.objects.filter(user=ann).count() == 1 + accepted


def test_after_an_end_the_role_can_be_given_again(admin, ann):
    for _round in range(2):
        term = terms.assign_role(ann, role("staff"), actor=admin, reason="r")
        terms.end_role(term, actor=admin, reason="r")
    called_off = terms.assign_role(ann, role("staff"), actor=admin, reason="r", starts_at=timezone.now() + 3 * DAY)
    terms.end_role(called_off, actor=admin, reason="Not elected")
    terms.assign_role(ann, role("staff"), actor=admin, reason="r")
    assert fresh(ann).role_names == {"staff"}


def test_a_term_ends_once_and_never_in_the_past(admin, ann):
    term = terms.assign_role(ann, role("staff"), actor=admin, reason="r", expires_at=timezone.now() + 9 * DAY)
    with pytest.raises(DomainError, match="in the past"):
        terms.end_role(term, actor=admin, reason="r", at=timezone.now() - DAY)
    with pytest.raises(DomainError, match="already ended, or ends before"):
        terms.end_role(term, actor=admin, reason="r", at=timezone.now() + 10 * DAY)
    terms.end_role(term, actor=admin, reason="r", at=timezone.now() + 5 * DAY)
    assert fresh(ann).role_names == {"staff"}
    terms.end_role(term, actor=admin, reason="Sooner")
    with pytest.raises(DomainError, match="already ended"):
        terms.end_role(term, actor=admin, reason="r")


def test_the_last_admin_stays(admin):
    term = RoleAssignment.objects.get(user=admin)
    other = account("admin")
    User.objects.filter(pk=other.pk).update(is_active=False)
    for act in (
        lambda: terms.end_role(term, actor=admin, reason="r"),
        lambda: people.deactivate(admin, actor=None, reason="r"),
    ):
        with pytest.raises(DomainError, match="Nobody else is administrator"):
            act()
    User.objects.filter(pk=other.pk).update(is_active=True)
    terms.end_role(term, actor=admin, reason="r")
    with pytest.raises(DomainError, match="Nobody else is administrator"):
        people.deactivate(other, actor=None, reason="r")


def test_the_last_admins_cannot_be_ended_one_after_the_other_for_tomorrow(admin):
    other = account("admin")
    tomorrow = timezone.now() + DAY
    terms.end_role(RoleAssignment.objects.get(user=other), actor=admin, reason="r", at=tomorrow)
    with pytest.raises(DomainError, match="without an end date"):
        terms.end_role(RoleAssignment.objects.get(user=admin), actor=other, reason="r", at=tomorrow)
    at_last = RoleAssignment.objects.live(tomorrow + DAY).filter(role__name="admin")
    assert [term.user for term in at_last] == [admin]


def test_nobody_switches_off_their_own_account(admin):
    account("admin")
    with pytest.raises(DomainError, match="your own account"):
        people.deactivate(admin, actor=admin, reason="r")


def test_describe_role(admin):
    staff = role("staff")
    roles.describe_role(staff, "The three people in the office", actor=admin)
    roles.describe_role(staff, "The three people in the office", actor=admin)
    assert role("staff").description == "The three people in the office"
    assert trail(staff) == [("Ada Admin", AccountAction.ROLE_DESCRIBED, "")]
    with pytest.raises(EditConflict) as caught:
        roles.describe_role(staff, "Clerks", actor=admin, version=staff.version)
    assert caught.value.current.description == "The three people in the office"
    assert roles.describe_role(staff, "Clerks", actor=admin, version=staff.version + 1).description == "Clerks"


# --- syncing ----------------------------------------------------------------------------------------


def snapshot() -> list:
    fields = ("name", "display_name", "description", "is_system_role", "position", "permissions__codename")
    return list(Role.objects.order_by("name", "permissions__codename").values_list(*fields))


def test_sync_makes_exactly_the_table_and_again_changes_nothing(django_assert_num_queries):
    granted = {name: {permission for permission, roles in GRANTS.items() if name in roles} for name in ROLES}
    found = {
        item.name: {f"{p.content_type.app_label}.{p.codename}" for p in item.permissions.select_related("content_type")}
        for item in Role.objects.all()
    }
    assert found == granted
    before = snapshot()
    roles.sync_roles(ROLES, GRANTS)
    assert snapshot() == before


def test_sync_repairs_names_and_permissions_and_keeps_an_edited_description(admin):
    before = snapshot()
    roles.describe_role(role("staff"), "The three people in the office", actor=admin)
    Role.objects.filter(name="staff").update(display_name="Clerks", position=99)
    Role.objects.filter(name="officer").update(description="An old release said this")
    role("staff").permissions.clear()
    roles.sync_roles(ROLES, GRANTS)
    assert role("staff").description == "The three people in the office"
    Role.objects.filter(name="staff").update(description=str(ROLES["staff"].description))
    assert snapshot() == before


def test_sync_leaves_custom_roles_alone():
    custom = Role.objects.create(name="dispatcher", display_name="Dispatcher")
    custom.permissions.set(role("staff").permissions.all()[:2])
    before = snapshot()
    roles.sync_roles(ROLES, GRANTS)
    assert snapshot() == before


def test_sync_refuses_a_permission_that_does_not_exist():
    with pytest.raises(LookupError, match=r"core\.fly"):
        roles.sync_roles(ROLES, {**GRANTS, "core.fly": ("admin",)})


# --- races ------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif("sqlite" in settings.DATABASES["default"]["ENGINE"], reason="races are proven on PostgreSQL")
def test_parallel_assignments_give_one_role():
    admin, ann = account("admin"), account()

    def assign(_number):
        try:
            terms.assign_role(
                ann, role("staff"), actor=admin, reason="r", expires_at=timezone.now() + timedelta(days=9)
            )
        except DomainError:
            return False
        return True

    def assign_without_lock(_number):
        """Look, then write: the naive variant."""
        free = not RoleAssignment.objects.live().filter(user=ann, role=role("officer")).exists()
        if free:
            RoleAssignmentFactory(user=ann, role="officer", expires_at=timezone.now() + timedelta(days=9))
        return free

    assert sorted(run_in_processes(assign)) == [False, False, False, True]
    assert sum(run_in_processes(assign_without_lock)) > 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif("sqlite" in settings.DATABASES["default"]["ENGINE"], reason="races are proven on PostgreSQL")
def test_of_two_admins_who_end_each_other_one_stays():
    admins = [account("admin"), account("admin")]
    held = [RoleAssignment.objects.get(user=admin) for admin in admins]

    def end(number):
        try:
            terms.end_role(held[number], actor=None, reason="r")
        except DomainError:
            return False
        return True

    assert sorted(run_in_processes(end, processes=2)) == [False, True]
    assert RoleAssignment.objects.live().filter(role__name="admin").count() == 1
