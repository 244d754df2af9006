"""Which rows who sees. A case has two sides: the whole of it for those who work it, and what its grievants may know."""

from typing import Any, Self

from django.db import models
from django.db.models import BooleanField, Case, Count, Exists, IntegerField, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce

from core.db.one_of import OneOf
from core.models import SoftDeleteQuerySet
from grievances import permissions as p
from grievances.enums import RESOLVED, UNRESOLVED
from members.models import Member


class PolicyQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> Self:
        if user.has_perm(p.VIEW_POLICY) or user.has_perm(p.CHANGE_POLICY):
            return self.all()
        return self.none()


class GrievanceQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> Self:
        """The cases that somebody works, and those in which they are a grievant."""
        may_read, has_own = user.has_perm(p.VIEW_GRIEVANCES), _has_own(user)
        if may_read and has_own:
            return self.filter(self._whole(user) | self._own(user))
        if may_read:
            return self.filter(self._whole(user))
        if has_own:
            return self.filter(self._own(user))
        return self.none()

    def whole_to(self, user: Any) -> Self:
        """The rows of which the person may read everything but the notes."""
        if user.has_perm(p.VIEW_GRIEVANCES):
            return self.filter(self._whole(user))
        return self.none()

    def about_member(self, member_pk: Any) -> Self:
        """Cases in which this person is a grievant; merged records are the same person."""
        return self.filter(_grieved_by(member_pk))

    def with_side(self, user: Any) -> Self:
        """`is_whole`: whether the person sees the whole of the row, asked in SQL for lists."""
        whole = self._whole(user) if user.has_perm(p.VIEW_GRIEVANCES) else Q(pk=None)
        return self.annotate(is_whole=Case(When(whole, then=True), default=False, output_field=BooleanField()))

    def unresolved(self) -> Self:
        return self.filter(status__in=UNRESOLVED)

    def resolved(self) -> Self:
        return self.filter(status__in=RESOLVED)

    def for_list(self) -> Self:
        """With the people, the employer and the number of grievants, in one statement."""
        return self.with_grievant_count().select_related("member", "employer", "assigned_rep")

    def with_grievant_count(self) -> Self:
        from grievances.models import Grievant

        people = Grievant.objects.filter(grievance=OuterRef("pk")).order_by().values("grievance")
        count = Subquery(people.annotate(count=Count("pk")).values("count"), output_field=IntegerField())
        return self.annotate(grievant_count=Coalesce(count, Value(0)))

    def _whole(self, user: Any) -> Q:
        """A restricted case is for its named people, whatever their roles, and never for one of its grievants."""
        from grievances.models import Grievance

        named = OneOf("pk", Grievance.named_people.through.objects.filter(user=user.pk).values("grievance"))
        usual = Q(is_restricted=False)
        if not user.has_perm(p.VIEW_ALL_GRIEVANCES):
            usual &= Q(assigned_rep=user.pk)
        return usual | (Q(is_restricted=True) & Q(named) & ~_grieved_by(user.member_id))

    @staticmethod
    def _own(user: Any) -> Q:
        return Q(is_restricted=False) & _grieved_by(user.member_id)


def _has_own(user: Any) -> bool:
    return user.has_perm(p.VIEW_OWN_GRIEVANCES) and user.member_id is not None


def _grieved_by(member_pk: Any) -> Any:
    from grievances.models import Grievant

    if not member_pk:
        return Q(pk=None)
    people = OneOf("member_id", Member.objects.same_person(member_pk).values("pk"))
    return Q(OneOf("pk", Grievant.objects.filter(people).order_by().values("grievance")))


class IntakeQuerySet(SoftDeleteQuerySet):
    def visible_to(self, user: Any) -> Self:
        """Every draft for those who see every case, otherwise one's own; once filed, a restriction holds here too."""
        from grievances.models import Grievance

        case = Grievance.objects.filter(pk=OuterRef("filed_as_id"))
        open_to_all = Q(filed_as=None) | Exists(case.filter(is_restricted=False))
        rows = self.filter(open_to_all | Exists(case.whole_to(user)))
        if user.has_perm(p.DRAFT_GRIEVANCES) and user.has_perm(p.VIEW_ALL_GRIEVANCES):
            return rows
        if user.has_perm(p.DRAFT_GRIEVANCES):
            return rows.filter(drafted_by=user.pk)
        return self.none()

    def unfiled(self) -> Self:
        return self.filter(filed_as=None)


class PartQuerySet(models.QuerySet):
    """What hangs on a case is seen by those who see the whole of it; `path` leads to the case."""

    path = "grievance"

    def visible_to(self, user: Any) -> Self:
        from grievances.models import Grievance

        return self.filter(**{f"{self.path}__in": Grievance.objects.whole_to(user)})


class GrievantQuerySet(PartQuerySet):
    pass


class StepRecordQuerySet(PartQuerySet):
    def live(self) -> Self:
        return self.filter(superseded_by=None)


class ResolutionQuerySet(PartQuerySet):
    def live(self) -> Self:
        return self.filter(superseded_at=None)


class ToldQuerySet(PartQuerySet):
    path = "resolution__grievance"
