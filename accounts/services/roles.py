"""The verbs of roles: what a role may do and how it is described. `actor` None is a command or a release."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Permission
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from accounts.enums import AccountAction
from accounts.models import Role
from accounts.permissions import CHANGE_ROLES
from core.audit import trail
from core.errors import DomainError, EditConflict
from core.models import AuditEvent
from core.permissions import Actor, allow
from core.records import records
from core.terms import not_over

EDITABLE = ("display_name", "name", "description")
FIRST_POSITION = 100


def is_grave(permissions: Iterable[str]) -> bool:
    """Whether a role that may do this counts only once an officer confirms who gets it."""
    return not {row for row in _rows().values() if row.grave}.isdisjoint(permissions)


def _rows() -> dict[str, Any]:
    """The product's permissions by name, in the order in which people read them; see core.permissions.Permission."""
    return {row: row for row in import_string(settings.PERMISSIONS)}


def describe_role(role: Role, description: str, *, actor: Actor | None, version: int | None = None) -> Role:
    """Change the words that explain the role; nothing else of a role changes here. `version` as in `change_role`."""
    allow(actor, CHANGE_ROLES)
    with transaction.atomic():
        locked = _locked(role, version)
        before = trail.values(locked, ["description"])
        locked.description = description
        changed = trail.changes(Role, before, trail.values(locked, ["description"]))
        locked.version += bool(changed)
        locked.full_clean()
        locked.save()
        if changed:
            trail.record(locked, AccountAction.ROLE_DESCRIBED, actor=actor, changes=changed)
    return locked


def name_of(permission: Permission) -> str:
    return f"{permission.content_type.app_label}.{permission.codename}"


def words_of(permission: Permission) -> str:
    row = _rows().get(name_of(permission))
    return str(row.words) if row else permission.name


def in_order(permissions: Iterable[Permission]) -> list[Permission]:
    """By the parts of the portal."""
    places = {name: place for place, name in enumerate(_rows())}
    return sorted(permissions, key=lambda item: (places.get(name_of(item), len(places)), name_of(item)))


# --- roles that a local makes ------------------------------------------------------------------------


def choosable() -> list[Permission]:
    """The permissions that a custom role may have: those of the product's roles, but for a few doors."""
    held = Permission.objects.filter(group__role__is_custom=False).distinct()
    kept_out = import_string(settings.NOT_FOR_CUSTOM_ROLES)
    return [item for item in in_order(held.select_related("content_type")) if name_of(item) not in kept_out]


def add_role(values: Mapping[str, Any], permissions: Collection[str], *, actor: Actor | None) -> Role:
    """A further role of this local's own, after the product's."""
    allow(actor, CHANGE_ROLES)
    chosen = _chosen(permissions)
    with transaction.atomic():
        last = Role.objects.aggregate(last=Max("position"))["last"] or 0
        role = Role(is_custom=True, position=max(FIRST_POSITION, last + 1), needs_confirmation=is_grave(permissions))
        records.assign(role, values, EDITABLE)
        records.save(role)
        role.permissions.set(chosen.values())
        changes = records.initial_changes(role, EDITABLE) + _in_words(chosen.values(), ())
        trail.record(role, AccountAction.ROLE_ADDED, actor=actor, changes=changes, given=_listed(chosen))
    return role


def change_role(
    role: Role,
    values: Mapping[str, Any],
    permissions: Collection[str],
    *,
    actor: Actor | None,
    version: int | None = None,
) -> Role:
    """Save words and permissions of a custom role. What is taken away is gone with its holders' next request.

    `version` is the one that the editor saw; raises EditConflict when it is no longer the current one.
    """
    allow(actor, CHANGE_ROLES)
    chosen = _chosen(permissions)
    with transaction.atomic():
        locked = _locked_custom(role, version)
        held = {name_of(item): item for item in locked.permissions.select_related("content_type")}
        given = {name: item for name, item in chosen.items() if name not in held}
        taken = {name: item for name, item in held.items() if name not in chosen}
        _check_given(locked, given, actor=actor)
        before = trail.values(locked, EDITABLE)
        records.assign(locked, values, EDITABLE)
        locked.needs_confirmation = is_grave(chosen)
        changed = trail.changes(Role, before, trail.values(locked, EDITABLE))
        changed += _in_words(given.values(), taken.values())
        locked.version += bool(changed)
        records.save(locked)
        locked.permissions.set(chosen.values())
        if changed:
            data = {"given": _listed(given), "taken": _listed(taken)}
            trail.record(locked, AccountAction.ROLE_CHANGED, actor=actor, changes=changed, **data)
    return locked


def delete_role(role: Role, *, actor: Actor | None, reason: str) -> None:
    """Only a role that nobody has ever held; of any other the history needs the name."""
    allow(actor, CHANGE_ROLES)
    with transaction.atomic():
        locked = _locked_custom(role)
        if locked.assignments.exists():
            raise DomainError(
                _("Somebody holds or held this role, so it stays. End its terms, and nobody will get it any more.")
            )
        trail.record(locked, AccountAction.ROLE_DELETED, actor=actor, reason=records.stated_reason(reason))
        locked.delete()


def _locked(role: Role, version: int | None = None) -> Role:
    locked = Role.objects.select_for_update(of=("self",)).filter(pk=role.pk).first()
    if locked is None:
        raise DomainError(_("This role is no longer there. Go back to the list and look again."))
    if version is not None and version != locked.version:
        raise EditConflict(_("Somebody else saved this role while you were editing it."), locked)
    return locked


def _locked_custom(role: Role, version: int | None = None) -> Role:
    locked = _locked(role, version)
    if not locked.is_custom:
        raise DomainError(_("This role comes with the product, so only its description changes. Add a role instead."))
    return locked


def _chosen(permissions: Collection[str]) -> dict[str, Permission]:
    """Those permissions, by name."""
    known = {name_of(item): item for item in choosable()}
    if strange := sorted(set(permissions) - set(known)):
        raise DomainError(
            _("A role made here cannot have this permission: %(names)s. Take it out.") % {"names": ", ".join(strange)}
        )
    return {name: known[name] for name in sorted(permissions)}


def _check_given(role: Role, given: Collection[str], *, actor: Actor | None) -> None:
    """More power reaches nobody unseen: not oneself, and nothing grave whoever holds the role already."""
    holders = role.assignments.filter(not_over(timezone.now()))
    if given and actor is not None and holders.filter(user_id=actor.pk).exists():
        raise DomainError(_("You hold this role yourself, so somebody else adds to it."))
    if is_grave(given) and holders.exists():
        raise DomainError(
            _(
                "Somebody holds or is to hold this role, and an officer has to confirm who gets a permission as grave"
                " as that. End the terms first, or make another role."
            )
        )


def _in_words(given: Iterable[Permission], taken: Iterable[Permission]) -> list[dict[str, Any]]:
    """What an event says of permissions."""
    told = []
    if more := "; ".join(words_of(item) for item in in_order(given)):
        told.append({"field": "given", "old": None, "new": more})
    if less := "; ".join(words_of(item) for item in in_order(taken)):
        told.append({"field": "taken away", "old": less, "new": None})
    return told


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))


# --- the product's roles -----------------------------------------------------------------------------


def sync_roles(specs: Mapping[str, Any], grants: Mapping[Any, tuple[str, ...]]) -> None:
    """Make the roles and their permissions equal to the table; running it again changes nothing.

    Raises LookupError for a permission in `grants` that no model declares, ValueError for a role of which a custom
    one has the name. A custom role keeps its own permissions, and a description that somebody edited stays.
    """
    if same := sorted(Role.objects.filter(is_custom=True, name__in=specs).values_list("name", flat=True)):
        raise ValueError(
            f"This release brings roles of which this local has its own: {', '.join(same)}. With the former release"
            " give the local's another short name on its page, then migrate again."
        )
    known = {name_of(item): item.pk for item in Permission.objects.select_related("content_type")}
    if lost := sorted(set(grants) - set(known)):
        raise LookupError(f"GRANTS names permissions that do not exist: {', '.join(lost)}")
    with transaction.atomic():
        for position, (name, spec) in enumerate(specs.items(), start=1):
            is_new = not Role.objects.filter(name=name).exists()
            wanted = {permission for permission, roles in grants.items() if name in roles}
            role = _synced_role(name, spec, position, needs_confirmation=is_grave(wanted))
            held_ids = set(role.permissions.values_list("pk", flat=True))
            held = {permission for permission, pk in known.items() if pk in held_ids}
            if wanted != held:
                role.permissions.set([known[permission] for permission in wanted])
                if not is_new:
                    given, taken = ", ".join(sorted(wanted - held)), ", ".join(sorted(held - wanted))
                    trail.record(role, AccountAction.ROLE_GRANTS_CHANGED, actor=None, given=given, taken=taken)
        for role in Role.objects.filter(is_custom=True).prefetch_related("permissions__content_type"):
            grave = is_grave(name_of(permission) for permission in role.permissions.all())
            Role.objects.filter(pk=role.pk).exclude(needs_confirmation=grave).update(needs_confirmation=grave)


def _synced_role(name: str, spec: Any, position: int, *, needs_confirmation: bool) -> Role:
    role = Role.objects.filter(name=name).first() or Role(name=name)
    wanted = {
        "needs_confirmation": needs_confirmation,
        "display_name": str(spec.display_name),
        "is_system_role": spec.is_system_role,
        "position": position,
        "description": str(spec.description),
    }
    if role.pk and role.description != wanted["description"] and _is_described(role):
        del wanted["description"]
    if role.pk is None or any(getattr(role, field) != value for field, value in wanted.items()):
        for field, value in wanted.items():
            setattr(role, field, value)
        role.save()
    return role


def _is_described(role: Role) -> bool:
    events = AuditEvent.objects.filter(subject_type=trail.subject_type(Role), subject_id=str(role.pk))
    return events.filter(action=AccountAction.ROLE_DESCRIBED).exists()
