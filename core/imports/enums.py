from django.db import models
from django.utils.translation import gettext_lazy as _

from core.enums import StateChoices


class ImportAction(models.TextChoices):
    """What the timeline calls the acts of an import, on the batch and on the records that it writes."""

    IMPORTED = "imported", _("Created by an import")
    CHANGED = "import.changed", _("Changed by an import")
    UPLOADED = "import.uploaded", _("File uploaded")
    MATCHED = "import.matched", _("Columns matched")
    CHECKED = "import.checked", _("Rows checked")
    STOPPED = "import.stopped", _("Check of the rows stopped")
    DECIDED = "import.decided", _("Possible duplicates decided")
    APPLIED = "import.applied", _("Import applied")
    UNDONE = "import.undone", _("Import undone")
    DISCARDED = "import.discarded", _("Import discarded")


class ImportStatus(StateChoices):
    UPLOADED = "uploaded", "amber", "columns", _("Columns to be matched")
    CHECKING = "checking", "blue", "hourglass", _("Being checked")
    CHECKED = "checked", "amber", "list-check", _("Ready to apply")
    APPLYING = "applying", "blue", "hourglass", _("Being applied")
    APPLIED = "applied", "green", "circle-check", _("Applied")
    UNDONE = "undone", "grey", "arrow-back-up", _("Undone")
    DISCARDED = "discarded", "grey", "trash", _("Discarded")


UNFINISHED = (ImportStatus.UPLOADED, ImportStatus.CHECKED)


class Spelling(models.TextChoices):
    """Of values that differ in capital letters or Unicode form alone."""

    KEEP = "keep", _("Keep the spelling on record")
    TAKE = "take", _("Take the spelling of the file")


class RowOutcome(models.TextChoices):
    NEW = "new", _("New")
    CHANGED = "changed", _("Changed")
    UNCHANGED = "unchanged", _("Unchanged")
    DUPLICATE = "duplicate", _("Possible duplicate")
    ERROR = "error", _("Error")
    REPEATED = "repeated", _("Repeats an earlier row")
    SKIPPED = "skipped", _("Not a record")


class RowDecision(models.TextChoices):
    """What a person decided about a row that the import would not decide by itself."""

    CREATE = "create", _("Make a new record")
    SKIP = "skip", _("Leave out")
    RESTORE = "restore", _("Restore the deleted record")
    SAME = "same", _("The same: use the existing record")
