from django.db import models
from django.utils.translation import gettext_lazy as _


class BenevolenceAction(models.TextChoices):
    """What the timeline calls the acts of benevolence."""

    SUBMITTED = "benevolence.submit", _("Submitted")
