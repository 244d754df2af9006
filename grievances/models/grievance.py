"""A case has two sides: the whole of it for those who work it, and what its grievants may know."""

import datetime
import uuid
from typing import Any, Self, cast

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import BooleanField, Case, Count, Exists, F, IntegerField, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accounts.models import User, account_is_held
from core.db.one_of import AmongKeys, OneOf
from core.folding import digits
from core.models import FollowsParent, SoftDelete, SoftDeleteQuerySet, TimeStamped, Versioned
from core.money import MoneyField
from core.permissions import Actor, may
from core.search import Searchable, searchable
from grievances import permissions as p
from grievances.articles import article_key
from grievances.enums import (
    AT_STEPS,
    LAST_STEP,
    RESOLVED,
    STEPS,
    UNRESOLVED,
    AbeyanceState,
    GrievanceStatus,
    GrievanceType,
    Step,
)
from grievances.models.agreement import Agreement, AgreementStage
from grievances.models.away import stand_ins_of, theirs
from grievances.models.facts import LONGEST_DEPARTMENT, CaseFacts, department_key
from grievances.models.fields import any_day, dated, line, paragraphs, person
from members.models import Member, Organization


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


class GrievanceQuerySet(SoftDeleteQuerySet):
    def visible_to(self, user: Actor) -> Self:
        """The cases that somebody works, and those in which they are a grievant."""
        may_read, has_own = may(user, p.VIEW_GRIEVANCES), _has_own(user)
        if may_read and has_own:
            return self.filter(seen_whole(user) | self._own(user))
        if may_read:
            return self.filter(seen_whole(user))
        if has_own:
            return self.filter(self._own(user))
        return self.none()

    def whole_to(self, user: Actor) -> Self:
        """The rows of which the person may read everything but the notes."""
        if may(user, p.VIEW_GRIEVANCES):
            return self.filter(seen_whole(user))
        return self.none()

    def seen_by_nobody(self) -> Self:
        """Restricted cases that go on, and of which none of the named people may read cases any more."""
        readers = User.objects.holding(p.VIEW_GRIEVANCES).values("pk")
        named = named_rows().filter(grievance=OuterRef("pk"), user__in=readers)
        return self.unresolved().filter(~Exists(named), is_restricted=True, deleted_at=None)

    def about_member(self, member_pk: Any) -> Self:
        """Cases in which this person is a grievant; merged records are the same person."""
        return self.filter(_grieved_by(_is_one_of(Member.objects.same_person(member_pk))))

    def on_article(self, key: str) -> Self:
        """Cases whose typed article folds to `key`; an article that nobody named is none."""
        return self.filter(article_key=key) if key else self.none()

    def in_department(self, key: str) -> Self:
        """Cases of which the supervisor's department folds to `key`; one that nobody named is none."""
        return self.filter(department_key=key) if key else self.none()

    def with_side(self, user: Actor) -> Self:
        """`is_whole`: whether the person sees the whole of the row, asked in SQL for lists."""
        whole = seen_whole(user) if may(user, p.VIEW_GRIEVANCES) else Q(pk=None)
        return self.annotate(is_whole=Case(When(whole, then=True), default=False, output_field=BooleanField()))

    def hidden_from(self, user: Actor) -> Self:
        """The rows of which the person does not read the whole; of those that were taken out, the restricted ones."""
        return self.with_side(user).filter(Q(deleted_at=None) | Q(is_restricted=True), is_whole=False)

    def unresolved(self) -> Self:
        return self.filter(status__in=UNRESOLVED)

    def denied_at_the_last_step(self) -> Self:
        """Cases that somebody takes to arbitration or ends."""
        return self.filter(status__in=AT_STEPS)._at_the_last_step().denied_where_they_stand()

    def denied_where_they_stand(self) -> Self:
        """Cases of which the employer denied the step at which they are now, or let its answer pass as a denial."""
        records: Any = Grievance._meta.get_field("step_records").related_model._default_manager
        deadlines: Any = Grievance._meta.get_field("deadlines").related_model._default_manager
        number = Case(*(When(current_step=step, then=Value(n)) for n, step in enumerate(STEPS, 1)))
        # As AtStepQuerySet.at; without a join of the case, so that PostgreSQL asks row by row.
        here = Q(stage=None) | Q(stage=Coalesce(OuterRef("stage"), F("stage")))
        denied = records.denied().filter(here, grievance=OuterRef("pk"), step_number=OuterRef("number"))
        return self.alias(number=number).filter(Exists(denied) | Q(OneOf("pk", deadlines.denied_by_silence())))

    def _at_the_last_step(self) -> Self:
        """As `Grievance.is_at_the_last_step`, asked in SQL."""
        later = AgreementStage.objects.filter(agreement=OuterRef("agreement"), position__gt=OuterRef("stage"))
        following = Coalesce(Subquery(later.order_by("position").values("step")[:1]), Value(Step.ARBITRATION))
        rows = self.alias(following=following)
        return rows.filter(Q(stage=None, current_step=LAST_STEP) | Q(stage__isnull=False, following=Step.ARBITRATION))

    def worked_by(self, user: Actor) -> Self:
        """Those assigned to the person, or to somebody for whom they stand in now."""
        return self.filter(theirs("assigned_rep", user))

    def with_award(self) -> Self:
        """`is_awarded`: whether an arbitrator has decided and the award counts."""
        arbitrations: Any = Grievance._meta.get_field("arbitrations").related_model._default_manager
        live = arbitrations.filter(grievance=OuterRef("pk"), superseded_at=None)
        awarded = live.filter(awards__isnull=False, awards__superseded_at=None)
        return self.annotate(is_awarded=Exists(awarded))

    def resolved(self) -> Self:
        return self.filter(status__in=RESOLVED)

    def for_list(self) -> Self:
        """With the people, the employer and the number of grievants, in one statement."""
        return self.with_grievant_count().select_related("member", "employer", "assigned_rep")

    def with_grievant_count(self) -> Self:
        people = Grievant.objects.filter(grievance=OuterRef("pk")).order_by().values("grievance")
        count = Subquery(people.annotate(count=Count("pk")).values("count"), output_field=IntegerField())
        return self.annotate(grievant_count=Coalesce(count, Value(0)))

    @staticmethod
    def _own(user: Actor) -> Q:
        return Q(is_restricted=False, deleted_at=None) & _grieved_by(
            _is_one_of(Member.objects.same_person(cast(User, user).own_member_id))
        )


def _has_own(user: Actor) -> bool:
    return may(user, p.VIEW_OWN_GRIEVANCES) and cast(User, user).own_member_id is not None


def _is_one_of(people: models.QuerySet) -> OneOf:
    return OneOf("member_id", people.values("pk"))


def named_rows() -> models.QuerySet:
    """Who is named in which case, without accounts that somebody else than the person may hold."""
    return Grievance.named_people.through.objects.exclude(account_is_held("user"))


def seen_whole(user: Actor, case: str = "") -> Q:
    """That somebody who may read cases reads the whole of this one, to which `case` is the way.

    A restricted case is for its named people, whatever their roles, and never for one of its grievants, nor for an
    account that somebody else than the person may hold.
    """
    key, way = case or "pk", f"{case}__" if case else ""
    named = OneOf(key, named_rows().filter(user=user.pk).values("grievance"))
    own = AmongKeys("member_id", cast(User, user).person_keys)
    usual = Q(**{f"{way}is_restricted": False})
    if not may(user, p.VIEW_ALL_GRIEVANCES):
        usual &= theirs(f"{way}assigned_rep", user)
    restricted = Q(**{f"{way}is_restricted": True}) & Q(named) & ~_grieved_by(own, key)
    return Q(**{f"{way}deleted_at": None}) & (usual | restricted)


def _grieved_by(own: AmongKeys | OneOf, key: str = "pk") -> Q:
    return Q(OneOf(key, Grievant.objects.filter(own).order_by().values("grievance")))


class Grievance(SoftDelete, Versioned, TimeStamped, CaseText, CaseFacts, Searchable):
    """A case. Nobody deletes one; the undo of an import takes those out that it had made, until it comes again."""

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
    article_key = models.CharField(max_length=100, blank=True, editable=False)
    department_key = models.CharField(max_length=LONGEST_DEPARTMENT, blank=True, editable=False)
    agreement = models.ForeignKey(
        Agreement, models.PROTECT, null=True, blank=True, related_name="cases", verbose_name=_("agreement")
    )
    stage = models.PositiveSmallIntegerField(_("place in the agreement’s steps"), null=True, editable=False)
    stage_name = line(_("the contract calls the step"), 60, blank=True, editable=False)
    late_reason = line(_("why it was filed late"), 300, blank=True)
    abeyance = models.CharField(_("abeyance"), max_length=11, blank=True, editable=False, choices=AbeyanceState.choices)
    is_untimely = models.BooleanField(_("claimed to be untimely"), default=False, editable=False)
    asked_by = models.ManyToManyField(
        settings.AUTH_USER_MODEL, blank=True, editable=False, related_name="+", verbose_name=_("asked for by")
    )

    objects = GrievanceQuerySet.as_manager()
    read_before = ("people",)

    class Meta:
        verbose_name = _("grievance")
        verbose_name_plural = _("grievances")
        default_permissions = ()
        permissions = [
            (p.VIEW_GRIEVANCES.codename, "Can see grievances"),
            (p.VIEW_ALL_GRIEVANCES.codename, "Can see all grievances"),
            (p.VIEW_OWN_GRIEVANCES.codename, "Can see the state of their own grievances"),
            (p.VIEW_STRATEGY.codename, "Can read the notes on grievances"),
            (p.EXPORT_GRIEVANCES.codename, "Can export grievances"),
            (p.DRAFT_GRIEVANCES.codename, "Can draft grievances"),
            (p.FILE_GRIEVANCES.codename, "Can file grievances"),
            (p.WORK_GRIEVANCES.codename, "Can work grievances"),
            (p.WORK_ALL_GRIEVANCES.codename, "Can work grievances assigned to others"),
            (p.ASSIGN_GRIEVANCES.codename, "Can assign grievances"),
            (p.RESTRICT_GRIEVANCES.codename, "Can restrict grievances to named people"),
            (p.RESOLVE_GRIEVANCES.codename, "Can settle, withdraw and close grievances"),
            (p.ARBITRATE_GRIEVANCES.codename, "Can take grievances to arbitration and reopen them"),
            (p.VIEW_POLICY.codename, "Can see the grievance rules"),
            (p.CHANGE_POLICY.codename, "Can change the grievance rules"),
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
            models.Index(fields=["employer", "filed_date", "id"], name="grievance_at_employer"),
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
            models.Index(fields=["filed_date", "id"], name="grievance_in_abeyance", condition=~Q(abeyance="")),
            models.Index(fields=["filed_date", "id"], name="grievance_untimely", condition=Q(is_untimely=True)),
            models.Index(fields=["updated_at", "id"], name="grievance_updated"),
            models.Index(fields=["former_number"], name="grievance_former", condition=~Q(former_number="")),
            models.Index(fields=["article_key", "filed_date", "id"], name="grievance_article"),
            models.Index(fields=["employer", "article_key", "filed_date", "id"], name="grievance_article_at"),
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

    @cached_property
    def stand_ins(self) -> list[User]:
        """Who works the case beside its representative, because they are away now."""
        if self.assigned_rep_id is None:
            return []
        return [away.stand_in for away in stand_ins_of(self.assigned_rep_id)]

    @cached_property
    def is_awarded(self) -> bool:
        """Whether an award counts; known without a question where rows come `with_award`."""
        return Grievance.objects.with_award().filter(pk=self.pk, is_awarded=True).exists()

    @property
    def is_held(self) -> bool:
        """Whether an abeyance that is in writing holds its dates."""
        return self.abeyance == AbeyanceState.AGREED

    def days_open(self, today: datetime.date) -> int:
        return max(0, ((self.resolution_date or today) - self.filed_date).days)

    def is_past_the_steps(self) -> bool:
        """At arbitration, or denied at the last step: from here on only some may end the case. Asks the database."""
        if self.current_step == Step.ARBITRATION:
            return True
        return self.is_at_the_last_step() and self.is_denied()

    def is_denied(self) -> bool:
        """Whether the employer denied the step at which the case is, in words or by silence. Asks the database."""
        return type(self).objects.filter(pk=self.pk).denied_where_they_stand().exists()

    @property
    def next_stage(self) -> AgreementStage | None:
        """The agreement's step that follows, whatever its number of ours is; steps that it does not use are skipped."""
        if self.agreement_id is None or self.stage is None:
            return None
        later = AgreementStage.objects.filter(agreement=self.agreement_id, position__gt=self.stage)
        return later.order_by("position").first()

    def is_at_the_last_step(self) -> bool:
        """Whether arbitration comes next: by the steps of the agreement, otherwise after step 3."""
        if self.stage is None:
            return self.current_step == LAST_STEP
        following = self.next_stage
        return following is None or following.step == Step.ARBITRATION

    def fill_keys(self, people: list[Member] | None = None) -> None:
        """Columns computed from others; `people` are the grievants (read when not given)."""
        if people is None:
            people = list(Member.objects.filter(grievants__grievance=self.pk).order_by("pk"))
        named = [text for member in people for text in member.found_by]
        numbers = [self.grievance_number, self.former_number]
        numbers += [digits(number) for number in numbers]  # the search reads 2026-0001 as one number
        self.article_key = article_key(self.contract_article)
        self.department_key = department_key(self.department)
        self.search_text = searchable(*numbers, self.employer.name, self.contract_article, *named)


class PartQuerySet(FollowsParent):
    """What hangs on a case is seen by those who see the whole of it."""

    parent = "grievance"
    parents_seen = "whole_to"


class AtStepQuerySet(PartQuerySet):
    def at(self, number: int, stage: int | None) -> Self:
        """Those of our step `number` and, where they know it, of the agreement's `stage`; two may be one of ours."""
        rows = self.filter(step_number=number)
        return rows if stage is None else rows.filter(Q(stage=stage) | Q(stage=None))


class GrievantQuerySet(PartQuerySet):
    pass


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
