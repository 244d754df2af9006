from django.db import models
from django.utils.translation import gettext_lazy as _

from core.enums import StateChoices


class GrievanceType(models.TextChoices):
    INDIVIDUAL = "individual", _("Individual")
    GROUP = "group", _("Group")
    POLICY = "policy", _("Policy")


class Step(models.TextChoices):
    STEP_1 = "step_1", _("Step 1")
    STEP_2 = "step_2", _("Step 2")
    STEP_3 = "step_3", _("Step 3")
    ARBITRATION = "arbitration", _("Arbitration")


STEPS = list(Step)
LAST_STEP = Step.STEP_3


class GrievanceStatus(StateChoices):
    OPEN = "open", "blue", "inbox", _("Filed")
    INVESTIGATION = "investigation", "blue", "search", _("Investigating")
    HEARING = "hearing", "blue", "users", _("In step meetings")
    ARBITRATION = "arbitration", "amber", "scale", _("At arbitration")
    SETTLED = "settled", "green", "circle-check", _("Settled")
    WITHDRAWN = "withdrawn", "grey", "arrow-back-up", _("Withdrawn")
    CLOSED = "closed", "grey", "archive", _("Closed")


AT_STEPS = (GrievanceStatus.OPEN, GrievanceStatus.INVESTIGATION, GrievanceStatus.HEARING)
UNRESOLVED = (*AT_STEPS, GrievanceStatus.ARBITRATION)
RESOLVED = (GrievanceStatus.SETTLED, GrievanceStatus.WITHDRAWN, GrievanceStatus.CLOSED)


class StepOutcome(StateChoices):
    DENIED = "denied", "red", "x", _("Denied")
    SETTLED = "settled", "green", "circle-check", _("Settled")
    ADVANCED = "advanced", "blue", "arrow-right", _("Moved to the next step")


class Answer(StateChoices):
    """What the employer answered at a step."""

    DENIED = "denied", "red", "x", _("Denied")
    PARTLY = "partly", "amber", "circle-dot", _("Granted in part")
    OFFER = "offer", "amber", "message", _("Offered a settlement")
    GRANTED = "granted", "green", "circle-check", _("Granted")


class DocketOutcome(StateChoices):
    """What came of a case at a meeting about many, where the employer gave no answer."""

    NOTHING = "nothing", "grey", "circle", _("Nothing decided")
    FURTHER = "further", "blue", "users", _("A further meeting")
    PROMISED = "promised", "amber", "clock", _("Answer promised")


class AnswerHow(models.TextChoices):
    """How an answer reached us."""

    MAIL = "mail", _("By mail")
    EMAIL = "email", _("By e-mail")
    HAND = "hand", _("Handed over")
    SPOKEN = "spoken", _("Spoken, nothing in writing")


class TaskKind(models.TextChoices):
    """What has to be done in a case: by one of us, or by the employer."""

    TODO = "todo", _("To-do")
    INFORMATION = "information", _("Information asked for")
    TERM = "term", _("Term of the settlement")


class DocumentCategory(models.TextChoices):
    """What a document of a case is."""

    FORM = "form", _("Grievance form")
    ANSWER = "answer", _("Answer of the employer")
    LETTER = "letter", _("Letter or e-mail")
    EVIDENCE = "evidence", _("Evidence")
    PHOTO = "photo", _("Photo")
    STATEMENT = "statement", _("Statement of a witness")
    CONTRACT = "contract", _("Contract, policy or rule")
    MINUTES = "minutes", _("Minutes")
    INFORMATION = "information", _("Information from the employer")
    SETTLEMENT = "settlement", _("Settlement")
    OTHER = "other", _("Something else")


class LetterKind(models.TextChoices):
    """A letter that the local may word."""

    STEP = "step-letter", _("Letter to the employer")
    INFORMATION = "information", _("Request for information")
    REMINDER = "reminder", _("Reminder: request for information")
    DEMAND = "arbitration-demand", _("Demand for arbitration")
    SETTLEMENT = "settlement", _("Settlement agreement")
    EXTENSION = "extension", _("Extension of a time limit")
    ABEYANCE = "abeyance", _("Abeyance")
    GRIEVANT = "grievant-letter", _("Letter to the grievant")
    ENDED = "grievant-ended", _("Letter to the grievant once the case has ended")


class Edition(models.TextChoices):
    """For whom a binder is made; what is in it follows."""

    INTERNAL = "internal", _("For us: everything")
    HEARING = "hearing", _("For a hearing: the exhibits")
    EMPLOYER = "employer", _("For the employer: what they know")


class Series(models.TextChoices):
    """Whose exhibit a document is at a hearing."""

    JOINT = "joint", _("Joint")
    UNION = "union", _("Union")
    EMPLOYER = "employer", _("Employer")


class Told(models.TextChoices):
    """How somebody learned how their case ended."""

    IN_PERSON = "in_person", _("In person")
    PHONE = "phone", _("By phone")
    LETTER = "letter", _("By letter to the last known address")


class HolidayRule(models.TextChoices):
    """Where a holiday on a weekend is observed; the values of services.deadlines.holidays.Observed."""

    NEAREST = "nearest", _("Saturday on the Friday before, Sunday on the Monday after")
    MONDAY = "monday", _("On the Monday after")
    AS_IT_FALLS = "as_it_falls", _("On no other day")


class Holiday(models.TextChoices):
    """Named holidays that are computed for any year; the keys of services.deadlines.holidays.NAMED."""

    NEW_YEAR = "new_year", _("New Year’s Day")
    KING = "king", _("Martin Luther King Day")
    PRESIDENTS = "presidents", _("Presidents’ Day")
    GOOD_FRIDAY = "good_friday", _("Good Friday")
    MEMORIAL = "memorial", _("Memorial Day")
    JUNETEENTH = "juneteenth", _("Juneteenth")
    INDEPENDENCE = "independence", _("Independence Day")
    LABOR = "labor", _("Labor Day")
    COLUMBUS = "columbus", _("Columbus Day")
    VETERANS = "veterans", _("Veterans Day")
    THANKSGIVING = "thanksgiving", _("Thanksgiving")
    AFTER_THANKSGIVING = "after_thanksgiving", _("the day after Thanksgiving")
    CHRISTMAS_EVE = "christmas_eve", _("Christmas Eve")
    CHRISTMAS = "christmas", _("Christmas Day")
    NEW_YEAR_EVE = "new_year_eve", _("New Year’s Eve")


class DayUnit(models.TextChoices):
    """What is counted; the values of services.deadlines.rules.Unit."""

    CALENDAR = "calendar", _("calendar days")
    WORKING = "working", _("working days")
    NO_HOLIDAYS = "no_holidays", _("calendar days without holidays")


class ClockStart(models.TextChoices):
    """What starts a count; the values of services.deadlines.rules.Trigger."""

    INCIDENT = "incident", _("the incident")
    KNOWLEDGE = "knowledge", _("the day we learned of it")
    BEGUN = "begun", _("the day the grievance reached the employer at this step")
    MEETING = "meeting", _("the meeting at this step")
    ANSWER = "answer", _("the employer’s answer")
    ANSWER_OR_DUE = "answer_or_due", _("the employer’s answer, or the day it was due")


class ClockKind(models.TextChoices):
    """What is to be done by a date; the values of services.deadlines.rules.Clock, and what an earlier file said."""

    FILE = "file", _("File the grievance")
    MEET = "meet", _("The employer meets us")
    ANSWER = "answer", _("The employer answers")
    APPEAL = "appeal", _("Move it to the next step")
    CARRIED = "carried", _("Carried over from an earlier file")
    OUR_BRIEF = "our_brief", _("Our brief to the arbitrator")
    THEIR_BRIEF = "their_brief", _("The employer’s brief to the arbitrator")


# The arbitrator sets when these are due, so no agreement of the two sides holds them.
BRIEFS = (ClockKind.OUR_BRIEF, ClockKind.THEIR_BRIEF)
RULE_CLOCKS = [
    (kind.value, kind.label) for kind in (ClockKind.FILE, ClockKind.MEET, ClockKind.ANSWER, ClockKind.APPEAL)
]


class Side(models.TextChoices):
    """A union deadline forfeits the case; an employer's one only triggers what the contract says then."""

    UNION = "union", _("Ours")
    EMPLOYER = "employer", _("The employer’s")


class Silence(models.TextChoices):
    MAY_ADVANCE = "may_advance", _("we may move it to the next step")
    ADVANCES = "advances", _("it moves to the next step the day after")
    DENIED = "denied", _("it counts as denied")


class Lateness(models.TextChoices):
    WAIVED = "waived", _("the grievance is waived")
    SETTLED = "settled", _("it is settled on the employer’s last answer")
    WITHDRAWN = "withdrawn", _("it counts as withdrawn")


class PanelSource(models.TextChoices):
    FMCS = "fmcs", _("FMCS")
    AAA = "aaa", _("AAA")
    PERMANENT = "permanent", _("Permanent panel")
    SOLE = "sole", _("Sole arbitrator")


class FirstStrike(models.TextChoices):
    COIN = "coin", _("A coin is tossed")
    UNION = "union", _("The union strikes first")
    EMPLOYER = "employer", _("The employer strikes first")
    IN_TURN = "in_turn", _("Whoever did not strike first the last time")


class AbeyanceState(StateChoices):
    """Whether both sides let a case rest, and whether that is in writing: only then dates are held."""

    UNCONFIRMED = "unconfirmed", "amber", "player-pause", _("In abeyance, unconfirmed")
    AGREED = "agreed", "grey", "player-pause", _("In abeyance")


class AwardOutcome(StateChoices):
    """What an arbitrator made of a grievance."""

    SUSTAINED = "sustained", "green", "circle-check", _("Sustained")
    DENIED = "denied", "red", "x", _("Denied")
    IN_PART = "in_part", "amber", "circle-dot", _("Sustained in part")
    SPLIT = "split", "amber", "circle-dot", _("Split: some parts sustained, others denied")


class DeadlineEnd(StateChoices):
    """How a deadline ended; none of these closes a case."""

    MET = "met", "green", "circle-check", _("Met")
    LATE = "late", "red", "alert-triangle", _("Done late")
    REPLACED = "replaced", "grey", "history", _("Replaced by a later one")
    MOOT = "moot", "grey", "circle", _("No longer needed")
    STOPPED = "stopped", "grey", "circle", _("The case ended before it")


class DeliveryWay(models.TextChoices):
    HAND = "hand", _("By hand")
    CERTIFIED = "certified", _("By certified mail")
    MAIL = "mail", _("By mail")
    EMAIL = "email", _("By e-mail")
    FAX = "fax", _("By fax")
    PORTAL = "portal", _("Through the employer’s own system")


class GrievanceList(models.TextChoices):
    """The lists that grievances takes in."""

    CASES = "cases", _("Cases")


class GrievanceAction(models.TextChoices):
    """What the timeline calls the acts of grievances."""

    DRAFTED = "intake.drafted", _("Started a draft")
    DRAFT_CHANGED = "intake.changed", _("Changed the draft")
    DRAFT_HANDED_OVER = "intake.handed_over", _("Handed the draft over")
    MEMBER_MERGED = "grievance.member_merged", _("The grievant's records were merged")
    FILED = "grievance.filed", _("Filed the grievance")
    INVESTIGATE = "grievance.investigate", _("Started the investigation")
    HOLD_MEETING = "grievance.hold_meeting", _("Held a step meeting")
    RECORD_MEETING = "grievance.record_meeting", _("Recorded a meeting")
    RECORD_ANSWER = "grievance.record_answer", _("Recorded the employer’s answer")
    ADVANCE = "grievance.advance", _("Moved the case to the next step")
    DEMAND_ARBITRATION = "grievance.demand_arbitration", _("Demanded arbitration")
    SETTLE = "grievance.settle", _("Settled the case")
    WITHDRAW = "grievance.withdraw", _("Withdrew the case")
    CLOSE = "grievance.close", _("Closed the case")
    REOPEN = "grievance.reopen", _("Reopened the case")
    ASSIGNED = "grievance.assigned", _("Assigned the case")
    ASKED_FOR = "grievance.asked_for", _("Asked for the case")
    UNASSIGNED = "grievance.unassigned", _("Took the case from its representative")
    FACTS_CHANGED = "grievance.facts_changed", _("Completed the facts")
    NOTES_CHANGED = "grievance.notes_changed", _("Changed the notes")
    RESTRICTED = "grievance.restricted", _("Restricted the case to named people")
    RESTRICTION_LIFTED = "grievance.restriction_lifted", _("Lifted the restriction")
    STEP_SUPERSEDED = "grievance.step_superseded", _("Replaced a step record")
    ANSWER_SUPERSEDED = "grievance.answer_superseded", _("Replaced an employer’s answer")
    TASK_ADDED = "grievance.task_added", _("Noted what has to be done")
    TASK_CHANGED = "grievance.task_changed", _("Changed what has to be done")
    TASK_DONE = "grievance.task_done", _("Checked off what had to be done")
    TASK_REMINDED = "grievance.task_reminded", _("Reminded the employer")
    TASK_DROPPED = "grievance.task_dropped", _("Struck what had to be done")
    DOCUMENT_ADDED = "grievance.document_added", _("Added a document")
    DOCUMENT_CHANGED = "grievance.document_changed", _("Changed what a document is")
    DOCUMENT_SHARED = "grievance.document_shared", _("Shared a document with the grievant")
    DOCUMENT_KEPT_BACK = "grievance.document_kept_back", _("No longer shares a document with the grievant")
    DOCUMENT_REPLACED = "grievance.document_replaced", _("Replaced a document by a newer one")
    DOCUMENT_TAKEN_BACK = "grievance.document_taken_back", _("Took a document back")
    DOCUMENT_HARMFUL = "grievance.document_harmful", _("The virus scanner held a document back")
    RULES_CHANGED = "grievance.rules_changed", _("Grievance rules changed")
    DEADLINES_SET = "grievance.deadlines_set", _("Deadlines were computed")
    DEADLINE_NEAR = "grievance.deadline_near", _("A deadline is near")
    DEADLINE_MISSED = "grievance.deadline_missed", _("A deadline passed")
    DELIVERED = "grievance.delivered", _("Recorded a delivery to the employer")
    EXTENDED = "grievance.extended", _("Recorded an extension")
    EXTENSION_CONFIRMED = "grievance.extension_confirmed", _("An extension was confirmed")
    DEFAULTED = "grievance.default_advance", _("Moved on because the employer did not answer")
    DOCKET_MADE = "docket.made", _("Put cases on a docket")
    DOCKET_CHANGED = "docket.changed", _("Changed the docket")
    DOCKET_RECORDED = "docket.recorded", _("Recorded the meeting of the docket")
    DOCKET_EXTENDED = "docket.extended", _("Recorded extensions for cases of the docket")
    AWAY_MARKED = "away.marked", _("Marked somebody away")
    AWAY_ENDED = "away.ended", _("Ended an absence")
    ABEYANCE_BEGUN = "grievance.abeyance_begun", _("Put the case in abeyance")
    ABEYANCE_CONFIRMED = "grievance.abeyance_confirmed", _("The abeyance was confirmed")
    ABEYANCE_ENDED = "grievance.abeyance_ended", _("Ended the abeyance")
    UNTIMELY_CLAIMED = "grievance.untimely_claimed", _("Recorded a claim that something came too late")
    UNTIMELY_CLEARED = "grievance.untimely_cleared", _("Cleared a claim that something came too late")
    PANEL_ASKED_FOR = "grievance.panel_asked_for", _("Asked for arbitrators")
    PANEL_TYPED = "grievance.panel_typed", _("Recorded the names on the panel")
    STRUCK = "grievance.struck", _("Struck a name from the panel")
    STRIKE_TAKEN_BACK = "grievance.strike_taken_back", _("Took the last strike back")
    PANEL_GIVEN_UP = "grievance.panel_given_up", _("Gave the panel up for another")
    HEARING_SET = "grievance.hearing_set", _("Recorded a day for the hearing")
    HEARING_CANCELLED = "grievance.hearing_cancelled", _("Cancelled a day of the hearing")
    BRIEF_SET = "grievance.brief_set", _("Recorded when a brief is due")
    BRIEF_CAME = "grievance.brief_came", _("Received the employer’s brief")
    AWARD_RECORDED = "grievance.award_recorded", _("Recorded the award")
    AWARD_REPLACED = "grievance.award_replaced", _("Replaced the record of the award")
    COST_RECORDED = "grievance.cost_recorded", _("Recorded a cost of the arbitration")
    COST_STRUCK = "grievance.cost_struck", _("Struck a cost of the arbitration")
    AGREEMENT_CHOSEN = "grievance.agreement_chosen", _("Chose the agreement of the case")
    AGREEMENT_COPIED = "agreement.copied", _("Copied the agreement to begin the next")
    RULE_SET = "agreement.rule_set", _("Changed a deadline of the agreement")
    RULE_TAKEN_OUT = "agreement.rule_taken_out", _("Took a deadline out of the agreement")
    CLAUSES_PUT_IN = "agreement.clauses_put_in", _("Put the articles in")
    WORDING_CHANGED = "letter.wording_changed", _("Changed the wording of a letter")
