"""The groups whose members nobody touches, as the directory knows them."""

from collections.abc import Sequence

from writeback.ports import Clock, Directory, DirectoryAway

_KEPT = 300


class DeniedGroups:
    """The SIDs of the ceiling's denied groups and operators in one directory; SIDs hardly ever change."""

    def __init__(self, directory: Directory, dns: Sequence[str], clock: Clock) -> None:
        self._directory, self._dns, self._clock = directory, tuple(dns), clock
        self._found: frozenset[str] = frozenset()
        self._until = float("-inf")

    def sids(self) -> frozenset[str]:
        """Return them.

        Raises:
            DirectoryAway: the directory can't be asked, or one of the groups is gone: then nobody is judged.
        """
        if self._clock.monotonic() >= self._until:
            try:
                self._found = self._directory.group_sids(self._dns) if self._dns else frozenset()
            except LookupError as error:
                raise DirectoryAway(f"[scope] names a group that does not exist: {error.args[0]}") from None
            self._until = self._clock.monotonic() + _KEPT
        return self._found
