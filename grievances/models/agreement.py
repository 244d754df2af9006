"""Agreements: each row is one version, in force from a day; its steps, clocks, closures and articles hang on it."""

import datetime
import uuid
from typing import Self, cast

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.files.models import Attachment, AttachmentQuerySet
from core.models import FollowsParent, TimeStamped, Versioned
from core.permissions import Actor, may
from grievances import permissions as p
from grievances.enums import (
    RULE_CLOCKS,
    STEPS,
    ClockStart,
    DayUnit,
    FirstStrike,
    GrievanceType,
    Lateness,
    PanelSource,
    Silence,
    Step,
)
from grievances.models.fields import any_day, dated, line, paragraphs
from grievances.models.holidays import HolidayList
from grievances.models.policy import ENTRY_STEPS
from members.models import Employment, Member, Organization

MOST_DAYS = 366


class AgreementQuerySet(models.QuerySet):
    def visible_to(self, user: Actor) -> Self:
        """All of them for those who work with them; for a member those of the places where they work now."""
        if may(user, p.VIEW_AGREEMENTS):
            return self.all()
        own = cast(User, user).own_member_id if may(user, p.VIEW_OWN_AGREEMENTS) else None
        if own is None:
            return self.none()
        people = Member.objects.same_person(own).values("pk")
        jobs = Employment.objects.current().filter(member__in=people, organization=OuterRef("employer"))
        return self.filter(Exists(jobs))

    def in_force(self, day: datetime.date) -> Self:
        """Those that hold on a day: an agreement without an end holds until the next."""
        return self.filter(Q(effective_to=None) | Q(effective_to__gte=day), effective_from__lte=day)

    def ending(self, first: datetime.date, last: datetime.date) -> Self:
        """Those that end, or are open to be reopened, between two days."""
        return self.filter(Q(effective_to__range=(first, last)) | Q(reopener_on__range=(first, last)))


class Agreement(Versioned, TimeStamped):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    employer = models.ForeignKey(Organization, models.PROTECT, related_name="agreements", verbose_name=_("employer"))
    title = line(_("title"), 200)
    worksites = line(_("worksites"), 300, blank=True)
    effective_from = dated(_("in force from"))
    effective_to = any_day(_("until"))
    reopener_on = any_day(_("may be reopened from"))
    previous = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, editable=False, related_name="next", verbose_name=_("follows")
    )
    holiday_list = models.ForeignKey(
        HolidayList, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("holidays")
    )
    saturdays_open = models.BooleanField(_("Saturday is a working day"), default=False)
    silence = models.CharField(
        _("when the employer does not answer"), max_length=12, choices=Silence.choices, default=Silence.MAY_ADVANCE
    )
    lateness = models.CharField(_("when we are late"), max_length=10, choices=Lateness.choices, default=Lateness.WAIVED)
    tolling = line(_("what stops or lengthens the time to file"), 300, blank=True)
    entry_step_individual = models.PositiveSmallIntegerField(
        _("an individual grievance begins at"), choices=ENTRY_STEPS, default=1
    )
    entry_step_group = models.PositiveSmallIntegerField(
        _("a group grievance begins at"), choices=ENTRY_STEPS, default=2
    )
    entry_step_policy = models.PositiveSmallIntegerField(
        _("a policy grievance begins at"), choices=ENTRY_STEPS, default=3
    )
    panel_source = models.CharField(
        _("arbitrators come from"), max_length=10, choices=PanelSource.choices, default=PanelSource.FMCS
    )
    panel_size = models.PositiveSmallIntegerField(
        _("names on the panel"), default=7, validators=[MinValueValidator(1), MaxValueValidator(25)]
    )
    first_strike = models.CharField(
        _("who strikes first"), max_length=10, choices=FirstStrike.choices, default=FirstStrike.COIN
    )

    objects = AgreementQuerySet.as_manager()

    class Meta:
        verbose_name = _("agreement")
        verbose_name_plural = _("agreements")
        default_permissions = ()
        permissions = [
            (p.VIEW_AGREEMENTS.codename, "Can read agreements"),
            (p.VIEW_OWN_AGREEMENTS.codename, "Can read the agreements of their own unit"),
            (p.CHANGE_AGREEMENTS.codename, "Can write and change agreements"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(effective_to=None) | Q(effective_to__gte=F("effective_from")),
                name="agreement_days",
                violation_error_message=_("It ends before it begins. Check the two days."),
            ),
            models.CheckConstraint(
                condition=Q(panel_size__in=list(range(1, 26, 2))),
                name="agreement_panel",
                violation_error_message=_("A panel has an odd number of names, so that the last one serves."),
            ),
        ]
        indexes = [
            models.Index(fields=["employer", "effective_from", "id"], name="agreement_employer"),
            models.Index(fields=["effective_from", "id"], name="agreement_from"),
            models.Index(fields=["effective_to", "id"], name="agreement_to"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("agreement_detail", args=[self.pk])

    def entry_step(self, grievance_type: str) -> int:
        """The number of the step at which a case of this type begins."""
        return int(getattr(self, f"entry_step_{GrievanceType(grievance_type).value}"))

    def is_in_force(self, day: datetime.date) -> bool:
        return self.effective_from <= day and (self.effective_to is None or day <= self.effective_to)


class AgreementPartQuerySet(FollowsParent):
    parent = "agreement"


class AgreementStage(Versioned, TimeStamped):
    """A step under the contract's own name. Several may stand at one of our steps: a joint board after step 3."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="stages", verbose_name=_("agreement"))
    position = models.PositiveSmallIntegerField(_("place in the order"), validators=[MinValueValidator(1)])
    step = models.CharField(_("counts as"), max_length=12, choices=Step.choices)
    name = line(_("the contract calls it"), 60)

    objects = AgreementPartQuerySet.as_manager()

    class Meta:
        verbose_name = _("step of an agreement")
        verbose_name_plural = _("steps of agreements")
        default_permissions = ()
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["agreement", "position"],
                name="agreement_stage_once",
                violation_error_message=_("This place in the order is taken. Choose the next one."),
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def step_number(self) -> int:
        return STEPS.index(Step(self.step)) + 1


class StepRuleQuerySet(FollowsParent):
    parent = "stage__agreement"


class StepRule(Versioned, TimeStamped):
    """One clock of one step, as the contract words it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    stage = models.ForeignKey(AgreementStage, models.PROTECT, related_name="rules", verbose_name=_("step"))
    clock = models.CharField(_("what is to be done"), max_length=10, choices=RULE_CLOCKS)
    days = models.PositiveSmallIntegerField(_("days"), validators=[MinValueValidator(1), MaxValueValidator(MOST_DAYS)])
    unit = models.CharField(_("counted as"), max_length=12, choices=DayUnit.choices, default=DayUnit.CALENDAR)
    trigger = models.CharField(_("counted from"), max_length=14, choices=ClockStart.choices)
    event_day_counted = models.BooleanField(_("that day itself is the first day"), default=False)
    rolls = models.BooleanField(_("a last day that is closed moves to the next open day"), default=False)
    unclear_unit = models.BooleanField(_("the contract does not say which days"), default=False)
    unclear_start = models.BooleanField(_("the contract does not say whether the first day counts"), default=False)
    unclear_roll = models.BooleanField(_("the contract does not say what a closed last day does"), default=False)
    clause = line(_("article and section"), 60, blank=True)

    objects = StepRuleQuerySet.as_manager()

    class Meta:
        verbose_name = _("deadline of an agreement")
        verbose_name_plural = _("deadlines of agreements")
        default_permissions = ()
        ordering = ["stage__position", "created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["stage", "clock"],
                name="step_rule_once",
                violation_error_message=_("This step has a rule for this already. Change that one."),
            ),
            models.CheckConstraint(
                condition=Q(days__range=(1, MOST_DAYS)),
                name="step_rule_days",
                violation_error_message=_("Enter between 1 and 366 days."),
            ),
        ]

    def __str__(self) -> str:
        return self.get_clock_display()


class AgreementClosure(Versioned, TimeStamped):
    """Days on which the employer is closed and no clock of the contract runs."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="closures", verbose_name=_("agreement"))
    name = line(_("name"), 60)
    first_day = dated(_("first day"))
    last_day = dated(_("last day"))

    objects = AgreementPartQuerySet.as_manager()

    class Meta:
        verbose_name = _("closure")
        verbose_name_plural = _("closures")
        default_permissions = ()
        ordering = ["first_day"]
        constraints = [
            models.CheckConstraint(
                condition=Q(last_day__gte=F("first_day")),
                name="closure_days",
                violation_error_message=_("It ends before it begins. Check the two days."),
            )
        ]

    def __str__(self) -> str:
        return self.name


class AgreementClause(Versioned, TimeStamped):
    """A section of an article, as the contract words it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="clauses", verbose_name=_("agreement"))
    position = models.PositiveIntegerField(_("place in the order"))
    article = line(_("article"), 60)
    section = line(_("section"), 60, blank=True)
    title = line(_("title"), 200, blank=True)
    text = paragraphs(_("text"), blank=True)

    objects = AgreementPartQuerySet.as_manager()

    class Meta:
        verbose_name = _("section of an agreement")
        verbose_name_plural = _("sections of agreements")
        default_permissions = ()
        ordering = ["position", "id"]
        indexes = [models.Index(fields=["agreement", "position", "id"], name="clause_order")]

    def __str__(self) -> str:
        return f"{self.article} {self.section}".strip()


class AgreementFileQuerySet(AttachmentQuerySet):
    def visible_to(self, user: Actor) -> Self:
        return self.filter(agreement__in=Agreement.objects.visible_to(user))

    def in_order(self) -> Self:
        return self.select_related("added_by").order_by("added_at", "pk")


class AgreementFile(Attachment):
    """The signed contract as it came, kept beside what was typed of it."""

    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="files", verbose_name=_("agreement"))

    objects = AgreementFileQuerySet.as_manager()

    class Meta(Attachment.Meta):
        abstract = False
        verbose_name = _("file of an agreement")
        verbose_name_plural = _("files of agreements")
        default_permissions = ()
        constraints = [
            *Attachment.Meta.constraints,
            models.UniqueConstraint(
                fields=["agreement", "sha256"],
                condition=Q(superseded_at=None),
                name="agreement_file_once",
                violation_error_message=_("This file is with the agreement already."),
            ),
        ]
        indexes = [
            models.Index(fields=["agreement", "added_at", "id"], name="agreement_file_order"),
            models.Index(fields=["added_at", "id"], name="agreement_file_held", condition=Q(state="held")),
        ]
