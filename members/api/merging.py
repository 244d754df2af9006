"""Two records of one person or place become one, as on the page: what differs is chosen, both versions are named."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.api.records import Given, RecordMove, as_typed, done, filled, known_only
from core.api.viewsets import InvalidBody
from core.permissions import Actor, may
from core.records import records
from members.forms.members import OFFICE_FIELDS, MergeForm


class DuplicateForm(forms.Form):
    duplicate = forms.IntegerField(
        min_value=1,
        max_value=models.BigIntegerField.MAX_BIGINT,
        error_messages={"required": _("Name the other record, by its id.")},
    )
    duplicate_version = forms.IntegerField(
        min_value=1,
        max_value=2**31 - 1,
        error_messages={"required": _("Say which version of the other record you read.")},
    )


@dataclass(frozen=True, slots=True)
class MergeMove(RecordMove):
    """The record is kept. The body names the `duplicate`, its `duplicate_version` and the `reason`, and for fields that
    differ "kept" or "duplicate"; what it leaves out is chosen as the page proposes it. Whoever may not change the
    record does not read its notes, and chooses none.
    """

    fields: tuple[str, ...]
    change_permission: str

    def take(self, record: Any, given: Given, *, actor: Actor, version: int) -> Any:
        unread = () if may(actor, self.change_permission) else OFFICE_FIELDS
        offered = [name for name in self.fields if name not in unread]
        known_only(given, ["duplicate", "duplicate_version", "reason", *offered])
        typed = as_typed(given)
        other = filled(DuplicateForm(typed), {}).cleaned_data
        duplicate = records.visible(type(record), actor).alive().filter(pk=other["duplicate"]).first()
        if duplicate is None:
            raise InvalidBody({"duplicate": [_("There is no such record, or none that you may see.")]})
        compared = {"kept": record, "duplicate": duplicate, "fields": self.fields, "unread": unread}
        form: Any = MergeForm(**compared)
        proposed = {name: form.fields[name].initial for name in form.differing}
        form = filled(MergeForm({**proposed, **typed, "kept_version": version}, **compared), {})
        told = {"reason": form.cleaned_data["reason"], "versions": (version, other["duplicate_version"])}
        return done(self.service, record, duplicate, form.values(), actor=actor, **told)
