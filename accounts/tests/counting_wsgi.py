"""The portal as gunicorn serves it, with the counting hasher, no limit for the one network that all tests come from,
and, when asked for ($NAIVE), the variants that must fail.
"""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connections
from django.test import Client

settings.PASSWORD_HASHERS = ["accounts.tests.counting.CountingArgon2id"]
settings.RATE_LIMITS = {door: (1_000_000, minutes) for door, (_limit, minutes) in settings.RATE_LIMITS.items()}
application = get_wsgi_application()
if os.environ.get("NAIVE"):
    from accounts.api import devices
    from accounts.entry.backends import PortalBackend
    from accounts.services import factors, invitations, mailed_links
    from accounts.tests import counting

    PortalBackend.authenticate = counting.looks_then_hashes_then_counts
    devices.renew = counting.looks_then_renews
    factors.spend = counting.looks_then_spends
    mailed_links.reset_password = counting.looks_then_resets
    invitations.accept = counting.looks_then_accepts

# Forked processes find loaded what each would load anew: routes, templates, statements.
Client().get("/accounts/login/")
connections.close_all()
