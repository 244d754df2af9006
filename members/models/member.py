from datetime import date
from functools import reduce
from operator import or_

from django.contrib.postgres.indexes import GinIndex
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, F, OuterRef, Prefetch, Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import IdentityChange
from core.db.one_of import OneOf
from core.folding import digits, sort_key, words
from core.models import FollowsParent, SoftDelete, SoftDeleteQuerySet, TimeStamped, Versioned
from core.money import MoneyField
from core.permissions import may
from core.search import Searchable, named_from, run_together, searchable
from core.validators import validate_paragraphs, validate_sensible_date, validate_single_line
from members import permissions as p
from members.enums import Classification, MemberStatus, Standing
from members.models.address import Address
from members.models.organization import Organization
from members.models.written_address import WrittenAddress
from members.validators import validate_member_number

UNKNOWN_BIRTHDAY = date(1900, 1, 1)  # what programs write for a birthday that they do not know


def joined_name(*parts: str) -> str:
    return " ".join(part for part in parts if part)


def list_name(first: str, middle: str, last: str) -> str:
    """A name as lists sort it."""
    return f"{last}, {joined_name(first, middle)}"


def _alike(people):
    """The same birthday and last name or contact, or the same name and contact, whatever is deleted meanwhile."""
    birthdays = {person.date_of_birth for person in people} - {None, UNKNOWN_BIRTHDAY}
    emails, phones = ({getattr(person, name).lower() for person in people} - {""} for name in ("email", "phone"))
    contact = Q(mailbox__in=emails) | Q(phone__in=phones)
    family = reduce(or_, (Q(sort_name__startswith=f"{sort_key(person.last_name)} ") for person in people), Q(pk__in=()))
    same_name = Q(sort_name__in={person.sort_name for person in people})
    # Living and deleted records have an index each.
    named = Q(deleted_at=None) & same_name | ~Q(deleted_at=None) & same_name
    return Q(date_of_birth__in=birthdays) & (family | contact) | named & contact


class MemberQuerySet(SoftDeleteQuerySet):
    def visible_to(self, user):
        """All members for the office and its helpers, the own record for a member.

        Deleted ones are there only for who may restore them (RESTORE_MEMBERS in unionops/access.py).
        """
        rows = self.ever_visible_to(user)
        return rows if may(user, p.RESTORE_MEMBERS) else rows.alive()

    def ever_visible_to(self, user):
        """Also the deleted rows that `user` would see alive: no more is told of them than that they are gone."""
        if may(user, (p.VIEW_MEMBERS, p.RESTORE_MEMBERS)):
            return self.all()
        if may(user, p.VIEW_OWN_RECORD) and user.own_member_id:
            return self.filter(pk=user.own_member_id)
        return self.none()

    def same_person(self, pk):
        """The record of this key and those that were merged into it: what hangs on them is the same person's."""
        if pk is None:  # an account without a record; `merged_into=None` would be everybody
            return self.none()
        return self.filter(Q(pk=pk) | Q(merged_into=pk))

    def merged_with(self, keys):
        """The records of these keys, those that they went into, and all that was merged into either."""
        merged = Member.objects.filter(pk__in=keys).exclude(merged_into=None).order_by()
        both = {*keys, *merged.values_list("merged_into", flat=True)}
        return self.filter(Q(pk__in=both) | Q(merged_into__in=both))

    def ever_of(self, user):
        """Every record that the account was ever linked to, with all that was merged with it."""
        # No account that nobody has changed was linked to another record.
        former = IdentityChange.objects.members_of(user) if user.identity_epoch > 1 else set()
        return self.merged_with((former | {user.member_id}) - {None})

    def perhaps_same(self, people):
        """`people`, members, and every record of which the matcher says that it may be one of them.

        Conflicts and limits take them for one person until somebody decides that they are two. As
        members.services.identity.is_alike, but read from the database and wider: where birthday and last name agree,
        the first name may be any. Whoever was alike when one of the two was changed still is; see FormerMatch.
        """
        keys = [person.pk for person in people]
        apps = self.model._meta.apps
        decided = apps.get_model("members", "OtherPerson").objects.order_by()
        former = apps.get_model("members", "FormerMatch").objects.order_by().filter(member__in=keys).values("other")
        others = Q(member=OuterRef("pk"), other__in=keys) | Q(other=OuterRef("pk"), member__in=keys)
        found = self.alias(mailbox=Lower("email"))
        alike = _alike(people) | Q(OneOf("pk", former))
        return found.filter(Q(pk__in=keys) | alike & ~Exists(decided.filter(others)))

    def perhaps_of(self, user):
        """Keys of every record that was ever the account's or may be the same person's; see User.person_keys."""
        return self._keys_perhaps_same(list(self.ever_of(user)))

    def perhaps_one_with(self, pk):
        """Keys of every record that may be of the same person as the record `pk`, and of those merged with it."""
        return self._keys_perhaps_same(list(self.merged_with({pk})))

    def _keys_perhaps_same(self, people):
        return list(self.perhaps_same(people).order_by().values_list("pk", flat=True)) if people else []

    def for_list(self):
        """With each member's current employments, in a constant number of queries."""
        current = Employment.objects.current().select_related("organization").order_by("-start_date", "-id")
        return self.prefetch_related(Prefetch("employments", queryset=current, to_attr="current_employments"))


class Member(SoftDelete, Versioned, TimeStamped, Address, WrittenAddress, Searchable):
    member_number = models.CharField(
        _("member number"),
        max_length=13,
        unique=True,
        null=True,
        blank=True,
        validators=[validate_member_number],
        error_messages={"unique": _("Another member, perhaps a deleted one, already has this number.")},
    )
    first_name = models.CharField(_("first name"), max_length=100, validators=[validate_single_line])
    middle_name = models.CharField(_("middle name"), max_length=100, blank=True, validators=[validate_single_line])
    last_name = models.CharField(_("last name"), max_length=100, validators=[validate_single_line])
    date_of_birth = models.DateField(_("date of birth"), null=True, blank=True, validators=[validate_sensible_date])
    hire_date = models.DateField(_("hire date"), null=True, blank=True, validators=[validate_sensible_date])
    initiation_date = models.DateField(_("initiation date"), null=True, blank=True, validators=[validate_sensible_date])
    status = models.CharField(_("status"), max_length=25, choices=MemberStatus.choices, default=MemberStatus.ACTIVE)
    classification = models.CharField(_("classification"), max_length=20, blank=True, choices=Classification.choices)
    dues_paid_through = models.DateField(
        _("dues paid through"), null=True, blank=True, validators=[validate_sensible_date]
    )
    standing = models.CharField(_("standing"), max_length=10, choices=Standing.choices, default=Standing.UNKNOWN)
    standing_as_of = models.DateField(_("standing as of"), null=True, blank=True, validators=[validate_sensible_date])
    standing_source = models.CharField(
        _("source of the standing"), max_length=100, blank=True, validators=[validate_single_line]
    )
    notes = models.TextField(_("notes"), max_length=4000, blank=True, validators=[validate_paragraphs])
    sort_name = models.CharField(max_length=200, editable=False)
    former_numbers = models.TextField(blank=True, editable=False)  # of records that were merged into this one
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, editable=False, related_name="merged_records"
    )

    objects = MemberQuerySet.as_manager()
    read_before = ("employers",)
    NAME_FIELDS = ("first_name", "middle_name", "last_name")  # what full_name and list_name need

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        permissions = [
            (p.VIEW_OWN_RECORD.codename, "Can see their own member record"),
            (p.RESTORE_MEMBERS.codename, "Can restore members"),
            (p.MERGE_MEMBERS.codename, "Can merge members"),
            (p.EXPORT_MEMBERS.codename, "Can export members"),
        ]
        constraints = [
            *WrittenAddress.Meta.constraints,
            models.CheckConstraint(
                condition=(
                    Q(status=MemberStatus.REPRESENTED_NON_MEMBER)
                    | Q(member_number__isnull=False)
                    | Q(merged_into__isnull=False)  # its number may have gone to the record that was kept
                ),
                name="member_has_number",
                violation_error_message=_("Enter the member number. Only a represented non-member may have none."),
            ),
        ]
        indexes = [
            models.Index(fields=["sort_name", "id"], name="member_sort", condition=Q(deleted_at=None)),
            models.Index(fields=["created_at", "id"], name="member_created", condition=Q(deleted_at=None)),
            models.Index(fields=["updated_at", "id"], name="member_changed"),
            models.Index(fields=["date_of_birth", "id"], name="member_born"),
            models.Index(Lower("email"), name="member_mailbox"),
            models.Index(Lower("email_former"), name="member_former_mailbox", condition=~Q(email_former="")),
            models.Index(fields=["status", "sort_name", "id"], name="member_status", condition=Q(deleted_at=None)),
            models.Index(
                fields=["classification", "sort_name", "id"], name="member_classification", condition=Q(deleted_at=None)
            ),
            models.Index(fields=["standing", "sort_name", "id"], name="member_standing", condition=Q(deleted_at=None)),
            models.Index(fields=["sort_name", "id"], name="member_deleted", condition=~Q(deleted_at=None)),
            GinIndex(fields=["search_text"], opclasses=["gin_trgm_ops"], name="member_search"),
        ]

    def __str__(self) -> str:
        return self.full_name

    @property
    def full_name(self) -> str:
        return joined_name(self.first_name, self.middle_name, self.last_name)

    @property
    def label(self) -> str:
        """The name with the number, which tells two people apart; without one, the city."""
        return f"{self.full_name} — {self.member_number or self.city or self.pk}"

    @property
    def list_name(self) -> str:
        return list_name(self.first_name, self.middle_name, self.last_name)

    @property
    def spellings(self) -> list[str]:
        """The name and how else it is typed; a name in another script also with the family's first and no space."""
        together = run_together(self.first_name, self.middle_name, self.last_name)
        whole = "".join(words(f"{self.last_name} {self.first_name}"))
        return [self.full_name, *together, *([] if whole.isascii() else [whole])]

    @property
    def found_by(self) -> list[str]:
        """What this person is searched by wherever they are named: how the name is typed, and their numbers."""
        return [*self.spellings, self.member_number or "", self.former_numbers]

    def get_absolute_url(self) -> str:
        return reverse("member_detail", args=[self.pk])

    def is_alike(self, other: "Member") -> bool:
        """As _alike, of two records that are at hand."""
        contacts = [{record.email.lower(), record.phone} - {""} for record in (self, other)]
        same_contact = not contacts[0].isdisjoint(contacts[1])
        same_birthday = self.date_of_birth == other.date_of_birth not in (None, UNKNOWN_BIRTHDAY)
        same_family = other.sort_name.startswith(f"{sort_key(self.last_name)} ")
        return (same_birthday and (same_family or same_contact)) or (self.sort_name == other.sort_name and same_contact)

    def clean(self) -> None:
        """Says at the field what the constraint of the same meaning would say of the record."""
        self.member_number = self.member_number or None
        numberless = self.member_number is None and self.merged_into_id is None
        if numberless and self.status != MemberStatus.REPRESENTED_NON_MEMBER:
            sentence = _("Enter the member number. Only a represented non-member may have none.")
            raise ValidationError({"member_number": sentence}, code="required")

    def fill_keys(self, employers: list[str] | None = None) -> None:
        """Columns computed from others; `employers` are the names of current employers (read when not given)."""
        self.member_number = self.member_number or None
        if employers is None:
            employers = self.current_employer_names() if self.pk else []
        self.sort_name = sort_key(self.last_name, self.first_name, self.middle_name) or "~"
        self.search_text = searchable(*self.found_by, self.email, digits(self.phone), *employers)

    def current_employer_names(self) -> list[str]:
        current = Employment.objects.current().filter(member_id=self.pk)
        return list(current.order_by("id").values_list("organization__name", flat=True))

    @staticmethod
    def of_short_word(word: str) -> Q:
        """A number that is short is looked for as it is."""
        return Q(member_number=word) | Member.merged_under(word) if word.isdigit() else named_from(word)

    @staticmethod
    def merged_under(number: str) -> Q:
        """The record into which the one with this number was merged."""
        merged = Member.objects.filter(member_number=number).exclude(merged_into=None)
        return Q(OneOf("pk", merged.values("merged_into_id")))


class EmploymentQuerySet(FollowsParent):
    parent = "member"

    def current(self):
        return self.filter(end_date=None)


class Employment(Versioned, TimeStamped):
    """One job of one member; an empty end date means that it goes on."""

    member = models.ForeignKey(Member, models.PROTECT, related_name="employments", verbose_name=_("member"))
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="employments", verbose_name=_("employer")
    )
    start_date = models.DateField(_("started"), null=True, blank=True, validators=[validate_sensible_date])
    end_date = models.DateField(_("ended"), null=True, blank=True, validators=[validate_sensible_date])
    job_title = models.CharField(_("job title"), max_length=100, blank=True, validators=[validate_single_line])
    hourly_rate = MoneyField(_("hourly rate"), null=True, blank=True)

    objects = EmploymentQuerySet.as_manager()

    class Meta:
        verbose_name = _("employment")
        verbose_name_plural = _("employments")
        ordering = [F("end_date").desc(nulls_first=True), "-start_date", "-id"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(end_date=None) | Q(start_date=None) | Q(end_date__gte=F("start_date")),
                name="employment_dates",
                violation_error_message=_("The employment cannot end before it starts."),
            ),
            models.CheckConstraint(
                condition=Q(hourly_rate=None) | Q(hourly_rate__gte=0),
                name="employment_rate",
                violation_error_message=_("The hourly rate cannot be negative."),
            ),
            models.UniqueConstraint(
                fields=["member", "organization"],
                condition=Q(end_date=None),
                name="employment_one_current",
                violation_error_message=_("This member already has a current employment there. Change that one."),
            ),
        ]

    def clean(self) -> None:
        """Says at the field what the constraint of the same meaning would say of the record."""
        if self.start_date and self.end_date and self.end_date < self.start_date:
            raise ValidationError({"end_date": _("The employment cannot end before it starts.")})

    def __str__(self) -> str:
        return f"{self.job_title or _('Employment')} – {self.organization_id}"
