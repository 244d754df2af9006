import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.models import TimeStamped, Versioned
from core.permissions import may
from core.validators import validate_single_line
from members import permissions as p
from members.enums import MergeState
from members.models.member import Member


class MergeRequestQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.all() if may(user, p.MERGE_MEMBERS) else self.none()

    def waiting(self):
        return self.filter(state=MergeState.ASKED)


class MergeRequest(Versioned, TimeStamped):
    """Two records of one member that somebody wants merged, and that a second person looks at first.

    `taken` names the fields of which the duplicate's values are to stay; the versions are those that were compared.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kept = models.ForeignKey(Member, models.PROTECT, related_name="merges_as_kept", verbose_name=_("kept record"))
    duplicate = models.ForeignKey(
        Member, models.PROTECT, related_name="merges_as_duplicate", verbose_name=_("second record")
    )
    taken = models.JSONField(default=list, blank=True)
    kept_version = models.PositiveIntegerField()
    duplicate_version = models.PositiveIntegerField()
    reason = models.CharField(_("reason"), max_length=300, validators=[validate_single_line])
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("asked by"))
    state = models.CharField(_("state"), max_length=8, choices=MergeState.choices, default=MergeState.ASKED)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    why_declined = models.CharField(_("why not"), max_length=300, blank=True, validators=[validate_single_line])

    objects = MergeRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("merge to be confirmed")
        verbose_name_plural = _("merges to be confirmed")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=~Q(state=MergeState.DONE) | (Q(decided_by__isnull=False) & ~Q(decided_by=F("asked_by"))),
                name="merge_two_people",
                violation_error_message=_("Whoever asked for the merge does not carry it out."),
            ),
            models.UniqueConstraint(
                fields=["duplicate"],
                condition=Q(state=MergeState.ASKED),
                name="merge_asked_once",
                violation_error_message=_("A merge of this record waits already."),
            ),
        ]
        indexes = [models.Index(fields=["created_at"], name="merge_waiting", condition=Q(state=MergeState.ASKED))]

    def __str__(self) -> str:
        return str(_("Merge"))

    def get_absolute_url(self) -> str:
        return reverse("merge_request", args=[self.pk])
