"""A campaign with a word of its own in every field that nobody outside may read, and the keys that lead to it."""

from core.models import AuditEvent, AuditHead, ReadEvent
from members.models import Member, Organization
from organizing.enums import Duty
from organizing.factories import ActivityFactory, AssignmentFactory, CampaignFactory, CampaignMemberFactory, organizer
from organizing.models import CampaignMember
from organizing.services import activities, campaigns

CANARIES = {
    "code name": "Zqcodename",
    "notes on the employer": "Zqemployernotes",
    "location": "Zqlocation",
    "description": "Zqdescription",
    "notes": "Zqactivitynotes",
    "own entry": "Zqownentry",
    "pseudonym": "S-941",
    "reason": "Zqreason",
}
# What somebody could ask for by a word that they guessed.
QUESTIONS = (
    "/search/?q=zqcodenam",
    "/search/?q=s-94",
    "/members/?q=zqownentr",
    "/organizations/?q=zqemployernote",
    "/organizing/?q=zqcodenam",
    "/organizing/activities/?q=zqcodenam",
    "/api/v1/campaigns/?q=zqcodenam",
    "/admin/organizing/campaign/?q=zqcodenam",
    "/audit/?subject=organizing.campaign",
    "/members/suggest/?member=zq",
    "/organizations/suggest/?organization=zqcode",
)


class Secret:
    """A campaign at an employer, with every canary in its place, worked on by people outside the cast."""

    def __init__(self, member: Member, employer: Organization) -> None:
        self.member, self.employer, self.lead = member, employer, organizer()
        self.campaign = CampaignFactory(
            code_name=CANARIES["code name"],
            target=employer,
            unit_size=40,
            salting_notes=CANARIES["notes on the employer"],
        )
        self.term = AssignmentFactory(campaign=self.campaign, user=self.lead, duty=Duty.LEAD)
        gone = AssignmentFactory(campaign=self.campaign)
        self.salt = CampaignMemberFactory(campaign=self.campaign, member=member, number=941, handler=organizer())
        values = {"activity_type": "one_on_one", "workers_contacted": 4, "campaign_member": self.salt}
        texts = {name: CANARIES[name] for name in ("location", "description", "notes")}
        self.activity = activities.log_activity(self.campaign, values | texts, actor=self.lead)
        self.own = ActivityFactory(
            campaign=self.campaign, campaign_member=self.salt, entered_by=None, description=CANARIES["own entry"]
        )
        campaigns.end_assignment(gone, actor=self.lead, reason=CANARIES["reason"])
        campaigns.reveal_name(self.salt, actor=self.lead)
        campaigns.change_campaign(self.campaign, {"unit_size": 41}, actor=self.lead)
        self.rows = [self.campaign, self.term, gone, self.salt, self.activity, self.own]

    def words(self) -> dict[str, str]:
        """Return everything that tells of the campaign: its texts, its keys, the member's blind index."""
        ids = {f"key of {row._meta.model_name}": str(row.pk) for row in self.rows}
        index = CampaignMember.objects.values_list("member_index", flat=True).get(pk=self.salt.pk)
        return {**CANARIES, **ids, "index of the member": index}

    def keys(self, route: str) -> list[str]:
        """Return every key that somebody could put into this route to get at the vault, or at what it is about."""
        events = AuditEvent.objects.filter(subject_type__startswith="organizing.")
        reads = ReadEvent.objects.filter(subject_type__startswith="organizing.")
        heads = AuditHead.objects.filter(stream__startswith="organizing.")
        found = {"core/auditevent": events, "core/readevent": reads, "core/audithead": heads}
        if (special := next((rows for place, rows in found.items() if place in route), None)) is not None:
            return [str(row.pk) for row in special]
        if "organizing" in route or "campaigns" in route or "salting" in route:
            return [str(row.pk) for row in self.rows]
        if "<int:pk>" in route or "[0-9]{1,18}" in route or "admin/" in route:
            return [str(key) for key in dict.fromkeys((self.member.pk, self.employer.pk, self.lead.pk))]
        return [str(self.campaign.pk)]
