"""What people who leave office worked on, as far as the person who looks may see it, and who takes it over."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Model, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.enums import InstallationState
from accounts.models import Installation, RefreshToken, RoleAssignment, SessionRecord, User
from accounts.permissions import CHANGE_USERS, HAND_OVER, VIEW_USERS
from accounts.services import people as services
from accounts.services import slates
from benevolence import permissions as benevolence
from benevolence.models import BenevolenceApplication
from benevolence.services.handover import hand_over_intake
from core.audit import trail
from core.db.prepared import prepared
from core.enums import ReadKind
from core.errors import DomainError, EditConflict
from core.permissions import Actor, may, require
from core.web.formats import day_text
from core.web.panels import Waiting
from grievances import permissions as grievances
from grievances.models import Grievance, GrievanceIntake
from grievances.services.cases import assign_representative
from grievances.services.intakes import hand_over_draft
from organizing import permissions as organizing
from organizing.models import Campaign
from organizing.panels import duties_left

REMEMBERED = timedelta(days=180)
MOST_INSTALLATIONS = 3


@dataclass(frozen=True, slots=True)
class Item:
    """One thing of one person; `row` where it is handed over here."""

    person: int
    label: str = ""
    url: str = ""
    row: Any = None


@dataclass(frozen=True, slots=True)
class Part:
    """One kind of work. `sees`: who is shown it; `does`: whoever holds it afterwards goes on with their own.

    `give` hands items to a person; without it each item leads to the page where that is done.
    """

    name: str
    title: Any
    icon: str
    sees: tuple[str, ...]
    does: str
    find: Callable[[Any, Installation, Collection[int]], list[Item]]
    waits: Callable[[int, str], str]
    give: Callable[[list[Item], User, User, Any, str], None] | None = None
    reads: type[Model] | None = None
    is_confidential: bool = False

    @property
    def is_given_here(self) -> bool:
        return self.give is not None


def _cases(user: Actor, installation: Installation, people: Collection[int]) -> list[Item]:
    rows = Grievance.objects.whole_to(user).unresolved().filter(assigned_rep__in=people)
    found = rows.order_by("filed_date", "pk")
    return [Item(row.assigned_rep_id or 0, str(row), row.get_absolute_url(), row) for row in found]


def _give_cases(items: list[Item], former: User, person: User, actor: Actor | None, reason: str) -> None:
    for item in items:
        try:
            assign_representative(item.row, person, actor=actor, reason=reason, version=item.row.version)
        except ValidationError as error:
            raise ValidationError({"person": f"{item.label}: {' '.join(error.messages)}"}) from error


def _drafts(user: Actor, installation: Installation, people: Collection[int]) -> list[Item]:
    rows = GrievanceIntake.objects.visible_to(user).alive().unfiled().filter(drafted_by__in=people)
    words = _("Draft of %(day)s")
    return [
        Item(row.drafted_by_id or 0, words % {"day": _day(row.created_at)}, row.get_absolute_url(), row)
        for row in rows.order_by("created_at", "pk")
    ]


def _give_drafts(items: list[Item], former: User, person: User, actor: Actor | None, reason: str) -> None:
    for item in items:
        hand_over_draft(item.row, person, actor=actor, reason=reason, version=item.row.version)


def _applications(user: Actor, installation: Installation, people: Collection[int]) -> list[Item]:
    """Before the moment people give away their own; how many there are is nobody else's to know."""
    theirs = [pk for pk in people if installation.has_begun() or pk == user.pk]
    return [Item(pk) for pk in BenevolenceApplication.objects.entrants(user, theirs)]


def _give_applications(items: list[Item], former: User, person: User, actor: Actor | None, reason: str) -> None:
    hand_over_intake(former, person, actor=actor, reason=reason)


def _campaigns(user: Actor, installation: Installation, people: Collection[int]) -> list[Item]:
    return [Item(*found) for found in duties_left(user, people)]


def _cases_wait(count: int, day: str) -> str:
    return ngettext(
        "%(count)s case of people who leave office on %(day)s has no new owner",
        "%(count)s cases of people who leave office on %(day)s have no new owner",
        count,
    ) % {"count": count, "day": day}


def _drafts_wait(count: int, day: str) -> str:
    return ngettext(
        "%(count)s draft of people who leave office on %(day)s has no new owner",
        "%(count)s drafts of people who leave office on %(day)s have no new owner",
        count,
    ) % {"count": count, "day": day}


def _applications_wait(count: int, day: str) -> str:
    return _("Applications entered by people who leave office on %(day)s have no new owner") % {"day": day}


def _campaigns_wait(count: int, day: str) -> str:
    return ngettext(
        "%(count)s campaign duty of people who leave office on %(day)s has no new owner",
        "%(count)s campaign duties of people who leave office on %(day)s have no new owner",
        count,
    ) % {"count": count, "day": day}


PARTS = {
    part.name: part
    for part in (
        Part(
            "cases",
            gettext_lazy("Cases"),
            "gavel",
            (grievances.ASSIGN_GRIEVANCES,),
            grievances.WORK_GRIEVANCES,
            _cases,
            _cases_wait,
            _give_cases,
            Grievance,
        ),
        Part(
            "drafts",
            gettext_lazy("Drafts of grievances"),
            "ballpen",
            (grievances.ASSIGN_GRIEVANCES,),
            grievances.DRAFT_GRIEVANCES,
            _drafts,
            _drafts_wait,
            _give_drafts,
            GrievanceIntake,
        ),
        Part(
            "applications",
            gettext_lazy("Applications for help"),
            "heart-handshake",
            (benevolence.APPLY_FOR_MEMBER,),
            benevolence.APPLY_FOR_MEMBER,
            _applications,
            _applications_wait,
            _give_applications,
        ),
        Part(
            "campaigns",
            gettext_lazy("Campaigns"),
            "target",
            (organizing.OVERSEE_CAMPAIGNS, organizing.VIEW_CAMPAIGNS),
            organizing.VIEW_CAMPAIGNS,
            _campaigns,
            _campaigns_wait,
            reads=Campaign,
            is_confidential=True,
        ),
    )
}


class Handover:
    """One installation as one person may see it, in a constant number of queries."""

    def __init__(self, installation: Installation, user: Actor) -> None:
        self.installation, self.user = installation, user
        self.people = {person.pk: person for person in slates.leaving(installation)}
        self.afterwards = self._afterwards()

    def _afterwards(self) -> dict[int, list[RoleAssignment]]:
        """The terms of the people from the moment on, or now where that is over."""
        moment = max(self.installation.moment(), timezone.now())
        terms = slates.counted_at(moment).filter(user__in=self.people, user__is_active=True)
        found: dict[int, list[RoleAssignment]] = {pk: [] for pk in self.people}
        for term in terms.select_related("role").order_by("role__position", "pk"):
            found[term.user_id].append(term)
        return found

    def parts(self) -> list[tuple[Part, list[tuple[User, list[Item]]]]]:
        """Of every kind of work that this person may see: by person, what has no new owner.

        A confidential kind is not even named where there is nothing of it.
        """
        if not self.people:
            return []
        goes_on = self._goes_on()
        found = [(part, self._by_person(part, goes_on)) for part in PARTS.values() if may(self.user, part.sees)]
        return [(part, people) for part, people in found if people or not part.is_confidential]

    def _by_person(self, part: Part, goes_on: set[tuple[int, str]]) -> list[tuple[User, list[Item]]]:
        leaving = [pk for pk in self.people if (pk, part.does) not in goes_on]
        items = part.find(self.user, self.installation, leaving) if leaving else []
        by_person = ((self.people[pk], [item for item in items if item.person == pk]) for pk in leaving)
        return [(person, found) for person, found in by_person if found]

    def _goes_on(self) -> set[tuple[int, str]]:
        """(person, permission) that people hold afterwards by another role."""
        terms = {term.pk for held in self.afterwards.values() for term in held}
        names = [part.does.partition(".")[2] for part in PARTS.values()]
        rows = RoleAssignment.objects.filter(pk__in=terms, role__permissions__codename__in=names)
        columns = ("user_id", "role__permissions__content_type__app_label", "role__permissions__codename")
        return {(pk, f"{app_label}.{codename}") for pk, app_label, codename in rows.values_list(*columns)}

    def of(self, part: Part, person: int) -> tuple[User, list[Item]] | None:
        """None where that person leaves nothing of this kind that may be seen."""
        found = self._by_person(part, self._goes_on()) if self.people else []
        return next((entry for entry in found if entry[0].pk == person), None)

    def sign_ins(self) -> list[tuple[User, list[RoleAssignment], int]]:
        """Each person with the roles kept and the number of browsers and devices that are signed in."""
        require(self.user, VIEW_USERS)
        signed_in = [
            *SessionRecord.objects.visible_to(self.user).live().filter(user__in=self.people).values_list("user_id"),
            *RefreshToken.objects.visible_to(self.user).live().filter(user__in=self.people).values_list("user_id"),
        ]
        count = dict.fromkeys(self.people, 0)
        for (pk,) in signed_in:
            count[pk] += 1
        return [(person, self.afterwards[pk], count[pk]) for pk, person in self.people.items()]

    def record_reading(self, parts: list[tuple[Part, list[tuple[User, list[Item]]]]]) -> None:
        for part, people in parts:
            if part.reads is not None and people:
                rows = sum(len(items) for _person, items in people)
                trail.read(part.reads, ReadKind.LISTED, actor=self.user, rows=rows)


def heirs(part: Part, former: User) -> Any:
    """Who may be chosen now: their term has begun."""
    return User.objects.holding(part.does).exclude(pk=former.pk)


def give(handover: Handover, part: Part, former: User, items: list[Item], person: User) -> None:
    """All of it or nothing, through the services of the domain."""
    if part.give is None:
        raise ValueError(part.name)
    require(handover.user, part.sees)
    with transaction.atomic():
        try:
            part.give(items, former, person, handover.user, reason_of(handover.installation))
        except EditConflict as error:
            raise DomainError(_("Somebody changed one of them meanwhile. Look at them again, then decide.")) from error


def sign_out(handover: Handover) -> int:
    """Everybody who leaves and is signed in somewhere, but not whoever does it; returns how many people."""
    require(handover.user, CHANGE_USERS)
    people = [person for person, _roles, count in handover.sign_ins() if count and person != handover.user]
    with transaction.atomic():
        for person in sorted(people, key=lambda person: person.pk):
            services.end_sessions(person, actor=handover.user, reason=reason_of(handover.installation))
    return len(people)


def reason_of(installation: Installation) -> str:
    return _("Handed over: %(title)s") % {"title": installation.title}


def waiting(user: Actor) -> list[Waiting]:
    """One line for every kind of work that this person may hand over."""
    if not may(user, HAND_OVER):
        return []
    found = []
    for installation in _lately(user, since=timezone.now() - REMEMBERED):
        moment = installation.moment()
        url = reverse("handover", args=[installation.pk])
        for part, people in Handover(installation, user).parts():
            if count := sum(len(items) for _person, items in people):
                words = part.waits(count, _day(moment))
                found.append(Waiting(words, url, _("Hand over"), "amber", when=moment))
    return found


@prepared
def _lately(asker: Actor, *, since: Any) -> QuerySet[Installation]:
    rows = Installation.objects.visible_to(asker).filter(state=InstallationState.SET, takes_effect_at__gt=since)
    return rows.order_by("-takes_effect_at", "pk")[:MOST_INSTALLATIONS]


def _day(moment: datetime) -> str:
    return day_text(timezone.localtime(moment).date())
