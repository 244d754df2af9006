from django.db import models
from django.utils.translation import gettext_lazy as _

from core.folding import fold
from grievances.models.fields import LONGEST_NOTE, line, paragraphs

LONGEST_DEPARTMENT = 100


class CaseFacts(models.Model):
    """What a steward asks. Whoever works the case reads and completes it; it is neither filed text nor strategy."""

    people_involved = paragraphs(_("who was involved"), LONGEST_NOTE, blank=True)
    department = line(_("supervisor’s department"), LONGEST_DEPARTMENT, blank=True)
    happened_at = line(_("when exactly"), 200, blank=True)
    place = line(_("where"), 200, blank=True)
    why = paragraphs(_("why it is a grievance"), LONGEST_NOTE, blank=True)
    witnesses = paragraphs(_("witnesses"), LONGEST_NOTE, blank=True)
    past_practice = paragraphs(_("past practice"), LONGEST_NOTE, blank=True)

    class Meta:
        abstract = True


def department_key(text: str) -> str:
    """What two spellings of one department share: “Paint  shop” and “PAINT SHOP” count as one."""
    return fold(text)[:LONGEST_DEPARTMENT]


FACTS = tuple(field.name for field in CaseFacts._meta.local_fields)
