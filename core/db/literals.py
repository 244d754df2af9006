"""Values as texts that PostgreSQL reads, many times quicker than its driver takes them one by one."""

import json
import re
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection
from psycopg.adapt import PyFormat, Transformer

# Other types than text whose str() is what the server reads.
READABLE = (bool, int, date, UUID, Decimal)
JSON = json.JSONEncoder()


def texts(values: Sequence[Any]) -> Sequence[str | None]:
    """The values of one column; None stays."""
    kinds = set(map(type, values)) - {type(None)}
    if all(issubclass(kind, str) for kind in kinds):
        return values
    if all(issubclass(kind, READABLE) for kind in kinds):
        written = {value: str(value) for value in set(values)} | {None: None}
        return [written[value] for value in values]
    transformer = Transformer(connection.connection)
    return [None if value is None else _dumped(value, transformer) for value in values]


def _dumped(value: Any, transformer: Any) -> str:
    return bytes(transformer.get_dumper(value, PyFormat.TEXT).dump(value) or b"").decode()


def array(values: Sequence[Any]) -> str:
    """An array as PostgreSQL writes it; the statement says of what type it is."""
    items = escaped(texts(values), {"\\": "\\\\", '"': '\\"'})
    return "{" + ",".join(["NULL" if item is None else f'"{item}"' for item in items]) + "}"


def array_type(field: Any) -> str:
    """Of the field's values. Without a length: a cast to it would cut a text silently, where the column refuses it."""
    own = field.rel_db_type(connection) if field.primary_key else field.db_type(connection)
    return re.sub(r"\(.*?\)", "", own) + "[]"


def escaped(items: Sequence[str | None], escapes: dict[str, str]) -> Sequence[str | None]:
    whole = "".join(filter(None, items))
    for character, escape in escapes.items():
        if character in whole:
            items = [item and item.replace(character, escape) for item in items]
    return items


def json_texts(values: Iterable[Any]) -> list[str | None]:
    """As Django's JSONField writes them without an encoder of its own."""
    return [None if value is None else "{}" if value == {} else JSON.encode(value) for value in values]
