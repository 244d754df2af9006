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
    DECIDED,
    GRANTED,
    IN_REVIEW,
    LEVELS,
    NOT_YET_SENT,
    OPEN,
    Level,
    PaymentMethod,
    Reason,
    Side,
    Status,
    position_of,
)
from benevolence.models.guards import APPLICATION
from benevolence.models.policy import ABOVE_ZERO, BenevolencePolicy
from benevolence.models.relationship import DeclaredRelationship
from core.crypto import EncryptedTextField
from core.db.one_of import AmongKeys, OneOf
from core.folding import digits
from core.models import TimeStamped, Versioned
from core.money import MoneyField
from core.permissions import may
from core.search import Searchable, searchable
from core.site import local_today
from core.validators import validate_paragraphs, validate_sensible_date, validate_single_line
from members.models import Member

REVIEW_PERMISSIONS = dict(zip(LEVELS, (p.REVIEW_VP, p.REVIEW_ADMIN, p.REVIEW_MANAGER, p.REVIEW_PRESIDENT), strict=True))
FULL_PERMISSIONS = (*REVIEW_PERMISSIONS.values(), p.PAY, p.VIEW_DECIDED)
ANY_PERMISSION = (p.VIEW_OWN_APPLICATIONS, p.APPLY_FOR_MEMBER, *FULL_PERMISSIONS)


# What waits for whoever applied, or entered it for them.
TO_DO_FOR_ENTRANT = Q(status=Status.DRAFT) | Q(is_awaiting_applicant=True)
TEXT_LENGTH = 4000


def levels_of(user):
    """The levels whose decisions `user` may take by a live role."""
    return [level for level, permission in REVIEW_PERMISSIONS.items() if may(user, permission)]


def is_own(user):
    """What keeps somebody from deciding and paying: the applicant is, or may be, any record that was ever theirs."""
    return AmongKeys("member_id", user.person_keys)


def is_applicant(user):
    """Whether `user` reads and acts as the applicant, by the record that is confirmed as theirs."""
    return OneOf("member_id", Member.objects.same_person(user.own_member_id).values("pk"))


def is_related(user):
    """Somebody with whom `user` declared a relationship, under whichever of their merged records."""
    declared = DeclaredRelationship.objects.filter(user=user)
    kept = declared.exclude(member__merged_into=None).values("member__merged_into")
    same = Member.objects.order_by()
    people = declared.values("member").union(
        kept,
        same.filter(merged_into__in=declared.values("member")).values("pk"),
        same.filter(merged_into__in=kept).values("pk"),
    )
    return OneOf("member_id", people)


def reviews_by(user):
    reviews = BenevolenceApplication._meta.get_field("reviews").related_model._default_manager
    return reviews.filter(application=OuterRef("pk"), reviewer=user, voided_at=None)


def seen_in_full(user):
    """Applications that reach the levels of `user`, or that they pay or audit; never their own or a relation's.

    As the other two: a condition, or None where no role of theirs gives any.
    """
    found = []
    if levels := levels_of(user):
        found.append(Q(level_reached__gte=position_of(levels[0])))
    if may(user, p.PAY):
        found.append(Q(status__in=GRANTED))
    if may(user, p.VIEW_DECIDED):
        found.append(Q(status__in=DECIDED))
    if not found:
        return None
    return reduce(or_, found) & ~Q(is_own(user)) & ~Q(is_related(user))


def seen_as_applicant(user):
    if user.own_member_id and may(user, p.VIEW_OWN_APPLICATIONS):
        return Q(is_applicant(user))
    return None


def seen_at_intake(user):
    if may(user, p.APPLY_FOR_MEMBER):
        return Q(entered_by=user)
    return None


class ApplicationQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Applicants their own, the office what it entered, levels and payers what reached them."""
        conditions = [seen_in_full(user), seen_as_applicant(user), seen_at_intake(user)]
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
            has_reviewed=Exists(reviews_by(user)),
            has_reviewed_elsewhere=Exists(reviews_by(user).exclude(review_level=OuterRef("level_due"))),
        )

    def with_side(self, user):
        """`side`: from which `user` looks at each row."""
        sides = [(seen_as_applicant(user), Side.APPLICANT), (seen_in_full(user), Side.FULL)]
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

    def of_person(self, member):
        """Applications of the same person, under whichever of their merged records."""
        person = Member.objects.same_person(member.merged_into_id or member.pk)
        return self.filter(OneOf("member_id", person.values("pk")))

    def of_perhaps_same(self, member):
        """As `of_person`, with the records that the matcher takes for the same person: what limits count."""
        person = list(Member.objects.merged_with({member.pk}))
        return self.filter(member__in=Member.objects.perhaps_same(person).values("pk"))

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
        due = Q(status__in=IN_REVIEW, level_due__in=levels_of(user))
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
        self.sort_number = sort_number(self.application_number or "")
        number = self.application_number or ""
        # A number typed with its hyphens is searched as one word of digits.
        member = self.member
        numbers = (member.member_number or "", member.former_numbers)
        self.search_text = searchable(number, digits(number), *member.spellings, *numbers)


def sort_number(number: str) -> str:
    """`BN-2026-10000` after `BN-2026-9999`, also as text."""
    start, dash, count = number.rpartition("-")
    return f"{start}{dash}{count:0>9}" if number else ""
