from django.db import models
from django.utils.translation import gettext_lazy as _

from core.enums import Badge, StateChoices


class AssignmentKind(models.TextChoices):
    REGULAR = "regular", _("Regular")
    ACTING = "acting", _("Acting")
    DELEGATED = "delegated", _("Delegated")


class InstallationState(StateChoices):
    DRAFT = "draft", "amber", "pencil", _("Draft")
    SET = "set", "blue", "clock", _("Set")
    CALLED_OFF = "called_off", "grey", "ban", _("Called off")


IN_OFFICE = Badge(_("In office"), "green", "check")


class AccountState(StateChoices):
    """Whether somebody may sign in; made of what is stored, and not stored itself."""

    OFF = "off", "grey", "ban", _("Switched off")
    INVITED = "invited", "amber", "mail", _("Invited")
    LOCKED = "locked", "red", "lock", _("Locked")
    ONE_TIME = "one_time", "amber", "key", _("One-time password")
    ON = "on", "green", "check", _("May sign in")


class TermState(StateChoices):
    """Where a term that is not over stands; not stored either."""

    WAITING = "waiting", "amber", "hourglass", _("Waits for confirmation")
    RESTS = "rests", "amber", "player-pause", _("Rests until the person is confirmed")
    LIVE = "live", "green", "check", _("Live")
    COMING = "coming", "grey", "clock", _("To come")


class ProgramState(StateChoices):
    """Whether the token of a program opens anything; made of what is stored."""

    OPEN = "open", "green", "check", _("May come in")
    OVER = "over", "grey", "clock", _("Over")
    REVOKED = "revoked", "grey", "ban", _("Ended early")


class DeviceEnd(models.TextChoices):
    """Why a device's tokens stopped working before their time."""

    SIGNED_OUT = "signed_out", _("Signed out")
    ENDED = "ended", _("Ended from the list")
    REPLAYED = "replayed", _("An old token was used again")


class IdentityKind(models.TextChoices):
    """What changed who an account is, or confirmed it."""

    CREATED = "created", _("Account made")
    LINK = "link", _("Link with a member’s record changed")
    CLAIM = "claim", _("Claimed with the member number")
    MERGE = "merge", _("Member records merged")
    PASSWORD = "password", _("One-time password made")
    FACTOR = "factor", _("Second factors removed")
    ADDRESS = "address", _("E-mail address changed by the office")
    CONFIRMED = "confirmed", _("Confirmed")


class AccountAction(models.TextChoices):
    USER_CREATED = "user.created", _("Account created")
    USER_CHANGED = "user.changed", _("Account changed")
    PERSON_CONFIRMED = "user.confirmed", _("Person confirmed")
    LINK_CHANGED = "user.link_changed", _("Link with a member’s record changed")
    USER_INVITED = "user.invited", _("Invited")
    INVITED_AGAIN = "user.invited_again", _("Invited again")
    INVITATION_ACCEPTED = "user.invitation_accepted", _("Invitation accepted")
    ACCESS_CLAIMED = "user.access_claimed", _("Access asked for with the member number")
    USER_RESTORED = "user.restored", _("Account restored by an invitation")
    USER_DEACTIVATED = "user.deactivated", _("Account switched off")
    USER_ACTIVATED = "user.activated", _("Account switched on")
    USER_UNLOCKED = "user.unlocked", _("Sign-in lock lifted")
    PASSWORD_CHANGED = "user.password_changed", _("Password changed")
    PASSWORD_ISSUED = "user.password_issued", _("One-time password issued")
    EMAIL_ASKED = "user.email_asked", _("Change of the e-mail address asked for")
    EMAIL_CHANGED = "user.email_changed", _("E-mail address changed by its owner")
    FACTOR_ADDED = "factor.added", _("Second factor added")
    FACTOR_REMOVED = "factor.removed", _("Second factor removed")
    CODES_MADE = "factor.codes_made", _("New recovery codes made")
    PROVIDER_LINKED = "user.provider_linked", _("Linked with an outside sign-in")
    PROVIDER_UNLINKED = "user.provider_unlinked", _("Link with the outside sign-in removed")
    CODE_USED = "factor.code_used", _("Recovery code used")
    SESSION_ENDED = "user.session_ended", _("One session ended")
    SIGNED_IN = "user.signed_in", _("Signed in")
    SIGNED_OUT = "user.signed_out", _("Signed out")
    LOCKED = "user.locked", _("Sign-in locked after wrong passwords")
    NEW_DEVICE = "user.new_device", _("First sign-in on a device")
    ALARM_RAISED = "sign_in.alarm_raised", _("Many wrong passwords: alarm raised")
    TOKEN_REPLAYED = "user.token_replayed", _("Copied device key refused")
    SESSIONS_ENDED = "user.sessions_ended", _("All sessions ended")
    DEVICE_ENDED = "user.device_ended", _("Device signed out")
    PASSWORD_ENDED = "user.password_ended", _("Password ended with the confirmation of the person")
    PASSWORD_RESET = "user.password_reset", _("Password reset by mail")
    EMAIL_VERIFIED = "user.email_verified", _("Address verified")
    ROLE_ASSIGNED = "role.assigned", _("Role assigned")
    ROLE_PROPOSED = "role.proposed", _("Role assigned, waits for an officer")
    ROLE_CONFIRMED = "role.confirmed", _("Role confirmed")
    ROLE_DECLINED = "role.declined", _("Role not confirmed")
    ROLE_ENDED = "role.ended", _("Role ended")
    ROLE_KEPT = "role.kept", _("End of the role lifted")
    ROLE_CALLED_OFF = "role.called_off", _("Role called off before it began")
    ROLE_GRANTS_CHANGED = "role.grants_changed", _("Permissions changed by a release")
    ROLE_DESCRIBED = "role.described", _("Role description changed")
    ROLE_ADDED = "role.added", _("Role added")
    ROLE_CHANGED = "role.changed", _("Role changed")
    ROLE_DELETED = "role.deleted", _("Role deleted")
    PROGRAM_ADDED = "program.added", _("Program let in")
    PROGRAM_REVOKED = "program.revoked", _("Access of the program ended")
    INSTALLATION_STARTED = "installation.created", _("Installation prepared")
    INSTALLATION_CHANGED = "installation.changed", _("Slate changed")
    INSTALLATION_SET = "installation.set", _("Slate set")
    INSTALLATION_CALLED_OFF = "installation.call_off", _("Installation called off")
