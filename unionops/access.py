"""Who may do what: the one permission table (domain.md §6).

Groups, navigation, view permissions, API permissions, the README's table and the tests all read GRANTS.
"""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from accounts import permissions as accounts
from core import permissions as core
from members import permissions as members


@dataclass(frozen=True, slots=True)
class RoleSpec:
    display_name: object
    description: object
    is_system_role: bool = False


ROLES: dict[str, RoleSpec] = {
    "admin": RoleSpec(_("System administrator"), _("Accounts, roles, settings and imports"), True),
    "officer": RoleSpec(_("Officer"), _("Elected officers of the local"), True),
    "staff": RoleSpec(_("Staff"), _("The local's office"), True),
    "organizer": RoleSpec(_("Organizer"), _("Organizing campaigns they are assigned to"), True),
    "instructor": RoleSpec(_("Instructor"), _("Kept for the training programme"), True),
    "member": RoleSpec(_("Member"), _("Their own record and cases"), True),
    "representative": RoleSpec(_("Business representative"), _("Works the grievances assigned to them")),
    "steward": RoleSpec(_("Steward"), _("Drafts grievances at the worksite")),
    "grievance-chair": RoleSpec(_("Grievance chair"), _("All grievances, assigns them")),
    "organizing-director": RoleSpec(_("Organizing director"), _("Opens campaigns and appoints leads")),
    "treasurer": RoleSpec(_("Treasurer"), _("Pays approved benevolence")),
    "trustee": RoleSpec(_("Trustee"), _("Audits the fund")),
    "benevolence-vp": RoleSpec(_("Vice president, benevolence"), _("First level of review")),
    "benevolence-admin": RoleSpec(_("Benevolence administrator"), _("Second level of review")),
    "benevolence-manager": RoleSpec(_("Business manager, benevolence"), _("Third level of review")),
    "benevolence-president": RoleSpec(_("President, benevolence"), _("Fourth level of review")),
}

OFFICE = ("officer", "staff")
READERS = ("admin", *OFFICE, "organizer", "representative", "steward")

GRANTS: dict[str, tuple[str, ...]] = {
    accounts.ENTER_ADMIN: ("admin", *OFFICE),
    accounts.VIEW_USERS: ("admin", "officer"),
    accounts.CHANGE_USERS: ("admin",),
    accounts.VIEW_ROLES: ("admin", "officer"),
    accounts.CHANGE_ROLES: ("admin",),
    accounts.ASSIGN_ROLES: ("admin",),
    core.VIEW_SETTINGS: ("admin", "officer"),
    core.CHANGE_SETTINGS: ("admin",),
    core.VIEW_AUDIT: ("admin",),
    core.VIEW_HISTORY: ("admin", *OFFICE),
    members.VIEW_MEMBERS: READERS,
    members.VIEW_OWN_RECORD: ("member",),
    members.ADD_MEMBERS: OFFICE,
    members.CHANGE_MEMBERS: OFFICE,
    members.DELETE_MEMBERS: OFFICE,
    members.RESTORE_MEMBERS: ("admin", *OFFICE),
    members.MERGE_MEMBERS: ("admin", *OFFICE),
    members.EXPORT_MEMBERS: OFFICE,
    members.VIEW_ORGANIZATIONS: READERS,
    members.ADD_ORGANIZATIONS: OFFICE,
    members.CHANGE_ORGANIZATIONS: OFFICE,
    members.DELETE_ORGANIZATIONS: OFFICE,
    members.RESTORE_ORGANIZATIONS: ("admin", *OFFICE),
    members.MERGE_ORGANIZATIONS: ("admin", *OFFICE),
    members.EXPORT_ORGANIZATIONS: OFFICE,
    members.VIEW_IMPORTS: ("admin", *OFFICE),
    members.RUN_IMPORTS: ("admin", "staff"),
}
