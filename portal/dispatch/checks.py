"""Django's system check of the paired sites, for `manage.py check --database default` and `migrate`."""

from collections.abc import Sequence
from typing import Any

from django.core import checks
from django.db import DatabaseError

from portal.dispatch.queries import read_excess
from portal.dispatch.rules import Excess

TOO_MANY = {
    Excess.SITES: (
        "Several sites are paired and switched on, so none is used: this version serves one site.",
        "Switch all but one off in the admin, or forget them: manage.py unpair NAME",
    ),
    Excess.DIRECTORIES: (
        "The paired site serves several directories, so it is not used: this version serves one.",
        "Keep one [[directory]] in writeback.toml, run writeback setup there, and manage.py pair here.",
    ),
}


@checks.register(checks.Tags.database)
def check_sites(databases: Sequence[str] | None = None, **_: Any) -> list[checks.CheckMessage]:
    """Warn if more than one site or directory is paired, because that closes the portal."""
    if not databases:
        return []
    try:
        found = read_excess()
    except DatabaseError:  # not migrated yet
        return []
    return [checks.Warning(TOO_MANY[found][0], hint=TOO_MANY[found][1], id="keyback.W001")] if found else []
