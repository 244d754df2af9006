"""System checks: a view without a permission, a field without a class, a table without its trigger, pages without their
static files."""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import OperationalError, connections
from django.urls import URLPattern, URLResolver, get_resolver

from core.admin.gated import GatedAdmin
from core.classification import class_of, project_models
from core.db import triggers
from core.web import static

PUBLIC_ROUTES_FILE = "unionops/public_routes.txt"


def routes(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    """(whole route, pattern) of every view in the URLconf."""
    for pattern in (resolver or get_resolver()).url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern, route)
        else:
            yield route, pattern


@cache
def exempt_routes() -> dict[str, str]:
    """Route → reason of every view that asks for no permission of ours; the file may only shrink unnoticed."""
    found = {}
    for line in (settings.BASE_DIR / PUBLIC_ROUTES_FILE).read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            route, _separator, reason = line.partition("  ")
            found[route.strip()] = reason.strip()
    return found


def declares_permission(callback: Any) -> bool:
    view = getattr(callback, "view_class", None) or getattr(callback, "cls", None)
    return bool(getattr(view, "permission", None))


def is_admin_view(route: str) -> bool:
    """The admin's own views ask PortalAdminSite.has_permission and GatedAdmin; the admin check covers them."""
    return route.startswith("admin/")


@register(Tags.security)
def check_permissions(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    exempt = exempt_routes()
    known = set()
    for route, pattern in routes():
        known.add(route)
        if not is_admin_view(route) and route not in exempt and not declares_permission(pattern.callback):
            found.append(
                Error(f"The view at “{route}” declares no permission.", hint="Set `permission`.", id="core.E001")
            )
    found += [
        Error(f"“{route}” in {PUBLIC_ROUTES_FILE} is not a route.", id="core.E002")
        for route in exempt
        if route not in known
    ]
    found += [
        Error(f"“{route}” in {PUBLIC_ROUTES_FILE} has no reason.", id="core.E003")
        for route, reason in exempt.items()
        if not reason
    ]
    return found


@register(Tags.security)
def check_admin(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    registered = admin.site._registry
    for model in project_models():
        if model._meta.app_label != "sample" and model not in registered:
            found.append(Error(f"{model._meta.label} is not in the admin.", obj=model, id="core.E004"))
    for model, model_admin in registered.items():
        if not isinstance(model_admin, GatedAdmin) or not model_admin.view_permission:
            found.append(Error(f"The admin of {model._meta.label} is not gated.", obj=model, id="core.E005"))
    return found


@register(Tags.security)
def check_classification(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    return [
        Error(
            f"{model._meta.label}.{field.name} has no class.",
            hint=f"Name it in {model._meta.app_config.name}/classification.py.",
            obj=model,
            id="core.E006",
        )
        for model in project_models()
        for field in [*model._meta.concrete_fields, *model._meta.local_many_to_many]
        if class_of(model, field.name) is None
    ]


# A warning, for what mends it, `migrate`, asks this first and goes on after no error.
@register(Tags.database)
def check_triggers(app_configs: Any, databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    for alias in databases or ():
        try:
            lacking = triggers.missing(connections[alias])
        except OperationalError:
            continue  # /readyz and the pages say that the database is away
        found += [
            Warning(f"The trigger {name} is missing.", hint="Run `manage.py migrate`.", id="core.W007")
            for name in lacking
        ]
    return found


@register(Tags.staticfiles, deploy=True)
def check_static_files(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    sentence = static.uncollected()
    return [Error(sentence, id="core.E008")] if sentence else []
