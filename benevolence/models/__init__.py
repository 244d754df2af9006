from benevolence.models.application import (
    TEXT_LENGTH,
    TO_DO_FOR_ENTRANT,
    ApplicationQuerySet,
    BenevolenceApplication,
    sort_number,
)
from benevolence.models.document import ApplicationDocument, DocumentQuerySet, kind_label, with_documents
from benevolence.models.fund import FundAccount, FundSettings, FundTransfer
from benevolence.models.intake import IntakeNote
from benevolence.models.paper import PaperDecision, PaperFile
from benevolence.models.past_help import (
    PAST_HELP_PERMISSIONS,
    HelpImport,
    HelpImportRow,
    HelpMatching,
    PastHelp,
    PastHelpQuerySet,
)
from benevolence.models.payment import MOST_PAYEES, Payment, PaymentLine, PaymentRun
from benevolence.models.policy import ABOVE_ZERO, FIRST_DAY, MOST_LOOKBACK, RISING, BenevolencePolicy, PolicyQuerySet
from benevolence.models.relationship import DeclaredRelationship, RelationshipQuerySet, RelationshipStatement
from benevolence.models.review import AnswerQuerySet, ApplicantAnswer, BenevolenceReview, PartQuerySet
from benevolence.models.seat import Absence, CaseSubstitute, Seat
from benevolence.models.sides import (
    ANY_PERMISSION,
    FULL_PERMISSIONS,
    REVIEW_PERMISSIONS,
    decided_what_is_appealed,
    is_applicant,
    is_own,
    is_related,
    levels_of,
    reviews_by,
    seen_as_applicant,
    seen_at_intake,
    seen_by_name,
    seen_in_full,
    waits_for_confirmation,
)
from benevolence.models.statement import BankStatement
from benevolence.models.vote import MOTION_LENGTH, Vote
