"""The version of Keyback that runs."""

import tomllib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_PROJECT = Path(__file__).parents[1] / "pyproject.toml"


def running_version(project: Path = _PROJECT) -> str:
    """Return the version of the source tree, as `deploy/install` installs it, or else of the package.

    Args:
        project: the pyproject.toml of the tree; beside an installed package it may be another project's.
    """
    try:
        told = tomllib.loads(project.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        told = {}
    match told:
        case {"project": {"name": "keyback", "version": str(number)}}:
            return number
    try:
        return version("keyback")
    except PackageNotFoundError:
        return "unpackaged"
