"""The page on which the office confirms and prepares what the levels rely on."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy

from benevolence import permissions as p
from benevolence.enums import Side
from benevolence.forms.intake import IntakeForm, KeepBackForm
from benevolence.models import ApplicantAnswer
from benevolence.services import documents, intake
from benevolence.views.applications import ApplicationPage
from core.errors import DomainError
from core.web.views import RecordFormPage


class IntakePage(ApplicationPage, RecordFormPage):
    """What the pages of intake share."""

    permission = p.APPLY_FOR_MEMBER

    def rows(self) -> Any:
        return super().rows().filter(side=Side.INTAKE)

    def form_arguments(self, data: Any, files: Any) -> dict[str, Any]:
        return {**super().form_arguments(data, files), "record": self.get_object()}


class IntakeFinish(IntakePage):
    form_class = IntakeForm
    page_title = gettext_lazy("Finish the intake")
    template_name = "benevolence/intake/finish.html"
    submit_label = gettext_lazy("Finish the intake")
    lead = gettext_lazy("The levels rely on what you write here. Then the application goes on.")
    done = gettext_lazy("Intake finished. The levels go on.")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if refused := intake.why_not(self.get_object()):
            raise DomainError(refused)
        return super().get(request, *args, **kwargs)

    def render_form(self, form: Any, *, status: int = 200, **extra: Any) -> HttpResponse:
        record = self.get_object()
        beside = {
            "answers": ApplicantAnswer.objects.filter(review__application=record).order_by("answered_at"),
            "documents": documents.shown_to(record, self.request.user),
        }
        return super().render_form(form, status=status, record=record, **beside, **extra)

    def perform(self, form: Any) -> str:
        version = form.cleaned_data["version"]
        done = intake.finish(
            self.get_object(), form.notes(), actor=self.request.user, released=form.released(), version=version
        )
        return done.get_absolute_url()


class IntakeKeepBack(IntakePage):
    form_class = KeepBackForm
    page_title = gettext_lazy("Keep something back")
    template_name = "benevolence/intake/keep_back.html"
    submit_label = gettext_lazy("Keep it back")
    lead = gettext_lazy("What tells the person, whom the reviewers may not know. What was decided stands.")
    done = gettext_lazy("Kept back. The reviewers no longer see it.")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if refused := intake.why_nothing_to_keep(self.get_object()):
            raise DomainError(refused)
        return super().get(request, *args, **kwargs)

    def perform(self, form: Any) -> str:
        given = {**form.kept_back(), "actor": self.request.user, "version": form.cleaned_data["version"]}
        return intake.keep_back(self.get_object(), **given).get_absolute_url()
