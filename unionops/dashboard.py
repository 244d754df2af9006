"""What the home page shows, from explicit lists."""

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import panels as accounts
from benevolence import panels as benevolence
from benevolence.permissions import APPLY, APPLY_FOR_MEMBER
from core.db.prepared import prepared
from core.enums import MailState
from core.imports.enums import UNFINISHED
from core.models import Outbox
from core.permissions import VIEW_SYSTEM, Actor, may
from core.web.panels import Figure, Happened, Waiting
from grievances import panels as grievances
from grievances.permissions import DRAFT_GRIEVANCES
from members import panels as members
from members.models import ImportBatch
from members.permissions import ADD_MEMBERS, RUN_IMPORTS
from organizing import panels as organizing
from unionops import handover

DOMAINS = (grievances, benevolence, organizing)
LATEST = 8


def waiting_for(user: Actor) -> list[Waiting]:
    asked = [item for part in (*DOMAINS, accounts, members) for item in part.waiting(user)]
    return [*asked, *handover.waiting(user), *_imports(user), *_mails_given_up(user)]


def _imports(user: Actor) -> list[Waiting]:
    if not may(user, RUN_IMPORTS):
        return []
    return [
        Waiting(_("Finish your import"), batch.get_absolute_url(), batch.get_status_display(), "blue", batch.created_at)
        for batch in _open_imports(user)
    ]


@prepared
def _open_imports(asker: Any) -> QuerySet[ImportBatch]:
    batches = ImportBatch.objects.visible_to(asker).filter(uploaded_by=asker.pk, status__in=UNFINISHED)
    return batches.order_by("-created_at")[:5]


def _mails_given_up(user: Actor) -> list[Waiting]:
    if not may(user, VIEW_SYSTEM):
        return []
    first = Outbox.objects.filter(state=MailState.FAILED).order_by("due_at", "id").only("created_at").first()
    if first is None:
        return []
    return [Waiting(_("Mails could not be delivered"), reverse("system"), _("Given up"), "red", first.created_at)]


def figures(user: Actor) -> list[Figure]:
    return [figure for part in (members, *DOMAINS) for figure in part.figures(user)]


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
    if may(user, ADD_MEMBERS):
        found.append((_("Add a member"), reverse("member_create"), "user-plus"))
    if may(user, RUN_IMPORTS):
        found.append((_("Import a list"), reverse("import_list"), "file-import"))
    return found
