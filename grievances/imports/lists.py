"""The list of cases, declared for the import engine."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from core.errors import DomainError
from core.imports.declaration import ImportedList, targets_by_name
from core.imports.models import Batch
from grievances import permissions as p
from grievances.enums import GrievanceList
from grievances.imports.applying import CaseApplier
from grievances.imports.cases import CaseChecker
from grievances.imports.fields import CASE_TARGETS, COUNTED, OTHERS, VITAL
from grievances.imports.rows import case_cells, complete_case
from grievances.imports.undoing import CaseUndoer
from grievances.models import CaseImport, CaseMatching


def require_case_columns(fields: set[str]) -> None:
    if not {"employer", "filed_date"} <= fields:
        raise DomainError(_("Say which columns hold the employer and the day of filing."))
    if not fields & {"member_number", "grievant", "grievance_type"}:
        raise DomainError(_("Say which column holds the grievant: the member number or the name."))


CASES_LIST = ImportedList(
    kind=GrievanceList.CASES,
    batches=CaseImport,
    matchings=CaseMatching,
    permission=p.IMPORT_GRIEVANCES,
    others=OTHERS,
    counted=COUNTED,
    targets=targets_by_name(CASE_TARGETS, vital=VITAL),
    cells=case_cells,
    complete=complete_case,
    require_columns=require_case_columns,
    checker=CaseChecker,
    applier=CaseApplier,
    undoer=CaseUndoer,
    found_at_check=("employer", "members", "rep", "restore", "case"),
)
LISTS: Mapping[str, ImportedList] = {str(item.kind): item for item in (CASES_LIST,)}


def list_of(batch: Batch) -> ImportedList:
    return LISTS[batch.kind]
