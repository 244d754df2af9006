"""Who is told what: the one table. As GRANTS (access.py) says who may what, TELLING says whom an act concerns.

An act is an event of the trail, read by `manage.py run_due`; the services know nothing of it. Judged by how things
stand then: nobody is told of a record that they do not see, of what they did themselves, or of a kind of thing that
no role of theirs has to do with. Of a campaign hear its lead, its handlers and whoever is appointed, never a salt; a
director hears that it has ended, or that its lead is to be confirmed or replaced.
What concerns an account itself is mailed to its person by accounts.services.notices.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import permissions as accounts
from accounts.enums import AccountAction
from accounts.models import User
from accounts.services import confirming
from benevolence import permissions as benevolence
from benevolence.enums import BenevolenceAction, Level
from benevolence.enums import Status as ApplicationStatus
from benevolence.models import REVIEW_PERMISSIONS, BenevolenceApplication, Payment
from benevolence.services.payments import payments_of
from benevolence.services.seats import who_acts
from benevolence.services.workflow import may_carry_over, may_review, who_pays
from core.imports.enums import ImportAction
from core.mail import notices
from core.mail.notices import Told
from core.models import AuditEvent, Notice
from core.permissions import may
from core.records import records
from grievances import permissions as grievances
from grievances.enums import GrievanceAction
from grievances.models import Away, Grievance, GrievanceIntake, stand_ins_of
from members import permissions as members
from members.enums import MemberAction, MergeState
from members.models import Member, MergeRequest
from organizing import permissions as organizing
from organizing.enums import Duty, OrganizingAction
from organizing.models import Campaign, CampaignAssignment
from unionops import merging


class Kind(models.TextChoices):
    """What a person chooses a way for, in the order of the page where they do."""

    CASE_GIVEN = "case_given", _("A case or a draft is given to me")
    CASE_WAITS = "case_waits", _("A case waits to be assigned, or to be taken to arbitration")
    CASE_MOVES = "case_moves", _("A case that I work or filed goes on or ends, or a draft of mine is filed")
    DEADLINE = "deadline", _("A deadline of a case is near or has passed")
    OWN_CASE = "own_case", _("A case of my own goes on or ends")
    REVIEW = "review", _("An application waits for my decision")
    OVERDUE = "overdue", _("A level of review is late")
    PAYMENT = "payment", _("An application waits for my payment")
    ENTERED = "entered", _("An application that I enter or look after for a member goes on or ends")
    QUESTION = "question", _("There is a question about my own application")
    SIGNATURE = "signature", _("A payment waits for my signature")
    FUND = "fund", _("The benevolence fund is low")
    OWN_APPLICATION = "own_application", _("My own application goes on, is decided or is paid")
    CONFIRMATION = "confirmation", _("A role or an account waits for my confirmation")
    MERGE = "merge", _("A merge waits for me, or one that I asked for is decided")
    IMPORT = "import", _("An import of mine is checked or finished")
    CAMPAIGN = "campaign", _("There is something new in a campaign of mine")
    OVERSIGHT = "oversight", _("A campaign has ended, or its lead waits for me")


ABOUT_CASE = _("There is something new about a case in the portal.")
ABOUT_APPLICATION = _("There is something new about an application in the portal.")
ABOUT_FUND = _("There is something new about the fund in the portal.")
ABOUT_ACCOUNT = _("There is something new about an account in the portal.")
ABOUT_RECORDS = _("There is something new about the records in the portal.")
ABOUT_IMPORT = _("There is something new about an import in the portal.")
ABOUT_ANYTHING = _("There is something new in the portal.")

# What a mail says: of which part of the portal it is, and of the vault not even that.
SENTENCES: dict[str, Any] = {
    **dict.fromkeys((Kind.CASE_GIVEN, Kind.CASE_WAITS, Kind.CASE_MOVES, Kind.DEADLINE, Kind.OWN_CASE), ABOUT_CASE),
    Kind.FUND: ABOUT_FUND,
    **dict.fromkeys(
        (Kind.REVIEW, Kind.OVERDUE, Kind.PAYMENT, Kind.ENTERED, Kind.QUESTION, Kind.OWN_APPLICATION), ABOUT_APPLICATION
    ),
    Kind.SIGNATURE: ABOUT_FUND,
    Kind.CONFIRMATION: ABOUT_ACCOUNT,
    Kind.MERGE: ABOUT_RECORDS,
    Kind.IMPORT: ABOUT_IMPORT,
    Kind.CAMPAIGN: ABOUT_ANYTHING,
    Kind.OVERSIGHT: ABOUT_ANYTHING,
}

# Whom a kind can reach: those who hold one of these.
REACHES: dict[str, tuple[str, ...]] = {
    Kind.CASE_GIVEN: (grievances.WORK_GRIEVANCES, grievances.DRAFT_GRIEVANCES),
    Kind.CASE_WAITS: (grievances.ASSIGN_GRIEVANCES, grievances.ARBITRATE_GRIEVANCES),
    Kind.CASE_MOVES: (grievances.VIEW_GRIEVANCES,),
    Kind.DEADLINE: (grievances.VIEW_GRIEVANCES, grievances.DRAFT_GRIEVANCES),
    Kind.OWN_CASE: (grievances.VIEW_OWN_GRIEVANCES,),
    Kind.REVIEW: tuple(REVIEW_PERMISSIONS.values()),
    Kind.OVERDUE: tuple(REVIEW_PERMISSIONS.values()),
    Kind.PAYMENT: (benevolence.PAY,),
    Kind.ENTERED: (benevolence.APPLY_FOR_MEMBER,),
    Kind.QUESTION: (benevolence.VIEW_OWN_APPLICATIONS,),
    Kind.SIGNATURE: (benevolence.COUNTERSIGN,),
    Kind.FUND: (benevolence.VIEW_FUND,),
    Kind.OWN_APPLICATION: (benevolence.VIEW_OWN_APPLICATIONS,),
    Kind.CONFIRMATION: (accounts.CONFIRM_ROLES,),
    Kind.MERGE: (members.MERGE_MEMBERS,),
    Kind.IMPORT: (members.RUN_IMPORTS, grievances.IMPORT_GRIEVANCES, benevolence.IMPORT_PAST_HELP),
    Kind.CAMPAIGN: (organizing.VIEW_CAMPAIGNS,),
    Kind.OVERSIGHT: (organizing.OVERSEE_CAMPAIGNS,),
}


@dataclass(frozen=True, slots=True)
class Turn:
    """One event, its subject as it stands now, and the record that is told about."""

    event: AuditEvent
    subject: Any
    about: Any


People = Iterable[User | None]


def itself(subject: Any, event: AuditEvent) -> Any:
    return subject


@dataclass(frozen=True, slots=True)
class Telling:
    """`says` stands in the portal, where only the person reads it. `about` None: there is nothing to tell.

    `actor_too`: what they began goes on without them, and they wait for its end. `asks`: they are to do something, and
    the notice is old news as soon as `whom` does not name them any more.
    """

    kind: Kind
    says: Any
    whom: Callable[[Turn], People]
    about: Callable[[Any, AuditEvent], models.Model | None] = itself
    actor_too: bool = False
    asks: bool = False


# --- grievances -----------------------------------------------------------------------------------------


def draft_of(case: Any, event: AuditEvent) -> GrievanceIntake | None:
    return GrievanceIntake.objects.filter(filed_as=case).select_related("drafted_by").first()


def drafter(turn: Turn) -> People:
    return [turn.about.drafted_by]


def who_files(turn: Turn) -> People:
    return [] if turn.about.filed_as_id else [turn.about.drafted_by]


def representative(turn: Turn) -> People:
    return [] if turn.about.is_resolved else [turn.about.assigned_rep]


def stand_ins(about: Any) -> People:
    """Who works a case beside its representative, or a draft beside its drafter, who is away."""
    if isinstance(about, GrievanceIntake):
        return [away.stand_in for away in stand_ins_of(about.drafted_by_id)]
    return about.stand_ins


def stand_in(turn: Turn) -> People:
    return [] if turn.about.is_over or turn.about.is_called_off else [turn.about.stand_in]


def of_absence(turn: Turn) -> People:
    return [turn.about.person, turn.about.stand_in]


def reminded(turn: Turn) -> People:
    """Whoever has the case or the draft, and a stand-in; of nobody's case, and of the last reminders, the chair too.

    Of a restricted case whose representative is away, its named people.
    """
    about = turn.about
    person = about.drafted_by if isinstance(about, GrievanceIntake) else about.assigned_rep
    if person is None or turn.event.body.get("data", {}).get("to_the_chair"):
        return [person, *stand_ins(about), *over_all(about)]
    return [person, *stand_ins(about), *(named_people(about) if is_left(about) else ())]


def told_of_lateness(turn: Turn) -> People:
    """As `reminded`, and always the chair."""
    about = turn.about
    person = about.drafted_by if isinstance(about, GrievanceIntake) else about.assigned_rep
    return [person, *stand_ins(about), *over_all(about)]


def over_all(about: Any) -> People:
    """The chair, and the named people of a restricted case, which the chair may not see."""
    return [*User.objects.holding(grievances.HEAR_DEADLINES), *named_people(about)]


def named_people(about: Any) -> People:
    is_restricted = not isinstance(about, GrievanceIntake) and about.is_restricted
    return about.named_people.all() if is_restricted else []


def is_left(about: Any) -> bool:
    """Whether it is a restricted case whose representative is away: a stand-in may be none of its named people."""
    if isinstance(about, GrievanceIntake) or not about.is_restricted:
        return False
    return Away.objects.at(timezone.now()).filter(person=about.assigned_rep_id).exists()


def workers(turn: Turn) -> People:
    return [turn.about.assigned_rep, *stand_ins(turn.about), turn.about.filed_by]


def assigners(turn: Turn) -> People:
    case = turn.about
    waits = case.assigned_rep_id is None and not case.is_resolved
    return User.objects.holding(grievances.ASSIGN_GRIEVANCES) if waits else []


def asked(turn: Turn) -> People:
    """Whoever may give the case to somebody who asks for it."""
    waits = not turn.about.is_resolved and turn.about.asked_by.exists()
    return User.objects.holding(grievances.ASSIGN_GRIEVANCES) if waits else []


def arbitrators(turn: Turn) -> People:
    """Whoever takes a case to arbitration, once the last step ended with a denial."""
    waits = Grievance.objects.denied_at_the_last_step().filter(pk=turn.about.pk).exists()
    return User.objects.holding(grievances.ARBITRATE_GRIEVANCES) if waits else []


def named(turn: Turn) -> People:
    return turn.about.named_people.all()


def accounts_of(people: models.QuerySet) -> models.QuerySet[User]:
    """Those whose link with one of these members' records is confirmed."""
    return User.objects.filter(member__in=people, link_epoch=F("identity_epoch"))


def grievants(turn: Turn) -> People:
    return accounts_of(turn.about.grievants.values("member"))


# --- benevolence ----------------------------------------------------------------------------------------


def applicant(turn: Turn) -> People:
    return accounts_of(Member.objects.same_person(turn.about.member_id).values("pk"))


def entrant(turn: Turn) -> People:
    return [turn.about.entered_by]


def if_asked(whom: Callable[[Turn], People]) -> Callable[[Turn], People]:
    """Those, while the question is open."""
    return lambda turn: whom(turn) if turn.about.is_awaiting_applicant else []


def level_due(turn: Turn) -> People:
    """Whoever may decide at the level that is due now."""
    application = turn.about
    if not application.is_in_review or application.is_awaiting_applicant:
        return []
    return [user for user in who_acts(application) if not may_review(application, user)]


def level_left(turn: Turn) -> People:
    """Whoever had it at the level at which the step was taken."""
    level = turn.event.body.get("data", {}).get("level")
    return User.objects.holding(REVIEW_PERMISSIONS[Level(level)]) if level else []


def paper_officers(turn: Turn) -> People:
    """Whoever may confirm what was recorded of the paper."""
    holders = User.objects.holding(benevolence.CONFIRM_PAPER)
    return [user for user in holders if not may_carry_over(turn.about, user)]


def named_on_paper(turn: Turn) -> People:
    return list(User.objects.filter(pk__in=turn.about.reviews.values("reviewer")))


def payers(turn: Turn) -> People:
    return who_pays(turn.about) if turn.about.status == ApplicationStatus.APPROVED else []


def payment_of(application: Any, event: AuditEvent) -> Payment | None:
    """The payment that was made, signed or voided; of a run the first, which stands for all of it."""
    made = payments_of(application)
    if event.action == BenevolenceAction.SIGNED:
        return made.filter(voucher_number=event.body.get("data", {}).get("voucher", "")).first()
    at = "voided_at" if event.action == BenevolenceAction.PAYMENT_VOIDED else "created_at"
    payment = made.filter(**{f"{at}__lte": event.at}).order_by(at).last()
    if payment is None or payment.run_id is None or event.action != BenevolenceAction.PAID:
        return payment
    first = Payment.objects.filter(run=payment.run_id).order_by("voucher_number").first()
    return payment if payment == first else None


def signers(turn: Turn) -> People:
    """Whoever may sign it as the second person, while it waits for that."""
    waits = Payment.objects.filter(pk=turn.about.pk)
    holders = User.objects.holding(benevolence.COUNTERSIGN)
    return [user for user in holders if user.is_known and waits.waiting_for_signature(user).exists()]


def keepers(turn: Turn) -> People:
    """Whoever looks after the fund."""
    return User.objects.holding(benevolence.VIEW_FUND)


def if_granted(whom: Callable[[Turn], People]) -> Callable[[Turn], People]:
    """Those, once the last level has approved."""
    return lambda turn: whom(turn) if turn.about.approved_on else []


# --- accounts, members, imports -------------------------------------------------------------------------


def confirmers(turn: Turn) -> People:
    """Officers who can confirm the person, or what waits for them."""
    waits = turn.subject.assignments.waiting(timezone.now()).exists() or turn.subject.rests
    return confirming.who_confirms(turn.subject) if waits and not turn.subject.invited_at else []


def merge_of(kept: Any, event: AuditEvent) -> MergeRequest | None:
    """The latest that was asked for these two, told of the record that stays; the other one has an event too."""
    data = event.body.get("data", {})
    second = data.get("second") or data.get("merged")
    return MergeRequest.objects.filter(kept=kept, duplicate=second).order_by("-created_at").first()


def mergers(turn: Turn) -> People:
    holders = User.objects.holding(members.MERGE_MEMBERS)
    return [user for user in holders if not merging.why_not(turn.about, user)]


def asker(turn: Turn) -> People:
    return [] if turn.about.state == MergeState.ASKED else [turn.about.asked_by]


def importers(turn: Turn) -> People:
    return [turn.about.uploaded_by, turn.about.applied_by]


# --- the vault ------------------------------------------------------------------------------------------


def campaign_of(subject: Any, event: AuditEvent) -> Campaign:
    return subject.campaign


def assigned(turn: Turn) -> People:
    return [turn.subject.user]


def handler(turn: Turn) -> People:
    return [turn.subject.handler]


def handler_and_lead(turn: Turn) -> People:
    lead = CampaignAssignment.objects.live().filter(campaign=turn.about.campaign_id, duty=Duty.LEAD)
    return [turn.about.campaign_member.handler, *User.objects.filter(pk__in=lead.values("user"))]


def led_by(subject: Any, event: AuditEvent) -> Campaign | None:
    """A running campaign of this person that waits for the director; one page shows them all."""
    leading = CampaignAssignment.objects.in_term().filter(duty=Duty.LEAD, user=subject)
    running = Campaign.objects.running().filter(pk__in=leading.values("campaign"))
    able = User.objects.holding(organizing.VIEW_CAMPAIGNS).filter(pk=subject.pk).exists()
    if able:
        running = running.exclude(pk__in=leading.live().values("campaign"))
    return running.order_by("sort_name", "pk").first()


def directors(turn: Turn) -> People:
    return User.objects.holding(organizing.OVERSEE_CAMPAIGNS)


# --- the table ------------------------------------------------------------------------------------------

# Of the vault no more than this, on the screen either.
SOMETHING = _("There is something new for you")
CASE_GOES_ON = Telling(Kind.CASE_MOVES, _("A case goes on"), workers)
CASE_ENDS = Telling(Kind.CASE_MOVES, _("A case has ended"), workers)
OWN_CASE_GOES_ON = Telling(Kind.OWN_CASE, _("Your case goes on"), grievants)
OWN_CASE_ENDS = Telling(Kind.OWN_CASE, _("Your case has ended"), grievants)
TO_ASSIGN = Telling(Kind.CASE_WAITS, _("A case waits to be assigned"), assigners, asks=True)
TO_ARBITRATE = Telling(
    Kind.CASE_WAITS, _("A case was denied at the last step and waits for you"), arbitrators, asks=True
)
OF_A_LEAD = Telling(Kind.OVERSIGHT, SOMETHING, directors, led_by)
TO_DECIDE = Telling(Kind.REVIEW, _("An application waits for your decision"), level_due, asks=True)
# Also beside what ends it: then nobody is asked any more.
TO_SIGN = Telling(Kind.SIGNATURE, _("A payment waits for your signature"), signers, payment_of, asks=True)
TO_CONFIRM = Telling(Kind.CONFIRMATION, _("An account waits for your confirmation"), confirmers, asks=True)


def _to_applicant(own: Any, entered: Any) -> tuple[Telling, ...]:
    """Whoever applied, and whoever entered it for them."""
    return Telling(Kind.OWN_APPLICATION, own, applicant), Telling(Kind.ENTERED, entered, entrant)


TELLING: dict[str, tuple[Telling, ...]] = {
    GrievanceAction.DRAFT_HANDED_OVER: (
        Telling(Kind.CASE_GIVEN, _("A draft was handed over to you"), who_files, asks=True),
    ),
    GrievanceAction.FILED: (
        TO_ASSIGN,
        Telling(Kind.CASE_MOVES, _("A draft of yours was filed"), drafter, draft_of),
        Telling(Kind.OWN_CASE, _("A case of yours was filed"), grievants),
    ),
    GrievanceAction.ASSIGNED: (
        Telling(Kind.CASE_GIVEN, _("A case was assigned to you"), representative, asks=True),
        Telling(Kind.CASE_MOVES, _("A case has a representative"), workers),
    ),
    GrievanceAction.ASKED_FOR: (Telling(Kind.CASE_WAITS, _("Somebody asks you for a case"), asked, asks=True),),
    GrievanceAction.UNASSIGNED: (TO_ASSIGN, CASE_GOES_ON),
    GrievanceAction.INVESTIGATE: (CASE_GOES_ON, OWN_CASE_GOES_ON),
    GrievanceAction.HOLD_MEETING: (CASE_GOES_ON, OWN_CASE_GOES_ON),
    GrievanceAction.RECORD_MEETING: (CASE_GOES_ON,),
    GrievanceAction.RECORD_ANSWER: (TO_ARBITRATE, CASE_GOES_ON),
    GrievanceAction.STEP_SUPERSEDED: (TO_ARBITRATE, CASE_GOES_ON),
    GrievanceAction.ANSWER_SUPERSEDED: (TO_ARBITRATE, CASE_GOES_ON),
    GrievanceAction.DOCUMENT_SHARED: (
        Telling(Kind.OWN_CASE, _("A document of your case was shared with you"), grievants),
    ),
    GrievanceAction.ADVANCE: (CASE_GOES_ON, OWN_CASE_GOES_ON),
    GrievanceAction.DEFAULTED: (
        Telling(Kind.CASE_MOVES, _("The employer did not answer, so a case moved on"), workers),
        OWN_CASE_GOES_ON,
    ),
    GrievanceAction.DEADLINE_NEAR: (Telling(Kind.DEADLINE, _("A deadline is near"), reminded),),
    GrievanceAction.DEADLINE_MISSED: (Telling(Kind.DEADLINE, _("A deadline has passed"), told_of_lateness),),
    GrievanceAction.AWAY_MARKED: (
        Telling(Kind.CASE_GIVEN, _("You stand in for somebody who is away"), stand_in, asks=True),
    ),
    GrievanceAction.AWAY_ENDED: (Telling(Kind.CASE_MOVES, _("An absence has ended"), of_absence),),
    GrievanceAction.EXTENSION_CONFIRMED: (CASE_GOES_ON,),
    GrievanceAction.DEMAND_ARBITRATION: (CASE_GOES_ON, OWN_CASE_GOES_ON),
    GrievanceAction.ABEYANCE_BEGUN: (
        Telling(Kind.CASE_MOVES, _("A case rests for now"), workers),
        Telling(Kind.OWN_CASE, _("Your case rests for now"), grievants),
    ),
    GrievanceAction.ABEYANCE_CONFIRMED: (CASE_GOES_ON,),
    GrievanceAction.ABEYANCE_ENDED: (CASE_GOES_ON, OWN_CASE_GOES_ON),
    GrievanceAction.UNTIMELY_CLAIMED: (CASE_GOES_ON,),
    GrievanceAction.UNTIMELY_CLEARED: (CASE_GOES_ON,),
    GrievanceAction.HEARING_SET: (CASE_GOES_ON, OWN_CASE_GOES_ON),
    GrievanceAction.HEARING_CANCELLED: (CASE_GOES_ON, OWN_CASE_GOES_ON),
    GrievanceAction.AWARD_RECORDED: (
        Telling(Kind.CASE_MOVES, _("An arbitrator has decided a case"), workers),
        Telling(Kind.OWN_CASE, _("The arbitrator has decided your case"), grievants),
    ),
    GrievanceAction.AWARD_REPLACED: (CASE_GOES_ON,),
    GrievanceAction.BRIEF_CAME: (CASE_GOES_ON,),
    GrievanceAction.SETTLE: (CASE_ENDS, OWN_CASE_ENDS),
    GrievanceAction.WITHDRAW: (CASE_ENDS, OWN_CASE_ENDS),
    GrievanceAction.CLOSE: (CASE_ENDS, OWN_CASE_ENDS),
    GrievanceAction.REOPEN: (
        TO_ASSIGN,
        Telling(Kind.CASE_MOVES, _("A case was reopened"), workers),
        Telling(Kind.OWN_CASE, _("Your case was reopened"), grievants),
    ),
    GrievanceAction.RESTRICTED: (
        Telling(Kind.CASE_MOVES, _("A case was restricted to you and other named people"), named),
    ),
    GrievanceAction.RESTRICTION_LIFTED: (Telling(Kind.CASE_MOVES, _("A case is no longer restricted"), workers),),
    BenevolenceAction.SUBMITTED: (
        TO_DECIDE,
        *_to_applicant(_("Your application was submitted"), _("An application was submitted")),
    ),
    BenevolenceAction.PAPER_RECORDED: (
        Telling(Kind.CONFIRMATION, _("Paper decisions wait for your confirmation"), paper_officers, asks=True),
    ),
    BenevolenceAction.CARRIED_OVER: (
        TO_DECIDE,
        Telling(Kind.REVIEW, _("A decision of yours on paper was recorded"), named_on_paper),
        Telling(Kind.PAYMENT, _("An application waits for your payment"), payers, asks=True),
        *_to_applicant(_("Your application was taken over into the portal"), _("An application was taken over")),
    ),
    BenevolenceAction.AMENDED: (
        TO_DECIDE,
        *_to_applicant(_("Your application was changed"), _("An application was changed")),
    ),
    BenevolenceAction.WITHDRAWN: (
        Telling(Kind.REVIEW, _("An application that reached you was withdrawn"), level_left),
        *_to_applicant(_("Your application was withdrawn"), _("An application was withdrawn")),
    ),
    BenevolenceAction.ASKED: (
        Telling(Kind.QUESTION, _("There is a question about your application"), if_asked(applicant), asks=True),
        Telling(Kind.ENTERED, _("There is a question about an application"), if_asked(entrant), asks=True),
    ),
    BenevolenceAction.ANSWERED: (
        Telling(Kind.REVIEW, _("A question was answered; the application waits for you"), level_due, asks=True),
        *_to_applicant(_("The question about your application was answered"), _("A question was answered")),
    ),
    BenevolenceAction.APPROVED: (
        TO_DECIDE,
        Telling(Kind.PAYMENT, _("An application waits for your payment"), payers, asks=True),
        Telling(Kind.OWN_APPLICATION, _("Your application is decided"), if_granted(applicant)),
        Telling(Kind.ENTERED, _("An application is decided"), if_granted(entrant)),
    ),
    BenevolenceAction.DENIED: _to_applicant(_("Your application is decided"), _("An application is decided")),
    BenevolenceAction.VOIDED: (
        TO_DECIDE,
        *_to_applicant(_("Your application is looked at anew"), _("An application is looked at anew")),
    ),
    BenevolenceAction.PAYMENT_VOIDED: (
        Telling(Kind.PAYMENT, _("A payment is void; the application waits for payment again"), payers, asks=True),
        *_to_applicant(_("The payment for your application is made anew"), _("A payment is made anew")),
        TO_SIGN,
    ),
    BenevolenceAction.SIGNED: (TO_SIGN,),
    BenevolenceAction.FUND_LOW: (Telling(Kind.FUND, _("The fund is low"), keepers),),
    BenevolenceAction.OVERDUE: (
        Telling(Kind.OVERDUE, _("A level is late; the application waits for you"), level_due, asks=True),
    ),
    BenevolenceAction.SUBSTITUTE_APPOINTED: (
        Telling(Kind.REVIEW, _("You were appointed for one application"), level_due, asks=True),
    ),
    BenevolenceAction.PREPARED: (TO_DECIDE,),
    BenevolenceAction.PAID: (
        *_to_applicant(_("Your application was paid"), _("An application was paid")),
        TO_SIGN,
    ),
    BenevolenceAction.HANDED_OVER: (
        Telling(Kind.ENTERED, _("An application was given to you to look after"), entrant),
    ),
    AccountAction.ROLE_PROPOSED: (
        Telling(Kind.CONFIRMATION, _("A role waits for your confirmation"), confirmers, asks=True),
    ),
    AccountAction.INVITATION_ACCEPTED: (TO_CONFIRM,),
    AccountAction.PASSWORD_ISSUED: (TO_CONFIRM,),
    AccountAction.FACTOR_REMOVED: (TO_CONFIRM,),
    AccountAction.USER_CHANGED: (TO_CONFIRM,),
    AccountAction.PERSON_CONFIRMED: (OF_A_LEAD,),
    AccountAction.USER_DEACTIVATED: (OF_A_LEAD,),
    AccountAction.ROLE_ENDED: (OF_A_LEAD,),
    MemberAction.MERGE_ASKED: (
        Telling(Kind.MERGE, _("A merge of two records waits for a second person"), mergers, merge_of, asks=True),
    ),
    MemberAction.MERGE_DECLINED: (Telling(Kind.MERGE, _("A merge that you asked for was declined"), asker, merge_of),),
    MemberAction.MEMBER_MERGED: (Telling(Kind.MERGE, _("A merge that you asked for is carried out"), asker, merge_of),),
    ImportAction.CHECKED: (
        Telling(Kind.IMPORT, _("An import is checked; look at it and apply it"), importers, actor_too=True),
    ),
    ImportAction.STOPPED: (Telling(Kind.IMPORT, _("The check of an import stopped"), importers, actor_too=True),),
    ImportAction.APPLIED: (Telling(Kind.IMPORT, _("An import is finished"), importers, actor_too=True),),
    ImportAction.UNDONE: (Telling(Kind.IMPORT, _("An import was undone"), importers),),
    ImportAction.DISCARDED: (Telling(Kind.IMPORT, _("An import was discarded"), importers),),
    OrganizingAction.CAMPAIGN_CLOSED: (Telling(Kind.OVERSIGHT, SOMETHING, directors),),
    OrganizingAction.APPOINTED: (Telling(Kind.CAMPAIGN, SOMETHING, assigned, campaign_of),),
    OrganizingAction.ASSIGNMENT_CONFIRMED: (Telling(Kind.CAMPAIGN, SOMETHING, assigned, campaign_of),),
    OrganizingAction.SALT_ADDED: (Telling(Kind.CAMPAIGN, SOMETHING, handler, campaign_of),),
    OrganizingAction.SALT_HANDLED: (Telling(Kind.CAMPAIGN, SOMETHING, handler, campaign_of),),
    OrganizingAction.ACTIVITY_LOGGED: (Telling(Kind.CAMPAIGN, SOMETHING, handler_and_lead),),
}

# Nobody is told of these, but with them ends what somebody was asked to do.
ENDING = (AccountAction.ROLE_CONFIRMED, AccountAction.ROLE_DECLINED, AccountAction.ROLE_CALLED_OFF)


# --- what is done with it -------------------------------------------------------------------------------


def tell() -> None:
    """Tell everybody of what happened since the last time."""
    notices.look([*TELLING, *ENDING], told_of, SENTENCES, no_longer_asked)


def send_digests() -> None:
    notices.send_digests(SENTENCES)


def told_of(event: AuditEvent) -> Iterator[Told]:
    """Each person once, by the first line of the table that names them."""
    subject, told = subject_of(event), set[int]()
    for line in TELLING.get(event.action, ()) if subject is not None else ():
        about = line.about(subject, event)
        if about is None:
            continue
        for user in line.whom(Turn(event, subject, about)):
            if user is not None and user.pk not in told and hears(user, line, event, about):
                told.add(user.pk)
                yield Told(user, event, line.kind, about, reference_of(about))


def subject_of(event: AuditEvent) -> Any:
    return apps.get_model(event.subject_type)._default_manager.filter(pk=event.subject_id).first()


def no_longer_asked(event: AuditEvent) -> Iterator[Notice]:
    """Unread notices of what the event is about that ask somebody for what does not wait for them any more."""
    subject = subject_of(event)
    lines = TELLING.get(event.action, ()) if subject is not None else ()
    for about in {subject, *(line.about(subject, event) for line in lines)} - {None}:
        earlier = Notice.objects.unread().about(about).exclude(event=event)
        for notice in earlier.select_related("event", "user"):
            line = line_of(notice)
            if line and line.asks and notice.user not in line.whom(Turn(notice.event, about, about)):
                yield notice


def hears(user: User, line: Telling, event: AuditEvent, about: models.Model) -> bool:
    """Whether the person can sign in, has to do with it, did not do it themselves and sees the record now."""
    if not (user.is_active and user.is_verified) or (user.pk == event.actor_id and not line.actor_too):
        return False
    return may(user, REACHES[line.kind]) and rows_of(line.kind, type(about), user).filter(pk=about.pk).exists()


def rows_of(kind: str, model: type[models.Model], user: User) -> models.QuerySet:
    """Those that the person sees; a director hears of campaigns without being inside them."""
    return Campaign.objects.overseen_by(user) if kind == Kind.OVERSIGHT else records.visible(model, user)


def reference_of(about: models.Model) -> str:
    """The number by which people call it, where it has one; of anything else nothing is told."""
    if isinstance(about, Grievance):
        return about.grievance_number
    return about.application_number or "" if isinstance(about, BenevolenceApplication) else ""


# Always mailed at once: nobody switches a deadline off.
FIXED = (Kind.OVERDUE, Kind.DEADLINE)


def kinds_for(user: User) -> list[Kind]:
    """Those that can reach the person by a role of theirs, and that they choose a way for."""
    return [kind for kind in Kind if kind not in FIXED and may(user, REACHES[kind])]


def says(notice: Notice) -> str:
    """What the portal says of it, to the person alone; the event's action is read with the row."""
    line = line_of(notice)
    return str(line.says if line else SOMETHING)


def line_of(notice: Notice) -> Telling | None:
    lines = TELLING.get(notice.event.action, ())
    return next((line for line in lines if line.kind == notice.kind), None)


def place_of(notice: Notice, user: User) -> str:
    """Where the person reads on; "" when the record is not theirs to see any more."""
    rows = rows_of(notice.kind, apps.get_model(notice.subject_type), user)
    found = rows.filter(pk=notice.subject_id).first()
    if found is None:
        return ""
    return reverse("oversight") if notice.kind == Kind.OVERSIGHT else found.get_absolute_url()
