"""What the API tells of abeyances and of claims that something came too late."""

from core.api.parts import Parts
from core.api.rows import RowSerializer
from grievances.models import Abeyance, UntimelyClaim


class AbeyanceSerializer(RowSerializer):
    """Without `document` it is unconfirmed and holds no date; `ended_on` is the day from which dates run again."""

    class Meta:
        model = Abeyance
        fields = [
            *("id", "from_day", "until", "why", "for_union", "for_employer", "document", "confirmed_on"),
            *("ended_on", "ended_reason"),
        ]
        read_only_fields = fields


class UntimelyClaimSerializer(RowSerializer):
    class Meta:
        model = UntimelyClaim
        fields = ["id", "claimed_by", "claimed_on", "why", "document", "cleared_on", "cleared_reason"]
        read_only_fields = fields


ABEYANCES = Parts.sent("sent_abeyances", AbeyanceSerializer, Abeyance.objects.all(), by="grievance")
CLAIMS = Parts.sent("sent_claims", UntimelyClaimSerializer, UntimelyClaim.objects.all(), by="grievance")
