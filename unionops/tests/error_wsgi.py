"""The portal's WSGI application, answering with error_urls; for test_views."""

from django.conf import settings

from unionops.wsgi import application

__all__ = ["application"]
settings.ROOT_URLCONF = "unionops.tests.error_urls"
