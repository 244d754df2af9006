from core.imports.command import ImportCommand
from members.imports.lists import MEMBER_LIST


class Command(ImportCommand):
    help = "Import members, and the jobs that their employer column tells, from a CSV or XLSX file."
    what = MEMBER_LIST
