"""Django's system check of the paired sites, for `manage.py check --database default` and `migrate`."""

from collections.abc import Sequence
from typing import Any

from django.core import checks
from django.db import DatabaseError

from portal.dispatch.queries import has_too_many_sites

TOO_MANY = "Several sites are paired and switched on, so none is used: this version serves one site."
HINT = "Switch all but one off in the admin, or forget them: manage.py unpair NAME"


@checks.register(checks.Tags.database)
def check_sites(databases: Sequence[str] | None = None, **_: Any) -> list[checks.CheckMessage]:
    """Warn if more than one site is paired, because that closes the portal."""
    if not databases:
        return []
    try:
        found = has_too_many_sites()
    except DatabaseError:  # not migrated yet
        return []
    return [checks.Warning(TOO_MANY, hint=HINT, id="keyback.W001")] if found else []
