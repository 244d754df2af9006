import datetime
import uuid
from typing import Any

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.folding import digits
from core.models import OneRow, SoftDelete, TimeStamped, Versioned
from core.money import MoneyField
from core.validators import validate_paragraphs, validate_sensible_date, validate_single_line
from grievances.enums import (
    AT_STEPS,
    LAST_STEP,
    RESOLVED,
    STEPS,
    UNRESOLVED,
    GrievanceStatus,
    GrievanceType,
    Step,
    StepOutcome,
    Told,
)
from grievances.querysets import (
    GrievanceQuerySet,
    GrievantQuerySet,
    IntakeQuerySet,
    PolicyQuerySet,
    ResolutionQuerySet,
    StepRecordQuerySet,
    ToldQuerySet,
)
from members.models import Member, Organization, searchable

LONGEST_TEXT = 20_000
LONGEST_NOTE = 4_000
ENTRY_STEPS = list(enumerate(Step.labels[:-1], 1))


def paragraphs(label: Any, limit: int = LONGEST_TEXT, **options: Any) -> Any:
    """A text of several lines whose length the model holds too: TextField leaves that to the form."""
    validators: list[Any] = [MaxLengthValidator(limit), validate_paragraphs]
    return models.TextField(label, max_length=limit, validators=validators, **options)


def line(label: Any, limit: int = 200, **options: Any) -> Any:
    return models.CharField(label, max_length=limit, validators=[validate_single_line], **options)


def dated(label: Any, **options: Any) -> Any:
    return models.DateField(label, validators=[validate_sensible_date], **options)


def any_day(label: Any) -> Any:
    return dated(label, null=True, blank=True)


def person(label: Any, **options: Any) -> Any:
    return models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=label, **options)


class GrievancePolicy(OneRow):
    """What differs between locals. Read and changed by core.records.one_row."""

    entry_step_individual = models.PositiveSmallIntegerField(
        _("an individual grievance begins at"), choices=ENTRY_STEPS, default=1
    )
    entry_step_group = models.PositiveSmallIntegerField(
        _("a group grievance begins at"), choices=ENTRY_STEPS, default=2
    )
    entry_step_policy = models.PositiveSmallIntegerField(
        _("a policy grievance begins at"), choices=ENTRY_STEPS, default=3
    )
    representative_may_resolve = models.BooleanField(
        _("representatives may settle, withdraw and close the cases assigned to them, up to step 3"), default=True
    )

    objects = PolicyQuerySet.as_manager()

    class Meta(OneRow.Meta):
        verbose_name = verbose_name_plural = _("grievance rules")
        default_permissions = ()

    def __str__(self) -> str:
        return str(self._meta.verbose_name)

    def entry_step(self, grievance_type: str) -> Step:
        return STEPS[getattr(self, f"entry_step_{grievance_type}") - 1]


class CaseText(models.Model):
    """What happened and what is asked, in a draft and, unchanged from then on, in the case."""

    contract_article = line(_("contract article"), 100)
    incident_date = any_day(_("date of the incident"))
    knowledge_date = any_day(_("day we learned of it"))
    violation_description = paragraphs(_("what happened"))
    remedy_sought = paragraphs(_("remedy sought"))

    class Meta:
        abstract = True


CASE_TEXT = tuple(field.name for field in CaseText._meta.local_fields)


class Grievance(Versioned, TimeStamped, CaseText):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    grievance_number = models.CharField(_("number"), max_length=20, unique=True, editable=False)
    former_number = line(_("former number"), 60, blank=True)
    grievance_type = models.CharField(_("type"), max_length=12, choices=GrievanceType.choices)
    member = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="led_grievances", verbose_name=_("lead grievant")
    )
    employer = models.ForeignKey(Organization, models.PROTECT, related_name="grievances", verbose_name=_("employer"))
    filed_date = dated(_("filed"))
    current_step = models.CharField(_("step"), max_length=12, choices=Step.choices)
    status = models.CharField(_("status"), max_length=14, choices=GrievanceStatus.choices, default=GrievanceStatus.OPEN)
    status_before = models.CharField(
        _("status before it was resolved"), max_length=14, blank=True, choices=GrievanceStatus.choices
    )
    assigned_rep = person(_("representative"), null=True, blank=True, related_name="assigned_grievances")
    resolution = paragraphs(_("resolution"), blank=True)
    resolution_date = any_day(_("resolved"))
    settlement_amount = MoneyField(_("settlement amount"), null=True, blank=True)
    notes = paragraphs(_("notes"), blank=True)
    is_restricted = models.BooleanField(_("restricted to named people"), default=False)
    named_people = models.ManyToManyField(
        settings.AUTH_USER_MODEL, blank=True, related_name="+", verbose_name=_("named people")
    )
    filed_by = person(_("filed by"), null=True, blank=True, related_name="+")
    search_text = models.TextField(editable=False)

    objects = GrievanceQuerySet.as_manager()

    class Meta:
        verbose_name = _("grievance")
        verbose_name_plural = _("grievances")
        default_permissions = ()
        permissions = [
            ("view_grievance", "Can see grievances"),
            ("view_all_grievance", "Can see all grievances"),
            ("view_own_grievance", "Can see the state of their own grievances"),
            ("view_strategy", "Can read the notes on grievances"),
            ("export_grievance", "Can export grievances"),
            ("draft_grievance", "Can draft grievances"),
            ("file_grievance", "Can file grievances"),
            ("work_grievance", "Can work grievances"),
            ("work_all_grievance", "Can work grievances assigned to others"),
            ("assign_grievance", "Can assign grievances"),
            ("restrict_grievance", "Can restrict grievances to named people"),
            ("resolve_grievance", "Can settle, withdraw and close grievances"),
            ("arbitrate_grievance", "Can take grievances to arbitration and reopen them"),
            ("view_grievancepolicy", "Can see the grievance rules"),
            ("change_grievancepolicy", "Can change the grievance rules"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(grievance_type=GrievanceType.POLICY, member=None)
                | (~Q(grievance_type=GrievanceType.POLICY) & Q(member__isnull=False)),
                name="grievance_member",
                violation_error_message=_("Name the grievant; only a policy grievance has none."),
            ),
            models.CheckConstraint(
                condition=Q(status__in=UNRESOLVED, status_before="", resolution_date=None)
                | Q(status__in=RESOLVED, status_before__in=UNRESOLVED, resolution_date__isnull=False),
                name="grievance_resolved",
                violation_error_message=_("A case has a resolution date when it is settled, withdrawn or closed."),
            ),
            models.CheckConstraint(
                condition=Q(settlement_amount=None) | Q(status=GrievanceStatus.SETTLED, settlement_amount__gte=0),
                name="grievance_amount",
                violation_error_message=_("Only a settled case has an amount, and it is not negative."),
            ),
            models.CheckConstraint(
                condition=(~Q(status=GrievanceStatus.ARBITRATION) | Q(current_step=Step.ARBITRATION))
                & (~Q(current_step=Step.ARBITRATION) | ~Q(status__in=AT_STEPS)),
                name="grievance_arbitration",
                violation_error_message=_("A case at arbitration has left the steps before."),
            ),
        ]
        indexes = [
            models.Index(fields=["filed_date", "id"], name="grievance_filed"),
            models.Index(fields=["grievance_number", "id"], name="grievance_number"),
            models.Index(fields=["status", "filed_date", "id"], name="grievance_status"),
            models.Index(fields=["current_step", "filed_date", "id"], name="grievance_step"),
            models.Index(fields=["grievance_type", "filed_date", "id"], name="grievance_type"),
            models.Index(fields=["assigned_rep", "filed_date", "id"], name="grievance_rep"),
            models.Index(
                fields=["assigned_rep", "filed_date", "id"],
                name="grievance_rep_unresolved",
                condition=Q(status__in=UNRESOLVED),
            ),
            models.Index(
                fields=["filed_date", "id"],
                name="grievance_unassigned",
                condition=Q(status__in=UNRESOLVED, assigned_rep=None),
            ),
            models.Index(fields=["updated_at", "id"], name="grievance_updated"),
            GinIndex(fields=["search_text"], opclasses=["gin_trgm_ops"], name="grievance_search"),
        ]

    def __str__(self) -> str:
        return self.grievance_number

    def get_absolute_url(self) -> str:
        return reverse("grievance_detail", args=[self.pk])

    @property
    def step_number(self) -> int:
        return STEPS.index(Step(self.current_step)) + 1

    @property
    def is_resolved(self) -> bool:
        return self.status in RESOLVED

    def days_open(self, today: datetime.date) -> int:
        return max(0, ((self.resolution_date or today) - self.filed_date).days)

    def is_past_the_steps(self) -> bool:
        """At arbitration, or denied at the last step: from here on only some may end the case. Asks the database."""
        if self.current_step == LAST_STEP:
            return self.step_records.live().filter(step_number=3, outcome=StepOutcome.DENIED).exists()
        return self.current_step == Step.ARBITRATION

    def fill_keys(self, people: list[Member] | None = None) -> None:
        """Columns computed from others; `people` are the grievants (read when not given)."""
        if people is None:
            people = list(Member.objects.filter(grievants__grievance=self.pk).order_by("pk"))
        named = [text for member in people for text in (member.full_name, member.member_number or "")]
        numbers = [self.grievance_number, self.former_number]
        numbers += [digits(number) for number in numbers]  # the search reads 2026-0001 as one number
        self.search_text = searchable(*numbers, self.employer.name, self.contract_article, *named)

    def save(self, *, people: list[Member] | None = None, **kwargs: Any) -> None:
        self.fill_keys(people)
        super().save(**kwargs)


UNFILED = Q(deleted_at=None, filed_as=None)


class GrievanceIntake(SoftDelete, Versioned, TimeStamped, CaseText):
    """A draft. Everything may be open until it is filed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    grievance_type = models.CharField(_("type"), max_length=12, blank=True, choices=GrievanceType.choices)
    organization = models.ForeignKey(
        Organization, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("employer")
    )
    members = models.ManyToManyField(Member, blank=True, related_name="+", verbose_name=_("grievants"))
    contract_article = line(_("contract article"), 100, blank=True)
    violation_description = paragraphs(_("what happened"), blank=True)
    remedy_sought = paragraphs(_("remedy sought"), blank=True)
    notes = paragraphs(_("notes"), blank=True)
    drafted_by = person(_("drafted by"), null=True, related_name="+", editable=False)
    filed_as = models.OneToOneField(
        Grievance, models.PROTECT, null=True, editable=False, related_name="intake", verbose_name=_("filed as")
    )

    objects = IntakeQuerySet.as_manager()

    class Meta:
        verbose_name = _("draft")
        verbose_name_plural = _("drafts")
        default_permissions = ()
        indexes = [
            models.Index(fields=["created_at", "id"], name="intake_created", condition=Q(deleted_at=None)),
            models.Index(fields=["created_at", "id"], name="intake_unfiled", condition=UNFILED),
            models.Index(fields=["drafted_by", "created_at", "id"], name="intake_unfiled_drafted", condition=UNFILED),
            models.Index(fields=["grievance_type", "created_at", "id"], name="intake_unfiled_type", condition=UNFILED),
        ]

    def __str__(self) -> str:
        return str(_("Draft"))

    def get_absolute_url(self) -> str:
        return reverse("intake_detail", args=[self.pk])


class Grievant(Versioned, TimeStamped):
    """Who a case is about."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    grievance = models.ForeignKey(Grievance, models.PROTECT, related_name="grievants", verbose_name=_("grievance"))
    member = models.ForeignKey(Member, models.PROTECT, related_name="grievants", verbose_name=_("member"))

    objects = GrievantQuerySet.as_manager()

    class Meta:
        verbose_name = _("grievant")
        verbose_name_plural = _("grievants")
        default_permissions = ()
        ordering = ["created_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["grievance", "member"],
                name="grievant_once",
                violation_error_message=_("This person is a grievant of this case already."),
            )
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.member_id}"


class GrievanceStepRecord(Versioned, TimeStamped):
    """What came of a step. A wrong record is superseded by another, never edited."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    grievance = models.ForeignKey(Grievance, models.PROTECT, related_name="step_records", verbose_name=_("grievance"))
    step_number = models.PositiveSmallIntegerField(_("step"), choices=list(enumerate(Step.labels, 1)))
    meeting_date = any_day(_("day of the meeting"))
    union_attendees = line(_("for the union"), 500, blank=True)
    employer_attendees = line(_("for the employer"), 500, blank=True)
    outcome = models.CharField(_("outcome"), max_length=10, blank=True, choices=StepOutcome.choices)
    notes = paragraphs(_("what was said"), LONGEST_NOTE, blank=True)
    superseded_by = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, editable=False, related_name="supersedes"
    )
    superseded_reason = models.CharField(_("why it was replaced"), max_length=300, blank=True, editable=False)

    objects = StepRecordQuerySet.as_manager()

    class Meta:
        verbose_name = _("step record")
        verbose_name_plural = _("step records")
        default_permissions = ()
        ordering = ["step_number", "created_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["grievance", "step_number"],
                condition=Q(superseded_by=None),
                name="step_record_one_live",
                violation_error_message=_("This step has a record already. Replace that one, saying why."),
            ),
            models.CheckConstraint(
                condition=Q(step_number__range=(1, 4)),
                name="step_record_number",
                violation_error_message=_("A step is 1, 2, 3 or arbitration."),
            ),
        ]
        indexes = [models.Index(fields=["step_number", "created_at", "id"], name="step_record_order")]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.step_number}"

    @property
    def outcome_words(self) -> str:
        """“Moved to Step 2” says more than “Moved to the next step”."""
        if self.outcome == StepOutcome.ADVANCED and self.step_number < len(STEPS):
            return str(_("Moved to %(step)s") % {"step": STEPS[self.step_number].label})
        return self.get_outcome_display()


class Resolution(Versioned, TimeStamped):
    """How a case ended; reopening supersedes it, so nothing of it is lost."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    grievance = models.ForeignKey(Grievance, models.PROTECT, related_name="resolutions", verbose_name=_("grievance"))
    outcome = models.CharField(
        _("outcome"), max_length=10, choices=[(status.value, status.label) for status in RESOLVED]
    )
    day = dated(_("decided on"))
    reason = paragraphs(_("reason and terms"), LONGEST_NOTE)
    decided_by = line(_("decided by"))
    amount = MoneyField(_("amount"), null=True, blank=True)
    with_prejudice = models.BooleanField(_("with prejudice"), null=True, blank=True)
    superseded_at = models.DateTimeField(_("superseded"), null=True, blank=True, editable=False)

    objects = ResolutionQuerySet.as_manager()

    class Meta:
        verbose_name = _("resolution")
        verbose_name_plural = _("resolutions")
        default_permissions = ()
        ordering = ["created_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["grievance"],
                condition=Q(superseded_at=None),
                name="resolution_one_live",
                violation_error_message=_("This case is resolved already."),
            ),
            models.CheckConstraint(
                condition=Q(amount=None) | Q(outcome=GrievanceStatus.SETTLED, amount__gte=0),
                name="resolution_amount",
                violation_error_message=_("Only a settlement has an amount, and it is not negative."),
            ),
            models.CheckConstraint(
                condition=Q(outcome=GrievanceStatus.WITHDRAWN, with_prejudice__isnull=False)
                | (~Q(outcome=GrievanceStatus.WITHDRAWN) & Q(with_prejudice=None)),
                name="resolution_prejudice",
                violation_error_message=_("A withdrawal is with or without prejudice; nothing else is."),
            ),
        ]

    def __str__(self) -> str:
        return self.get_outcome_display()


class GrievantTold(Versioned, TimeStamped):
    """The day on which a grievant learned how the case ended."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    resolution = models.ForeignKey(Resolution, models.PROTECT, related_name="told", verbose_name=_("resolution"))
    grievant = models.ForeignKey(Grievant, models.PROTECT, related_name="told", verbose_name=_("grievant"))
    told_on = dated(_("told on"))
    how = models.CharField(_("how"), max_length=10, choices=Told.choices)

    objects = ToldQuerySet.as_manager()

    class Meta:
        verbose_name = _("told grievant")
        verbose_name_plural = _("told grievants")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["resolution", "grievant"],
                name="grievant_told_once",
                violation_error_message=_("It is recorded already when this grievant was told."),
            )
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.grievant_id}"
