"""Permissions of benevolence."""

from django.utils.translation import gettext_lazy as _

from core.permissions import Permission

VIEW_OWN_APPLICATIONS = Permission("benevolence.view_own_application", _("See their own applications"))
APPLY = Permission("benevolence.apply", _("Apply for themselves"))
APPLY_FOR_MEMBER = Permission("benevolence.apply_for_member", _("Apply for a member"))
REQUEST = Permission("benevolence.request_benevolence", _("Submit and withdraw applications they may enter"))
REVIEW_VP = Permission("benevolence.review_vp", _("Decide at the level of the vice president"), grave=True)
REVIEW_ADMIN = Permission(
    "benevolence.review_admin", _("Decide at the level of the benevolence administrator"), grave=True
)
REVIEW_MANAGER = Permission("benevolence.review_manager", _("Decide at the level of the business manager"), grave=True)
REVIEW_PRESIDENT = Permission("benevolence.review_president", _("Decide at the level of the president"), grave=True)
PAY = Permission("benevolence.pay_benevolence", _("Pay approved applications"), grave=True)
VIEW_DECIDED = Permission("benevolence.view_decided_application", _("Audit decided applications"), grave=True)
VIEW_FUND = Permission("benevolence.view_fund", _("See the fund and its entries"))
RECORD_FUND = Permission(
    "benevolence.record_fund", _("Record what comes into the fund, and reverse entries"), grave=True
)
COUNTERSIGN = Permission("benevolence.countersign_payment", _("Sign payments as the second person"), grave=True)
VIEW_TOTALS = Permission("benevolence.view_totals", _("See totals of the fund"))
DECLARE_RELATIONSHIP = Permission("benevolence.declare_relationship", _("Declare a relationship to an applicant"))
APPOINT = Permission("benevolence.appoint_reviewers", _("Appoint holders and substitutes of the levels"), grave=True)
VIEW_POLICY = Permission("benevolence.view_benevolencepolicy", _("See the rules for benevolence"))
CHANGE_POLICY = Permission("benevolence.change_benevolencepolicy", _("Change the rules for benevolence"), grave=True)
CONFIRM_PAPER = Permission(
    "benevolence.confirm_paper_decisions", _("Confirm decisions that were made on paper"), grave=True
)
IMPORT_PAST_HELP = Permission(
    "benevolence.import_past_help", _("Import help that was paid before the portal"), grave=True
)
