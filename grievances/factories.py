"""Cases, drafts and what hangs on them for tests and first data: valid and plausible."""

import datetime
import secrets
from decimal import Decimal
from hashlib import sha256
from typing import Any

import factory
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from factory.django import DjangoModelFactory

from accounts.factories import UserFactory
from accounts.models import User
from core.files.attaching import taken_in
from core.records.numbers import written_number
from core.site import local_today
from grievances.enums import (
    Answer,
    AnswerHow,
    ClockKind,
    DocumentCategory,
    GrievanceStatus,
    GrievanceType,
    Step,
    TaskKind,
    Told,
)
from grievances.models import (
    Agreement,
    AgreementClause,
    AgreementClosure,
    AgreementFile,
    AgreementStage,
    AnswerReceived,
    Away,
    CaseDocument,
    CaseTask,
    Deadline,
    DeadlineFeed,
    Delivery,
    Docket,
    DocketCase,
    Extension,
    Grievance,
    GrievanceIntake,
    GrievanceStepRecord,
    Grievant,
    GrievantTold,
    HolidayList,
    HolidayListVersion,
    IntakeDocument,
    LetterText,
    Resolution,
    StageEntry,
    StepRule,
)
from grievances.services.away import begin_of
from grievances.services.deadlines.holidays import FEDERAL
from grievances.services.holidays import days_in
from members.factories import AS_OF, MemberFactory, OrganizationFactory
from members.models import Member

FILED = AS_OF - datetime.timedelta(30)
FIRST_NUMBER = 7_001  # far from the numbers that filing gives


class IntakeFactory(DjangoModelFactory):
    """A draft that can be filed: one grievant, unless `people` says otherwise."""

    class Meta:
        model = GrievanceIntake
        skip_postgeneration_save = True

    grievance_type = GrievanceType.INDIVIDUAL
    organization = factory.SubFactory(OrganizationFactory)
    incident_date = FILED - datetime.timedelta(8)
    knowledge_date = FILED - datetime.timedelta(7)
    contract_article = "Article 14, section 2"
    violation_description = "Overtime was given to a junior electrician out of turn."
    remedy_sought = "Pay for eight hours at the overtime rate, and the rotation kept from now on."
    drafted_by = factory.SubFactory(UserFactory)

    @factory.post_generation
    def people(intake: GrievanceIntake, create: bool, extracted: Any, **kwargs: Any) -> None:  # noqa: N805
        if create and extracted is None:
            extracted = [] if intake.grievance_type == GrievanceType.POLICY else [MemberFactory()]
        if create:
            intake.members.set(extracted)


class GrievanceFactory(DjangoModelFactory):
    """An individual case at step 1, just filed; `people` are its grievants. Traits bring it to an end."""

    class Meta:
        model = Grievance
        skip_postgeneration_save = True

    class Params:
        number = factory.Sequence(lambda number: FIRST_NUMBER + number)
        at_arbitration = factory.Trait(status=GrievanceStatus.ARBITRATION, current_step=Step.ARBITRATION)
        settled = factory.Trait(
            status=GrievanceStatus.SETTLED,
            status_before=GrievanceStatus.HEARING,
            resolution="Six hours at the overtime rate.",
            resolution_date=AS_OF,
            settlement_amount=Decimal("318.50"),
        )
        withdrawn = factory.Trait(
            status=GrievanceStatus.WITHDRAWN,
            status_before=GrievanceStatus.HEARING,
            resolution="The grievant took another job.",
            resolution_date=AS_OF,
        )
        closed = factory.Trait(
            status=GrievanceStatus.CLOSED,
            status_before=GrievanceStatus.HEARING,
            resolution="The employer changed the roster.",
            resolution_date=AS_OF,
        )

    grievance_number = factory.LazyAttribute(lambda made: written_number("GR", made.filed_date.year, made.number))
    grievance_type = GrievanceType.INDIVIDUAL
    employer = factory.SubFactory(OrganizationFactory)
    filed_date = FILED
    incident_date = factory.LazyAttribute(lambda made: made.filed_date - datetime.timedelta(8))
    knowledge_date = factory.LazyAttribute(lambda made: made.filed_date - datetime.timedelta(7))
    contract_article = "Article 14, section 2"
    violation_description = "Overtime was given to a junior electrician out of turn."
    remedy_sought = "Pay for eight hours at the overtime rate, and the rotation kept from now on."
    current_step = Step.STEP_1
    status = GrievanceStatus.OPEN

    @classmethod
    def _create(cls, model_class: type[Grievance], *args: Any, **fields: Any) -> Grievance:
        people: list[Member] | None = fields.pop("people", None)
        if people is None:
            people = [] if fields["grievance_type"] == GrievanceType.POLICY else [MemberFactory()]
        grievance = model_class(*args, member=people[0] if people else None, **fields)
        grievance.save(people=people)
        Grievant.objects.bulk_create([Grievant(grievance=grievance, member=member) for member in people])
        return grievance


class StepRecordFactory(DjangoModelFactory):
    """The record of a meeting at step 1 whose answer is still out."""

    class Meta:
        model = GrievanceStepRecord

    grievance = factory.SubFactory(GrievanceFactory, status=GrievanceStatus.HEARING)
    step_number = 1
    meeting_date = AS_OF - datetime.timedelta(10)
    union_attendees = "D. Reyes, steward"
    employer_attendees = "M. Stone, plant manager"
    notes = "The employer will look at the overtime list."


class EmployerAnswerFactory(DjangoModelFactory):
    """The employer's denial at step 1, which came by mail some days after the meeting."""

    class Meta:
        model = AnswerReceived

    grievance = factory.SubFactory(GrievanceFactory, status=GrievanceStatus.HEARING)
    step_number = 1
    received_on = AS_OF - datetime.timedelta(4)
    how = AnswerHow.MAIL
    answer = Answer.DENIED
    given_by = "M. Stone, plant manager"
    words = "The list was followed."


class CaseDocumentFactory(DjangoModelFactory):
    """A text with its content in the store. `content` is what it says, `upload_name` what its owner calls it."""

    class Meta:
        model = CaseDocument

    grievance = factory.SubFactory(GrievanceFactory)
    category = DocumentCategory.EVIDENCE
    added_by = factory.SubFactory(UserFactory)
    content = factory.Sequence(lambda number: f"Overtime list {number}".encode())
    upload_name = "List.txt"

    @classmethod
    def _create(cls, model_class: Any, *args: Any, **fields: Any) -> Any:
        upload = SimpleUploadedFile(fields.pop("upload_name"), fields.pop("content"))
        fields = {name: value for name, value in fields.items() if value is not None}
        with taken_in(model_class, [upload], **fields) as rows:
            rows[0].save()
        return rows[0]


class IntakeDocumentFactory(CaseDocumentFactory):
    """A text with a draft."""

    class Meta:
        model = IntakeDocument

    intake = factory.SubFactory(IntakeFactory)
    grievance = None


class TaskFactory(DjangoModelFactory):
    """An open to-do."""

    class Meta:
        model = CaseTask

    grievance = factory.SubFactory(GrievanceFactory)
    kind = TaskKind.TODO
    what = "Call the foreman of the night shift."
    person = factory.LazyAttribute(lambda made: UserFactory() if made.kind == TaskKind.TODO else None)
    asked_on = AS_OF - datetime.timedelta(9)
    due = AS_OF


class ResolutionFactory(DjangoModelFactory):
    """How a settled case ended; each grievant was told in person that day."""

    class Meta:
        model = Resolution
        skip_postgeneration_save = True

    grievance = factory.SubFactory(GrievanceFactory, settled=True)
    outcome = factory.LazyAttribute(lambda made: made.grievance.status)
    day = factory.LazyAttribute(lambda made: made.grievance.resolution_date)
    reason = factory.LazyAttribute(lambda made: made.grievance.resolution)
    decided_by = "The grievance committee"
    amount = factory.LazyAttribute(lambda made: made.grievance.settlement_amount)
    with_prejudice = factory.LazyAttribute(lambda made: False if made.outcome == GrievanceStatus.WITHDRAWN else None)

    @factory.post_generation
    def told(resolution: Resolution, create: bool, extracted: Any, **kwargs: Any) -> None:  # noqa: N805
        if create:
            for grievant in resolution.grievance.grievants.all():
                GrievantTold.objects.create(
                    resolution=resolution, grievant=grievant, told_on=resolution.day, how=Told.IN_PERSON
                )


class HolidayListFactory(DjangoModelFactory):
    """The federal holidays, with a version of the years around AS_OF."""

    class Meta:
        model = HolidayList
        skip_postgeneration_save = True

    name = factory.Sequence(lambda number: f"Holidays {number}")
    names = factory.LazyFunction(lambda: list(FEDERAL))

    @factory.post_generation
    def version(made: HolidayList, create: bool, extracted: Any, **kwargs: Any) -> None:  # noqa: N805
        if create:
            HolidayListVersion.objects.create(holiday_list=made, number=1, days=days_in(made, AS_OF))


class AgreementFactory(DjangoModelFactory):
    """Three steps; 10 working days to file, 10 to meet, 5 to answer, 10 to move on, from the answer or its due date."""

    class Meta:
        model = Agreement
        skip_postgeneration_save = True

    employer = factory.SubFactory(OrganizationFactory)
    title = "Agreement of the plant"
    effective_from = AS_OF - datetime.timedelta(700)
    effective_to = AS_OF + datetime.timedelta(400)
    holiday_list = factory.SubFactory(HolidayListFactory)

    @factory.post_generation
    def rules(agreement: Agreement, create: bool, extracted: Any, **kwargs: Any) -> None:  # noqa: N805
        if not create or extracted is False:
            return
        for position, step in enumerate(Step.values[:3], 1):
            stage = AgreementStage.objects.create(
                agreement=agreement, position=position, step=step, name=f"Stage {position}"
            )
            for clock, days, trigger in USUAL_RULES:
                if clock == ClockKind.FILE and position > 1:
                    continue
                StepRule.objects.create(
                    stage=stage, clock=clock, days=days, unit="working", trigger=trigger, clause=f"Article 9.{position}"
                )


USUAL_RULES = (
    (ClockKind.FILE, 10, "knowledge"),
    (ClockKind.MEET, 10, "begun"),
    (ClockKind.ANSWER, 5, "meeting"),
    (ClockKind.APPEAL, 10, "answer_or_due"),
)


class AgreementClosureFactory(DjangoModelFactory):
    class Meta:
        model = AgreementClosure

    agreement = factory.SubFactory(AgreementFactory, rules=False)
    name = "Christmas closure"
    first_day = datetime.date(2026, 12, 24)
    last_day = datetime.date(2027, 1, 1)


class AgreementClauseFactory(DjangoModelFactory):
    class Meta:
        model = AgreementClause

    agreement = factory.SubFactory(AgreementFactory, rules=False)
    position = 1
    article = "Article 9"
    section = "Section 1"
    title = "Grievances"
    text = "A grievance is filed within ten working days."


class DeadlineFactory(DjangoModelFactory):
    """A date of ours that runs, at a case that is there to be worked."""

    class Meta:
        model = Deadline

    grievance = factory.SubFactory(GrievanceFactory)
    side = "union"
    clock = ClockKind.APPEAL
    stage = 1
    stage_name = "Stage 1"
    started_by = "answer"
    started_on = AS_OF - datetime.timedelta(5)
    contract_date = AS_OF + datetime.timedelta(5)
    due = factory.SelfAttribute("contract_date")


class DeliveryFactory(DjangoModelFactory):
    class Meta:
        model = Delivery

    grievance = factory.SubFactory(GrievanceFactory)
    what = "Grievance form"
    how = "certified"
    to_whom = "M. Stone, plant manager"
    delivered_at = factory.LazyFunction(timezone.now)
    proof = "Receipt 7019 0140 0000 1234 5678"


class ExtensionFactory(DjangoModelFactory):
    """Agreed on, without its document yet."""

    class Meta:
        model = Extension

    deadline = factory.SubFactory(DeadlineFactory)
    grievance = factory.SelfAttribute("deadline.grievance")
    new_date = factory.LazyAttribute(lambda made: made.deadline.contract_date + datetime.timedelta(7))
    for_union = "D. Reyes"
    for_employer = "M. Stone"
    agreed_on = AS_OF


class AwayFactory(DjangoModelFactory):
    """Ten days around AS_OF, unless days are given."""

    class Meta:
        model = Away

    person = factory.SubFactory(UserFactory)
    stand_in = factory.SubFactory(UserFactory)
    first_day = AS_OF - datetime.timedelta(4)
    last_day = AS_OF + datetime.timedelta(5)
    starts_at = factory.LazyAttribute(lambda made: begin_of(made.first_day))
    ends_at = factory.LazyAttribute(lambda made: begin_of(made.last_day + datetime.timedelta(1)))


class DocketFactory(DjangoModelFactory):
    """A meeting to come with one employer; `cases` are on it in this order."""

    class Meta:
        model = Docket
        skip_postgeneration_save = True

    employer = factory.SubFactory(OrganizationFactory)
    meeting_date = AS_OF
    place = "Plant office"

    @factory.post_generation
    def cases(docket: Docket, create: bool, extracted: Any, **kwargs: Any) -> None:  # noqa: N805
        for position, case in enumerate(extracted or (), 1):
            DocketCase.objects.create(docket=docket, grievance=case, position=position)


def one_of_each(user: User, **case: Any) -> dict[str, Any]:
    """A row of each kind that hangs on agreements and dates, by the model's label; `case` are fields of the case."""
    agreement = AgreementFactory()
    rule = StepRule.objects.filter(stage__agreement=agreement).earliest("created_at")
    deadline = DeadlineFactory(grievance=GrievanceFactory(agreement=agreement, employer=agreement.employer, **case))
    docket = DocketFactory(employer=agreement.employer, cases=[deadline.grievance])
    digest = sha256(secrets.token_bytes()).hexdigest()
    worded = {"title": "Meet us", "body": "At {step}.", "written_by": user}
    made = [
        agreement,
        rule,
        rule.stage,
        agreement.holiday_list,
        agreement.holiday_list.versions.get(),
        AgreementClosureFactory(agreement=agreement),
        AgreementClauseFactory(agreement=agreement),
        AgreementFileFactory(agreement=agreement, added_by=user),
        deadline,
        DeliveryFactory(grievance=deadline.grievance),
        (extension := ExtensionFactory(deadline=deadline)),
        docket,
        docket.cases.get(),
        AwayFactory(person=user, first_day=local_today(), last_day=local_today() + datetime.timedelta(9)),
        StageEntryFactory(grievance=deadline.grievance),
        LetterText.objects.get_or_create(kind="step-letter", number=1, defaults=worded)[0],
        DeadlineFeed.objects.get_or_create(user=user, defaults={"token_sha256": digest})[0],
    ]
    docket.extensions.add(extension)
    return {row._meta.label_lower: row for row in made}


class StageEntryFactory(DjangoModelFactory):
    class Meta:
        model = StageEntry

    grievance = factory.SubFactory(GrievanceFactory)
    stage = 1
    stage_name = "Stage 1"
    entered_on = FILED


class AgreementFileFactory(DjangoModelFactory):
    """A text with its content in the store."""

    class Meta:
        model = AgreementFile

    agreement = factory.SubFactory(AgreementFactory, rules=False)
    added_by = factory.SubFactory(UserFactory)
    category = "contract"
    upload_name = "Contract.txt"
    content = factory.Sequence(lambda number: f"Contract {number}, signed.".encode())

    @classmethod
    def _create(cls, model_class: type[AgreementFile], *args: Any, **kwargs: Any) -> AgreementFile:
        upload = SimpleUploadedFile(kwargs.pop("upload_name"), kwargs.pop("content"))
        with taken_in(model_class, [upload], **kwargs) as rows:
            rows[0].save()
        return rows[0]
