"""One merge that waits, carried out by four people at once; beside it a naive control that must fail."""

import os
import time

import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts.factories import RoleAssignmentFactory, UserFactory
from accounts.models import IdentityChange, User
from accounts.tests.serving import fails
from benevolence.enums import Status
from benevolence.factories import ApplicationFactory
from benevolence.models import BenevolenceApplication
from core.audit import trail
from core.errors import DomainError
from core.models import AuditEvent
from grievances.factories import GrievanceFactory
from members.enums import MemberAction, MergeState
from members.factories import MemberFactory
from members.models import Member, MergeRequest
from members.services import merge_requests
from unionops import merging
from unionops.testing.races import run_in_processes

ROUNDS = 20 if os.environ.get("BATTERY") else 2
PEOPLE = 4

pytestmark = [
    pytest.mark.race,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite lets one writer in at a time"),
]


@pytest.fixture
def officers(db):
    return [RoleAssignmentFactory(role="officer").user for _number in range(PEOPLE)]


def asked(actor):
    """Return a merge that moves an account, a case and an application."""
    kept, duplicate = MemberFactory(), MemberFactory()
    UserFactory(member=duplicate)
    GrievanceFactory(people=[duplicate])
    ApplicationFactory(member=duplicate, status=Status.SUBMITTED)
    return merge_requests.ask(kept, duplicate, {}, actor=actor, reason="One person, two cards")


def naive_merge(request, *, actor):
    """Check, then act, on rows read without a lock."""
    with transaction.atomic():
        found = MergeRequest.objects.select_related("kept", "duplicate").get(pk=request.pk)
        if why := merging.why_not(found, actor):
            raise DomainError(why)
        time.sleep(0.1)
        Member.objects.filter(pk=found.duplicate_id).update(merged_into=found.kept, deleted_at=timezone.now())
        User.objects.filter(member=found.duplicate).update(member=found.kept)
        merge_requests.close(found, MergeState.DONE, actor=actor)
        trail.record(found.kept, MemberAction.MEMBER_MERGED, actor=actor)


def carry_out_at_once(carry_out, request, officers):
    """Return what each of the four was told, "" for whoever merged."""

    def act(number):
        try:
            carry_out(request, actor=officers[number])
        except DomainError as refused:
            return refused.sentence
        return ""

    return run_in_processes(act, processes=PEOPLE)


def merges_told(request):
    told = AuditEvent.objects.filter(action=MemberAction.MEMBER_MERGED, subject_id=str(request.kept_id))
    return told.count()


def test_one_merges_and_the_others_read_that_it_is_decided(officers, people):
    for _round in range(ROUNDS):
        request = asked(people["staff"])
        told = carry_out_at_once(merging.carry_out, request, officers)
        assert sorted(told) == ["", *["This merge has been decided."] * (PEOPLE - 1)]
        assert merges_told(request) == 1
        account = User.objects.get(member=request.kept_id)
        epochs = IdentityChange.objects.filter(user=account, kind="merge").values_list("epoch", flat=True)
        assert list(epochs) == [2, 2]  # of the one who carried it out, and of the one who asked
        application = BenevolenceApplication.objects.get(member=request.kept_id)
        assert application.version == 2
        request.refresh_from_db()
        assert (request.state, request.decided_by) == (MergeState.DONE, officers[told.index("")])


def test_control_without_the_lock_several_merge(officers, people):
    def several() -> bool:
        request = asked(people["staff"])
        told = carry_out_at_once(naive_merge, request, officers)
        return told.count("") > 1 and merges_told(request) > 1

    assert fails(several)
