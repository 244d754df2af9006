from accounts.models.code import MailedCode, SpentCode
from accounts.models.device import DeviceQuerySet, RefreshToken
from accounts.models.identity import IdentityChange, IdentityQuerySet, account_is_held
from accounts.models.limit import DoorCount, SignInThrottle
from accounts.models.program import PROGRAM_MARK, Program, ProgramQuerySet
from accounts.models.role import Role, RoleManager, RoleQuerySet, RoleRows
from accounts.models.session import Session, SessionQuerySet, SessionRecord, digest
from accounts.models.slate import Installation, InstallationQuerySet, InstallationSeat, SeatQuerySet
from accounts.models.term import AssignmentQuerySet, RoleAssignment, role_and_kind
from accounts.models.user import OwnedQuerySet, User, UserManager, UserQuerySet, UserRows
