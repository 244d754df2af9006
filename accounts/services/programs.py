"""Programs that use the API in their own name: who lets them in, what their token opens, how that ends."""

import secrets
import uuid
from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta
from typing import Any, cast

from django.conf import settings
from django.contrib.auth.models import Permission
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from accounts.enums import AccountAction
from accounts.models import PROGRAM_MARK, Program, User
from accounts.permissions import CHANGE_PROGRAMS
from accounts.services.roles import in_order, name_of, words_of
from accounts.services.tokens import digest
from core.audit import trail
from core.errors import DomainError
from core.permissions import Actor, allow
from core.records import records
from core.site import local_today

PROGRAM_FIELDS = ("name", "network", "last_day")
LONGEST = timedelta(days=366)
TOUCH = timedelta(minutes=1)


def grantable() -> frozenset[str]:
    return frozenset(import_string(settings.FOR_PROGRAMS))


def choosable() -> list[Permission]:
    """What a program may be let do, in the order in which people read it."""
    named = Permission.objects.select_related("content_type").filter(_named(grantable()))
    return in_order(named)


def _named(names: Iterable[str]) -> Q:
    wanted = Q()
    for app_label, _dot, codename in (name.partition(".") for name in sorted(names)):
        wanted |= Q(content_type__app_label=app_label, codename=codename)
    return wanted


def add_program(values: Mapping[str, Any], permissions: Collection[str], *, actor: Actor | None) -> tuple[Program, str]:
    """The program and its token, which is shown now and kept nowhere. Raises ValidationError by field."""
    allow(actor, CHANGE_PROGRAMS)
    chosen, token = _chosen(permissions), PROGRAM_MARK + secrets.token_urlsafe(32)
    _check_last_day(values["last_day"])
    with transaction.atomic():
        program = Program(token_hash=digest(token), created_by=cast(User, actor))
        records.assign(program, values, PROGRAM_FIELDS)
        program.full_clean(exclude=["user"])
        program.user = _named_account(program.name)
        records.save(program)
        program.permissions.set(chosen)
        words = "; ".join(words_of(item) for item in chosen)
        changes = [*records.initial_changes(program, PROGRAM_FIELDS), {"field": "given", "old": None, "new": words}]
        trail.record(program, AccountAction.PROGRAM_ADDED, actor=actor, changes=changes)
    return program, token


def _chosen(permissions: Collection[str]) -> list[Permission]:
    known = {name_of(item): item for item in choosable()}
    if not permissions or set(permissions) - set(known):
        raise ValidationError({"permissions": _("Tick what the program may do, from the list.")})
    for name in permissions:
        app_label, _dot, codename = name.partition(".")
        needed = f"{app_label}.view_{codename.partition('_')[2]}"
        if needed in known and needed not in permissions:
            raise ValidationError({"permissions": _("Tick “%(words)s” too.") % {"words": words_of(known[needed])}})
    return [item for name, item in known.items() if name in permissions]


def _check_last_day(day: Any) -> None:
    today = local_today()
    if not today <= day <= today + LONGEST:
        raise ValidationError({"last_day": _("Choose a day from today to a year from now. Make a new token then.")})


def _named_account(name: str) -> User:
    """Nobody signs in with it: it is switched off, and its address is none."""
    user = User(email=f"{uuid.uuid4()}@programs.invalid", first_name=name, last_name=_("(program)"))
    user.is_program, user.is_active = True, False
    user.set_unusable_password()
    records.save(user)
    return user


def revoke_program(program: Program, *, actor: Actor | None, reason: str) -> Program:
    """The token opens nothing from now on; for another one, let the program in anew."""
    allow(actor, CHANGE_PROGRAMS)
    reason = records.stated_reason(reason)
    with transaction.atomic():
        locked = Program.objects.select_for_update(of=("self",)).get(pk=program.pk)
        if locked.revoked_at is not None:
            raise DomainError(_("The access of this program has ended already."))
        locked.revoked_at, locked.revoked_by = timezone.now(), cast(User, actor)
        locked.save(update_fields=["revoked_at", "revoked_by", "updated_at"])
        trail.record(locked, AccountAction.PROGRAM_REVOKED, actor=actor, reason=reason)
    return locked


def opened_by(token: str, *, address: str) -> Program | None:
    """The program that comes with this token from this address; its `user` may do, for this request, what it may.

    None also for a token that has ended, or one that comes from elsewhere.
    """
    rows = Program.objects.filter(token_hash=digest(token), revoked_at=None, last_day__gte=local_today())
    program = rows.select_related("user").first()
    if program is None or not program.comes_from(address):
        return None
    held = program.permissions.order_by().values_list("content_type__app_label", "codename")
    user = program.user
    user.live_permissions = grantable() & {f"{app_label}.{codename}" for app_label, codename in held}
    # As the account stands in the database, it holds nothing and comes in nowhere.
    user.role_names, user.is_active, user.is_verified, user.came_with_factor = frozenset(), True, True, True
    return program


def let_in(user: int | None, by: Actor) -> bool:
    """Whether the account with this key is that of a program which `by` let in, and so no second person beside them."""
    return user is not None and Program.objects.filter(user=user, created_by=by.pk).exists()


def note_use(program: Program) -> None:
    """Once a minute at most, so that reading costs no write."""
    now = timezone.now()
    if program.last_used_at is None or program.last_used_at < now - TOUCH:
        Program.objects.filter(pk=program.pk).update(last_used_at=now)
