"""Deadlines of cases and drafts, and what meets or moves them. No date that was ever in force is overwritten."""

import datetime
import uuid
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.models import TimeStamped, Versioned
from core.permissions import Actor, may
from grievances import permissions as p
from grievances.enums import (
    BRIEFS,
    UNRESOLVED,
    AbeyanceState,
    ClockKind,
    ClockStart,
    DeadlineEnd,
    DeliveryWay,
    Side,
    Silence,
)
from grievances.models.agreement import StepRule
from grievances.models.away import has_left, theirs, wait_for
from grievances.models.document import CaseDocument
from grievances.models.fields import LONGEST_NOTE, any_day, dated, line, paragraphs, person
from grievances.models.grievance import Grievance, PartQuerySet, seen_whole
from grievances.models.intake import GrievanceIntake

RUNNING = Q(end="")
HELD = Q(grievance__abeyance=AbeyanceState.AGREED, missed_at=None) & ~Q(clock__in=BRIEFS)


class DeadlineQuerySet(models.QuerySet):
    def visible_to(self, user: Actor) -> Self:
        """Those of cases that the person sees whole, and of drafts that they see."""
        drafts = GrievanceIntake.objects.visible_to(user).alive().unfiled().values("pk")
        of_drafts = Q(grievance=None, intake__in=drafts)
        return self.filter(seen_whole(user, "grievance") | of_drafts if may(user, p.VIEW_GRIEVANCES) else of_drafts)

    def running(self) -> Self:
        return self.filter(RUNNING)

    def of_open_cases(self) -> Self:
        """Without those of cases that are over; a draft's count until it is filed or discarded."""
        return self.filter(
            Q(grievance__status__in=UNRESOLVED) | Q(grievance=None, intake__deleted_at=None, intake__filed_as=None)
        )

    def held(self) -> Self:
        """Those that an abeyance holds: nobody is late and nobody is reminded."""
        return self.filter(HELD)

    def not_held(self) -> Self:
        resting = Q(grievance__isnull=False) & HELD
        return self.filter(~resting)

    def waiting_for(self, user: Actor, *, held: bool = False) -> Self:
        """Those that run: of own cases and drafts, of people one stands in for; of nobody's, as `wait_for` says.

        Drafts of somebody who cannot file them any more wait for those who hear of all.

        Those that an abeyance holds wait for nobody: they are asked for by `held`.
        """
        drafts = theirs("intake__drafted_by", user)
        if may(user, p.HEAR_DEADLINES):
            drafts |= has_left("intake__drafted_by", user, p.DRAFT_GRIEVANCES)
        own = wait_for("grievance", user) | (Q(grievance=None) & drafts)
        rows = self.visible_to(user).running().of_open_cases().filter(own)
        return rows.held() if held else rows.not_held()

    def denied_by_silence(self) -> models.QuerySet:
        """Cases of which the answer never came at the step where they are, by agreements that take it for a denial."""
        here = {"stage": F("grievance__stage"), "grievance__agreement__silence": Silence.DENIED}
        missed = self.running().filter(clock=ClockKind.ANSWER, missed_at__isnull=False, **here)
        return missed.order_by().values("grievance")

    def in_order(self) -> Self:
        return self.order_by("due", "side", "created_at", "pk")

    def for_list(self) -> Self:
        return self.select_related("grievance__member", "grievance__employer", "grievance__assigned_rep")


class Deadline(Versioned, TimeStamped):
    """A date by which one side must act, as it was computed, with its working.

    `due` is what one acts by: the safe date where there is one. `end` is empty while it runs.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    grievance = models.ForeignKey(
        Grievance, models.PROTECT, null=True, blank=True, related_name="deadlines", verbose_name=_("grievance")
    )
    intake = models.ForeignKey(
        GrievanceIntake, models.PROTECT, null=True, blank=True, related_name="deadlines", verbose_name=_("draft")
    )
    side = models.CharField(_("whose it is"), max_length=8, choices=Side.choices)
    clock = models.CharField(_("what is to be done"), max_length=12, choices=ClockKind.choices)
    stage = models.PositiveSmallIntegerField(_("place in the order of steps"), default=1)
    stage_name = line(_("step"), 60)
    rule = models.ForeignKey(StepRule, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("rule"))
    started_by = models.CharField(_("counted from"), max_length=14, choices=ClockStart.choices, blank=True)
    started_on = any_day(_("from"))
    contract_date = dated(_("the contract’s date"))
    safe_date = any_day(_("the safe date"))
    due = dated(_("due"))
    explanation = models.JSONField(_("how it was counted"), default=dict, blank=True)
    source = line(_("source"), 200, blank=True)
    # below 0: on the contract's date, after the safe one
    reminded_for = models.SmallIntegerField(_("reminded, days before"), null=True, editable=False)
    missed_at = models.DateTimeField(_("passed"), null=True, blank=True, editable=False)
    end = models.CharField(_("how it ended"), max_length=10, blank=True, choices=DeadlineEnd.choices)
    ended_on = any_day(_("ended"))
    superseded_by = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, editable=False, related_name="supersedes"
    )

    objects = DeadlineQuerySet.as_manager()

    class Meta:
        verbose_name = _("deadline")
        verbose_name_plural = _("deadlines")
        default_permissions = ()
        permissions = [(p.HEAR_DEADLINES.codename, "Is reminded of every deadline")]
        constraints = [
            models.CheckConstraint(
                condition=Q(grievance__isnull=False) | Q(intake__isnull=False), name="deadline_of_something"
            ),
            models.CheckConstraint(
                condition=Q(safe_date=None, due=F("contract_date"))
                | Q(safe_date__lt=F("contract_date"), due=F("safe_date")),
                name="deadline_due",
                violation_error_message=_("A safe date is before the contract’s date."),
            ),
            models.CheckConstraint(
                condition=Q(end="", superseded_by=None) | ~Q(end=""),
                name="deadline_replaced",
                violation_error_message=_("A deadline that was replaced has ended."),
            ),
            models.UniqueConstraint(
                fields=["grievance", "stage", "clock"],
                condition=Q(end="", grievance__isnull=False),
                name="deadline_one_running",
                violation_error_message=_("This deadline runs already."),
            ),
            models.UniqueConstraint(
                fields=["intake", "clock"],
                condition=Q(end="", grievance=None),
                name="deadline_one_of_a_draft",
                violation_error_message=_("This deadline runs already."),
            ),
        ]
        indexes = [
            models.Index(fields=["due", "id"], name="deadline_running", condition=RUNNING),
            models.Index(fields=["contract_date", "id"], name="deadline_unmissed", condition=Q(end="", missed_at=None)),
            models.Index(fields=["grievance", "due", "id"], name="deadline_of_case"),
            models.Index(fields=["created_at", "id"], name="deadline_created"),
        ]

    def __str__(self) -> str:
        what = self.get_clock_display()
        return what if self.clock == ClockKind.CARRIED else f"{self.stage_name}: {what}"

    def get_absolute_url(self) -> str:
        return reverse("deadline_detail", args=[self.pk])

    @property
    def is_running(self) -> bool:
        return not self.end

    @property
    def is_ours(self) -> bool:
        return self.side == Side.UNION

    def days_left(self, today: datetime.date) -> int:
        return (self.due - today).days


class Delivery(Versioned, TimeStamped):
    """What reached the employer: only this meets a deadline of ours; a letter that was printed meets none."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    grievance = models.ForeignKey(Grievance, models.PROTECT, related_name="deliveries", verbose_name=_("grievance"))
    deadline = models.ForeignKey(
        Deadline, models.PROTECT, null=True, blank=True, related_name="deliveries", verbose_name=_("deadline")
    )
    what = line(_("what was delivered"), 200)
    how = models.CharField(_("how"), max_length=10, choices=DeliveryWay.choices)
    to_whom = line(_("to whom"), 200)
    delivered_at = models.DateTimeField(_("when"))
    proof = line(_("proof"), 300)
    proof_file = models.ForeignKey(
        CaseDocument, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("the document of it")
    )
    recorded_by = person(_("recorded by"), null=True, editable=False, related_name="+")

    objects = PartQuerySet.as_manager()

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        default_permissions = ()
        ordering = ["delivered_at", "id"]
        indexes = [models.Index(fields=["delivered_at", "id"], name="delivery_order")]

    def __str__(self) -> str:
        return self.what


class ExtensionQuerySet(PartQuerySet):
    def to_confirm(self) -> Self:
        """Those that wait for their document; when its date is over an extension waits for nothing."""
        return self.filter(confirmed_on=None, deadline__end="")


class Extension(Versioned, TimeStamped):
    """An agreement of both sides on another date. Without its document it is unconfirmed and moves nothing."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    grievance = models.ForeignKey(Grievance, models.PROTECT, related_name="extensions", verbose_name=_("grievance"))
    deadline = models.ForeignKey(Deadline, models.PROTECT, related_name="extensions", verbose_name=_("deadline"))
    new_date = dated(_("new date"))
    for_union = line(_("agreed for the union"), 200)
    for_employer = line(_("agreed for the employer"), 200)
    agreed_on = dated(_("agreed on"))
    document = line(_("the document that confirms it"), 200, blank=True)
    document_file = models.ForeignKey(
        CaseDocument, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("the document of it")
    )
    confirmed_on = any_day(_("confirmed on"))
    note = paragraphs(_("note"), LONGEST_NOTE, blank=True)
    recorded_by = person(_("recorded by"), null=True, editable=False, related_name="+")

    objects = ExtensionQuerySet.as_manager()

    class Meta:
        verbose_name = _("extension")
        verbose_name_plural = _("extensions")
        default_permissions = ()
        ordering = ["created_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(document="", confirmed_on=None) | (~Q(document="") & Q(confirmed_on__isnull=False)),
                name="extension_confirmed",
                violation_error_message=_("An extension is confirmed by a document and its day, or not at all."),
            )
        ]
        indexes = [models.Index(fields=["created_at", "id"], name="extension_order")]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.new_date}"

    @property
    def is_confirmed(self) -> bool:
        return self.confirmed_on is not None


class StageEntry(Versioned, TimeStamped):
    """The day on which a case came to a step of its agreement: from it that step's clocks count."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    grievance = models.ForeignKey(Grievance, models.PROTECT, related_name="stage_entries", verbose_name=_("grievance"))
    stage = models.PositiveSmallIntegerField(_("place in the order of steps"))
    stage_name = line(_("step"), 60)
    entered_on = dated(_("reached the employer on"))

    objects = PartQuerySet.as_manager()

    class Meta:
        verbose_name = _("arrival at a step")
        verbose_name_plural = _("arrivals at steps")
        default_permissions = ()
        ordering = ["entered_on", "created_at", "id"]
        constraints = [models.UniqueConstraint(fields=["grievance", "stage"], name="stage_entry_once")]

    def __str__(self) -> str:
        return self.stage_name


class FeedQuerySet(models.QuerySet):
    def visible_to(self, user: Actor) -> Self:
        return self.filter(user=user.pk)


class DeadlineFeed(Versioned, TimeStamped):
    """A person's calendar address; only the digest of its secret is kept. Revoked by making another, or none."""

    user = models.OneToOneField("accounts.User", models.CASCADE, related_name="+", verbose_name=_("person"))
    token_sha256 = models.CharField(max_length=64, unique=True, editable=False)

    objects = FeedQuerySet.as_manager()

    class Meta:
        verbose_name = _("calendar feed")
        verbose_name_plural = _("calendar feeds")
        default_permissions = ()

    def __str__(self) -> str:
        return str(self._meta.verbose_name)
