"""Permissions of organizing. Beyond them, everything here needs a live assignment to the campaign."""

from django.utils.translation import gettext_lazy as _

from core.permissions import Permission

VIEW_CAMPAIGNS = Permission("organizing.view_campaign", _("Work in campaigns they are assigned to"), unlogged=True)
OVERSEE_CAMPAIGNS = Permission("organizing.oversee_campaign", _("Open campaigns and appoint leads"), grave=True)
CONFIRM_OPENING = Permission(
    "organizing.confirm_opening", _("Confirm the emergency opening of a campaign"), grave=True, unlogged=True
)
LOG_OWN_ACTIVITY = Permission("organizing.log_own_activity", _("Enter their own activities as a salt"), unlogged=True)

# The pages that only read a campaign: also for a director to whom it is open in an emergency.
READ_CAMPAIGN = (VIEW_CAMPAIGNS, OVERSEE_CAMPAIGNS)
