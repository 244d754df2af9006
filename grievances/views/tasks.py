"""The pages of what has to be done in a case."""

from functools import cached_property
from typing import Any

from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.errors import DomainError
from core.web.forms import ReasonForm, VersionedForm
from core.web.views import Crumbs, EditPage, FormPage, RecordFormPage
from grievances import permissions as p
from grievances.enums import TaskKind
from grievances.forms.tasks import DoneForm, RemindForm, TaskForm
from grievances.models import CaseTask
from grievances.services import tasks
from grievances.views.work import CaseFormPage, CasePage, WorkedPage

TITLES = {
    TaskKind.TODO: gettext_lazy("Add a to-do"),
    TaskKind.INFORMATION: gettext_lazy("Ask the employer for information"),
    TaskKind.TERM: gettext_lazy("Add a term of the settlement"),
}
LEADS = {
    TaskKind.TODO: gettext_lazy("It waits for that person on Home and here until it is checked off."),
    TaskKind.INFORMATION: gettext_lazy("What we asked for in writing, and the day by which the employer owes it."),
    TaskKind.TERM: gettext_lazy("It waits for whoever works the case until the employer has done it."),
}


class TaskAdd(WorkedPage, FormPage):
    makes_record = True
    permission = p.WORK_GRIEVANCES
    form_class = TaskForm
    submit_label = gettext_lazy("Add")
    done = gettext_lazy("Noted.")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if kwargs["kind"] not in TaskKind.values:
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def kind(self) -> TaskKind:
        return TaskKind(self.kwargs["kind"])

    @property
    def crumb(self) -> Any:
        return TITLES[self.kind]

    def title(self) -> str:
        return str(TITLES[self.kind])

    @property
    def lead(self) -> Any:
        return LEADS[self.kind]

    def form_arguments(self, data: Any, files: Any) -> dict[str, Any]:
        task = CaseTask(grievance=self.case(), kind=self.kind)
        return {**super().form_arguments(data, files), "instance": task, "actor": self.request.user}

    def perform(self, form: Any) -> str:
        tasks.add(self.case(), self.kind, form.values(), actor=self.request.user)
        return self.cancel_url()


class TaskPage(CasePage):
    """What the pages of one thing to be done share."""

    permission = p.WORK_GRIEVANCES
    model = CaseTask

    def rows(self) -> models.QuerySet:
        return CaseTask.objects.visible_to(self.request.user).select_related("grievance__assigned_rep")

    def case(self) -> Any:
        return self.get_object().grievance

    def breadcrumbs(self) -> Crumbs:
        return [*super().breadcrumbs()[:-1], (str(self.crumb), None)]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if refused := tasks.why_not_change(self.get_object(), request.user):
            raise DomainError(refused)
        return super().get(request, *args, **kwargs)


class TaskEdit(TaskPage, EditPage):
    form_class = TaskForm
    page_title = crumb = gettext_lazy("Change what has to be done")
    submit_label = gettext_lazy("Save")
    done = gettext_lazy("Saved.")

    def form_arguments(self, data: Any, files: Any) -> dict[str, Any]:
        return {**super().form_arguments(data, files), "actor": self.request.user}

    def perform(self, form: Any) -> str:
        version = form.cleaned_data["version"]
        tasks.change(self.get_object(), form.values(), actor=self.request.user, version=version)
        return self.cancel_url()


class TaskDone(TaskPage, CaseFormPage):
    form_class: type[VersionedForm] = DoneForm
    page_title = crumb = gettext_lazy("Check it off")
    submit_label = gettext_lazy("Check it off")
    done = gettext_lazy("Checked off.")

    @property
    def lead(self) -> str:
        return self.get_object().what

    def rows(self) -> models.QuerySet:
        return TaskPage.rows(self)

    def perform(self, form: Any) -> str:
        tasks.finish(self.get_object(), actor=self.request.user, **form.cleaned_data)
        return self.cancel_url()


class TaskRemind(TaskDone):
    form_class = RemindForm
    page_title = crumb = gettext_lazy("Remind the employer")
    submit_label = gettext_lazy("Record the reminder")
    done = gettext_lazy("The reminder is on record.")

    def perform(self, form: Any) -> str:
        tasks.remind(self.get_object(), actor=self.request.user, **form.cleaned_data)
        return self.cancel_url()


class TaskDrop(TaskPage, RecordFormPage):
    form_class = ReasonForm
    page_title = crumb = gettext_lazy("Strike it")
    submit_label = gettext_lazy("Strike it")
    danger = True
    done = gettext_lazy("Struck.")

    @property
    def lead(self) -> str:
        return _("“%(what)s” has to be done no longer. It stays on record with your reason.") % {
            "what": self.get_object().what
        }

    def cancel_url(self) -> str:
        return TaskPage.cancel_url(self)

    def perform(self, form: Any) -> str:
        tasks.drop(self.get_object(), actor=self.request.user, reason=form.cleaned_data["reason"])
        return self.cancel_url()
