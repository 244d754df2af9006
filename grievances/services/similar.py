"""Cases on the same article of a contract, to look at before deciding another."""

from typing import Any

from core.db.prepared import prepared
from core.permissions import Actor
from grievances.models import Grievance

MOST = 5


def on_same_article(grievance: Grievance, user: Actor) -> list[Grievance]:
    """The newest of those that the person sees whole: first at the same employer, then elsewhere."""
    if not grievance.article_key:
        return []
    asked = {"key": grievance.article_key, "employer": grievance.employer_id, "case": grievance.pk}
    return [*_here(user, **asked), *_elsewhere(user, **asked)][:MOST]


@prepared
def _here(asker: Actor, *, key: Any, employer: Any, case: Any) -> Any:
    return _newest(Grievance.objects.whole_to(asker).filter(article_key=key, employer=employer).exclude(pk=case))


@prepared
def _elsewhere(asker: Actor, *, key: Any, employer: Any, case: Any) -> Any:
    return _newest(
        Grievance.objects.whole_to(asker).filter(article_key=key).exclude(employer=employer).exclude(pk=case)
    )


def _newest(rows: Any) -> Any:
    return rows.select_related("employer").order_by("-filed_date", "-pk")[:MOST]
