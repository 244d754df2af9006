"""The pages of dockets: one meeting with one employer about many cases."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from django.contrib import messages
from django.db import models
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.audit import trail
from core.audit.timeline import history
from core.enums import ReadKind, badge_of
from core.errors import DomainError, EditConflict
from core.permissions import may
from core.records.editing import conflict_row
from core.web.columns import Column, of_field
from core.web.formats import day_text
from core.web.keyset import Sort
from core.web.lists import ListPage
from core.web.papers import paper_response
from core.web.views import Crumbs, FormPage, PortalView, RecordPage, RowMixin
from grievances import display
from grievances import permissions as p
from grievances.enums import Answer, DocketOutcome
from grievances.forms.dockets import DocketFilterSet, DocketForm, EmployerForm, ExtendDocketForm, RecordDocketForm
from grievances.models import Docket, DocketCase, Grievance
from grievances.services import docket_papers, dockets
from grievances.services.in_turn import Refused
from grievances.views.work import ToldOfConflict
from members.models import Organization

UNDER = ((gettext_lazy("Dockets"), "docket_list"),)
MOST_TOLD = 10


def outcome_badge(row: DocketCase) -> Any:
    if not row.outcome:
        return None
    return badge_of(Answer if row.outcome in Answer.values else DocketOutcome, row.outcome)


def tell_of(request: HttpRequest, refused: list[Refused]) -> None:
    """What was refused, each with its sentence, on the next page."""
    for row, sentence in refused[:MOST_TOLD]:
        messages.warning(request, f"{getattr(row, 'grievance', row)}: {sentence}")


class DocketList(ListPage):
    permission = p.VIEW_GRIEVANCES
    model = Docket
    filterset_class = DocketFilterSet
    list_name = "docket_list"
    record_route = "docket_detail"
    page_title = gettext_lazy("Dockets")
    icon = "calendar-event"
    actions_template = "grievances/dockets/_list_actions.html"
    sorts = (Sort("day", "meeting_date", gettext_lazy("Day"), descending=True),)
    columns = (
        Column(
            "day",
            gettext_lazy("Day"),
            lambda docket: day_text(docket.meeting_date),
            kind="link",
            sort="day",
            reads=("meeting_date",),
        ),
        of_field("employer", gettext_lazy("Employer"), "employer__name"),
        of_field("place", gettext_lazy("Place"), "place"),
    )
    empty_title = gettext_lazy("No docket yet")
    empty_text = gettext_lazy("A docket is one meeting with an employer about several cases.")

    @property
    def may_work(self) -> bool:
        return may(self.request.user, p.WORK_GRIEVANCES)

    @property
    def empty_action(self) -> tuple[str, str]:
        return (_("Make a docket"), reverse("docket_create")) if self.may_work else ("", "")


class DocketDetail(RecordPage):
    permission = p.VIEW_GRIEVANCES
    model = Docket
    template_name = "grievances/dockets/detail.html"
    under = UNDER

    def rows(self) -> models.QuerySet:
        return super().rows().select_related("employer")

    def title(self) -> str:
        return _("Docket")

    def extra(self, record: Any) -> dict[str, Any]:
        rows = docket_papers.rows_of(record, self.request.user)
        works = may(self.request.user, p.WORK_GRIEVANCES)
        unconfirmed = record.extensions.to_confirm().filter(grievance__in=[row.grievance_id for row in rows])
        return {
            "cases": [
                (row, display.step_of(row.grievance), docket_papers.next_words(row), outcome_badge(row)) for row in rows
            ],
            "may_work": works,
            "to_record": works and dockets.to_record_by(record, self.request.user).exists(),
            "refused": [row for row in rows if row.refusal],
            "unconfirmed": unconfirmed.count(),
            "entries": history([record]),
        }


class DocketCreate(FormPage):
    """First the employer, then its cases with checkboxes; without JavaScript too."""

    makes_record = True
    permission = p.WORK_GRIEVANCES
    page_title = gettext_lazy("Make a docket")
    under = UNDER
    crumb = gettext_lazy("New")
    fields_template = "grievances/dockets/_fields.html"
    done = gettext_lazy("The docket is made. Print its agenda, and record the meeting after it was held.")

    @cached_property
    def employers(self) -> models.QuerySet:
        """Where the person has a case to talk about."""
        user = self.request.user
        cases = Grievance.objects.whole_to(user).unresolved().filter(employer=OuterRef("pk"))
        if not may(user, p.WORK_ALL_GRIEVANCES):
            cases = cases.worked_by(user)
        return Organization.objects.filter(Exists(cases)).order_by("sort_name", "pk")

    @cached_property
    def employer(self) -> Any:
        asked = self.request.POST.get("employer_met") or self.request.GET.get("employer_met") or ""
        return self.employers.filter(pk=asked).first() if asked.isdecimal() and len(asked) < 18 else None

    @property
    def is_chosen(self) -> bool:
        """Whether the cases are on the page; the first page sends nothing but the employer."""
        return self.employer is not None and (self.request.method == "GET" or "meeting_date" in self.request.POST)

    @property
    def submit_label(self) -> str:
        return _("Make docket") if self.is_chosen else _("Show its cases")

    @property
    def lead(self) -> str:
        if self.is_chosen:
            return _("One meeting with %(employer)s.") % {"employer": self.employer}
        return _("One meeting with one employer about many cases.")

    def get_form(self, data: Any = None, files: Any = None) -> Any:
        if not self.is_chosen:
            return EmployerForm(data, employers=self.employers)
        cases = list(dockets.offered(self.request.user, self.employer)[: dockets.LONGEST_DOCKET])
        trail.read(Grievance, ReadKind.LISTED, actor=self.request.user, rows=len(cases))
        return DocketForm(data, cases=cases)

    def before_perform(self, form: Any) -> HttpResponseBase | None:
        if isinstance(form, EmployerForm):
            chosen = form.cleaned_data["employer_met"]
            return HttpResponseRedirect(f"{reverse('docket_create')}?employer_met={chosen.pk}")
        return None

    def cancel_url(self) -> str:
        return reverse("docket_list")

    def perform(self, form: Any) -> str:
        values = {"employer": self.employer, **form.values()}
        return dockets.make(values, form.chosen(), actor=self.request.user).get_absolute_url()


class DocketPage(RowMixin):
    """What the pages below one docket share."""

    permission = p.WORK_GRIEVANCES
    model = Docket
    crumb: Any

    def rows(self) -> models.QuerySet:
        return super().rows().select_related("employer")

    def cancel_url(self) -> str:
        return self.get_object().get_absolute_url()

    def breadcrumbs(self) -> Crumbs:
        return [
            (_("Dockets"), reverse("docket_list")),
            (_("Docket"), self.get_object().get_absolute_url()),
            (str(self.crumb), None),
        ]


class DocketEdit(ToldOfConflict, DocketPage, FormPage):
    page_title = crumb = gettext_lazy("Change the docket")
    submit_label = gettext_lazy("Save docket")
    lead = gettext_lazy("Another day or place, more cases or fewer. Cases that are recorded stay on it.")
    fields_template = "grievances/dockets/_fields.html"
    done = gettext_lazy("Docket saved.")

    def saved(self, begun: Any) -> Mapping[str, Any]:
        return {name: value for name, value in begun.initial.items() if name != "version"}

    def get_form(self, data: Any = None, files: Any = None) -> Any:
        docket, user = self.get_object(), self.request.user
        cases = list(dockets.offered(user, docket.employer)[: dockets.LONGEST_DOCKET])
        rows = DocketCase.objects.filter(docket=docket).visible_to(user)
        recorded = set(rows.exclude(recorded_at=None).values_list("grievance", flat=True))
        trail.read(Grievance, ReadKind.LISTED, actor=user, rows=len(cases))
        names = ("meeting_date", "place", "union_attendees", "employer_attendees", "version")
        waiting = set(rows.to_record().values_list("grievance", flat=True))
        offered = [case for case in cases if case.pk not in recorded]
        chosen = [str(case.pk) for case in offered if case.pk in waiting]
        initial = {name: getattr(docket, name) for name in names} | {"cases": chosen}
        stays = rows.exclude(grievance__in=[case.pk for case in offered]).exists()
        return DocketForm(data, cases=offered, initial=initial, stays=stays)

    def perform(self, form: Any) -> str:
        dockets.change(
            self.get_object(),
            form.values(),
            form.chosen(),
            actor=self.request.user,
            version=form.cleaned_data["version"],
        )
        return self.cancel_url()


class DocketRecord(DocketPage, FormPage):
    """Attendees once; of each case what was said and what came of it. Several people may record their own cases."""

    makes_record = True
    page_title = crumb = gettext_lazy("Record the meeting")
    submit_label = gettext_lazy("Record meeting")
    lead = gettext_lazy("Each case gets its meeting and, where one was given, the employer’s answer.")
    fields_template = "grievances/dockets/_record_fields.html"
    counted = (0, 0)

    def cases(self) -> Any:
        return DocketCase.objects.filter(docket=self.get_object()).visible_to(self.request.user)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = self.get_form()
        if not form.cases:
            raise DomainError(_("This meeting is recorded already. Open the docket to see what came of each case."))
        trail.read(Grievance, ReadKind.LISTED, actor=request.user, rows=len(form.cases))
        return self.render_form(form)

    def get_form(self, data: Any = None, files: Any = None) -> Any:
        return RecordDocketForm(data, record=self.get_object(), cases=self.cases().for_page())

    def render_form(self, form: Any, *, status: int = 200, **extra: Any) -> HttpResponse:
        if form.is_bound:
            form.keep_apart(set(self.cases().recorded().values_list("pk", flat=True)))
        saved = self.rows().filter(pk=self.get_object().pk).first() if status == 409 else None
        if saved is not None and saved.version != form.cleaned_data["version"]:
            form.data = form.data.copy()
            form.data["version"] = str(saved.version)
            if differing := form.differing(saved):
                extra["conflict"] = [
                    conflict_row(form, name, getattr(saved, name), form.cleaned_data[name]) for name in differing
                ]
        return super().render_form(form, status=status, **extra)

    def render_conflict(self, form: Any, conflict: EditConflict) -> HttpResponse:
        """Both versions of the meeting are shown; the form keeps what was typed and starts from what is saved now."""
        form.add_error(None, conflict.sentence)
        return self.render_form(form, status=409)

    def perform(self, form: Any) -> str:
        done, refused = dockets.record(
            self.get_object(),
            form.meeting(),
            form.heard(),
            actor=self.request.user,
            how=form.cleaned_data["how"],
            version=form.cleaned_data["version"],
        )
        self.counted = len(done), len(refused)
        tell_of(self.request, refused)
        return self.cancel_url()

    def done_message(self) -> str:
        done, refused = self.counted
        said = ngettext("Recorded in %(count)s case.", "Recorded in %(count)s cases.", done) % {"count": done}
        return said if done or not refused else ""


class DocketExtend(DocketPage, FormPage):
    """One agreement on another date for several cases; its letter is printed from the docket."""

    makes_record = True
    page_title = crumb = gettext_lazy("Record extensions")
    submit_label = gettext_lazy("Record extensions")

    @property
    def lead(self) -> str:
        if not dockets.extendable(self.get_object(), self.request.user):
            return _("No date runs in the cases of this docket, so there is nothing to put off.")
        return _("They are unconfirmed, and nothing moves, until the employer has signed the letter.")

    done = gettext_lazy("Recorded, unconfirmed. Print the letter and have it signed.")

    def get_form(self, data: Any = None, files: Any = None) -> Any:
        rows = dockets.extendable(self.get_object(), self.request.user)
        return ExtendDocketForm(data, deadlines=rows, actor=self.request.user)

    def render_form(self, form: Any, *, status: int = 200, **extra: Any) -> HttpResponse:
        trail.read(Grievance, ReadKind.LISTED, actor=self.request.user, rows=len(form.by_key))
        return super().render_form(form, status=status, **extra)

    def perform(self, form: Any) -> str:
        done, refused = dockets.extend(self.get_object(), form.chosen(), form.values(), actor=self.request.user)
        if refused and not done:
            raise DomainError(" ".join(f"{item.row.grievance}: {item.sentence}" for item in refused[:MOST_TOLD]))
        tell_of(self.request, refused)
        return self.cancel_url()


class DocketAgenda(DocketPage, PortalView):
    permission = p.VIEW_GRIEVANCES
    crumb = ""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        docket = self.get_object()
        paper = docket_papers.agenda(docket, request.user)
        trail.read(docket, ReadKind.DOWNLOADED, actor=request.user)
        return paper_response(paper)


class DocketLetter(DocketPage, PortalView):
    permission = p.VIEW_GRIEVANCES
    crumb = ""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        docket = self.get_object()
        paper = docket_papers.extension_letter(docket, request.user)
        trail.read(docket, ReadKind.DOWNLOADED, actor=request.user)
        return paper_response(paper)
