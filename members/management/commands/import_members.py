from members.enums import ImportKind
from members.management.commands._import import ImportCommand


class Command(ImportCommand):
    help = "Import members, and the jobs that their employer column tells, from a CSV or XLSX file."
    kind = ImportKind.MEMBERS
