"""Tables and abstract bases of the machinery. Nothing here knows what a union is."""

from core.models.audit import AuditEvent, AuditHead, HeadQuerySet, ReadEvent, TrailQuerySet
from core.models.bases import FollowsParent, OneRow, SoftDelete, SoftDeleteQuerySet, TimeStamped, Versioned
from core.models.kept import KeptAnswer, KeptForm
from core.models.lists import ListColumns, SavedFilter
from core.models.notice import Notice, NoticeChoice, NoticedEvent, NoticeQuerySet
from core.models.number import NumberSequence
from core.models.outbox import Heartbeat, Outbox
from core.models.site import ShownLocal, SiteSettings, all_weekdays, validate_time_zone, validate_working_week

__all__ = [
    "AuditEvent",
    "AuditHead",
    "FollowsParent",
    "HeadQuerySet",
    "Heartbeat",
    "KeptAnswer",
    "KeptForm",
    "ListColumns",
    "Notice",
    "NoticeChoice",
    "NoticeQuerySet",
    "NoticedEvent",
    "NumberSequence",
    "OneRow",
    "Outbox",
    "ReadEvent",
    "SavedFilter",
    "ShownLocal",
    "SiteSettings",
    "SoftDelete",
    "SoftDeleteQuerySet",
    "TimeStamped",
    "TrailQuerySet",
    "Versioned",
    "all_weekdays",
    "validate_time_zone",
    "validate_working_week",
]
