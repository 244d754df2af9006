"""The pages of levels' seats, of days away, and of substitutes for one case."""

from typing import Any

from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from benevolence import permissions as p
from benevolence.enums import IN_REVIEW, LEVELS
from benevolence.forms.seats import AbsenceForm, SeatForm, SubstituteForm
from benevolence.models import REVIEW_PERMISSIONS, Absence, BenevolenceApplication, CaseSubstitute, Seat
from benevolence.services import seats
from benevolence.services.facts import policy_on
from core.permissions import may
from core.site import local_today
from core.web.forms import ReasonForm
from core.web.views import ActionPage, FormPage, PortalView, RowMixin

UNDER = ((gettext_lazy("Seats"), "seat_list"),)


class Seats(PortalView):
    """Who sits at each level, who is away, and the numbers of cases that nobody can decide."""

    permission = (p.APPOINT, p.VIEW_POLICY)
    page_title = gettext_lazy("Seats")
    template_name = "benevolence/seats/list.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        may_appoint = may(request.user, p.APPOINT)
        absences = Absence.objects.visible_to(request.user).filter(last_day__gte=local_today())
        return self.render(
            levels=self.levels(),
            may_appoint=may_appoint,
            may_away=may(request.user, (p.APPOINT, p.DECLARE_RELATIONSHIP)),
            absences=absences.select_related("user").order_by("first_day", "pk"),
            stuck=seats.stuck() if may_appoint else [],
            open=CaseSubstitute.objects.visible_to(request.user).open().select_related("application", "user"),
        )

    def levels(self) -> list[tuple[str, list[Any], str]]:
        """Each level with its seats, and what to do where nobody can sit there."""
        rows: dict[str, list[Any]] = {}
        for seat in Seat.objects.visible_to(self.request.user).live().in_turn().select_related("user"):
            found = rows.setdefault(seat.level, [])
            found.append((seat, _("Holder") if not found else _("Substitute %(n)s") % {"n": len(found)}))
        used = policy_on(local_today()).levels
        return [(str(level.label), rows.get(level, []), self.empty(level) if level in used else "") for level in LEVELS]

    def empty(self, level: Any) -> str:
        if User.objects.holding(REVIEW_PERMISSIONS[level]).exists():
            return ""
        sentence = _(
            "Nobody holds the role of this level: the system administrator gives the role “%(level)s, benevolence”, "
            "an officer confirms it, then an officer appoints the holder here."
        )
        return sentence % {"level": level.label}


class SeatPage(FormPage):
    """What the forms below the seats share."""

    permission: Any = p.APPOINT
    under = UNDER

    def cancel_url(self) -> str:
        return reverse("seat_list")


class SeatNew(SeatPage):
    makes_record = True
    page_title = gettext_lazy("Appoint to a level")
    form_class = SeatForm
    submit_label = gettext_lazy("Appoint")
    lead = gettext_lazy("The first of a level holds it; each further one stands in, in the order of appointment.")
    done = gettext_lazy("Appointed.")

    def perform(self, form: Any) -> str:
        seats.appoint(form.values(), actor=self.request.user)
        return self.cancel_url()


class SeatEnd(RowMixin, SeatPage):
    model = Seat
    page_title = gettext_lazy("End the appointment")
    form_class = ReasonForm
    submit_label = gettext_lazy("End it")
    danger = True
    done = gettext_lazy("Ended.")

    def perform(self, form: Any) -> str:
        seats.unseat(self.get_object(), actor=self.request.user, reason=form.cleaned_data["reason"])
        return self.cancel_url()


class AbsenceNew(SeatPage):
    makes_record = True
    permission = (p.APPOINT, p.DECLARE_RELATIONSHIP)
    page_title = gettext_lazy("Record days away")
    form_class = AbsenceForm
    submit_label = gettext_lazy("Record")
    lead = gettext_lazy("On these days the next in turn acts.")
    done = gettext_lazy("Recorded.")

    def form_arguments(self, data: Any, files: Any) -> dict[str, Any]:
        return {**super().form_arguments(data, files), "actor": self.request.user}

    def perform(self, form: Any) -> str:
        given = form.cleaned_data
        seats.record_absence(given["user"], given["first_day"], given["last_day"], actor=self.request.user)
        return reverse("seat_list") if may(self.request.user, Seats.permission) else reverse("application_queue")


class SubstitutePropose(SeatPage):
    """An officer learns nothing of the case but its number and its level."""

    makes_record = True
    page_title = gettext_lazy("Propose a substitute for this case")
    form_class = SubstituteForm
    submit_label = gettext_lazy("Propose")
    lead = gettext_lazy("A second officer confirms it; then the substitute acts in this case alone.")
    done = gettext_lazy("Proposed. A second officer confirms it.")

    def get_object(self) -> Any:
        found = BenevolenceApplication.objects.filter(pk=self.kwargs["pk"], status__in=IN_REVIEW).first()
        if found is None or seats.who_acts(found):
            raise Http404
        return found

    def form_arguments(self, data: Any, files: Any) -> dict[str, Any]:
        return {**super().form_arguments(data, files), "record": self.get_object()}

    def perform(self, form: Any) -> str:
        given = form.cleaned_data
        seats.propose(self.get_object(), given["user"], actor=self.request.user, reason=given["reason"])
        return self.cancel_url()


class SubstituteConfirm(ActionPage):
    permission = p.APPOINT
    under = UNDER
    model = CaseSubstitute
    page_title = gettext_lazy("Confirm the substitute")
    form_class = Form
    submit_label = gettext_lazy("Appoint for this case")
    done = gettext_lazy("Appointed for this case.")

    def rows(self) -> Any:
        return super().rows().select_related("application", "user", "proposed_by")

    @property
    def lead(self) -> str:
        row = self.get_object()
        told = {"case": row.application, "level": row.get_level_display(), "person": row.user, "by": row.proposed_by}
        return _("%(person)s decides %(case)s at the level “%(level)s”. Proposed by %(by)s.") % told

    def cancel_url(self) -> str:
        return reverse("seat_list")

    def perform(self, form: Any) -> str:
        seats.confirm(self.get_object(), actor=self.request.user)
        return self.cancel_url()
