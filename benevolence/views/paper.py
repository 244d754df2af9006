"""The page on which the office records what was decided on paper."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from benevolence import permissions as p
from benevolence.enums import Side, Status
from benevolence.forms.paper import PaperForm
from benevolence.models import BenevolenceApplication
from benevolence.services import carrying
from benevolence.views.applications import ApplicationPage
from core.errors import DomainError, EditConflict, MoveConflict
from core.web.moves import go_on_from
from core.web.views import RecordFormPage


class ApplicationPaper(ApplicationPage, RecordFormPage):
    """For the office; an applicant who belongs to it does not read here who decided."""

    permission = p.APPLY_FOR_MEMBER
    form_class = PaperForm
    fields_template = "benevolence/paper/_fields.html"
    page_title = gettext_lazy("Decided on paper")
    submit_label = gettext_lazy("Record what the paper says")
    lead = gettext_lazy(
        "For an application that was on its way before the portal. An officer who did not record it compares it with"
        " the paper and confirms it; then it goes on at the next level. Whoever is named decides nothing else of it,"
        " and does not pay it."
    )
    done = gettext_lazy("Recorded. Next an officer confirms it.")

    def get_object(self) -> Any:
        record = super().get_object()
        if not record.is_mine or record.side == Side.APPLICANT:
            raise PermissionDenied(p.APPLY_FOR_MEMBER)
        return record

    def form_arguments(self, data: Any, files: Any) -> dict[str, Any]:
        return {**super().form_arguments(data, files), "record": self.get_object()}

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.get_object().status != Status.DRAFT:
            raise DomainError(_("This application is in review already. Its levels decide in the portal."))
        return super().get(request, *args, **kwargs)

    def perform(self, form: Any) -> str:
        try:
            return carrying.record_paper(
                BenevolenceApplication(pk=self.get_object().pk),
                actor=self.request.user,
                applied_on=form.cleaned_data["applied_on"],
                decisions=form.decisions(),
                version=form.cleaned_data["version"],
            ).get_absolute_url()
        except EditConflict as conflict:
            del self._object
            go_on_from(self.get_object(), form)
            raise MoveConflict(
                _("Somebody changed this record meanwhile. Look at it again, then decide.")
            ) from conflict
