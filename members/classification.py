from core.classification import S1, S2, FieldClass

ADDRESS = dict.fromkeys(("address", "city", "state", "zip_code", "phone", "email"), S2)
PUBLIC_ADDRESS = dict.fromkeys(ADDRESS, S1)

FIELDS: dict[str, dict[str, FieldClass]] = {
    "Organization": {
        **PUBLIC_ADDRESS,
        **dict.fromkeys(("name", "org_type", "website", "name_key", "place_key", "merged_into"), S1),
        **dict.fromkeys(("sort_name", "search_text"), S1),
    },
    "OrganizationContact": {
        **dict.fromkeys(("organization", "is_primary"), S1),
        **dict.fromkeys(("first_name", "last_name", "title", "phone", "email", "notes"), S2),
    },
    "Member": {
        **ADDRESS,
        **dict.fromkeys(("member_number", "first_name", "middle_name", "last_name", "date_of_birth", "notes"), S2),
        **dict.fromkeys(("hire_date", "initiation_date", "dues_paid_through"), S2),
        **dict.fromkeys(("standing", "standing_as_of", "standing_source"), S2),
        **dict.fromkeys(("status", "classification", "merged_into"), S1),
        **dict.fromkeys(("former_numbers", "email_former", "email_written_by", "email_seen_by"), S2),
        **dict.fromkeys(("email_written_at", "email_source", "email_former_shared", "email_seen_at"), S1),
    },
    "Employment": {
        **dict.fromkeys(("member", "organization", "start_date", "end_date", "job_title", "hourly_rate"), S2),
    },
    "MergeRequest": {
        **dict.fromkeys(("taken", "kept_version", "duplicate_version", "state", "decided_at"), S1),
        **dict.fromkeys(("kept", "duplicate", "reason", "asked_by", "decided_by", "why_declined"), S2),
    },
    "PaperCode": {
        **dict.fromkeys(("digest", "printed_at", "ends_at", "used_at"), S1),
        **dict.fromkeys(("member", "printed_by"), S2),
    },
    "FormerMatch": {"member": S2, "other": S2, "kept_at": S1},
    "OtherPerson": dict.fromkeys(("member", "other", "decided_by", "decided_at", "reason"), S2),
    "SearchWord": {"variant": S2, "word": S2},
    "ImportBatch": {
        **dict.fromkeys(("kind", "status", "file_sha256", "layout", "mapping", "counts", "problem"), S1),
        **dict.fromkeys(("applied_at", "undone_at"), S1),
        **dict.fromkeys(("file", "file_name", "uploaded_by", "applied_by", "undone_by"), S2),
    },
    "ImportRow": {
        **dict.fromkeys(("batch", "number", "outcome", "decision", "problems", "applied", "undone"), S1),
        **dict.fromkeys(("record_id", "record_version", "made"), S1),
        **dict.fromkeys(("raw", "values", "before", "after"), S2),
    },
    "ColumnMapping": dict.fromkeys(("kind", "headers_key", "mapping"), S1),
}
