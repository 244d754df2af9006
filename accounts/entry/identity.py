"""Who asks: the person of a session or of a token, with what they hold now, in one statement whose SQL is made once.

Nothing of it is kept beyond the request. `role_names` and `live_permissions` of such a person are as the statement
found them; of any other they are asked when they are first needed. A term counts as `AssignmentQuerySet.live` says
(models/term.py), and `User.has_perm` reads only what was found here.
"""

from typing import Any, cast

from django.conf import settings
from django.contrib import auth
from django.db import connection
from django.db.models import Aggregate, Exists, F, OuterRef, Subquery, TextField, Value
from django.db.models.functions import Concat
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from accounts.models import RefreshToken, RoleAssignment, Session, User
from accounts.services import factors
from core.db.statements import Place, Statement
from core.models import Notice
from core.web.keyset import BoundedCount

PERSON = [field.attname for field in User._meta.concrete_fields]
DEVICE = [field.attname for field in RefreshToken._meta.concrete_fields]


class Names(Aggregate):
    """Different names with a comma between them, none of which holds one."""

    function, output_field = "STRING_AGG", TextField()
    template = "%(function)s(DISTINCT %(expressions)s, ',')"

    def as_sqlite(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        return self.as_sql(compiler, connection, template="GROUP_CONCAT(DISTINCT %(expressions)s)")


def _facts() -> list[Any]:
    """Roles, permissions, factor and whether a role rests of the row's `user`, then the person."""
    terms = RoleAssignment.objects.live(Place("now")).filter(user_id=OuterRef("user_id")).order_by().values("user_id")
    permission = "role__permissions"
    name = Concat(f"{permission}__content_type__app_label", Value("."), f"{permission}__codename")
    return [
        Subquery(terms.annotate(names=Names("role__name")).values("names")),
        Subquery(terms.filter(role__permissions__isnull=False).annotate(names=Names(name)).values("names")),
        Exists(factors.proving(OuterRef("user_id"))),
        Exists(RoleAssignment.objects.resting(Place("now")).filter(user_id=OuterRef("user_id"))),
        *(F(f"user__{column}") for column in PERSON),
    ]


def _unread() -> BoundedCount:
    """Of the notices of the row's `user`: the frame of every page says how many there are."""
    return BoundedCount(Notice.objects.unread().filter(user=OuterRef("user_id")))


_OF_SESSION = Statement(
    lambda: (
        Session.objects.filter(session_key=Place("key"), expire_date__gt=Place("now"))
        .order_by()
        .values_list("session_data", _unread(), *_facts())
    )
)
_OF_DEVICE = Statement(lambda: RefreshToken.objects.filter(pk=Place("key")).order_by().values_list(*DEVICE, *_facts()))


def of_session(key: str) -> tuple[str, User | None] | None:
    """What the session of that digest holds, and its person; None when there is none, or it is too old."""
    row = _OF_SESSION.first(key=key, now=timezone.now())
    if row is None:
        return None
    data, unread, *facts = row
    person = _person(tuple(facts))
    if person is not None:
        person.unread_notices = unread
    return data, person


def of_device(pk: Any) -> RefreshToken | None:
    """The device of that key, whether it is valid or not, with its user."""
    row = _OF_DEVICE.first(key=pk, now=timezone.now())
    if row is None:
        return None
    device = RefreshToken.from_db(connection.alias, DEVICE, row[: len(DEVICE)])
    device.user = cast(User, _person(row[len(DEVICE) :]))
    return device


def _person(facts: tuple[Any, ...]) -> User | None:
    roles, permissions, has_factor, has_resting, *columns = facts
    if columns[0] is None:
        return None
    person = User.from_db(connection.alias, PERSON, columns)
    person.role_names = _names(roles)
    person.live_permissions = _names(permissions)
    person.came_with_factor = bool(has_factor)
    person.rests = bool(has_resting) or person.link_rests
    return person


def _names(text: str | None) -> frozenset[str]:
    return frozenset(text.split(",")) if text else frozenset()


def lacks_factor(user: User) -> bool:
    """As factors.is_missing, of the person who asks, as they were when the request came in."""
    known = user.came_with_factor
    has_one = factors.has_second_factor(user) if known is None else known
    return not has_one and factors.is_required(user)


def person_of(request: HttpRequest) -> Any:
    """As django.contrib.auth.get_user; the person came with the session where that is in order."""
    known: Any = request
    if not hasattr(known, "_cached_user"):
        known._cached_user = _in_order(request) or auth.get_user(request)
    return known._cached_user


def _in_order(request: HttpRequest) -> User | None:
    """None also where Django must look closer: a session signed with an older key, or one that has to be emptied."""
    session: Any = request.session
    named = session.get(auth.SESSION_KEY)
    person = session.person
    if person is None or named != str(person.pk) or not person.is_active:
        return None
    if session.get(auth.BACKEND_SESSION_KEY) not in settings.AUTHENTICATION_BACKENDS:
        return None
    proof = session.get(auth.HASH_SESSION_KEY)
    return person if proof and constant_time_compare(proof, person.get_session_auth_hash()) else None
