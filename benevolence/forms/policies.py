"""What people type about the rules of the fund."""

from benevolence.models import BenevolencePolicy
from core.web.forms import VersionedModelForm


class PolicyForm(VersionedModelForm):
    class Meta:
        model = BenevolencePolicy
        fields = [
            "vp_up_to",
            "admin_up_to",
            "manager_up_to",
            "lookback_days",
            "cap_per_application",
            "cap_per_member_year",
        ]
