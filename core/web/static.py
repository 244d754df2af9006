"""The files that pages load: collected and named by their content in production, as they lie in development."""

from django.apps import apps
from django.conf import settings
from django.contrib.staticfiles.finders import FileSystemFinder
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.exceptions import ImproperlyConfigured
from whitenoise.storage import CompressedManifestStaticFilesStorage


class PortalStaticFiles(CompressedManifestStaticFilesStorage):
    def stored_name(self, name: str) -> str:
        """Return the plain name of a file that `collectstatic` has not seen: a page, above all the one that reports an
        error, is better without its style than not at all."""
        try:
            return super().stored_name(name)
        except ValueError:
            return name


def uncollected() -> str:
    """Say which of the portal's own files the manifest lacks; "" in development and when all is there."""
    if not settings.PRODUCTION:
        return ""
    known = staticfiles_storage.hashed_files  # type: ignore[attr-defined]
    ignored = apps.get_app_config("staticfiles").ignore_patterns  # type: ignore[attr-defined]
    missing = sorted(path for path, _storage in FileSystemFinder().list(ignored) if path not in known)
    return f"Static files are not collected ({', '.join(missing)}): run `manage.py collectstatic`." if missing else ""


def refuse_uncollected() -> None:
    if sentence := uncollected():
        raise ImproperlyConfigured(sentence)
