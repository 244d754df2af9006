"""The list of cases, declared for the import engine."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from core.errors import DomainError
from core.imports.declaration import ImportedList, targets_by_name
from core.imports.enums import RowOutcome
from core.imports.models import Batch, Row
from grievances import permissions as p
from grievances.enums import GrievanceList
from grievances.imports.applying import CaseApplier
from grievances.imports.cases import CaseChecker
from grievances.imports.fields import CASE_TARGETS, COUNTED, OTHERS, VITAL
from grievances.imports.rows import case_cells, complete_case
from grievances.imports.undoing import CaseUndoer
from grievances.models import CaseImport, CaseMatching, Grievance


def require_case_columns(fields: set[str]) -> None:
    if not {"employer", "filed_date"} <= fields:
        raise DomainError(_("Say which columns hold the employer and the day of filing."))
    if not fields & {"member_number", "grievant", "grievance_type"}:
        raise DomainError(_("Say which column holds the grievant: the member number or the name."))


def withheld(user: Any, rows: Sequence[Row]) -> dict[int, str]:
    """Rows whose case the person does not see tell none of it, whatever the file said; a refused one says why."""
    keys = {row.made["case"] for row in rows if "case" in row.made}
    if user is None or not keys:
        return {}
    hidden = {str(key) for key in Grievance.objects.hidden_from(user).filter(pk__in=keys).values_list("pk", flat=True)}
    return {row.number: _instead(row) for row in rows if row.made.get("case") in hidden}


def _instead(row: Row) -> str:
    why = (item["text"] for item in row.problems if item["kind"] == "error" and row.outcome == RowOutcome.ERROR)
    return next(why, "") or _("A case that you do not see")


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
    withheld=withheld,
    found_at_check=("employer", "members", "rep", "restore", "case"),
)
LISTS: Mapping[str, ImportedList] = {str(item.kind): item for item in (CASES_LIST,)}


def list_of(batch: Batch) -> ImportedList:
    return LISTS[batch.kind]
