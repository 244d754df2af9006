"""What has to be done in the first cases, and the papers that came in: to-dos, requests, terms, answers, photos."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.first_data import moment_of
from accounts.models import User
from core.audit import trail
from core.files.attaching import taken_in
from core.files.made_up import letter, photo
from core.records import bulk, records
from core.web.formats import day_text
from grievances.enums import DocumentCategory, GrievanceAction, GrievanceStatus, Series, TaskKind
from grievances.models import AnswerReceived, CaseDocument, CaseTask, Grievance

TODO = (
    "Get dated and signed statements of the two witnesses.",
    "Compare the last six months of overtime lists with the seniority list.",
    "Call the grievant before the meeting.",
    "Ask the night shift how it was done before.",
)
REQUESTS = (
    "The overtime lists of the department for the last six months.",
    "All discipline under this rule at the plant in the last three years.",
    "The time cards of the grievant for the week of the incident.",
)
PHOTOS = (("Posted schedule", "Schedule, second shift"), ("Notice on the board", "NOTICE TO ALL EMPLOYEES"))
EVERY = 3  # of the open cases one in so many has asked for information, another one has photos


@dataclass
class FirstWork:
    """Of each case its to-dos; of the cases of the first set also documents."""

    representative: User
    as_of: date
    has_documents: bool = False
    _number: int = 0
    _inserter: bulk.Inserter | None = None

    def of(self, case: Grievance, since: date) -> list[tuple[CaseTask, trail.Entry]]:
        """What is to be done in a case whose last move was on the day `since`."""
        self._number += 1
        if case.status == GrievanceStatus.SETTLED:
            return self._terms(case, since)
        if case.is_resolved:
            return []
        asked = min(since + timedelta(1), self.as_of)
        due = max(asked, self.as_of + timedelta(self._number * 4 % 17 - 4))
        found = [self._task(case, TaskKind.TODO, TODO[self._number % len(TODO)], asked, due, self.representative)]
        if self._number % EVERY == 0:
            what = REQUESTS[self._number // EVERY % len(REQUESTS)]
            found.append(self._task(case, TaskKind.INFORMATION, what, asked, asked + timedelta(10)))
        return found

    def _terms(self, case: Grievance, since: date) -> list[tuple[CaseTask, trail.Entry]]:
        if not case.settlement_amount:
            return []
        pair = self._task(case, TaskKind.TERM, "The employer pays what was settled.", since, since + timedelta(30))
        task = pair[0]
        task.amount = case.settlement_amount
        if self._number % 2:
            task.done_on, task.done_words = since, "A check was handed over at the signing."
        return [pair]

    def _task(
        self, case: Grievance, kind: TaskKind, what: str, asked: date, due: date, person: User | None = None
    ) -> tuple[CaseTask, trail.Entry]:
        task = CaseTask(grievance=case, kind=kind, what=what, asked_on=asked, due=due, person=person)
        data = {"task": str(task.pk), "kind": str(kind)}
        told = trail.Entry(case, GrievanceAction.TASK_ADDED, data=data, actor=self.representative, at=moment_of(asked))
        return task, told

    def insert(self, rows: Sequence[CaseTask]) -> None:
        self._inserter = self._inserter or bulk.Inserter(CaseTask, action=GrievanceAction.TASK_ADDED, recorded=())
        self._inserter.insert(rows)

    # --- documents ----------------------------------------------------------------------------------

    def documents(self, cases: Sequence[tuple[Grievance, Sequence[AnswerReceived]]]) -> Iterator[trail.Entry]:
        """The answers that came as letters, and photos of some open cases; once, with the first set."""
        if self.has_documents:
            return
        self.has_documents = True
        for number, (case, answers) in enumerate(cases):
            for answer in answers:
                lines = (case.employer.name, day_text(answer.received_on), f"Grievance {case}", *_wrapped(answer.words))
                said = {"step_number": answer.step_number, "exhibit_series": Series.JOINT}
                yield self._keep(case, "Answer.pdf", letter(lines), DocumentCategory.ANSWER, answer.received_on, **said)
            if not case.is_resolved and number % EVERY == 0:
                name, head = PHOTOS[number // EVERY % len(PHOTOS)]
                content = photo((head, case.employer.name, day_text(case.incident_date)))
                said = {"exhibit_series": Series.UNION, "is_shared": True}
                yield self._keep(case, f"{name}.png", content, DocumentCategory.PHOTO, case.filed_date, **said)

    def _keep(self, case: Grievance, name: str, content: bytes, category: str, day: date, **said: Any) -> trail.Entry:
        at = moment_of(day)
        fields = {"grievance": case, "added_by": self.representative, "added_at": at, "exhibit_number": 1, **said}
        upload = SimpleUploadedFile(name, content)
        with taken_in(CaseDocument, [upload], category=category, **fields) as (document,):
            records.save(document)
        data = {"document": str(document.pk), "sha256": document.sha256}
        return trail.Entry(case, GrievanceAction.DOCUMENT_ADDED, data=data, actor=self.representative, at=at)


def _wrapped(text: str, width: int = 60) -> list[str]:
    """The lines of a letter."""
    lines = [""]
    for word in text.split():
        if len(lines[-1]) + len(word) > width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines
