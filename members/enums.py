from django.db import models
from django.utils.translation import gettext_lazy as _

from core.enums import StateChoices


class OrganizationType(StateChoices):
    EMPLOYER = "employer", "grey", "building-factory", _("Employer")
    UNION = "union", "grey", "users-group", _("Union")
    TRAINING_PARTNER = "training_partner", "grey", "school", _("Training partner")
    JATC = "jatc", "grey", "tools", _("JATC")


class MemberStatus(StateChoices):
    ACTIVE = "active", "green", "circle-check", _("Active")
    INACTIVE = "inactive", "grey", "circle", _("Inactive")
    SUSPENDED = "suspended", "amber", "ban", _("Suspended")
    RETIRED = "retired", "grey", "circle", _("Retired")
    DECEASED = "deceased", "grey", "circle-x", _("Deceased")
    REPRESENTED_NON_MEMBER = "represented_non_member", "blue", "users", _("Represented non-member")


class Invitability(models.TextChoices):
    """What stands against an invitation to the portal."""

    READY = "ready", _("Without account")
    INVITED = "invited", _("Invited, not yet in")
    ACCOUNT = "account", _("With account")
    NO_ADDRESS = "no_address", _("No e-mail address on file")
    SHARED = "shared", _("Address on file shared with another member")
    RECENT = "recent", _("Address on file too new")
    TAKEN = "taken", _("Address on file used by another account")
    LEFT_OUT = "left_out", _("Deceased or deleted")


class AddressSource(models.TextChoices):
    """Who wrote an e-mail address into a member's record."""

    OFFICE = "office", _("The office")
    IMPORT = "import", _("An import")
    MERGE = "merge", _("A merge of two records")
    MEMBER = "member", _("The member")


class Classification(models.TextChoices):
    APPRENTICE_1 = "apprentice_1", _("Apprentice, year 1")
    APPRENTICE_2 = "apprentice_2", _("Apprentice, year 2")
    APPRENTICE_3 = "apprentice_3", _("Apprentice, year 3")
    APPRENTICE_4 = "apprentice_4", _("Apprentice, year 4")
    APPRENTICE_5 = "apprentice_5", _("Apprentice, year 5")
    JOURNEYMAN = "journeyman", _("Journeyman")
    FOREMAN = "foreman", _("Foreman")
    RETIREE = "retiree", _("Retiree")
    HONORARY = "honorary", _("Honorary")


class Standing(StateChoices):
    GOOD = "good", "green", "circle-check", _("Good standing")
    ARREARS = "arrears", "amber", "clock", _("In arrears")
    UNKNOWN = "unknown", "grey", "help", _("Not known")


class State(models.TextChoices):
    """Postal codes of the United States, its district and its territories."""

    AL = "AL", "Alabama"
    AK = "AK", "Alaska"
    AS = "AS", "American Samoa"
    AZ = "AZ", "Arizona"
    AR = "AR", "Arkansas"
    CA = "CA", "California"
    CO = "CO", "Colorado"
    CT = "CT", "Connecticut"
    DE = "DE", "Delaware"
    DC = "DC", "District of Columbia"
    FL = "FL", "Florida"
    GA = "GA", "Georgia"
    GU = "GU", "Guam"
    HI = "HI", "Hawaii"
    ID = "ID", "Idaho"
    IL = "IL", "Illinois"
    IN = "IN", "Indiana"
    IA = "IA", "Iowa"
    KS = "KS", "Kansas"
    KY = "KY", "Kentucky"
    LA = "LA", "Louisiana"
    ME = "ME", "Maine"
    MD = "MD", "Maryland"
    MA = "MA", "Massachusetts"
    MI = "MI", "Michigan"
    MN = "MN", "Minnesota"
    MS = "MS", "Mississippi"
    MO = "MO", "Missouri"
    MT = "MT", "Montana"
    NE = "NE", "Nebraska"
    NV = "NV", "Nevada"
    NH = "NH", "New Hampshire"
    NJ = "NJ", "New Jersey"
    NM = "NM", "New Mexico"
    NY = "NY", "New York"
    NC = "NC", "North Carolina"
    ND = "ND", "North Dakota"
    MP = "MP", "Northern Mariana Islands"
    OH = "OH", "Ohio"
    OK = "OK", "Oklahoma"
    OR = "OR", "Oregon"
    PA = "PA", "Pennsylvania"
    PR = "PR", "Puerto Rico"
    RI = "RI", "Rhode Island"
    SC = "SC", "South Carolina"
    SD = "SD", "South Dakota"
    TN = "TN", "Tennessee"
    TX = "TX", "Texas"
    UT = "UT", "Utah"
    VT = "VT", "Vermont"
    VI = "VI", "U.S. Virgin Islands"
    VA = "VA", "Virginia"
    WA = "WA", "Washington"
    WV = "WV", "West Virginia"
    WI = "WI", "Wisconsin"
    WY = "WY", "Wyoming"


class MergeState(StateChoices):
    ASKED = "asked", "amber", "hourglass", _("Waits for a second person")
    DONE = "done", "green", "circle-check", _("Carried out")
    DECLINED = "declined", "grey", "circle-x", _("Declined")


class MemberAction(models.TextChoices):
    """What the timeline calls the acts on members and organizations."""

    ADDRESS_CONFIRMED = "member.address_confirmed", _("E-mail address confirmed by the member")
    ADDRESS_SEEN = "member.address_seen", _("E-mail address vouched for after a meeting in person")
    CODE_PRINTED = "member.code_printed", _("Code on paper handed over")
    CODE_USED = "member.code_used", _("Code on paper used")
    MERGE_ASKED = "member.merge_asked", _("Merge asked for")
    MERGE_DECLINED = "member.merge_declined", _("Merge declined")
    TWO_PEOPLE = "member.two_people", _("Decided to be another person than a record alike")
    MEMBER_MERGED = "member.merged", _("Merged with a second record")
    MEMBER_MERGED_AWAY = "member.merged_away", _("Merged into another record")
    ORGANIZATION_MERGED = "organization.merged", _("Merged with a second record")
    ORGANIZATION_MERGED_AWAY = "organization.merged_away", _("Merged into another record")
    EMPLOYMENT_STARTED = "employment.started", _("Employment recorded")
    EMPLOYMENT_CHANGED = "employment.changed", _("Employment changed")
    EMPLOYMENT_REMOVED = "employment.removed", _("Employment removed")
    CONTACT_ADDED = "contact.added", _("Contact added")
    CONTACT_CHANGED = "contact.changed", _("Contact changed")
    CONTACT_REMOVED = "contact.removed", _("Contact removed")


class ImportKind(models.TextChoices):
    ORGANIZATIONS = "organizations", _("Employers and other organizations")
    MEMBERS = "members", _("Members")
