"""Permission names of organizing. Beyond them, everything here needs a live assignment to the campaign."""

VIEW_CAMPAIGNS = "organizing.view_campaign"
OVERSEE_CAMPAIGNS = "organizing.oversee_campaign"
LOG_OWN_ACTIVITY = "organizing.log_own_activity"
