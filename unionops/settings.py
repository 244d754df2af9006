"""Settings, read from the environment once. Development works with none; production refuses to guess.

`UNIONOPS_ENV=production` needs SECRET_KEY, AUTH_JWT_SECRET_KEY, AUDIT_KEYS, FIELD_KEYS, ALLOWED_HOSTS and DATABASE_URL.
"""

from pathlib import Path
from typing import Any

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from unionops.environment import check_openid, development_secrets, parse_keys, parse_rate, parse_secrets, socket_host

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
if (BASE_DIR / ".env").exists():
    environ.Env.read_env(BASE_DIR / ".env")

ENVIRONMENT = env.str("UNIONOPS_ENV", "development")
if ENVIRONMENT not in ("development", "production"):
    raise ImproperlyConfigured("UNIONOPS_ENV is either development or production.")
PRODUCTION = ENVIRONMENT == "production"
TESTING = env.bool("UNIONOPS_TESTING", False)
VAR_DIR = Path(env.str("VAR_DIR", str(BASE_DIR / "var")))

_database_here = VAR_DIR / "unionops.sqlite3" if not env.str("DATABASE_URL", "") else None
_made = {} if PRODUCTION else development_secrets(VAR_DIR / "development-secrets.json", database=_database_here)


def _secret(name: str) -> str:
    """From the environment or, with the suffix _FILE, from a file."""
    if path := env.str(f"{name}_FILE", ""):
        return Path(path).read_text().strip()
    return env.str(name, _made.get(name, ""))


def _required(name: str) -> str:
    if value := _secret(name):
        return value
    raise ImproperlyConfigured(f"{name} is not set. Production needs it; see .env.example.")


SECRET_KEY = _required("SECRET_KEY")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
AUDIT_KEYS = parse_keys(_required("AUDIT_KEYS"), "AUDIT_KEYS")
FIELD_KEYS = parse_keys(_required("FIELD_KEYS"), "FIELD_KEYS")
# Oldest first: the last one signs, all of them verify.
AUTH_JWT_SECRET_KEY = parse_secrets(
    _required("AUTH_JWT_SECRET_KEY"), "AUTH_JWT_SECRET_KEY", unlike=[SECRET_KEY, *SECRET_KEY_FALLBACKS]
)

DEBUG = env.bool("DEBUG", False)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[] if PRODUCTION else ["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
if PRODUCTION:
    if DEBUG:
        raise ImproperlyConfigured("DEBUG shows secrets to visitors; production refuses it.")
    if not ALLOWED_HOSTS or any(host.strip().startswith(("*", ".")) for host in ALLOWED_HOSTS):
        raise ImproperlyConfigured("ALLOWED_HOSTS must name the portal's host, without wildcards.")

PROJECT_APPS = ["core", "accounts", "members", "organizing", "benevolence", "grievances"]
INSTALLED_APPS = [
    *PROJECT_APPS,  # first: where Django and we have a command of one name, it is ours
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "csp",
    "django_htmx",
    "django_filters",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "unionops.admin_site.PortalAdminConfig",
    "unionops",
]
if TESTING:
    INSTALLED_APPS[INSTALLED_APPS.index("unionops") :] = ["core.tests.sample", "zeal", "unionops"]
    PROJECT_APPS = [*PROJECT_APPS, "core.tests.sample"]

MIDDLEWARE = [
    "core.web.middleware.RequestMiddleware",
    # before whatever answers by itself: to a load balancer, with a file, with a redirect to https or to a slash
    "core.web.middleware.ContentPolicyMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "accounts.entry.middleware.IdentityMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "core.web.middleware.LocalMiddleware",
    "django.middleware.common.CommonMiddleware",
    "core.web.middleware.ErrorMiddleware",
    "accounts.entry.middleware.DeviceMiddleware",
    "accounts.entry.middleware.SessionRecordMiddleware",
    "core.web.middleware.SignInMiddleware",
    "accounts.entry.middleware.VerifiedAddressMiddleware",
    "accounts.entry.middleware.PasswordChangeMiddleware",
    "accounts.entry.middleware.SecondFactorMiddleware",
]

if TESTING:
    # A query per row of a list is an error in every test.
    MIDDLEWARE.append("zeal.middleware.zeal_middleware")
    # Read twice in one request by Django and allauth themselves, whatever the number of rows; the lock of a name, for
    # its password and for its second factor.
    ZEAL_ALLOWLIST = [
        {"model": "accounts.Session"},
        {"model": "account.EmailAddress"},
        {"model": "accounts.SignInThrottle"},
    ]

ROOT_URLCONF = "unionops.urls"
WSGI_APPLICATION = "unionops.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "core.web.context.local",
                "unionops.navigation.navigation",
            ],
            "libraries": {"i18n": "core.templatetags.i18n"},
        },
    },
]

FORM_RENDERER = "core.web.widgets.WidgetRenderer"

DATABASE_URL = env.str("DATABASE_URL", "" if PRODUCTION else f"sqlite:///{VAR_DIR / 'unionops.sqlite3'}")
if not DATABASE_URL:
    raise ImproperlyConfigured("DATABASE_URL is not set. Production needs it; see .env.example.")
_database: dict[str, Any] = env.db_url_config(DATABASE_URL)
if _database["ENGINE"] == "django.db.backends.sqlite3":
    _database["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA recursive_triggers=ON;"
        ),
    }
    if TESTING:
        # A file, not memory: the live server and races open connections of their own.
        _database["TEST"] = {"NAME": str(Path(_database["NAME"]).with_name("test.sqlite3"))}
else:
    _database["ENGINE"] = "core.db.postgresql"
    if _database.get("OPTIONS", {}).pop("host", "") or socket_host(DATABASE_URL):
        _database["HOST"] = socket_host(DATABASE_URL)
    statement_timeout = env.int("STATEMENT_TIMEOUT_MS", 15_000)
    _database["OPTIONS"] = {
        **_database.get("OPTIONS", {}),
        "options": (
            f"-c statement_timeout={statement_timeout} -c lock_timeout={env.int('LOCK_TIMEOUT_MS', 5_000)}"
            # What somebody was told is done is on the disk, whatever the server's default.
            " -c synchronous_commit=on"
            " -c idle_in_transaction_session_timeout=60000"
            # The disk's default is that of a spinning one; by it a frequent word is searched by reading the table.
            " -c random_page_cost=1.1"
            # Statements here take milliseconds; to compile one whose cost is thought high takes a second.
            " -c jit=off"
        ),
        "connect_timeout": 2,
        # Only of cursors that bind on the server: core.db.statements. From the second asking on they are prepared.
        "prepare_threshold": 1,
    }
    if not TESTING and env.bool("DATABASE_POOL", True):
        _database["OPTIONS"]["pool"] = {
            "min_size": 1,
            "max_size": env.int("DATABASE_POOL_SIZE", 8),
            "timeout": 1.5,
            # Give up soon: the pool's own pauses grow to minutes, but each new request makes it try again.
            "reconnect_timeout": 2,
        }
    else:
        # Those of the pool are looked at by core.db.postgresql.
        _database["CONN_HEALTH_CHECKS"] = True
DATABASES = {"default": _database}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# How long a process goes on with the local's settings as it has read them.
KEEP_SECONDS = 5.0

if CACHE_URL := env.str("CACHE_URL", ""):
    CACHES = {"default": env.cache_url_config(CACHE_URL)}
else:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache"}}

# --- people and passwords -------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.entry.backends.PortalBackend"]
PASSWORD_HASHERS = ["accounts.entry.hashers.Argon2id", "accounts.entry.hashers.Bcrypt2b12"]
# Of an account with a second factor, and of one without.
PASSWORD_MINIMUM_LENGTH = env.int("PASSWORD_MINIMUM_LENGTH", 12)
PASSWORD_MINIMUM_LENGTH_ALONE = env.int("PASSWORD_MINIMUM_LENGTH_ALONE", 15)
# A server that answers as Have I Been Pwned's range search does; empty: nobody is asked.
PASSWORD_BREACH_URL = env.str("PASSWORD_BREACH_URL", "")
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "accounts.services.passwords.MinimumLengthValidator"},
    {"NAME": "accounts.services.passwords.MaximumLengthValidator"},
    {"NAME": "accounts.services.passwords.StrengthValidator"},
    {"NAME": "accounts.services.passwords.BreachValidator"},
]
PASSWORD_RESET_TIMEOUT = 3600
# How long the link of an invitation works.
INVITATION_DAYS = env.int("INVITATION_DAYS", 7)
# How long an address that somebody else wrote into a member's record claims and invites nobody.
ADDRESS_DAYS = env.int("ADDRESS_DAYS", 7)
LOCKOUT_FAILURES = env.int("LOCKOUT_FAILURES", 5)
LOCKOUT_MINUTES = env.int("LOCKOUT_MINUTES", 30)
# Who must have a second factor: names of roles, "*" for every role, "-name" for all but that one. The demo asks nobody.
SECOND_FACTOR_ROLES = env.list("SECOND_FACTOR_ROLES", default=["*", "-member"])
# Grave acts ask for the password or a passkey again when the last proof is older.
STEP_UP_MINUTES = env.int("STEP_UP_MINUTES", 10)
# Roles whose holders, when they have no other, may sign in with a code by mail instead of the password.
MAILED_CODE_ROLES = env.list("MAILED_CODE_ROLES", default=[])
MAILED_CODE_MINUTES = 10
# A provider by which people who have an account may sign in, and its name on the button; all four or none.
OIDC_ISSUER = env.str("OIDC_ISSUER", "").rstrip("/")
OIDC_CLIENT_ID = env.str("OIDC_CLIENT_ID", "")
OIDC_CLIENT_SECRET = _secret("OIDC_CLIENT_SECRET")
OIDC_NAME = env.str("OIDC_NAME", "").strip()
check_openid(OIDC_ISSUER, OIDC_CLIENT_ID, OIDC_CLIENT_SECRET, OIDC_NAME, only_https=PRODUCTION)
# What one network (/24 or /56) may do at each door, and how many mails one address may be sent.
RATE_LIMITS = {
    "sign-in": parse_rate(env.str("RATE_SIGN_IN", "30/15"), "RATE_SIGN_IN"),
    "refresh": parse_rate(env.str("RATE_REFRESH", "600/15"), "RATE_REFRESH"),
    "reset": parse_rate(env.str("RATE_RESET", "20/60"), "RATE_RESET"),
    "verification": parse_rate(env.str("RATE_VERIFICATION", "20/60"), "RATE_VERIFICATION"),
    "invitation": parse_rate(env.str("RATE_INVITATION", "20/60"), "RATE_INVITATION"),
    "mail": parse_rate(env.str("RATE_MAIL", "3/60"), "RATE_MAIL"),
    # requests of one program with its token
    "program": parse_rate(env.str("RATE_PROGRAM", "6000/15"), "RATE_PROGRAM"),
    # wrong passwords of all accounts and networks together, before whoever looks after the system is told
    "alarm": parse_rate(env.str("RATE_ALARM", "100/15"), "RATE_ALARM"),
}
# Proxies in front that append to X-Forwarded-For; what stands further left is only what a visitor claims.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", 1 if env.bool("BEHIND_PROXY", False) else 0)
AUTH_ACCESS_TOKEN_EXPIRE_MINUTES = env.int("AUTH_ACCESS_TOKEN_EXPIRE_MINUTES", 30)
AUTH_REFRESH_TOKEN_EXPIRE_DAYS = env.int("AUTH_REFRESH_TOKEN_EXPIRE_DAYS", 7)
if PRODUCTION:
    if STEP_UP_MINUTES < 1:
        raise ImproperlyConfigured("STEP_UP_MINUTES must be at least 1.")
    if TESTING:
        raise ImproperlyConfigured("UNIONOPS_TESTING is for the test suite; production refuses it.")
    if len(SECRET_KEY) < 50:
        raise ImproperlyConfigured("SECRET_KEY needs at least 50 characters; see .env.example.")
    if set(AUDIT_KEYS.values()) & set(FIELD_KEYS.values()):
        raise ImproperlyConfigured("AUDIT_KEYS and FIELD_KEYS must be different keys.")
    if INVITATION_DAYS < 1 or ADDRESS_DAYS < 1:
        raise ImproperlyConfigured("INVITATION_DAYS and ADDRESS_DAYS must be at least 1.")
    if LOCKOUT_FAILURES < 1 or LOCKOUT_MINUTES < 1:
        raise ImproperlyConfigured("LOCKOUT_FAILURES and LOCKOUT_MINUTES must be at least 1.")
    if not 8 <= PASSWORD_MINIMUM_LENGTH <= PASSWORD_MINIMUM_LENGTH_ALONE:
        raise ImproperlyConfigured(
            "PASSWORD_MINIMUM_LENGTH must be at least 8, and PASSWORD_MINIMUM_LENGTH_ALONE not below it."
        )
    if AUTH_ACCESS_TOKEN_EXPIRE_MINUTES < 1 or AUTH_REFRESH_TOKEN_EXPIRE_DAYS < 1:
        raise ImproperlyConfigured(
            "AUTH_ACCESS_TOKEN_EXPIRE_MINUTES and AUTH_REFRESH_TOKEN_EXPIRE_DAYS must be at least 1."
        )
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "accounts.entry.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_PREVENT_ENUMERATION = True
# accounts.entry.backends counts failures for every door; a second counter would disagree with it.
ACCOUNT_RATE_LIMITS = False
ACCOUNT_FORMS = {
    "login": "accounts.forms.people.SignInForm",
    "change_password": "accounts.forms.people.ChangePasswordForm",
}

MFA_ADAPTER = "accounts.entry.adapter.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_TOLERANCE = 1
MFA_WEBAUTHN_USER_VERIFICATION = "required"
MFA_RATE_LIMITS = False

# --- the browser ----------------------------------------------------------------------------------
SESSION_ENGINE = "accounts.entry.session_store"
# At most that long in all, and that long without being used.
SESSION_COOKIE_AGE = 12 * 3600
SESSION_IDLE_MINUTES = env.int("SESSION_IDLE_MINUTES", 60)
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "unionops.views.errors.csrf_failure"
if PRODUCTION:
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SESSION_COOKIE_NAME = "__Host-session"
    CSRF_COOKIE_NAME = "__Host-csrf"
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", True)
    SECURE_REDIRECT_EXEMPT = [r"^livez$", r"^readyz$"]
    SECURE_HSTS_SECONDS = 63_072_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    if env.bool("BEHIND_PROXY", False):
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
        "manifest-src": [SELF],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "core.files.uploads.SealedUploadHandler",
]
IMPORT_MAX_BYTES = env.int("IMPORT_MAX_BYTES", 250 * 1024 * 1024)
IMPORT_MAX_ROWS = env.int("IMPORT_MAX_ROWS", 1_000_000)

# --- files, language, mail ------------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", str(BASE_DIR / "staticfiles")))
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = Path(env.str("FILES_DIR", str(VAR_DIR / "files")))
MEDIA_URL = ""
STORAGES: dict[str, Any] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    # What people attach, sealed before it gets there.
    "attachments": {"BACKEND": "core.files.folder.PrivateFolder", "OPTIONS": {"location": MEDIA_ROOT}},
    "staticfiles": {
        "BACKEND": "core.web.static.PortalStaticFiles"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not PRODUCTION
# Only production reads a folder at start, the one that it serves. Elsewhere a file is looked for when it is asked for:
# tests make thousands of clients, and each would list every folder of static files.
WHITENOISE_AUTOREFRESH = not PRODUCTION
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_MAX_BYTES = env.int("FILE_MAX_BYTES", 25 * 1024 * 1024)
FILE_MAX_PIXELS = env.int("FILE_MAX_PIXELS", 64_000_000)
# The socket of ClamAV's clamd, a path or host:port; a file is held until it is clean. Empty: nothing waits.
CLAMD = env.str("CLAMD", "")
if FILES_S3_BUCKET := env.str("FILES_S3_BUCKET", ""):
    STORAGES["attachments"] = {
        "BACKEND": "core.files.bucket.PrivateBucket",
        "OPTIONS": {
            "bucket_name": FILES_S3_BUCKET,
            "location": env.str("FILES_S3_FOLDER", ""),
            "endpoint_url": env.str("FILES_S3_ENDPOINT", "") or None,
            "region_name": env.str("FILES_S3_REGION", "") or None,
            # Neither: as boto3 finds them, from the machine's own role.
            "access_key": _secret("FILES_S3_ACCESS_KEY") or None,
            "secret_key": _secret("FILES_S3_SECRET_KEY") or None,
            "addressing_style": env.str("FILES_S3_ADDRESSING", "auto"),
            "signature_version": "s3v4",
        },
    }

LANGUAGE_CODE = "en-us"
LANGUAGES = [("en", _("English"))]
USE_I18N = USE_TZ = True
TIME_ZONE = "UTC"

EMAIL_CONFIG = env.email_url_config(env.str("EMAIL_URL", "") or "consolemail://")
if PRODUCTION and not EMAIL_CONFIG["EMAIL_BACKEND"].endswith("smtp.EmailBackend"):
    raise ImproperlyConfigured("EMAIL_URL is not set to a mail server. Production needs it; see .env.example.")
vars().update(EMAIL_CONFIG)
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "portal@localhost")
# How the portal is reached from outside; links in mails begin with it. In development by a name, because a browser
# makes no passkey for an address of numbers, and by the port that `make run` was given.
OWN_URL = f"https://{ALLOWED_HOSTS[0]}" if PRODUCTION else f"http://localhost:{env.int('PORT', 8000)}"
PORTAL_URL = env.str("PORTAL_URL", OWN_URL).rstrip("/")
# Each answer of the mail server; well below the lease, or a slow delivery would be taken up twice.
EMAIL_TIMEOUT = env.int("EMAIL_TIMEOUT", 15)
OUTBOX_TRIES = env.int("OUTBOX_TRIES", 12)
OUTBOX_LEASE_MINUTES = env.int("OUTBOX_LEASE_MINUTES", 10)
OUTBOX_KEEP_DAYS = env.int("OUTBOX_KEEP_DAYS", 90)
if PRODUCTION and (OUTBOX_TRIES < 1 or OUTBOX_KEEP_DAYS < 1 or OUTBOX_LEASE_MINUTES * 60 < 10 * EMAIL_TIMEOUT):
    raise ImproperlyConfigured("OUTBOX_TRIES and OUTBOX_KEEP_DAYS are at least 1, the lease 10 times EMAIL_TIMEOUT.")

# --- the API --------------------------------------------------------------------------------------
# Asked of whoever comes with a token; a browser is asked by accounts.entry.middleware and at the sign-in page.
ACCOUNT_IN_ORDER = [
    "accounts.entry.api_access.OwnPassword",
    "accounts.entry.api_access.VerifiedEmail",
    "accounts.entry.api_access.FactorInPlace",
]
REST_FRAMEWORK = {
    # The schema writes the version that it is asked for into a header: no other words may get there.
    "ALLOWED_VERSIONS": ["v1"],
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.entry.api_access.TokenAuthentication",
        "core.api.access.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["core.api.access.GrantPermission", *ACCOUNT_IN_ORDER],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["core.api.access.JSONParser"],
    "DEFAULT_METADATA_CLASS": "core.api.metadata.Description",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "core.api.once.PortalSchema",
    "EXCEPTION_HANDLER": "core.api.viewsets.exception_handler",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "UnionOps API",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["core.api.access.SignedIn", *ACCOUNT_IN_ORDER],
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "MemberStatusEnum": "members.enums.MemberStatus",
        "GrievanceStatusEnum": "grievances.enums.GrievanceStatus",
        "ApplicationStatusEnum": "benevolence.enums.Status",
        "FileStateEnum": "core.files.enums.FileState",
        "StateEnum": "members.enums.State",
        "FundAccountEnum": "benevolence.enums.Account",
        "EntryKindEnum": "benevolence.enums.EntryKind",
        "AssignmentKindEnum": "accounts.enums.AssignmentKind",
        "ClockStartEnum": "grievances.enums.ClockStart",
        "ClockKindEnum": "grievances.enums.ClockKind",
        "RuleClockEnum": "grievances.enums.RULE_CLOCKS",
        "DeadlineSideEnum": "grievances.enums.Side",
        "DeliveryWayEnum": "grievances.enums.DeliveryWay",
        "AnswerHowEnum": "grievances.enums.AnswerHow",
        "TaskKindEnum": "grievances.enums.TaskKind",
        "StepEnum": "grievances.enums.Step",
        "StepOutcomeEnum": "grievances.enums.StepOutcome",
        "EntryStepEnum": "grievances.models.policy.ENTRY_STEPS",
        "PanelSourceEnum": "grievances.enums.PanelSource",
        "FirstStrikeEnum": "grievances.enums.FirstStrike",
    },
}

# --- what the timeline can say --------------------------------------------------------------------
PERMISSIONS = "unionops.access.PERMISSIONS"
ELECTED_ROLES = "unionops.access.ELECTED"
CONFLICTING_PERMISSIONS = "unionops.access.CONFLICTS"
NOT_FOR_CUSTOM_ROLES = "unionops.access.NOT_FOR_CUSTOM_ROLES"
LOOK_AGAIN_AT = "benevolence.services.merging.look_again"
FOR_PROGRAMS = "unionops.access.FOR_PROGRAMS"
AUDIT_ACTIONS = [
    "core.enums.CoreAction",
    "accounts.enums.AccountAction",
    "members.enums.MemberAction",
    "core.imports.enums.ImportAction",
    "organizing.enums.OrganizingAction",
    "benevolence.enums.BenevolenceAction",
    "grievances.enums.GrievanceAction",
]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "core.logs.JsonFormatter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", "INFO")},
    "loggers": {
        "django.server": {"handlers": [], "propagate": False},
        "django.request": {"level": "CRITICAL"},
        "django.security": {"level": "ERROR"},
    },
}
DEFAULT_EXCEPTION_REPORTER_FILTER = "core.logs.NoValuesFilter"
# core.templatetags.i18n stands in for that of Django on purpose.
SILENCED_SYSTEM_CHECKS = ["templates.W003"]
