"""The vote that the last level records with its decision, where the rules ask for one."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from benevolence.enums import Decision
from benevolence.models import BenevolenceReview, Vote
from benevolence.services.facts import policy_of
from benevolence.services.workflow import decides
from core.records import records

FIELDS = ("motion", "present", "votes_for", "votes_against", "minute_number")


def is_asked(application: Any) -> bool:
    """Whether whoever decides now records a vote: the last level does."""
    return bool(application.level_due and policy_of(application).vote) and decides(application)


def check(application: Any, vote: Mapping[str, Any] | None, decision: Decision) -> None:
    """Raises ValidationError by field where the vote is missing or says something else than the decision."""
    if not is_asked(application):
        return
    given = vote or {}
    missing = {name: _("Say what the minutes say.") for name in FIELDS if given.get(name) in (None, "")}
    if missing:
        raise ValidationError(missing)
    is_carried = given["votes_for"] > given["votes_against"]
    if decision == Decision.APPROVED and not is_carried:
        raise ValidationError({"votes_for": _("The motion was not carried, so deny the application.")})
    if decision == Decision.DENIED and is_carried:
        raise ValidationError({"votes_against": _("The motion was carried, so approve the application.")})


def keep(review: BenevolenceReview, vote: Mapping[str, Any] | None) -> None:
    """With the review; of a level that records none nothing."""
    voters = policy_of(review.application).vote
    if vote and voters and all(vote.get(name) not in (None, "") for name in FIELDS):
        records.save(Vote(review=review, voters=voters, **{name: vote[name] for name in FIELDS}))
