from django.db import models
from django.utils.translation import gettext_lazy as _

from grievances.models.fields import LONGEST_NOTE, line, paragraphs


class CaseFacts(models.Model):
    """What a steward asks. Whoever works the case reads and completes it; it is neither filed text nor strategy."""

    people_involved = paragraphs(_("who was involved"), LONGEST_NOTE, blank=True)
    happened_at = line(_("when exactly"), 200, blank=True)
    place = line(_("where"), 200, blank=True)
    why = paragraphs(_("why it is a grievance"), LONGEST_NOTE, blank=True)
    witnesses = paragraphs(_("witnesses"), LONGEST_NOTE, blank=True)
    past_practice = paragraphs(_("past practice"), LONGEST_NOTE, blank=True)

    class Meta:
        abstract = True


FACTS = tuple(field.name for field in CaseFacts._meta.local_fields)
