"""The portal as gunicorn serves it, with the counting hasher and, when asked for, the variant that must fail."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

settings.PASSWORD_HASHERS = ["accounts.tests.counting.CountingArgon2id"]
settings.AUTHENTICATION_BACKENDS = [os.environ["BACKEND"]]
application = get_wsgi_application()
