"""The portal's routes and an empty signed-in page, to measure what every page costs before it shows anything."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from core.permissions import SIGNED_IN
from core.web.views import PortalView
from unionops.urls import handler400, handler403, handler404, handler500
from unionops.urls import urlpatterns as portal

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]


class EmptyPage(PortalView):
    permission = SIGNED_IN
    template_name = "base.html"
    page_title = "Empty"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.render()


urlpatterns = [path("bench/empty/", EmptyPage.as_view()), *portal]
