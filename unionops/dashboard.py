"""What the home page shows, from explicit lists."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import panels as accounts
from benevolence import panels as benevolence
from benevolence.permissions import APPLY, APPLY_FOR_MEMBER
from core.audit import trail
from core.classification import is_personal
from core.db.one_of import OneOf
from core.enums import MailState, ReadKind
from core.models import Outbox
from core.permissions import VIEW_SYSTEM, Actor, may
from core.web.panels import Figure, Happened, Matter, Waiting
from core.web.waiting import FIRST, At, Waits, Work, in_order
from grievances import panels as grievances
from grievances.permissions import DRAFT_GRIEVANCES
from members import panels as members
from members.permissions import ADD_MEMBERS, RUN_IMPORTS
from organizing import panels as organizing
from organizing.permissions import OVERSEE_CAMPAIGNS
from unionops import handover

DOMAINS = (grievances, benevolence, organizing)
LATEST = 8


def _given_up(asker: Actor, at: At) -> QuerySet[Outbox] | None:
    """The first of the mails that could not be delivered, for all of them: one page shows them all."""
    if not may(asker, VIEW_SYSTEM):
        return None
    failed = Outbox.objects.filter(state=MailState.FAILED).order_by("due_at", "id")
    return Outbox.objects.filter(OneOf("pk", failed.values("pk")[:1]))


def _given_up_line(key: str) -> Waiting:
    words = _("Look why, then send them again")
    return Waiting(_("Mails could not be delivered"), reverse("system"), _("Given up"), "red", asks=words)


OWN = Waits(Work("mails", gettext_lazy("Mails"), Outbox, _given_up, _given_up_line, (), since="created_at"))
WAITS = (*(part.WAITS for part in (*DOMAINS, accounts, members)), OWN)
EVERY = Waits(*(work for part in WAITS for work in part.works.values()))


def waiting_for(user: Actor) -> list[Waiting]:
    """The first rows of what waits, the next due before all others; one statement a domain."""
    return in_order(item for part in WAITS for item in part.first(user))[:FIRST]


def waiting_in_admin(user: Actor) -> tuple[benevolence.AdminQueue | None, list[Waiting]]:
    """The benevolence queue, and what else waits."""
    queue = benevolence.admin_queue(user)
    if queue is None:
        return None, waiting_for(user)
    others = waiting_rows(user, most=FIRST + len(queue.rows))
    return queue, [item for item in others if item.url not in queue.urls][:FIRST]


def waiting_rows(user: Actor, *, most: int, only: str = "", due: str = "") -> list[Waiting]:
    """As `waiting_for`, of one kind or by the due date where that is asked."""
    return in_order(item for part in WAITS for item in part.rows(user, most=most, only=only, due=due))[:most]


def counted(request: HttpRequest) -> dict[str, int]:
    """How many rows of each kind wait for whoever asks: one statement a page, not kept any longer.

    A count kept for some seconds would still tell of what was done on the page before, in each process another one.
    """
    known: Any = request
    if not hasattr(known, "waits"):
        known.waits = EVERY.counts(known.user)
    return known.waits


def arranged_by(user: Actor) -> list[Waiting]:
    """What has to be arranged besides, on Home alone and not counted: it takes more than a statement to know."""
    return [*handover.waiting(user), *organizing.accounts_to_confirm(user)]


def record_reading(user: Actor, items: Iterable[Waiting | Matter]) -> None:
    """Who looked, one line a model: the rows name people."""
    models = Counter(item.model for item in items if item.model is not None and is_personal(item.model))
    for model, rows in sorted(models.items(), key=lambda pair: pair[0]._meta.label):
        trail.read(model, ReadKind.LISTED, actor=user, rows=rows)


def figures(user: Actor) -> list[Figure]:
    return [figure for part in (members, *DOMAINS) for figure in part.figures(user)]


def own_matters(user: Actor) -> list[Matter]:
    """Where the person's own cases and applications stand."""
    return [*grievances.own_matters(user), *benevolence.own_matters(user)]


def happened(user: Actor) -> list[Happened]:
    """The newest events on the cases that this person may see, newest first."""
    found = [item for domain in DOMAINS for item in domain.happened(user, LATEST)]
    return sorted(found, key=lambda item: item.id, reverse=True)[:LATEST]


def shortcuts(user: Actor) -> list[tuple[str, str, str]]:
    """(label, url, icon) of what people start their day with."""
    found = []
    if may(user, DRAFT_GRIEVANCES):
        found.append((_("Draft a grievance"), reverse("intake_create"), "gavel"))
    if may(user, (APPLY, APPLY_FOR_MEMBER)):
        found.append((_("Apply for help"), reverse("application_create"), "heart-handshake"))
    if may(user, OVERSEE_CAMPAIGNS):
        found.append((_("Open a campaign"), reverse("campaign_open"), "target"))
    if may(user, ADD_MEMBERS):
        found.append((_("Add a member"), reverse("member_create"), "user-plus"))
    if may(user, RUN_IMPORTS):
        found.append((_("Import a list"), reverse("import_list"), "file-import"))
    return found
