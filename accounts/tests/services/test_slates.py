"""What happens to terms when a slate is set and when it is called off."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied

from accounts.enums import AccountAction, IdentityKind, InstallationState
from accounts.factories import RoleAssignmentFactory, UserFactory
from accounts.models import Installation, Role, RoleAssignment, User
from accounts.services import identity, slates, terms
from accounts.services.slate_preview import Slate
from accounts.tests.mails import mails
from core.errors import DomainError, EditConflict, TransitionRefused
from core.models import AuditEvent

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
NOW = datetime(2026, 12, 4, 18, tzinfo=UTC)
OATH = datetime(2026, 12, 8, 1, tzinfo=UTC)
BEFORE = datetime(2024, 1, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(NOW, tick=False):
        yield


def person(name: str, *roles: str) -> User:
    user = UserFactory(email=f"{name}@people.example", first_name=name.title(), last_name="Lee", last_login=BEFORE)
    for role in roles:
        RoleAssignmentFactory(user=user, role=role, starts_at=BEFORE)
    return user


def role(name: str) -> Role:
    return Role.objects.get(name=name)


def prepared(actor, seats: dict[str, list[User]], **values) -> Installation:
    values = {"title": "Officers", "reason": "Elected", "takes_effect_at": OATH, "expires_at": None} | values
    roles = [role(name) for name in seats]
    slate = slates.start_draft(values, roles, actor=actor)
    return slates.save_draft(slate, values, {role(name): seats[name] for name in seats}, actor=actor)


def held(user: User, at: datetime | None = None) -> set[str]:
    return set(RoleAssignment.objects.live(at).filter(user=user).values_list("role__name", flat=True))


def actions(user: User) -> list[str]:
    events = AuditEvent.objects.filter(subject_type="accounts.user", subject_id=str(user.pk))
    return list(events.order_by("id").values_list("action", flat=True))


@pytest.fixture
def local(people):
    """Ann and Bo are in office; Bo is elected again, Cy follows Ann."""
    ann, bo, cy = person("ann", "steward", "member"), person("bo", "steward"), person("cy", "member")
    slate = prepared(people["admin"], {"steward": [bo, cy], "treasurer": []})
    return slate, ann, bo, cy


def test_a_draft_begins_with_who_holds_the_roles(people):
    person("ann", "officer")
    off = person("off", "officer")
    User.objects.filter(pk=off.pk).update(is_active=False)
    roles = slates.usual_roles()
    assert [found.name for found in roles] == ["officer"]
    slate = slates.start_draft({"title": "O", "reason": "Elected"}, roles, actor=people["admin"])
    assert [str(seat) for seat in slate.seats.all()] == ["Ann Lee – Officer"]
    assert slate.state == InstallationState.DRAFT
    assert slate.version == 1
    assert slate.created_by == people["admin"]
    assert RoleAssignment.objects.filter(begun_with=slate).count() == 0


def test_saving_the_seats(local, people):
    slate, ann, bo, _cy = local
    seen = slate.version
    values = {name: getattr(slate, name) for name in slates.FIELDS}
    seats = {role("steward"): [ann, bo]}
    slate = slates.save_draft(slate, values, seats, actor=people["admin"], version=seen)
    assert {seat.user for seat in slate.seats.all()} == {ann, bo}
    assert [*slate.roles.all()] == [role("steward")]
    assert slate.version == seen + 1
    again = slates.save_draft(slate, values, seats, actor=people["admin"])
    assert again.version == slate.version
    with pytest.raises(EditConflict):
        slates.save_draft(slate, values, {}, actor=people["admin"], version=seen)
    with pytest.raises(PermissionDenied):
        slates.save_draft(slate, values, seats, actor=people["officer"])


def test_old_terms_end_and_new_ones_begin_at_one_moment(local, people):
    slate, ann, bo, cy = local
    slate = slates.set_slate(slate, actor=people["admin"])
    assert slate.state == InstallationState.SET
    assert slate.set_by == people["admin"]
    assert slate.set_at == NOW
    before = OATH - timedelta(microseconds=1)
    assert [held(user, before) for user in (ann, bo, cy)] == [{"steward", "member"}, {"steward"}, {"member"}]
    assert [held(user, OATH) for user in (ann, bo, cy)] == [{"member"}, {"steward"}, {"steward", "member"}]
    assert {term.user for term in slate.ended.all()} == {ann, bo}
    assert {(term.user, term.starts_at, term.reason, term.assigned_by) for term in slate.begun.all()} == {
        (bo, OATH, "Elected", people["admin"]),
        (cy, OATH, "Elected", people["admin"]),
    }
    assert list(slates.leaving(slate)) == [ann]
    assert [actions(user) for user in (ann, bo, cy)] == [
        [AccountAction.ROLE_ENDED],
        [AccountAction.ROLE_ENDED, AccountAction.ROLE_ASSIGNED],
        [AccountAction.ROLE_ASSIGNED],
    ]


def test_who_is_told_what(local, people):
    slate, *_people = local
    slates.set_slate(slate, actor=people["admin"])
    assert sorted(mail[:2] for mail in mails()) == [
        ("ann@people.example", "A role of yours ends"),
        ("bo@people.example", "You were given a role"),
        ("cy@people.example", "You were given a role"),
    ]


def test_a_slate_without_a_moment_takes_effect_when_it_is_set(people):
    ann, cy = person("ann", "steward"), person("cy")
    slate = prepared(people["admin"], {"steward": [cy]}, takes_effect_at=None, expires_at=NOW + 900 * DAY)
    slate = slates.set_slate(slate, actor=people["admin"])
    assert slate.takes_effect_at == NOW
    assert held(ann) == set()
    assert held(cy) == {"steward"}
    assert slate.begun.get().expires_at == NOW + 900 * DAY


def test_a_term_to_come_and_one_that_waits_never_begin(people):
    assert people["officer"].is_active
    coming, waiting, cy = person("coming"), person("waiting"), person("cy")
    later = terms.assign_role(coming, role("steward"), actor=people["admin"], reason="x", starts_at=OATH + 5 * DAY)
    proposed = terms.assign_role(waiting, role("treasurer"), actor=people["admin"], reason="x")
    slate = prepared(people["admin"], {"steward": [cy], "treasurer": [cy]})
    slate = slates.set_slate(slate, actor=people["admin"])
    for term in (later, proposed):
        term.refresh_from_db()
        assert (term.ended_at, term.ended_with) == (OATH, slate)
    assert (held(coming, OATH + 9 * DAY), list(slates.leaving(slate))) == (set(), [])


def test_grave_roles_wait_for_an_officer(people):
    assert people["officer"].is_active
    ann, cy = person("ann", "treasurer"), person("cy")
    slate = slates.set_slate(prepared(people["admin"], {"treasurer": [cy]}), actor=people["admin"])
    assert (held(ann, OATH), held(cy, OATH)) == (set(), set())
    assert Slate(slate, people["admin"]).to_confirm == 1
    terms.confirm_role(slate.begun.get(), actor=people["officer"])
    assert (held(cy, OATH), held(cy)) == ({"treasurer"}, set())
    assert Slate(slate, people["admin"]).to_confirm == 0


@pytest.mark.parametrize(
    ("moment", "seated", "sentence"),
    [
        (None, "cy", "nobody could confirm them"),
        (None, "off", "Nobody who can sign in has the seat of Officer"),
        (OATH, "off", "Nobody who can sign in has the seat of Officer"),
        (OATH, "cy", ""),
    ],
)
def test_a_slate_leaves_somebody_who_confirms(people, moment, seated, sentence):
    assert people["officer"].is_active
    seats = {"cy": person("cy"), "off": person("off")}
    slate = prepared(people["admin"], {"officer": [seats[seated]], "steward": [seats["cy"]]}, takes_effect_at=moment)
    User.objects.filter(email="off@people.example").update(is_active=False)
    if not sentence:
        assert slates.set_slate(slate, actor=people["admin"]).state == InstallationState.SET
        return
    with pytest.raises(TransitionRefused, match=sentence):
        slates.set_slate(slate, actor=people["admin"])
    assert held(people["officer"]) == {"officer"}


@pytest.mark.parametrize(
    ("setter", "seated", "is_set"),
    [
        ("admin", ("sole",), False),
        ("admin", ("sole", "cy"), True),
        ("admin", ("sole", "off"), False),
        ("admin", ("cy",), True),
        ("admin", ("made",), False),
        ("admin", ("made", "cy"), True),
        ("both", ("cy",), False),
    ],
)
def test_somebody_can_confirm_the_terms_of_a_slate_to_come(people, setter, seated, is_set):
    """An officer who neither sets the slate, nor has the seat, nor made its account."""
    sole = people["officer"]
    seats = {"sole": sole, "cy": person("cy"), "off": person("off"), "made": person("made")}
    identity.record_change(seats["made"], IdentityKind.CREATED, actor=sole)
    actor = people["admin"]
    if setter == "both":
        actor = person("both", "admin", "officer")
        RoleAssignment.objects.filter(user=sole).delete()
    slate = prepared(actor, {"officer": [seats[name] for name in seated]})
    User.objects.filter(email="off@people.example").update(is_active=False)
    if is_set:
        assert slates.set_slate(slate, actor=actor).state == InstallationState.SET
        return
    with pytest.raises(TransitionRefused, match="Nobody could confirm the new terms as Officer"):
        slates.set_slate(slate, actor=actor)
    assert RoleAssignment.objects.filter(begun_with=slate).count() == 0


def test_the_first_officers_may_take_office_at_once(people):
    RoleAssignment.objects.filter(role__name="officer").delete()
    cy = person("cy")
    slates.set_slate(prepared(people["admin"], {"officer": [cy]}, takes_effect_at=None), actor=people["admin"])
    assert held(cy) == {"officer"}


def test_nobody_sets_a_slate_that_they_are_on(people):
    slate = prepared(people["admin"], {"steward": [people["admin"], person("cy")]})
    problems = Slate(slate, people["admin"]).problems
    assert problems[0].stops is True
    assert problems[0].sentence == slates.own_seat()
    with pytest.raises(TransitionRefused, match="Another administrator sets the slate"):
        slates.set_slate(slate, actor=people["admin"])
    assert RoleAssignment.objects.filter(begun_with=slate).count() == 0
    other = person("other", "admin")
    slates.set_slate(slate, actor=other)
    assert held(people["admin"], OATH) == {"admin", "steward"}


def test_whoever_gives_roles_is_not_on_a_slate(people):
    assert "admin" not in {found.name for found in slates.roles_of_slates()}
    with pytest.raises(DomainError, match="Whoever gives roles"):
        prepared(people["admin"], {"admin": [person("cy")]})


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"takes_effect_at": NOW - DAY}, "moment of this installation is over"),
        ({"state": InstallationState.CALLED_OFF}, "not possible while"),
    ],
)
def test_what_cannot_be_set(local, people, change, sentence):
    slate, *_people = local
    Installation.objects.filter(pk=slate.pk).update(**change)
    with pytest.raises(TransitionRefused, match=sentence):
        slates.set_slate(slate, actor=people["admin"])
    with pytest.raises(PermissionDenied):
        slates.set_slate(slate, actor=people["officer"])
    assert not RoleAssignment.objects.filter(begun_with=slate).exists()


def test_a_slate_without_a_seat_is_not_set(people):
    slate = prepared(people["admin"], {"treasurer": []})
    with pytest.raises(TransitionRefused, match="No seat"):
        slates.set_slate(slate, actor=people["admin"])


def test_all_or_nothing(people):
    """When the second seat is refused, the first one and every end are undone."""
    ann, cy = person("ann", "steward"), person("cy")
    slate = prepared(people["admin"], {"steward": [cy]}, expires_at=OATH - DAY)
    with pytest.raises(DomainError, match="must end after it starts"):
        slates.set_slate(slate, actor=people["admin"])
    slate.refresh_from_db()
    assert slate.state == InstallationState.DRAFT
    assert held(ann, OATH) == {"steward"}
    assert held(cy, OATH) == set()
    assert not mails()


def test_two_slates_do_not_share_a_role(local, people):
    first, *_people = local
    slates.set_slate(first, actor=people["admin"])
    second = prepared(people["admin"], {"steward": [person("dee")]}, takes_effect_at=OATH + DAY)
    with pytest.raises(TransitionRefused, match="Another slate"):
        slates.set_slate(second, actor=people["admin"])
    with time_machine.travel(OATH, tick=False):
        slates.set_slate(second, actor=people["admin"])


def test_calling_off_takes_everything_back(local, people):
    slate, ann, bo, cy = local
    planned = RoleAssignment.objects.get(user=bo)
    terms.end_role(planned, actor=people["admin"], reason="Moves away", at=OATH + 30 * DAY)
    slates.set_slate(slate, actor=people["admin"])
    before = mails()
    slate = slates.call_off(slate, actor=people["admin"], reason="No quorum")
    assert slate.state == InstallationState.CALLED_OFF
    assert [held(user, OATH) for user in (ann, bo, cy)] == [{"steward", "member"}, {"steward"}, {"member"}]
    planned.refresh_from_db()
    assert planned.ended_at == OATH + 30 * DAY
    assert planned.end_reason == "Moves away"
    assert planned.ended_with is None
    term = RoleAssignment.objects.get(user=ann, role__name="steward")
    assert term.ended_at is None
    assert term.ended_by is None
    assert term.end_reason == ""
    assert term.ended_with is None
    assert {begun.is_over(NOW) for begun in slate.begun.all()} == {True}
    assert [actions(user)[-1] for user in (ann, bo, cy)] == ["role.kept", "role.kept", "role.called_off"]
    assert sorted(mail[:2] for mail in mails() if mail not in before) == [
        ("ann@people.example", "A role of yours goes on"),
        ("bo@people.example", "A role of yours goes on"),
        ("cy@people.example", "A role that you were to get is called off"),
    ]


def test_an_end_that_came_earlier_meanwhile_stands(local, people):
    slate, ann, *_people = local
    slate = slates.set_slate(slate, actor=people["admin"])
    term = RoleAssignment.objects.get(user=ann, role__name="steward")
    terms.end_role(term, actor=people["admin"], reason="Left", at=NOW + DAY)
    slates.call_off(slate, actor=people["admin"], reason="No quorum")
    assert held(ann, NOW + 2 * DAY) == {"member"}


def test_a_slate_in_office_is_not_called_off(local, people):
    slate, *_people = local
    slates.set_slate(slate, actor=people["admin"])
    with time_machine.travel(OATH, tick=False), pytest.raises(TransitionRefused, match="in office already"):
        slates.call_off(slate, actor=people["admin"], reason="Too late")


def test_a_draft_is_called_off_without_a_word_to_anybody(local, people):
    slate, *_people = local
    slates.call_off(slate, actor=people["admin"], reason="Not now")
    assert not mails()


# --- what the page says before it is set ------------------------------------------------------------


def test_problems_of_a_slate(people):
    ann, bo, cy = person("ann"), person("bo"), person("cy", "trustee")
    User.objects.filter(pk=bo.pk).update(is_active=False)
    User.objects.filter(pk=cy.pk).update(last_login=None)
    seats = {"benevolence-vp": [ann], "benevolence-admin": [ann], "treasurer": [ann, cy], "officer": [bo]}
    slate = Slate(prepared(people["admin"], seats | {"grievance-chair": []}), people["admin"])
    assert [problem.sentence for problem in slate.problems] == [
        "Empty seat: nobody who can sign in is to be Officer.",
        "Empty seat: nobody who can sign in is to be Grievance chair.",
        "The account of Bo Lee is switched off.",
        "Never signed in so far: Cy Lee. See that they can, before the day.",
        "Ann Lee would be Treasurer and Vice president, benevolence. Whoever pays an application has decided no part"
        " of it.",
        "Ann Lee would be Treasurer and Benevolence administrator. Whoever pays an application has decided no part"
        " of it.",
        "Ann Lee would be Vice president, benevolence and Benevolence administrator. Nobody decides two levels of one"
        " application.",
        "Cy Lee would be Treasurer and Trustee. Trustees audit what these roles do.",
    ]
    assert not any(problem.stops for problem in slate.problems)
    assert slate.to_confirm == 5


@pytest.mark.parametrize("count", [1, 3])
def test_a_slate_is_read_in_a_constant_number_of_queries(people, count, django_assert_num_queries):
    crowd = [person(f"p{number}", "treasurer", "trustee") for number in range(count)]
    found = prepared(people["admin"], {"steward": crowd, "treasurer": crowd})
    with django_assert_num_queries(6):
        slate = Slate(found, people["admin"])
        assert len(slate.changes) == 2
        assert len(slate.problems) == count
        assert slate.to_confirm == count
