"""Sessions that the database keeps under a digest of their key: the table lets nobody take one over."""

import hashlib
from datetime import datetime, timedelta
from typing import Any

from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import VALID_KEY_CHARS
from django.contrib.sessions.base_session import AbstractBaseSession
from django.contrib.sessions.exceptions import SessionInterrupted
from django.utils import timezone
from django.utils.crypto import get_random_string

from portal.web.queries import find_one

_WRITTEN_EVERY = timedelta(minutes=1)


class SessionStore(db.SessionStore):
    """Django's session store, but the key itself is only in the browser's cookie; it has 165 random bits."""

    _lasts_until: datetime | None = None

    def exists(self, session_key: str) -> bool:
        """Return False without a query: a new key is long enough to be unique, and `create` would notice."""
        return False

    def cycle_key(self) -> None:
        """Give the session another key and save its data with the same statement; its row stays.

        Raises:
            SessionInterrupted: there is no row under the old key.
        """
        kept = dict(self.items())  # read while the session still has its old key
        before, after = self.session_key, get_random_string(32, VALID_KEY_CHARS)
        if before is None:
            super().cycle_key()
            return
        until = self.get_expiry_date()
        rows = self.model.objects.filter(session_key=digest_of_key(before))
        if not rows.update(
            session_key=digest_of_key(after), session_data=self.encode(kept), expire_date=until
        ):
            raise SessionInterrupted("The session was ended or renewed by another request meanwhile.")
        self._session_key, self._session_cache = after, kept
        self._lasts_until, self.modified = until, False

    def save(self, must_create: bool = False) -> None:
        """Write the row, unless only its time has changed, and by less than a minute.

        Otherwise each opening of a page would be a write, for which other requests wait.
        """
        lasts = self._lasts_until and self._lasts_until - timezone.now() > self._span_without_write()
        if must_create or self.modified or not lasts:
            super().save(must_create)

    def _span_without_write(self) -> timedelta:
        return timedelta(seconds=self.get_session_cookie_age()) - _WRITTEN_EVERY

    def create_model_instance(self, data: dict[str, Any]) -> AbstractBaseSession:
        made = super().create_model_instance(data)
        made.session_key = digest_of_key(made.session_key)
        return made

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key:
            self.model.objects.filter(session_key=digest_of_key(key)).delete()

    def _get_session_from_db(self) -> AbstractBaseSession | None:
        alive = self.model.objects.filter(expire_date__gt=timezone.now())
        found = find_one(alive.filter(session_key=digest_of_key(self.session_key or "")))
        if found is None:
            self._session_key = None
        self._lasts_until = found.expire_date if found else None
        return found


def digest_of_key(key: str) -> str:
    """Return the digest under which the table keeps a session: 160 bits of SHA-256, as wide as the column."""
    return hashlib.sha256(key.encode()).hexdigest()[:40]
