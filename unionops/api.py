"""The API's routes."""

from drf_spectacular.views import SpectacularJSONAPIView
from rest_framework.routers import SimpleRouter

from core.views import SIGNED_IN
from members.api import MemberViewSet, OrganizationViewSet


class SchemaView(SpectacularJSONAPIView):
    """OpenAPI 3.1, for whoever is signed in."""

    permission = SIGNED_IN


router = SimpleRouter()
router.register("members", MemberViewSet, basename="api-member")
router.register("organizations", OrganizationViewSet, basename="api-organization")
urlpatterns = router.urls
