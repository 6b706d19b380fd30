"""Finds password policies, of the domain and of each PSO, under which Keyback must refuse people."""

from collections.abc import Iterator
from dataclasses import dataclass
from operator import itemgetter

from writeback.directory.attributes import integer, octets, seconds, text
from writeback.directory.connection import SUBTREE, Entry, Link

PSO_CONTAINER = "CN=Password Settings Container,CN=System"
DAY = 24 * 3600
_ALL_PSOS = "(objectClass=msDS-PasswordSettings)"
_IN_DOMAIN = ("lockoutThreshold", "lockOutObservationWindow")
_IN_PSO = ("msDS-LockoutThreshold", "msDS-LockoutObservationWindow")


@dataclass(frozen=True, kw_only=True)
class TooStrict:
    """A password policy, of the domain or a PSO, under which people are refused.

    Args:
        sentence: what is wrong, for an administrator.
        command: PowerShell that an administrator runs to fix it.
    """

    sentence: str
    command: str


def too_strict_lockouts(link: Link, base: str) -> tuple[TooStrict, ...]:
    """Return the policies whose lockout threshold is 1, under which no password is ever tried.

    The worker tries a password only if a wrong one can't lock the account. An unreadable PSO is left out;
    `doctor` names those anyway.

    Args:
        link: to a controller.
        base: DN of the domain.

    Raises:
        Broken: the controller can't be asked.
    """
    return tuple(
        TooStrict(
            sentence=f"{which} locks accounts at the first wrong password, so nobody under it can "
            "sign in or change",
            command=f"{change} -LockoutThreshold 10",
        )
        for which, change, entry, name in _policies(link, base, "lockoutThreshold", "msDS-LockoutThreshold")
        if octets(entry, name) and integer(entry, name) == 1
    )


def longest_window(link: Link, base: str) -> int:
    """Return the longest time for which a wrong password counts, in seconds; 0 if nothing locks accounts.

    Everybody gets the same number: a number for each PSO would tell strangers who exists. An unreadable PSO
    is left out.

    Args:
        link: to a controller.
        base: DN of the domain.

    Raises:
        Broken: the controller can't be asked.

    Source: MS-SAMR 3.1.5.14 (LockOutObservationWindow).
    """
    _, domain = link.search(base, "(objectClass=*)", _IN_DOMAIN)
    _, psos = link.search(f"{PSO_CONTAINER},{base}", _ALL_PSOS, _IN_PSO, scope=SUBTREE)
    found = [_window(entry, *_IN_DOMAIN) for entry in domain] + [_window(entry, *_IN_PSO) for entry in psos]
    return max(found, default=0)


def _window(entry: Entry, threshold: str, window: str) -> int:
    return seconds(entry, window.lower()) if integer(entry, threshold.lower()) else 0


def long_ages(link: Link, base: str) -> tuple[TooStrict, ...]:
    """Return the policies under which a password can't be set twice on one day.

    Args:
        link: to a controller.
        base: DN of the domain.

    Raises:
        Broken: the controller can't be asked.
    """
    return tuple(
        TooStrict(
            sentence=f"{which} has a minimum age of {_days(entry, name)}, so people who have just set "
            "their password can neither change nor reset it",
            command=f"{change} -MinPasswordAge 0",
        )
        for which, change, entry, name in _policies(link, base, "minPwdAge", "msDS-MinimumPasswordAge")
        if seconds(entry, name) >= DAY
    )


def _policies(link: Link, base: str, of_domain: str, of_pso: str) -> Iterator[tuple[str, str, Entry, str]]:
    """Yield each policy: its name, the command that changes it, its entry and the attribute's name."""
    _, domain = link.search(base, "(objectClass=*)", [of_domain])
    _, psos = link.search(f"{PSO_CONTAINER},{base}", _ALL_PSOS, [of_pso], scope=SUBTREE)
    for entry in domain:
        change = f"Set-ADDefaultDomainPasswordPolicy -Identity '{_quote(base)}'"
        yield "the password policy of the domain", change, entry, of_domain.lower()
    for dn, entry in sorted(((text(entry, "dn"), entry) for entry in psos), key=itemgetter(0)):
        change = f"Set-ADFineGrainedPasswordPolicy -Identity '{_quote(dn)}'"
        yield f"the password policy {dn}", change, entry, of_pso.lower()


def _days(entry: Entry, name: str) -> str:
    days = seconds(entry, name) / DAY
    return f"{days:g} day{'' if days == 1 else 's'}"


def _quote(literal: str) -> str:
    """Double every character that ends a PowerShell literal, including the typographic quotes."""
    return "".join(2 * char if char in "'\u2018\u2019\u201a\u201b" else char for char in literal)
