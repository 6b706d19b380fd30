"""Lockout thresholds under which no password may ever be tried, of the domain and of each PSO."""

from dataclasses import dataclass

from writeback.directory.attributes import integer, octets, seconds, text
from writeback.directory.connection import SUBTREE, Entry, Link

PSO_CONTAINER = "CN=Password Settings Container,CN=System"
_ALL_PSOS = "(objectClass=msDS-PasswordSettings)"
_IN_DOMAIN = ("lockoutThreshold", "lockOutObservationWindow")
_IN_PSO = ("msDS-LockoutThreshold", "msDS-LockoutObservationWindow")


@dataclass(frozen=True, kw_only=True)
class ShutOut:
    """A policy that locks an account at the first wrong password.

    Args:
        dn: of the PSO; empty for the policy of the domain.
        command: what an administrator runs to mend it (PowerShell).
    """

    dn: str
    command: str

    @property
    def sentence(self) -> str:
        """What is wrong, for an administrator."""
        which = f"the password policy {self.dn}" if self.dn else "the password policy of the domain"
        return f"{which} locks accounts at the first wrong password, so nobody under it can sign in or change"


def shut_out(link: Link, base: str) -> tuple[ShutOut, ...]:
    """Return the policies whose threshold is 1: a try is only made while one more wrong one locks nobody.

    A PSO that may not be read is not among them; `doctor` names those anyway.

    Args:
        link: to a controller.
        base: DN of the domain.

    Raises:
        Broken: the controller can't be asked.
    """
    _, domain = link.search(base, "(objectClass=*)", ["lockoutThreshold"])
    _, psos = link.search(f"{PSO_CONTAINER},{base}", _ALL_PSOS, ["msDS-LockoutThreshold"], scope=SUBTREE)
    strict = [text(entry, "dn") for entry in psos if _is_one(entry, "msds-lockoutthreshold")]
    found = [ShutOut(dn=dn, command=_for_pso(dn)) for dn in sorted(strict)]
    if any(_is_one(entry, "lockoutthreshold") for entry in domain):
        found.insert(0, ShutOut(dn="", command=_for_domain(base)))
    return tuple(found)


def longest_window(link: Link, base: str) -> int:
    """Return the longest time for which a wrong password counts, in seconds; 0 where nothing locks accounts.

    It is one number for everybody: whose PSO has which would tell strangers who exists. A PSO that may not be
    read is left out.

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


def _is_one(entry: Entry, name: str) -> bool:
    return bool(octets(entry, name)) and integer(entry, name) == 1


def _for_domain(base: str) -> str:
    return f"Set-ADDefaultDomainPasswordPolicy -Identity '{_quoted(base)}' -LockoutThreshold 10"


def _for_pso(dn: str) -> str:
    return f"Set-ADFineGrainedPasswordPolicy -Identity '{_quoted(dn)}' -LockoutThreshold 10"


def _quoted(literal: str) -> str:
    """Double every character that ends a literal of PowerShell, the typographic quotes too."""
    return "".join(2 * char if char in "'\u2018\u2019\u201a\u201b" else char for char in literal)
