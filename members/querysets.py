from django.db import models
from django.db.models import Exists, OuterRef, Prefetch, Q

from core.models import SoftDeleteQuerySet
from members import permissions as p


class OrganizationQuerySet(SoftDeleteQuerySet):
    def visible_to(self, user):
        """Everybody who may see organizations sees all of them; deleted ones only those who may restore."""
        if user.has_perm(p.RESTORE_ORGANIZATIONS):
            return self.all()
        if user.has_perm(p.VIEW_ORGANIZATIONS):
            return self.alive()
        return self.none()


class MemberQuerySet(SoftDeleteQuerySet):
    def visible_to(self, user):
        """All members for the office and its helpers, the own record for a member."""
        if user.has_perm(p.RESTORE_MEMBERS):
            return self.all()
        if user.has_perm(p.VIEW_MEMBERS):
            return self.alive()
        if user.has_perm(p.VIEW_OWN_RECORD) and user.member_id:
            return self.alive().filter(pk=user.member_id)
        return self.none()

    def same_person(self, pk):
        """The record of this key and those that were merged into it: what hangs on them is the same person's."""
        if pk is None:  # an account without a record; `merged_into=None` would be everybody
            return self.none()
        return self.filter(Q(pk=pk) | Q(merged_into=pk))

    def for_list(self):
        """With each member's current employments, in a constant number of queries."""
        from members.models import Employment

        current = Employment.objects.current().select_related("organization").order_by("-start_date", "-id")
        return self.prefetch_related(Prefetch("employments", queryset=current, to_attr="current_employments"))


class ContactQuerySet(models.QuerySet):
    def visible_to(self, user):
        from members.models import Organization

        return self.filter(organization__in=Organization.objects.visible_to(user))


class EmploymentQuerySet(models.QuerySet):
    def visible_to(self, user):
        from members.models import Member

        return self.filter(member__in=Member.objects.visible_to(user))

    def current(self):
        return self.filter(end_date=None)


class ImportBatchQuerySet(models.QuerySet):
    def visible_to(self, user):
        if user.has_perm(p.VIEW_IMPORTS):
            return self.all()
        return self.none()


class ImportRowQuerySet(models.QuerySet):
    def visible_to(self, user):
        from members.models import ImportBatch

        return self.filter(Exists(ImportBatch.objects.visible_to(user).filter(pk=OuterRef("batch_id"))))


class ColumnMappingQuerySet(models.QuerySet):
    def visible_to(self, user):
        if user.has_perm(p.VIEW_IMPORTS):
            return self.all()
        return self.none()
