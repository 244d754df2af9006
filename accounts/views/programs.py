"""Pages about programs that use the API: which there are, letting one in, ending its access."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.entry.step_up import StepUpMixin
from accounts.enums import ProgramState
from accounts.forms.programs import ProgramForm
from accounts.models import Program
from accounts.permissions import CHANGE_PROGRAMS, VIEW_USERS
from accounts.services import programs, roles
from core.audit.timeline import history
from core.enums import Badge, badge_of
from core.permissions import may
from core.site import local_today
from core.web.views import ActionPage, Crumbs, FormPage, PortalView, RecordPage

SHOWN = 200


def state_badge(program: Program) -> Badge:
    if program.revoked_at is not None:
        return badge_of(ProgramState, ProgramState.REVOKED)
    return badge_of(ProgramState, ProgramState.OPEN if program.is_open(local_today()) else ProgramState.OVER)


class ProgramList(PortalView):
    permission = VIEW_USERS
    page_title = gettext_lazy("Programs")
    template_name = "accounts/programs/list.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        shown = list(Program.objects.visible_to(request.user)[:SHOWN])
        rows = [(program, state_badge(program)) for program in shown]
        return self.render(rows=rows, may_change=may(request.user, CHANGE_PROGRAMS))


class ProgramPage(RecordPage):
    permission = VIEW_USERS
    model = Program
    template_name = "accounts/programs/detail.html"
    records_reading = False
    under = ((gettext_lazy("Programs"), "programs"),)

    def rows(self) -> Any:
        return super().rows().select_related("created_by", "revoked_by")

    def title(self) -> str:
        return self.get_object().name

    def extra(self, record: Program) -> dict[str, Any]:
        held = roles.in_order(record.permissions.select_related("content_type"))
        return {
            "badge": state_badge(record),
            "permissions": [roles.words_of(item) for item in held],
            "history": history([record]),
            "may_revoke": record.revoked_at is None and may(self.request.user, CHANGE_PROGRAMS),
        }


class ProgramNew(StepUpMixin, FormPage):
    """The token leaves in the answer to the POST and is kept nowhere, so it cannot be shown again."""

    makes_record = True
    permission = CHANGE_PROGRAMS
    form_class = ProgramForm
    page_title = gettext_lazy("Let a program in")
    submit_label = gettext_lazy("Make token")
    under = ((gettext_lazy("Programs"), "programs"),)
    crumb = gettext_lazy("New")
    lead = gettext_lazy(
        "The program uses the API in its own name, may do what you tick and nothing else, and opens no page."
    )
    made_already = gettext_lazy(
        "This program was let in already, and its token was shown once. If nobody copied it, end the program’s access "
        "and let it in anew."
    )
    made: tuple[Program, str] | None = None

    def cancel_url(self) -> str:
        return reverse("programs")

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = super().post(request, *args, **kwargs)
        if self.made is None:
            return response
        program, token = self.made
        return self.render("accounts/programs/token.html", program=program, token=token)

    def perform(self, form: ProgramForm) -> str:
        self.made = programs.add_program(form.values(), form.cleaned_data["permissions"], actor=self.request.user)
        return self.cancel_url()


class ProgramRevoke(StepUpMixin, ActionPage):
    permission = CHANGE_PROGRAMS
    model = Program
    page_title = gettext_lazy("End the access of a program")
    submit_label = gettext_lazy("End access")
    danger = True
    lead = gettext_lazy("Its token opens nothing from the next request on. For another one, let the program in anew.")
    done = gettext_lazy("The token opens nothing any more.")

    def breadcrumbs(self) -> Crumbs:
        program = self.get_object()
        return [(_("Programs"), reverse("programs")), (program.name, program.get_absolute_url()), (_("End"), None)]

    def perform(self, form: Any) -> str:
        program = self.get_object()
        programs.revoke_program(program, actor=self.request.user, reason=form.cleaned_data["reason"])
        return program.get_absolute_url()
