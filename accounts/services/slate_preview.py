"""What a slate would do, and what is wrong with it, before and after it is set."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from accounts.models import Installation, Role, RoleAssignment, User
from accounts.permissions import CONFIRM_ROLES
from accounts.services import slates


@dataclass(frozen=True, slots=True)
class Incoming:
    """One seat; `term` is there once the slate is set."""

    user: User
    is_again: bool
    term: RoleAssignment | None = None

    @property
    def is_waiting(self) -> bool:
        return self.term is not None and self.term.is_waiting()


@dataclass(slots=True)
class RoleChange:
    role: Role
    outgoing: list[User] = field(default_factory=list)
    incoming: list[Incoming] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Problem:
    """`stops`: the slate cannot be set like this by the person who looks."""

    sentence: str
    url: str = ""
    stops: bool = False


class Slate:
    """An installation read as a whole, in a constant number of queries."""

    def __init__(self, installation: Installation, viewer: Any) -> None:
        self.installation, self.viewer = installation, viewer

    @cached_property
    def roles(self) -> list[Role]:
        return list(self.installation.roles.order_by("position", "pk"))

    @cached_property
    def changes(self) -> list[RoleChange]:
        found = {role.pk: RoleChange(role) for role in self.roles}
        before = self._before()
        held = {(term.user_id, term.role_id) for term in before}
        for term in before:
            if term.role_id in found and term.user not in found[term.role_id].outgoing:
                found[term.role_id].outgoing.append(term.user)
        begun = {(term.user_id, term.role_id): term for term in self.installation.begun.all()}
        for seat in self.seats:
            key = (seat.user_id, seat.role_id)
            found[seat.role_id].incoming.append(Incoming(seat.user, key in held, begun.get(key)))
        return list(found.values())

    @property
    def goodbyes(self) -> list[tuple[Role, list[User]]]:
        """By role, who leaves it."""
        found = []
        for change in self.changes:
            again = {seat.user.pk for seat in change.incoming}
            if people := [user for user in change.outgoing if user.pk not in again]:
                found.append((change.role, people))
        return found

    def _before(self) -> list[RoleAssignment]:
        """The terms that end: those that it ended, or would end now."""
        if self.installation.is_set:
            ending = self.installation.ended.that_counted()
        elif self.installation.is_draft:
            ending = slates.ending(self.installation, self.installation.moment())
        else:
            return []
        return list(ending.select_related("user").order_by("user__last_name", "user__first_name", "user_id"))

    @cached_property
    def seats(self) -> list[Any]:
        rows = self.installation.seats.select_related("user", "role")
        return list(rows.order_by("role__position", "user__last_name", "user__first_name", "user_id"))

    @property
    def to_confirm(self) -> int:
        """Seats that count only once an officer confirms them."""
        if self.installation.is_draft:
            return sum(seat.role.needs_confirmation for seat in self.seats)
        return sum(person.is_waiting for change in self.changes for person in change.incoming)

    @cached_property
    def ends_confirmers(self) -> bool:
        """Whether the terms of the officers, who alone confirm, are still to end with it."""
        if not self.to_confirm or self.installation.has_begun():
            return False
        return Role.objects.granting(CONFIRM_ROLES).filter(pk__in=[role.pk for role in self.roles]).exists()

    @cached_property
    def problems(self) -> list[Problem]:
        return [*self._own_seat(), *self._empty(), *self._accounts(), *self._conflicts()]

    def _own_seat(self) -> list[Problem]:
        own = any(seat.user_id == self.viewer.pk for seat in self.seats)
        return [Problem(slates.own_seat(), stops=True)] if own and self.installation.is_draft else []

    def _empty(self) -> list[Problem]:
        filled = {seat.role_id for seat in self.seats if seat.user.is_active}
        sentence = _("Empty seat: nobody who can sign in is to be %(role)s.")
        return [Problem(sentence % {"role": role}) for role in self.roles if role.pk not in filled]

    def _accounts(self) -> list[Problem]:
        people = {seat.user_id: seat.user for seat in self.seats}.values()
        sentence = _("The account of %(person)s is switched off.")
        found = [Problem(sentence % {"person": user}, user.get_absolute_url()) for user in people if not user.is_active]
        if new := [str(user) for user in people if user.is_active and user.last_login is None]:
            sentence = _("Never signed in so far: %(people)s. See that they can, before the day.")
            found.append(Problem(sentence % {"people": ", ".join(new)}, reverse("users")))
        return found

    def _conflicts(self) -> list[Problem]:
        """Roles that one person should not hold together, those outside the slate included."""
        roles = {role.pk: role for role in self.roles}
        held: dict[int, dict[int, Role]] = {}
        for seat in self.seats:
            held.setdefault(seat.user_id, {})[seat.role_id] = roles[seat.role_id]
        people = {seat.user_id: seat.user for seat in self.seats}
        others = slates.counted_at(self.installation.moment()).exclude(role__in=roles)
        for term in others.filter(user__in=held).select_related("role").order_by("role__position"):
            held[term.user_id][term.role_id] = term.role
        granted = _granted({pk for found in held.values() for pk in found})
        sentence = _("%(person)s would be %(one)s and %(other)s. %(why)s")
        return [
            Problem(sentence % {"person": people[pk], "one": one, "other": other, "why": why})
            for pk, found in held.items()
            for one, other in combinations(found.values(), 2)
            for why in _clashes(granted.get(one.pk, set()), granted.get(other.pk, set()))
        ]


def _granted(roles: Iterable[int]) -> dict[int, set[str]]:
    """Role → the permissions that it gives, of those that clash with others."""
    rules = import_string(settings.CONFLICTING_PERMISSIONS)
    names = {name.partition(".")[2] for rule in rules for name in (*rule.these, *rule.those)}
    rows = Permission.objects.filter(codename__in=names, group__in=list(roles))
    found: dict[int, set[str]] = {}
    for role, app_label, codename in rows.values_list("group", "content_type__app_label", "codename"):
        found.setdefault(role, set()).add(f"{app_label}.{codename}")
    return found


def _clashes(one: set[str], other: set[str]) -> list[str]:
    """Why the two sets of permissions should be in different hands."""
    return [
        str(rule.why)
        for rule in import_string(settings.CONFLICTING_PERMISSIONS)
        if any(
            first != second
            for here, there in ((one, other), (other, one))
            for first in here.intersection(rule.these)
            for second in there.intersection(rule.those)
        )
    ]
