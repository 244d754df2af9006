"""The search in the top bar: one list of what is searched, each through the person's own rows."""

from benevolence import panels as benevolence
from core.audit import trail
from core.classification import is_personal, is_vault
from core.enums import ReadKind
from core.permissions import SIGNED_IN, Actor, may
from core.web.panels import HitGroup
from grievances import panels as grievances
from members import panels
from members import permissions as members
from organizing import panels as organizing
from organizing.permissions import VIEW_CAMPAIGNS

# Each of the domains asks for its own permissions.
SEARCHES = [
    ((members.VIEW_MEMBERS, members.VIEW_OWN_RECORD), panels.search_members),
    (members.VIEW_ORGANIZATIONS, panels.search_organizations),
    (SIGNED_IN, grievances.search),
    (SIGNED_IN, benevolence.search),
    (SIGNED_IN, organizing.search),
]
SHORTEST = 2


def search_everything(user: Actor, text: str) -> list[HitGroup]:
    """Groups with at least one hit; nothing for a text of fewer than two characters."""
    if len(text.strip()) < SHORTEST:
        return []
    groups = [find(user, text) for permission, find in SEARCHES if may(user, permission)]
    return [group for group in groups if group.hits]


def record_search(user: Actor, text: str, groups: list[HitGroup]) -> None:
    """Who looked, one line a group. Words of somebody who may work in campaigns are written in the vault alone.

    Whether they found something there makes no difference: words that are missing would tell of it.
    """
    secret = may(user, VIEW_CAMPAIGNS)
    for group in groups:
        if is_personal(group.model):
            filters = {} if secret and not is_vault(group.model) else {"q": text}
            trail.read(group.model, ReadKind.LISTED, actor=user, rows=len(group.hits), filters=filters)
