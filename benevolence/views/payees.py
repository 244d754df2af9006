"""Who should be paid: the page of a draft, and of an application in review, where a change starts the review again."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from benevolence import permissions as p
from benevolence.enums import IN_REVIEW, Status
from benevolence.forms.payees import PayeesForm
from benevolence.services import applications
from benevolence.views.applications import ApplicationPage
from core.errors import DomainError
from core.web.moves import goes_on
from core.web.views import RecordFormPage


class ApplicationPayees(ApplicationPage, RecordFormPage):
    permission = p.REQUEST
    form_class = PayeesForm
    template_name = "benevolence/payees/edit.html"
    page_title = gettext_lazy("Who should be paid?")
    submit_label = gettext_lazy("Save payees")
    done = gettext_lazy("Payees saved.")

    @property
    def lead(self) -> str:
        if self.get_object().status == Status.DRAFT:
            return _("The amount that you ask for becomes the sum of what they get.")
        return _("What was decided so far no longer counts, and the review starts again.")

    def get_object(self) -> Any:
        record = super().get_object()
        if not record.is_mine:
            raise PermissionDenied(p.REQUEST)
        return record

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.get_object().status not in (Status.DRAFT, *IN_REVIEW):
            raise DomainError(_("It is decided, so the payees stay as they are. Withdraw it and apply again."))
        return super().get(request, *args, **kwargs)

    def get_form(self, data: Any = None, files: Any = None) -> PayeesForm:
        return PayeesForm(data, files, record=self.get_object(), actor=self.request.user)

    def perform(self, form: Any) -> str:
        with goes_on(self, form):
            changed = applications.name_payees(
                self.get_object(), form.payees, actor=self.request.user, version=form.cleaned_data["version"]
            )
        return changed.get_absolute_url()
