from core.classification import ATTACHMENT, S1, S2, S3, FieldClass

CASE_TEXT = dict.fromkeys(
    ("contract_article", "incident_date", "knowledge_date", "violation_description", "remedy_sought", "notes"), S3
)
FACTS = dict.fromkeys(
    ("people_involved", "department", "happened_at", "place", "why", "witnesses", "past_practice"), S3
)

FIELDS: dict[str, dict[str, FieldClass]] = {
    "GrievancePolicy": dict.fromkeys(
        (
            "entry_step_individual",
            "entry_step_group",
            "entry_step_policy",
            "representative_may_resolve",
            "reminder_days",
            "cutoff",
        ),
        S1,
    ),
    "Grievance": {
        **CASE_TEXT,
        **FACTS,
        **dict.fromkeys(("grievance_number", "grievance_type", "current_step", "status", "status_before"), S1),
        **dict.fromkeys(("article_key", "department_key"), S3),
        **dict.fromkeys(("is_restricted", "filed_date", "agreement", "stage", "stage_name"), S1),
        **dict.fromkeys(("abeyance", "is_untimely"), S1),
        **dict.fromkeys(
            ("former_number", "member", "employer", "assigned_rep", "named_people", "filed_by", "asked_by"), S2
        ),
        **dict.fromkeys(("resolution", "resolution_date", "settlement_amount", "search_text", "late_reason"), S3),
    },
    "GrievanceIntake": {
        **CASE_TEXT,
        **FACTS,
        **dict.fromkeys(("grievance_type", "filed_as"), S1),
        **dict.fromkeys(("organization", "members", "drafted_by"), S2),
    },
    "Grievant": {"grievance": S1, "member": S2},
    "GrievanceStepRecord": {
        **dict.fromkeys(("grievance", "step_number", "stage", "superseded_by"), S1),
        **dict.fromkeys(("meeting_date", "union_attendees", "employer_attendees", "outcome", "notes"), S3),
        "superseded_reason": S2,
    },
    "AnswerReceived": {
        **dict.fromkeys(("grievance", "step_number", "stage", "superseded_by"), S1),
        **dict.fromkeys(("received_on", "how", "answer", "given_by", "words"), S3),
        "superseded_reason": S2,
    },
    "CaseDocument": {
        **ATTACHMENT,
        **dict.fromkeys(("grievance", "step_number", "exhibit_series", "exhibit_number", "is_shared"), S1),
    },
    "IntakeDocument": {**ATTACHMENT, "intake": S1},
    "CaseTask": {
        **dict.fromkeys(("grievance", "kind", "is_dropped"), S1),
        **dict.fromkeys(("what", "amount", "asked_on", "due", "reminded_on", "done_on", "done_words"), S3),
        "person": S2,
    },
    "Away": {
        **dict.fromkeys(("person", "stand_in", "recorded_by"), S2),
        **dict.fromkeys(("first_day", "last_day", "starts_at", "ends_at"), S2),
    },
    "Docket": {
        **dict.fromkeys(("employer", "meeting_date"), S1),
        **dict.fromkeys(("place", "union_attendees", "employer_attendees", "made_by"), S2),
        "extensions": S1,
    },
    "DocketCase": {
        **dict.fromkeys(("docket", "grievance", "position", "recorded_at"), S1),
        **dict.fromkeys(("outcome", "promised_on", "said", "refusal"), S3),
    },
    "LetterText": dict.fromkeys(("kind", "number", "title", "body", "written_by", "written_at"), S1),
    "HolidayList": dict.fromkeys(("name", "names", "observed", "extra"), S1),
    "HolidayListVersion": dict.fromkeys(("holiday_list", "number", "days", "made_at"), S1),
    "Agreement": dict.fromkeys(
        (
            "employer",
            "title",
            "worksites",
            "effective_from",
            "effective_to",
            "reopener_on",
            "previous",
            "holiday_list",
            "saturdays_open",
            "silence",
            "lateness",
            "tolling",
            "entry_step_individual",
            "entry_step_group",
            "entry_step_policy",
            "panel_source",
            "panel_size",
            "first_strike",
        ),
        S1,
    ),
    "AgreementStage": dict.fromkeys(("agreement", "position", "step", "name"), S1),
    "StepRule": dict.fromkeys(
        (
            "stage",
            "clock",
            "days",
            "unit",
            "trigger",
            "event_day_counted",
            "rolls",
            "unclear_unit",
            "unclear_start",
            "unclear_roll",
            "clause",
        ),
        S1,
    ),
    "AgreementClosure": dict.fromkeys(("agreement", "name", "first_day", "last_day"), S1),
    "AgreementClause": dict.fromkeys(("agreement", "position", "article", "section", "title", "text"), S1),
    "AgreementFile": {**ATTACHMENT, "agreement": S1},
    "Deadline": {
        **dict.fromkeys(("grievance", "intake", "side", "clock", "stage", "stage_name", "rule"), S1),
        **dict.fromkeys(("started_by", "reminded_for", "missed_at", "end", "superseded_by"), S1),
        **dict.fromkeys(("started_on", "contract_date", "safe_date", "due", "explanation", "source", "ended_on"), S3),
    },
    "Delivery": {
        **dict.fromkeys(("grievance", "deadline", "how", "proof_file"), S1),
        **dict.fromkeys(("what", "to_whom", "delivered_at", "proof"), S3),
        "recorded_by": S2,
    },
    "Extension": {
        **dict.fromkeys(("grievance", "deadline", "document_file"), S1),
        **dict.fromkeys(("new_date", "for_union", "for_employer", "agreed_on", "document", "confirmed_on", "note"), S3),
        "recorded_by": S2,
    },
    "StageEntry": {**dict.fromkeys(("grievance", "stage", "stage_name"), S1), "entered_on": S3},
    "DeadlineFeed": {"user": S2, "token_sha256": S2},
    "CaseImport": {
        **dict.fromkeys(("kind", "status", "file_sha256", "layout", "mapping", "counts", "problem"), S1),
        **dict.fromkeys(("applied_at", "undone_at"), S1),
        **dict.fromkeys(("file", "file_name", "uploaded_by", "applied_by", "undone_by"), S2),
    },
    "CaseImportRow": {
        **dict.fromkeys(("batch", "number", "outcome", "decision", "applied", "undone"), S1),
        **dict.fromkeys(("record_id", "record_version"), S1),
        **dict.fromkeys(("raw", "values", "before", "after", "problems", "made"), S3),
    },
    "CaseMatching": dict.fromkeys(("kind", "headers_key", "mapping"), S1),
    "Abeyance": {
        **dict.fromkeys(("grievance", "from_day", "until", "confirmed_on", "ended_on"), S1),
        **dict.fromkeys(("why", "for_union", "for_employer", "document", "ended_reason"), S3),
        "recorded_by": S2,
    },
    "UntimelyClaim": {
        **dict.fromkeys(("grievance", "claimed_by", "claimed_on", "cleared_on"), S1),
        **dict.fromkeys(("why", "document", "cleared_reason"), S3),
        "recorded_by": S2,
    },
    "Arbitration": {
        **dict.fromkeys(("grievance", "source", "size", "first_strike", "requested_on", "superseded_at"), S1),
        "superseded_reason": S2,
    },
    "PanelName": {
        **dict.fromkeys(("arbitration", "position", "struck_number", "struck_by", "struck_on"), S1),
        **dict.fromkeys(("name", "recorded_by"), S2),
    },
    "HearingDay": {
        **dict.fromkeys(("arbitration", "cancelled_at"), S1),
        **dict.fromkeys(("day", "place", "cancelled_reason"), S3),
    },
    "Award": {
        **dict.fromkeys(("arbitration", "superseded_at"), S1),
        **dict.fromkeys(("day", "received_on", "outcome", "amount", "summary", "superseded_reason"), S3),
    },
    "ArbitrationCost": {
        **dict.fromkeys(("arbitration", "dropped_at"), S1),
        **dict.fromkeys(("day", "what", "amount", "dropped_reason"), S3),
    },
    "Resolution": {
        **dict.fromkeys(("grievance", "outcome", "superseded_at"), S1),
        **dict.fromkeys(("day", "reason", "decided_by", "amount", "with_prejudice"), S3),
        **dict.fromkeys(("comparable_cases", "appeal_until"), S3),
    },
    "GrievantTold": {"resolution": S1, **dict.fromkeys(("grievant", "told_on", "how"), S2)},
}
