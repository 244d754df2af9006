from benevolence.models.application import (
    ANY_PERMISSION,
    FULL_PERMISSIONS,
    REVIEW_PERMISSIONS,
    TEXT_LENGTH,
    TO_DO_FOR_ENTRANT,
    ApplicationQuerySet,
    BenevolenceApplication,
    is_applicant,
    is_own,
    is_related,
    levels_of,
    reviews_by,
    seen_as_applicant,
    seen_at_intake,
    seen_in_full,
    sort_number,
)
from benevolence.models.document import ApplicationDocument, DocumentQuerySet, kind_label, with_documents
from benevolence.models.fund import FundAccount, FundSettings, FundTransfer
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
from benevolence.models.relationship import DeclaredRelationship, RelationshipQuerySet
from benevolence.models.review import AnswerQuerySet, ApplicantAnswer, BenevolenceReview, PartQuerySet
from benevolence.models.statement import BankStatement
