from core.classification import S1, S2, FieldClass

FIELDS: dict[str, dict[str, FieldClass]] = {
    "User": {
        **dict.fromkeys(
            ("is_program", "is_active", "is_verified", "must_change_password", "last_login", "invited_at"), S1
        ),
        **dict.fromkeys(("identity_epoch", "link_epoch", "invited_epoch", "is_no_member"), S1),
        **dict.fromkeys(("email", "first_name", "last_name", "member", "password", "session_epoch", "invited_by"), S2),
    },
    "Role": dict.fromkeys(
        (
            *("name", "group_ptr", "display_name", "description", "is_system_role", "is_custom"),
            *("needs_confirmation", "position", "permissions", "version"),
        ),
        S1,
    ),
    "RoleAssignment": {
        **dict.fromkeys(("role", "kind", "assigned_at", "starts_at", "expires_at", "ended_at"), S1),
        **dict.fromkeys(("begun_with", "ended_with", "planned_end"), S1),
        **dict.fromkeys(("needs_confirmation", "confirmed_at", "identity_epoch"), S1),
        **dict.fromkeys(("user", "assigned_by", "ended_by", "confirmed_by", "reason", "end_reason"), S2),
    },
    "IdentityChange": {
        **dict.fromkeys(("epoch", "kind", "at"), S1),
        **dict.fromkeys(("user", "member_before", "member_after", "actor", "reason"), S2),
    },
    "Program": {
        **dict.fromkeys(("name", "permissions", "network", "last_day", "last_used_at", "revoked_at"), S1),
        **dict.fromkeys(("user", "token_hash", "created_by", "revoked_by"), S2),
    },
    "Installation": {
        **dict.fromkeys(("title", "state", "takes_effect_at", "expires_at", "roles", "set_at"), S1),
        **dict.fromkeys(("reason", "created_by", "set_by"), S2),
    },
    "InstallationSeat": {"installation": S1, "role": S1, "user": S2},
    "Session": {"session_key": S2, "session_data": S2, "expire_date": S1, "user": S2},
    "SessionRecord": {
        **dict.fromkeys(("created_at", "last_used_at"), S1),
        **dict.fromkeys(("key", "user", "epoch", "device", "address_prefix"), S2),
    },
    "SpentCode": {"authenticator": S1, "step": S1},
    "MailedCode": {"user": S2, "digest": S2, "made_at": S1, "tries": S1},
    "RefreshToken": {
        **dict.fromkeys(("rotations", "last_used_at", "expires_at", "revoked_at", "revoke_reason"), S1),
        **dict.fromkeys(("user", "token_hash", "session_epoch", "device_info", "ip_address", "network"), S2),
    },
    "DoorCount": {"key": S2, "used": S1, "ends_at": S1},
    "SignInThrottle": {"key": S2, "failures": S1, "window_started": S1, "locked_until": S1},
}
