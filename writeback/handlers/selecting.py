"""The portal's selected groups: their SIDs, and which of them match nobody."""

from collections.abc import Sequence
from dataclasses import dataclass

from writeback.ports import Account, DirectoryAway, Site


@dataclass(frozen=True, kw_only=True)
class Selected:
    """A policy's groups as the directories know them.

    Args:
        sids: the SIDs of each group, in the order of the policy; none for a group that matches nobody.
    """

    sids: tuple[frozenset[str], ...]

    def lets_in(self, account: Account) -> bool:
        """Tell whether the account is in one of the groups, or there are none, so that all are let in."""
        return not self.sids or bool(self.places_of(account))

    def places_of(self, account: Account) -> tuple[int, ...]:
        """Return the positions of the groups that an account is in."""
        return tuple(place for place, sids in enumerate(self.sids) if not sids.isdisjoint(account.sids))

    def find_missing(self) -> tuple[int, ...]:
        """Return the positions of the groups that match nobody."""
        return tuple(place for place, sids in enumerate(self.sids) if not sids)


def select_groups(site: Site, dns: Sequence[str]) -> Selected:
    """Look up a policy's groups; a group that can't be found matches nobody.

    Args:
        site: the site with its directories.
        dns: DNs of the groups; each may be in another directory of the site, since SIDs are global.
    """
    return Selected(sids=tuple(_sids(site, dn) for dn in dns))


def _sids(site: Site, dn: str) -> frozenset[str]:
    for one in site.directories.values():
        try:
            return one.group_sids([dn])
        except (LookupError, DirectoryAway):
            continue
    return frozenset()
