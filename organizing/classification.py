from core.classification import S4, FieldClass, Sensitivity

SEALED = FieldClass(Sensitivity.VAULT, encrypted=True)

FIELDS: dict[str, dict[str, FieldClass]] = {
    "Campaign": {
        **dict.fromkeys(("code_name", "target", "stage", "unit_size", "opened", "closed"), S4),
        **dict.fromkeys(("sort_name", "search_text"), S4),
        **dict.fromkeys(("salting_score", "salting_notes"), SEALED),
    },
    "CampaignAssignment": dict.fromkeys(
        (
            "campaign",
            "user",
            "duty",
            "starts_at",
            "expires_at",
            "ended_at",
            "ended_by",
            "end_reason",
            "appointed_by",
            "identity_epoch",
        ),
        S4,
    ),
    "CampaignMember": {
        **dict.fromkeys(("campaign", "pseudonym", "number", "handler", "since", "until"), S4),
        **dict.fromkeys(("member_index", "account_index"), S4),
        **dict.fromkeys(("member_ref", "account_ref"), SEALED),
    },
    "EmergencyOpening": {
        **dict.fromkeys(("campaign", "asked_by", "asked_at", "hours", "lapses_at", "asked_epoch"), S4),
        **dict.fromkeys(("decided_by", "decided_at", "decided_epoch", "ends_at", "ended_at", "ended_by"), S4),
        **dict.fromkeys(("reason", "refusal"), SEALED),
    },
    "SaltingActivity": {
        **dict.fromkeys(("campaign", "campaign_member", "activity_type", "activity_date", "outcome"), S4),
        **dict.fromkeys(("workers_contacted", "cards_signed", "entered_by"), S4),
        **dict.fromkeys(("location", "description", "notes"), SEALED),
    },
}
