"""The portal's settings under test: the production file with a throw-away environment."""

import os
import secrets

os.environ.setdefault("KEYBACK_SECRET_KEY", secrets.token_urlsafe(50))
os.environ.setdefault("KEYBACK_HOSTS", "localhost,127.0.0.1,testserver")
os.environ.setdefault("KEYBACK_DATA", "var/tests/portal")
os.environ.setdefault("KEYBACK_REDIS_URL", "redis://127.0.0.1:1/0")
os.environ.setdefault("KEYBACK_FLOOR_MS", "0")
os.environ.setdefault("KEYBACK_STARTS_PER_BROWSER", "100000")
os.environ.setdefault("KEYBACK_STARTS_PER_ADDRESS", "100000")
os.environ.setdefault("KEYBACK_STARTS_PER_NETWORK", "100000")
os.environ.setdefault("KEYBACK_STARTS_IN_ALL", "100000")
os.environ.setdefault("KEYBACK_FAILED_SIGN_INS", "100000")
os.environ.setdefault("KEYBACK_CHALLENGE_ROUNDS", "1")

from portal.settings import *  # noqa: F403

SECURE_SSL_REDIRECT = False
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
default = DATABASES["default"]  # noqa: F405
if default["ENGINE"].endswith("sqlite3"):
    # A file, as threads need; one for each run, as two may go on at a time; no power cut matters.
    default["TEST"] = {"NAME": DATA / f"test-{os.getpid()}.sqlite3"}  # noqa: F405
    default["OPTIONS"]["init_command"] += " PRAGMA synchronous=OFF;"

STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # noqa: F405  # WhiteNoise warns where there is none
