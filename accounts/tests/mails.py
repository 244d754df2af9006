"""What waits in the outbox, in the order in which it was put there."""

from core.models import Outbox


def mails() -> list[tuple[str, str, str]]:
    """Return (address, subject, text) of each."""
    return [(mail.address, mail.subject, mail.body) for mail in Outbox.objects.order_by("created_at")]
