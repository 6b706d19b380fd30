"""The pages to which all apps lead; the app on top has these pages and sets this table at the start."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.urls import reverse


@dataclass(frozen=True, kw_only=True)
class SiteMap:
    """Names of addresses, and of one template.

    Args:
        home: the first page.
        sign_in: the sign-in for setting up ways to prove who one is.
        sign_out: the address to which the button "Sign out" posts.
        ways: a signed-in person's own ways.
        begin: for each operation, the page where it begins.
        act: for each operation, the page where it is done once enough is proven, outside the attempt.
        act_in_attempt: the same for operations that are done within the attempt, by its public id.
        result: the result of an attempt, by its public id.
        ended: the template for an attempt that can't go on.
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
    """Set the pages to which all apps lead."""
    _given[:] = [pages]


def site_map() -> SiteMap:
    """Return the table that was set."""
    return _given[0]
