"""The search in the top bar: one list of what is searched, each through the person's own rows."""

from typing import Any

from core.panels import HitGroup
from core.views import may
from members import panels
from members import permissions as members

SEARCHES = [
    ((members.VIEW_MEMBERS, members.VIEW_OWN_RECORD), panels.search_members),
    (members.VIEW_ORGANIZATIONS, panels.search_organizations),
]
SHORTEST = 2


def search_everything(user: Any, text: str) -> list[HitGroup]:
    """Groups with at least one hit; nothing for a text of fewer than two characters."""
    if len(text.strip()) < SHORTEST:
        return []
    groups = [find(user, text) for permission, find in SEARCHES if may(user, permission)]
    return [group for group in groups if group.hits]
