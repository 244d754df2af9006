from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate
from django.utils.translation import gettext_lazy as _


class CoreConfig(AppConfig):
    name = "core"
    verbose_name = _("The portal")

    def ready(self) -> None:
        from core import checks  # noqa: F401, PLC0415  checks register themselves; the apps are not there before
        from core.db import triggers  # noqa: PLC0415  as above

        pre_migrate.connect(triggers.lift_before_migrate, sender=self, dispatch_uid="core.db.triggers")
        post_migrate.connect(triggers.install_after_migrate, sender=self, dispatch_uid="core.db.triggers")
