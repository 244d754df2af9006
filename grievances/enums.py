from django.db import models
from django.utils.translation import gettext_lazy as _


class GrievanceAction(models.TextChoices):
    """What the timeline calls the acts of grievances."""

    FILED = "grievance.filed", _("Filed")
