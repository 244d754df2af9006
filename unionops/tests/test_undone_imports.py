"""An import that is undone takes away no record on which somebody works by now, in whatever app."""

import pytest

from benevolence.factories import RelationshipFactory
from core.imports import applying, batches, undoing
from core.imports.undo_records import used_elsewhere
from grievances.factories import GrievanceFactory, IntakeFactory
from members.factories import EmploymentFactory, MemberFactory, OrganizationFactory
from members.imports.lists import list_of
from members.models import Member, MergeRequest, Organization
from members.tests.import_steps import checked, contents

# A foreign key without a name of its own is not asked. These say nothing that is lost with the record: who is alike,
# which record an account had; and that somebody organizes at an employer is nobody's business.
UNASKED = {
    "accounts.IdentityChange.member_after",
    "accounts.IdentityChange.member_before",
    "members.FormerMatch.member",
    "members.FormerMatch.other",
    "members.OtherPerson.member",
    "members.OtherPerson.other",
    "organizing.Campaign.target",
}


def test_which_foreign_keys_are_not_asked():
    hidden = [
        relation
        for model in (Member, Organization)
        for relation in model._meta.get_fields(include_hidden=True)
        if relation.auto_created and not relation.concrete and relation.hidden
    ]
    found = {
        f"{one.related_model._meta.label}.{one.field.name}"
        for one in hidden
        if not one.related_model._meta.auto_created
    }
    assert found == UNASKED


@pytest.mark.django_db
def test_a_draft_a_declaration_and_a_merge_name_their_members_and_employers(people):
    declared = RelationshipFactory().member
    drafted = MemberFactory()
    draft = IntakeFactory(people=[drafted])
    kept, duplicate = MemberFactory.create_batch(2)
    versions = {"kept_version": kept.version, "duplicate_version": duplicate.version}
    MergeRequest.objects.create(kept=kept, duplicate=duplicate, asked_by=people["staff"], reason="Twice", **versions)
    free, employer = MemberFactory(), OrganizationFactory()
    used = {declared.pk, drafted.pk, kept.pk, duplicate.pk}
    assert used_elsewhere(Member, [*used, free.pk]) == used
    assert used_elsewhere(Organization, [draft.organization_id, employer.pk]) == {draft.organization_id}


@pytest.mark.django_db
@pytest.mark.parametrize("later", [False, True], ids=["older references", "and a later one"])
@pytest.mark.parametrize("rate", ["", "31"], ids=["the job as it is", "the job changed"])
def test_what_was_there_before_an_import_restored_a_member_is_no_use(people, later, rate):
    staff = people["staff"]
    deleted = {"deleted_at": "2026-01-02T00:00Z", "deleted_reason": "Moved away"}
    alder = OrganizationFactory(name="Alder")
    ann = MemberFactory(member_number="1", first_name="Ann", last_name="Lee", city="Pekin", **deleted)
    EmploymentFactory(member=ann, organization=alder, hourly_rate="30.00")
    GrievanceFactory(people=[ann])
    before = contents()
    rows = [("Number", "Name", "City", "Employer", "Rate"), ("1", "Lee, Ann", "Peoria", "Alder", rate)]
    batch = restored(rows, "members", staff)
    assert Member.objects.alive().get().city == "Peoria"
    if later:
        EmploymentFactory(member=ann)

    undoing.start_undo(batch, list_of(batch), actor=staff, reason="Wrong file", in_background=False)

    ann.refresh_from_db()
    if later:
        assert batch.rows.get().undone == "Kept: other records refer to it by now."
        assert (ann.is_deleted, ann.city) == (False, "Peoria")
    else:
        assert batch.rows.get().undone == "undone"
        assert (ann.deleted_reason, ann.city) == ("Moved away", "Pekin")
        assert contents() == before


@pytest.mark.django_db
@pytest.mark.parametrize("later", [False, True], ids=["an older job", "and a later one"])
def test_what_was_there_before_an_import_restored_an_employer_is_no_use(people, later):
    staff = people["staff"]
    alder = OrganizationFactory(
        name="Alder", city="Pekin", state="IL", deleted_at="2026-01-02T00:00Z", deleted_reason="Closed"
    )
    EmploymentFactory(member=MemberFactory(), organization=alder)
    batch = restored([("Employer", "City", "State"), ("Alder", "Pekin", "IL")], "organizations", staff)
    if later:
        EmploymentFactory(member=MemberFactory(), organization=alder)

    undoing.start_undo(batch, list_of(batch), actor=staff, reason="Wrong file", in_background=False)

    alder.refresh_from_db()
    assert batch.rows.get().undone == ("Kept: other records refer to it by now." if later else "undone")
    assert alder.deleted_reason == ("" if later else "Closed")


def restored(rows, kind, staff):
    batch = checked(rows, kind=kind, actor=staff)
    batches.decide_all(batch, list_of(batch), "restore", actor=staff)
    applying.start_apply(batch, list_of(batch), actor=staff, in_background=False)
    return batch
