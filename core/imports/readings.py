"""What one row of a file says, and what the check makes of it."""

from dataclasses import dataclass, field
from typing import Any

from core.imports.enums import RowOutcome


@dataclass(slots=True)
class Reading:
    """What a row says (`values`, as `plain` writes them; empty cells are absent) and what the check makes of it."""

    number: int
    raw: dict[str, str]
    values: dict[str, str] = field(default_factory=dict)
    problems: list[dict[str, str]] = field(default_factory=list)
    outcome: str = ""
    record_id: int | None = None
    record_version: int | None = None
    before: dict[str, str] = field(default_factory=dict)
    after: dict[str, str] = field(default_factory=dict)
    made: dict[str, Any] = field(default_factory=dict)

    def refuse(self, sentence: str, *, column: str = "") -> None:
        self.problems.append({"kind": "error", "column": column, "text": sentence})
        self.outcome = RowOutcome.ERROR

    def leave_out(self, sentence: str, *, column: str = "") -> None:
        """Of an optional cell: the rest of the row holds."""
        self.problems.append({"kind": "left_out", "column": column, "text": sentence})
        self.made["left_out"] = self.made.get("left_out", 0) + 1

    def set_aside(self, sentence: str) -> None:
        """The row is no record: a total, a page line, the header again."""
        self.note(sentence)
        self.outcome = RowOutcome.SKIPPED

    def ask(self, sentence: str) -> None:
        self.problems.append({"kind": "question", "column": "", "text": sentence})
        self.outcome = RowOutcome.DUPLICATE

    def note(self, sentence: str) -> None:
        self.problems.append({"kind": "note", "column": "", "text": sentence})
