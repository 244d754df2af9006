"""The moves of an application as people take them."""

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from benevolence.enums import Level, Status
from benevolence.forms import applications
from benevolence.forms import payments as paying
from benevolence.forms import reviews as decisions
from benevolence.models import BenevolenceApplication
from benevolence.services import applications as services
from benevolence.services import carrying, fund, payments, reviews
from benevolence.services.facts import policy_of
from benevolence.services.policy import level_after
from benevolence.services.workflow import FLOW, decides, who_pays
from core.web.formats import money_text
from core.web.moves import Move, MoveForm, Moves, WhyForm


def before_approval(application: BenevolenceApplication) -> str:
    if not application.level_due:  # decided or withdrawn since the form was opened
        return ""
    if decides(application):
        return gettext("Yours is the last level: with your approval the help is granted and goes on to be paid.")
    level = level_after(application.level_due, policy_of(application)).label
    return gettext("Your level agrees. Next decides: %(level)s. The last level grants the help.") % {"level": level}


def after_approval(application: BenevolenceApplication) -> str:
    if application.status != Status.APPROVED:
        level = Level(application.level_due).label
        return gettext("Approved at your level. Next decides: %(level)s.") % {"level": level}
    granted = {"amount": money_text(application.approved_amount)}
    if people := ", ".join(user.full_name for user in who_pays(application)):
        return gettext("Granted: %(amount)s. Next it is paid, by %(people)s.") % {**granted, "people": people}
    return gettext("Granted: %(amount)s. Nobody can pay it now; ask an officer to appoint somebody.") % granted


def before_release(application: BenevolenceApplication) -> str:
    left = money_text(fund.kept_for(application))
    return gettext(
        "Nobody is paid the %(left)s that are still set aside, and they go back to the fund: say why, for the applicant"
        " is told. What is paid stays."
    ) % {"left": left}


def after_release(application: BenevolenceApplication) -> str:
    if application.status == Status.PAID:
        paid = money_text(application.approved_amount)
        return gettext("Released. The application is paid, with %(paid)s.") % {"paid": paid}
    return gettext("Released. The application is withdrawn; nothing was paid.")


MOVES = Moves(
    FLOW,
    {
        "submit": Move(
            services.submit,
            lead=_(
                "The application goes to the people who decide. You can still change or withdraw it until it is paid."
            ),
            done=_("Application submitted."),
            icon="send",
        ),
        "carry_over": Move(
            carrying.carry_over,
            lead=_(
                "You have the paper in your hands, and it says what is recorded here. The application then goes on at"
                " the next level; you decide and pay nothing of it."
            ),
            done=_("Confirmed. It goes on at the next level."),
            icon="file-text",
            grave=True,
        ),
        "answer": Move(
            services.answer,
            applications.AnswerForm,
            lead=_("The review goes on where it stopped."),
            done=_("Answer sent. The review goes on."),
            icon="message-circle",
        ),
        "amend": Move(
            services.amend,
            applications.AmendForm,
            lead=_("What was decided so far no longer counts, and the review starts again."),
            done=_("Application changed. The review starts again."),
            icon="pencil",
            quiet=True,
        ),
        "withdraw": Move(
            services.withdraw,
            applications.WithdrawForm,
            lead=_("The application ends here and is not paid. You can apply again at any time."),
            done=_("Application withdrawn."),
            icon="x",
            danger=True,
        ),
        "approve": Move(
            reviews.approve,
            decisions.ApproveForm,
            lead=before_approval,
            done=after_approval,
            icon="thumb-up",
            grave=True,
        ),
        "ask": Move(
            reviews.ask,
            decisions.AskForm,
            lead=_("The application waits for the answer and comes back to your level."),
            done=_("Question sent."),
            icon="message-question",
        ),
        "start": Move(
            reviews.start_review,
            MoveForm,
            lead=_("The applicant sees that somebody is looking at it."),
            done=_("Review started."),
            icon="player-play",
        ),
        "defer": Move(
            reviews.defer,
            decisions.DeferForm,
            lead=_("The application stays at your level. You may decide it earlier."),
            done=_("Put off."),
            icon="clock-pause",
        ),
        "deny": Move(
            reviews.deny,
            decisions.DenyForm,
            lead=_("The application ends here. The applicant may apply again; other people then decide."),
            done=_("Application denied."),
            icon="thumb-down",
            danger=True,
            grave=True,
        ),
        "pay": Move(
            payments.pay,
            paying.PayForm,
            lead=_("Record the payment after it is made. Each payee is paid once, what was approved."),
            done=_("Payment recorded."),
            icon="cash",
            grave=True,
        ),
        "reverse": Move(
            payments.reverse,
            paying.ReverseForm,
            lead=_("The money is set aside again, to be paid anew. The voucher and the check keep their numbers."),
            done=_("Payment void. Its money is set aside again."),
            icon="receipt",
            danger=True,
            quiet=True,
            grave=True,
        ),
        "release": Move(
            payments.release,
            WhyForm,
            lead=before_release,
            done=after_release,
            icon="arrow-back-up",
            danger=True,
            quiet=True,
            grave=True,
        ),
    },
)
