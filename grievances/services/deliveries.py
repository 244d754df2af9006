"""What reached the employer, and the dates on which both sides agreed: what meets a deadline and what moves one."""

import datetime
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.audit import trail
from core.errors import DomainError
from core.permissions import Actor
from core.records import one_row, records
from core.site import local_now, local_today
from core.web.formats import day_text
from grievances.enums import DeadlineEnd, GrievanceAction
from grievances.models import CaseDocument, Deadline, Delivery, Extension, Grievance, GrievancePolicy
from grievances.services import cases, clocks

DELIVERY_FIELDS = ("deadline", "what", "how", "to_whom", "delivered_at", "proof")
EXTENSION_FIELDS = ("new_date", "for_union", "for_employer", "agreed_on", "document", "note")
# A document of the case that is chosen on the page.
PROOF_FILE, DOCUMENT_FILE = ("proof_file",), ("document_file",)


def record_delivery(grievance: Grievance, values: Mapping[str, Any], *, actor: Actor | None) -> Delivery:
    """Keep that something reached the employer; the union deadline that it names is met by it, in time or late."""
    with transaction.atomic():
        grievance = cases.lock_worked(grievance, actor)
        delivery = Delivery(grievance=grievance, recorded_by=actor)
        records.assign(delivery, values, DELIVERY_FIELDS + PROOF_FILE)
        delivery.proof = named(delivery.proof, delivery.proof_file, grievance, field="proof_file")
        _check_delivery(delivery, grievance)
        records.save(delivery)
        if delivery.deadline is not None:
            moment = _local(delivery.delivered_at)
            how = DeadlineEnd.MET if in_time(delivery.deadline, moment) else DeadlineEnd.LATE
            clocks.end(delivery.deadline, how, moment.date())
            clocks.appeal_arrived(delivery.deadline, moment.date(), actor=actor)
        trail.record(grievance, GrievanceAction.DELIVERED, actor=actor)
        return delivery


def named(words: str, file: CaseDocument | None, grievance: Grievance, *, field: str) -> str:
    """The words for a document; of a file of the case that nobody put into words, what it is and since when."""
    if file is None:
        return words
    if not grievance.documents.current().filter(pk=file.pk).exists():
        raise ValidationError({field: _("This is no document of the case any more. Choose another one.")})
    added_on = _local(file.added_at).date()
    return words or _("%(kind)s of %(day)s") % {"kind": file.category_label, "day": day_text(added_on)}


def in_time(deadline: Deadline, moment: datetime.datetime) -> bool:
    """Whether the deadline had not passed at a local moment.

    The safe date is for caution; what counts is the contract's.
    """
    return deadline.contract_date > clocks.last_late_day(one_row.current(GrievancePolicy), moment)


def _local(moment: datetime.datetime) -> datetime.datetime:
    return moment.astimezone(local_now().tzinfo)


def _check_delivery(delivery: Delivery, grievance: Grievance) -> None:
    """The deadline is read again, as it stands now that the case is locked."""
    if delivery.delivered_at and delivery.delivered_at > timezone.now():
        raise ValidationError({"delivered_at": _("This is still to come. Record it once it was delivered.")})
    if delivery.deadline is None:
        return
    deadline = grievance.deadlines.select_for_update(of=("self",)).filter(pk=delivery.deadline.pk).first()
    if deadline is None or not deadline.is_ours:
        raise ValidationError({"deadline": _("A delivery meets a deadline of ours in this case. Choose one of them.")})
    if not deadline.is_running:
        raise ValidationError({"deadline": _("This deadline has ended already. Load the page again.")})
    begun = deadline.started_on or clocks.first_day(grievance)
    if delivery.delivered_at and begun and _local(delivery.delivered_at).date() < begun:
        sentence = _("This is before %(day)s, from which the deadline counts. Check the day.")
        raise ValidationError({"delivered_at": sentence % {"day": day_text(begun)}})
    delivery.deadline = deadline


def record_extension(
    deadline: Deadline, values: Mapping[str, Any], *, actor: Actor | None, version: int | None = None
) -> Extension:
    """Keep what both sides agreed on; with a document it moves the date at once, without one nothing moves."""
    with transaction.atomic():
        grievance = cases.lock_worked(_case_of(deadline), actor)
        deadline = _lock_running(records.lock(deadline, actor=actor, version=version), grievance)
        extension = Extension(grievance=grievance, deadline=deadline, recorded_by=actor)
        records.assign(extension, values, EXTENSION_FIELDS + DOCUMENT_FILE)
        extension.document = named(extension.document, extension.document_file, grievance, field="document_file")
        if extension.new_date and extension.new_date <= deadline.contract_date:
            raise ValidationError({"new_date": _("This is no later than the date that runs. Enter the later one.")})
        if extension.document:
            extension.confirmed_on = local_today()
        records.save(extension)
        trail.record(grievance, GrievanceAction.EXTENDED, actor=actor)
        if extension.is_confirmed:
            move(extension, deadline, grievance, actor)
        return extension


def confirm_extension(
    extension: Extension,
    *,
    document: str = "",
    file: CaseDocument | None = None,
    actor: Actor | None,
    version: int | None = None,
) -> None:
    """The document is there, in words or as a `file` of the case: from now on the new date holds."""
    with transaction.atomic():
        grievance = cases.lock_worked(extension.grievance, actor)
        extension = records.lock(extension, actor=actor, version=version)
        if extension.is_confirmed:
            raise DomainError(_("This extension is confirmed already."))
        deadline = _lock_running(extension.deadline, grievance)
        extension.document = named(document.strip(), file, grievance, field="document_file")
        extension.document_file, extension.confirmed_on = file, local_today()
        extension.version += 1
        if not extension.document:
            raise ValidationError({"document": _("Name the document that both sides signed, or choose it.")})
        records.save(extension)
        trail.record(grievance, GrievanceAction.EXTENSION_CONFIRMED, actor=actor)
        move(extension, deadline, grievance, actor)


def _case_of(deadline: Deadline) -> Grievance:
    if deadline.grievance is None:
        raise DomainError(_("A draft has no extension: file it first."))
    return deadline.grievance


def _lock_running(deadline: Deadline, grievance: Grievance) -> Deadline:
    found = grievance.deadlines.select_for_update(of=("self",)).get(pk=deadline.pk)
    if not found.is_running:
        raise DomainError(_("This deadline has ended already, so there is nothing to extend. Open the one that runs."))
    return found


def move(
    extension: Extension,
    deadline: Deadline,
    grievance: Grievance,
    actor: Actor | None,
    *,
    safe: datetime.date | None = None,
) -> None:
    """The new date stands beside the old one, which is kept; what hangs on it is computed anew.

    A date on which both sides agreed is clear; `safe` is for one that only moves on, however it is read.
    """
    fresh = Deadline(
        **{
            name: getattr(deadline, name)
            for name in ("side", "clock", "stage", "stage_name", "rule", "started_by", "started_on")
        },
        grievance=grievance,
        intake=deadline.intake,
        contract_date=extension.new_date,
        safe_date=safe,
        due=safe or extension.new_date,
        source=str(_("Extended by both sides: %(document)s") % {"document": extension.document})[:200],
    )
    clocks.replace(deadline, fresh)
    clocks.refresh(grievance, actor=actor)
