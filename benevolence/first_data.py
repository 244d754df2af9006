"""The applications that a demonstration shows: each walked from its draft to where it stands by the moves of FLOW."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from itertools import chain
from operator import attrgetter
from pathlib import Path
from random import Random
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef

from accounts.first_data import holder_of, moment_of
from benevolence.enums import (
    GRANTED,
    IN_REVIEW,
    LEVELS,
    BenevolenceAction,
    Decision,
    Level,
    Reason,
    Status,
    position_of,
)
from benevolence.first_money import FirstMoney, Paid
from benevolence.first_office import answer, record_on_paper, write_past_help
from benevolence.first_proof import keep_proofs
from benevolence.models import BenevolenceApplication, BenevolencePolicy, BenevolenceReview
from benevolence.services.policies import locked_rules
from benevolence.services.policy import days_for, is_last, level_after, levels_needed
from benevolence.services.workflow import FLOW
from core.audit import trail
from core.db.update import update_many
from core.enums import CoreAction
from core.errors import DomainError
from core.records import bulk
from core.records.numbers import reserve_numbers, written_number
from members.enums import MemberStatus, Standing
from members.models import Member

SETS_AT_ONCE = 100
APPROVE, DENY, ASK, DEFER, RUN = "approve", "deny", "ask", "defer", "run"
# Reason, least and most in dollars (so many levels decide it), and what was done with it since it was begun: 25 of
# them, with 47 reviews (one for each approve, deny, ask and defer), every reason and every status.
PLAN: tuple[tuple[str, int, int, str], ...] = (
    ("other", 100, 480, "submit start approve pay"),
    ("hardship", 600, 2_000, "submit start approve approve run"),
    ("death_in_family", 1_000, 2_000, "submit approve approve run"),
    ("medical", 2_100, 5_000, "submit start approve approve approve pay"),
    ("death_in_family", 2_100, 3_000, "submit approve approve approve pay"),
    ("disaster", 5_100, 7_400, "submit start approve approve approve approve pay"),
    ("hardship", 200, 500, "submit approve"),
    ("medical", 600, 2_000, "submit start approve approve"),
    ("other", 520, 1_000, "submit approve approve"),
    ("disaster", 2_100, 5_000, "submit start approve approve approve"),
    ("disaster", 7_500, 7_500, "submit start approve approve approve approve"),
    ("other", 100, 100, "submit deny"),
    ("hardship", 600, 2_000, "submit start approve deny"),
    ("medical", 2_100, 5_000, "submit start approve approve deny"),
    ("disaster", 5_100, 7_000, "submit start approve approve approve deny"),
    ("death_in_family", 1_000, 2_000, "submit start approve"),
    ("medical", 2_100, 5_000, "submit approve approve"),
    ("hardship", 250, 500, "submit start ask"),
    ("medical", 600, 1_900, "submit start defer"),
    ("disaster", 5_100, 7_000, "submit start approve approve ask answer"),
    ("death_in_family", 1_000, 2_000, "submit"),
    ("medical", 2_100, 5_000, "submit"),
    ("other", 520, 900, ""),
    ("other", 520, 1_000, "submit withdraw"),
    ("death_in_family", 2_100, 3_000, "submit start approve defer withdraw"),
)
APPEAL, APPEALED, ON_PAPER = 21, 13, 22  # places in the plan
PAY = ("pay", RUN)
# How many days ago the last move was, where that is not left to chance: the run's checks are not signed yet.
SINCE = {1: 6, 2: 6, APPEALED: 20, APPEAL: 4, 19: 2}
DECISIONS = {
    APPROVE: Decision.APPROVED,
    DENY: Decision.DENIED,
    ASK: Decision.NEEDS_INFO,
    DEFER: Decision.DEFERRED,
}
SEATS = {
    Level.VP: ("benevolence-vp", "Marlene", "Ostrowski"),
    Level.ADMIN: ("benevolence-admin", "Teresa", "Quintana"),
    Level.MANAGER: ("benevolence-manager", "Harold", "Lindqvist"),
    Level.PRESIDENT: ("benevolence-president", "Yvonne", "Baptiste"),
}
# What an application is before the last level decides, by its fields.
UNDECIDED: dict[str, Any] = {
    "status": Status.SUBMITTED,
    "level_due": LEVELS[0],
    "payment_date": None,
    "payment_method": "",
    "payment_reference": "",
    "paid_by": None,
}
RECORDED = ("member", "reason", "description", "amount_requested", "needed_by")


@cache
def texts() -> dict[str, Any]:
    return json.loads((Path(settings.BASE_DIR) / "fixtures" / "phase2" / "benevolence.json").read_text("utf-8"))


@dataclass
class Request:
    """One application on its way: the reviews and events that its moves have made, then its money."""

    application: BenevolenceApplication
    has_proof: bool = False
    paid: Paid = field(default_factory=lambda: Paid([]))
    reviews: list[BenevolenceReview] = field(default_factory=list)
    events: list[trail.Entry] = field(default_factory=list)
    granted: dict[str, Any] = field(default_factory=dict)


@dataclass
class FirstApplications:
    """Writes `scale` sets, each for members of their own; the same seed and day give the same values."""

    what = "Applications"

    seed: int
    as_of: date
    scale: int = 1
    progress: Callable[[int], None] | None = None
    _requests: dict[Any, Request] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.random = Random(f"{self.seed}:benevolence:{BenevolenceApplication.objects.count()}")  # noqa: S311  (a seed repeats it)
        with transaction.atomic():
            self.rules = locked_rules()[0]
        self.office = holder_of("staff", "Irene", "Kowalski")
        self.treasurer = holder_of("treasurer", "George", "Abernathy")
        self.reviewers = {level: holder_of(*seat) for level, seat in SEATS.items()}
        self.members = self._find_members(len(PLAN) * self.scale)
        self._reviews = bulk.Inserter(BenevolenceReview, action=BenevolenceAction.APPROVED, recorded=())
        self.money = FirstMoney(self.random, self.treasurer, self.as_of, self.scale)

    def _find_members(self, wanted: int) -> list[int]:
        """Members whom the fund may help and who have not asked before, so that nothing earlier counts."""
        earlier = BenevolenceApplication.objects.filter(member=OuterRef("pk"))
        judges = [*self.reviewers.values(), self.treasurer]
        eligible = Member.objects.alive().filter(~Exists(earlier), status=MemberStatus.ACTIVE, standing=Standing.GOOD)
        eligible = eligible.exclude(pk__in=[judge.member_id for judge in judges if judge.member_id])
        found = list(eligible.order_by("pk").values_list("pk", flat=True)[: wanted * 2])
        if len(found) < wanted:
            raise DomainError(
                f"{wanted:,} active members in good standing without an application are needed, {len(found):,} are "
                "there. Run manage.py seed_phase1 --more first."
            )
        own = eligible.filter(account__isnull=False).order_by("pk").values_list("pk", flat=True).first()
        chosen = self.random.sample(found, wanted)
        if own is not None and own not in chosen:
            chosen[0] = own  # whoever signs in as a member has something to see
        return chosen

    def write(self) -> None:
        with transaction.atomic():
            self.money.open()
            write_past_help(self.random, self.members, self.as_of, self.treasurer)
            bulk.write(
                self._rows(),
                actor=self.office,
                action=CoreAction.CREATED,
                recorded=RECORDED,
                at=lambda application: moment_of(application.list_date),
                further=self._parts,
            )

    def _rows(self) -> Iterator[BenevolenceApplication]:
        for start in range(0, self.scale, SETS_AT_ONCE):
            end = min(start + SETS_AT_ONCE, self.scale)
            people = Member.objects.in_bulk(self.members[start * len(PLAN) : end * len(PLAN)])
            requests = [
                self._request(place, people[self.members[number * len(PLAN) + place]], has_proof=number == 0)
                for number in range(start, end)
                for place in range(len(PLAN))
            ]
            for first in range(0, len(requests), len(PLAN)):
                self._appeal(requests[first + APPEAL], requests[first + APPEALED])
            self._number(requests)
            for request in requests:
                amounts: list[Any] = [review.amount for review in request.reviews if review.amount is not None]
                self.money.fill(request.paid, request.application, amounts[-1] if amounts else None)
            self.money.number([request.paid for request in requests])
            for request in requests:
                request.application.fill_keys()
                self._requests[request.application.pk] = request
                self._hold_back(request)
                yield request.application
            if self.progress:
                self.progress(end)

    def _number(self, requests: list[Request]) -> None:
        """In the order of submission, year by year; a draft has no number."""
        by_year: dict[int, list[BenevolenceApplication]] = {}
        submitted = [request.application for request in requests if request.application.application_date]
        for application in sorted(submitted, key=attrgetter("application_date")):
            by_year.setdefault(application.application_date.year, []).append(application)
        for year, rows in by_year.items():
            for number, application in zip(reserve_numbers(f"BN-{year}", len(rows)), rows, strict=True):
                application.application_number = written_number("BN", year, number)

    # --- what happened ----------------------------------------------------------------------------

    def _request(self, place: int, member: Member, *, has_proof: bool) -> Request:
        reason, least, most, words = PLAN[place]
        path = words.split()
        days = self._days(path, SINCE.get(place))
        application = BenevolenceApplication(
            member=member,
            reason=Reason(reason),
            description=self.random.choice(texts()["descriptions"][reason]),
            amount_requested=Decimal(self.random.randint(least // 10, most // 10) * 10),
            needed_by=days[0] + timedelta(self.random.randint(20, 60)) if self.random.random() < 0.6 else None,
            notes=self.random.choice(texts()["notes"]) if self.random.random() < 0.3 else "",
            entered_by=self.office,
            list_date=days[0],
        )
        request = Request(application, has_proof)
        for move, day in zip(path, days[1:], strict=True):
            self._move(request, move, day)
            if application.level_due and move in ("submit", APPROVE, "answer"):
                self._begin_level(application, day)
        if not application.level_due:
            application.level_since = application.level_until = None
        return request

    @staticmethod
    def _begin_level(application: Any, day: date) -> None:
        """As turns.begin does it: the level has its days, fewer where help is needed sooner."""
        policy: Any = BenevolencePolicy()
        needed = levels_needed(application.amount_requested, policy)
        left = len(needed) - needed.index(Level(application.level_due))
        days = days_for(application.level_due, policy, left=left, today=day, needed_by=application.needed_by)
        application.level_since, application.level_until = day, day + timedelta(days)

    @staticmethod
    def _appeal(appeal: Request, denied: Request) -> None:
        """Let the one ask again for what was denied to the other."""
        for name in ("member", "description", "amount_requested", "needed_by"):
            setattr(appeal.application, name, getattr(denied.application, name))
        appeal.application.appeal_of = denied.application
        begun = moment_of(appeal.application.list_date)
        denied.events.append(
            trail.Entry(denied.application, BenevolenceAction.APPEALED, actor=appeal.application.entered_by, at=begun)
        )

    def _days(self, path: Sequence[str], since: int | None) -> list[date]:
        """The day on which it was begun and those of its moves, none after `as_of`."""
        gaps = [self.random.randint(0, 6) for _move in path]
        ended = bool(path) and path[-1] in (*PAY, DENY, "withdraw")
        chance = self.random.randint(5, 300) if ended else self.random.randint(0, 12)
        since = chance if since is None else since
        days = [self.as_of - timedelta(since + sum(gaps))]
        for gap in gaps:
            days.append(days[-1] + timedelta(gap))
        return days

    def _move(self, request: Request, move: str, day: date) -> None:
        application: Any = request.application
        policy: Any = BenevolencePolicy()
        level = application.level_due
        last = move == APPROVE and is_last(level, application.amount_requested, policy)
        target = Status.APPROVED if last else Status.UNDER_REVIEW if move == APPROVE else ""
        told = {"level": level} if level else {}
        reason = self.random.choice(texts()["withdrawals"]) if move == "withdraw" else ""
        entry = FLOW.replay(application, "pay" if move == RUN else move, target=target, reason=reason, **told)
        request.events.append(replace(entry, actor=self._actor(move, level), at=moment_of(day)))
        if move in DECISIONS:
            request.reviews.append(self._review(request, move, day, Level(level)))
        if move == "submit":
            application.application_date, application.policy = day, self.rules
            application.level_due, application.level_reached = LEVELS[0], 1
        elif move in PAY:
            application.payment_date = day
            request.paid.is_run = move == RUN and request.has_proof
        elif move == ASK:
            application.is_awaiting_applicant = True
        elif move == "answer":
            application.is_awaiting_applicant = False
        elif move == DEFER:
            application.deferred_until = request.reviews[-1].deferred_until
        elif last:
            application.level_due, application.approved_on = "", day
            application.approved_amount = request.reviews[-1].amount
        elif move == APPROVE:
            application.level_due = level_after(level, policy)
            application.level_reached = position_of(application.level_due)
        elif move in (DENY, "withdraw"):
            application.level_due, application.deferred_until = "", None

    def _actor(self, move: str, level: str) -> Any:
        if move in PAY:
            return self.treasurer
        return self.reviewers[Level(level)] if move in DECISIONS or move == "start" else self.office

    def _review(self, request: Request, move: str, day: date, level: Level) -> BenevolenceReview:
        application, decision, reviewer = request.application, DECISIONS[move], self.reviewers[level]
        if move == ASK:
            comments = texts()["questions"][application.reason]
        elif move == DEFER:
            comments = texts()["comments"]["deferred"]
        else:
            comments = texts()["comments"][decision][level]
        return BenevolenceReview(
            application=application,
            reviewer=reviewer,
            reviewer_name=reviewer.get_full_name(),
            review_level=level,
            decision=decision,
            amount=self._amount(request, level) if move == APPROVE else None,
            review_date=day,
            comments=self.random.choice(comments),
            deferred_until=self.as_of + timedelta(self.random.randint(5, 20)) if move == DEFER else None,
        )

    def _amount(self, request: Request, level: Level) -> Decimal:
        """What the level before approved; now and then the business manager lowers it."""
        approved = [review.amount for review in request.reviews if review.amount is not None]
        amount = approved[-1] if approved else request.application.amount_requested
        lowered = level == Level.MANAGER and self.random.random() < 0.4
        return Decimal(int(amount) * 8 // 100 * 10 if lowered else amount)

    # --- into the database ------------------------------------------------------------------------

    @staticmethod
    def _hold_back(request: Request) -> None:
        """The database lets nothing begin decided: what was granted comes in as it was before the last level."""
        application = request.application
        if application.status in GRANTED:
            request.granted = {name: getattr(application, name) for name in UNDECIDED}
            for name, value in UNDECIDED.items():
                setattr(application, name, value)

    @staticmethod
    def _grant(requests: list[Request]) -> None:
        granted = [request for request in requests if request.granted]
        for request in granted:
            for name, value in request.granted.items():
                setattr(request.application, name, value)
        update_many([request.application for request in granted], UNDECIDED)

    def _parts(self, batch: list[BenevolenceApplication]) -> Iterator[trail.Entry]:
        """The event of a review is that of the move that made it."""
        requests = [self._requests.pop(application.pk) for application in batch]
        reviews = [review for request in requests for review in request.reviews]
        self._reviews.insert(reviews)
        for review in reviews:
            review.created_at = moment_of(review.review_date)
        update_many(reviews, ("created_at",))
        signed = self.money.insert([request.paid for request in requests])
        self._grant(requests)
        for request in requests:
            request.events[:0] = self._beside(request)
        return chain((event for request in requests for event in request.events), signed)

    def _beside(self, request: Request) -> list[trail.Entry]:
        """Proofs, an answer and a decision on paper: of the first set alone, so that a large one stays fast."""
        if not request.has_proof:
            return []
        application, reviews, found = request.application, request.reviews, list[trail.Entry]()
        if application.status == Status.DRAFT:
            record_on_paper(application, self.reviewers[Level.VP], self.money.begun)
        elif application.status in (*IN_REVIEW, Status.APPROVED, Status.PAID):
            found = keep_proofs(application)
        if reviews and reviews[-1].decision == Decision.NEEDS_INFO and not application.is_awaiting_applicant:
            text = texts()["answers"][application.reason][0]
            found += answer(reviews[-1], text, application.level_since or self.as_of)
        return found
