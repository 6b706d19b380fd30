"""The portal's one settings file; the environment sets the values (docs/reference/settings.md lists them)."""

from contextlib import suppress
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

import dj_database_url
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from portal import env
from writeback.envelope.deadlines import SIGNED_IN_IDLE

BASE_DIR = Path(__file__).resolve().parent.parent
DATA = Path(env.text("KEYBACK_DATA", str(BASE_DIR / "var" / "portal")))

SECRET_KEY = env.secret("KEYBACK_SECRET_KEY", least=50)
DEBUG = False
ALLOWED_HOSTS = env.hosts("KEYBACK_HOSTS")
# Plain HTTP is for the demo on one's own machine only.
INSECURE_HTTP = env.flag("KEYBACK_INSECURE_HTTP", default=False)
if INSECURE_HTTP and not set(ALLOWED_HOSTS) <= {"localhost", "127.0.0.1", "[::1]"}:
    raise ImproperlyConfigured(
        "KEYBACK_INSECURE_HTTP works on localhost only: KEYBACK_HOSTS names another host."
    )

# What a person reads on every page.
KEYBACK_ORGANISATION = env.text("KEYBACK_ORGANISATION", "")
KEYBACK_CONTACT = env.text("KEYBACK_CONTACT", "")
# How many proxies are in front of the portal: as many entries at the end of X-Forwarded-For are trusted.
KEYBACK_PROXIES = env.number("KEYBACK_PROXIES", default=0, most=5)
# Answers whose timing could tell people apart are held back until this time has passed (milliseconds).
KEYBACK_FLOOR = env.number("KEYBACK_FLOOR_MS", default=250, most=5000) / 1000
# How long a page waits for the directory before it says that it is still waiting (seconds).
KEYBACK_WAIT: float = env.number("KEYBACK_WAIT_SECONDS", default=8, least=1, most=20)
# How many attempts may begin in ten minutes; the last quarter is left to known browsers.
KEYBACK_STARTS_PER_BROWSER = env.number("KEYBACK_STARTS_PER_BROWSER", default=15, least=1)
KEYBACK_STARTS = env.number("KEYBACK_STARTS_PER_ADDRESS", default=120, least=1)
KEYBACK_STARTS_PER_NETWORK = env.number("KEYBACK_STARTS_PER_NETWORK", default=300, least=1)
KEYBACK_STARTS_IN_ALL = env.number("KEYBACK_STARTS_IN_ALL", default=2000, least=1)
KEYBACK_NETWORKS = env.networks("KEYBACK_NETWORKS")
# The work of a challenge: rounds of PBKDF2 for each of 600 to 3,000 numbers.
KEYBACK_CHALLENGE_ROUNDS = env.number("KEYBACK_CHALLENGE_ROUNDS", default=2000, least=1, most=100_000)
# In a browser without scripts, a person waits this long instead (seconds).
KEYBACK_CHALLENGE_WAIT = env.number("KEYBACK_CHALLENGE_WAIT_SECONDS", default=30, least=1, most=300)
# The same number as in the worker's limit "failed_signins" (writeback.toml), for ten minutes.
KEYBACK_FAILED_SIGN_INS = env.number("KEYBACK_FAILED_SIGN_INS", default=60, least=10)
if not KEYBACK_STARTS_PER_BROWSER <= KEYBACK_STARTS <= KEYBACK_STARTS_PER_NETWORK <= KEYBACK_STARTS_IN_ALL:
    raise ImproperlyConfigured(
        "KEYBACK_STARTS_PER_BROWSER, _PER_ADDRESS, _PER_NETWORK and KEYBACK_STARTS_IN_ALL must be in "
        "this order: none may be above the one after it."
    )
for named in KEYBACK_NETWORKS:
    if named.limit * 600 > KEYBACK_STARTS_IN_ALL * named.seconds:
        raise ImproperlyConfigured(
            f"KEYBACK_NETWORKS gives {named.name!r} more than KEYBACK_STARTS_IN_ALL lets everybody begin."
        )
# The border (portal/dispatch).
KEYBACK_BROKER = "portal.dispatch.broker.RedisBroker"
KEYBACK_REDIS_URL = env.post_box("KEYBACK_REDIS_URL")
KEYBACK_REDIS_CA = env.authorities("KEYBACK_REDIS_CA")
KEYBACK_KEYS = Path(env.text("KEYBACK_KEYS", str(DATA / "keys")))

INSTALLED_APPS = [
    "portal.web",
    "portal.throttle",
    "portal.audit",
    "portal.dispatch",
    "portal.people",
    "portal.staff",
    "portal.methods",
    "portal.gates",
    "portal.selfservice",
    "portal.staff.apps.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "csp",
    "django_otp",
    "django_otp.plugins.otp_totp",
]

MIDDLEWARE = [
    "portal.dispatch.middleware.probes",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "portal.web.middleware.headers",
    "portal.dispatch.middleware.findings",
    "portal.throttle.browser.cookies",
    "portal.gates.chain.cookies",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "portal.web.middleware.plain_posts",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
CSRF_FAILURE_VIEW = "portal.web.views.csrf_failure"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portal.web.context.site",
            ],
        },
    },
]


def database(url: str) -> dict[str, Any]:
    """Return Django's description of the database: SQLite in KEYBACK_DATA, or what DATABASE_URL names."""
    if url:
        return postgresql(url)
    DATA.mkdir(parents=True, exist_ok=True, mode=0o700)
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": DATA / "portal.sqlite3",
        "CONN_MAX_AGE": 600,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 5,
            # Each thread has its own connection and cache, and the system keeps the file in memory anyway.
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-256;",
        },
    }


def postgresql(url: str) -> dict[str, Any]:
    """Return Django's description of a PostgreSQL database; options in the address override ours."""
    described: dict[str, Any] = {}
    with suppress(ValueError):
        described.update(dj_database_url.parse(url, conn_max_age=600, conn_health_checks=True))
    if described.get("ENGINE") != "django.db.backends.postgresql" or not described["NAME"]:
        raise ImproperlyConfigured(
            "DATABASE_URL is no postgresql://user:password@host/database. "
            "Without it the portal keeps a SQLite file in KEYBACK_DATA."
        )
    # Neither a server that has vanished nor a transaction that never ends may hold up a page for long.
    described["OPTIONS"] = {
        "connect_timeout": 5,
        "tcp_user_timeout": 10_000,  # milliseconds
        "options": "-c lock_timeout=5s -c idle_in_transaction_session_timeout=15s",
        **described.get("OPTIONS", {}),
    }
    return described


DATABASES = {"default": database(env.text("DATABASE_URL", ""))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "people.Account"
AUTHENTICATION_BACKENDS = ["portal.staff.backend.LocalBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 15}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
OTP_TOTP_ISSUER = "Keyback"
LOGIN_URL, LOGIN_REDIRECT_URL = "admin:login", "admin:index"

# A session ends after 14 to 15 idle minutes; its row is written once somebody has typed a name.
SESSION_ENGINE = "portal.web.sessions"
SESSION_COOKIE_AGE = SIGNED_IN_IDLE
SESSION_SAVE_EVERY_REQUEST = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not INSECURE_HTTP
SESSION_COOKIE_NAME = "keyback" if INSECURE_HTTP else "__Host-keyback"
CSRF_COOKIE_NAME = "keyback-csrf" if INSECURE_HTTP else "__Host-keyback-csrf"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Strict"
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"
LANGUAGE_COOKIE_SECURE = not INSECURE_HTTP
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"

SECURE_SSL_REDIRECT = not INSECURE_HTTP
SECURE_HSTS_SECONDS = 0 if INSECURE_HTTP else 365 * 24 * 3600
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if KEYBACK_PROXIES else None
SECURE_REFERRER_POLICY = (
    "same-origin"  # with "no-referrer" browsers send "Origin: null", which the CSRF check refuses
)
X_FRAME_OPTIONS = "DENY"
# The portal is one host of a domain: the domain's owner decides about subdomains and preloading.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    },
}

# The largest form is the change of a password; anything larger than this is refused before it is read.
DATA_UPLOAD_MAX_MEMORY_SIZE = 64 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200
FILE_UPLOAD_HANDLERS: list[str] = []

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = env.choice(
    "KEYBACK_TIME_ZONE", default="UTC", allowed=available_timezones(), example="Europe/Berlin"
)

STATIC_URL = "static/"
STATIC_ROOT = Path(env.text("KEYBACK_STATIC", str(DATA / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

LOG_LEVEL = env.choice(
    "KEYBACK_LOG_LEVEL", default="INFO", allowed=("DEBUG", "INFO", "WARNING", "ERROR"), example="INFO"
)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"lines": {"()": "portal.web.logs.Lines"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "lines"}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    # Django's own handlers would print requests and tracebacks; ours is the only one.
    "loggers": {
        "django": {"handlers": [], "propagate": True},
        "django.server": {"handlers": [], "propagate": True},
    },
}
