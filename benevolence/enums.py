from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.enums import Badge, StateChoices


class Status(StateChoices):
    DRAFT = "draft", "grey", "pencil", _("Draft")
    SUBMITTED = "submitted", "blue", "send", _("Submitted")
    UNDER_REVIEW = "under_review", "blue", "progress-check", _("Under review")
    APPROVED = "approved", "amber", "circle-check", _("Approved")
    DENIED = "denied", "grey", "circle-x", _("Denied")
    PAID = "paid", "green", "cash", _("Paid")
    WITHDRAWN = "withdrawn", "grey", "circle-minus", _("Withdrawn")


QUESTION = Badge(_("We have a question"), "amber", "message-question")
IN_REVIEW = (Status.SUBMITTED, Status.UNDER_REVIEW)
GRANTED = (Status.APPROVED, Status.PAID)
OPEN = (Status.DRAFT, *IN_REVIEW, Status.APPROVED)
DECIDED = (*GRANTED, Status.DENIED)
NOT_YET_SENT = (Status.DRAFT, Status.WITHDRAWN)


class Level(models.TextChoices):
    """The levels of review, in their order.

    REVIEW_PERMISSIONS (models/application.py) names the permission of each, unionops/access.py the role that has it, a
    live term the person; `may_review` in services/workflow.py says who of them may not.
    """

    VP = "vp", _("Vice president")
    ADMIN = "admin", _("Benevolence administrator")
    MANAGER = "manager", _("Business manager")
    PRESIDENT = "president", _("President")


LEVELS = tuple(Level)


class Voters(models.TextChoices):
    """Who votes before the last level decides; it records the vote."""

    BOARD = "board", _("Executive board")
    MEMBERSHIP = "membership", _("Membership meeting")


class Period(models.TextChoices):
    YEAR = "year", _("Calendar year")
    QUARTER = "quarter", _("Quarter")


class Reason(models.TextChoices):
    MEDICAL = "medical", _("Medical")
    DEATH_IN_FAMILY = "death_in_family", _("Death in the family")
    DISASTER = "disaster", _("Disaster")
    HARDSHIP = "hardship", _("Hardship")
    OTHER = "other", pgettext_lazy("reason of an application", "Other")


class Decision(StateChoices):
    APPROVED = "approved", "green", "", _("Approved")
    DENIED = "denied", "red", "", _("Denied")
    NEEDS_INFO = "needs_info", "amber", "", _("Asked a question")
    DEFERRED = "deferred", "grey", "", _("Put off")


FINAL = (Decision.APPROVED, Decision.DENIED)


class DocumentCategory(models.TextChoices):
    PROOF = "proof", _("Proof of what happened")
    BILL = "bill", _("Bill or invoice")
    NOTICE = "notice", _("Notice (shut-off, eviction, layoff)")
    INCOME = "income", _("Pay stub or benefit letter")
    PHOTO = "photo", _("Photo of the damage")
    OTHER = "other", pgettext_lazy("kind of a document", "Something else")
    ANSWER = "answer", _("Answer to a question")


# What is chosen by whoever sends a document; an answer is sent with its question.
SENT_CATEGORIES = [category for category in DocumentCategory if category != DocumentCategory.ANSWER]


class PaymentMethod(models.TextChoices):
    CHECK = "check", _("Check")
    DIRECT_DEPOSIT = "direct_deposit", _("Direct deposit")
    WIRE_TRANSFER = "wire_transfer", _("Wire transfer")


REFERENCED = (PaymentMethod.CHECK, PaymentMethod.WIRE_TRANSFER)


class Account(models.TextChoices):
    """Where money of the fund is. What came in, or was counted at the beginning, is owed to the outside."""

    OUTSIDE = "outside", _("Outside")
    AVAILABLE = "available", _("Available")
    SET_ASIDE = "set_aside", _("Set aside")
    PAID_OUT = "paid_out", _("Paid out")


HELD = (Account.AVAILABLE, Account.SET_ASIDE)


class EntryKind(models.TextChoices):
    """What an entry of the fund is."""

    OPENING = "opening", _("Opening balance")
    DUES = "dues", _("Share of dues")
    DONATION = "donation", _("Donation")
    RAFFLE = "raffle", _("Raffle or event")
    OTHER = "other", pgettext_lazy("what came into the fund", "Other income")
    SET_ASIDE = "set_aside", _("Set aside")
    RELEASE = "release", _("Released")
    PAYMENT = "payment", _("Payment")
    REVERSAL = "reversal", _("Reversal")


INCOME = (EntryKind.OPENING, EntryKind.DUES, EntryKind.DONATION, EntryKind.RAFFLE, EntryKind.OTHER)


class Payee(models.TextChoices):
    """Who is paid."""

    MEMBER = "member", _("The member")
    LANDLORD = "landlord", _("Landlord")
    UTILITY = "utility", _("Utility")
    VENDOR = "vendor", _("Somebody else")


class Relationship(models.TextChoices):
    FAMILY = "family", _("Family")
    HOUSEHOLD = "household", _("Same household")
    FRIEND = "friend", _("Friend")
    BUSINESS = "business", _("Business")
    OTHER = "other", pgettext_lazy("relationship", "Other")


class Side(models.TextChoices):
    """From where somebody looks at an application."""

    APPLICANT = "applicant", _("Applicant")
    INTAKE = "intake", _("Intake")
    FULL = "full", _("Review")
    BLIND = "blind", _("Blind review")


class BenevolenceList(models.TextChoices):
    """The lists that benevolence takes in."""

    PAST_HELP = "past_help", _("Past help")


class BenevolenceAction(models.TextChoices):
    """What the timeline calls the acts of benevolence."""

    HANDED_OVER = "benevolence.handed_over", _("Handed the application over to a colleague")
    SUBMITTED = "benevolence.submit", _("Submitted the application")
    WITHDRAWN = "benevolence.withdraw", _("Withdrew the application")
    AMENDED = "benevolence.amend", _("Changed the application; decisions so far are void")
    ANSWERED = "benevolence.answer", _("Answered the question")
    STARTED = "benevolence.start", _("Started the review")
    APPROVED = "benevolence.approve", _("Approved at their level")
    DENIED = "benevolence.deny", _("Denied the application")
    ASKED = "benevolence.ask", _("Asked the applicant a question")
    DEFERRED = "benevolence.defer", _("Put the decision off")
    PAID = "benevolence.pay", _("Recorded the payment")
    PAYMENT_VOIDED = "benevolence.reverse", _("Voided a payment; its money is set aside again")
    RELEASED = "benevolence.release", _("Released what was not paid")
    SIGNED = "benevolence.sign", _("Signed a payment as the second person")
    CLEARED = "benevolence.cleared", _("Recorded that the bank paid it")
    VOIDED = "benevolence.void", _("Decision void: somebody who decided is the applicant")
    CONFLICT_FOUND = "benevolence.conflict", _("Paid, and somebody who decided or paid is the applicant")
    MEMBER_MERGED = "benevolence.member_merged", _("The applicant's records were merged")
    CONTRIBUTED = "benevolence.contribution", _("Recorded what came into the fund")
    REVERSED = "benevolence.reversal", _("Reversed an entry of the fund")
    FUND_LOW = "benevolence.fund_low", _("The fund is low")
    STATEMENT_ENTERED = "benevolence.statement", _("Typed in a bank statement")
    FUND_SETTINGS_CHANGED = "benevolence.fund_settings", _("Changed the settings of the fund")
    DOCUMENT_ADDED = "benevolence.document_added", _("Added a document")
    DOCUMENT_REPLACED = "benevolence.document_replaced", _("Replaced a document by a newer one")
    DOCUMENT_NAMED = "benevolence.document_named", _("Said what a document is that came with an answer")
    DOCUMENT_TAKEN_BACK = "benevolence.document_taken_back", _("Took a document back")
    DOCUMENT_RELEASED = "benevolence.document_released", _("Released a document to the reviewers")
    DOCUMENT_KEPT_BACK = "benevolence.document_kept_back", _("Kept a document from the reviewers")
    TEXT_STRUCK = "benevolence.text_struck", _("Took words out of what the reviewers read")
    DOCUMENT_HARMFUL = "benevolence.document_harmful", _("The virus scanner held a document back")
    RELATIONSHIPS_STATED = "benevolence.relationships_stated", _("Said that everybody whom they know is declared")
    RELATIONSHIP_DECLARED = "benevolence.relationship", _("Declared a relationship and stepped back")
    OVERDUE = "benevolence.overdue", _("The level's days are over")
    SEATED = "benevolence.seated", _("Appointed to a level")
    UNSEATED = "benevolence.unseated", _("Ended an appointment to a level")
    AWAY = "benevolence.away", _("Recorded days away")
    SUBSTITUTE_PROPOSED = "benevolence.substitute_proposed", _("Proposed a substitute for this case")
    SUBSTITUTE_APPOINTED = (
        "benevolence.substitute",
        _("Appointed a substitute for this case"),
    )
    PREPARED = "benevolence.prepared", _("Finished the intake")
    APPEALED = "benevolence.appealed", _("Appealed the denial")
    POLICY_CALLED_OFF = "benevolence.policy_off", _("Called off coming rules of benevolence")
    PAPER_RECORDED = "benevolence.paper", _("Recorded what was decided on paper")
    CARRIED_OVER = "benevolence.carry_over", _("Confirmed what was decided on paper")
    POLICY_CHANGED = "benevolence.policy", _("Changed the rules of benevolence")


def position_of(level: str) -> int:
    """1 for the first level."""
    return LEVELS.index(Level(level)) + 1
