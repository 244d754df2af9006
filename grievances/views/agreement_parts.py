"""What is taken out of an agreement again: a step, a deadline, a closure, a file."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.web.files import FileTakeBackPage
from core.web.views import FormPage
from grievances.models import Agreement, AgreementClosure, AgreementFile, AgreementStage, StepRule
from grievances.services import agreements
from grievances.views.agreements import AgreementPage


class TakeOut(AgreementPage, FormPage):
    """Nothing is asked: the page says what goes, and the history of the agreement keeps it."""

    form_class = forms.Form
    danger = True
    submit_label = gettext_lazy("Take it out")
    crumb = gettext_lazy("Take out")
    done = gettext_lazy("Taken out. Dates that were computed stay.")
    remove: Callable[..., None]

    def agreement(self) -> Agreement:
        return self.get_object().agreement

    def rows(self) -> models.QuerySet:
        return super().rows().select_related("agreement")

    def perform(self, form: Any) -> str:
        target = self.cancel_url()
        type(self).remove(self.get_object(), actor=self.request.user)
        return target


class StageTakeOut(TakeOut):
    model = AgreementStage
    remove = staticmethod(agreements.remove_stage)
    page_title = gettext_lazy("Take out a step")

    @property
    def lead(self) -> str:
        return _("“%(step)s” goes, with its deadlines. A step at which cases have been stays.") % {
            "step": self.get_object()
        }


class RuleTakeOut(TakeOut):
    model = StepRule
    remove = staticmethod(agreements.remove_rule)
    page_title = gettext_lazy("Take out a deadline")

    def rows(self) -> models.QuerySet:
        return AgreementPage.rows(self).select_related("stage__agreement")

    def agreement(self) -> Agreement:
        return self.get_object().stage.agreement

    @property
    def lead(self) -> str:
        row = self.get_object()
        return _("“%(deadline)s” of “%(step)s” goes. One with which dates were computed stays.") % {
            "deadline": row,
            "step": row.stage,
        }


class ClosureTakeOut(TakeOut):
    model = AgreementClosure
    remove = staticmethod(agreements.remove_closure)
    page_title = gettext_lazy("Take out a closure")

    @property
    def lead(self) -> str:
        words = _("The days of “%(closure)s” count again: dates of drafts follow at once, dates of cases stay.")
        return words % {"closure": self.get_object()}


class AgreementFileTakeBack(AgreementPage, FileTakeBackPage):
    model = AgreementFile
    service = staticmethod(agreements.take_back_file)
    page_title = gettext_lazy("Take a file out of the agreement")
    submit_label = gettext_lazy("Take it out")
    crumb = gettext_lazy("Take out")
    no_longer = gettext_lazy("“%(name)s” is the agreement's no longer, and no binder has it from now on. It is kept.")
    done = gettext_lazy("File taken out.")

    def rows(self) -> models.QuerySet:
        return super().rows().filter(superseded_at=None).select_related("agreement", "added_by")

    def agreement(self) -> Agreement:
        return self.get_object().agreement
