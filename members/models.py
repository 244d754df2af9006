import uuid

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.folding import digits, sort_key, words
from core.models import SoftDelete, TimeStamped, Versioned
from core.money import MoneyField
from core.validators import validate_paragraphs, validate_sensible_date, validate_single_line
from members.enums import (
    UNFINISHED,
    Classification,
    ImportKind,
    ImportStatus,
    MemberStatus,
    OrganizationType,
    RowDecision,
    RowOutcome,
    Standing,
    State,
)
from members.folding import name_key, place_key
from members.querysets import (
    ColumnMappingQuerySet,
    ContactQuerySet,
    EmploymentQuerySet,
    ImportBatchQuerySet,
    ImportRowQuerySet,
    MemberQuerySet,
    OrganizationQuerySet,
)
from members.validators import validate_member_number, validate_phone, validate_zip_code


class Address(models.Model):
    address = models.CharField(_("street address"), max_length=200, blank=True, validators=[validate_single_line])
    city = models.CharField(_("city"), max_length=100, blank=True, validators=[validate_single_line])
    state = models.CharField(_("state"), max_length=2, blank=True, choices=State.choices)
    zip_code = models.CharField(_("ZIP code"), max_length=10, blank=True, validators=[validate_zip_code])
    phone = models.CharField(_("phone"), max_length=30, blank=True, validators=[validate_phone])
    email = models.EmailField(_("e-mail address"), blank=True)

    class Meta:
        abstract = True


def searchable(*texts: str) -> str:
    """Each different folded word once, with a space before each, so that a word's beginning can be searched."""
    return "".join(f" {word}" for word in dict.fromkeys(word for text in texts for word in words(text)))


class Organization(SoftDelete, Versioned, TimeStamped, Address):
    name = models.CharField(_("name"), max_length=200, validators=[validate_single_line])
    org_type = models.CharField(
        _("type"), max_length=20, choices=OrganizationType.choices, default=OrganizationType.EMPLOYER
    )
    website = models.URLField(_("website"), blank=True, validators=[validate_single_line])
    sort_name = models.CharField(max_length=200, editable=False)
    search_text = models.TextField(editable=False)
    name_key = models.CharField(max_length=200, editable=False)
    place_key = models.CharField(max_length=120, editable=False)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, editable=False, related_name="merged_records"
    )

    objects = OrganizationQuerySet.as_manager()

    class Meta:
        verbose_name = _("organization")
        verbose_name_plural = _("organizations")
        permissions = [
            ("restore_organization", "Can restore organizations"),
            ("merge_organization", "Can merge organizations"),
            ("export_organization", "Can export organizations"),
        ]
        indexes = [
            models.Index(fields=["sort_name", "id"], name="organization_sort", condition=Q(deleted_at=None)),
            models.Index(fields=["created_at", "id"], name="organization_created", condition=Q(deleted_at=None)),
            models.Index(fields=["name_key", "place_key"], name="organization_match"),
            GinIndex(fields=["search_text"], opclasses=["gin_trgm_ops"], name="organization_search"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("organization_detail", args=[self.pk])

    def fill_keys(self) -> None:
        """Columns computed from others; called before every save and by the bulk writer."""
        self.sort_name = sort_key(self.name) or "~"
        self.name_key = name_key(self.name)
        self.place_key = place_key(self.city, self.state)
        self.search_text = searchable(
            self.name, self.city, self.get_state_display(), self.state, self.email, digits(self.phone)
        )

    def save(self, **kwargs) -> None:
        self.fill_keys()
        super().save(**kwargs)


class OrganizationContact(Versioned, TimeStamped):
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="contacts", verbose_name=_("organization")
    )
    first_name = models.CharField(_("first name"), max_length=100, validators=[validate_single_line])
    last_name = models.CharField(_("last name"), max_length=100, validators=[validate_single_line])
    title = models.CharField(_("title"), max_length=100, blank=True, validators=[validate_single_line])
    phone = models.CharField(_("phone"), max_length=30, blank=True, validators=[validate_phone])
    email = models.EmailField(_("e-mail address"), blank=True)
    is_primary = models.BooleanField(_("main contact"), default=False)
    notes = models.TextField(_("notes"), max_length=4000, blank=True, validators=[validate_paragraphs])

    objects = ContactQuerySet.as_manager()

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        ordering = ["-is_primary", "last_name", "first_name", "id"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["organization"],
                condition=Q(is_primary=True),
                name="contact_one_primary",
                violation_error_message=_("This organization already has a main contact."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}"


def joined_name(*parts: str) -> str:
    return " ".join(part for part in parts if part)


def list_name(first: str, middle: str, last: str) -> str:
    """A name as lists sort it."""
    return f"{last}, {joined_name(first, middle)}"


class Member(SoftDelete, Versioned, TimeStamped, Address):
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
    search_text = models.TextField(editable=False)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, editable=False, related_name="merged_records"
    )

    objects = MemberQuerySet.as_manager()
    NAME_FIELDS = ("first_name", "middle_name", "last_name")  # what full_name and list_name need

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        permissions = [
            ("view_own_record", "Can see their own member record"),
            ("restore_member", "Can restore members"),
            ("merge_member", "Can merge members"),
            ("export_member", "Can export members"),
        ]
        constraints = [
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
    def list_name(self) -> str:
        return list_name(self.first_name, self.middle_name, self.last_name)

    def get_absolute_url(self) -> str:
        return reverse("member_detail", args=[self.pk])

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
        self.search_text = searchable(
            self.full_name, self.member_number or "", self.email, digits(self.phone), *employers
        )

    def current_employer_names(self) -> list[str]:
        current = Employment.objects.current().filter(member_id=self.pk)
        return list(current.order_by("id").values_list("organization__name", flat=True))

    def save(self, *, employers: list[str] | None = None, **kwargs) -> None:
        self.fill_keys(employers)
        super().save(**kwargs)


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


class SearchWord(models.Model):
    """A word of some name, and the same word with one letter left out: how a slip of the finger is forgiven.

    Two words one slip apart share a variant, so the lookup is an equality on an index on both databases.
    """

    variant = models.CharField(max_length=40)
    word = models.CharField(max_length=40)

    class Meta:
        verbose_name = _("search word")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["variant", "word"], name="search_word_variant")]

    def __str__(self) -> str:
        return self.word


class ImportBatch(Versioned, TimeStamped):
    """One uploaded list on its way into the records."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(_("what it holds"), max_length=15, choices=ImportKind.choices)
    status = models.CharField(_("status"), max_length=12, choices=ImportStatus.choices, default=ImportStatus.UPLOADED)
    file = models.FileField(_("file"), upload_to="imports")
    file_name = models.CharField(_("file name"), max_length=200, validators=[validate_single_line])
    file_sha256 = models.CharField(max_length=64)
    layout = models.JSONField(default=dict)
    mapping = models.JSONField(default=dict)
    counts = models.JSONField(default=dict)
    problem = models.CharField(max_length=500, blank=True)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    applied_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    applied_at = models.DateTimeField(_("applied"), null=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    undone_at = models.DateTimeField(_("undone"), null=True)

    objects = ImportBatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        default_permissions = ("view",)
        permissions = [("run_import", "Can import lists and undo imports")]
        indexes = [
            models.Index(fields=["created_at", "id"], name="import_created"),
            models.Index(fields=["kind", "created_at", "id"], name="import_kind"),
            models.Index(fields=["status", "created_at", "id"], name="import_status"),
            models.Index(
                fields=["uploaded_by", "created_at", "id"],
                name="import_unfinished",
                condition=Q(status__in=UNFINISHED),
            ),
        ]

    def __str__(self) -> str:
        return self.file_name

    def get_absolute_url(self) -> str:
        return reverse("import_detail", args=[self.pk])


class ImportRow(models.Model):
    """One row of the file: what it says, what it would do, and what it did.

    `before` and `after` are the record's values round the apply, which is what an exact undo needs.
    """

    batch = models.ForeignKey(ImportBatch, models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField(_("row"))
    raw = models.JSONField(default=dict)
    values = models.JSONField(default=dict)
    outcome = models.CharField(_("outcome"), max_length=10, choices=RowOutcome.choices)
    decision = models.CharField(_("decision"), max_length=10, blank=True, choices=RowDecision.choices)
    problems = models.JSONField(default=list)
    record_id = models.BigIntegerField(null=True)
    record_version = models.PositiveIntegerField(null=True)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    made = models.JSONField(default=dict)
    applied = models.CharField(max_length=10, blank=True, choices=RowOutcome.choices)
    undone = models.CharField(max_length=300, blank=True)

    objects = ImportRowQuerySet.as_manager()

    class Meta:
        verbose_name = _("import row")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["batch", "number"], name="import_row_number")]
        indexes = [
            models.Index(fields=["batch", "outcome", "number"], name="import_row_outcome"),
            models.Index(fields=["batch", "applied", "number"], name="import_row_applied"),
        ]

    def __str__(self) -> str:
        return str(self.number)


class ColumnMapping(TimeStamped):
    """Which column means which field, remembered by the set of headers of a file."""

    kind = models.CharField(max_length=15, choices=ImportKind.choices)
    headers_key = models.CharField(max_length=64)
    mapping = models.JSONField(default=dict)

    objects = ColumnMappingQuerySet.as_manager()

    class Meta:
        verbose_name = _("remembered column mapping")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["kind", "headers_key"], name="column_mapping_headers")]

    def __str__(self) -> str:
        return self.get_kind_display()
