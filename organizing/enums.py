from django.db import models
from django.utils.translation import gettext_lazy as _


class OrganizingAction(models.TextChoices):
    """What the timeline calls the acts of organizing."""

    CAMPAIGN_OPENED = "organizing.campaign_opened", _("Campaign opened")
