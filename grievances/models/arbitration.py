"""The arbitration of a case: the panel, whose names are struck in turn, hearing days, the award, what it cost us."""

import datetime
import uuid
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from core.models import TimeStamped, Versioned
from core.money import MoneyField
from core.permissions import Actor
from grievances.enums import UNRESOLVED, AwardOutcome, PanelSource, Side
from grievances.models.away import wait_for
from grievances.models.fields import LONGEST_NOTE, any_day, dated, line, paragraphs, person
from grievances.models.grievance import Grievance, PartQuerySet

LARGEST_PANEL = 25
OTHER_SIDE = {Side.UNION: Side.EMPLOYER, Side.EMPLOYER: Side.UNION}


class ArbitrationQuerySet(PartQuerySet):
    def live(self) -> Self:
        return self.filter(superseded_at=None)

    def with_rows(self) -> Self:
        """With everything that hangs on them, in a statement for each table."""
        return self.prefetch_related("names", "hearings", "awards", "costs")


class Arbitration(Versioned, TimeStamped):
    """A panel that was asked for, and what came of it; asking for another one supersedes it, so nothing is lost."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    grievance = models.ForeignKey(Grievance, models.PROTECT, related_name="arbitrations", verbose_name=_("grievance"))
    source = models.CharField(_("the arbitrator comes from"), max_length=10, choices=PanelSource.choices)
    size = models.PositiveSmallIntegerField(_("names on the panel"))
    first_strike = models.CharField(_("who strikes first"), max_length=8, blank=True, choices=Side.choices)
    requested_on = dated(_("asked for on"))
    superseded_at = models.DateTimeField(_("given up"), null=True, blank=True, editable=False)
    superseded_reason = models.CharField(_("why another was asked for"), max_length=300, blank=True, editable=False)

    objects = ArbitrationQuerySet.as_manager()

    class Meta:
        verbose_name = _("arbitration")
        verbose_name_plural = _("arbitrations")
        default_permissions = ()
        ordering = ["created_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["grievance"],
                condition=Q(superseded_at=None),
                name="arbitration_one_live",
                violation_error_message=_("A panel is asked for already. Load the page again."),
            ),
            models.CheckConstraint(
                condition=Q(size__in=list(range(1, LARGEST_PANEL + 1, 2))),
                name="arbitration_size",
                violation_error_message=_("A panel has an odd number of names, so that the last one serves."),
            ),
            models.CheckConstraint(
                condition=~Q(source=PanelSource.SOLE) | Q(size=1),
                name="arbitration_sole",
                violation_error_message=_("A sole arbitrator is one name."),
            ),
        ]

    def __str__(self) -> str:
        return self.get_source_display()

    @property
    def remaining(self) -> list["PanelName"]:
        return [name for name in self.names.all() if name.struck_number is None]

    @property
    def struck(self) -> list["PanelName"]:
        """In the order in which they were struck."""
        return sorted(
            (name for name in self.names.all() if name.struck_number), key=lambda name: name.struck_number or 0
        )

    @property
    def selected(self) -> "PanelName | None":
        """Who serves: the name that is left."""
        left = self.remaining
        return left[0] if len(left) == 1 else None

    @property
    def next_number(self) -> int:
        """The number that the next strike bears, from 1 on; 0 while there is nothing to strike."""
        return len(self.struck) + 1 if len(self.remaining) > 1 else 0

    @property
    def turn(self) -> str:
        """Whose turn it is to strike, "" when it is nobody's."""
        return self.side_of(self.next_number) if self.next_number else ""

    def side_of(self, number: int) -> str:
        """Who makes the strike with this number; they strike in turn."""
        first = Side(self.first_strike)
        return first if number % 2 else OTHER_SIDE[first]

    @property
    def award(self) -> "Award | None":
        """The award that counts."""
        return next((award for award in self.awards.all() if award.superseded_at is None), None)


class ArbitrationPartQuerySet(PartQuerySet):
    parent = "arbitration__grievance"


class PanelName(Versioned, TimeStamped):
    """A name on a panel, until one side strikes it; a strike that was taken back is in the history of the case."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    arbitration = models.ForeignKey(Arbitration, models.PROTECT, related_name="names", verbose_name=_("arbitration"))
    position = models.PositiveSmallIntegerField(_("place on the panel"))
    name = line(_("name"), 200)
    struck_number = models.PositiveSmallIntegerField(_("number of the strike"), null=True, blank=True)
    struck_by = models.CharField(_("struck by"), max_length=8, blank=True, choices=Side.choices)
    struck_on = any_day(_("struck on"))
    recorded_by = person(_("strike recorded by"), null=True, blank=True, related_name="+")

    objects = ArbitrationPartQuerySet.as_manager()

    class Meta:
        verbose_name = _("name on a panel")
        verbose_name_plural = _("names on panels")
        default_permissions = ()
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["arbitration", "position"], name="panel_name_place"),
            models.UniqueConstraint(
                "arbitration",
                Lower("name"),
                name="panel_name_once",
                violation_error_message=_("This name stands on the panel twice."),
            ),
            models.UniqueConstraint(
                fields=["arbitration", "struck_number"],
                name="panel_strike_once",
                violation_error_message=_("Somebody struck a name meanwhile. Look whose turn it is."),
            ),
            models.CheckConstraint(
                condition=Q(struck_number=None, struck_by="", struck_on=None)
                | (Q(struck_number__gte=1, struck_on__isnull=False) & ~Q(struck_by="")),
                name="panel_strike_whole",
                violation_error_message=_("A strike has its number, its side and its day."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class HearingQuerySet(ArbitrationPartQuerySet):
    def to_come(self, today: datetime.date, until: datetime.date | None = None) -> Self:
        """Those that are set, of open cases, from today on; `until` is the last day."""
        rows = self.filter(cancelled_at=None, arbitration__superseded_at=None, day__gte=today)
        rows = rows.filter(arbitration__grievance__status__in=UNRESOLVED)
        return rows.filter(day__lte=until) if until else rows

    def waiting_for(self, user: Actor) -> Self:
        """As deadlines wait for people."""
        return self.visible_to(user).filter(wait_for("arbitration__grievance", user))

    def in_order(self) -> Self:
        return self.select_related("arbitration__grievance").order_by("day", "pk")


class HearingDay(Versioned, TimeStamped):
    """A day that is set for the hearing; what was said there is the record of a meeting at the step."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    arbitration = models.ForeignKey(Arbitration, models.PROTECT, related_name="hearings", verbose_name=_("arbitration"))
    day = dated(_("day"))
    place = line(_("where and when"), 200, blank=True)
    cancelled_at = models.DateTimeField(_("cancelled"), null=True, blank=True, editable=False)
    cancelled_reason = models.CharField(_("why it was cancelled"), max_length=300, blank=True, editable=False)

    objects = HearingQuerySet.as_manager()

    class Meta:
        verbose_name = _("hearing day")
        verbose_name_plural = _("hearing days")
        default_permissions = ()
        ordering = ["day", "created_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["arbitration", "day"],
                condition=Q(cancelled_at=None),
                name="hearing_day_once",
                violation_error_message=_("This day is set for the hearing already."),
            )
        ]
        indexes = [models.Index(fields=["day", "created_at", "id"], name="hearing_day_order")]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.day}"

    @property
    def case(self) -> Grievance:
        return self.arbitration.grievance


class Award(Versioned, TimeStamped):
    """What the arbitrator decided. It ends nothing by itself; a wrong record is superseded, never edited."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    arbitration = models.ForeignKey(Arbitration, models.PROTECT, related_name="awards", verbose_name=_("arbitration"))
    day = dated(_("day of the award"))
    received_on = dated(_("received on"))
    outcome = models.CharField(_("outcome"), max_length=10, choices=AwardOutcome.choices)
    amount = MoneyField(_("amount"), null=True, blank=True)
    summary = paragraphs(_("what it says"), LONGEST_NOTE)
    superseded_at = models.DateTimeField(_("replaced"), null=True, blank=True, editable=False)
    superseded_reason = models.CharField(_("why it was replaced"), max_length=300, blank=True, editable=False)

    objects = ArbitrationPartQuerySet.as_manager()

    class Meta:
        verbose_name = _("award")
        verbose_name_plural = _("awards")
        default_permissions = ()
        ordering = ["created_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["arbitration"],
                condition=Q(superseded_at=None),
                name="award_one_live",
                violation_error_message=_("An award is recorded already. Load the page again."),
            ),
            models.CheckConstraint(
                condition=Q(received_on__gte=F("day")),
                name="award_days",
                violation_error_message=_("An award is received on its day or after it. Check the two days."),
            ),
            models.CheckConstraint(
                condition=Q(amount=None) | Q(amount__gte=0),
                name="award_amount",
                violation_error_message=_("An amount is not negative."),
            ),
        ]

    def __str__(self) -> str:
        return self.get_outcome_display()


class ArbitrationCost(Versioned, TimeStamped):
    """Our share of what an arbitration costs; what was entered by mistake is struck with a reason."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    arbitration = models.ForeignKey(Arbitration, models.PROTECT, related_name="costs", verbose_name=_("arbitration"))
    day = dated(_("day"))
    what = line(_("what it was for"), 200)
    amount = MoneyField(_("our share"))
    dropped_at = models.DateTimeField(_("struck"), null=True, blank=True, editable=False)
    dropped_reason = models.CharField(_("why it was struck"), max_length=300, blank=True, editable=False)

    objects = ArbitrationPartQuerySet.as_manager()

    class Meta:
        verbose_name = _("cost of an arbitration")
        verbose_name_plural = _("costs of arbitrations")
        default_permissions = ()
        ordering = ["day", "created_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0),
                name="arbitration_cost_amount",
                violation_error_message=_("Enter more than nothing."),
            )
        ]
        indexes = [models.Index(fields=["day", "created_at", "id"], name="arbitration_cost_order")]

    def __str__(self) -> str:
        return self.what
