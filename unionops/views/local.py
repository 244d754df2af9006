"""The local itself: its settings and its logo."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy
from django.views.generic import View

from core import permissions as core
from core.models import SiteSettings
from core.records import one_row
from core.site import site_settings
from core.web.one_row import OneRowPage
from unionops.forms import SiteSettingsForm
from unionops.local import change_local


class Settings(OneRowPage):
    """The local's name, address, clock and calendar."""

    permission = (core.VIEW_SETTINGS, core.CHANGE_SETTINGS)
    change_permission = core.CHANGE_SETTINGS
    model = SiteSettings
    form_class = SiteSettingsForm
    template_name = "unionops/site_settings/edit.html"
    read_template = "unionops/site_settings/read.html"
    route = "site_settings"
    page_title = gettext_lazy("The local")
    submit_label = gettext_lazy("Save settings")
    lead = gettext_lazy("Shown on pages, mails and documents.")
    done = gettext_lazy("Settings saved.")

    def facts(self) -> list[tuple[Any, Any]]:
        return self.get_form().facts(one_row.current(SiteSettings))

    def save(self, values: dict[str, Any], *, version: int) -> None:
        change_local(values, actor=self.request.user, version=version)


@method_decorator(login_not_required, name="dispatch")
class Logo(View):
    """The local's logo; it is on the sign-in page, so everybody may fetch it."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        logo = site_settings().logo
        if not logo or logo.name is None or not logo.storage.exists(logo.name):
            raise Http404
        kind = "image/png" if logo.name.endswith(".png") else "image/jpeg"
        # not logo.open: the settings are one object for all requests, and a file is not
        answer = FileResponse(logo.storage.open(logo.name), content_type=kind)
        answer.headers["X-Content-Type-Options"] = "nosniff"
        answer.headers["Cache-Control"] = "private, max-age=300"
        return answer
