"""The pages of imports of members and organizations."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy

from accounts.entry.step_up import StepUpToRead
from accounts.models import User
from core.imports.models import Batch, Row
from core.web.imports import pages
from core.web.imports.area import ImportArea
from members import permissions as p
from members.enums import ImportKind
from members.forms.filters import ImportFilterSet
from members.imports.lists import LISTS
from members.imports.people import JOB
from members.models import ImportBatch, Member, Organization

RECORDS = {ImportKind.MEMBERS: "member_detail", ImportKind.ORGANIZATIONS: "organization_detail"}


def name_of(row: Row) -> str:
    values = row.values
    if "name" in values:
        place = ", ".join(values[part] for part in ("city", "state") if part in values)
        return f"{values['name']} — {place}" if place else values["name"]
    if "last_name" in values:
        given = " ".join(values[part] for part in ("first_name", "middle_name") if part in values)
        return f"{values['last_name']}, {given}"
    return ""


def record_url(batch: Batch, row: Row) -> str:
    return reverse(RECORDS[ImportKind(batch.kind)], args=[row.record_id]) if row.record_id else ""


def value_label(batch: Batch, name: str, text: str) -> str:
    model = Member if batch.kind == ImportKind.MEMBERS else Organization
    choices = {} if name.startswith(JOB) else dict(model._meta.get_field(name).flatchoices)
    return str(choices.get(text, text))


class Imports:
    model = ImportBatch
    area = ImportArea(
        kinds=ImportKind,
        lists=LISTS,
        titles={
            ImportKind.MEMBERS: gettext_lazy("Import of members"),
            ImportKind.ORGANIZATIONS: gettext_lazy("Import of organizations"),
        },
        route="import",
        look=p.VIEW_IMPORTS,
        run=p.RUN_IMPORTS,
        undoing=gettext_lazy(
            "Records that the import made are deleted, values that it changed are set back, jobs that it added are"
            " removed. A record that somebody changed or used since stays as it is, and its row says so."
        ),
        name_of=name_of,
        record_url=record_url,
        value_label=value_label,
    )


class ImportList(Imports, pages.ImportList):
    permission = p.VIEW_IMPORTS
    is_prepared = True
    filterset_class = ImportFilterSet
    list_name = "import_list"
    record_route = "import_detail"
    empty_text = gettext_lazy("Bring in the local's employers or members from a CSV or Excel file.")
    columns = pages.import_columns(ImportKind, User.NAME_FIELDS)


class ImportUpload(Imports, pages.ImportUpload):
    permission = p.RUN_IMPORTS
    under = ((gettext_lazy("Imports"), "import_list"),)


VIEWS: dict[str, Any] = {
    "list": ImportList,
    "upload": ImportUpload,
    **pages.import_views(Imports, result=StepUpToRead),
}
