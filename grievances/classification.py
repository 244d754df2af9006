from core.classification import ATTACHMENT, S1, S2, S3, FieldClass

CASE_TEXT = dict.fromkeys(
    ("contract_article", "incident_date", "knowledge_date", "violation_description", "remedy_sought", "notes"), S3
)
FACTS = dict.fromkeys(("people_involved", "happened_at", "place", "why", "witnesses", "past_practice"), S3)

FIELDS: dict[str, dict[str, FieldClass]] = {
    "GrievancePolicy": dict.fromkeys(
        ("entry_step_individual", "entry_step_group", "entry_step_policy", "representative_may_resolve"), S1
    ),
    "Grievance": {
        **CASE_TEXT,
        **FACTS,
        **dict.fromkeys(("grievance_number", "grievance_type", "current_step", "status", "status_before"), S1),
        **dict.fromkeys(("is_restricted", "filed_date"), S1),
        **dict.fromkeys(
            ("former_number", "member", "employer", "assigned_rep", "named_people", "filed_by", "asked_by"), S2
        ),
        **dict.fromkeys(("resolution", "resolution_date", "settlement_amount", "search_text"), S3),
    },
    "GrievanceIntake": {
        **CASE_TEXT,
        **FACTS,
        **dict.fromkeys(("grievance_type", "filed_as"), S1),
        **dict.fromkeys(("organization", "members", "drafted_by"), S2),
    },
    "Grievant": {"grievance": S1, "member": S2},
    "GrievanceStepRecord": {
        **dict.fromkeys(("grievance", "step_number", "superseded_by"), S1),
        **dict.fromkeys(("meeting_date", "union_attendees", "employer_attendees", "outcome", "notes"), S3),
        "superseded_reason": S2,
    },
    "AnswerReceived": {
        **dict.fromkeys(("grievance", "step_number", "superseded_by"), S1),
        **dict.fromkeys(("received_on", "how", "answer", "given_by", "words"), S3),
        "superseded_reason": S2,
    },
    "CaseDocument": {
        **ATTACHMENT,
        **dict.fromkeys(("grievance", "step_number", "exhibit_series", "exhibit_number", "is_shared"), S1),
    },
    "CaseTask": {
        **dict.fromkeys(("grievance", "kind", "is_dropped"), S1),
        **dict.fromkeys(("what", "amount", "asked_on", "due", "reminded_on", "done_on", "done_words"), S3),
        "person": S2,
    },
    "Resolution": {
        **dict.fromkeys(("grievance", "outcome", "superseded_at"), S1),
        **dict.fromkeys(("day", "reason", "decided_by", "amount", "with_prejudice"), S3),
    },
    "GrievantTold": {"resolution": S1, **dict.fromkeys(("grievant", "told_on", "how"), S2)},
}
