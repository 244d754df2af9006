"""The rules of the fund."""

from collections.abc import Mapping
from typing import Any

from benevolence import permissions as p
from benevolence.enums import BenevolenceAction
from benevolence.models import (
    BenevolencePolicy,
)
from core.permissions import Actor
from core.records import one_row


def change_policy(values: Mapping[str, Any], *, actor: Actor | None, version: int | None = None) -> BenevolencePolicy:
    """See core.records.one_row.change."""
    return one_row.change(
        BenevolencePolicy,
        values,
        permission=p.CHANGE_POLICY,
        actor=actor,
        action=BenevolenceAction.POLICY_CHANGED,
        version=version,
    )
