"""The groups whose members are never touched, with their SIDs from the directories."""

from collections.abc import Sequence

from writeback.ports import CantJudge, Clock, Directory, DirectoryAway, DistributionGroup, Unreadable

_KEPT, _AGAIN = 300, 10
"""Seconds for which SIDs are kept, and seconds until a retry after a directory failed to give them."""


class DeniedGroups:
    """The SIDs of the ceiling's denied groups and operators, of all directories together.

    SIDs are global: an operator of the root domain is one in a child domain too. They hardly ever change, so
    the known ones stay valid while their directory is away.
    """

    def __init__(self, groups: Sequence[tuple[Directory, Sequence[str]]], clock: Clock) -> None:
        """Name the groups.

        Args:
            groups: each directory with the DNs of the groups that lie in it.
            clock: says when to ask again.
        """
        self._groups = [(directory, tuple(dns)) for directory, dns in groups if dns]
        self._clock = clock
        self._found: dict[str, frozenset[str]] = {}
        self._known: tuple[float, DirectoryAway | None] = (float("-inf"), None)

    def sids(self) -> frozenset[str]:
        """Return the SIDs.

        Raises:
            CantJudge: one of the groups is gone or is a distribution group, and so protects nobody.
                As long as the settings name it, nobody can be judged.
            DirectoryAway: a directory has not given the SIDs of its groups yet.
        """
        until, problem = self._known
        if self._clock.monotonic() >= until:
            problems = [self._ask(directory, dns) for directory, dns in self._groups]
            problem = next((one for one in problems if one), None)
            self._known = (self._clock.monotonic() + (_AGAIN if problem else _KEPT), problem)
        if problem:
            raise problem
        return frozenset[str]().union(*self._found.values())

    def _ask(self, directory: Directory, dns: Sequence[str]) -> DirectoryAway | None:
        """Ask one directory for its groups; return the error if they can't be used, else None."""
        try:
            self._found[directory.id] = directory.group_sids(dns)
        except LookupError as error:
            what = "is a distribution group" if isinstance(error, DistributionGroup) else "does not exist"
            return CantJudge(f"[scope] names a group that protects nobody: {error.args[0]} {what}")
        except Unreadable as error:
            return CantJudge(str(error))
        except DirectoryAway as error:
            return None if directory.id in self._found else error
        return None
