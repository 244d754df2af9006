"""Permissions of members."""

from django.utils.translation import gettext_lazy as _

from core.permissions import Permission

VIEW_MEMBERS = Permission("members.view_member", _("See members"))
VIEW_OWN_RECORD = Permission("members.view_own_record", _("See their own member record"))
ADD_MEMBERS = Permission("members.add_member", _("Add members"))
CHANGE_MEMBERS = Permission("members.change_member", _("Change members"))
DELETE_MEMBERS = Permission("members.delete_member", _("Delete members"))
RESTORE_MEMBERS = Permission("members.restore_member", _("Restore deleted members"))
MERGE_MEMBERS = Permission("members.merge_member", _("Merge members that were entered twice"))
EXPORT_MEMBERS = Permission("members.export_member", _("Export the list of members"))
VIEW_ORGANIZATIONS = Permission("members.view_organization", _("See employers and other organizations"))
ADD_ORGANIZATIONS = Permission("members.add_organization", _("Add organizations"))
CHANGE_ORGANIZATIONS = Permission("members.change_organization", _("Change organizations"))
DELETE_ORGANIZATIONS = Permission("members.delete_organization", _("Delete organizations"))
RESTORE_ORGANIZATIONS = Permission("members.restore_organization", _("Restore deleted organizations"))
MERGE_ORGANIZATIONS = Permission("members.merge_organization", _("Merge organizations that were entered twice"))
EXPORT_ORGANIZATIONS = Permission("members.export_organization", _("Export the list of organizations"))
VIEW_IMPORTS = Permission("members.view_importbatch", _("See imports"))
RUN_IMPORTS = Permission("members.run_import", _("Import lists and undo imports"))
