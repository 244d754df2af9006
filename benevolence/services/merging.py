"""Two records of one member became one: applications follow, and what was decided is looked at again.

The latter also after an account was linked with another record.
"""

from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import IdentityChange, User
from accounts.permissions import CONFIRM_ROLES
from benevolence import permissions as p
from benevolence.enums import IN_REVIEW, BenevolenceAction, Status
from benevolence.models import BenevolenceApplication, BenevolenceReview, DeclaredRelationship, PastHelp, Payment
from benevolence.services import fund, payees, turns
from benevolence.services.steps import start_again
from benevolence.services.workflow import FLOW, is_partly_paid
from core.audit import trail
from core.mail import notifications
from core.permissions import Actor
from core.site import site_settings
from members.models import Member


def follow(kept: Member, duplicate: Member, *, actor: Actor) -> None:
    """Applications and declared relationships name the record that stayed; see `look_again`."""
    with transaction.atomic():
        rows = BenevolenceApplication.objects.of_person(kept).select_for_update(of=("self",)).order_by("pk")
        for application in rows:
            if application.member_id != duplicate.pk:
                application.save()  # its search knows the numbers that came
                continue
            application.member = kept
            application.version += 1
            application.save()
            payees.follow_member(application)
            changed = trail.changes(BenevolenceApplication, {"member": duplicate.pk}, {"member": kept.pk})
            trail.record(application, BenevolenceAction.MEMBER_MERGED, actor=actor, changes=changed)
        moved = {"member": kept, "version": F("version") + 1, "updated_at": timezone.now()}
        PastHelp.objects.filter(member=duplicate).update(**moved)
        declared = DeclaredRelationship.objects.filter(member=duplicate)
        declared.exclude(user__in=DeclaredRelationship.objects.filter(member=kept).values("user")).update(**moved)
        look_again(kept)
        turns.refresh()


def look_again(member: Member) -> None:
    """Whoever decided or paid may turn out to be the applicant: unpaid decisions are void, paid ones are reported."""
    people, rows = _of_their_own(member)
    for application in rows.order_by("pk"):
        if application.status == Status.PAID or is_partly_paid(application):
            _report(application, people)
        elif application.status in (*IN_REVIEW, Status.APPROVED):
            _void(application)


def void_own_decision(application: BenevolenceApplication) -> BenevolenceApplication:
    """Once its payments are void nothing keeps a decision of the applicant's own; see `look_again`."""
    _people, rows = _of_their_own(application.member)
    if application.status != Status.APPROVED or is_partly_paid(application) or not rows.filter(pk=application.pk):
        return application
    return _void(application)


def _of_their_own(member: Member) -> tuple[set[int], Any]:
    """The accounts of this person, and their applications in which one of them decided or paid."""
    person = Member.objects.same_person(member.pk).values("pk")
    linked = IdentityChange.objects.filter(Q(member_before__in=person) | Q(member_after__in=person))
    people = User.objects.filter(Q(member__in=person) | Q(pk__in=linked.order_by().values("user")))
    theirs = Q(pk__in=BenevolenceReview.objects.filter(reviewer__in=people, voided_at=None).values("application"))
    made = Payment.objects.live().filter(Q(paid_by__in=people) | Q(second_signer__in=people))
    paid = Q(pk__in=made.values("line__application"))
    rows = BenevolenceApplication.objects.of_person(member).filter(theirs | paid | Q(paid_by__in=people))
    return set(people.values_list("pk", flat=True)), rows


def _void(application: BenevolenceApplication) -> BenevolenceApplication:
    reason = _("Somebody who decided turned out to be the applicant")
    with FLOW.step(application, "void", actor=None, reason=reason) as application:
        fund.release(application, actor=None)
        start_again(application)
        application.approved_amount = application.approved_on = None
    return application


def _report(application: BenevolenceApplication, applicants: set[int]) -> None:
    """Into its history and the local's, and by mail to trustees, who may open it, and officers, who may not."""
    trail.record(application, BenevolenceAction.CONFLICT_FOUND, actor=None)
    trail.record(site_settings(), BenevolenceAction.CONFLICT_FOUND, actor=None)
    trustees = set(User.objects.holding(p.VIEW_DECIDED).values_list("pk", flat=True))
    told = User.objects.filter(pk__in=trustees | set(User.objects.holding(CONFIRM_ROLES).values_list("pk", flat=True)))
    for user in told.exclude(pk__in=applicants).order_by("pk"):
        url = application.get_absolute_url() if user.pk in trustees else ""
        notifications.send(user.email, "benevolence_conflict", {"url": url})
