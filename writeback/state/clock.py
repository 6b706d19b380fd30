"""The time by which everything in the state is compared: the same one for all hosts of a site."""

from sqlalchemy import text

from writeback.ports import Clock
from writeback.state.store import State

_NOW = text("SELECT extract(epoch FROM clock_timestamp())")


class StateClock:
    """Fulfils ports.Clock: the database's time on PostgreSQL, this host's on SQLite.

    Between two looks at the database it goes on with what this host counts, which no change of its clock
    touches.

    Args:
        state: whose time it is.
        host: this host's clock.

    Raises:
        StateAway: the database can't be asked.
    """

    def __init__(self, state: State, host: Clock) -> None:
        self._state, self._host = state, host
        self._ahead: float | None = None  # what the database's time is ahead of this host's count of seconds
        self.measure()

    def now(self) -> float:
        if self._ahead is None:
            return self._host.now()
        return self._host.monotonic() + self._ahead

    def monotonic(self) -> float:
        return self._host.monotonic()

    def measure(self) -> None:
        """Look at the database's clock again; called with the heartbeats and before each write.

        Raises:
            StateAway: it can't be asked.
        """
        if self._state.path is not None:
            return
        with self._state.reading() as tx:
            before = self._host.monotonic()
            found = float(tx.execute(_NOW).scalar_one())
            after = self._host.monotonic()
        self._ahead = found - (before + after) / 2

    def host_is_off(self) -> float:
        """Return the seconds that this host's clock is ahead of the state's; negative where it is behind."""
        return self._host.now() - self.now()
