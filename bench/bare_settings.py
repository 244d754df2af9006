"""What Django needs to show the portal's rows and nothing else: no sign-in, no session, no frame."""

from unionops import settings as portal

vars().update({name: value for name, value in vars(portal).items() if name.isupper()})
ROOT_URLCONF = "bench.bare"
# allauth's app does not start without its own.
MIDDLEWARE = ["django.middleware.common.CommonMiddleware", "allauth.account.middleware.AccountMiddleware"]
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates"}]
