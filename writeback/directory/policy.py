"""The password rules for an account, as the directory holds them."""

from dataclasses import dataclass, replace

from writeback.directory.attributes import integer, octets, seconds
from writeback.directory.connection import SUCCESS, Broken, Entry, Link
from writeback.directory.readable import GRANT
from writeback.envelope.answers import PolicyFacts
from writeback.envelope.passwords import name_parts
from writeback.ports import Account, Unreadable

COMPLEX = 0x1
"""DOMAIN_PASSWORD_COMPLEX in pwdProperties (MS-SAMR 2.2.3.5)."""
DOMAIN_ATTRIBUTES = (
    "minPwdLength",
    "pwdProperties",
    "pwdHistoryLength",
    "minPwdAge",
    "lockoutThreshold",
    "lockOutObservationWindow",
)
PSO_ATTRIBUTES = (
    "msDS-MinimumPasswordLength",
    "msDS-PasswordComplexityEnabled",
    "msDS-PasswordHistoryLength",
    "msDS-MinimumPasswordAge",
    "msDS-LockoutThreshold",
    "msDS-LockoutObservationWindow",
)


@dataclass(frozen=True, kw_only=True)
class Rules:
    """The rules as the directory holds them.

    Args:
        min_age, lockout_window: seconds.
        lockout_threshold: wrong passwords that lock the account; 0 for never.
        readable: False if a PSO applies, or may apply, that can't be read; then the numbers are the domain's
            and prove nothing.
    """

    min_length: int
    complexity: bool
    history: int
    min_age: int
    lockout_threshold: int
    lockout_window: int
    readable: bool = True


def domain_rules(link: Link, base: str) -> Rules:
    """Read the rules of the domain.

    Raises:
        Broken: the controller gave no answer.
        Unreadable: a rule can't be read; every domain has them all, so a missing one never counts as zero.
    """
    reply, found = link.search(base, "(objectClass=*)", DOMAIN_ATTRIBUTES)
    if not found:
        raise Broken(f"the password rules of {base} can't be read ({reply})")
    entry = found[0]
    hidden = [name for name in DOMAIN_ATTRIBUTES if not entry.get(name.lower())]
    if hidden:
        raise Unreadable(f"{base}: {', '.join(hidden)} can't be read; {GRANT}")
    return Rules(
        min_length=integer(entry, "minpwdlength"),
        complexity=bool(integer(entry, "pwdproperties") & COMPLEX),
        history=integer(entry, "pwdhistorylength"),
        min_age=seconds(entry, "minpwdage"),
        lockout_threshold=integer(entry, "lockoutthreshold"),
        lockout_window=seconds(entry, "lockoutobservationwindow"),
    )


def pso_rules(link: Link, dn: str, domain: Rules) -> Rules:
    """Read a Password Settings Object; if that is forbidden, return the domain's rules marked unreadable."""
    reply, found = link.search(dn, "(objectClass=msDS-PasswordSettings)", PSO_ATTRIBUTES)
    if reply.result == SUCCESS and found and _is_whole(found[0]):
        entry = found[0]
        return Rules(
            min_length=integer(entry, "msds-minimumpasswordlength"),
            complexity=octets(entry, "msds-passwordcomplexityenabled").upper() == b"TRUE",
            history=integer(entry, "msds-passwordhistorylength"),
            min_age=seconds(entry, "msds-minimumpasswordage"),
            lockout_threshold=integer(entry, "msds-lockoutthreshold"),
            lockout_window=seconds(entry, "msds-lockoutobservationwindow"),
        )
    return replace(domain, readable=False)


def _is_whole(entry: Entry) -> bool:
    return all(octets(entry, name.lower()) for name in PSO_ATTRIBUTES)


def facts_of(rules: Rules, account: Account | None) -> PolicyFacts:
    """Return the facts about the rules that a person may see."""
    names = name_parts(account.name, account.display_name) if account and rules.complexity else ()
    return PolicyFacts(
        min_length=rules.min_length,
        complexity=rules.complexity,
        history=rules.history,
        min_age=rules.min_age,
        names=names,
        readable=rules.readable,
    )
