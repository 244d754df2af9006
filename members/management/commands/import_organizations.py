from django.core.management.base import CommandParser

from members.enums import ImportKind, OrganizationType
from members.management.commands._import import ImportCommand


class Command(ImportCommand):
    help = "Import employers and other organizations from a CSV or XLSX file."
    kind = ImportKind.ORGANIZATIONS

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--type",
            choices=OrganizationType.values,
            default=OrganizationType.EMPLOYER,
            help="what organizations without a type of their own are",
        )
