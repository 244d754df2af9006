"""What people type about what has to be done in a case."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms.choosing import PersonField
from accounts.models import User
from core.permissions import Actor
from core.site import local_today
from core.validators import validate_sensible_date, validate_single_line
from core.web.forms import VersionedForm, VersionedModelForm
from grievances import permissions as p
from grievances.enums import TaskKind
from grievances.forms.cases import leave_out
from grievances.models import CaseTask
from grievances.services.tasks import TASK_FIELDS

# What is not asked of each kind, and what is asked in other words.
NOT_ASKED = {
    TaskKind.TODO: ("asked_on", "amount"),
    TaskKind.INFORMATION: ("amount", "person"),
    TaskKind.TERM: ("person",),
}
WORDS = {
    TaskKind.INFORMATION: {"what": _("What we asked for"), "due": _("Answer due"), "asked_on": _("Asked on")},
    TaskKind.TERM: {"what": _("What the employer does"), "due": _("To be done by"), "asked_on": _("Agreed on")},
}


class TaskForm(VersionedModelForm):
    class Meta:
        model = CaseTask
        fields = list(TASK_FIELDS)
        widgets = {"what": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kind = TaskKind(self.instance.kind)
        self.fields["person"] = PersonField(
            label=_("Who"),
            queryset=User.objects.holding(p.WORK_GRIEVANCES),
            empty_label=_("Choose who does it"),
        )
        self.initial["person"] = self.instance.person_id or self.instance.grievance.assigned_rep_id or actor.pk
        for name in NOT_ASKED[kind]:
            leave_out(self, name)
        for name, label in WORDS.get(kind, {}).items():
            self.fields[name].label = label


class DoneForm(VersionedForm):
    done_on = forms.DateField(label=_("Done on"), validators=[validate_sensible_date])
    done_words = forms.CharField(
        label=_("What came of it"),
        max_length=300,
        required=False,
        validators=[validate_single_line],
        help_text=_("What arrived, or how it was paid: the number of the check."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["done_on"].initial = local_today()


class RemindForm(VersionedForm):
    day = forms.DateField(label=_("Reminded on"), validators=[validate_sensible_date])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["day"].initial = local_today()
