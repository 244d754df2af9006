from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import models, transaction
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext as _

from core.crypto import BlindIndexField, EncryptedTextField, Sealed, decrypt, encrypt, key_id_of

CHUNK = 500


class Command(BaseCommand):
    help = (
        "Encrypts every field again that is not yet under the newest key and computes its blind index anew; "
        "run until it says 0, then drop the old key."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        for model in apps.get_models():
            for field in model._meta.concrete_fields:
                if isinstance(field, EncryptedTextField):
                    moved = rotate(model, field)
                elif isinstance(field, BlindIndexField):
                    moved = index_again(model, field)
                else:
                    continue
                self.stdout.write(
                    _("%(field)s: %(count)s values moved to key %(key)s.")
                    % {
                        "field": f"{model._meta.label}.{field.name}",
                        "count": moved,
                        "key": list(settings.FIELD_KEYS)[-1],
                    }
                )
        for config in apps.get_app_configs():
            # An app that keeps ciphertexts elsewhere than in our fields says so in its rotation.py.
            if find_spec(f"{config.name}.rotation"):
                module = import_module(f"{config.name}.rotation")
                self.stdout.write(
                    _("%(field)s: %(count)s values moved to key %(key)s.")
                    % {"field": module.LABEL, "count": module.rotate(), "key": list(settings.FIELD_KEYS)[-1]}
                )


def rotate(model: type[models.Model], field: EncryptedTextField) -> int:
    """How many values of one column were encrypted again. A row that is saved meanwhile is left to its writer."""
    newest, moved, last = list(settings.FIELD_KEYS)[-1], 0, None
    while True:
        rows = model._base_manager.order_by("pk").values_list("pk", field.attname)
        chunk = list((rows.filter(pk__gt=last) if last is not None else rows)[:CHUNK])
        if not chunk:
            return moved
        last = chunk[-1][0]
        with transaction.atomic():
            for pk, stored in chunk:
                if stored and key_id_of(stored) != newest:
                    moved += _move(model, field, pk, stored)


def index_again(model: type[models.Model], field: BlindIndexField) -> int:
    """How many indexes of one column were computed anew. A row that is saved meanwhile is left to its writer."""
    newest, moved, last = list(settings.FIELD_KEYS)[-1], 0, None
    stale = model._base_manager.exclude(**{f"{field.attname}__startswith": f"{newest}."}).exclude(**{field.attname: ""})
    stale = stale.order_by("pk").only("pk", field.source, field.attname)
    while chunk := list((stale.filter(pk__gt=last) if last is not None else stale)[:CHUNK]):
        last = chunk[-1].pk
        for row in chunk:
            old, fresh = getattr(row, field.attname), field.of(getattr(row, field.source))
            moved += model._base_manager.filter(pk=row.pk, **{field.attname: old}).update(**{field.attname: fresh})
    return moved


def _move(model: type[models.Model], field: EncryptedTextField, pk: Any, stored: str) -> int:
    binding = field.binding(model(pk=pk))
    fresh = Sealed(encrypt(decrypt(stored, binding=binding), binding=binding))
    column = f'"{model._meta.db_table}"."{field.column}"'
    unchanged = RawSQL(f"{column} = %s", [str(stored)], output_field=models.BooleanField())  # noqa: S611
    return model._base_manager.filter(unchanged, pk=pk).update(**{field.attname: fresh})
