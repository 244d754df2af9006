"""The pages of dates: the board, one deadline with its working, deliveries, extensions, the personal calendar."""

import datetime
from calendar import Calendar
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import models
from django.db.models import Exists, OuterRef
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from core.audit import trail
from core.enums import Badge, ReadKind
from core.errors import DomainError
from core.permissions import may
from core.site import local_today
from core.web.views import FormPage, PortalView, RecordPage
from grievances import display, working
from grievances import permissions as p
from grievances.forms.agreements import ChooseAgreementForm
from grievances.forms.board import BoardForm
from grievances.forms.deadlines import ConfirmForm, DeliveryForm, ExtensionForm
from grievances.models import Agreement, Away, Deadline, Extension, Grievance, HearingDay
from grievances.models.away import is_nobodys, theirs
from grievances.services import agreements, deliveries, feeds
from grievances.services.workflow import is_theirs
from grievances.views.work import CasePage, ToldOfConflict, WorkedPage

SHOWN = 100
WEEK = datetime.timedelta(7)
NEXT = datetime.timedelta(30)
HEARD = "arbitration__grievance"  # from a hearing day to its case
UNDER = ((gettext_lazy("Deadlines"), "deadline_board"),)


def shown(row: Deadline, today: datetime.date) -> tuple[Deadline, str, Any, list[Badge]]:
    """A date with its badge, and the marks of its case."""
    case = row.grievance
    badge = working.badge(row, today, held=case is not None and case.is_held)
    return row, working.what_is_due(row), badge, display.flag_badges(case) if case else []


def narrowed_by(asked: dict[str, Any], user: Any, case: str = "") -> models.Q:
    """What the board is narrowed to, for rows of which `case` is the way to the case; mine are those I stand in for."""
    names = {"employer": f"{case}employer", "step": f"{case}current_step"}
    found = models.Q(**{column: asked[name] for name, column in names.items() if asked.get(name)})
    if (rep := asked.get("rep")) is None:
        return found
    column = f"{case}assigned_rep"
    return found & (theirs(column, user) if rep.pk == user.pk else models.Q(**{column: rep}))


class Board(PortalView):
    """What passed, is due today, this week and next; hearings; cases that nobody has, and those without a date."""

    permission = (p.VIEW_GRIEVANCES, p.DRAFT_GRIEVANCES)
    page_title = gettext_lazy("Deadlines")
    template_name = "grievances/deadlines/board.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form, today = BoardForm(request.GET, cases=self.open_cases({})), local_today()
        asked = form.cleaned_data if form.is_valid() else {}
        rows = self.narrowed(asked)
        month, nobodys = asked.get("month"), is_nobodys("assigned_rep", request.user)
        trail.read(Deadline, ReadKind.LISTED, actor=request.user, filters={name: str(asked[name]) for name in asked})
        extra = self.month_of(rows, asked, today) if month else self.listed(rows, asked, today)
        away = {row.person_id: row.words for row in Away.objects.stood_in_by(request.user).select_related("person")}
        return self.render(
            form=form,
            away=away,
            unassigned=[] if asked.get("rep") else list(self.open_cases(asked).filter(nobodys)[:SHOWN]),
            dateless=list(self.dateless(asked)[:SHOWN]),
            kept=self.kept(),
            this_month=f"{today:%Y-%m}",
            month=month,
            today=today,
            **extra,
        )

    def narrowed(self, asked: dict[str, Any]) -> Any:
        rows = Deadline.objects.visible_to(self.request.user).running().of_open_cases()
        found = narrowed_by(asked, self.request.user, "grievance__")
        if asked.get("side"):
            found &= models.Q(side=asked["side"])
        return rows.filter(found).for_list().select_related("intake__organization").in_order()

    def kept(self) -> str:
        """What the board is narrowed to, for the links to its other views."""
        asked = self.request.GET.copy()
        asked.pop("month", None)
        return f"&{asked.urlencode()}" if asked else ""

    def listed(self, rows: Any, asked: dict[str, Any], today: datetime.date) -> dict[str, Any]:
        found = self.hearings(asked, today, today + NEXT)
        named = found.select_related(*(f"{HEARD}__{name}" for name in ("member", "employer", "assigned_rep")))
        return {"groups": self.groups(rows, today), "hearings": list(named[:SHOWN])}

    def hearings(self, asked: dict[str, Any], first: datetime.date, last: datetime.date) -> Any:
        rows = HearingDay.objects.visible_to(self.request.user).to_come(first, last).in_order()
        return rows.filter(narrowed_by(asked, self.request.user, f"{HEARD}__"))

    def groups(self, rows: Any, today: datetime.date) -> list[tuple[str, list[Any], bool]]:
        ranges = (
            (_("Overdue"), {"due__lt": today}),
            (_("Today"), {"due": today}),
            (_("This week"), {"due__gt": today, "due__lte": today + WEEK}),
            (_("Next"), {"due__gt": today + WEEK, "due__lte": today + NEXT}),
        )
        found = []
        groups = [(label, rows.not_held().filter(**within)) for label, within in ranges]
        for label, among in [*groups, (_("Held while the case is in abeyance"), rows.held())]:
            part = list(among[: SHOWN + 1])
            found.append((label, [shown(row, today) for row in part[:SHOWN]], len(part) > SHOWN))
        return found if found[-1][1] else found[:-1]

    def open_cases(self, asked: dict[str, Any]) -> Any:
        rows = Grievance.objects.whole_to(self.request.user).unresolved()
        return (
            rows.filter(narrowed_by(asked, self.request.user))
            .select_related("employer", "member")
            .order_by("filed_date", "pk")
        )

    def dateless(self, asked: dict[str, Any]) -> Any:
        running = Deadline.objects.running().filter(grievance=OuterRef("pk"))
        heard = HearingDay.objects.to_come(local_today()).filter(arbitration__grievance=OuterRef("pk"))
        return self.open_cases(asked).filter(~Exists(running), ~Exists(heard))

    def month_of(self, rows: Any, asked: dict[str, Any], today: datetime.date) -> dict[str, Any]:
        first = datetime.date.fromisoformat(f"{asked['month']}-01")
        weeks = Calendar(firstweekday=6).monthdatescalendar(first.year, first.month)
        found = rows.filter(due__range=(weeks[0][0], weeks[-1][-1]))[:1_000]
        by_day: dict[datetime.date, list[Any]] = {}
        for row in found:
            by_day.setdefault(row.due, []).append(shown(row, today))
        heard: dict[datetime.date, list[HearingDay]] = {}
        for hearing in self.hearings(asked, weeks[0][0], weeks[-1][-1])[:1_000]:
            heard.setdefault(hearing.day, []).append(hearing)
        before, after = first - datetime.timedelta(1), first + datetime.timedelta(31)
        return {
            "first": first,
            "weeks": [
                [(day, day.month == first.month, by_day.get(day, []), heard.get(day, [])) for day in week]
                for week in weeks
            ],
            "before": f"{before:%Y-%m}",
            "after": f"{after:%Y-%m}",
        }


class DeadlineDetail(RecordPage):
    """Why this date: the rule, the clause, the start and each day; every date that was in force before it."""

    permission = (p.VIEW_GRIEVANCES, p.DRAFT_GRIEVANCES)
    model = Deadline
    template_name = "grievances/deadlines/detail.html"
    under = UNDER

    def rows(self) -> models.QuerySet:
        rows = Deadline.objects.visible_to(self.request.user)
        return rows.select_related("grievance__assigned_rep", "grievance__agreement", "intake", "superseded_by")

    def title(self) -> str:
        return working.deadline_label(self.get_object())

    def extra(self, record: Any) -> dict[str, Any]:
        today, user = local_today(), self.request.user
        case = record.grievance
        works = case is not None and may(user, p.WORK_GRIEVANCES) and not is_theirs(case, user)
        return {
            "badge": working.badge(record, today, held=case is not None and case.is_held),
            "what": working.what_is_due(record),
            "key": str(record.pk),
            "side": working.side_words(record),
            "why": working.why_this_date(record),
            "follows": working.what_follows(record),
            "days": working.working_of(record),
            "earlier": _earlier(record),
            "extensions": record.extensions.select_related("document_file"),
            "deliveries": record.deliveries.select_related("proof_file"),
            "may_work": works and record.is_running,
        }


def _earlier(record: Deadline) -> list[Deadline]:
    """Every date that was in force before, the newest first."""
    found: list[Deadline] = []
    row: Any = record
    while (row := Deadline.objects.filter(superseded_by=row).first()) is not None and len(found) < SHOWN:
        found.append(row)
    return found


class DeliveryCreate(WorkedPage, FormPage):
    makes_record = True
    permission = p.WORK_GRIEVANCES
    page_title = gettext_lazy("Record a delivery")
    crumb = gettext_lazy("Delivery")
    submit_label = gettext_lazy("Record delivery")
    lead = gettext_lazy("What reached the employer, how and when. Only this meets a deadline of ours.")
    done = gettext_lazy("Delivery recorded.")

    def get_form(self, data: Any = None, files: Any = None) -> Any:
        return DeliveryForm(data, record=self.case(), deadline=self.request.GET.get("deadline", ""))

    def perform(self, form: Any) -> str:
        deliveries.record_delivery(self.case(), form.values(), actor=self.request.user)
        return f"{self.cancel_url()}?tab=deadlines"


class ExtensionCreate(ToldOfConflict, WorkedPage, FormPage):
    makes_record = True
    permission = p.WORK_GRIEVANCES
    model = Deadline
    page_title = gettext_lazy("Record an extension")
    crumb = gettext_lazy("Extension")
    submit_label = gettext_lazy("Record extension")
    lead = gettext_lazy("Another date that both sides agreed on. The date that holds now stays on record.")
    done = gettext_lazy("Extension recorded.")

    def rows(self) -> models.QuerySet:
        rows = Deadline.objects.visible_to(self.request.user).exclude(grievance=None)
        return rows.select_related("grievance__assigned_rep")

    def case(self) -> Grievance:
        return self.get_object().grievance

    def get_form(self, data: Any = None, files: Any = None) -> Any:
        return ExtensionForm(data, record=self.get_object())

    def perform(self, form: Any) -> str:
        version = form.cleaned_data["version"]
        deliveries.record_extension(self.get_object(), form.values(), actor=self.request.user, version=version)
        return f"{self.cancel_url()}?tab=deadlines"


class ExtensionConfirm(ToldOfConflict, WorkedPage, FormPage):
    permission = p.WORK_GRIEVANCES
    model = Extension
    page_title = gettext_lazy("Confirm the extension")
    crumb = gettext_lazy("Confirm")
    submit_label = gettext_lazy("Confirm extension")
    lead = gettext_lazy("The document is there: from now on the new date holds, and later dates are computed from it.")
    done = gettext_lazy("The new date holds.")

    def rows(self) -> models.QuerySet:
        return Extension.objects.visible_to(self.request.user).select_related("grievance__assigned_rep")

    def case(self) -> Grievance:
        return self.get_object().grievance

    def get_form(self, data: Any = None, files: Any = None) -> Any:
        return ConfirmForm(data, record=self.get_object())

    def perform(self, form: Any) -> str:
        deliveries.confirm_extension(
            self.get_object(),
            document=form.cleaned_data["document"],
            file=form.cleaned_data["document_file"],
            actor=self.request.user,
            version=form.cleaned_data["version"],
        )
        return f"{self.cancel_url()}?tab=deadlines"


class ChooseAgreement(ToldOfConflict, CasePage, FormPage):
    """For a case that has none, where several were in force when it was filed."""

    permission = p.CHANGE_AGREEMENTS
    page_title = gettext_lazy("Choose the agreement")
    crumb = gettext_lazy("Agreement")
    submit_label = gettext_lazy("Choose agreement")
    lead = gettext_lazy("From now on the dates of this case are computed by it.")
    done = gettext_lazy("The dates of this case are computed now.")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.case().agreement_id:
            raise DomainError(_("This case has its agreement, under which it was filed. It stays."))
        return super().get(request, *args, **kwargs)

    def get_form(self, data: Any = None, files: Any = None) -> Any:
        return ChooseAgreementForm(data, record=self.case())

    def perform(self, form: Any) -> str:
        chosen: Agreement = form.cleaned_data["agreement"]
        said = {name: form.cleaned_data[name] for name in ("reached_on", "version")}
        agreements.choose_agreement(self.case(), chosen, actor=self.request.user, **said)
        return self.cancel_url()


# --- the personal calendar --------------------------------------------------------------------------------


class FeedPage(FormPage):
    """The address of one's own calendar, shown once; making another revokes the one before."""

    permission = p.WORK_GRIEVANCES
    form_class = Form
    template_name = "grievances/deadlines/feed.html"
    page_title = gettext_lazy("Deadlines in my calendar")
    under = UNDER
    crumb = gettext_lazy("My calendar")
    submit_label = gettext_lazy("Make an address")
    lead = gettext_lazy("Your calendar shows case number and step of your cases, and nothing else.")

    def cancel_url(self) -> str:
        return reverse("deadline_board")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.render_form(self.get_form(), has_one=feeds.feed_of(request.user) is not None)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if "revoke" in request.POST:
            feeds.revoke(request.user)
            messages.success(request, _("The address no longer works."))
            return HttpResponseRedirect(reverse("deadline_feed_page"))
        address = request.build_absolute_uri(reverse("deadline_feed", args=[feeds.make(request.user)]))
        return self.render_form(self.get_form(), address=address, has_one=True)


@method_decorator(login_not_required, name="dispatch")
class DeadlineFeedView(View):
    """The calendar itself, for a program that knows nothing but its address."""

    nameless_in_log = True

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        user = feeds.user_of(token)
        if user is None or not may(user, p.WORK_GRIEVANCES):
            raise Http404
        return HttpResponse(feeds.calendar_of(user), content_type="text/calendar; charset=utf-8")
