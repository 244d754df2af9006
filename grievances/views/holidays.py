"""The pages of lists of holidays, which agreements share."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy

from core.web.views import EditPage, FormPage
from grievances import permissions as p
from grievances.forms.agreements import HolidaysForm
from grievances.models import HolidayList
from grievances.services import holidays
from grievances.views.agreements import UNDER


class HolidaysCreate(FormPage):
    makes_record = True
    permission = p.CHANGE_AGREEMENTS
    form_class = HolidaysForm
    page_title = gettext_lazy("Add a list of holidays")
    under = UNDER
    crumb = gettext_lazy("Holidays")
    submit_label = gettext_lazy("Save list")
    done = gettext_lazy("List saved.")

    def cancel_url(self) -> str:
        return reverse("agreement_list")

    def perform(self, form: Any) -> str:
        holidays.create_list(form.values(), actor=self.request.user)
        return self.cancel_url()


class HolidaysEdit(EditPage):
    permission = p.CHANGE_AGREEMENTS
    model = HolidayList
    form_class = HolidaysForm
    page_title = gettext_lazy("Change the list of holidays")
    under = UNDER
    crumb = gettext_lazy("Holidays")
    submit_label = gettext_lazy("Save list")
    lead = gettext_lazy("A new version begins; dates that were computed stay as they are.")
    done = gettext_lazy("List saved as a new version.")

    def cancel_url(self) -> str:
        return reverse("agreement_list")

    def perform(self, form: Any) -> str:
        version = form.cleaned_data["version"]
        holidays.change_list(self.get_object(), form.values(), actor=self.request.user, version=version)
        return self.cancel_url()
