"""Claims that something came too late stand until they are cleared, and are kept."""

import pytest
from django.core.exceptions import ValidationError

from core.errors import DomainError
from core.site import local_today
from grievances.factories import GrievanceFactory
from grievances.flag_factories import UntimelyFactory
from grievances.models import Grievance
from grievances.services import untimely
from grievances.tests.case_setup import story

pytestmark = pytest.mark.django_db


def test_either_side_claims_once_and_the_mark_goes_with_the_last_claim(people):
    case, officer = GrievanceFactory(), people["officer"]
    said = {"actor": officer, "claimed_on": local_today(), "why": "Filed late"}
    theirs, ours = [untimely.claim_untimely(case, claimed_by=side, **said) for side in ("employer", "union")]
    with pytest.raises(ValidationError, match="claims it already"):
        untimely.claim_untimely(case, claimed_by="union", **said)
    marks = []
    for claim in (theirs, ours):
        untimely.clear_untimely(case, actor=officer, claim=claim, reason="Given up in the meeting")
        marks.append(Grievance.objects.get(pk=case.pk).is_untimely)
    assert marks == [True, False]
    assert [row.cleared_reason for row in case.untimely_claims.all()] == ["Given up in the meeting"] * 2
    assert story(case) == ["grievance.untimely_claimed"] * 2 + ["grievance.untimely_cleared"] * 2
    with pytest.raises(DomainError, match="stands no longer"):
        untimely.clear_untimely(case, actor=officer, claim=ours, reason="Again")


def test_a_claim_is_recorded_of_an_open_case_on_a_day_that_fits(people):
    said = {"actor": people["officer"], "claimed_by": "union", "why": "Late"}
    with pytest.raises(DomainError, match="has ended"):
        untimely.claim_untimely(GrievanceFactory(settled=True), claimed_on=local_today(), **said)
    case = UntimelyFactory().grievance
    with pytest.raises(ValidationError) as refused:
        untimely.claim_untimely(case, claimed_on=case.filed_date.replace(year=2025), **said)
    assert list(refused.value.message_dict) == ["claimed_on"]
    with pytest.raises(DomainError, match="assigned to nobody"):
        untimely.claim_untimely(case, claimed_on=local_today(), **said | {"actor": people["representative"]})
