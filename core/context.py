"""What every page's template may use."""

from typing import Any

from django.http import HttpRequest

from core.site import site_settings

THEMES = ("auto", "light", "dark")


def local(request: HttpRequest) -> dict[str, Any]:
    theme = request.COOKIES.get("theme", "auto")
    return {"local": site_settings(request), "theme": theme if theme in THEMES else "auto"}
