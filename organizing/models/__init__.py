from organizing.models.activity import SaltingActivity, SaltingActivityQuerySet
from organizing.models.campaign import (
    PERSON,
    Campaign,
    CampaignAssignment,
    CampaignAssignmentQuerySet,
    CampaignPartQuerySet,
    CampaignQuerySet,
)
from organizing.models.campaign_member import CampaignMember, CampaignMemberQuerySet
from organizing.models.opening import (
    DECIDED_WITHIN,
    MOST_HOURS,
    USUAL_HOURS,
    EmergencyOpening,
    EmergencyOpeningQuerySet,
)
from organizing.models.vault import MOST_PEOPLE, NOTES_LENGTH, VaultRow
