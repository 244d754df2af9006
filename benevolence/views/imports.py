"""The pages of imports of past help."""

from typing import Any

from django.utils.translation import gettext_lazy

from accounts.entry.step_up import StepUpToRead
from accounts.models import User
from benevolence import permissions as p
from benevolence.enums import BenevolenceList
from benevolence.forms.filters import HelpImportFilterSet
from benevolence.imports.lists import LISTS
from benevolence.models import HelpImport, PastHelp
from core.imports.models import Batch, Row
from core.web.imports import pages
from core.web.imports.area import ImportArea


def name_of(row: Row) -> str:
    """Whom and when: the number, or the name as the list writes it."""
    values = row.values
    who = values.get("member_number") or ", ".join(
        values[part] for part in ("last_name", "first_name") if part in values
    )
    return " · ".join(filter(None, (who, values.get("paid_on", ""), values.get("amount", ""))))


def record_url(batch: Batch, row: Row) -> str:
    """Past help has no page of its own."""
    return ""


def value_label(batch: Batch, name: str, text: str) -> str:
    choices = dict(PastHelp._meta.get_field(name).flatchoices)
    return str(choices.get(text, text))


class Imports:
    model = HelpImport
    area = ImportArea(
        kinds=BenevolenceList,
        lists=LISTS,
        titles={BenevolenceList.PAST_HELP: gettext_lazy("Import of past help")},
        route="past_help_import",
        look=p.IMPORT_PAST_HELP,
        run=p.IMPORT_PAST_HELP,
        undoing=gettext_lazy(
            "Help that the import recorded is taken out again and counts no more; what it changed is set back."
            " What somebody changed since stays as it is, and its row says so."
        ),
        name_of=name_of,
        record_url=record_url,
        value_label=value_label,
    )


class ImportList(Imports, pages.ImportList):
    permission = p.IMPORT_PAST_HELP
    is_prepared = True
    filterset_class = HelpImportFilterSet
    list_name = "past_help_import_list"
    record_route = "past_help_import_detail"
    page_title = gettext_lazy("Imports of past help")
    empty_text = gettext_lazy(
        "Bring in what was paid in the last 12 months from a CSV or Excel file: member, day, amount, reason, check."
    )
    columns = pages.import_columns(BenevolenceList, User.NAME_FIELDS)


class ImportUpload(Imports, pages.ImportUpload):
    permission = p.IMPORT_PAST_HELP
    page_title = gettext_lazy("Import past help")
    under = ((gettext_lazy("Imports of past help"), "past_help_import_list"),)


VIEWS: dict[str, Any] = {
    "list": ImportList,
    "upload": ImportUpload,
    **pages.import_views(Imports, result=StepUpToRead),
}
