"""The pages where people say whom they know."""

from typing import Any, cast

from django import forms
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy

from accounts.models import User
from benevolence import permissions as p
from benevolence.forms.relationships import DeclareForm, RelationshipForm
from benevolence.models import DeclaredRelationship
from benevolence.services import relationships
from benevolence.views.applications import ApplicationPage
from core.audit import trail
from core.enums import ReadKind
from core.web.views import FormPage, PortalView


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
        """Only where the person is shown: the list of declarations names them."""
        return super().rows().by_name(self.request.user)

    def cancel_url(self) -> str:
        return self.get_object().get_absolute_url()

    def perform(self, form: Any) -> str:
        relationships.declare_relationship(self.get_object().member, form.cleaned_data["kind"], actor=self.request.user)
        return reverse("application_queue")


UNDER = ((gettext_lazy("Whom I know"), "relationship_list"),)


class Relationships(PortalView):
    """Who decides or pays says whom they know, before anything is shown to them."""

    permission = p.DECLARE_RELATIONSHIP
    page_title = gettext_lazy("Whom I know")
    template_name = "benevolence/relationships/list.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        rows = DeclaredRelationship.objects.visible_to(request.user).select_related("member").order_by("declared_at")
        trail.read(DeclaredRelationship, ReadKind.LISTED, actor=request.user, rows=len(rows))
        return self.render(rows=rows, is_asked=relationships.is_asked(cast(User, request.user)))


class RelationshipNew(FormPage):
    """Declare somebody by member number and last name."""

    makes_record = True
    permission = p.DECLARE_RELATIONSHIP
    page_title = gettext_lazy("Declare a relationship")
    under = UNDER
    form_class = DeclareForm
    submit_label = gettext_lazy("Declare")
    lead = gettext_lazy("You neither see nor decide what this person applies for. This cannot be taken back here.")
    done = gettext_lazy("Declared. Somebody else decides for this person.")

    def cancel_url(self) -> str:
        return reverse("relationship_list")

    def perform(self, form: Any) -> str:
        given = form.cleaned_data
        member = relationships.member_named(given["member_number"], given["last_name"])
        relationships.declare_relationship(member, given["kind"], actor=self.request.user)
        return self.cancel_url()


class RelationshipsState(FormPage):
    """Say that the list is complete."""

    permission = p.DECLARE_RELATIONSHIP
    page_title = gettext_lazy("The list is complete")
    under = UNDER
    form_class = forms.Form
    submit_label = gettext_lazy("I have declared everybody")
    lead = gettext_lazy("Household and family first of all; also friends and business partners.")
    done = gettext_lazy("Thank you. You are asked again when a role of yours begins anew.")

    def cancel_url(self) -> str:
        return reverse("relationship_list")

    def perform(self, form: Any) -> str:
        relationships.state_all(actor=self.request.user)
        return self.cancel_url()
