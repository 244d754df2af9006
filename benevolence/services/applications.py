"""What can be done with applications for help, and with the rules of the fund."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from typing import Any, cast

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from benevolence import permissions as p
from benevolence.enums import LEVELS, BenevolenceAction, Decision, Status, position_of
from benevolence.models import (
    ApplicantAnswer,
    BenevolenceApplication,
    BenevolencePolicy,
    BenevolenceReview,
    DeclaredRelationship,
)
from benevolence.services.policy import level_after
from benevolence.services.workflow import FLOW, above_a_cap, decides, is_applicants, is_mine
from core.audit import trail
from core.errors import DomainError, TransitionRefused
from core.permissions import Actor, allow, may
from core.records import one_row, records
from core.records.numbers import yearly_number
from core.site import local_today
from members.models import Member

NUMBER_PREFIX = "BN"
NAME_LENGTH = BenevolenceReview._meta.get_field("reviewer_name").max_length
REQUEST_FIELDS = ("reason", "description", "amount_requested", "needed_by")
INTAKE_FIELDS = (*REQUEST_FIELDS, "notes")


# --- the applicant and the office --------------------------------------------------------------------


def create_application(
    values: Mapping[str, Any], *, actor: Actor, member: Member | None = None
) -> BenevolenceApplication:
    """A draft for the actor's own record, or for `member`. Raises ValidationError by field."""
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
        return records.create(application, values, editable=editable_by(actor), actor=actor)


def editable_by(actor: Actor) -> tuple[str, ...]:
    """The fields of a draft that `actor` fills; notes are the office's."""
    return INTAKE_FIELDS if may(actor, p.APPLY_FOR_MEMBER) else REQUEST_FIELDS


def update_draft(
    application: BenevolenceApplication, values: Mapping[str, Any], *, actor: Actor, version: int | None = None
) -> BenevolenceApplication:
    """Raises EditConflict when `version` is not the current one."""
    allow(actor, p.REQUEST)
    with transaction.atomic():
        application = records.lock(application, actor=actor, version=version)
        if is_mine(application, actor):
            raise PermissionDenied(p.REQUEST)
        if application.status != Status.DRAFT:
            raise DomainError(_("This application is submitted. Use “Change the application” instead."))
        records.change(application, values, editable=editable_by(actor), actor=actor)
        return application


@contextmanager
def take_step(
    application: BenevolenceApplication, name: str, *, actor: Actor | None, version: int | None, reason: str = ""
) -> Iterator[BenevolenceApplication]:
    """FLOW.step under a lock on the person: of two applications decided at once, the second sees the first.

    The event names the level at which the step was taken.
    """
    with transaction.atomic():
        lock_person(application.member_id)
        level = BenevolenceApplication.objects.values_list("level_due", flat=True).get(pk=application.pk)
        data = {"level": level} if level else {}
        with FLOW.step(application, name, actor=actor, version=version, reason=reason, **data) as locked:
            yield locked


def lock_person(pk: int) -> None:
    """The member's record, the one it was merged into and those that may be the same, in the order of their keys."""
    same = Member.objects.perhaps_same(list(Member.objects.merged_with({pk})))
    list(Member.objects.select_for_update(of=("self",)).filter(pk__in=same.values("pk")).order_by("pk"))


def submit(
    application: BenevolenceApplication, *, actor: Actor | None, version: int | None = None
) -> BenevolenceApplication:
    """Give the application its day and its number, and hand it to the first level."""
    with take_step(application, "submit", actor=actor, version=version) as application:
        application.application_date = local_today()
        application.level_due = LEVELS[0]
        application.level_reached = 1
        application.application_number = yearly_number(NUMBER_PREFIX, application.application_date)
    return application


def withdraw(
    application: BenevolenceApplication, *, actor: Actor | None, reason: str = "", version: int | None = None
) -> BenevolenceApplication:
    """Applicants need not say why."""
    given = reason.strip() if is_applicants(application, actor) else stated("reason", reason)
    with take_step(application, "withdraw", actor=actor, version=version, reason=given) as application:
        end_review(application)
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
        start_again(application)
    return application


def start_again(application: BenevolenceApplication) -> None:
    """What was decided so far is void, and the first level is due."""
    now = timezone.now()
    application.reviews.filter(voided_at=None).update(voided_at=now, updated_at=now, version=F("version") + 1)
    end_review(application)
    application.level_due = LEVELS[0]


def answer(
    application: BenevolenceApplication, *, actor: Actor | None, text: str, version: int | None = None
) -> BenevolenceApplication:
    """Answer the open question; the review goes on at the same level."""
    with take_step(application, "answer", actor=actor, version=version) as application:
        asked = application.reviews.unanswered().latest("created_at")
        reply = ApplicantAnswer(review=asked, text=stated("text", text))
        reply.answered_by, reply.answered_at = cast(User, actor), timezone.now()
        records.save(reply)
        application.is_awaiting_applicant = False
    return application


# --- the levels ---------------------------------------------------------------------------------------


def start_review(
    application: BenevolenceApplication, *, actor: Actor | None, version: int | None = None
) -> BenevolenceApplication:
    with take_step(application, "start", actor=actor, version=version) as application:
        pass
    return application


def approve(
    application: BenevolenceApplication,
    *,
    actor: Actor | None,
    amount: Decimal,
    comments: str = "",
    version: int | None = None,
) -> BenevolenceApplication:
    """Approve at the level that is due, at most what the level before approved; the last level grants it."""
    with take_step(application, "approve", actor=actor, version=version) as application:
        most = most_to_approve(application)
        if amount <= 0:
            raise ValidationError({"amount": _("Enter an amount above zero, or deny the application.")})
        if amount > most:
            sentence = _("At most $%(most)s: a level may lower the amount, never raise it.")
            raise ValidationError({"amount": sentence % {"most": f"{most:,}"}})
        is_final, level = decides(application), application.level_due
        add_review(application, Decision.APPROVED, actor=actor, comments=comments, amount=amount)
        end_review(application)
        if is_final:
            grant(application, amount)
        else:
            application.level_due = level_after(level)
            application.level_reached = max(application.level_reached, position_of(application.level_due))
    return application


def grant(application: Any, amount: Decimal) -> None:
    application.approved_amount, application.approved_on = amount, local_today()


def most_to_approve(application: Any) -> Decimal:
    """What the last level approved, or what was asked for."""
    approvals = application.reviews.filter(decision=Decision.APPROVED, voided_at=None).order_by("created_at", "pk")
    last = approvals.last()
    return last.amount if last and last.amount is not None else application.amount_requested


def deny(
    application: BenevolenceApplication, *, actor: Actor | None, reason: str, version: int | None = None
) -> BenevolenceApplication:
    """The applicant reads the reason."""
    reason = stated("reason", reason)
    with take_step(application, "deny", actor=actor, version=version) as application:
        add_review(application, Decision.DENIED, actor=actor, comments=reason)
        end_review(application)
    return application


def ask(
    application: BenevolenceApplication, *, actor: Actor | None, question: str, version: int | None = None
) -> BenevolenceApplication:
    """The applicant reads the question; until they answer, the level can only deny."""
    question = stated("question", question)
    with take_step(application, "ask", actor=actor, version=version) as application:
        add_review(application, Decision.NEEDS_INFO, actor=actor, comments=question)
        application.is_awaiting_applicant, application.deferred_until = True, None
    return application


def defer(
    application: BenevolenceApplication, *, actor: Actor | None, until: date, comments: str, version: int | None = None
) -> BenevolenceApplication:
    """Leave the application at its level until a day to come; it may be decided earlier."""
    comments = stated("comments", comments)
    if until <= local_today():
        raise ValidationError({"until": _("Choose a day that is still to come.")})
    with take_step(application, "defer", actor=actor, version=version) as application:
        add_review(application, Decision.DEFERRED, actor=actor, comments=comments, deferred_until=until)
        application.deferred_until = until
    return application


def add_review(
    application: BenevolenceApplication, decision: Decision, *, actor: Actor | None, comments: str, **fields: Any
) -> BenevolenceReview:
    review = BenevolenceReview(
        application=application,
        reviewer=actor,
        reviewer_name=str(actor)[:NAME_LENGTH],
        review_level=application.level_due,
        decision=decision,
        review_date=local_today(),
        comments=comments.strip(),
        **fields,
    )
    records.save(review)
    return review


def end_review(application: BenevolenceApplication) -> None:
    """Nothing is due at a level, asked or put off any more."""
    application.level_due, application.is_awaiting_applicant, application.deferred_until = "", False, None


def stated(field: str, text: str) -> str:
    """`text` as it is kept. Raises ValidationError for `field` where nothing is said."""
    text = text.strip()
    if not text:
        raise ValidationError({field: _("Say it in a few words.")})
    return text


# --- stepping back, and the rules ---------------------------------------------------------------------


def declare_relationship(member: Member, kind: str, *, actor: Actor | None) -> DeclaredRelationship:
    """From now on `actor` neither sees nor decides what this member applies for."""
    allow(actor, p.DECLARE_RELATIONSHIP)
    with transaction.atomic():
        lock_person(member.pk)
        declared = DeclaredRelationship(user=actor, member=member, kind=kind, declared_at=timezone.now())
        records.save(declared)
        trail.record(declared, BenevolenceAction.RELATIONSHIP_DECLARED, actor=actor)
        return declared


def change_policy(values: Mapping[str, Any], *, actor: Actor | None, version: int | None = None) -> BenevolencePolicy:
    """See core.records.one_row.change."""
    return one_row.change(
        BenevolencePolicy,
        values,
        permission=p.CHANGE_POLICY,
        actor=actor,
        action=BenevolenceAction.POLICY_CHANGED,
        version=version,
    )
