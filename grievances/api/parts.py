"""What cases and drafts tell of what hangs on them: people, deadlines, what was said at steps."""

import json
from typing import Any

from rest_framework import serializers

from core.api.rows import RowSerializer, write_columns
from grievances.models import AnswerReceived, Deadline, Delivery, Extension, GrievanceStepRecord
from members.models import Member, Organization, joined_name


class EmployerSerializer(RowSerializer):
    class Meta:
        model = Organization
        fields = ["id", "name"]


class GrievantSerializer(RowSerializer):
    name = serializers.CharField(source="full_name")

    class Meta:
        model = Member
        fields = ["id", "member_number", "name"]


class StepRecordSerializer(RowSerializer):
    class Meta:
        model = GrievanceStepRecord
        fields = [
            "id",
            "step_number",
            "meeting_date",
            "union_attendees",
            "employer_attendees",
            "outcome",
            "notes",
            "superseded_by",
            "superseded_reason",
            "version",
        ]
        read_only_fields = fields


class AnswerSerializer(RowSerializer):
    class Meta:
        model = AnswerReceived
        fields = [
            "id",
            "step_number",
            "received_on",
            "how",
            "answer",
            "given_by",
            "words",
            "superseded_by",
            "superseded_reason",
            "version",
        ]
        read_only_fields = fields


def grievant(pk: int, number: str, *names: str) -> dict[str, Any]:
    return dict(zip(GrievantSerializer.Meta.fields, (pk, number, joined_name(*names)), strict=True))


class DeadlineSerializer(RowSerializer):
    """A date that runs or ran; `explanation` has the rule as it was and, under `counted`, each day with its reason."""

    class Meta:
        model = Deadline
        fields = [
            "id",
            "side",
            "clock",
            "stage_name",
            "due",
            "contract_date",
            "safe_date",
            "started_by",
            "started_on",
            "source",
            "end",
            "ended_on",
            "superseded_by",
            "version",
            "explanation",
        ]
        read_only_fields = fields


def deadline(*values: Any) -> dict[str, Any]:
    """As DeadlineSerializer says; SQLite gives keys and JSON as texts."""
    told = DEADLINE_WRITE(*values[:-1], None)
    explained = values[-1]
    return {**told, "explanation": json.loads(explained) if isinstance(explained, str) else explained}


DEADLINE_COLUMNS, DEADLINE_WRITE = write_columns(DeadlineSerializer)


class DeliverySerializer(RowSerializer):
    """What reached the employer; `deadline` is the one that it met."""

    class Meta:
        model = Delivery
        fields = ["id", "deadline", "what", "how", "to_whom", "delivered_at", "proof", "version"]
        read_only_fields = fields


class ExtensionSerializer(RowSerializer):
    """Without `confirmed_on` it moves nothing yet."""

    class Meta:
        model = Extension
        fields = [
            *("id", "deadline", "new_date", "for_union", "for_employer", "agreed_on"),
            *("document", "confirmed_on", "note", "version"),
        ]
        read_only_fields = fields
