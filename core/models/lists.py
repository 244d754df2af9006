"""What one person keeps of a list: filters under a name, and columns."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.models.bases import TimeStamped
from core.validators import validate_single_line


class SavedFilter(TimeStamped):
    """A list's filter that one person keeps under a name."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    list_name = models.CharField(max_length=60)
    name = models.CharField(_("name"), max_length=60, validators=[validate_single_line])
    query = models.CharField(max_length=2000)

    class Meta:
        verbose_name = _("saved filter")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "list_name", "name"],
                name="saved_filter_name",
                violation_error_message=_("You already have a filter of this name. Choose another name."),
            )
        ]

    def __str__(self) -> str:
        return self.name


class ListColumns(models.Model):
    """The columns that one person wants to see in one list."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    list_name = models.CharField(max_length=60)
    columns = models.JSONField(default=list)

    class Meta:
        verbose_name = _("column choice")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["owner", "list_name"], name="list_columns_owner")]

    def __str__(self) -> str:
        return self.list_name
