"""The portal's settings for the styleguide's pictures: the production file with a throw-away environment."""

import os
import secrets

os.environ.setdefault("KEYBACK_SECRET_KEY", secrets.token_urlsafe(50))
os.environ.setdefault("KEYBACK_HOSTS", "localhost,127.0.0.1,testserver")
os.environ.setdefault("KEYBACK_DATA", "var/shots")
os.environ.setdefault("KEYBACK_REDIS_URL", "redis://127.0.0.1:1/0")

from portal.settings import *  # noqa: F403

SECURE_SSL_REDIRECT = False
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # noqa: F405  # WhiteNoise warns where there is none
