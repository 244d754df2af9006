"""How the local words its letters: each row is one version, and the newest of a kind holds."""

import uuid
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.permissions import Actor, may
from grievances import permissions as p
from grievances.enums import LetterKind
from grievances.models.fields import LONGEST_NOTE, line, paragraphs, person


class LetterQuerySet(models.QuerySet):
    def visible_to(self, user: Actor) -> Self:
        return self.all() if may(user, p.CHANGE_LETTERS) else self.none()

    def newest(self, kind: str) -> Any:
        return self.filter(kind=kind).order_by("-number").first()


class LetterText(models.Model):
    """Without a title and a body it goes back to the wording that comes with the portal."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(_("letter"), max_length=20, choices=LetterKind.choices)
    number = models.PositiveIntegerField(_("version"))
    title = line(_("title"), 120, blank=True)
    body = paragraphs(_("paragraphs"), LONGEST_NOTE, blank=True)
    written_by = person(_("written by"), null=True, editable=False, related_name="+")
    written_at = models.DateTimeField(_("written"), auto_now_add=True)

    objects = LetterQuerySet.as_manager()

    class Meta:
        verbose_name = _("wording of a letter")
        verbose_name_plural = _("wordings of letters")
        default_permissions = ()
        permissions = [(p.CHANGE_LETTERS.codename, "Can change the wording of letters")]
        ordering = ["kind", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "number"],
                name="letter_text_once",
                violation_error_message=_("Somebody changed this wording meanwhile."),
            ),
            models.CheckConstraint(
                condition=Q(title="", body="") | (~Q(title="") & ~Q(body="")),
                name="letter_text_whole",
                violation_error_message=_("A letter has a title and at least one paragraph."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number}"

    @property
    def is_ours(self) -> bool:
        """Whether this version went back to the wording that comes with the portal."""
        return not self.title
