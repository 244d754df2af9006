"""A few pages for test_middleware."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.generic import View

from core.site import site_settings


class Page(View):
    def get(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse(f"{timezone.get_current_timezone_name()} {site_settings().name}")


OpenPage = method_decorator(login_not_required, name="dispatch")(type("OpenPage", (Page,), {}))

urlpatterns = [
    path("page/", Page.as_view()),
    path("api/page/", Page.as_view()),
    path("open/", OpenPage.as_view()),
    path("sign-in/", OpenPage.as_view(), name="account_login"),
    path("sign-in/dialog/", OpenPage.as_view(), name="sign_in_dialog"),
]
