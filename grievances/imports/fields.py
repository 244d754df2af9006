"""What a column of a list of cases can mean, and the names and words that offices use."""

from django.utils.translation import gettext_lazy as _

from core.imports.declaration import Target
from grievances.enums import GrievanceStatus, GrievanceType, Step
from grievances.services.carried import ANSWERS
from members.imports.fields import DATE, LETTERS, MONEY

CASE_TARGETS = (
    Target(
        "former_number",
        _("Former number"),
        (
            "former number",
            "case number",
            "case no",
            "grievance number",
            "grievance no",
            "grv number",
            "file number",
            "file no",
            "case",
            "case id",
            "grievance id",
            "number",
            "no",
            "id",
        ),
    ),
    Target(
        "member_number",
        _("Member number"),
        ("member number", "member no", "member id", "card number", "card no", "book number", "grievant number"),
    ),
    Target(
        "grievant",
        _("Grievants"),
        ("grievant", "grievants", "member", "members", "member name", "name", "grievant name", "employee", "who"),
        LETTERS,
    ),
    Target(
        "employer",
        _("Employer"),
        ("employer", "company", "contractor", "employer name", "company name", "shop", "facility", "plant"),
        LETTERS,
    ),
    Target("employer_city", _("Employer’s city"), ("employer city", "company city", "city", "worksite city")),
    Target("employer_state", _("Employer’s state"), ("employer state", "company state", "state")),
    Target("grievance_type", _("Type"), ("type", "grievance type", "kind", "case type")),
    Target("status", _("Status"), ("status", "state of the case", "case status", "disposition", "outcome", "result")),
    Target("current_step", _("Step"), ("step", "current step", "level", "stage", "at step", "step level")),
    Target(
        "representative",
        _("Representative"),
        ("representative", "rep", "assigned", "assigned to", "assigned rep", "union rep", "business rep", "handled by"),
    ),
    Target(
        "filed_date",
        _("Filed"),
        ("filed", "date filed", "filed date", "filed on", "filing date", "grievance date", "file date"),
        DATE,
        is_date=True,
    ),
    Target(
        "incident_date",
        _("Date of the incident"),
        ("incident date", "date of incident", "incident", "occurred", "date of occurrence", "violation date"),
        DATE,
        is_date=True,
    ),
    Target(
        "contract_article",
        _("Contract article"),
        ("article", "contract article", "articles", "article violated", "contract section", "cba article", "section"),
    ),
    Target(
        "department",
        _("Supervisor’s department"),
        (
            *("department", "dept", "department name", "dept name", "supervisor department", "supervisors department"),
            *("supervisor dept", "supervisors dept", "work area", "area"),
        ),
    ),
    Target(
        "violation_description",
        _("What happened"),
        ("what happened", "description", "violation", "facts", "statement", "issue", "nature", "summary", "details"),
        LETTERS,
    ),
    Target("remedy_sought", _("Remedy sought"), ("remedy", "remedy sought", "relief", "settlement desired"), LETTERS),
    Target(
        "next_due",
        _("Next date due"),
        ("next due", "due", "due date", "next due date", "deadline", "next deadline", "next action date", "due on"),
        DATE,
        is_date=True,
    ),
    Target(
        "what_is_due",
        _("What is due"),
        ("what is due", "next action", "next step", "action due", "due what", "action", "to do"),
        LETTERS,
    ),
    Target(
        "resolution_date",
        _("Resolved on"),
        ("resolved", "resolved on", "date resolved", "resolution date", "closed", "date closed", "settled on", "ended"),
        DATE,
        is_date=True,
    ),
    Target(
        "resolution",
        _("How it ended"),
        ("resolution", "reason", "how it ended", "settlement", "terms", "decision", "closing note"),
        LETTERS,
    ),
    Target(
        "settlement_amount",
        _("Settlement amount"),
        ("settlement amount", "amount", "settled for", "back pay", "award", "value"),
        MONEY,
    ),
    Target("notes", _("Notes"), ("notes", "note", "comments", "remarks", "strategy")),
)
# Without these a case would be lost, or its next date.
VITAL = (
    *("former_number", "grievant", "member_number", "employer", "filed_date", "next_due", "status", "current_step"),
    *("grievance_type", "resolution_date"),
)
COUNTED = ("grievances?", "cases?")
# Words about somebody else than the grievant, and days of something else than the case.
OTHERS = frozenset({"supervisor", "manager", "witness", "arbitrator", "attorney", "spouse", "hearing", "meeting"})

TYPE_WORDS: dict[str, str] = {
    **dict.fromkeys(("i", "ind", "single", "personal"), GrievanceType.INDIVIDUAL),
    **dict.fromkeys(("g", "grp", "class", "class action", "multiple"), GrievanceType.GROUP),
    **dict.fromkeys(("p", "union", "union policy", "association", "general"), GrievanceType.POLICY),
}
STEP_WORDS: dict[str, str] = {
    **{
        text: step.value
        for number, step, roman, ordinal, word in (
            (1, Step.STEP_1, "i", "1st", "first"),
            (2, Step.STEP_2, "ii", "2nd", "second"),
            (3, Step.STEP_3, "iii", "3rd", "third"),
        )
        for text in (
            f"{number}",
            f"{number} 0",
            roman,
            f"step{number}",
            f"step {roman}",
            f"s{number}",
            f"level {number}",
            f"stage {number}",
            f"{ordinal}",
            f"{ordinal} step",
            word,
            f"{word} step",
            f"step {word}",
        )
    },
    **dict.fromkeys(
        ("arb", "arbitration", "arbitrator", "step 4", "4", "iv", "at arbitration", "arbitration pending", "to arb"),
        Step.ARBITRATION,
    ),
}
STATUS_WORDS: dict[str, str] = {
    **dict.fromkeys(("open", "active", "pending", "new", "filed", "in progress", "ongoing"), GrievanceStatus.OPEN),
    **dict.fromkeys(("investigation", "investigating", "under investigation"), GrievanceStatus.INVESTIGATION),
    **dict.fromkeys(
        ("hearing", "meeting", "step meeting", "in meetings", "in hearing", "advanced", "appealed", "moved"),
        GrievanceStatus.HEARING,
    ),
    **dict.fromkeys(("arb", "arbitration", "pending arbitration", "arbitration pending"), GrievanceStatus.ARBITRATION),
    **dict.fromkeys(
        ("settled", "won", "win", "sustained", "granted", "resolved", "settlement", "upheld"), GrievanceStatus.SETTLED
    ),
    **dict.fromkeys(("withdrawn", "withdrew", "dropped", "pulled", "wd"), GrievanceStatus.WITHDRAWN),
    **dict.fromkeys(
        ("closed", "denied", "lost", "done", "complete", "completed", "ended", "expired", "untimely"),
        GrievanceStatus.CLOSED,
    ),
}
# All that is said of a date on which the employer answers; every other date counts as ours, which is the careful guess.
THEIR_NAMES = frozenset({"employer", "company", "management"})
_STEPS = frozenset(word for text, step in STEP_WORDS.items() if step != Step.ARBITRATION for word in text.split())
OF_THEIR_ANSWER = ANSWERS | THEIR_NAMES | _STEPS | {"due", "meeting"}
