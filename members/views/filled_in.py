"""What a form begins with: the member or the employer whom its address names by key, `?member=7`."""

from typing import Any

from django.db import models
from django.http import HttpRequest

from core.audit import trail
from core.classification import is_personal
from core.enums import ReadKind
from core.records import records
from members.models import Employment, Member, Organization

MOST_DIGITS = 18


def named_in(request: HttpRequest, name: str, model: type[models.Model]) -> Any:
    """The row that the person may see, to be filled in, else None: the form is then as empty as without it.

    A form that is opened with somebody's name in it is a reading.
    """
    key = request.GET.get(name, "")
    if not (key.isascii() and key.isdigit() and len(key) <= MOST_DIGITS):
        return None
    found = records.visible(model, request.user).alive().filter(pk=int(key)).first()
    if found is not None and request.method == "GET" and is_personal(model):
        trail.read(found, ReadKind.OPENED, actor=request.user)
    return found


def only_employer(member: Member) -> Organization | None:
    """Where they work now, if it is one place."""
    jobs = Employment.objects.filter(member=member).current().select_related("organization")[:2]
    places = {job.organization for job in jobs}
    return places.pop() if len(places) == 1 else None
