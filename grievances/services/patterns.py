"""What cases have in common: how many, where they stand, how they ended, how long each step took.

Counted in SQL by a constant number of statements, however many cases there are; medians come from how often each
number of days occurs.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db.models import (
    Case,
    Count,
    DateField,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    Max,
    Min,
    OuterRef,
    Q,
    Subquery,
    Sum,
    When,
)
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from core.permissions import Actor
from grievances.articles import article_key, is_number
from grievances.enums import RESOLVED, STEPS, UNRESOLVED, Answer, GrievanceStatus, Step, StepOutcome
from grievances.models import AnswerReceived, Grievance, GrievanceStepRecord
from grievances.models.facts import department_key

MOST_LINES = 15
WHOLE = 0  # in the table of days: from filing to the end


@dataclass(frozen=True, slots=True)
class Line:
    """Cases with one value of a property; `value` is what the filter of the page calls it."""

    label: str
    cases: int = 0
    unresolved: int = 0
    won: int = 0
    denied: int = 0
    settlements: int = 0
    amount: Decimal = Decimal(0)
    value: str = ""

    @property
    def ended(self) -> int:
        return self.cases - self.unresolved

    @property
    def won_share(self) -> int | None:
        return share(self.won, self.ended)

    @property
    def denied_share(self) -> int | None:
        return share(self.denied, self.ended)


@dataclass(frozen=True, slots=True)
class Part:
    name: str
    title: str
    lines: list[Line]


@dataclass(frozen=True, slots=True)
class Days:
    """How long a step took in the cases that have left it."""

    label: str
    cases: int
    median: int | None
    longest: int | None


@dataclass(frozen=True, slots=True)
class Patterns:
    total: Line
    parts: list[Part]
    days: list[Days]


@dataclass(frozen=True, slots=True)
class Asked:
    """What the patterns are narrowed to; what is empty narrows nothing."""

    first: Any = None
    last: Any = None
    employer: Any = None
    article: str = ""
    department: str = ""
    rep: Any = None
    step: str = ""
    status: str = ""
    parts: tuple[str, ...] = field(default=("employer", "article", "department", "rep", "step", "status", "type"))


def share(part: int, whole: int) -> int | None:
    """In percent, rounded; None of nothing."""
    return round(Decimal(part * 100) / whole) if whole else None


def median(found: Mapping[int, int]) -> int | None:
    """The middle number of days, where `found` says how often each occurs; of two in the middle the lower."""
    middle, seen = (sum(found.values()) + 1) // 2, 0
    for days in sorted(found):
        seen += found[days]
        if seen >= middle:
            return days
    return None


def cases_of(user: Actor, asked: Asked) -> Any:
    """The cases that the person sees whole, narrowed to what was asked."""
    rows = Grievance.objects.whole_to(user).order_by()
    columns = {"employer": asked.employer, "assigned_rep": asked.rep, "current_step": asked.step}
    columns |= {"filed_date__gte": asked.first, "filed_date__lte": asked.last}
    rows = rows.filter(**{name: value for name, value in columns.items() if value})
    if asked.article.strip():
        rows = rows.on_article(article_key(asked.article))
    if asked.department.strip():
        rows = rows.in_department(department_key(asked.department))
    if asked.status == "unresolved":
        return rows.unresolved()
    return rows.filter(status=asked.status) if asked.status else rows


def patterns_of(user: Actor, asked: Asked, *, most: int | None = MOST_LINES) -> Patterns:
    """Lines beyond the first `most` of a part become one; None keeps all."""
    cases = cases_of(user, asked)
    whole = _line(_("All cases"), cases.aggregate(**_counts()))
    parts = [_part(name, cases, whole, most) for name in asked.parts]
    return Patterns(whole, parts, days_of(cases))


# --- counting ---------------------------------------------------------------------------------------------


def _counts() -> dict[str, Any]:
    """Won: settled, or closed after the employer granted it. Denied: ended otherwise after a denial."""
    live = {"grievance": OuterRef("pk"), "superseded_by": None}
    granted = Exists(AnswerReceived.objects.filter(answer=Answer.GRANTED, **live))
    refused = Exists(GrievanceStepRecord.objects.filter(outcome=StepOutcome.DENIED, **live)) | Exists(
        AnswerReceived.objects.filter(answer=Answer.DENIED, **live)
    )
    settled = Q(status=GrievanceStatus.SETTLED)
    won = settled | (Q(status=GrievanceStatus.CLOSED) & Q(granted))
    lost = Q(status__in=(GrievanceStatus.CLOSED, GrievanceStatus.WITHDRAWN)) & ~Q(granted) & Q(refused)
    return {
        "cases": Count("pk"),
        "unresolved": Count("pk", filter=Q(status__in=UNRESOLVED)),
        "won": Count("pk", filter=won),
        "denied": Count("pk", filter=lost),
        "settlements": Count("pk", filter=settled),
        "amount": Sum("settlement_amount", filter=settled),
    }


def _line(label: str, counted: Mapping[str, Any], value: Any = "") -> Line:
    names = ("cases", "unresolved", "won", "denied", "settlements")
    numbers = {name: counted[name] for name in names}
    return Line(label, amount=counted["amount"] or Decimal(0), value="" if value is None else str(value), **numbers)


def _part(name: str, cases: Any, whole: Line, most: int | None) -> Part:
    title, columns, label_of, value_of = PARTS[name]
    named = {"spelled": Min(SPELLED[name])} if name in SPELLED else {}
    found = cases.values(*columns).annotate(**_counts(), **named).order_by("-cases", *columns)
    rows = list(found if most is None else found[:most])
    lines = [_line(label_of(row), row, value_of(row)) for row in rows]
    if name in IN_ORDER:
        lines.sort(key=lambda line: IN_ORDER[name].index(line.value))
    return Part(name, str(title()), [*lines, *_others(lines, whole)])


def _others(lines: Sequence[Line], whole: Line) -> list[Line]:
    """What the lines leave over of the whole, as one more."""
    left = whole.cases - sum(line.cases for line in lines)
    if not left:
        return []
    names = ("unresolved", "won", "denied", "settlements", "amount")
    rest = {name: getattr(whole, name) - sum(getattr(line, name) for line in lines) for name in names}
    return [Line(_("All others"), left, **rest)]


def _employer(row: Mapping[str, Any]) -> str:
    return ", ".join(filter(None, (row["employer__name"], row["employer__city"])))


def _article(row: Mapping[str, Any]) -> str:
    key = row["article_key"]
    return _("Article %(number)s") % {"number": key.upper()} if is_number(key) else row["spelled"] or _("None named")


def _department(row: Mapping[str, Any]) -> str:
    return " ".join(row["spelled"].split()) or _("None named")


def _representative(row: Mapping[str, Any]) -> str:
    if row["assigned_rep"] is None:
        return _("Nobody")
    return f"{row['assigned_rep__first_name']} {row['assigned_rep__last_name']}".strip()


def _choice(choices: Any, column: str) -> Any:
    return lambda row: str(choices(row[column]).label)


def _of(column: str) -> Any:
    return lambda row: row[column]


def _types() -> Any:
    return Grievance._meta.get_field("grievance_type")


PARTS: dict[str, tuple[Any, tuple[str, ...], Any, Any]] = {
    "employer": (
        lambda: _("By employer"),
        ("employer", "employer__name", "employer__city"),
        _employer,
        _of("employer"),
    ),
    "article": (lambda: _("By article"), ("article_key",), _article, _of("article_key")),
    "department": (
        lambda: _("By supervisor’s department"),
        ("department_key",),
        _department,
        _of("department_key"),
    ),
    "rep": (
        lambda: _("By representative"),
        ("assigned_rep", "assigned_rep__first_name", "assigned_rep__last_name"),
        _representative,
        _of("assigned_rep"),
    ),
    "step": (lambda: _("By step reached"), ("current_step",), _choice(Step, "current_step"), _of("current_step")),
    "status": (lambda: _("By outcome"), ("status",), _choice(GrievanceStatus, "status"), _of("status")),
    "type": (
        lambda: _("By type"),
        ("grievance_type",),
        lambda row: str(dict(_types().flatchoices)[row["grievance_type"]]),
        _of("grievance_type"),
    ),
}
# Where lines are of one folded text, which column says how it was spelled.
SPELLED = {"article": "contract_article", "department": "department"}
IN_ORDER: dict[str, list[str]] = {"step": Step.values, "status": GrievanceStatus.values}


# --- days -------------------------------------------------------------------------------------------------


def days_of(cases: Any) -> list[Days]:
    """Of each step from filing, or the last meeting of a step before, to its own last meeting or the case's end."""
    found: dict[int, Counter[int]] = {number: Counter() for number in range(len(STEPS) + 1)}
    for row in _steps_left(cases):
        found[row["step_number"]][_whole_days(row["lasted"])] += row["times"]
    ended = cases.filter(status__in=RESOLVED).values(lasted=_between("filed_date", "resolution_date"))
    for row in ended.annotate(times=Count("pk")).order_by():
        found[WHOLE][_whole_days(row["lasted"])] += row["times"]
    labels = [_("From filing to the end"), *(str(step.label) for step in STEPS)]
    return [_days(labels[number], found[number]) for number in (*range(1, len(STEPS) + 1), WHOLE)]


def _days(label: str, found: Counter[int]) -> Days:
    return Days(label, sum(found.values()), median(found), max(found, default=None))


def _whole_days(lasted: timedelta) -> int:
    return max(0, lasted.days)


def _between(first: Any, last: Any) -> ExpressionWrapper:
    first, last = (F(day) if isinstance(day, str) else day for day in (first, last))
    return ExpressionWrapper(last - first, output_field=DurationField())


def _steps_left(cases: Any) -> Any:
    """The last meeting of each step that its case has left: step, days, how often."""
    live = GrievanceStepRecord.objects.live().exclude(meeting_date=None)
    same = live.filter(grievance=OuterRef("grievance"), step_number=OuterRef("step_number"))
    later = Q(meeting_date__gt=OuterRef("meeting_date"))
    later |= Q(meeting_date=OuterRef("meeting_date"), created_at__gt=OuterRef("created_at"))
    former = live.filter(grievance=OuterRef("grievance"), step_number__lt=OuterRef("step_number"))
    before = former.order_by().values("grievance").annotate(day=Max("meeting_date")).values("day")
    passed, standing = Q(pk=None), Q(pk=None)
    for number, step in enumerate(STEPS, 1):
        passed |= Q(step_number=number, grievance__current_step__in=STEPS[number:])
        standing |= Q(step_number=number, grievance__current_step=step)
    over = standing & Q(grievance__status__in=RESOLVED)
    begun = Coalesce(Subquery(before), F("grievance__filed_date"), output_field=DateField())
    ended = Case(When(over, then=F("grievance__resolution_date")), default=F("meeting_date"), output_field=DateField())
    rows = live.filter(~Exists(same.filter(later)), passed | over, grievance__in=cases.values("pk"))
    return rows.order_by().values("step_number", lasted=_between(begun, ended)).annotate(times=Count("pk"))
