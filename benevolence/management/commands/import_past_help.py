from benevolence.imports.lists import PAST_HELP_LIST
from core.imports.command import ImportCommand


class Command(ImportCommand):
    help = "Import help that was paid before the portal, so that limits count it, from a CSV or XLSX file."
    what = PAST_HELP_LIST
