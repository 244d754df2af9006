"""The pages of who is away and who stands in."""

from typing import Any

from django import forms
from django.db import models
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.audit import trail
from core.enums import ReadKind
from core.errors import DomainError
from core.web.views import Crumbs, FormPage, PortalView, RowMixin
from grievances import permissions as p
from grievances.forms.away import AwayForm
from grievances.models import Away
from grievances.services import away as services

SHOWN = 100


class AwayList(PortalView):
    """Those that hold or are to come, the next first, then those that are over."""

    permission = p.WORK_GRIEVANCES
    page_title = gettext_lazy("Away")
    template_name = "grievances/away/list.html"
    under = ((gettext_lazy("Deadlines"), "deadline_board"),)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        seen = Away.objects.visible_to(request.user).filter(ends_at__gt=F("starts_at"))
        seen, now = seen.select_related("person", "stand_in"), timezone.now()
        rows = [*seen.filter(ends_at__gt=now).order_by("starts_at", "pk")[:SHOWN]]
        over = [*seen.filter(ends_at__lte=now).order_by("-starts_at", "pk")[:SHOWN]]
        trail.read(Away, ReadKind.LISTED, actor=request.user, rows=len(rows) + len(over))
        ends = {row.pk for row in rows if not services.why_not_end(row, request.user)}
        return self.render(rows=rows, over=over, ends=ends, now=now)


class AwayNew(FormPage):
    makes_record = True
    permission = p.WORK_GRIEVANCES
    page_title = gettext_lazy("Mark somebody away")
    crumb = gettext_lazy("New")
    submit_label = gettext_lazy("Mark away")
    lead = gettext_lazy("The stand-in sees and works the assigned cases of these days; restricted ones only if named.")
    done = gettext_lazy("Marked. The stand-in is told.")

    def breadcrumbs(self) -> Crumbs:
        return [(_("Away"), reverse("away_list")), (str(self.crumb), None)]

    def get_form(self, data: Any = None, files: Any = None) -> Any:
        return AwayForm(data, actor=self.request.user)

    def cancel_url(self) -> str:
        return reverse("away_list")

    def perform(self, form: Any) -> str:
        services.mark(**form.values(), actor=self.request.user)
        return self.cancel_url()


class AwayEnd(RowMixin, FormPage):
    """Back early, or not away after all."""

    permission = p.WORK_GRIEVANCES
    model = Away
    form_class = forms.Form
    page_title = crumb = gettext_lazy("End the absence")
    submit_label = gettext_lazy("End it now")
    done = gettext_lazy("Ended. The cases wait for their representative alone again.")

    def rows(self) -> models.QuerySet:
        return super().rows().select_related("person")

    @property
    def lead(self) -> str:
        return _("From now on nobody stands in for %(person)s.") % {"person": self.get_object().person.get_full_name()}

    def breadcrumbs(self) -> Crumbs:
        return [(_("Away"), reverse("away_list")), (str(self.crumb), None)]

    def cancel_url(self) -> str:
        return reverse("away_list")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if refused := services.why_not_end(self.get_object(), request.user):
            raise DomainError(refused)
        return super().get(request, *args, **kwargs)

    def perform(self, form: Any) -> str:
        services.end(self.get_object(), actor=self.request.user)
        return self.cancel_url()
