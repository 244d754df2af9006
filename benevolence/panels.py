"""What benevolence offers to the pages that unionops composes."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

from django.db.models import Case, F, Q, QuerySet, TextField, Value, When
from django.urls import resolve, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from benevolence import permissions as p
from benevolence.display import member_words, next_words, status_badge, status_words
from benevolence.enums import IN_REVIEW, OPEN, QUESTION, Side, Status
from benevolence.models import (
    ANY_PERMISSION,
    FULL_PERMISSIONS,
    REVIEW_PERMISSIONS,
    TO_DO_FOR_ENTRANT,
    ApplicationQuerySet,
    BenevolenceApplication,
    Payment,
    is_applicant,
    levels_of,
    waits_for_confirmation,
)
from benevolence.services.sides import searched_by
from core.db.one_of import OneOf
from core.db.prepared import prepared
from core.enums import Badge, badge_of
from core.permissions import Actor, may
from core.web.first_page import last_changed
from core.web.formats import money_text
from core.web.keyset import count_in_words, countable, first_found
from core.web.panels import Figure, Happened, Hit, HitGroup, Matter, Waiting, figure, recent
from core.web.waiting import FIRST, At, Waits, Work, in_order, total_of
from members.models import Member
from members.models.member import joined_name

FOUND = 6
MOST_SHOWN = 10


def search(user: Actor, text: str) -> HitGroup:
    visible = BenevolenceApplication.objects.visible_to(user).select_related("member")
    found = first_found(searched_by(user, visible, text).with_side(user), "list_date", FOUND + 1)
    hits = [Hit(str(row), _hit_words(row), row.get_absolute_url()) for row in found]
    more = reverse("application_list") if len(found) > FOUND else ""
    return HitGroup(BenevolenceApplication, _("Benevolence applications"), hits[:FOUND], more)


def _hit_words(row: Any) -> str:
    return " · ".join(part for part in (member_words(row), status_words(row)) if part)


def figures(user: Actor) -> list[Figure]:
    found = []
    if may(user, (*REVIEW_PERMISSIONS.values(), p.PAY)):
        counts = WAITS.counts(user)
        waiting = total_of({name: counts.get(name, 0) for name in ("decide", "pay")})
        found.append(figure(_("Applications waiting for you"), waiting, reverse("application_queue")))
    if may(user, FULL_PERMISSIONS):
        found.append(figure(_("Benevolence applications"), _visible.count(user), reverse("application_list")))
    elif may(user, p.APPLY_FOR_MEMBER):
        found.append(
            figure(_("Applications in review that you look after"), _in_review.count(user), reverse("application_list"))
        )
    return found


@prepared
def _visible(asker: Actor) -> QuerySet:
    return countable(BenevolenceApplication.objects.visible_to(asker))


@prepared
def _in_review(asker: Actor) -> QuerySet:
    return countable(BenevolenceApplication.objects.visible_to(asker).filter(status__in=IN_REVIEW))


def _to_decide(asker: Actor, at: At) -> ApplicationQuerySet | None:
    """Not what they may not decide, nor what waits for an answer or is put off."""
    if not (levels := levels_of(asker)):
        return None
    ready = Q(is_awaiting_applicant=False) & (Q(deferred_until=None) | Q(deferred_until__lte=at.day))
    ready &= Q(on_turn=None) | Q(on_turn=asker.pk) | Q(substitute=asker.pk)
    due = BenevolenceApplication.objects.in_full(asker).filter(ready, status__in=IN_REVIEW)
    due = due.filter(Q(level_due__in=levels) | Q(substitute=asker.pk))
    apart = dict.fromkeys(("has_reviewed_elsewhere", "decided_before", "has_confirmed", "has_prepared"), False)
    free = due.for_person(asker).filter(**apart)
    return free.exclude(begun_by=asker.pk).exclude(entered_by=asker.pk)


def _to_pay(asker: Actor, at: At) -> ApplicationQuerySet | None:
    if not may(asker, p.PAY):
        return None
    approved = BenevolenceApplication.objects.in_full(asker).filter(status=Status.APPROVED)
    free = approved.for_person(asker).filter(has_reviewed=False, has_confirmed=False)
    return free.exclude(begun_by=asker.pk).exclude(entered_by=asker.pk)


def _to_sign(asker: Actor, at: At) -> QuerySet[Payment] | None:
    return Payment.objects.waiting_for_signature(asker) if may(asker, p.COUNTERSIGN) else None


def _to_confirm(asker: Actor, at: At) -> ApplicationQuerySet | None:
    if not may(asker, p.CONFIRM_PAPER):
        return None
    return BenevolenceApplication.objects.filter(waits_for_confirmation(asker))


def _to_prepare(asker: Actor, at: At) -> ApplicationQuerySet | None:
    """What the office confirms or prepares before the levels approve."""
    if not may(asker, p.APPLY_FOR_MEMBER):
        return None
    waiting = BenevolenceApplication.objects.visible_to(asker).filter(needs_intake=True, status__in=IN_REVIEW)
    return waiting.for_person(asker).filter(is_own=False, side=Side.INTAKE)


def _begun(asker: Actor) -> ApplicationQuerySet | None:
    """What the person finishes or answers as the applicant, or for one."""
    if not may(asker, p.REQUEST) or not may(asker, (p.VIEW_OWN_APPLICATIONS, p.APPLY_FOR_MEMBER)):
        return None
    # Each of the two is found by its own index.
    begun = BenevolenceApplication.objects.filter(TO_DO_FOR_ENTRANT)
    found = Q(OneOf("pk", begun.filter(entered_by=asker.pk).values("pk")))
    if cast(User, asker).own_member_id:
        found |= Q(OneOf("pk", begun.filter(is_applicant(asker)).values("pk")))
    return BenevolenceApplication.objects.visible_to(asker).filter(found)


def _drafts(asker: Actor, at: At) -> ApplicationQuerySet | None:
    rows = _begun(asker)
    return rows if rows is None else rows.filter(status=Status.DRAFT)


def _questions(asker: Actor, at: At) -> ApplicationQuerySet | None:
    rows = _begun(asker)
    return rows if rows is None else rows.filter(is_awaiting_applicant=True)


def _line(what: Any, asks: Any, badge: Badge | None = None) -> Callable[..., Waiting]:
    """What to do with an application, and what is asked where the amount is not told."""

    def line(key: str, number: str, status: str, first: str, last: str, cents: str = "") -> Waiting:
        url, shown = reverse("application_detail", args=[UUID(key)]), badge or badge_of(Status, status)
        amount = money_text(Decimal(cents) / 100) if cents else str(asks)
        return Waiting(
            str(what) % {"number": number}, url, str(shown.text), shown.tone, joined_name(first, last), amount
        )

    return line


def _signature(key: str, voucher: str, payee: str, cents: str) -> Waiting:
    what, url = _("Sign payment %(number)s") % {"number": voucher}, reverse("payment", args=[UUID(key)])
    return Waiting(what, url, _("Not signed yet"), "amber", payee, money_text(Decimal(cents) / 100))


def unless_blind(name: str) -> Any:
    """The name as far as a reviewer of this application may read it."""
    return Case(When(is_blind=True, then=Value("")), default=F(name), output_field=TextField())


WORDS = ("application_number", "status", "member__first_name", "member__last_name")
# What to decide, to pay, to sign, to confirm, to prepare, to finish, to answer. The intake side is not told the amount
# of what is submitted.
WAITS = Waits(
    Work(
        "decide",
        gettext_lazy("Applications to decide"),
        BenevolenceApplication,
        _to_decide,
        _line(gettext_lazy("Decide %(number)s"), ""),
        (*WORDS[:2], *(unless_blind(name) for name in WORDS[2:]), "amount_requested"),
        since="list_date",
        due="needed_by",
        in_days=True,
    ),
    Work(
        "pay",
        gettext_lazy("Applications to pay"),
        BenevolenceApplication,
        _to_pay,
        _line(gettext_lazy("Pay %(number)s"), ""),
        (*WORDS, "approved_amount"),
        since="list_date",
        due="needed_by",
        in_days=True,
    ),
    Work(
        "sign",
        gettext_lazy("Payments to sign"),
        Payment,
        _to_sign,
        _signature,
        ("voucher_number", "line__payee_name", "amount"),
        since="created_at",
    ),
    Work(
        "confirm_paper",
        gettext_lazy("Paper decisions to confirm"),
        BenevolenceApplication,
        _to_confirm,
        _line(gettext_lazy("Compare with the paper and confirm"), gettext_lazy("A confirmation")),
        WORDS,
        since="list_date",
        due="needed_by",
        in_days=True,
    ),
    Work(
        "prepare",
        gettext_lazy("Intake to finish"),
        BenevolenceApplication,
        _to_prepare,
        _line(gettext_lazy("Finish the intake of %(number)s"), gettext_lazy("The intake")),
        WORDS,
        since="list_date",
        due="needed_by",
        in_days=True,
    ),
    Work(
        "application_drafts",
        gettext_lazy("Drafts of applications"),
        BenevolenceApplication,
        _drafts,
        _line(gettext_lazy("Finish an application"), ""),
        (*WORDS, "amount_requested"),
        since="list_date",
        due="needed_by",
        in_days=True,
    ),
    Work(
        "questions",
        gettext_lazy("Questions to answer"),
        BenevolenceApplication,
        _questions,
        _line(gettext_lazy("Answer the question about %(number)s"), gettext_lazy("An answer"), QUESTION),
        WORDS,
        since="list_date",
        in_days=True,
    ),
)


def own_matters(user: Actor) -> list[Matter]:
    """The person's own applications that are not over."""
    if not may(user, p.VIEW_OWN_APPLICATIONS) or not cast(User, user).own_member_id:
        return []
    return [
        Matter(
            row.application_number or _("Draft application"),
            row.get_absolute_url(),
            status_badge(row),
            next_words(row),
            BenevolenceApplication,
        )
        for row in _own(user)
    ]


@prepared
def _own(asker: Actor) -> QuerySet[BenevolenceApplication]:
    rows = BenevolenceApplication.objects.visible_to(asker).filter(is_applicant(asker), status__in=OPEN)
    return rows.order_by("-list_date", "-pk")[:MOST_SHOWN]


@dataclass(frozen=True, slots=True)
class AdminQueue:
    """What waits for a level or a payment of the person: how much, and the first lines, which lead into the admin."""

    count: str
    rows: list[Waiting]
    urls: frozenset[str]  # where the same lines lead in the portal


def admin_queue(user: Actor) -> AdminQueue | None:
    """None for who decides and pays nothing, or has nothing to decide or pay now."""
    kinds = [name for name, holds in (("decide", levels_of(user)), ("pay", may(user, p.PAY))) if holds]
    rows = in_order(row for name in kinds for row in WAITS.rows(user, most=FIRST, only=name))[:FIRST]
    if not rows:
        return None
    counts, urls = WAITS.counts(user), frozenset(row.url for row in rows)
    for row in rows:
        key = resolve(row.url).kwargs["pk"]
        row.url = reverse("admin:benevolence_benevolenceapplication_change", args=[key])
    return AdminQueue(count_in_words(total_of({name: counts.get(name, 0) for name in kinds})), rows, urls)


def happened(user: Actor, limit: int) -> list[Happened]:
    """Of applications seen in full: an event names who decided."""
    if not may(user, FULL_PERMISSIONS):
        return []
    return recent(last_changed(BenevolenceApplication.objects.by_name, limit)(user).rows, str, limit)


@dataclass(frozen=True, slots=True)
class MemberPanel:
    """A member's applications, as far as the person sees them: (application, badge)."""

    rows: list[tuple[Any, tuple[str, str, str]]]
    apply_url: str
    is_own: bool
    template = "benevolence/applications/_member_panel.html"


def member_panel(member: Member, user: Actor) -> MemberPanel | None:
    """None where there is nothing to see and the person cannot apply here, for themselves or for the member."""
    if not may(user, ANY_PERMISSION):
        return None
    is_own = member.pk == cast(User, user).own_member_id
    url = _apply_url(member, user, is_own=is_own)
    found = _of_person(user, member=member.merged_into_id or member.pk)
    return MemberPanel([(row, status_badge(row)) for row in found], url, is_own) if found or url else None


def _apply_url(member: Member, user: Actor, *, is_own: bool) -> str:
    """Where the form for this member begins; whoever enters it for others finds the member filled in."""
    if member.is_deleted:
        return ""
    if may(user, p.APPLY_FOR_MEMBER):
        return f"{reverse('application_create')}?member={member.pk}"
    return reverse("application_create") if is_own and may(user, p.APPLY) else ""


@prepared
def _of_person(asker: Actor, *, member: Any) -> QuerySet[BenevolenceApplication]:
    visible = BenevolenceApplication.objects.visible_to(asker).of_person(Member(pk=member)).named_to(asker)
    return visible.order_by("-list_date", "-pk")[:MOST_SHOWN]
