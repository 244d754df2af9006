"""What is done with a case besides its moves: one table of forms and services for the page and the API."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.errors import DomainError
from core.permissions import Actor, Permission
from core.web.views import Crumbs, RecordFormPage
from grievances import permissions as p
from grievances.forms import arbitration as forms
from grievances.forms import flags
from grievances.forms.acts import ActForm, ActReasonForm
from grievances.models import Grievance
from grievances.services import abeyances, arbitration, briefs, untimely
from grievances.services.workflow import is_theirs
from grievances.views.work import CasePage


@dataclass(frozen=True, slots=True)
class Act:
    """`service(case, *, actor, **form.values())`; `why_not(case)` says why it cannot be done now.

    `lead`: a sentence, or a function of the case that makes one. `permission`: what the service needs.
    """

    label: Any
    service: Callable[..., Any]
    form_class: type[ActForm]
    why_not: Callable[[Grievance], str]
    done: Any
    lead: Any = ""
    tab: str = "arbitration"
    danger: bool = False
    permission: Permission = p.WORK_GRIEVANCES

    def lead_of(self, case: Grievance) -> str:
        return str(self.lead(case) if callable(self.lead) else self.lead)

    def refusal(self, case: Grievance, actor: Actor) -> str:
        return is_theirs(case, actor) or self.why_not(case)

    def form(self, case: Grievance, actor: Actor, data: Any = None, **options: Any) -> ActForm:
        return self.form_class(data, record=case, actor=actor, **options)


def whose_turn(case: Grievance) -> str:
    live = arbitration.live_of(case)
    side = live.turn if live else ""
    return _("It is the turn of %(side)s.") % {"side": arbitration.side_words(side)} if side else ""


def last_struck(case: Grievance) -> str:
    live = arbitration.live_of(case)
    if live is None or not live.struck:
        return ""
    words = _("%(name)s stands on the panel again. Your reason stays in the history.")
    return words % {"name": live.struck[-1].name}


def how_dates_move(case: Grievance) -> str:
    if case.is_held:
        return _("Each date that ran is moved by the days that it was held. The dates before stay on record.")
    return _("The abeyance is unconfirmed, so no date was held and none moves.")


ACTS = {
    "put_in_abeyance": Act(
        gettext_lazy("Put the case in abeyance"),
        abeyances.put_in_abeyance,
        flags.AbeyanceForm,
        abeyances.can_begin,
        gettext_lazy("The case is in abeyance."),
        gettext_lazy(
            "Both sides let the case rest. While that is in writing, the dates that run are held, but no brief’s."
        ),
        tab="",
    ),
    "confirm_abeyance": Act(
        gettext_lazy("Confirm the abeyance"),
        abeyances.confirm_abeyance,
        flags.ConfirmAbeyanceForm,
        abeyances.can_confirm,
        gettext_lazy("The abeyance is confirmed and holds the dates that run."),
        gettext_lazy("The document is there: from the first day of the abeyance on the dates that run are held."),
        tab="",
    ),
    "end_abeyance": Act(
        gettext_lazy("End the abeyance"),
        abeyances.end_abeyance,
        flags.EndAbeyanceForm,
        abeyances.can_end,
        gettext_lazy("The abeyance has ended. Look at the dates that run now."),
        how_dates_move,
        tab="deadlines",
    ),
    "claim_untimely": Act(
        gettext_lazy("Record a claim of lateness"),
        untimely.claim_untimely,
        flags.UntimelyForm,
        untimely.can_claim,
        gettext_lazy("The claim is on record."),
        gettext_lazy("One side says that something came too late. It changes no date; it stands until it is cleared."),
        tab="",
    ),
    "clear_untimely": Act(
        gettext_lazy("Clear a claim of lateness"),
        untimely.clear_untimely,
        flags.ClearForm,
        untimely.can_clear,
        gettext_lazy("The claim is cleared."),
        gettext_lazy("It was given up, answered or decided on. It stays on record with your reason."),
        tab="",
    ),
    "request_panel": Act(
        gettext_lazy("Ask for arbitrators"),
        arbitration.request_panel,
        forms.RequestForm,
        arbitration.asks_first,
        gettext_lazy("It is on record that a panel is asked for."),
        gettext_lazy("From where the arbitrator comes, as the agreement says or as both sides chose."),
        permission=p.ARBITRATE_GRIEVANCES,
    ),
    "type_panel": Act(
        gettext_lazy("Record the names"),
        arbitration.type_panel,
        forms.PanelForm,
        arbitration.has_begun,
        gettext_lazy("The names are on record."),
        gettext_lazy("The names as they came. Each side strikes in turn; the last name serves."),
        permission=p.ARBITRATE_GRIEVANCES,
    ),
    "strike": Act(
        gettext_lazy("Strike a name"),
        arbitration.strike,
        forms.StrikeForm,
        arbitration.strikes,
        gettext_lazy("Struck."),
        whose_turn,
        permission=p.ARBITRATE_GRIEVANCES,
    ),
    "take_back": Act(
        gettext_lazy("Take the last strike back"),
        arbitration.take_back,
        forms.TakeBackForm,
        arbitration.has_struck,
        gettext_lazy("The strike is taken back."),
        last_struck,
        danger=True,
        permission=p.ARBITRATE_GRIEVANCES,
    ),
    "give_up_panel": Act(
        gettext_lazy("Give the panel up"),
        arbitration.give_up_panel,
        ActReasonForm,
        arbitration.gives_up,
        gettext_lazy("The panel is given up. Ask for another."),
        gettext_lazy(
            "Names, strikes and hearing days of this panel count no longer, and no brief is due any more. "
            "They stay on record."
        ),
        danger=True,
        permission=p.ARBITRATE_GRIEVANCES,
    ),
    "set_hearing": Act(
        gettext_lazy("Add a hearing day"),
        arbitration.set_hearing,
        forms.HearingForm,
        arbitration.has_begun,
        gettext_lazy("The hearing day is on record."),
        gettext_lazy("Whoever works the case and the grievants are told."),
    ),
    "cancel_hearing": Act(
        gettext_lazy("Cancel a hearing day"),
        arbitration.cancel_hearing,
        forms.CancelHearingForm,
        arbitration.has_begun,
        gettext_lazy("The hearing day is cancelled."),
        gettext_lazy("It stays on record, struck through, with your reason."),
        danger=True,
    ),
    "set_brief": Act(
        gettext_lazy("Add the date of a brief"),
        briefs.set_brief,
        forms.BriefForm,
        arbitration.has_begun,
        gettext_lazy("The date is on record and on the board."),
        gettext_lazy("Ours is met by the record of its delivery, like every deadline of ours."),
    ),
    "brief_came": Act(
        gettext_lazy("The employer’s brief came"),
        briefs.brief_came,
        forms.BriefCameForm,
        briefs.is_owed,
        gettext_lazy("It is on record that the brief came."),
    ),
    "record_award": Act(
        gettext_lazy("Record the award"),
        arbitration.record_award,
        forms.AwardForm,
        arbitration.has_begun,
        gettext_lazy("The award is on record. Settle or close the case once it is carried out."),
        gettext_lazy("What the arbitrator decided. It ends nothing by itself: the case is settled or closed by you."),
        permission=p.ARBITRATE_GRIEVANCES,
    ),
    "record_cost": Act(
        gettext_lazy("Add a cost"),
        arbitration.record_cost,
        forms.CostForm,
        arbitration.can_cost,
        gettext_lazy("The cost is on record."),
        gettext_lazy("Our share alone. No binder for a hearing or for the employer tells it."),
    ),
    "strike_cost": Act(
        gettext_lazy("Strike a cost"),
        arbitration.strike_cost,
        forms.StrikeCostForm,
        arbitration.can_cost,
        gettext_lazy("The cost no longer counts."),
        gettext_lazy("It stays on record, struck through, with your reason."),
        danger=True,
    ),
}


class CaseActPage(CasePage, RecordFormPage):
    """The page of one act, at `<case>/acts/<act>/`."""

    permission = p.WORK_GRIEVANCES
    makes_record = True

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if kwargs["act"] not in ACTS:
            raise Http404
        self.act = ACTS[kwargs["act"]]
        self.permission = self.act.permission
        return super().dispatch(request, *args, **kwargs)

    def title(self) -> str:
        return str(self.act.label)

    def breadcrumbs(self) -> Crumbs:
        return [*super().breadcrumbs()[:-1], (self.title(), None)]

    @property
    def crumb(self) -> Any:
        return self.act.label

    @property
    def submit_label(self) -> str:
        return str(self.act.label)

    @property
    def danger(self) -> bool:
        return self.act.danger

    @property
    def lead(self) -> str:
        return self.act.lead_of(self.case())

    def get_form(self, data: Any = None, files: Any = None) -> Any:
        named = {name: self.request.GET.get(name, "") for name in self.act.form_class.named}
        return self.act.form(self.case(), self.request.user, data, initial=named)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if refused := self.act.refusal(self.case(), request.user):
            raise DomainError(refused)
        return super().get(request, *args, **kwargs)

    def perform(self, form: Any) -> str:
        try:
            self.act.service(self.case(), actor=self.request.user, **form.values())
        except DomainError:
            form.go_on()
            raise
        tab = f"?tab={self.act.tab}" if self.act.tab else ""
        return f"{self.case().get_absolute_url()}{tab}"

    def done_message(self) -> str:
        return str(self.act.done)
