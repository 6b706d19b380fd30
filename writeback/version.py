"""Which version of Keyback this is."""

import tomllib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_PROJECT = Path(__file__).parents[1] / "pyproject.toml"


def running_version() -> str:
    """Return the version of the tree that runs, as installed by `deploy/install`, or else of the package."""
    try:
        return str(tomllib.loads(_PROJECT.read_text(encoding="utf-8"))["project"]["version"])
    except (OSError, KeyError, ValueError):
        pass
    try:
        return version("keyback")
    except PackageNotFoundError:
        return "unpackaged"
