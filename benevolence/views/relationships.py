"""The pages where people say whom they know."""

from typing import Any

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy

from benevolence import permissions as p
from benevolence.forms.relationships import RelationshipForm
from benevolence.services import relationships
from benevolence.views.applications import ApplicationPage
from core.web.views import FormPage


class ApplicationRecuse(ApplicationPage, FormPage):
    """Step back from an applicant whom one knows."""

    makes_record = True
    permission = p.DECLARE_RELATIONSHIP
    form_class = RelationshipForm
    page_title = gettext_lazy("I know the applicant")
    submit_label = gettext_lazy("Step back")
    danger = True
    lead = gettext_lazy("You no longer see or decide this person's applications. This cannot be taken back here.")
    done = gettext_lazy("You stepped back. Somebody else decides for this person.")

    def rows(self) -> models.QuerySet:
        return super().rows().in_full(self.request.user)

    def cancel_url(self) -> str:
        return self.get_object().get_absolute_url()

    def perform(self, form: Any) -> str:
        relationships.declare_relationship(self.get_object().member, form.cleaned_data["kind"], actor=self.request.user)
        return reverse("application_queue")
