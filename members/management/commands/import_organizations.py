from typing import Any

from django.core.management.base import CommandParser

from core.imports.command import ImportCommand
from members.enums import OrganizationType
from members.imports.lists import ORGANIZATION_LIST


class Command(ImportCommand):
    help = "Import employers and other organizations from a CSV or XLSX file."
    what = ORGANIZATION_LIST

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--type",
            choices=OrganizationType.values,
            default=OrganizationType.EMPLOYER,
            help="what organizations without a type of their own are",
        )

    def for_list(self, options: dict[str, Any]) -> dict[str, str]:
        return {"org_type": options["type"]}
