"""Permissions of accounts."""

from django.utils.translation import gettext_lazy as _

from core.permissions import Permission

VIEW_USERS = Permission("accounts.view_user", _("See accounts and terms"))
CHANGE_USERS = Permission("accounts.change_user", _("Create, change and switch off accounts"), grave=True)
VIEW_ROLES = Permission("accounts.view_role", _("See roles and who held them"))
CHANGE_ROLES = Permission("accounts.change_role", _("Describe roles, and add roles of the local's own"), grave=True)
ASSIGN_ROLES = Permission("accounts.assign_role", _("Assign and end roles"), grave=True)
HAND_OVER = Permission("accounts.hand_over", _("Give a new owner to the work of people who leave office"))
CONFIRM_ROLES = Permission(
    "accounts.confirm_role", _("Confirm people, and grave roles that others assigned"), grave=True
)
HEAR_ALARMS = Permission("accounts.hear_alarm", _("Be told when the usual second person was done without"))
CHANGE_PROGRAMS = Permission("accounts.change_program", _("Let programs use the API, and end their access"), grave=True)
INVITE_MEMBERS = Permission("accounts.invite_member", _("Invite members to the portal"))
ENTER_ADMIN = Permission("accounts.enter_admin", _("Look into the records of the database"))
