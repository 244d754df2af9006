"""The lists that members take in, declared for the import engine."""

from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.errors import DomainError
from core.imports.declaration import SPELLING, ImportedList, Option, targets_by_name
from core.imports.models import Batch
from core.imports.undo_records import RecordUndoer
from members import permissions as p
from members.enums import ImportKind, OrganizationType
from members.imports import rows
from members.imports.applying import MemberApplier
from members.imports.fields import COUNTED, EMPLOYER_FIELDS, MEMBER_TARGETS, ORGANIZATION_TARGETS, SOMEBODY_ELSE
from members.imports.organizations import OrganizationApplier, OrganizationChecker
from members.imports.people import MemberChecker
from members.imports.recorded import ORGANIZATIONS
from members.imports.undoing import MemberUndoer
from members.models import ColumnMapping, ImportBatch

# Without these nobody knows whom a row means; a status that is not understood must not become "active".
VITAL_OF_MEMBERS = ("member_number", "full_name", "first_name", "last_name", "status")
VITAL_OF_ORGANIZATIONS = ("name", "city", "state")


def require_member_columns(fields: set[str]) -> None:
    if "full_name" not in fields and not {"first_name", "last_name"} <= fields:
        raise DomainError(_("Say which column holds the name: the full name, or the first and the last name."))
    if "full_name" in fields and fields & {"first_name", "last_name"}:
        raise DomainError(_("Match either the full name or the first and the last name, not both."))
    if fields & set(EMPLOYER_FIELDS) and "employer" not in fields:
        raise DomainError(_("Job title, rate, start date and place of work need the column that names the employer."))


def require_organization_columns(fields: set[str]) -> None:
    if "name" not in fields:
        raise DomainError(_("Say which column holds the name; without it no row can be imported."))


def names_employers(batch: Batch) -> bool:
    """A member's second row may still add a job."""
    return "employer" in batch.mapping.values()


MEMBER_LIST = ImportedList(
    kind=ImportKind.MEMBERS,
    batches=ImportBatch,
    matchings=ColumnMapping,
    permission=p.RUN_IMPORTS,
    others=SOMEBODY_ELSE,
    counted=COUNTED,
    targets=targets_by_name(MEMBER_TARGETS, vital=VITAL_OF_MEMBERS),
    cells=rows.member_cells,
    complete=rows.complete_member,
    require_columns=require_member_columns,
    checker=MemberChecker,
    applier=MemberApplier,
    undoer=MemberUndoer,
    repeated_rows_act=names_employers,
    found_at_check=("employer", "seen_job"),
    made_besides=("organization", "job", "changed_job"),
    options={"spelling": SPELLING},
)
ORGANIZATION_LIST = ImportedList(
    kind=ImportKind.ORGANIZATIONS,
    batches=ImportBatch,
    matchings=ColumnMapping,
    permission=p.RUN_IMPORTS,
    others=SOMEBODY_ELSE,
    counted=COUNTED,
    targets=targets_by_name(ORGANIZATION_TARGETS, vital=VITAL_OF_ORGANIZATIONS),
    cells=rows.organization_cells,
    complete=rows.complete_organization,
    require_columns=require_organization_columns,
    checker=OrganizationChecker,
    applier=OrganizationApplier,
    undoer=lambda batch, actor, reason: RecordUndoer(ORGANIZATIONS, batch, actor, reason),
    options={
        "org_type": Option(
            OrganizationType,
            OrganizationType.EMPLOYER,
            refusal=gettext_lazy("Choose what these organizations are."),
            label=gettext_lazy("Type of the new ones"),
            help_text=gettext_lazy("For rows that do not say it in a column of their own."),
        ),
        "spelling": SPELLING,
    },
)
LISTS: Mapping[str, ImportedList] = {str(item.kind): item for item in (MEMBER_LIST, ORGANIZATION_LIST)}


def list_of(batch: Batch) -> ImportedList:
    return LISTS[batch.kind]
