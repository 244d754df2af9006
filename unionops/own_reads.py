"""Who looked at a member's own record and cases; what happens in the vault is told nobody, these members included."""

from collections.abc import Callable
from typing import Any

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from core.audit import subject_type
from core.keyset import Sort
from core.lists import Column, ListPage
from core.models import ReadEvent
from core.views import Crumbs
from members import permissions as members
from members.models import Member
from unionops.audit_pages import DayFilterSet, subject_words


def own_member_records(user: User) -> models.QuerySet:
    return Member.objects.same_person(user.member_id) if user.member_id else Member.objects.none()


# What is about the person themselves, whoever keeps it: one function a kind of record.
OWN_RECORDS: tuple[Callable[[User], models.QuerySet], ...] = (own_member_records,)


class OwnReads(ListPage):
    """Readings by others, newest first."""

    permission = members.VIEW_OWN_RECORD
    model = ReadEvent
    filterset_class = DayFilterSet
    list_name = "own_reads"
    page_title = gettext_lazy("Who looked at my record")
    icon = "eye"
    empty_title = gettext_lazy("Nobody else has looked yet")
    empty_text = gettext_lazy("Whoever opens your record or one of your cases appears here.")
    empty_action = ("", "")
    sorts = (Sort("when", "id", gettext_lazy("When"), descending=True),)
    columns = (
        Column("when", gettext_lazy("When"), lambda e: e.at, kind="moment"),
        Column("actor", gettext_lazy("Who"), lambda e: e.actor.full_name),
        Column("kind", gettext_lazy("What"), lambda e: e.get_kind_display()),
        Column("subject", gettext_lazy("About"), subject_words),
    )

    def breadcrumbs(self) -> Crumbs:
        return [(_("Security"), reverse("security")), (self.title(), None)]

    def visible(self) -> models.QuerySet:
        user: Any = self.request.user
        own = models.Q(pk__in=[])
        for records in OWN_RECORDS:
            rows = records(user)
            keys = [str(key) for key in rows.values_list("pk", flat=True)]
            own |= models.Q(subject_type=subject_type(rows.model), subject_id__in=keys)
        return ReadEvent.objects.outside_vault().filter(own).exclude(actor=user)

    def for_page(self, rows: models.QuerySet) -> models.QuerySet:
        return rows.select_related("actor")
