import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from accounts.factories import RoleAssignmentFactory, UserFactory
from grievances.factories import GrievanceFactory, IntakeFactory, ResolutionFactory, StepRecordFactory
from grievances.models import (
    Grievance,
    GrievanceIntake,
    GrievancePolicy,
    GrievanceStepRecord,
    Grievant,
    GrievantTold,
    Resolution,
)
from members.factories import MemberFactory
from members.models import Member
from unionops.testing.cast import CAST

pytestmark = pytest.mark.django_db
SEE_ALL = ("officer", "staff", "grievance-chair", "representative")
STRANGERS = [name for name in CAST if name not in ("anon", "steward", "member", *SEE_ALL)]
MODELS = (Grievance, GrievanceIntake, Grievant, GrievanceStepRecord, Resolution, GrievantTold)


def seen(rows):
    return set(rows)


@pytest.fixture
def cases(people):
    own = GrievanceFactory(people=[people["member"].member, MemberFactory()], grievance_type="group")
    assigned = GrievanceFactory(assigned_rep=people["steward"])
    restricted = GrievanceFactory(people=[people["member"].member], is_restricted=True)
    restricted.named_people.set([people["officer"]])
    return {"own": own, "assigned": assigned, "restricted": restricted}


@pytest.mark.parametrize("role", SEE_ALL)
def test_all_cases_but_restricted_ones(people, cases, role):
    found = {cases["own"], cases["assigned"]} | ({cases["restricted"]} if role == "officer" else set())
    assert seen(Grievance.objects.visible_to(people[role])) == found
    assert seen(Grievance.objects.whole_to(people[role])) == found


def test_a_steward_sees_what_is_assigned_or_names_them(people, cases):
    steward = people["steward"]
    assert seen(Grievance.objects.visible_to(steward)) == {cases["assigned"]}
    cases["restricted"].named_people.add(steward)
    assert seen(Grievance.objects.whole_to(steward)) == {cases["assigned"], cases["restricted"]}
    Grievance.objects.filter(pk=cases["assigned"].pk).update(is_restricted=True)
    assert seen(Grievance.objects.visible_to(steward)) == {cases["restricted"]}


def test_a_member_sees_own_cases_and_the_whole_of_none(people, cases):
    member = people["member"]
    assert seen(Grievance.objects.visible_to(member)) == {cases["own"]}
    assert seen(Grievance.objects.whole_to(member)) == set()


def test_a_merged_record_is_the_same_person(people, cases):
    kept = people["member"].member
    double = MemberFactory(merged_into=kept, deleted_at=timezone.now())
    old = GrievanceFactory(people=[double])
    assert seen(Grievance.objects.visible_to(people["member"])) == {cases["own"], old}
    assert seen(Grievance.objects.about_member(kept.pk)) == {cases["own"], cases["restricted"], old}


def test_a_named_grievant_never_sees_the_restricted_case(people, cases):
    officer = people["officer"]
    officer.member, officer.is_no_member = people["member"].member, False
    people["member"].member = None
    people["member"].save()
    officer.save()
    assert seen(Grievance.objects.visible_to(officer)) == {cases["own"], cases["assigned"]}


def test_both_sides_for_a_steward_who_is_a_grievant(people, cases):
    steward = people["steward"]
    steward.member, steward.is_no_member = people["member"].member, False
    people["member"].member = None
    people["member"].save()
    steward.save()
    RoleAssignmentFactory(user=steward, role="member")
    assert seen(Grievance.objects.visible_to(steward)) == {cases["own"], cases["assigned"]}
    sides = Grievance.objects.visible_to(steward).with_side(steward).values_list("pk", "is_whole")
    assert dict(sides) == {cases["own"].pk: False, cases["assigned"].pk: True}


@pytest.mark.parametrize("role", STRANGERS)
def test_everybody_else_sees_nothing(people, cases, role):
    StepRecordFactory(grievance=cases["own"])
    ResolutionFactory()
    IntakeFactory()
    for model in MODELS:
        assert seen(model.objects.visible_to(people[role])) == set()


def test_somebody_who_has_not_signed_in_sees_nothing(cases):
    GrievancePolicy.objects.create(pk=1)
    for model in (*MODELS, GrievancePolicy):
        assert seen(model.objects.visible_to(AnonymousUser())) == set()


def test_parts_follow_the_whole_case(people, cases):
    records = {name: StepRecordFactory(grievance=case) for name, case in cases.items()}
    told = GrievantTold.objects.get(resolution=ResolutionFactory())
    assert seen(GrievanceStepRecord.objects.visible_to(people["member"])) == set()
    assert seen(GrievanceStepRecord.objects.visible_to(people["steward"])) == {records["assigned"]}
    assert seen(GrievanceStepRecord.objects.visible_to(people["staff"])) == {records["own"], records["assigned"]}
    assert seen(Grievant.objects.visible_to(people["officer"])) == set(Grievant.objects.all())
    assert [seen(GrievantTold.objects.visible_to(people[name])) for name in ("staff", "steward")] == [{told}, set()]


def test_drafts(people):
    own, other = IntakeFactory(drafted_by=people["steward"]), IntakeFactory()
    for role in SEE_ALL:
        assert seen(GrievanceIntake.objects.visible_to(people[role])) == {own, other}
    assert seen(GrievanceIntake.objects.visible_to(people["steward"])) == {own}
    assert seen(GrievanceIntake.objects.visible_to(people["member"])) == set()


def test_the_draft_of_a_restricted_case_is_as_hidden_as_the_case(people):
    case = GrievanceFactory(is_restricted=True)
    case.named_people.set([people["officer"]])
    draft = IntakeFactory(drafted_by=people["steward"], filed_as=case)
    found = {role: seen(GrievanceIntake.objects.visible_to(people[role])) for role in ("officer", "staff", "steward")}
    assert found == {"officer": {draft}, "staff": set(), "steward": set()}


@pytest.mark.parametrize(("role", "count"), [("admin", 1), ("officer", 1), ("grievance-chair", 1), ("staff", 0)])
def test_who_sees_the_rules(people, role, count):
    GrievancePolicy.objects.create(pk=1)
    assert GrievancePolicy.objects.visible_to(people[role]).count() == count


@pytest.mark.parametrize("size", [1, 3])
def test_for_list_is_one_statement(size, django_assert_num_queries):
    for _number in range(size):
        GrievanceFactory(grievance_type="group", people=[MemberFactory(), MemberFactory()])
    with django_assert_num_queries(1):
        listed = [
            (case.grievant_count, bool(case.member.pk and case.employer.pk)) for case in Grievance.objects.for_list()
        ]
    assert listed == [(2, True)] * size


# --- the same rules in plain Python, row by row -------------------------------------------------------


def is_grievant(user, case) -> bool:
    keys = {
        key for member in Member.objects.filter(grievants__grievance=case) for key in (member.pk, member.merged_into_id)
    }
    return user.member_id is not None and user.member_id in keys


def is_party(user, case) -> bool:
    """Tell whether a grievant is any record that was merged with theirs, in whichever direction."""
    own = user.member and (user.member.merged_into or user.member)
    grievants = Member.objects.filter(grievants__grievance=case)
    return own is not None and any(own in (member, member.merged_into) for member in grievants)


def is_whole(user, case) -> bool:
    if not any(user.has_role(name) for name in (*SEE_ALL, "steward")):
        return False
    if case.is_restricted:
        return user in case.named_people.all() and not is_party(user, case)
    return any(user.has_role(name) for name in SEE_ALL) or case.assigned_rep_id == user.pk


def is_seen(user, case) -> bool:
    return is_whole(user, case) or (user.has_role("member") and not case.is_restricted and is_grievant(user, case))


def is_seen_draft(user, draft) -> bool:
    everybodys = any(user.has_role(name) for name in SEE_ALL)
    own = user.has_role("steward") and draft.drafted_by_id == user.pk
    filed = draft.filed_as
    return (everybodys or own) and (filed is None or not filed.is_restricted or is_whole(user, filed))


def test_rows_are_those_of_the_rules_taken_row_by_row(db):
    kept, other = MemberFactory.create_batch(2)
    merged = MemberFactory(merged_into=kept)
    held = [
        ("officer",),
        ("staff", "member"),
        ("steward", "member"),
        ("representative", "member"),
        ("member",),
        ("admin",),
    ]
    users = [UserFactory(member=member) for member in (None, other, kept, merged, MemberFactory(), None)]
    for user, roles in zip(users, held, strict=True):
        for role in roles:
            RoleAssignmentFactory(user=user, role=role)
    for at, people in enumerate(([kept], [merged], [other, merged], [users[4].member], [MemberFactory()])):
        for restricted in (False, True):
            kind = "group" if len(people) > 1 else "individual"
            case = GrievanceFactory(
                people=people, grievance_type=kind, assigned_rep=users[at % 4], is_restricted=restricted
            )
            case.named_people.set(users[at % 2 : 4] if restricted else [])
            IntakeFactory(drafted_by=users[(at + restricted) % 4], filed_as=case)
        IntakeFactory(drafted_by=users[at % 4])
    cases, drafts = list(Grievance.objects.all()), list(GrievanceIntake.objects.all())
    for user in users:
        assert seen(Grievance.objects.visible_to(user)) == {case for case in cases if is_seen(user, case)}
        assert seen(Grievance.objects.whole_to(user)) == {case for case in cases if is_whole(user, case)}
        assert seen(GrievanceIntake.objects.visible_to(user)) == {row for row in drafts if is_seen_draft(user, row)}
