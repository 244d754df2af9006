"""From which side somebody looks at an application, as conditions of queries."""

from functools import reduce
from operator import or_

from django.apps import apps
from django.db.models import Exists, OuterRef, Q

from benevolence import permissions as p
from benevolence.enums import DECIDED, GRANTED, IN_REVIEW, LEVELS, Status, position_of
from benevolence.models.relationship import DeclaredRelationship
from core.db.one_of import AmongKeys, OneOf
from core.permissions import may
from members.models import FormerMatch, Member, OtherPerson

REVIEW_PERMISSIONS = dict(zip(LEVELS, (p.REVIEW_VP, p.REVIEW_ADMIN, p.REVIEW_MANAGER, p.REVIEW_PRESIDENT), strict=True))
FULL_PERMISSIONS = (*REVIEW_PERMISSIONS.values(), p.PAY, p.VIEW_DECIDED)
ANY_PERMISSION = (p.VIEW_OWN_APPLICATIONS, p.APPLY_FOR_MEMBER, *FULL_PERMISSIONS)


def levels_of(user):
    """The levels whose decisions `user` may take by a live role."""
    return [level for level, permission in REVIEW_PERMISSIONS.items() if may(user, permission)]


def is_own(user):
    """What keeps somebody from deciding and paying: the applicant is, or may be, any record that was ever theirs."""
    return AmongKeys("member_id", user.person_keys)


def is_applicant(user):
    """Whether `user` reads and acts as the applicant, by the record that is confirmed as theirs."""
    return OneOf("member_id", Member.objects.same_person(user.own_member_id).values("pk"))


def is_related(user):
    """Somebody with whom `user` declared a relationship, under any record that was merged with theirs or matched it.

    Who was alike when somebody was declared, or applied, is kept; see members.services.matches.
    """
    declared = DeclaredRelationship.objects.filter(user=user)
    kept = declared.exclude(member__merged_into=None).values("member__merged_into")
    same = Member.objects.order_by()
    decided = OtherPerson.objects.order_by()
    two = Q(member=OuterRef("member"), other=OuterRef("other")) | Q(member=OuterRef("other"), other=OuterRef("member"))
    alike = FormerMatch.objects.order_by().exclude(Exists(decided.filter(two)))
    people = declared.values("member").union(
        kept,
        same.filter(merged_into__in=declared.values("member")).values("pk"),
        same.filter(merged_into__in=kept).values("pk"),
        alike.filter(member__in=declared.values("member")).values("other"),
        alike.filter(member__in=kept).values("other"),
    )
    return OneOf("member_id", people)


def reviews_by(user):
    reviews = apps.get_model("benevolence", "BenevolenceReview")._default_manager
    return reviews.filter(application=OuterRef("pk"), reviewer=user, voided_at=None)


def prepared_by(user):
    """What `user` read by name to prepare it for blind reviewers."""
    notes = apps.get_model("benevolence", "IntakeNote")._default_manager
    return notes.filter(application=OuterRef("pk"), application__is_blind=True, written_by=user)


def seen_in_full(user):
    """Applications that reach the levels of `user`, or that they pay or audit; never their own or a relation's.

    As the other two: a condition, or None where no role of theirs gives any.
    """
    found = []
    if levels := levels_of(user):
        found.append(Q(level_reached__gte=position_of(levels[0])))
    if may(user, p.PAY):
        found.append(Q(status__in=GRANTED))
    if may(user, p.VIEW_DECIDED):
        found.append(Q(status__in=DECIDED))
    if levels:
        found.append(Q(substitute=user.pk))
    if not found:
        return None
    return reduce(or_, found) & ~Q(is_own(user)) & ~Q(is_related(user))


def seen_by_name(user):
    """Of what they see in full, what tells whoever pays or audits the person also after a blind review."""
    found: list[Q] = []
    if may(user, p.PAY):
        found.append(Q(status__in=GRANTED) & ~Q(Exists(reviews_by(user))))
    if may(user, p.VIEW_DECIDED):
        found.append(Q(status__in=DECIDED))
    return Q(is_blind=False) | reduce(or_, found) if found else Q(is_blind=False)


def seen_by_payment(user):
    """Applications of which whoever pays or audits sees each payment, whatever became of them since.

    A void check stays in the register when its application is withdrawn or reviewed again. As `seen_in_full` a
    condition, or None for everybody else.
    """
    if not may(user, (p.PAY, p.VIEW_DECIDED)):
        return None
    hidden = Q(is_own(user)) | Q(is_related(user))
    if levels_of(user):
        hidden |= Q(is_blind=True, status__in=IN_REVIEW)
    if not may(user, p.VIEW_DECIDED):
        hidden |= Q(is_blind=True) & Q(Exists(reviews_by(user)))
    return ~hidden


def decided_what_is_appealed(user):
    """Applications that appeal a denial of an application in which `user` took part."""
    reviews = apps.get_model("benevolence", "BenevolenceReview")._default_manager
    return Exists(reviews.filter(application=OuterRef("appeal_of"), reviewer=user))


def seen_as_applicant(user):
    if user.own_member_id and may(user, p.VIEW_OWN_APPLICATIONS):
        return Q(is_applicant(user))
    return None


def seen_at_intake(user):
    """What the office works on; who holds a level prepares none that the levels review blindly."""
    if may(user, p.APPLY_FOR_MEMBER):
        written = apps.get_model("benevolence", "IntakeNote")._default_manager.filter(written_by=user)
        waiting = Q(needs_intake=True, status__in=IN_REVIEW) & ~Q(is_own(user))
        if levels_of(user):
            waiting &= Q(is_blind=False)
        return Q(entered_by=user) | waiting | OneOf("pk", written.values("application"))
    return None


def paper_of():
    return apps.get_model("benevolence", "PaperFile")._default_manager.filter(application=OuterRef("pk"))


def waits_for_confirmation(user):
    """Drafts with paper decisions that `user` may confirm: services.paper.not_confirmable says of one why not."""
    files = apps.get_model("benevolence", "PaperFile")._default_manager.filter(confirmed_at=None)
    decisions = apps.get_model("benevolence", "PaperDecision")._default_manager
    files = files.exclude(recorded_by=user.pk).exclude(Exists(decisions.filter(file=OuterRef("pk"), decider=user.pk)))
    mine = Q(entered_by=user.pk) | Q(begun_by=user.pk) | Q(is_own(user)) | Q(is_related(user))
    return Q(OneOf("pk", files.values("application")), status=Status.DRAFT) & ~mine


def seen_to_confirm(user):
    """What was recorded of paper decisions, until an officer has confirmed it; then who it was."""
    if not may(user, p.CONFIRM_PAPER):
        return None
    waiting = Q(Exists(paper_of().filter(confirmed_at=None)), status=Status.DRAFT)
    return (waiting | Q(Exists(paper_of().filter(confirmed_by=user)))) & ~Q(is_own(user)) & ~Q(is_related(user))
