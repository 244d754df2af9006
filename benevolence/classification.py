from core.classification import ATTACHMENT, S1, S2, S3, FieldClass, Sensitivity

SEALED = FieldClass(Sensitivity.CASE, encrypted=True)

FIELDS: dict[str, dict[str, FieldClass]] = {
    "BenevolencePolicy": dict.fromkeys(
        (
            *("number", "starts_on", "why", "called_off_at", "paused_because", "reasons", "conditions"),
            *("uses_vp", "uses_admin", "uses_manager", "uses_president", "vp_up_to", "admin_up_to", "manager_up_to"),
            *("vp_days", "admin_days", "manager_days", "president_days", "vote", "lookback_days", "is_in_order"),
            *("is_blind", "cap_per_application", "cap_per_member", "cap_months", "times_per_member", "times_months"),
            *("wait_days", "budget_amount", "budget_period", "vendors_only", "helps_retirees", "asks_standing"),
            *("months_a_member", "dues_grace_days", "excludes_officers", "excludes_staff", "excludes_households"),
        ),
        S1,
    ),
    "BenevolenceApplication": {
        **dict.fromkeys(("application_number", "sort_number", "status", "level_due", "level_reached"), S1),
        **dict.fromkeys(("is_awaiting_applicant", "policy", "level_since", "level_until", "times_late"), S1),
        **dict.fromkeys(("needs_intake", "appeal_of", "is_blind"), S1),
        **dict.fromkeys(("on_turn", "substitute"), S2),
        **dict.fromkeys(("is_related_to_office",), S3),
        **dict.fromkeys(("begun_by", "entered_by", "paid_by", "search_text"), S2),
        **dict.fromkeys(("member", "application_date", "list_date", "reason", "amount_requested", "needed_by"), S3),
        **dict.fromkeys(("deferred_until", "late_on", "approved_amount", "approved_on"), S3),
        **dict.fromkeys(("payment_date", "payment_method", "payment_reference"), S3),
        **dict.fromkeys(("description", "notes"), SEALED),
    },
    "BenevolenceReview": {
        **dict.fromkeys(("application", "review_level", "voided_at"), S1),
        **dict.fromkeys(("reviewer", "reviewer_name"), S2),
        **dict.fromkeys(("decision", "amount", "review_date", "deferred_until"), S3),
        "comments": SEALED,
    },
    "ApplicantAnswer": {"review": S1, "answered_by": S2, "answered_at": S3, "text": SEALED},
    "FundAccount": dict.fromkeys(("kind", "balance"), S1),
    "FundTransfer": {
        **dict.fromkeys(("kind", "credit", "debit", "on", "reverses", "key"), S1),
        **dict.fromkeys(("recorded_by",), S2),
        **dict.fromkeys(("amount", "note", "application", "payment"), S3),
    },
    "FundSettings": dict.fromkeys(("notice_below", "quarters_from"), S1),
    "BankStatement": {
        **dict.fromkeys(("month", "balance", "note", "books", "outstanding", "entered_at"), S1),
        "entered_by": S2,
    },
    "PaymentLine": {
        **dict.fromkeys(("application", "position"), S1),
        **dict.fromkeys(("payee_kind", "payee_name", "address", "asked", "amount", "purpose"), S3),
        "account_number": SEALED,
    },
    "PaymentRun": {**dict.fromkeys(("paid_on", "payment_method"), S1), "made_by": S2},
    "Payment": {
        **dict.fromkeys(("line", "run", "voucher_number", "signed_at", "voided_at"), S1),
        **dict.fromkeys(("paid_by", "second_signer", "voided_by"), S2),
        **dict.fromkeys(("amount", "paid_on", "payment_method", "reference", "cleared_on", "void_reason"), S3),
    },
    "ApplicationDocument": {**ATTACHMENT, **dict.fromkeys(("application", "question", "is_released"), S1)},
    "Seat": {**dict.fromkeys(("level", "position"), S1), **dict.fromkeys(("user", "starts_at", "expires_at"), S2)}
    | dict.fromkeys(("ended_at", "ended_by", "end_reason", "appointed_by", "reason"), S2),
    "Absence": dict.fromkeys(("user", "first_day", "last_day", "recorded_by"), S2),
    "CaseSubstitute": {
        **dict.fromkeys(("application", "level"), S1),
        **dict.fromkeys(("user", "proposed_by", "proposed_at", "confirmed_by", "confirmed_at", "reason"), S2),
    },
    "RelationshipStatement": dict.fromkeys(("user", "stated_at"), S2),
    "IntakeNote": {
        **dict.fromkeys(("application", "words", "voided_at"), S1),
        **dict.fromkeys(("written_by", "written_at"), S2),
        "text": SEALED,
    },
    "Vote": {
        **dict.fromkeys(("review", "voters", "present", "votes_for", "votes_against", "minute_number"), S1),
        "motion": SEALED,
    },
    "DeclaredRelationship": {**dict.fromkeys(("user", "declared_at"), S2), **dict.fromkeys(("member", "kind"), S3)},
    "PastHelp": {
        "source": S2,
        **dict.fromkeys(("member", "paid_on", "amount", "reason", "reference"), S3),
    },
    "HelpImport": {
        **dict.fromkeys(("kind", "status", "file_sha256", "layout", "mapping", "counts", "problem"), S1),
        **dict.fromkeys(("applied_at", "undone_at"), S1),
        **dict.fromkeys(("file", "file_name", "uploaded_by", "applied_by", "undone_by"), S2),
    },
    "HelpImportRow": {
        **dict.fromkeys(("batch", "number", "outcome", "decision", "applied", "undone"), S1),
        **dict.fromkeys(("record_id", "record_version"), S1),
        **dict.fromkeys(("raw", "values", "before", "after", "problems", "made"), S3),
    },
    "HelpMatching": dict.fromkeys(("kind", "headers_key", "mapping"), S1),
    "PaperFile": {
        "confirmed_at": S1,
        **dict.fromkeys(("recorded_by", "confirmed_by"), S2),
        "application": S1,
        "applied_on": S3,
    },
    "PaperDecision": {
        **dict.fromkeys(("file", "level"), S1),
        "decider": S2,
        **dict.fromkeys(("decided_on", "amount", "reference"), S3),
    },
}
