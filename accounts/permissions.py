"""Permission names of accounts."""

ENTER_ADMIN = "accounts.enter_admin"
VIEW_USERS = "accounts.view_user"
CHANGE_USERS = "accounts.change_user"
VIEW_ROLES = "accounts.view_role"
CHANGE_ROLES = "accounts.change_role"
ASSIGN_ROLES = "accounts.assign_role"
CONFIRM_ROLES = "accounts.confirm_role"
