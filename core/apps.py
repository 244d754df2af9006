from django.apps import AppConfig
from django.db.models.signals import post_migrate


class CoreConfig(AppConfig):
    name = "core"

    def ready(self) -> None:
        from core import checks, triggers  # noqa: F401  (checks register themselves on import)

        post_migrate.connect(triggers.install_after_migrate, sender=self, dispatch_uid="core.triggers")
