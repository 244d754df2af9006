"""An import that is undone takes away no record on which somebody works by now, in whatever app."""

import pytest

from benevolence.factories import RelationshipFactory
from core.imports.undo_records import used_elsewhere
from grievances.factories import IntakeFactory
from members.factories import MemberFactory, OrganizationFactory
from members.models import Member, MergeRequest, Organization

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
