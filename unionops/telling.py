"""Who is told what: the one table. As GRANTS (access.py) says who may what, TELLING says whom an act concerns.

An act is an event of the trail, read by `manage.py run_due`; the services know nothing of it. Judged by how things
stand then: nobody is told of a record that they do not see, of what they did themselves, or of a kind of thing that
no role of theirs has to do with. Of a campaign hear its lead, its handlers and whoever is appointed, never a salt; a
director hears that it has ended, or that its lead is to be confirmed or replaced. Of an emergency opening hear the
officers who can decide it, the lead, the deputy and the director, always at once.
What concerns an account itself is mailed to its person by accounts.services.notices.

The people that a line names are found in `hearers/`, one file a domain; the kinds of news stand in `hearers/kinds.py`.
"""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.enums import AccountAction
from accounts.models import User
from benevolence.enums import BenevolenceAction
from benevolence.models import BenevolenceApplication
from core.imports.enums import ImportAction
from core.mail import notices
from core.mail.notices import Told
from core.models import AuditEvent, Notice
from core.permissions import may
from core.records import records
from grievances.enums import GrievanceAction
from grievances.models import Grievance
from members.enums import MemberAction
from organizing.enums import OrganizingAction
from organizing.models import Campaign
from unionops.hearers.applications import (
    applicant,
    approvers,
    entrant,
    if_asked,
    if_granted,
    keepers,
    level_due,
    level_left,
    named_on_paper,
    paper_officers,
    payers,
    payment_of,
    signers,
)
from unionops.hearers.campaigns import (
    assigned,
    campaign_of,
    concerned,
    deciders,
    directors,
    handler,
    handler_and_lead,
    led_by,
)
from unionops.hearers.cases import (
    arbitrators,
    arbitrators_of_silence,
    asked,
    assigners,
    draft_of,
    drafter,
    grievants,
    named,
    of_absence,
    reminded,
    representative,
    stand_in,
    told_of_lateness,
    who_files,
    workers,
)
from unionops.hearers.kinds import FIXED, REACHES, SENTENCES, Kind
from unionops.hearers.lines import Telling, Turn
from unionops.hearers.records import asker, confirmers, importers, merge_of, mergers

# Of the vault no more than this, on the screen either.
SOMETHING = _("There is something new for you")
CASE_GOES_ON = Telling(Kind.CASE_MOVES, _("A case goes on"), workers)
CASE_ENDS = Telling(Kind.CASE_MOVES, _("A case has ended"), workers)
OWN_CASE_GOES_ON = Telling(Kind.OWN_CASE, _("Your case goes on"), grievants)
OWN_CASE_ENDS = Telling(Kind.OWN_CASE, _("Your case has ended"), grievants)
TO_ASSIGN = Telling(Kind.CASE_WAITS, _("A case waits to be assigned"), assigners, asks=True)
DENIED_AT_LAST = _("A case was denied at the last step and waits for you")
TO_ARBITRATE = Telling(Kind.CASE_WAITS, DENIED_AT_LAST, arbitrators, asks=True)
OF_A_LEAD = Telling(Kind.OVERSIGHT, SOMETHING, directors, led_by)
OF_AN_OPENING = Telling(Kind.OPENING, SOMETHING, concerned)
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
    GrievanceAction.DEADLINE_MISSED: (
        Telling(Kind.CASE_WAITS, DENIED_AT_LAST, arbitrators_of_silence, asks=True),
        Telling(Kind.DEADLINE, _("A deadline has passed"), told_of_lateness),
    ),
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
    BenevolenceAction.RELEASED: (
        Telling(Kind.REVIEW, _("What you approved is not paid in full"), approvers),
        *_to_applicant(
            _("What was left to pay of your application went back to the fund"),
            _("What was left to pay of an application went back to the fund"),
        ),
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
    OrganizingAction.OPENING_ASKED: (Telling(Kind.OPENING_WAITS, SOMETHING, deciders, asks=True), OF_AN_OPENING),
    OrganizingAction.OPENING_CONFIRMED: (OF_AN_OPENING,),
    OrganizingAction.OPENING_REFUSED: (OF_AN_OPENING,),
    OrganizingAction.OPENING_ENDED: (OF_AN_OPENING,),
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
