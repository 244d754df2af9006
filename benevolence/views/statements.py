"""The bank's statements month by month, beside the books."""

from functools import cached_property
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy

from benevolence import permissions as p
from benevolence.forms.reports import YearForm
from benevolence.forms.statements import StatementForm
from benevolence.models import BankStatement
from benevolence.services import statements
from core.audit import trail
from core.enums import ReadKind
from core.permissions import may
from core.web.views import FormPage, PortalView

ABOVE = ((gettext_lazy("Fund"), "fund"),)


class StatementList(PortalView):
    permission = p.VIEW_FUND
    template_name = "benevolence/statements/list.html"
    page_title = gettext_lazy("Bank statements")
    under = ABOVE

    @cached_property
    def form(self) -> YearForm:
        given = self.request.GET if "year" in self.request.GET else None
        return YearForm(given, years=statements.years_of_books())

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = self.form
        year = form.chosen
        months, typed = statements.months_of(year), list(statements.statements_of(year))
        trail.read(BankStatement, ReadKind.LISTED, actor=request.user, rows=len(typed))
        if not form.is_bound:
            form.initial["year"] = str(year.year)
        return self.render(form=form, year=year, months=months, typed=typed, may_enter=may(request.user, p.RECORD_FUND))


class StatementNew(FormPage):
    makes_record = True
    permission = p.RECORD_FUND
    form_class = StatementForm
    page_title = gettext_lazy("Type in a bank statement")
    submit_label = gettext_lazy("Compare with the books")
    lead = gettext_lazy("What is typed stays on record. A wrong figure is typed in again: the newest counts.")
    done = gettext_lazy("Recorded.")
    under = (*ABOVE, (gettext_lazy("Bank statements"), "statement_list"))

    def cancel_url(self) -> str:
        return reverse("statement_list")

    def perform(self, form: Any) -> str:
        return statements.enter(form.cleaned_data, actor=self.request.user).get_absolute_url()
