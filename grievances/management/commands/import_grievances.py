from core.imports.command import ImportCommand
from grievances.imports.lists import CASES_LIST


class Command(ImportCommand):
    help = "Import grievances from an earlier file (CSV or XLSX): each keeps its former number and its next date."
    what = CASES_LIST
