"""The portal's settings under test: those of the pictures, without limits that a test did not set."""

import os

os.environ.setdefault("KEYBACK_DATA", "var/tests/portal")
os.environ.setdefault("KEYBACK_FLOOR_MS", "0")
os.environ.setdefault("KEYBACK_STARTS_PER_BROWSER", "100000")
os.environ.setdefault("KEYBACK_STARTS_PER_ADDRESS", "100000")
os.environ.setdefault("KEYBACK_STARTS_PER_NETWORK", "100000")
os.environ.setdefault("KEYBACK_STARTS_IN_ALL", "100000")
os.environ.setdefault("KEYBACK_FAILED_SIGN_INS", "100000")
os.environ.setdefault("KEYBACK_CHALLENGE_ROUNDS", "1")

from deploy.dev.settings import *  # noqa: F403

default = DATABASES["default"]  # noqa: F405
if default["ENGINE"].endswith("sqlite3"):
    # A file, as threads need; one for each run, as two may go on at a time; no power cut matters.
    default["TEST"] = {"NAME": DATA / f"test-{os.getpid()}.sqlite3"}  # noqa: F405
    default["OPTIONS"]["init_command"] += " PRAGMA synchronous=OFF;"
