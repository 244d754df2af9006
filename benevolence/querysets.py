"""Who sees which applications, and from which side."""

from functools import reduce
from operator import or_

from django.db import models
from django.db.models import (
    BigIntegerField,
    BooleanField,
    Case,
    CharField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    Value,
    When,
)

from benevolence import permissions as p
from benevolence.enums import DECIDED, GRANTED, IN_REVIEW, LEVELS, OPEN, Side, Status, position_of
from core.db.one_of import OneOf
from members.models import Member

REVIEW_PERMISSIONS = dict(zip(LEVELS, (p.REVIEW_VP, p.REVIEW_ADMIN, p.REVIEW_MANAGER, p.REVIEW_PRESIDENT), strict=True))
FULL_PERMISSIONS = (*REVIEW_PERMISSIONS.values(), p.PAY, p.VIEW_DECIDED)
ANY_PERMISSION = (p.VIEW_OWN_APPLICATIONS, p.APPLY_FOR_MEMBER, *FULL_PERMISSIONS)

# What waits for whoever applied, or entered it for them.
TO_DO_FOR_ENTRANT = Q(status=Status.DRAFT) | Q(is_awaiting_applicant=True)


def levels_of(user):
    """The levels whose decisions `user` may take by a live role."""
    return [level for level, permission in REVIEW_PERMISSIONS.items() if user.has_perm(permission)]


def is_own(user):
    return OneOf("member_id", Member.objects.same_person(user.member_id).values("pk"))


def is_related(user):
    """Somebody with whom `user` declared a relationship, under whichever of their merged records."""
    from benevolence.models import DeclaredRelationship

    declared = DeclaredRelationship.objects.filter(user=user)
    kept = declared.exclude(member__merged_into=None).values("member__merged_into")
    same = Member.objects.order_by()
    people = declared.values("member").union(
        kept,
        same.filter(merged_into__in=declared.values("member")).values("pk"),
        same.filter(merged_into__in=kept).values("pk"),
    )
    return OneOf("member_id", people)


def reviews_by(user):
    from benevolence.models import BenevolenceReview

    return BenevolenceReview.objects.filter(application=OuterRef("pk"), reviewer=user, voided_at=None)


def seen_in_full(user):
    """Applications that reach the levels of `user`, or that they pay or audit; never their own or a relation's.

    As the other two: a condition, or None where no role of theirs gives any.
    """
    found = []
    if levels := levels_of(user):
        found.append(Q(level_reached__gte=position_of(levels[0])))
    if user.has_perm(p.PAY):
        found.append(Q(status__in=GRANTED))
    if user.has_perm(p.VIEW_DECIDED):
        found.append(Q(status__in=DECIDED))
    if not found:
        return None
    return reduce(or_, found) & ~Q(is_own(user)) & ~Q(is_related(user))


def seen_as_applicant(user):
    if user.member_id and user.has_perm(p.VIEW_OWN_APPLICATIONS):
        return Q(is_own(user))
    return None


def seen_at_intake(user):
    if user.has_perm(p.APPLY_FOR_MEMBER):
        return Q(entered_by=user)
    return None


class ApplicationQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Applicants their own, the office what it entered, levels and payers what reached them."""
        conditions = [seen_in_full(user), seen_as_applicant(user), seen_at_intake(user)]
        if given := [condition for condition in conditions if condition is not None]:
            return self.filter(reduce(or_, given))
        return self.none()

    def for_person(self, user):
        """With the side from which `user` looks at each row, and what keeps them from deciding it."""
        return self.with_side(user).annotate(
            seen_by=ExpressionWrapper(Value(user.pk), output_field=BigIntegerField()),
            is_own=is_own(user),
            is_related=is_related(user),
            is_mine=ExpressionWrapper(Q(is_own(user)) | Q(entered_by=user), output_field=BooleanField()),
            has_reviewed=Exists(reviews_by(user)),
            has_reviewed_elsewhere=Exists(reviews_by(user).exclude(review_level=OuterRef("level_due"))),
        )

    def with_side(self, user):
        """`side`: from which `user` looks at each row."""
        sides = [(seen_as_applicant(user), Side.APPLICANT), (seen_in_full(user), Side.FULL)]
        return self.annotate(
            side=Case(
                *(When(condition, then=Value(side.value)) for condition, side in sides if condition is not None),
                default=Value(Side.INTAKE.value),
                output_field=CharField(),
            )
        )

    def with_known_request(self):
        """Of rows `for_person`: those whose reason, level and amounts the person sees."""
        return self.filter(~Q(side=Side.INTAKE) | Q(status=Status.DRAFT))

    def in_full(self, user):
        condition = seen_in_full(user)
        return self.none() if condition is None else self.filter(condition)

    def of_person(self, member):
        """Applications of the same person, under whichever of their merged records."""
        person = Member.objects.same_person(member.merged_into_id or member.pk)
        return self.filter(OneOf("member_id", person.values("pk")))

    def left_by(self, people):
        """Open ones that these people entered for others."""
        own = Q(member__account=F("entered_by"))
        return self.filter(entered_by__in=people, status__in=OPEN).exclude(own)

    def entrants(self, user, people):
        """Who of `people` entered open ones for others: the office learns no more of them than that."""
        rows = self.left_by(people) if user.has_perm(p.APPLY_FOR_MEMBER) else self.none()
        return rows.order_by("entered_by").values_list("entered_by", flat=True).distinct()

    def granted(self):
        return self.filter(status__in=GRANTED)

    def due_to(self, user):
        """What waits for a level of `user` or for their payment, as far as they see it in full."""
        due = Q(status__in=IN_REVIEW, level_due__in=levels_of(user))
        if user.has_perm(p.PAY):
            due |= Q(status=Status.APPROVED)
        return self.in_full(user).filter(due)

    def oldest_first(self):
        return self.order_by("list_date", "sort_number", "pk")


class PartQuerySet(models.QuerySet):
    """Reviews and answers: seen in full with their application, otherwise through its page only."""

    application_path = "application"

    def visible_to(self, user):
        from benevolence.models import BenevolenceApplication

        seen = BenevolenceApplication.objects.in_full(user)
        return self.filter(**{f"{self.application_path}__in": seen})


class AnswerQuerySet(PartQuerySet):
    application_path = "review__application"


class RelationshipQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Everybody sees their own declarations."""
        if user.has_perm(p.DECLARE_RELATIONSHIP):
            return self.filter(user=user)
        return self.none()


class PolicyQuerySet(models.QuerySet):
    def visible_to(self, user):
        if user.has_perm(p.VIEW_POLICY):
            return self.all()
        return self.none()
