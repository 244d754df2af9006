from grievances.models.agreement import (
    Agreement,
    AgreementClause,
    AgreementClosure,
    AgreementFile,
    AgreementQuerySet,
    AgreementStage,
    StepRule,
)
from grievances.models.answer import AnswerQuerySet, AnswerReceived
from grievances.models.arbitration import (
    Arbitration,
    ArbitrationCost,
    ArbitrationQuerySet,
    Award,
    HearingDay,
    PanelName,
)
from grievances.models.away import Away, stand_ins_of
from grievances.models.deadline import (
    Deadline,
    DeadlineFeed,
    DeadlineQuerySet,
    Delivery,
    Extension,
    StageEntry,
)
from grievances.models.docket import DOCKET_OUTCOMES, Docket, DocketCase
from grievances.models.document import CaseDocument, CaseDocumentQuerySet
from grievances.models.facts import FACTS, CaseFacts
from grievances.models.fields import LONGEST_NOTE, LONGEST_TEXT, any_day, dated, line, paragraphs, person
from grievances.models.flag import Abeyance, UntimelyClaim
from grievances.models.grievance import (
    CASE_TEXT,
    CaseText,
    Grievance,
    GrievanceQuerySet,
    Grievant,
    GrievantQuerySet,
    PartQuerySet,
    named_rows,
)
from grievances.models.holidays import HolidayList, HolidayListVersion
from grievances.models.imports import CaseImport, CaseImportRow, CaseMatching
from grievances.models.intake import UNFILED, GrievanceIntake, IntakeQuerySet
from grievances.models.intake_document import IntakeDocument, IntakeDocumentQuerySet
from grievances.models.letter import LetterText
from grievances.models.policy import ENTRY_STEPS, GrievancePolicy, PolicyQuerySet
from grievances.models.resolution import GrievantTold, Resolution, ResolutionQuerySet, ToldQuerySet
from grievances.models.step_record import GrievanceStepRecord, StepRecordQuerySet, decisive, latest
from grievances.models.task import CaseTask, TaskQuerySet
