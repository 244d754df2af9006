"""Who looked at a member's own record and cases; what happens in the vault is told nobody, these members included."""

from collections.abc import Callable
from functools import cached_property
from typing import cast

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from benevolence.models import ApplicationDocument, BenevolenceApplication
from core.audit.trail import subject_type
from core.models import ReadEvent
from core.web.columns import Column
from core.web.keyset import Sort
from core.web.lists import ListPage
from grievances.models import CaseDocument, Grievance
from members import permissions as members
from members.models import Member
from unionops.views.audit import READ_COLUMNS, DayFilterSet


def own_member_records(user: User) -> models.QuerySet:
    return Member.objects.same_person(user.own_member_id)


def own_grievances(user: User) -> models.QuerySet:
    return Grievance.objects.visible_to(user).about_member(user.own_member_id)


def own_applications(user: User) -> models.QuerySet:
    rows = BenevolenceApplication.objects.visible_to(user)
    return rows.of_person(user.member) if user.own_member_id else rows.none()


def own_documents(user: User) -> models.QuerySet:
    return ApplicationDocument.objects.filter(application__in=own_applications(user))


def own_case_documents(user: User) -> models.QuerySet:
    return CaseDocument.objects.visible_to(user).filter(grievance__in=own_grievances(user))


# What is about the person themselves, whoever keeps it: one function a kind of record.
OWN_RECORDS: tuple[Callable[[User], models.QuerySet], ...] = (
    own_member_records,
    own_grievances,
    own_applications,
    own_documents,
    own_case_documents,
)


class OwnReads(ListPage):
    """Readings by others, newest first."""

    permission = members.VIEW_OWN_RECORD
    model = ReadEvent
    filterset_class = DayFilterSet
    list_name = "own_reads"
    counted = (gettext_lazy("reading"), gettext_lazy("readings"))
    page_title = gettext_lazy("Who looked at my record")
    under = ((gettext_lazy("Security"), "security"),)
    icon = "eye"
    empty_title = gettext_lazy("Nobody else has looked yet")
    empty_text = gettext_lazy("Whoever opens your record or one of your cases appears here.")
    empty_action = ("", "")
    sorts = (Sort("when", "id", gettext_lazy("When"), descending=True),)

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        about = Column(
            "subject",
            _("About"),
            lambda event: self.own[event.subject_type][event.subject_id],
            reads=("subject_type", "subject_id"),
        )
        return (*READ_COLUMNS, about)

    @cached_property
    def own(self) -> dict[str, dict[str, str]]:
        """What the person calls each record about them, by its type and key."""
        user = cast(User, self.request.user)
        kinds = [records(user) for records in OWN_RECORDS]
        return {subject_type(rows.model): {str(row.pk): str(row) for row in rows} for rows in kinds}

    def visible(self) -> models.QuerySet:
        own = models.Q(pk__in=[])
        for kind, records in self.own.items():
            own |= models.Q(subject_type=kind, subject_id__in=list(records))
        return ReadEvent.objects.outside_vault().filter(own).exclude(actor=self.request.user)
