"""Where the pages of all apps lead to: the app on top has these pages, and gives their table at the start."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.urls import reverse


@dataclass(frozen=True, kw_only=True)
class SiteMap:
    """Names of addresses, and of one template.

    Args:
        home: the first page.
        sign_in: where somebody signs in to set up ways to prove who they are.
        sign_out: where a button of somebody who is signed in posts to.
        ways: somebody's own ways; for who is signed in.
        begin: where each operation begins.
        act: where each operation is done once enough is proven, if not within the attempt.
        act_in_attempt: the same within an attempt, by its public id.
        result: what came of an attempt, by its public id.
        ended: the template of the page of an attempt that can't go on.
    """

    home: str
    sign_in: str
    sign_out: str
    ways: str
    begin: Mapping[str, str]
    act: Mapping[str, str]
    act_in_attempt: Mapping[str, str]
    result: str
    ended: str

    def url_to_act(self, operation: str, public_id: str) -> str:
        """Return the address at which the operation of an attempt is done."""
        if operation in self.act_in_attempt:
            return reverse(self.act_in_attempt[operation], args=[public_id])
        return reverse(self.act[operation])


_given: list[SiteMap] = []


def give_site_map(pages: SiteMap) -> None:
    """Let the pages of all apps lead to these."""
    _given[:] = [pages]


def site_map() -> SiteMap:
    """Return the table that was given."""
    return _given[0]
