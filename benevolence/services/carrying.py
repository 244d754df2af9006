"""An application that was on its way before the portal is carried over with its paper decisions.

Once the fund is opened here, what is asked for later is submitted: no paper goes past the caps, the budget and a pause.

Two people stand behind it. Somebody of the office, who may apply for members, enters the draft and records its day and
who decided what on paper. An officer who did neither, is not named in it and is not the applicant compares it with the
paper and confirms it; only then do the decisions count. So nobody decides by this door for himself, nor alone for
somebody else, and payers have no part in it. The people named can neither decide another level nor pay, as if they had
decided here; the same holds for who confirmed.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any, cast

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from benevolence import permissions as p
from benevolence.enums import BenevolenceAction, Decision, Status, position_of
from benevolence.models import TEXT_LENGTH, BenevolenceApplication, BenevolenceReview, PaperDecision, PaperFile
from benevolence.services import fund, intake, paper, payees, turns
from benevolence.services.applications import NUMBER_PREFIX
from benevolence.services.paper import OnPaper
from benevolence.services.policies import locked_policy_on
from benevolence.services.reviews import NAME_LENGTH
from benevolence.services.steps import end_review, take_step
from benevolence.services.workflow import is_mine, stands_apart
from core.audit import trail
from core.errors import DomainError
from core.permissions import Actor, allow
from core.records import records
from core.records.numbers import yearly_number


def record_paper(
    application: BenevolenceApplication,
    *,
    actor: Actor,
    applied_on: date,
    decisions: Sequence[OnPaper],
    version: int | None = None,
) -> BenevolenceApplication:
    """Keep what the paper says of a draft, in place of what was recorded before. Raises ValidationError by field."""
    allow(actor, p.APPLY_FOR_MEMBER)
    clerk = cast(User, actor)
    with transaction.atomic():
        application = records.lock(application, actor=actor, version=version)
        if is_mine(application, actor):
            raise PermissionDenied(p.APPLY_FOR_MEMBER)
        if application.status != Status.DRAFT:
            raise DomainError(_("This application is in review already. Its levels decide in the portal."))
        if refused := stands_apart(application, actor):
            raise DomainError(refused)
        if wrong := paper.faults(application, applied_on, decisions, recorder=clerk):
            raise ValidationError(wrong)
        PaperFile.objects.filter(application=application).delete()
        file = PaperFile(application=application, applied_on=applied_on, recorded_by=clerk)
        records.save(file)
        for one in decisions:
            row: Any = PaperDecision(file=file, level=one.level, decider=one.decider, decided_on=one.decided_on)
            row.amount, row.reference = one.amount, one.reference
            records.save(row)
        application.version += 1
        application.save()
        trail.record(application, BenevolenceAction.PAPER_RECORDED, actor=actor, levels=len(decisions))
    return application


def carry_over(
    application: BenevolenceApplication, *, actor: Actor | None, version: int | None = None
) -> BenevolenceApplication:
    """Confirm what was recorded: the application gets its day and number and stands at the next level."""
    with take_step(application, "carry_over", actor=actor, version=version) as application:
        file: Any = PaperFile.objects.select_related("recorded_by").get(application=application)
        decisions = paper.on_paper(file)
        application.application_date = file.applied_on
        application.policy = locked_policy_on(file.applied_on)
        needed = paper.needed_levels(application, file.applied_on)
        application.is_blind = application.policy.is_blind
        # What was decided on paper was looked into on paper; blind reviewers still need their text.
        application.needs_intake = intake.is_asked(application) and (application.is_blind or not decisions)
        payees.settle(application)
        application.application_number = yearly_number(NUMBER_PREFIX, file.applied_on)
        file.confirmed_by, file.confirmed_at = cast(User, actor), timezone.now()
        file.version += 1
        records.save(file)
        # The database asks for the levels of these rules when money is set aside, before the step saves the rest.
        BenevolenceApplication.objects.filter(pk=application.pk).update(policy=application.policy)
        unmet = paper.unmet(application, file, tells=True)
        for one in decisions:
            _review(application, one, file, unmet)
            payees.restate(application, one.amount, {})
        _place(application, decisions, needed, actor)
    return application


def _place(application: Any, decisions: Sequence[OnPaper], needed: Sequence[str], actor: Actor | None) -> None:
    """At the level after the last that decided; with all of them granted, so that it waits for its payment."""
    if len(decisions) < len(needed):
        application.level_due = needed[len(decisions)]
        application.level_reached = position_of(application.level_due)
        turns.begin(application)
        return
    end_review(application)
    last = decisions[-1]
    application.level_reached = position_of(last.level)
    application.approved_amount, application.approved_on = last.amount, last.decided_on
    fund.set_aside(application, last.amount, actor=actor)


def _review(application: BenevolenceApplication, one: OnPaper, file: Any, unmet: Sequence[str]) -> None:
    """The record of a level names the paper wherever it is read, and what of the rules was not met."""
    name = _("%(name)s, on paper") % {"name": one.decider.full_name}
    said = {"reference": one.reference, "clerk": file.recorded_by.full_name, "officer": file.confirmed_by.full_name}
    comments = _("Decided on paper (%(reference)s), recorded by %(clerk)s, confirmed by %(officer)s.") % said
    if unmet:
        comments = "\n".join([comments, _("The rules were not met when it was carried over:"), *unmet])[:TEXT_LENGTH]
    records.save(
        BenevolenceReview(
            application=application,
            reviewer=one.decider,
            reviewer_name=name[:NAME_LENGTH],
            review_level=one.level,
            decision=Decision.APPROVED,
            amount=one.amount,
            review_date=one.decided_on,
            comments=comments,
        )
    )
