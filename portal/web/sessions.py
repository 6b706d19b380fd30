"""Sessions in the database under the digest of their key: who reads the table can't take one over."""

import hashlib
from typing import Any

from django.contrib.sessions.backends import db
from django.contrib.sessions.base_session import AbstractBaseSession
from django.utils import timezone


class SessionStore(db.SessionStore):
    """Django's own; the key itself is only in the browser's cookie. It has 165 random bits."""

    def exists(self, session_key: str) -> bool:
        """Say without a look that a new key is free: it is that long, and `create` would notice."""
        return False

    def create_model_instance(self, data: dict[str, Any]) -> AbstractBaseSession:
        made = super().create_model_instance(data)
        made.session_key = kept_as(made.session_key)
        return made

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key:
            self.model.objects.filter(session_key=kept_as(key)).delete()

    def _get_session_from_db(self) -> AbstractBaseSession | None:
        alive = self.model.objects.filter(expire_date__gt=timezone.now())
        found = alive.filter(session_key=kept_as(self.session_key or "")).first()
        if found is None:
            self._session_key = None
        return found


def kept_as(key: str) -> str:
    """Return what stands in the table for a session's key: 160 bits of its SHA-256, as wide as the column."""
    return hashlib.sha256(key.encode()).hexdigest()[:40]
