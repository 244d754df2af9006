"""What was done once and is told again: a key is claimed in the transaction of the work, and its answer kept there.

A second use waits at the unique constraint until the first is over: it finds the answer, or, where nothing was done,
does the work itself.
"""

from datetime import timedelta

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.crypto import salted_hmac

from core.models import KeptAnswer

KEPT = timedelta(hours=24)


def digest(purpose: str, text: str) -> str:
    """Of what is told of people nothing can be guessed by trying: bodies are short."""
    return salted_hmac(f"core.api.once.{purpose}", text, algorithm="sha256").hexdigest()


def _with_key_of(mine: KeptAnswer) -> QuerySet[KeptAnswer]:
    return KeptAnswer.objects.filter(account_id=mine.account_id, operation=mine.operation, key=mine.key)


def still_kept(mine: KeptAnswer) -> KeptAnswer | None:
    """The row that holds the key of `mine`, when its work is done."""
    return _with_key_of(mine).filter(made_at__gte=timezone.now() - KEPT).first()


def claimed(mine: KeptAnswer) -> KeptAnswer:
    """The row that holds the key: `mine`, unless it was used before and the answer is still kept."""
    same = _with_key_of(mine)
    same.filter(made_at__lt=timezone.now() - KEPT).delete()
    KeptAnswer.objects.bulk_create([mine], ignore_conflicts=True)
    [holder] = same
    return holder


def forget_old() -> int:
    """Delete answers that are kept no longer."""
    return KeptAnswer.objects.filter(made_at__lt=timezone.now() - KEPT).delete()[0]
