"""What the database asks of approvals: one at each level that the amount needs, by somebody without a part in it.

Conditions in SQL that both databases read, for models/guards.py. services/policy.py says the same in Python, and counts
more: help from before the portal, and records that may be the same person's.
"""

from dataclasses import replace

from benevolence.enums import LEVELS, Level
from core.db.triggers import Trigger

APPLICATIONS, REVIEWS, POLICIES, RELATIONS = (
    "benevolence_benevolenceapplication",
    "benevolence_benevolencereview",
    "benevolence_benevolencepolicy",
    "benevolence_declaredrelationship",
)
GRANTED = "('approved', 'paid')"
# The limits in cents of the rules that came with the portal, until the local has a version of its own.
LIMITS = {Level.VP: 50_000, Level.ADMIN: 200_000, Level.MANAGER: 500_000}
FIRST_RULES = ", ".join(
    (*(f"TRUE AS uses_{level}" for level in LEVELS), *(f"{cents} AS {level}_up_to" for level, cents in LIMITS.items()))
)
COLUMNS = ", ".join((*(f"uses_{level}" for level in LEVELS), *(f"{level}_up_to" for level in LIMITS), "lookback_days"))


def lacking(row: str, *, day: str, looks_back: bool = False) -> str:
    """Whether a level that an application needs has not approved it. `row` is the alias of the application.

    `looks_back`: with what was approved for the same record shortly before `day`.
    """
    in_force = (
        f"COALESCE({row}.policy_id, (SELECT version.id FROM {POLICIES} version WHERE version.called_off_at IS NULL "
        f"AND version.starts_on <= {day} ORDER BY version.starts_on DESC, version.number DESC LIMIT 1))"
    )
    rules = (
        f"(SELECT {COLUMNS} FROM {POLICIES} own WHERE own.id = {in_force} "
        f"UNION ALL SELECT {FIRST_RULES}, 90 AS lookback_days WHERE {in_force} IS NULL) rules"
    )
    total = f"{row}.amount_requested"
    if looks_back:
        total = (
            f"({total} + (SELECT COALESCE(SUM(other.approved_amount), 0) FROM {APPLICATIONS} other "
            f"WHERE other.member_id = {row}.member_id AND other.id <> {row}.id AND other.status IN {GRANTED} "
            f"AND other.approved_on >= {_days_before(day)}))"
        )
    missing = []
    for place, level in enumerate(LEVELS):
        exceeded = [f"(NOT rules.uses_{one} OR {total} > rules.{one}_up_to)" for one in LEVELS[:place]]
        approval = f"SELECT 1 FROM {REVIEWS} given WHERE {_stands(row)} AND given.review_level = '{level}'"
        missing.append(f"({' AND '.join((f'rules.uses_{level}', *exceeded, f'NOT EXISTS ({approval})'))})")
    return f"EXISTS (SELECT 1 FROM {rules} WHERE {' OR '.join(missing)})"


def _stands(row: str) -> str:
    return (
        f"given.application_id = {row}.id AND given.decision = 'approved' AND given.voided_at IS NULL "
        f"AND given.reviewer_id NOT IN ({row}.begun_by_id, {row}.entered_by_id)"
    )


def least_approved(row: str) -> str:
    """What the level that approved least approved, in cents."""
    return f"(SELECT MIN(given.amount) FROM {REVIEWS} given WHERE {_stands(row)})"


def is_involved(application: str, person: str) -> str:
    """Whether somebody entered an application, asks for it or is related to whoever does."""
    return (
        f"EXISTS (SELECT 1 FROM {APPLICATIONS} found WHERE found.id = {application} AND ("
        f"found.begun_by_id = {person} OR found.entered_by_id = {person} "
        f"OR found.member_id = (SELECT member_id FROM accounts_user WHERE id = {person}) "
        f"OR EXISTS (SELECT 1 FROM {RELATIONS} related WHERE related.user_id = {person} "
        "AND related.member_id = found.member_id)))"
    )


def _days_before(day: str) -> str:
    return f"({day} - rules.lookback_days)"


def on_both(trigger: Trigger, day: str) -> Trigger:
    """A trigger that looks back, with SQLite's way to count days."""
    counted = f"date({day}, '-' || rules.lookback_days || ' days')"
    return replace(trigger, sqlite=trigger.sqlite.replace(_days_before(day), counted))
