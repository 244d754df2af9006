"""The WSGI entry point (gunicorn unionops.wsgi)."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "unionops.settings")
application = get_wsgi_application()

from core.web.static import refuse_uncollected  # noqa: E402 (reads the settings)

refuse_uncollected()
