"""What the home page shows, from explicit lists."""

from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import RoleAssignment
from accounts.permissions import VIEW_USERS
from core.enums import MailState
from core.models import Outbox
from core.panels import Figure, Waiting
from core.permissions import VIEW_SYSTEM
from core.views import may
from members import panels
from members.enums import ImportStatus
from members.models import ImportBatch
from members.permissions import ADD_MEMBERS, RUN_IMPORTS

ENDING_SOON = timedelta(days=30)


def waiting_for(user: Any) -> list[Waiting]:
    return [*_imports(user), *_ending_terms(user), *_mails_given_up(user)]


def _imports(user: Any) -> list[Waiting]:
    if not may(user, RUN_IMPORTS):
        return []
    open_statuses = (ImportStatus.UPLOADED, ImportStatus.CHECKED)
    batches = ImportBatch.objects.visible_to(user).filter(uploaded_by=user, status__in=open_statuses)
    return [
        Waiting(_("Finish your import"), batch.get_absolute_url(), batch.get_status_display(), "blue", batch.created_at)
        for batch in batches.order_by("-created_at")[:5]
    ]


def _ending_terms(user: Any) -> list[Waiting]:
    if not may(user, VIEW_USERS):
        return []
    now = timezone.now()
    terms = RoleAssignment.objects.visible_to(user).live(now).filter(expires_at__lte=now + ENDING_SOON)
    return [
        Waiting(
            _("%(role)s: the term of %(person)s ends") % {"role": term.role, "person": term.user},
            reverse("user", args=[term.user_id]),
            _("Ends soon"),
            "amber",
            term.expires_at,
        )
        for term in terms.select_related("role", "user").order_by("expires_at")[:10]
    ]


def _mails_given_up(user: Any) -> list[Waiting]:
    if not may(user, VIEW_SYSTEM):
        return []
    first = Outbox.objects.filter(state=MailState.FAILED).order_by("due_at", "id").only("created_at").first()
    if first is None:
        return []
    return [Waiting(_("Mails could not be delivered"), reverse("system"), _("Given up"), "red", first.created_at)]


def figures(user: Any) -> list[Figure]:
    return panels.figures(user)


def shortcuts(user: Any) -> list[tuple[str, str, str]]:
    """(label, url, icon) of what people start their day with."""
    found = []
    if may(user, ADD_MEMBERS):
        found.append((_("Add a member"), reverse("member_create"), "user-plus"))
    if may(user, RUN_IMPORTS):
        found.append((_("Import a list"), reverse("import_list"), "file-import"))
    return found
