from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.forms.choosing import PersonField
from accounts.models import RoleAssignment, User
from grievances import permissions as p
from grievances.enums import Side, Step
from members.models import Organization


class BoardForm(forms.Form):
    """What the board is narrowed to; everything may stay open."""

    rep = PersonField(label=_("Representative"), required=False, empty_label=_("Everybody"))
    employer: Any = forms.ModelChoiceField(label=_("Employer"), queryset=None, required=False, empty_label=_("All"))
    step = forms.ChoiceField(label=_("Step"), required=False, choices=[("", _("Any")), *Step.choices])
    side = forms.ChoiceField(label=_("Whose"), required=False, choices=[("", _("Both sides’")), *Side.choices])
    month = forms.RegexField(r"^(19|20)\d{2}-(0[1-9]|1[0-2])$", label=_("Month"), required=False)

    def __init__(self, data: object, *, cases: QuerySet) -> None:
        """`cases`: the open ones that may be shown; who has one and cannot work it any more may be chosen too."""
        super().__init__(data)  # type: ignore[arg-type]
        rep: Any = self.fields["rep"]
        employer: Any = self.fields["employer"]
        theirs = cases.order_by().filter(assigned_rep=OuterRef("pk"))
        left = User.objects.filter(Exists(theirs), pk__in=RoleAssignment.objects.lost(p.WORK_GRIEVANCES))
        rep.queryset = User.objects.holding(p.WORK_GRIEVANCES) | left
        employer.queryset = Organization.objects.filter(agreements__isnull=False).distinct().order_by("name")
