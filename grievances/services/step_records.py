"""How records of steps and the employer's answers are written; only the services call this, on a locked case."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from core.records import records
from core.site import local_today
from core.web.formats import day_text
from grievances.models import AnswerReceived, Grievance, GrievanceStepRecord, latest

MEETING_FIELDS = ("meeting_date", "union_attendees", "employer_attendees", "notes")
ANSWER_FIELDS = ("received_on", "how", "answer", "given_by", "words")


def current_record(grievance: Grievance) -> GrievanceStepRecord | None:
    """The record of the last meeting at the step where the case stands."""
    return latest(grievance.step_records.live().at(grievance.step_number, grievance.stage))


def write(grievance: Grievance, values: Mapping[str, Any]) -> GrievanceStepRecord:
    """A further record of the current step. Raises ValidationError by field."""
    step = {"step_number": grievance.step_number, "stage": grievance.stage}
    record = GrievanceStepRecord(grievance=grievance, **step, **values)
    check_meeting_date(record)
    records.save(record)
    return record


def set_outcome(record: GrievanceStepRecord, outcome: str) -> None:
    record.outcome = outcome
    record.version += 1
    records.save(record)


def replace(record: GrievanceStepRecord, values: Mapping[str, Any], reason: str) -> GrievanceStepRecord:
    """A new record in the place of `record`, which keeps everything it said and why it was replaced."""
    kept = {name: getattr(record, name) for name in (*MEETING_FIELDS, "outcome")}
    step = {"grievance_id": record.grievance_id, "step_number": record.step_number, "stage": record.stage}
    fresh = GrievanceStepRecord(**step, **{**kept, **values})
    check_meeting_date(fresh)
    # The key of the new row is known before the row is there; the database looks at the end of the transaction.
    record.superseded_by_id, record.superseded_reason = fresh.pk, reason
    record.version += 1
    record.save()
    records.save(fresh)
    return fresh


def check_meeting_date(record: GrievanceStepRecord) -> None:
    if record.meeting_date and record.meeting_date > local_today():
        raise ValidationError({"meeting_date": _("This day is still to come. Record a meeting after it was held.")})
    happened = record.grievance.incident_date
    if record.meeting_date and happened and record.meeting_date < happened:
        sentence = _("This is before the incident, which was on %(day)s. Check the day.")
        raise ValidationError({"meeting_date": sentence % {"day": day_text(happened)}})


def keep_answer(grievance: Grievance, values: Mapping[str, Any]) -> AnswerReceived:
    """The employer's answer at the current step. Raises ValidationError by field."""
    step = {"step_number": grievance.step_number, "stage": grievance.stage}
    answer = AnswerReceived(grievance=grievance, **step, **values)
    _check_received(answer)
    records.save(answer)
    return answer


def replace_answer(answer: AnswerReceived, values: Mapping[str, Any], reason: str) -> AnswerReceived:
    """A new answer in the place of a wrong one, which is kept."""
    kept = {name: getattr(answer, name) for name in ANSWER_FIELDS}
    step = {"grievance_id": answer.grievance_id, "step_number": answer.step_number, "stage": answer.stage}
    fresh = AnswerReceived(**step, **{**kept, **values})
    _check_received(fresh)
    answer.superseded_by_id, answer.superseded_reason = fresh.pk, reason
    answer.version += 1
    answer.save()
    records.save(fresh)
    return fresh


def _check_received(answer: AnswerReceived) -> None:
    day = answer.received_on
    if day and day > local_today():
        raise ValidationError({"received_on": _("This day is still to come. Record an answer when it has come.")})
    if day and day < answer.grievance.filed_date:
        raise ValidationError({"received_on": _("This is before the case was filed. Check the date.")})
