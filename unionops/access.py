"""Who may do what: the one permission table.

Groups, navigation, view permissions, API permissions and the tests all read GRANTS. What a permission is called, its
words and whether it is grave stand with its name in the app's `permissions.py`.
"""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from accounts import permissions as accounts
from benevolence import permissions as benevolence
from core import permissions as core
from core.permissions import Permission
from grievances import permissions as grievances
from members import permissions as members
from organizing import permissions as organizing


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
READERS = ("admin", *OFFICE, "organizer", "representative", "steward", "grievance-chair")
LEVELS = ("benevolence-vp", "benevolence-admin", "benevolence-manager", "benevolence-president")
# The chair of the grievance committee and the officers, who may do everything with a case.
HEADS = ("officer", "grievance-chair")
CASE_WORKERS = ("officer", "staff", "grievance-chair", "representative", "steward")

GRANTS: dict[Permission, tuple[str, ...]] = {
    accounts.ENTER_ADMIN: ("admin", *OFFICE, *LEVELS, "treasurer"),
    accounts.VIEW_USERS: ("admin", "officer"),
    accounts.CHANGE_USERS: ("admin",),
    accounts.CHANGE_PROGRAMS: ("admin",),
    accounts.INVITE_MEMBERS: ("admin", "staff"),
    accounts.VIEW_ROLES: ("admin", "officer"),
    accounts.CHANGE_ROLES: ("admin",),
    accounts.ASSIGN_ROLES: ("admin",),
    accounts.CONFIRM_ROLES: ("officer",),
    accounts.HEAR_ALARMS: ("officer", "trustee"),
    accounts.HAND_OVER: ("admin", *OFFICE, "organizer", "grievance-chair", "organizing-director"),
    core.VIEW_SETTINGS: ("admin", "officer"),
    core.CHANGE_SETTINGS: ("admin",),
    core.VIEW_AUDIT: ("admin",),
    core.VIEW_HISTORY: ("admin", *OFFICE),
    core.VIEW_SYSTEM: ("admin",),
    core.ENTER_OFFICE: tuple(name for name in ROLES if name not in ("instructor", "member")),
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
    grievances.VIEW_GRIEVANCES: CASE_WORKERS,
    grievances.VIEW_ALL_GRIEVANCES: ("officer", "staff", "grievance-chair", "representative"),
    grievances.VIEW_OWN_GRIEVANCES: ("member",),
    grievances.VIEW_STRATEGY: ("officer", "grievance-chair", "representative", "steward"),
    grievances.EXPORT_GRIEVANCES: ("officer", "staff", "grievance-chair"),
    grievances.DRAFT_GRIEVANCES: CASE_WORKERS,
    grievances.FILE_GRIEVANCES: ("officer", "staff", "grievance-chair", "representative"),
    grievances.WORK_GRIEVANCES: CASE_WORKERS,
    grievances.WORK_ALL_GRIEVANCES: ("officer", "staff", "grievance-chair"),
    grievances.ASSIGN_GRIEVANCES: HEADS,
    grievances.RESTRICT_GRIEVANCES: HEADS,
    grievances.RESOLVE_GRIEVANCES: (*HEADS, "representative"),
    grievances.ARBITRATE_GRIEVANCES: HEADS,
    grievances.IMPORT_GRIEVANCES: HEADS,
    grievances.HEAR_DEADLINES: ("grievance-chair",),
    grievances.VIEW_AGREEMENTS: ("admin", *CASE_WORKERS),
    grievances.VIEW_OWN_AGREEMENTS: ("member",),
    grievances.CHANGE_AGREEMENTS: ("officer", "representative"),
    grievances.CHANGE_LETTERS: HEADS,
    grievances.VIEW_POLICY: ("admin", *HEADS),
    grievances.CHANGE_POLICY: ("admin",),
    benevolence.VIEW_OWN_APPLICATIONS: ("member",),
    benevolence.APPLY: ("member",),
    benevolence.APPLY_FOR_MEMBER: OFFICE,
    benevolence.REQUEST: ("member", *OFFICE),
    benevolence.REVIEW_VP: ("benevolence-vp",),
    benevolence.REVIEW_ADMIN: ("benevolence-admin",),
    benevolence.REVIEW_MANAGER: ("benevolence-manager",),
    benevolence.REVIEW_PRESIDENT: ("benevolence-president",),
    benevolence.PAY: ("treasurer",),
    benevolence.VIEW_DECIDED: ("trustee",),
    benevolence.VIEW_FUND: ("treasurer", "trustee"),
    benevolence.RECORD_FUND: ("treasurer",),
    benevolence.COUNTERSIGN: ("officer",),
    benevolence.VIEW_TOTALS: ("admin", *OFFICE, *LEVELS, "treasurer", "trustee"),
    benevolence.DECLARE_RELATIONSHIP: (*LEVELS, "treasurer"),
    benevolence.APPOINT: ("officer",),
    benevolence.VIEW_POLICY: ("admin", "officer", *LEVELS, "treasurer", "trustee"),
    benevolence.CHANGE_POLICY: ("admin",),
    benevolence.CONFIRM_PAPER: ("officer",),
    benevolence.IMPORT_PAST_HELP: ("treasurer",),
    organizing.VIEW_CAMPAIGNS: ("officer", "organizer"),
    organizing.OVERSEE_CAMPAIGNS: ("organizing-director",),
    organizing.CONFIRM_OPENING: ("officer",),
    organizing.LOG_OWN_ACTIVITY: ("member",),
}

# Every permission, by the parts of the portal: what pages list follows this order.
PERMISSIONS: tuple[Permission, ...] = tuple(
    row
    for app in (core, accounts, members, grievances, benevolence, organizing)
    for row in vars(app).values()
    if isinstance(row, Permission)
)
# The roles that a new slate has when it is begun, as far as somebody holds them.
ELECTED: tuple[str, ...] = ("officer", "treasurer", "trustee", *LEVELS, "grievance-chair")


@dataclass(frozen=True, slots=True)
class Conflict:
    """One person should not be able to do one of `these` by one role and another of `those` by another."""

    these: tuple[str, ...]
    those: tuple[str, ...]
    why: object


_DECIDE = (benevolence.REVIEW_VP, benevolence.REVIEW_ADMIN, benevolence.REVIEW_MANAGER, benevolence.REVIEW_PRESIDENT)
CONFLICTS: tuple[Conflict, ...] = (
    Conflict(_DECIDE, _DECIDE, _("Nobody decides two levels of one application.")),
    Conflict(_DECIDE, (benevolence.PAY,), _("Whoever pays an application has decided no part of it.")),
    Conflict((benevolence.PAY,), (benevolence.COUNTERSIGN,), _("The second signer of a payment is another person.")),
    Conflict((benevolence.VIEW_DECIDED,), (*_DECIDE, benevolence.PAY), _("Trustees audit what these roles do.")),
)
# Never in a role that a local makes. Whoever confirms is an officer. The vault has its own doors, and the system
# administrator, who makes roles, has no way in.
NOT_FOR_CUSTOM_ROLES: tuple[str, ...] = (
    accounts.CONFIRM_ROLES,
    *(permission for permission in GRANTS if permission.app_label == "organizing"),
)
# What a program that uses the API may be let do: the office's lists. Who is one person is decided by people, so no
# program merges members; cases, decisions, accounts and the vault are not theirs at all.
FOR_PROGRAMS: tuple[str, ...] = (
    members.VIEW_MEMBERS,
    members.ADD_MEMBERS,
    members.CHANGE_MEMBERS,
    members.DELETE_MEMBERS,
    members.RESTORE_MEMBERS,
    members.VIEW_ORGANIZATIONS,
    members.ADD_ORGANIZATIONS,
    members.CHANGE_ORGANIZATIONS,
    members.DELETE_ORGANIZATIONS,
    members.RESTORE_ORGANIZATIONS,
    members.MERGE_ORGANIZATIONS,
)
