"""What has to be done in a case by a day: to-dos of ours, information asked for, terms of a settlement."""

import uuid
from typing import Any, Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.db.one_of import OneOf
from core.db.prepared import moment_of
from core.models import TimeStamped, Versioned
from core.money import MoneyField
from core.permissions import Actor, may
from core.site import local_today
from grievances import permissions as p
from grievances.enums import TaskKind
from grievances.models.away import Away, is_nobodys, theirs
from grievances.models.fields import any_day, dated, line, paragraphs, person
from grievances.models.grievance import Grievance, PartQuerySet, named_rows

LONGEST_TASK = 1_000


class TaskQuerySet(PartQuerySet):
    def open(self) -> Self:
        return self.filter(done_on=None)

    def waiting_for(self, user: Actor) -> Self:
        """Open ones that are theirs; what the employer owes is watched by whoever works the case.

        A to-do of somebody who does not see the case any more waits for its representative; of a case that nobody can
        work, everything waits for those who assign cases.
        """
        of_whoever_works_it = Q(person=None) | Q(person=F("grievance__assigned_rep"))
        worked = of_whoever_works_it & theirs("grievance__assigned_rep", user)
        left = Q(grievance__assigned_rep=user.pk) & ~_seen_by_its_person(moment_of(user))
        found = Q(person=user.pk) | worked | left
        if may(user, p.ASSIGN_GRIEVANCES):
            unseen = ~_seen_by_its_person(moment_of(user))
            found |= is_nobodys("grievance__assigned_rep", user) & (of_whoever_works_it | unseen)
        return self.visible_to(user).open().filter(found)


def _seen_by_its_person(moment: Any) -> Q:
    """That whoever has a to-do, and is not the representative, sees its case: by a role, as named or as stand-in."""
    see_all = User.objects.holding(p.VIEW_ALL_GRIEVANCES, moment).values("pk")
    named = named_rows().filter(grievance=OuterRef("grievance"), user=OuterRef("person"))
    stand_in = Away.objects.at(moment).filter(person=OuterRef("grievance__assigned_rep"), stand_in=OuterRef("person"))
    by_role = Q(grievance__is_restricted=False) & (Q(OneOf("person", see_all)) | Exists(stand_in))
    return Q(person=None) | by_role | (Q(grievance__is_restricted=True) & Exists(named))


class CaseTask(Versioned, TimeStamped):
    """Open until `done_on`; what was noted by mistake is struck, which is no more than a reason and a day."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    grievance = models.ForeignKey(Grievance, models.PROTECT, related_name="tasks", verbose_name=_("grievance"))
    kind = models.CharField(_("kind"), max_length=12, choices=TaskKind.choices)
    what = paragraphs(_("what has to be done"), LONGEST_TASK)
    person = person(_("who"), null=True, blank=True, related_name="+")
    asked_on = dated(_("asked on"), default=local_today)
    due = any_day(_("by when"))
    amount = MoneyField(_("amount"), null=True, blank=True)
    reminded_on = dated(_("reminded on"), null=True, blank=True, editable=False)
    done_on = dated(_("done on"), null=True, blank=True, editable=False)
    done_words = line(_("what came of it"), 300, blank=True, editable=False)
    is_dropped = models.BooleanField(_("struck"), default=False, editable=False)

    objects = TaskQuerySet.as_manager()

    class Meta:
        verbose_name = _("thing to be done")
        verbose_name_plural = _("things to be done")
        default_permissions = ()
        ordering = ["created_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(kind=TaskKind.TODO) | Q(person__isnull=False),
                name="task_person",
                violation_error_message=_("Say who does it."),
            ),
            models.CheckConstraint(
                condition=Q(amount=None) | Q(kind=TaskKind.TERM, amount__gte=0),
                name="task_amount",
                violation_error_message=_("Only a term of a settlement has an amount, and it is not negative."),
            ),
            models.CheckConstraint(
                condition=Q(is_dropped=False) | Q(done_on__isnull=False),
                name="task_dropped",
                violation_error_message=_("What is struck is no longer open."),
            ),
            models.CheckConstraint(
                condition=Q(due=None) | Q(due__gte=F("asked_on")),
                name="task_due",
                violation_error_message=_("This is due before it was asked. Check the days."),
            ),
        ]
        indexes = [
            models.Index(fields=["person", "due", "id"], name="task_person_open", condition=Q(done_on=None)),
            models.Index(fields=["grievance", "due", "id"], name="task_case_open", condition=Q(done_on=None)),
            models.Index(fields=["created_at", "id"], name="task_created"),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()

    @property
    def is_late(self) -> bool:
        return self.done_on is None and self.due is not None and self.due < local_today()
