from django.db import models
from django.utils.translation import gettext_lazy as _

from core.enums import StateChoices


class Stage(StateChoices):
    RESEARCH = "research", "grey", "search", _("Research")
    BUILDING = "building", "blue", "users", _("Building the committee")
    CARD_DRIVE = "card_drive", "blue", "signature", _("Card drive")
    ELECTION = "election", "amber", "checkbox", _("Election")
    BARGAINING = "bargaining", "green", "scale", _("Bargaining")
    ENDED = "ended", "grey", "archive", _("Ended")


AMONG_WORKERS = (Stage.BUILDING, Stage.CARD_DRIVE, Stage.ELECTION)


class Duty(models.TextChoices):
    LEAD = "lead", _("Lead")
    DEPUTY = "deputy", _("Deputy")
    ORGANIZER = "organizer", _("Organizer")
    HANDLER = "handler", _("Handler")


DIRECTING = (Duty.LEAD, Duty.DEPUTY)


class SaltAccount(StateChoices):
    """Whether the account of a salt opens the page of own entries; made of what is stored, and not stored itself."""

    NONE = "none", "grey", "user-x", _("No account")
    WAITING = "waiting", "amber", "hourglass", _("Account not confirmed")
    CHANGED = "changed", "red", "alert-triangle", _("Account changed")
    CONFIRMED = "confirmed", "green", "check", _("Account confirmed")


class OpeningState(StateChoices):
    """Where an emergency opening stands now; made of what is stored, and not stored itself."""

    WAITING = "waiting", "amber", "hourglass", _("Waits for an officer")
    OPEN = "open", "red", "lock-open", _("Open")
    RESTING = "resting", "red", "alert-triangle", _("Rests: an account or a role changed")
    REFUSED = "refused", "grey", "ban", _("Refused")
    LAPSED = "lapsed", "grey", "clock", _("Nobody decided in time")
    WITHDRAWN = "withdrawn", "grey", "x", _("Withdrawn")
    OVER = "over", "grey", "lock", _("Closed again")


class Receptiveness(models.TextChoices):
    """How an employer takes to us; runs the other way than a worker's assessment."""

    HOSTILE = "1", _("1 Hostile")
    UNFRIENDLY = "2", _("2 Unfriendly")
    NEUTRAL = "3", _("3 Neutral")
    OPEN = "4", _("4 Open")
    SUPPORTIVE = "5", _("5 Supportive")


class ActivityType(models.TextChoices):
    OUTREACH = "outreach", _("Outreach")
    SITE_VISIT = "site_visit", _("Site visit")
    LEAFLETING = "leafleting", _("Leafleting")
    ONE_ON_ONE = "one_on_one", _("One-on-one")
    MEETING = "meeting", _("Meeting")
    PETITION_DRIVE = "petition_drive", _("Petition drive")
    CARD_SIGNING = "card_signing", _("Card signing")
    INFORMATION_SESSION = "information_session", _("Information session")
    OTHER = "other", _("Other")


class Outcome(StateChoices):
    POSITIVE = "positive", "green", "thumb-up", _("Positive")
    NEUTRAL = "neutral", "grey", "minus", _("Neutral")
    NEGATIVE = "negative", "amber", "thumb-down", _("Negative")
    NO_CONTACT = "no_contact", "grey", "user-x", _("No contact")


# What a salt chooses from: (name in the page, what it means here, words that tell a bystander nothing).
ENTRY_KINDS = (
    ("call", ActivityType.OUTREACH, _("Call or message")),
    ("visit", ActivityType.SITE_VISIT, _("Visit")),
    ("papers", ActivityType.LEAFLETING, _("Papers given out")),
    ("talk", ActivityType.ONE_ON_ONE, _("Talk with one person")),
    ("meeting", ActivityType.MEETING, _("Meeting")),
    ("list", ActivityType.PETITION_DRIVE, _("List passed round")),
    ("forms", ActivityType.CARD_SIGNING, _("Forms filled in")),
    ("group", ActivityType.INFORMATION_SESSION, _("Group talk")),
    ("other", ActivityType.OTHER, _("Other")),
)
ENTRY_RESULTS = (
    ("well", Outcome.POSITIVE, _("Well")),
    ("so-so", Outcome.NEUTRAL, _("So-so")),
    ("badly", Outcome.NEGATIVE, _("Badly")),
    ("nobody", Outcome.NO_CONTACT, _("Nobody was there")),
)


class OrganizingAction(models.TextChoices):
    """What the timeline calls the acts of organizing."""

    CAMPAIGN_OPENED = "organizing.campaign_opened", _("Campaign opened")
    CAMPAIGN_CHANGED = "organizing.changed", _("Campaign changed")
    CAMPAIGN_CLOSED = "organizing.campaign_closed", _("Campaign closed")
    APPOINTED = "organizing.appointed", _("Appointed")
    ASSIGNMENT_ENDED = "organizing.assignment_ended", _("Assignment ended")
    SALT_ADDED = "organizing.salt_added", _("Salt added")
    SALT_HANDLED = "organizing.salt_handled", _("Handler changed")
    ACCOUNT_CONFIRMED = "organizing.account_confirmed", _("Account of the salt confirmed")
    ASSIGNMENT_CONFIRMED = "organizing.confirmed", _("Confirmed after a change of the account")
    SALT_ENDED = "organizing.salt_ended", _("Salt ended")
    OPENING_ASKED = "organizing.opening_asked", _("Emergency opening asked for")
    OPENING_CONFIRMED = "organizing.opening_confirmed", _("Emergency opening confirmed: open to read")
    OPENING_REFUSED = "organizing.opening_refused", _("Emergency opening refused")
    OPENING_ENDED = "organizing.opening_ended", _("Emergency opening ended")
    ACTIVITY_LOGGED = "organizing.activity_logged", _("Activity entered")
    ACTIVITY_CHANGED = "organizing.activity.changed", _("Activity changed")
