from datetime import timedelta
from typing import Any

import django_filters as filters
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.imports.enums import ImportStatus
from core.permissions import may
from core.search import search
from core.site import local_today
from core.web.filters import ListFilterSet, SearchFilter
from grievances import permissions as p
from grievances.articles import article_key
from grievances.enums import AbeyanceState, GrievanceStatus, GrievanceType, Step
from grievances.models import Agreement, CaseImport, Grievance, GrievanceIntake
from grievances.models.away import is_nobodys

# A grievant may not learn by filtering what the limited side does not show.
OF_THE_WHOLE = ("q", "grievance_type", "filed", "assigned", "article", "marked")

MONTH, QUARTER = timedelta(days=30), timedelta(days=90)


class GrievanceFilterSet(ListFilterSet):
    q = SearchFilter(label=_("Search"), method="searched")
    status = filters.ChoiceFilter(
        label=_("Status"),
        choices=[("unresolved", _("Unresolved")), *GrievanceStatus.choices],
        empty_label=_("Any"),
        method="in_status",
    )
    step = filters.ChoiceFilter(label=_("Step"), field_name="current_step", choices=Step.choices, empty_label=_("Any"))
    grievance_type = filters.ChoiceFilter(
        label=_("Type"), choices=GrievanceType.choices, empty_label=_("Any"), method="of_type"
    )
    filed = filters.ChoiceFilter(
        label=_("Filed"),
        choices=[
            ("month", _("In the last 30 days")),
            ("quarter", _("31 to 90 days ago")),
            ("old", _("Over 90 days ago")),
        ],
        empty_label=_("Any time"),
        method="filed_ago",
    )
    assigned = filters.ChoiceFilter(
        label=_("Assigned"),
        choices=[("me", _("To me")), ("nobody", _("To nobody"))],
        empty_label=_("To anybody"),
        method="assigned_to",
    )
    article = SearchFilter(label=_("Article"), method="on_article")
    marked = filters.ChoiceFilter(
        label=_("Marked"),
        choices=[
            ("abeyance", _("In abeyance")),
            ("unconfirmed", _("In abeyance, unconfirmed")),
            ("untimely", _("Untimely")),
        ],
        empty_label=_("Anyhow"),
        method="marked_as",
    )

    class Meta:
        model = Grievance
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may(self.request.user, p.VIEW_GRIEVANCES):
            for name in OF_THE_WHOLE:
                del self.form.fields[name]

    def filter_queryset(self, queryset: models.QuerySet) -> models.QuerySet:
        for name, item in self.filters.items():
            queryset = item.filter(queryset, self.form.cleaned_data.get(name))
        return queryset

    def searched(self, queryset: Any, name: str, value: str) -> models.QuerySet:
        return search(queryset.whole_to(self.request.user), value)

    def in_status(self, queryset: Any, name: str, value: str) -> models.QuerySet:
        return queryset.unresolved() if value == "unresolved" else queryset.filter(status=value)

    def of_type(self, queryset: Any, name: str, value: str) -> models.QuerySet:
        return queryset.whole_to(self.request.user).filter(grievance_type=value)

    def filed_ago(self, queryset: Any, name: str, value: str) -> models.QuerySet:
        today = local_today()
        month, quarter = today - MONTH, today - QUARTER
        filed = {
            "month": models.Q(filed_date__gte=month),
            "quarter": models.Q(filed_date__lt=month, filed_date__gte=quarter),
            "old": models.Q(filed_date__lt=quarter),
        }
        return queryset.whole_to(self.request.user).filter(filed[value])

    def marked_as(self, queryset: Any, name: str, value: str) -> models.QuerySet:
        marks = {
            "abeyance": ~models.Q(abeyance=""),
            "unconfirmed": models.Q(abeyance=AbeyanceState.UNCONFIRMED),
            "untimely": models.Q(is_untimely=True),
        }
        return queryset.whole_to(self.request.user).filter(marks[value])

    def assigned_to(self, queryset: Any, name: str, value: str) -> models.QuerySet:
        rows = queryset.whole_to(self.request.user)
        user = self.request.user
        return rows.worked_by(user) if value == "me" else rows.filter(is_nobodys("assigned_rep", user))

    def on_article(self, queryset: Any, name: str, value: str) -> models.QuerySet:
        return queryset.whole_to(self.request.user).on_article(article_key(value))


class IntakeFilterSet(ListFilterSet):
    grievance_type = filters.ChoiceFilter(label=_("Type"), choices=GrievanceType.choices, empty_label=_("Any"))
    drafted = filters.ChoiceFilter(
        label=_("Drafted"), choices=[("me", _("By me"))], empty_label=_("By anybody"), method="drafted_by_me"
    )

    class Meta:
        model = GrievanceIntake
        fields: list[str] = []

    def drafted_by_me(self, queryset: models.QuerySet, name: str, value: str) -> models.QuerySet:
        return queryset.filter(drafted_by=self.request.user.pk)


class CaseImportFilterSet(ListFilterSet):
    status = filters.ChoiceFilter(label=_("Status"), choices=ImportStatus.choices, empty_label=_("Any"))

    class Meta:
        model = CaseImport
        fields: list[str] = []


class AgreementFilterSet(ListFilterSet):
    force = filters.ChoiceFilter(
        label=_("In force"),
        choices=[("now", _("Now")), ("ending", _("Ending within 180 days"))],
        empty_label=_("Any time"),
        method="in_force",
    )

    class Meta:
        model = Agreement
        fields: list[str] = []

    def in_force(self, queryset: Any, name: str, value: str) -> models.QuerySet:
        today = local_today()
        return queryset.in_force(today) if value == "now" else queryset.ending(today, today + timedelta(days=180))
