"""Tables and abstract bases of the machinery. Nothing here knows what a union is."""

import uuid
from collections.abc import Sequence
from typing import Any, NamedTuple, Self
from zoneinfo import available_timezones

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.classification import vault_labels
from core.crypto import EncryptedTextField
from core.db import checks
from core.enums import Clock, MailState, NoticeWay, ReadKind
from core.permissions import ENTER_OFFICE, VIEW_AUDIT, VIEW_HISTORY, VIEW_SYSTEM, Actor
from core.validators import validate_paragraphs, validate_single_line


class TimeStamped(models.Model):
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("last changed"), auto_now=True)

    class Meta:
        abstract = True


class Versioned(models.Model):
    """`version` counts the saves; an edit names the version it started from (core.records.editing)."""

    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        abstract = True

    # Whether all check constraints are known to hold while constraints are validated.
    _checks_hold = False

    def validate_constraints(self, exclude: set[str] | None = None) -> None:
        """Ask about all check constraints in one statement; about each of them only where one is broken."""
        self._checks_hold = checks.hold(self, exclude)
        try:
            super().validate_constraints(exclude)
        finally:
            del self._checks_hold

    def get_constraints(self) -> list[tuple[type[models.Model], Sequence[models.BaseConstraint]]]:
        found = super().get_constraints()
        if not self._checks_hold:
            return found
        return [
            (model, [one for one in constraints if not isinstance(one, models.CheckConstraint)])
            for model, constraints in found
        ]


class OneRow(Versioned, TimeStamped):
    """Settings of which there is one row, with the key 1; read and changed by core.records.one_row."""

    class Meta:
        abstract = True
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_%(class)s_row")]


class FollowsParent(models.QuerySet):
    """Rows that a person sees as far as they see the row to which each belongs.

    `parent` is the way to that row through foreign keys, `parents_seen` the method that gives the rows they see.
    """

    parent: str
    parents_seen = "visible_to"

    def visible_to(self, user: Actor) -> Self:
        model: Any = self.model
        for name in self.parent.split("__"):
            model = model._meta.get_field(name).related_model
        return self.filter(**{f"{self.parent}__in": getattr(model.objects, self.parents_seen)(user)})


class SoftDeleteQuerySet(models.QuerySet):
    def alive(self):
        return self.filter(deleted_at=None)

    def deleted(self):
        return self.exclude(deleted_at=None)


class SoftDelete(models.Model):
    """A deleted row leaves lists and search, keeps its links and its unique numbers, and can be restored."""

    deleted_at = models.DateTimeField(_("deleted"), null=True, blank=True, editable=False)
    deleted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )
    deleted_reason = models.CharField(_("reason"), max_length=300, blank=True, editable=False)

    class Meta:
        abstract = True

    @property
    def is_deleted(self) -> bool:
        return self.deleted_at is not None


class TrailQuerySet(models.QuerySet):
    """Events as the audit pages show them; the code that keeps and checks the chain reads all of them."""

    def outside_vault(self):
        """Without what was done to, or seen of, records whose existence is a secret."""
        return self.exclude(subject_type__in=vault_labels())


class HeadQuerySet(models.QuerySet):
    def outside_vault(self):
        kept = models.Q()
        for label in vault_labels():
            kept &= ~models.Q(stream__startswith=f"{label}:")
        return self.filter(kept)


class AuditHead(models.Model):
    """The end of one stream; locked last in every audited transaction."""

    stream = models.CharField(max_length=120, primary_key=True)
    seq = models.PositiveBigIntegerField(default=0)
    mac = models.CharField(max_length=64, blank=True)

    objects = HeadQuerySet.as_manager()

    class Meta:
        verbose_name = _("audit stream")

    def __str__(self) -> str:
        return self.stream


class AuditEvent(models.Model):
    """One write-once line of a subject's history. Written by core.audit.trail, checked by `verify_audit`."""

    append_only = True

    stream = models.CharField(max_length=120)
    seq = models.PositiveBigIntegerField()
    at = models.DateTimeField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    actor_name = models.CharField(max_length=200, blank=True)
    action = models.CharField(max_length=80)
    subject_type = models.CharField(max_length=80)
    subject_id = models.CharField(max_length=64)
    reason = models.CharField(max_length=500, blank=True)
    body = models.JSONField(default=dict)
    request_id = models.CharField(max_length=36, blank=True)
    previous_mac = models.CharField(max_length=64, blank=True)
    key_id = models.CharField(max_length=16)
    mac = models.CharField(max_length=64)

    objects = TrailQuerySet.as_manager()

    class Meta:
        verbose_name = _("audit event")
        permissions = [
            (VIEW_AUDIT.codename, "Can read the audit trail"),
            (VIEW_HISTORY.codename, "Can read the history of records they may see"),
        ]
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["stream", "seq"], name="audit_stream_seq")]
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "id"], name="audit_subject"),
            models.Index(fields=["actor", "id"], name="audit_actor"),
            models.Index(fields=["at", "id"], name="audit_at"),
            models.Index(fields=["subject_type", "at", "id"], name="audit_kind_at"),
        ]

    def __str__(self) -> str:
        return f"{self.stream} #{self.seq}"


class ReadEvent(models.Model):
    """Who looked: one row for each sensitive record or file opened, and one for each list or export."""

    append_only = True

    at = models.DateTimeField(db_default=Now())
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=ReadKind.choices)
    subject_type = models.CharField(max_length=80)
    subject_id = models.CharField(max_length=64, blank=True)
    filters = models.JSONField(default=dict)
    rows = models.PositiveIntegerField(null=True)
    request_id = models.CharField(max_length=36, blank=True)

    objects = TrailQuerySet.as_manager()

    class Meta:
        verbose_name = _("read event")
        default_permissions = ()
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "at"], name="read_subject_at"),
            models.Index(fields=["actor", "at"], name="read_actor_at"),
            models.Index(fields=["at", "id"], name="read_at"),
            models.Index(fields=["subject_type", "at", "id"], name="read_kind_at"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.subject_type} {self.subject_id}".strip()


class NumberSequence(models.Model):
    """A counter without gaps; see core.records.numbers."""

    name = models.CharField(max_length=60, primary_key=True)
    value = models.PositiveBigIntegerField(default=0)

    class Meta:
        verbose_name = _("number sequence")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.name}: {self.value}"


def all_weekdays() -> list[int]:
    return [0, 1, 2, 3, 4]


def validate_time_zone(value: str) -> None:
    if value not in available_timezones():
        raise ValidationError(_("Choose a time zone from the list, such as America/New_York."))


def validate_working_week(value: object) -> None:
    if not isinstance(value, list) or not value or not all(type(day) is int and 0 <= day <= 6 for day in value):
        raise ValidationError(_("Choose at least one working day."))


class ShownLocal(NamedTuple):
    """What of the settings is shown round every page."""

    name: str
    number: str
    logo_url: str
    is_demo: bool


class SiteSettings(OneRow):
    """The local itself: one row, shown on pages, mails and documents."""

    name = models.CharField(
        _("name of the local"), max_length=120, default="Our local", validators=[validate_single_line]
    )
    number = models.CharField(_("local number"), max_length=20, blank=True, validators=[validate_single_line])
    address = models.TextField(_("postal address"), max_length=500, blank=True, validators=[validate_paragraphs])
    logo = models.FileField(_("logo"), upload_to="logo", blank=True)
    time_zone = models.CharField(
        _("time zone"), max_length=60, default="America/New_York", validators=[validate_time_zone]
    )
    clock = models.CharField(
        _("how times are written"), max_length=2, choices=Clock.choices, default=Clock.TWELVE_HOURS
    )
    working_week = models.JSONField(_("working days"), default=all_weekdays, validators=[validate_working_week])
    fiscal_year_start = models.PositiveSmallIntegerField(
        _("first month of the fiscal year"), default=1, validators=[MinValueValidator(1), MaxValueValidator(12)]
    )
    is_demo = models.BooleanField(_("demo data"), default=False, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = _("local settings")
        default_permissions = ("view", "change")
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_site_settings_row")]

    def __str__(self) -> str:
        return f"{self.name} {self.number}".strip()

    @property
    def logo_url(self) -> str:
        """The portal's own address of the logo; the file itself is never public."""
        return reverse("site_logo") if self.logo else ""

    @property
    def shown(self) -> ShownLocal:
        return ShownLocal(self.name, self.number, self.logo_url, self.is_demo)


class SavedFilter(TimeStamped):
    """A list's filter that one person keeps under a name."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    list_name = models.CharField(max_length=60)
    name = models.CharField(_("name"), max_length=60, validators=[validate_single_line])
    query = models.CharField(max_length=2000)

    class Meta:
        verbose_name = _("saved filter")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "list_name", "name"],
                name="saved_filter_name",
                violation_error_message=_("You already have a filter of this name. Choose another name."),
            )
        ]

    def __str__(self) -> str:
        return self.name


class ListColumns(models.Model):
    """The columns that one person wants to see in one list."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    list_name = models.CharField(max_length=60)
    columns = models.JSONField(default=list)

    class Meta:
        verbose_name = _("column choice")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["owner", "list_name"], name="list_columns_owner")]

    def __str__(self) -> str:
        return self.list_name


class Outbox(TimeStamped):
    """One mail on its way. Put in by core.mail.notifications, delivered by core.mail.outbox, emptied once it has left.

    `due_at` is when it may be taken next; whoever takes it sets it to the end of the lease and `claim` to a new
    value, so that a process that dies leaves a mail that falls due again.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    template = models.CharField(_("kind of mail"), max_length=60)
    # a digest: keys of callers may tell what a mail is about
    key = models.CharField(max_length=64, blank=True, editable=False)
    address = EncryptedTextField(_("address"), blank=True)
    subject = EncryptedTextField(_("subject"), blank=True)
    body = EncryptedTextField(_("text"), blank=True)
    state = models.CharField(_("state"), max_length=8, choices=MailState.choices, default=MailState.WAITING)
    due_at = models.DateTimeField(_("next try"), default=timezone.now)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    claim = models.UUIDField(null=True, editable=False)
    sent_at = models.DateTimeField(_("delivered"), null=True, blank=True)
    problem = models.CharField(_("what went wrong"), max_length=100, blank=True)

    class Meta:
        verbose_name = _("mail")
        verbose_name_plural = _("mails")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["key"], condition=~models.Q(key=""), name="outbox_key")]
        indexes = [models.Index(fields=["state", "due_at", "id"], name="outbox_due")]

    def __str__(self) -> str:
        return f"{self.template} {self.get_state_display()}"


class NoticeQuerySet(models.QuerySet):
    def visible_to(self, user: Actor) -> Self:
        """One's own."""
        return self.filter(user=user.pk) if user.is_authenticated else self.none()

    def unread(self) -> Self:
        return self.filter(read_at=None)

    def about(self, record: models.Model) -> Self:
        return self.filter(subject_type=record._meta.label_lower, subject_id=str(record.pk))


class Notice(models.Model):
    """That something is new about a record, told to one person; what it is they read on the record's page.

    Written by core.mail.notices. `kind` is what the person chooses a way for, `reference` a number and never a name.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    event = models.ForeignKey(AuditEvent, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=30)
    subject_type = models.CharField(max_length=80)
    subject_id = models.CharField(max_length=64)
    reference = models.CharField(max_length=20, blank=True)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    awaits_digest = models.BooleanField(default=False)
    # new ones first, and the latest of them: see core.mail.notices
    sort_key = models.CharField(max_length=30, editable=False)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("notice")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["user", "event"], name="notice_once")]
        indexes = [
            models.Index(fields=["user", "sort_key", "id"], name="notice_sort"),
            models.Index(fields=["user"], condition=models.Q(read_at=None), name="notice_unread"),
            models.Index(fields=["user"], condition=models.Q(awaits_digest=True), name="notice_digest"),
            models.Index(fields=["subject_id"], condition=models.Q(read_at=None), name="notice_subject"),
            models.Index(fields=["at"], name="notice_at"),
        ]

    def __str__(self) -> str:
        return self.reference or self.kind

    def get_absolute_url(self) -> str:
        return reverse("notice", args=[self.pk])


class NoticeChoice(models.Model):
    """How one person wants to hear of one kind of thing; without a row by a mail at once."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=30)
    way = models.CharField(max_length=7, choices=NoticeWay.choices)

    class Meta:
        verbose_name = _("choice of notices")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["user", "kind"], name="notice_choice_once")]

    def __str__(self) -> str:
        return f"{self.kind}: {self.way}"


class NoticedEvent(models.Model):
    """An event that has been looked at for whom to tell; kept as long as events are looked for that far back.

    `retry_at`: when it is looked at again, because telling of it failed.
    """

    event = models.OneToOneField(AuditEvent, models.PROTECT, primary_key=True, related_name="+")
    retry_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("noticed event")
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.event_id)


class Heartbeat(models.Model):
    """When a piece of regular work last succeeded, and since when it fails; see core.mail.heartbeats."""

    name = models.CharField(max_length=30, primary_key=True)
    succeeded_at = models.DateTimeField(_("last success"), null=True)
    failing_since = models.DateTimeField(_("failing since"), null=True)
    problem = models.CharField(_("what went wrong"), max_length=100, blank=True)

    class Meta:
        verbose_name = _("heartbeat")
        default_permissions = ()
        permissions = [
            (VIEW_SYSTEM.codename, "Can open the system page, send a test mail and retry mails"),
            (ENTER_OFFICE.codename, "Works in the office and is told when the portal is ill"),
        ]

    def __str__(self) -> str:
        return self.name


class KeptAnswer(models.Model):
    """What a POST with a key was answered, for whoever sends it again; see core.api.once and core.web.sent_once.

    Key and request are digests. A row without an answer exists only inside the transaction of the work.
    """

    FORM = "form"  # the operation of every page: an address could tell of a campaign

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    operation = models.CharField(max_length=200)
    key = models.CharField(max_length=64)
    request_digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    answer = EncryptedTextField(blank=True)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("kept answer")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["account", "operation", "key"], name="kept_answer_key")]
        indexes = [models.Index(fields=["made_at"], name="kept_answer_made")]

    def __str__(self) -> str:
        return self.operation


class KeptForm(models.Model):
    """What somebody has typed in a form and not sent yet; see core.web.keeping. `page` is a digest."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    page = models.CharField(max_length=64)
    typed = EncryptedTextField()
    kept_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("kept form")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["account", "page"], name="kept_form_page")]
        indexes = [models.Index(fields=["kept_at"], name="kept_form_kept")]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)
