"""The pages of imports of cases."""

from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext_lazy

from accounts.entry.step_up import StepUpToRead
from accounts.models import User
from core.imports.models import Batch, Row
from core.web.imports import pages
from core.web.imports.area import ImportArea
from grievances import permissions as p
from grievances.enums import GrievanceList
from grievances.forms.filters import CaseImportFilterSet
from grievances.imports.lists import LISTS
from grievances.models import CaseImport, Grievance


def name_of(row: Row) -> str:
    """The former number, or whom and when as the list writes it."""
    values = row.values
    who = values.get("grievant") or values.get("member_number", "")
    return " · ".join(filter(None, (values.get("former_number", ""), who, values.get("filed_date", ""))))


def record_url(batch: Batch, row: Row) -> str:
    """The case that the row made or is about, unless it was taken out again."""
    key = row.made.get("case", "")
    return reverse("grievance_detail", args=[UUID(key)]) if key and row.undone != "undone" else ""


def value_label(batch: Batch, name: str, text: str) -> str:
    field: Any = next((item for item in Grievance._meta.concrete_fields if item.name == name), None)
    return str(dict(field.flatchoices).get(text, text)) if field is not None else text


class Imports:
    model = CaseImport
    area = ImportArea(
        kinds=GrievanceList,
        lists=LISTS,
        titles={GrievanceList.CASES: gettext_lazy("Import of cases")},
        route="case_import",
        look=p.IMPORT_GRIEVANCES,
        run=p.IMPORT_GRIEVANCES,
        undoing=gettext_lazy(
            "Cases that the import made leave lists, search and deadlines; their numbers are not given again."
            " A case with which something was done since stays as it is, and its row says so."
        ),
        name_of=name_of,
        record_url=record_url,
        value_label=value_label,
    )


class ImportList(Imports, pages.ImportList):
    permission = p.IMPORT_GRIEVANCES
    is_prepared = True
    filterset_class = CaseImportFilterSet
    list_name = "case_import_list"
    record_route = "case_import_detail"
    page_title = gettext_lazy("Imports of cases")
    empty_text = gettext_lazy(
        "Bring in cases from a CSV or Excel file: former number, grievant, employer, step, filed, next date due."
    )
    columns = pages.import_columns(GrievanceList, User.NAME_FIELDS)


class ImportUpload(Imports, pages.ImportUpload):
    permission = p.IMPORT_GRIEVANCES
    page_title = gettext_lazy("Import cases")
    under = ((gettext_lazy("Imports of cases"), "case_import_list"),)


VIEWS: dict[str, Any] = {
    "list": ImportList,
    "upload": ImportUpload,
    **pages.import_views(Imports, result=StepUpToRead),
}
