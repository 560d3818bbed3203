"""Settings, read from the environment. With unsafe settings it does not start in production.

Without any environment variable it is a demonstration on one machine: an SQLite database, keys created on first use,
and the loopback address only. `PRODUCTION=1`, an explicit `DEBUG=0`, or any other host than this machine in
`ALLOWED_HOSTS` make it production.
"""

import re
from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from carebase.encryption.keys import local_keys

BASE_DIR = Path(__file__).resolve().parent.parent
LOCAL_DIR = BASE_DIR / ".local"
LOOPBACK = ["127.0.0.1", "localhost", "[::1]"]

FIELD_KEY = re.compile(r"[A-Za-z0-9]+:[A-Za-z0-9_-]{43}=")
TRAIL_KEY_FORMAT = re.compile(r"[A-Za-z0-9_-]{43}=(,[A-Za-z0-9_-]{43}=)*")

env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env")

DEBUG = env.bool("DEBUG", default=False)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[])
PRODUCTION = env.bool(
    "PRODUCTION", default=("DEBUG" in env.ENVIRON and not DEBUG) or bool(set(ALLOWED_HOSTS) - set(LOOPBACK))
)


def refuse_unsafe(settings: dict) -> None:
    """Raise ImproperlyConfigured with every reason why these settings must not serve real children's files."""
    secret, reasons = settings["SECRET_KEY"], []
    if settings["DEBUG"]:
        reasons.append("DEBUG must be off: its error pages show files of children to anyone.")
    if not settings["ALLOWED_HOSTS"] or any(host.startswith("*") for host in settings["ALLOWED_HOSTS"]):
        reasons.append("ALLOWED_HOSTS must name the hosts that are served, without a wildcard.")
    if len(secret) < 50 or len(set(secret)) < 10 or secret.startswith("django-insecure-"):
        reasons.append("SECRET_KEY must be at least 50 random characters, known to nobody else.")
    entries = settings["FIELD_KEYS"].split(",")
    if not all(FIELD_KEY.fullmatch(entry) for entry in entries) or len(settings["INDEX_KEY"]) < 32:
        reasons.append(
            "FIELD_KEYS and INDEX_KEY must hold the keys that ID numbers and phones are encrypted with: "
            "FIELD_KEYS as k1:<32 random bytes in URL-safe base64>, INDEX_KEY as at least 32 random characters."
        )
    if not TRAIL_KEY_FORMAT.fullmatch(settings["TRAIL_KEY"]):
        reasons.append(
            "TRAIL_KEY must hold the key that the audit trail is sealed with: 32 random bytes in URL-safe base64."
        )
    if reasons:
        raise ImproperlyConfigured("Carebase does not start in production. " + " ".join(reasons))


_local = {} if PRODUCTION else local_keys(LOCAL_DIR)
SECRET_KEY = env("SECRET_KEY", default=_local.get("SECRET_KEY", ""))
# "k2:<base64>,k1:<base64>": the first encrypts, all decrypt; `manage.py rotate_keys` moves every row to the first.
FIELD_KEYS = env("FIELD_KEYS", default=_local.get("FIELD_KEYS", ""))
INDEX_KEY = env("INDEX_KEY", default=_local.get("INDEX_KEY", ""))
# "<base64>,<base64>": the first seals the audit trail (Ed25519), the seals of all are valid.
TRAIL_KEY = env("TRAIL_KEY", default=_local.get("TRAIL_KEY", ""))
if PRODUCTION:
    refuse_unsafe(globals())
else:
    ALLOWED_HOSTS = ALLOWED_HOSTS or LOOPBACK

INSTALLED_APPS = [
    "carebase.accounts",
    "carebase.audit",
    "carebase.jobs",
    "carebase.apps.CarebaseConfig",
    "carebase.apps.CarebaseAdminConfig",
    "registry",
    "visits",
    "pairing",
    "activities",
    "carebase.reports",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "crispy_forms",
    "crispy_bootstrap5",
    "csp",
    "django.forms",
]

MIDDLEWARE = [
    "carebase.middleware.HeadMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "carebase.audit.middleware.AuditMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "carebase.accounts.middleware.SessionRulesMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

FORM_RENDERER = "carebase.form_renderer.FormRenderer"  # renders widgets without templates

ROOT_URLCONF = "carebase.urls"
WSGI_APPLICATION = "carebase.wsgi.application"
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
                "django.template.context_processors.i18n",
                "carebase.navigation.navigation",
            ],
        },
    },
]

DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{LOCAL_DIR / 'carebase.sqlite3'}")}
_database = DATABASES["default"]
_options = _database.setdefault("OPTIONS", {})
if _database["ENGINE"].endswith("sqlite3"):
    # A confirmed write survives a power cut, readers never wait for the writer, and a transaction that will write
    # takes its lock at once: a deferred one fails with "database is locked" however long the timeout.
    # carebase.checks refuses to start without these.
    _options["transaction_mode"] = "IMMEDIATE"
    # A save waits for a large import: 20,000 rows take 20 seconds, and a school's machine may be three times slower.
    # A shorter timeout would lose what somebody typed.
    _options["timeout"] = 120
    _options["init_command"] = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
else:
    _database["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=60)
    _database["CONN_HEALTH_CHECKS"] = True
    _options.setdefault("connect_timeout", 5)  # seconds, before the page says that the database is away
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "name")},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "carebase.accounts.passwords.MaximumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"
# After a few failed sign-ins one waits a quarter of an hour, never for ever: a pupil must not be able to lock a
# teacher out.
SIGN_IN_FAILURES_PER_ACCOUNT = env.int("SIGN_IN_FAILURES_PER_ACCOUNT", default=5)
SIGN_IN_FAILURES_PER_ADDRESS = env.int("SIGN_IN_FAILURES_PER_ADDRESS", default=20)
SIGN_IN_WINDOW_MINUTES = env.int("SIGN_IN_WINDOW_MINUTES", default=15)
# Whoever has a password or a role that somebody else set appoints and approves nobody for so long.
APPROVAL_WAIT_HOURS = env.int("APPROVAL_WAIT_HOURS", default=24)
# Restricted values are shown in full to who gave their password within so many minutes, and so many times a day.
STEP_UP_MINUTES = env.int("STEP_UP_MINUTES", default=5)
FULL_VALUES_PER_DAY = env.int("FULL_VALUES_PER_DAY", default=60)
FULL_PAPERS_PER_DAY = env.int("FULL_PAPERS_PER_DAY", default=3)
SESSION_IDLE_MINUTES = env.int("SESSION_IDLE_MINUTES", default=30)
SESSION_COOKIE_AGE = env.int("SESSION_HOURS", default=12) * 3600  # absolute limit
SESSION_EXPIRE_AT_BROWSER_CLOSE = True

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Simplified Chinese")), ("en", _("English"))]
# Our own strings, and our words in place of Django's.
LOCALE_PATHS = [BASE_DIR / "carebase" / "locale", BASE_DIR / "carebase" / "wording"]
TIME_ZONE = "Asia/Shanghai"
DATE_READER = "registry.codes.dates.parse_date"  # one for forms and sheets
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = env("STATIC_ROOT", default=str(BASE_DIR / "static-collected") if PRODUCTION else None)
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = not PRODUCTION
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
MEDIA_ROOT = env("MEDIA_ROOT", default=str(BASE_DIR / "media"))
# The font of PDF files, and its number in a collection: the third of Noto Sans CJK is simplified Chinese.
PAPER_FONT = env("PAPER_FONT", default="/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")
PAPER_FONT_NUMBER = env.int("PAPER_FONT_NUMBER", default=2)
# Background jobs: "embedded" in the web process, "process" (`manage.py work` beside it), or "inline" in the request.
JOBS = env("JOBS", default="embedded")
if JOBS not in {"embedded", "process", "inline"}:
    raise ImproperlyConfigured(f"JOBS must be embedded, process or inline, not {JOBS!r}.")
JOBS_ROOT = env("JOBS_ROOT", default=str(Path(MEDIA_ROOT) / "jobs"))  # shared by all processes, as MEDIA_ROOT is
JOBS_LOST_AFTER = env.int("JOBS_LOST_AFTER", default=60)  # seconds without a heartbeat
CRISPY_ALLOWED_TEMPLATE_PACKS = CRISPY_TEMPLATE_PACK = "bootstrap5"

# Behind a proxy that terminates TLS, and a server that passes its headers on instead of reading them, set
# SECURE_PROXY_SSL_HEADER=HTTP_X_FORWARDED_PROTO,https and TRUSTED_PROXIES=1.
if proxy_header := env.tuple("SECURE_PROXY_SSL_HEADER", default=()):
    SECURE_PROXY_SSL_HEADER = proxy_header
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)
SECURE_SSL_REDIRECT = PRODUCTION
SECURE_HSTS_SECONDS = 31_536_000 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = PRODUCTION
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = PRODUCTION
SESSION_COOKIE_NAME = "__Host-session" if PRODUCTION else "carebase-session"
CSRF_COOKIE_NAME = "__Host-csrf" if PRODUCTION else "carebase-csrf"
CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],  # Bootstrap's own icons are data: images
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}

DATA_UPLOAD_MAX_NUMBER_FIELDS = 3000
FILE_UPLOAD_HANDLERS = ["carebase.files.uploads.BoundedMemoryUploadHandler"]
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
