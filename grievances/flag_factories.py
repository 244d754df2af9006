"""Abeyances and claims of lateness for tests; each marks its case as the services do."""

import datetime
from typing import Any

import factory
from factory.django import DjangoModelFactory

from grievances.enums import AbeyanceState, Side
from grievances.factories import GrievanceFactory
from grievances.models import Abeyance, Grievance, UntimelyClaim
from members.factories import AS_OF


class AbeyanceFactory(DjangoModelFactory):
    """Agreed ten days ago with a letter, until one side ends it; without `document` it is unconfirmed."""

    class Meta:
        model = Abeyance

    grievance = factory.SubFactory(GrievanceFactory)
    from_day = AS_OF - datetime.timedelta(10)
    why = "The court decides the same question."
    for_union = "D. Reyes"
    for_employer = "M. Stone, plant manager"
    document = "Letter of 22 August"
    confirmed_on = factory.LazyAttribute(lambda made: made.from_day if made.document else None)

    @classmethod
    def _create(cls, model_class: type[Abeyance], *args: Any, **fields: Any) -> Abeyance:
        made = super()._create(model_class, *args, **fields)
        state = AbeyanceState.AGREED if made.document else AbeyanceState.UNCONFIRMED
        made.grievance.abeyance = "" if made.ended_on else state
        Grievance.objects.filter(pk=made.grievance_id).update(abeyance=made.grievance.abeyance)
        return made


class UntimelyFactory(DjangoModelFactory):
    class Meta:
        model = UntimelyClaim

    grievance = factory.SubFactory(GrievanceFactory)
    claimed_by = Side.EMPLOYER
    claimed_on = AS_OF - datetime.timedelta(4)
    why = "Filed on the eleventh day, as they count."
    document = "Answer of 28 August"

    @classmethod
    def _create(cls, model_class: type[UntimelyClaim], *args: Any, **fields: Any) -> UntimelyClaim:
        made = super()._create(model_class, *args, **fields)
        made.grievance.is_untimely = not made.cleared_on
        Grievance.objects.filter(pk=made.grievance_id).update(is_untimely=made.grievance.is_untimely)
        return made
