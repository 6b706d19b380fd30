"""The clock for all times in the state: the same for all hosts of a site."""

from sqlalchemy import text

from writeback.ports import Clock
from writeback.state.store import State

_NOW = text("SELECT extract(epoch FROM clock_timestamp())")


class StateClock:
    """Fulfils ports.Clock: the database's time on PostgreSQL, this host's on SQLite.

    Between two readings of the database it adds this host's monotonic time, so changes of the host's clock
    don't matter.

    Args:
        state: the state whose time it is.
        host: this host's clock.

    Raises:
        StateAway: the database can't be asked.
    """

    def __init__(self, state: State, host: Clock) -> None:
        self._state, self._host = state, host
        self._ahead: float | None = None  # the database's time minus this host's monotonic time
        self.measure()

    def now(self) -> float:
        if self._ahead is None:
            return self._host.now()
        return self._host.monotonic() + self._ahead

    def monotonic(self) -> float:
        return self._host.monotonic()

    def measure(self) -> None:
        """Read the database's clock again; called with the heartbeats and before each write.

        Raises:
            StateAway: the database can't be asked.
        """
        if self._state.path is not None:
            return
        with self._state.reading() as tx:
            before = self._host.monotonic()
            found = float(tx.execute(_NOW).scalar_one())
            after = self._host.monotonic()
        self._ahead = found - (before + after) / 2

    def host_is_off(self) -> float:
        """Return how many seconds this host's clock is ahead of the state's; negative if it is behind."""
        return self._host.now() - self.now()
