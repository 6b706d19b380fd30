"""Alarms to the people on call: each reached limit and each fault, at most once an hour."""

import os
from collections.abc import Mapping

from writeback.ceiling import HOUR, Ceiling, Rate
from writeback.envelope.jobs import FALLBACK_LOCALE
from writeback.envelope.secret import Secret
from writeback.ports import Audit, Channel, Clock, Note
from writeback.state import (
    BROKEN_AUDIT,
    CLOSED,
    UNREADABLE,
    WORRYING,
    Count,
    State,
    StateKeys,
    put,
    take,
    wait_for,
)

_HOURLY = (Rate(count=1, seconds=HOUR),)


class Alarms:
    """Looks at the counts of the site; `look` is called with the heartbeats.

    The state keeps the hour, so that neither a restart nor a second worker repeats an alarm.
    """

    def __init__(
        self, *, state: State, keys: StateKeys, clock: Clock, audit: Audit, ceiling: Ceiling
    ) -> None:
        self._state, self._keys, self._clock, self._audit = state, keys, clock, audit
        self._on_call = ceiling.notify.on_call
        # The journal, proof/passwords.py and proof/sending.py count under these subjects.
        self._watched: Mapping[str, Count] = {
            "alarm-resets": Count(subject="intent", rates=ceiling.limits.site),
            "alarm-signins": Count(subject="password", rates=ceiling.limits.failed_signins, locks=True),
            "alarm-mails": Count(subject="send", rates=ceiling.limits.sends_for_strangers),
            "alarm-unreadable": Count(subject=UNREADABLE, rates=WORRYING),
            "alarm-portal-audit": Count(subject=BROKEN_AUDIT, rates=WORRYING),
            "alarm-closed": Count(subject=CLOSED, rates=WORRYING),
        }

    def look(self) -> None:
        """Queue a mail to each address on call for each reached limit and each fault.

        Raises:
            StateAway: the counts can't be read.
        """
        now = self._clock.now()
        for kind, count in self._watched.items():
            with self._state.reading() as tx:
                reached = wait_for(tx, [count], now=now) > 0
            if reached:
                self._ring(kind, now)

    def _ring(self, kind: str, now: float) -> None:
        once = Count(subject=kind, rates=_HOURLY)
        notes = [
            Note(
                kind=kind,
                channel=Channel.MAIL,
                to=Secret(address),
                locale=FALLBACK_LOCALE,
                parameters={"at": str(int(now))},
            )
            for address in self._on_call
        ]
        with self._state.writing() as tx:
            if take(tx, [once], now=now, ticket=os.urandom(16)):
                return
            put(tx, self._keys, notes, now=now)
        self._audit.record("limit.reached", reference="", limit=kind.removeprefix("alarm-"), told=len(notes))
