"""The portal's settings with the pages of the bench beside its own."""

from unionops import settings as portal

vars().update({name: value for name, value in vars(portal).items() if name.isupper()})
ROOT_URLCONF = "bench.urls"
