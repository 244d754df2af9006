"""What applicants and the office do with applications for help."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from benevolence import permissions as p
from benevolence.enums import BenevolenceAction, DocumentCategory, Side, Status, position_of
from benevolence.models import (
    ApplicantAnswer,
    BenevolenceApplication,
    kind_label,
)
from benevolence.services import documents, fund, intake, payees, turns
from benevolence.services.facts import documents_missing
from benevolence.services.policies import locked_policy_on
from benevolence.services.steps import end_review, lock_as_seen, start_again, stated, take_step, to_intake
from benevolence.services.workflow import above_a_cap, duties, is_applicants, is_mine, payees_refused
from core.audit import trail
from core.enums import CoreAction
from core.errors import DomainError, TransitionRefused
from core.permissions import Actor, allow, may
from core.records import records
from core.records.numbers import yearly_number
from core.site import local_today
from members.models import Member
from members.services import matches

NUMBER_PREFIX = "BN"
REQUEST_FIELDS = ("reason", "description", "amount_requested", "needed_by")
DRAFT_FIELDS = (*REQUEST_FIELDS, "is_related_to_office")
INTAKE_FIELDS = (*DRAFT_FIELDS, "notes")


# --- the applicant and the office --------------------------------------------------------------------


def create_application(
    values: Mapping[str, Any],
    *,
    actor: Actor,
    member: Member | None = None,
    payee: Mapping[str, Any] | None = None,
) -> BenevolenceApplication:
    """A draft for the actor's own record, or for `member`; `payee` gets all of it. Raises ValidationError by field."""
    if member is None:
        allow(actor, p.APPLY)
        member = Member.objects.filter(pk=cast(User, actor).own_member_id).first()
        if member is None:
            raise DomainError(_("Your account is not linked to a member record. Ask the office to link it."))
    else:
        allow(actor, p.APPLY_FOR_MEMBER)
    if member.is_deleted:
        raise DomainError(_("This member's record is deleted. Restore it before you enter an application."))
    with transaction.atomic():
        application = BenevolenceApplication(member=member, entered_by=cast(User, actor))
        application = records.create(application, values, editable=editable_by(actor), actor=actor)
        payees.name_one(application, payee)
        return application


def editable_by(actor: Actor, application: BenevolenceApplication | None = None) -> tuple[str, ...]:
    """The fields of a draft that `actor` fills, in a new one where none is given.

    Notes are the office's: whoever belongs to it neither reads nor writes them in an application of their own.
    """
    is_office = may(actor, p.APPLY_FOR_MEMBER) and not (application and is_applicants(application, actor))
    return INTAKE_FIELDS if is_office else DRAFT_FIELDS


def update_draft(
    application: BenevolenceApplication,
    values: Mapping[str, Any],
    *,
    actor: Actor,
    payee: Mapping[str, Any] | None = None,
    version: int | None = None,
) -> BenevolenceApplication:
    """One `payee` gets all that is asked for; {} names nobody any more, None leaves the payees as they are.

    Raises EditConflict when `version` is not the current one.
    """
    allow(actor, p.REQUEST)
    with transaction.atomic():
        application = records.lock(application, actor=actor, version=version)
        if is_mine(application, actor):
            raise PermissionDenied(p.REQUEST)
        if application.status != Status.DRAFT:
            raise DomainError(_("This application is submitted. Use “Change the application” instead."))
        changed = records.change(application, values, editable=editable_by(actor, application), actor=actor)
        if payees.name_one(application, payee):
            if not changed:
                application.version += 1
                records.save(application)
            trail.record(application, CoreAction.CHANGED, actor=actor, changes=[{"field": "lines"}])
        return application


def submit(
    application: BenevolenceApplication, *, actor: Actor | None, version: int | None = None
) -> BenevolenceApplication:
    """Give the application its day and its number, and hand it to the first level."""
    with take_step(application, "submit", actor=actor, version=version) as application:
        application.application_date = local_today()
        application.policy = locked_policy_on(application.application_date)
        application.level_due = application.policy.levels[0]
        application.level_reached = position_of(application.level_due)
        payees.settle(application)
        application.is_blind = application.policy.is_blind
        application.needs_intake = intake.is_asked(application)
        matches.keep([application.member_id])
        application.application_number = yearly_number(NUMBER_PREFIX, application.application_date)
        turns.begin(application)
    return application


def withdraw(
    application: BenevolenceApplication, *, actor: Actor | None, reason: str = "", version: int | None = None
) -> BenevolenceApplication:
    """Applicants need not say why."""
    given = reason.strip() if is_applicants(application, actor) else stated("reason", reason)
    with take_step(application, "withdraw", actor=actor, version=version, reason=given) as application:
        end_review(application)
        fund.release(application, actor=actor)
    return application


def amend(
    application: BenevolenceApplication, *, actor: Actor | None, values: Mapping[str, Any], version: int | None = None
) -> BenevolenceApplication:
    """Change what is asked for: decisions so far are void, and the review starts again at the first level."""
    with take_step(application, "amend", actor=actor, version=version) as application:
        before = trail.values(application, REQUEST_FIELDS)
        records.assign(application, values, REQUEST_FIELDS)
        if before == trail.values(application, REQUEST_FIELDS):
            raise TransitionRefused(_("Nothing is different from what we have. Change something, or go back."))
        if application.amount_requested and (refused := above_a_cap(application, actor)):
            raise ValidationError({"amount_requested": refused})
        if application.reason != before["reason"] and (missing := documents_missing(application)):
            sentence = _("Add what is missing first: %(what)s.")
            raise ValidationError({"reason": sentence % {"what": ", ".join(map(kind_label, missing))}})
        start_again(application)
        application.intake_notes.filter(voided_at=None).update(voided_at=timezone.now())
        application.needs_intake = intake.is_asked(application)
    return application


def name_payees(
    application: BenevolenceApplication,
    named: Sequence[Mapping[str, Any]],
    *,
    actor: Actor | None,
    version: int | None = None,
) -> BenevolenceApplication:
    """Who is to be paid, and with that how much is asked for. Once it is submitted this is an amendment.

    Raises MoveConflict when `version` is not the current one.
    """
    if application.status != Status.DRAFT:
        with take_step(application, "amend", actor=actor, version=version) as application:
            if not ask_for(application, named):
                raise TransitionRefused(_("Nothing is different from what we have. Change something, or go back."))
            if refused := payees_refused(application) or above_a_cap(application, actor):
                raise DomainError(refused)
            start_again(application)
        return application
    allow(actor, p.REQUEST)
    with transaction.atomic():
        application = lock_as_seen(application, actor=actor, version=version)
        if is_mine(application, actor):
            raise PermissionDenied(p.REQUEST)
        if application.status != Status.DRAFT:
            raise DomainError(_("This application is submitted. Open it again to change the payees."))
        if ask_for(application, named):
            application.version += 1
            records.save(application)
            trail.record(application, CoreAction.CHANGED, actor=actor, changes=[{"field": "lines"}])
        return application


def ask_for(application: Any, named: Sequence[Mapping[str, Any]]) -> bool:
    """Write the payees and their sum; returns whether anything is new."""
    if not payees.write(application, named):
        return False
    application.amount_requested = payees.total_asked(application)
    return True


def knows_request(application: BenevolenceApplication, actor: Actor | None) -> bool:
    """Whether `actor` sees what is asked for now, for whom, and who is to be paid: the office no longer does."""
    return duties(application, actor).side in (Side.APPLICANT, Side.FULL)


def appeal(
    application: BenevolenceApplication, *, actor: Actor, values: Mapping[str, Any] | None = None
) -> BenevolenceApplication:
    """Begin a new application, which other people decide, with the same request and payees.

    `values`: what is asked for, from whoever does not know the request; they name the payees anew. Raises
    ValidationError by field.
    """
    allow(actor, p.REQUEST)
    with transaction.atomic():
        denied = records.lock(application, actor=actor, version=None)
        if refused := is_mine(denied, actor):
            raise PermissionDenied(refused)
        if denied.status != Status.DENIED:
            raise DomainError(_("Only a denied application can be appealed."))
        if denied.appeals.exclude(status=Status.WITHDRAWN).exists():
            raise DomainError(_("This denial is appealed already. Look for the appeal among the applications."))
        knows = knows_request(denied, actor)
        asked = {name: getattr(denied, name) for name in REQUEST_FIELDS} if knows else values or {}
        asked = {**asked, "is_related_to_office": denied.is_related_to_office}
        made = BenevolenceApplication(member=denied.member, entered_by=cast(User, actor), appeal_of=denied)
        made = records.create(made, asked, editable=DRAFT_FIELDS, actor=actor)
        if knows:
            payees.repeat(made, of=denied)
        trail.record(denied, BenevolenceAction.APPEALED, actor=actor)
        return made


def answer(
    application: BenevolenceApplication,
    *,
    actor: Actor | None,
    text: str = "",
    files: Sequence[UploadedFile] = (),
    category: str = DocumentCategory.ANSWER,
    version: int | None = None,
) -> BenevolenceApplication:
    """Answer the open question in words, with files, or both; the review goes on at the same level.

    `category`: what the files are, where they are also what the rules ask for.
    """
    if files and not text.strip():
        text = _("See what is attached.")
    with (
        documents.answering(application, files, category=category, actor=actor) as rows,
        take_step(application, "answer", actor=actor, version=version) as application,
    ):
        asked = application.reviews.unanswered().latest("created_at")
        documents.keep_answers(application, rows, question=asked, actor=actor)
        reply = ApplicantAnswer(review=asked, text=stated("text", text))
        reply.answered_by, reply.answered_at = cast(User, actor), timezone.now()
        records.save(reply)
        application.is_awaiting_applicant = False
        to_intake(application)
        turns.begin(application, keeps_substitute=True)
    return application
