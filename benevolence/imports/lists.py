"""The lists that benevolence takes in, declared for the import engine."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from benevolence import permissions as p
from benevolence.enums import BenevolenceList
from benevolence.imports.fields import COUNTED, OTHERS, PAST_HELP_TARGETS, VITAL
from benevolence.imports.past_help import PAST_HELP, PastHelpApplier, PastHelpChecker
from benevolence.imports.rows import complete_past_help, past_help_cells
from benevolence.models import HelpImport, HelpMatching
from core.errors import DomainError
from core.imports.declaration import ImportedList, targets_by_name
from core.imports.models import Batch
from core.imports.undo_records import RecordUndoer


def require_past_help_columns(fields: set[str]) -> None:
    if "full_name" in fields and fields & {"first_name", "last_name"}:
        raise DomainError(_("Match either the full name or the first and the last name, not both."))
    named = "full_name" in fields or {"first_name", "last_name"} <= fields
    if "member_number" not in fields and not (named and "date_of_birth" in fields):
        raise DomainError(_("Say which column holds the member number, or the name and the date of birth."))
    if not {"paid_on", "amount"} <= fields:
        raise DomainError(_("Say which columns hold the day of the payment and the amount."))


PAST_HELP_LIST = ImportedList(
    kind=BenevolenceList.PAST_HELP,
    batches=HelpImport,
    matchings=HelpMatching,
    permission=p.IMPORT_PAST_HELP,
    others=OTHERS,
    counted=COUNTED,
    targets=targets_by_name(PAST_HELP_TARGETS, vital=VITAL),
    cells=past_help_cells,
    complete=complete_past_help,
    require_columns=require_past_help_columns,
    checker=PastHelpChecker,
    applier=PastHelpApplier,
    undoer=lambda batch, actor, reason: RecordUndoer(PAST_HELP, batch, actor, reason),
    found_at_check=("member", "checked"),
)
LISTS: Mapping[str, ImportedList] = {str(item.kind): item for item in (PAST_HELP_LIST,)}


def list_of(batch: Batch) -> ImportedList:
    return LISTS[batch.kind]
