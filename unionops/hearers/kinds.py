"""What a person chooses a way for: each kind of news, what a mail says of it, and whom it can reach."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts import permissions as accounts
from benevolence import permissions as benevolence
from benevolence.models import REVIEW_PERMISSIONS
from grievances import permissions as grievances
from members import permissions as members
from organizing import permissions as organizing


class Kind(models.TextChoices):
    """What a person chooses a way for, in the order of the page where they do."""

    CASE_GIVEN = "case_given", _("A case or a draft is given to me")
    CASE_WAITS = "case_waits", _("A case waits to be assigned, or to be taken to arbitration")
    CASE_MOVES = "case_moves", _("A case that I work or filed goes on or ends, or a draft of mine is filed")
    DEADLINE = "deadline", _("A deadline of a case is near or has passed")
    OWN_CASE = "own_case", _("A case of my own goes on or ends")
    REVIEW = "review", _("An application waits for my decision")
    OVERDUE = "overdue", _("A level of review is late")
    PAYMENT = "payment", _("An application waits for my payment")
    ENTERED = "entered", _("An application that I enter or look after for a member goes on or ends")
    QUESTION = "question", _("There is a question about my own application")
    SIGNATURE = "signature", _("A payment waits for my signature")
    FUND = "fund", _("The benevolence fund is low")
    OWN_APPLICATION = "own_application", _("My own application goes on, is decided or is paid")
    CONFIRMATION = "confirmation", _("A role or an account waits for my confirmation")
    MERGE = "merge", _("A merge waits for me, or one that I asked for is decided")
    IMPORT = "import", _("An import of mine is checked or finished")
    CAMPAIGN = "campaign", _("There is something new in a campaign of mine")
    OPENING_WAITS = "opening_waits", _("An emergency opening of a campaign waits for me")
    OPENING = "opening", _("An emergency opening of a campaign concerns me")
    OVERSIGHT = "oversight", _("A campaign has ended, or its lead waits for me")


ABOUT_CASE = _("There is something new about a case in the portal.")
ABOUT_APPLICATION = _("There is something new about an application in the portal.")
ABOUT_FUND = _("There is something new about the fund in the portal.")
ABOUT_ACCOUNT = _("There is something new about an account in the portal.")
ABOUT_RECORDS = _("There is something new about the records in the portal.")
ABOUT_IMPORT = _("There is something new about an import in the portal.")
ABOUT_ANYTHING = _("There is something new in the portal.")

# What a mail says: of which part of the portal it is, and of the vault not even that.
SENTENCES: dict[str, Any] = {
    **dict.fromkeys((Kind.CASE_GIVEN, Kind.CASE_WAITS, Kind.CASE_MOVES, Kind.DEADLINE, Kind.OWN_CASE), ABOUT_CASE),
    Kind.FUND: ABOUT_FUND,
    **dict.fromkeys(
        (Kind.REVIEW, Kind.OVERDUE, Kind.PAYMENT, Kind.ENTERED, Kind.QUESTION, Kind.OWN_APPLICATION), ABOUT_APPLICATION
    ),
    Kind.SIGNATURE: ABOUT_FUND,
    Kind.CONFIRMATION: ABOUT_ACCOUNT,
    Kind.MERGE: ABOUT_RECORDS,
    Kind.IMPORT: ABOUT_IMPORT,
    Kind.CAMPAIGN: ABOUT_ANYTHING,
    Kind.OPENING_WAITS: ABOUT_ANYTHING,
    Kind.OPENING: ABOUT_ANYTHING,
    Kind.OVERSIGHT: ABOUT_ANYTHING,
}

# Whom a kind can reach: those who hold one of these.
REACHES: dict[str, tuple[str, ...]] = {
    Kind.CASE_GIVEN: (grievances.WORK_GRIEVANCES, grievances.DRAFT_GRIEVANCES),
    Kind.CASE_WAITS: (grievances.ASSIGN_GRIEVANCES, grievances.ARBITRATE_GRIEVANCES),
    Kind.CASE_MOVES: (grievances.VIEW_GRIEVANCES,),
    Kind.DEADLINE: (grievances.VIEW_GRIEVANCES, grievances.DRAFT_GRIEVANCES),
    Kind.OWN_CASE: (grievances.VIEW_OWN_GRIEVANCES,),
    Kind.REVIEW: tuple(REVIEW_PERMISSIONS.values()),
    Kind.OVERDUE: tuple(REVIEW_PERMISSIONS.values()),
    Kind.PAYMENT: (benevolence.PAY,),
    Kind.ENTERED: (benevolence.APPLY_FOR_MEMBER,),
    Kind.QUESTION: (benevolence.VIEW_OWN_APPLICATIONS,),
    Kind.SIGNATURE: (benevolence.COUNTERSIGN,),
    Kind.FUND: (benevolence.VIEW_FUND,),
    Kind.OWN_APPLICATION: (benevolence.VIEW_OWN_APPLICATIONS,),
    Kind.CONFIRMATION: (accounts.CONFIRM_ROLES,),
    Kind.MERGE: (members.MERGE_MEMBERS,),
    Kind.IMPORT: (members.RUN_IMPORTS, grievances.IMPORT_GRIEVANCES, benevolence.IMPORT_PAST_HELP),
    Kind.CAMPAIGN: (organizing.VIEW_CAMPAIGNS,),
    Kind.OPENING_WAITS: (organizing.CONFIRM_OPENING,),
    Kind.OPENING: organizing.READ_CAMPAIGN,
    Kind.OVERSIGHT: (organizing.OVERSEE_CAMPAIGNS,),
}

# Always mailed at once: nobody switches a deadline off, nor an emergency.
FIXED = (Kind.OVERDUE, Kind.DEADLINE, Kind.OPENING_WAITS, Kind.OPENING)
