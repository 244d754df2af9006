"""The API's routes."""

from functools import cache
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseBase
from django.urls import include, path
from django.utils import translation
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularJSONAPIView
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.routers import SimpleRouter
from rest_framework.views import APIView

from accounts.api.people import AssignmentViewSet, RoleViewSet, UserViewSet
from benevolence.api.applications import ApplicationViewSet
from benevolence.api.documents import DocumentViewSet
from benevolence.api.fund import FundViewSet
from benevolence.api.past_help import PastHelpViewSet
from benevolence.api.payments import PaymentViewSet
from core.api.viewsets import ERRORS
from core.permissions import SIGNED_IN, may
from core.web.views import PortalView
from grievances.api.agreement_files import AgreementFileViewSet
from grievances.api.agreements import AgreementViewSet
from grievances.api.away import AwayViewSet
from grievances.api.cases import GrievanceViewSet
from grievances.api.deadlines import DeadlineViewSet
from grievances.api.dockets import DocketViewSet
from grievances.api.documents import CaseDocumentViewSet
from grievances.api.drafts import DraftViewSet
from grievances.api.holidays import HolidayListViewSet
from grievances.api.tasks import TaskViewSet
from members.api.members import EmploymentViewSet, MemberViewSet
from members.api.merging import MergeMove
from members.api.organizations import ContactViewSet, OrganizationViewSet
from members.permissions import CHANGE_MEMBERS, CHANGE_ORGANIZATIONS, MERGE_MEMBERS, MERGE_ORGANIZATIONS
from members.services.members import MEMBER_FIELDS
from members.services.organizations import ORGANIZATION_FIELDS
from organizing.api import CampaignViewSet, SaltingActivityViewSet
from unionops.merging import merge_alone, merge_organizations


@cache
def schema(language: str) -> dict[str, Any]:
    """Describe the whole API; a third of a second of the processor, so once a process."""
    with translation.override(language):
        return SchemaGenerator().get_schema(public=True)


class SchemaView(SpectacularJSONAPIView):
    """OpenAPI 3.1, for whoever is signed in; alike for everybody, and there is one version."""

    permission = SIGNED_IN

    def _get_schema_response(self, request: Request) -> Response:
        asked = translation.get_language()
        language = asked if asked in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
        name = self._get_filename(request, None)
        return Response(schema(language), headers={"Content-Disposition": f'inline; filename="{name}"'})


@method_decorator(login_not_required, name="dispatch")
class DocsView(PortalView):
    """Swagger, which sends requests with the browser's session or with a token; below /api/, but a page."""

    permission = SIGNED_IN
    page_title = gettext_lazy("API")
    template_name = "unionops/api/docs.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponseBase:
        return self.render()


class RootSerializer(serializers.Serializer):
    """Addresses of the collections that the caller may read."""

    schema = serializers.URLField()
    members = serializers.URLField(required=False)
    organizations = serializers.URLField(required=False)
    contacts = serializers.URLField(required=False)
    employments = serializers.URLField(required=False)
    campaigns = serializers.URLField(required=False)
    salting_activities = serializers.URLField(required=False)
    grievances_away = serializers.URLField(required=False)
    grievances_documents = serializers.URLField(required=False)
    grievances_dockets = serializers.URLField(required=False)
    grievances_tasks = serializers.URLField(required=False)
    grievances = serializers.URLField(required=False)
    drafts = serializers.URLField(required=False)
    deadlines = serializers.URLField(required=False)
    agreements_files = serializers.URLField(required=False)
    agreements = serializers.URLField(required=False)
    holiday_lists = serializers.URLField(required=False)
    benevolence_applications = serializers.URLField(required=False)
    benevolence_fund = serializers.URLField(required=False)
    benevolence_payments = serializers.URLField(required=False)
    past_help = serializers.URLField(required=False)
    benevolence_documents = serializers.URLField(required=False)
    users = serializers.URLField(required=False)
    roles = serializers.URLField(required=False)


class RootView(APIView):
    permission = SIGNED_IN

    @extend_schema(responses={200: RootSerializer, **ERRORS})
    def get(self, request: Request) -> Response:
        found = {"schema": reverse("api_schema", request=request)}
        registry: list[tuple[str, Any, str]] = router.registry
        for prefix, viewset, basename in registry:
            if may(request.user, viewset.permission):
                found[prefix.replace("-", "_").replace("/", "_")] = reverse(f"{basename}-list", request=request)
        return Response(found)


class MergingMemberViewSet(MemberViewSet):
    """A merge goes through every part of the portal; what needs a second person is asked for on the page."""

    moves = {**MemberViewSet.moves, "merge": MergeMove(MERGE_MEMBERS, merge_alone, MEMBER_FIELDS, CHANGE_MEMBERS)}


class MergingOrganizationViewSet(OrganizationViewSet):
    """Agreements, drafts and cases go along."""

    moves = {
        **OrganizationViewSet.moves,
        "merge": MergeMove(MERGE_ORGANIZATIONS, merge_organizations, ORGANIZATION_FIELDS, CHANGE_ORGANIZATIONS),
    }


router = SimpleRouter()
router.register("members", MergingMemberViewSet, basename="api-member")
router.register("organizations", MergingOrganizationViewSet, basename="api-organization")
router.register("contacts", ContactViewSet, basename="api-contact")
router.register("employments", EmploymentViewSet, basename="api-employment")
router.register("campaigns", CampaignViewSet, basename="api-campaign")
router.register("salting-activities", SaltingActivityViewSet, basename="api-salting-activity")
router.register("grievances/away", AwayViewSet, basename="api-away")
router.register("grievances/documents", CaseDocumentViewSet, basename="api-case-document")
router.register("grievances/dockets", DocketViewSet, basename="api-docket")
router.register("grievances/tasks", TaskViewSet, basename="api-case-task")
router.register("grievances", GrievanceViewSet, basename="api-grievance")
router.register("drafts", DraftViewSet, basename="api-draft")
router.register("deadlines", DeadlineViewSet, basename="api-deadline")
router.register("agreements/files", AgreementFileViewSet, basename="api-agreement-file")
router.register("agreements", AgreementViewSet, basename="api-agreement")
router.register("holiday-lists", HolidayListViewSet, basename="api-holiday-list")
router.register("benevolence-applications", ApplicationViewSet, basename="api-benevolence-application")
router.register("benevolence-fund", FundViewSet, basename="api-benevolence-fund")
router.register("benevolence-payments", PaymentViewSet, basename="api-benevolence-payment")
router.register("past-help", PastHelpViewSet, basename="api-past-help")
router.register("benevolence-documents", DocumentViewSet, basename="api-benevolence-document")
router.register("users", UserViewSet, basename="api-user")
router.register("roles", RoleViewSet, basename="api-role")
router.register("role-assignments", AssignmentViewSet, basename="api-assignment")
urlpatterns = [
    path("", RootView.as_view(), name="api_root"),
    path("auth/", include("accounts.api.urls")),
    path("docs/", DocsView.as_view(), name="api_docs"),
    *router.urls,
]
