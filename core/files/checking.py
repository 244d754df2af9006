"""Whether the content of every file is there and as it was sent: for the drill of a restored backup."""

from collections.abc import Iterator
from hashlib import sha256

from core.crypto import DecryptionError
from core.files.models import Attachment, attachment_models
from core.files.store import StoreAway


def faults() -> Iterator[str]:
    """The table and key of each row whose content is gone, changed, or under a key that is not here."""
    for model in attachment_models():
        for row in model._base_manager.order_by("pk").iterator(chunk_size=500):
            if not _is_whole(row):
                yield f"{model._meta.label} {row.pk}"


def count() -> int:
    return sum(model._base_manager.count() for model in attachment_models())


def _is_whole(row: Attachment) -> bool:
    digest = sha256()
    try:
        for piece in row.content():
            digest.update(piece)
    except (StoreAway, DecryptionError):
        return False
    return digest.hexdigest() == row.sha256
