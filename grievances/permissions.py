"""Permissions of grievances."""

from django.utils.translation import gettext_lazy as _

from core.permissions import Permission

VIEW_GRIEVANCES = Permission("grievances.view_grievance", _("See grievances assigned to them"))
VIEW_ALL_GRIEVANCES = Permission("grievances.view_all_grievance", _("See all grievances"))
VIEW_OWN_GRIEVANCES = Permission("grievances.view_own_grievance", _("See the state of their own grievances"))
VIEW_STRATEGY = Permission("grievances.view_strategy", _("Read the notes on grievances"))
EXPORT_GRIEVANCES = Permission("grievances.export_grievance", _("Export the list of grievances"))
DRAFT_GRIEVANCES = Permission("grievances.draft_grievance", _("Draft grievances"))
FILE_GRIEVANCES = Permission("grievances.file_grievance", _("File grievances"))
WORK_GRIEVANCES = Permission("grievances.work_grievance", _("Work grievances assigned to them"))
WORK_ALL_GRIEVANCES = Permission("grievances.work_all_grievance", _("Work grievances assigned to others"))
ASSIGN_GRIEVANCES = Permission("grievances.assign_grievance", _("Assign grievances"), grave=True)
RESTRICT_GRIEVANCES = Permission("grievances.restrict_grievance", _("Restrict grievances to named people"), grave=True)
RESOLVE_GRIEVANCES = Permission("grievances.resolve_grievance", _("Settle, withdraw and close grievances"), grave=True)
ARBITRATE_GRIEVANCES = Permission(
    "grievances.arbitrate_grievance", _("Take grievances to arbitration and reopen them"), grave=True
)
IMPORT_GRIEVANCES = Permission("grievances.import_grievance", _("Import cases from an earlier file"), grave=True)
HEAR_DEADLINES = Permission("grievances.hear_deadlines", _("Be reminded of every deadline that is near"))
VIEW_AGREEMENTS = Permission("grievances.view_agreement", _("Read agreements"))
VIEW_OWN_AGREEMENTS = Permission("grievances.view_own_agreement", _("Read the agreements of their own unit"))
CHANGE_AGREEMENTS = Permission("grievances.change_agreement", _("Write and change agreements"))
CHANGE_LETTERS = Permission("grievances.change_lettertext", _("Change the wording of letters"))
VIEW_POLICY = Permission("grievances.view_grievancepolicy", _("See the rules for grievances"))
CHANGE_POLICY = Permission("grievances.change_grievancepolicy", _("Change the rules for grievances"), grave=True)
