"""Reads CHANGELOG.md: dated versions, newest first, below an optional part that is not released yet."""

import re
from collections.abc import Mapping

UNRELEASED = "Unreleased"
_HEADING = re.compile(r"^## (?:(Unreleased)|(\d+\.\d+\.\d+) · (\d{4}-\d{2}-\d{2}))$")


class ChangelogError(ValueError):
    """The changelog can't be released as it stands; the message says why."""


def sections(text: str) -> Mapping[str, str]:
    """Return what stands below each version's heading, in the order of the file.

    Raises:
        ChangelogError: a heading is neither "Unreleased" nor a version with its date.
    """
    found: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in text.splitlines():
        if line.startswith("## "):
            heading = _HEADING.match(line)
            if not heading:
                raise ChangelogError(f'"{line}" is not "## X.Y.Z · YYYY-MM-DD".')
            lines = found.setdefault(heading[1] or heading[2], [])
        else:
            lines.append(line)
    return {version: "\n".join(part).strip() for version, part in found.items()}


def notes_of(text: str, version: str) -> str:
    """Return the notes of the newest version, which must be this one.

    Raises:
        ChangelogError: another version is the newest, or something is not released yet.
    """
    known = dict(sections(text))
    if known.pop(UNRELEASED, ""):
        raise ChangelogError("There are changes under Unreleased; put them under the version.")
    newest = next(iter(known), None)
    if newest != version:
        raise ChangelogError(f"CHANGELOG.md ends in {newest}, and pyproject.toml says {version}.")
    if not known[version]:
        raise ChangelogError(f"CHANGELOG.md says nothing of {version}.")
    return known[version]
