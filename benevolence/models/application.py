"""Applications: who sees which, and from which side."""

import uuid
from functools import reduce
from operator import or_

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.core.exceptions import ValidationError
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
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from benevolence import permissions as p
from benevolence.enums import (
    GRANTED,
    IN_REVIEW,
    NOT_YET_SENT,
    OPEN,
    Level,
    PaymentMethod,
    Reason,
    Side,
    Status,
)
from benevolence.models.clock import late_from
from benevolence.models.guards import APPLICATION
from benevolence.models.numbers import sort_number
from benevolence.models.policy import ABOVE_ZERO, BenevolencePolicy
from benevolence.models.sides import (
    decided_what_is_appealed,
    is_applicant,
    is_own,
    is_related,
    levels_of,
    paper_of,
    prepared_by,
    reviews_by,
    seen_as_applicant,
    seen_at_intake,
    seen_by_name,
    seen_by_payment,
    seen_in_full,
    seen_to_confirm,
)
from core.crypto import EncryptedTextField
from core.db.one_of import OneOf
from core.folding import digits
from core.models import TimeStamped, Versioned
from core.money import MoneyField
from core.permissions import may
from core.search import Searchable, searchable
from core.site import local_today
from core.validators import validate_paragraphs, validate_sensible_date, validate_single_line
from members.models import Member

# What waits for whoever applied, or entered it for them.
TO_DO_FOR_ENTRANT = Q(status=Status.DRAFT) | Q(is_awaiting_applicant=True)
TEXT_LENGTH = 4000


class ApplicationQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Applicants their own, the office what it entered, levels and payers what reached them."""
        conditions = [seen_in_full(user), seen_as_applicant(user), seen_at_intake(user), seen_to_confirm(user)]
        if given := [condition for condition in conditions if condition is not None]:
            return self.filter(reduce(or_, given))
        return self.none()

    def for_person(self, user):
        """With the side from which `user` looks at each row, and what keeps them from deciding it."""
        return self.with_side(user).annotate(
            seen_by=ExpressionWrapper(Value(user.pk), output_field=BigIntegerField()),
            is_own=is_own(user),
            is_related=is_related(user),
            is_mine=ExpressionWrapper(Q(is_applicant(user)) | Q(entered_by=user), output_field=BooleanField()),
            has_confirmed=Exists(paper_of().filter(confirmed_by=user)),
            has_prepared=Exists(prepared_by(user)),
            paper_waits=Exists(paper_of().filter(confirmed_at=None)),
            has_reviewed=Exists(reviews_by(user)),
            decided_before=decided_what_is_appealed(user),
            has_reviewed_elsewhere=Exists(reviews_by(user).exclude(review_level=OuterRef("level_due"))),
        )

    def with_side(self, user):
        """`side`: from which `user` looks at each row."""
        sides = [(seen_as_applicant(user), Side.APPLICANT), (seen_in_full(user), Side.FULL)]
        if (full := sides[1][0]) is not None:
            sides.insert(1, (full & ~seen_by_name(user), Side.BLIND))
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

    def by_name(self, user):
        """Of what they see in full, that of which they also see the person."""
        return self.in_full(user).filter(seen_by_name(user))

    def by_payment(self, user):
        """That of which they see what was paid, also where nothing else of it is open to them any more."""
        condition = seen_by_payment(user)
        return self.by_name(user) if condition is None else self.filter(condition)

    def named_to(self, user):
        """Without what they review blindly."""
        blind = seen_in_full(user)
        return self if blind is None else self.exclude(blind & ~seen_by_name(user) & Q(is_blind=True))

    def blind_to(self, user):
        """What they review without seeing the person."""
        return self.in_full(user).filter(is_blind=True).exclude(seen_by_name(user))

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
        rows = self.left_by(people) if may(user, p.APPLY_FOR_MEMBER) else self.none()
        return rows.order_by("entered_by").values_list("entered_by", flat=True).distinct()

    def granted(self):
        return self.filter(status__in=GRANTED)

    def due_to(self, user):
        """What waits for a level of `user` or for their payment, as far as they see it in full."""
        due = Q(status__in=IN_REVIEW) & (Q(level_due__in=levels_of(user)) | Q(substitute=user.pk))
        if may(user, p.PAY):
            due |= Q(status=Status.APPROVED)
        return self.in_full(user).filter(due)

    def by_need(self):
        """What is needed first, then what waits longest."""
        return self.order_by(F("needed_by").asc(nulls_last=True), "list_date", "sort_number", "pk")


class BenevolenceApplication(Versioned, TimeStamped, Searchable):
    """A member's request for help, from the draft to the payment. Its status changes through workflow.FLOW only."""

    triggers = APPLICATION

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    application_number = models.CharField(
        _("number"), max_length=20, unique=True, null=True, blank=True, editable=False
    )
    member = models.ForeignKey(
        Member, models.PROTECT, related_name="benevolence_applications", verbose_name=_("member")
    )
    application_date = models.DateField(_("applied"), null=True, blank=True, editable=False)
    reason = models.CharField(_("reason"), max_length=20, choices=Reason.choices)
    description = EncryptedTextField(_("what happened"), max_length=TEXT_LENGTH, validators=[validate_paragraphs])
    amount_requested = MoneyField(_("amount requested"))
    needed_by = models.DateField(_("needed by"), null=True, blank=True, validators=[validate_sensible_date])
    # The rules under which it was submitted; it keeps them.
    policy = models.ForeignKey(
        BenevolencePolicy,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("rules"),
    )
    status = models.CharField(_("status"), max_length=15, choices=Status.choices, default=Status.DRAFT)
    level_due = models.CharField(_("level due"), max_length=10, choices=Level.choices, blank=True)
    level_reached = models.PositiveSmallIntegerField(_("highest level reached"), default=0, editable=False)
    level_since = models.DateField(_("at this level since"), null=True, blank=True, editable=False)
    level_until = models.DateField(_("the level decides until"), null=True, blank=True, editable=False)
    times_late = models.PositiveSmallIntegerField(_("times late at this level"), default=0, editable=False)
    # From this day on the level is late once more than it is told to be.
    late_on = models.DateField(_("late on"), null=True, blank=True, editable=False)
    # Whose turn it was when that was last looked at; empty where everybody who holds the level may act.
    on_turn = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("waits for"),
    )
    # Appointed by two officers for the level due, of this case alone.
    substitute = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("substitute for this case"),
    )
    is_blind = models.BooleanField(_("reviewed blindly"), default=False, editable=False)
    needs_intake = models.BooleanField(_("waits for intake"), default=False, editable=False)
    is_related_to_office = models.BooleanField(_("related to an officer or employee"), default=False)
    appeal_of = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="appeals",
        verbose_name=_("appeal of"),
    )
    is_awaiting_applicant = models.BooleanField(_("waits for the applicant"), default=False)
    deferred_until = models.DateField(_("put off until"), null=True, blank=True, validators=[validate_sensible_date])
    approved_amount = MoneyField(_("amount approved"), null=True, blank=True)
    approved_on = models.DateField(_("approved"), null=True, blank=True)
    payment_date = models.DateField(_("paid on"), null=True, blank=True, validators=[validate_sensible_date])
    payment_method = models.CharField(_("paid by"), max_length=20, choices=PaymentMethod.choices, blank=True)
    payment_reference = models.CharField(
        _("check or bank reference"), max_length=60, blank=True, validators=[validate_single_line]
    )
    paid_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("payment recorded by"),
    )
    notes = EncryptedTextField(
        _("notes of the office"), max_length=TEXT_LENGTH, blank=True, validators=[validate_paragraphs]
    )
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("entered by")
    )
    # Who entered it at first: `entered_by` changes when somebody else looks after it.
    begun_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", blank=True, editable=False)
    list_date = models.DateField(_("date"), default=local_today, editable=False)
    sort_number = models.CharField(max_length=20, blank=True, editable=False)

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        verbose_name = _("benevolence application")
        verbose_name_plural = _("benevolence applications")
        default_permissions = ()
        permissions = [
            (p.VIEW_OWN_APPLICATIONS.codename, "Can view own application"),
            (p.APPLY.codename, "Can apply"),
            (p.APPLY_FOR_MEMBER.codename, "Can apply for member"),
            (p.REQUEST.codename, "Can request benevolence"),
            (p.REVIEW_VP.codename, "Can review vp"),
            (p.REVIEW_ADMIN.codename, "Can review admin"),
            (p.REVIEW_MANAGER.codename, "Can review manager"),
            (p.REVIEW_PRESIDENT.codename, "Can review president"),
            (p.PAY.codename, "Can pay benevolence"),
            (p.VIEW_DECIDED.codename, "Can view decided application"),
            (p.VIEW_TOTALS.codename, "Can view totals"),
            (p.DECLARE_RELATIONSHIP.codename, "Can declare relationship"),
            (p.APPOINT.codename, "Can appoint reviewers"),
            (p.VIEW_POLICY.codename, "Can view benevolencepolicy"),
            (p.CHANGE_POLICY.codename, "Can change benevolencepolicy"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_requested__gt=0), name="application_amount", violation_error_message=ABOVE_ZERO
            ),
            models.CheckConstraint(
                condition=Q(approved_amount=None)
                | Q(approved_amount__gt=0, approved_amount__lte=F("amount_requested")),
                name="application_approved_amount",
                violation_error_message=_("Approve an amount above zero and at most what was asked for."),
            ),
            models.CheckConstraint(
                condition=~Q(status__in=GRANTED) | Q(approved_amount__isnull=False, approved_on__isnull=False),
                name="application_granted",
                violation_error_message=_("An approved application needs its amount and its day."),
            ),
            models.CheckConstraint(
                condition=(
                    Q(status=Status.PAID, payment_date__isnull=False, paid_by__isnull=False) & ~Q(payment_method="")
                )
                | (~Q(status=Status.PAID) & Q(payment_date=None, paid_by=None, payment_method="")),
                name="application_payment",
                violation_error_message=_("A payment needs its day, its method and who recorded it."),
            ),
            models.CheckConstraint(
                condition=Q(status__in=NOT_YET_SENT)
                | Q(application_number__isnull=False, application_date__isnull=False, level_reached__gte=1),
                name="application_numbered",
                violation_error_message=_("A submitted application needs its number, its day and its first level."),
            ),
            models.CheckConstraint(
                condition=~Q(status=Status.DRAFT) | Q(application_number=None, application_date=None, level_reached=0),
                name="application_draft",
                violation_error_message=_("A draft has neither a number nor a level yet."),
            ),
            models.CheckConstraint(
                condition=(Q(status__in=IN_REVIEW) & ~Q(level_due=""))
                | (~Q(status__in=IN_REVIEW) & Q(level_due="", is_awaiting_applicant=False, deferred_until=None)),
                name="application_level_due",
                violation_error_message=_("A level is due while an application is in review, and only then."),
            ),
            models.CheckConstraint(
                condition=Q(level_reached__lte=4),
                name="application_level_reached",
                violation_error_message=_("There are four levels."),
            ),
            models.UniqueConstraint(
                fields=["payment_reference"],
                condition=~Q(payment_reference=""),
                name="application_payment_reference",
                violation_error_message=_("Another payment has this reference. Look at the check or the bank's list."),
            ),
        ]
        indexes = [
            models.Index(fields=["list_date", "id"], name="application_date"),
            models.Index(fields=["sort_number", "id"], name="application_sort_number"),
            models.Index(fields=["updated_at", "id"], name="application_updated"),
            models.Index(fields=["status", "list_date", "id"], name="application_status"),
            models.Index(fields=["reason", "list_date", "id"], name="application_reason"),
            models.Index(fields=["level_due", "list_date", "id"], name="application_level"),
            models.Index(fields=["member", "list_date", "id"], name="application_member"),
            models.Index(fields=["entered_by", "list_date", "id"], name="application_entered"),
            models.Index(
                fields=["entered_by", "list_date", "id"], name="application_entered_open", condition=Q(status__in=OPEN)
            ),
            models.Index(
                fields=["entered_by", "list_date", "id"], name="application_entered_todo", condition=TO_DO_FOR_ENTRANT
            ),
            # A level's queue, as by_need has it.
            models.Index(
                fields=["level_due", "needed_by", "list_date", "sort_number", "id"],
                name="application_queue",
                condition=Q(status__in=IN_REVIEW),
            ),
            models.Index(fields=["level_due", "on_turn"], name="application_turn", condition=Q(status__in=IN_REVIEW)),
            models.Index(fields=["late_on"], name="application_late", condition=Q(late_on__isnull=False)),
            models.Index(fields=["substitute"], name="application_substitute", condition=Q(substitute__isnull=False)),
            models.Index(fields=["appeal_of"], name="application_appeal", condition=Q(appeal_of__isnull=False)),
            models.Index(fields=["list_date", "id"], name="application_intake", condition=Q(needs_intake=True)),
            # The higher the level, the fewer reach it, and the less of the others its holder should wait for.
            *(
                models.Index(
                    fields=["list_date", "id"], name=f"application_reached_{at}", condition=Q(level_reached__gte=at)
                )
                for at in (2, 3, 4)
            ),
            GinIndex(fields=["search_text"], opclasses=["gin_trgm_ops"], name="application_search"),
        ]

    def __str__(self) -> str:
        return self.application_number or str(_("Draft"))

    def get_absolute_url(self) -> str:
        return reverse("application_detail", args=[self.pk])

    @property
    def is_in_review(self) -> bool:
        return self.status in IN_REVIEW

    def clean(self) -> None:
        """Says at the field what the constraint of the same meaning would say of the row."""
        if self.amount_requested is not None and self.amount_requested <= 0:
            raise ValidationError({"amount_requested": ABOVE_ZERO})

    def fill_keys(self) -> None:
        """Columns computed from others; called before every save and by the bulk writer.

        `list_date` is the day of the application, for a draft the day on which it was begun.
        """
        self.list_date = self.application_date or self.list_date
        self.begun_by_id = self.begun_by_id or self.entered_by_id
        self.late_on = late_from(self, self.times_late)
        self.sort_number = sort_number(self.application_number or "")
        number = self.application_number or ""
        # A number typed with its hyphens is searched as one word of digits.
        self.search_text = searchable(number, digits(number), *self.member.found_by)
