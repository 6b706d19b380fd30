"""Active Directory as the worker's core knows it: `ports.Directory`, put together from this package."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from writeback.directory import accounts, passwords, policy
from writeback.directory.attributes import text
from writeback.directory.connection import Broken, Link
from writeback.directory.descriptors import Guarded, Reader
from writeback.directory.health import probe
from writeback.directory.lockouts import longest_window, too_strict_lockouts
from writeback.directory.policy import Rules
from writeback.directory.pool import Pool, Purpose
from writeback.directory.readable import (
    DESCRIPTOR,
    GRANT,
    NOT_ON_ALL,
    OF_LOCKOUT,
    PSO_OF,
    read_guards,
    unreadable,
)
from writeback.directory.settings import DirectorySettings
from writeback.envelope.answers import DirectoryHealth, Outcome, PolicyFacts, PolicyRefusal
from writeback.envelope.names import Name, canonical
from writeback.envelope.passwords import is_usable
from writeback.envelope.secret import Secret
from writeback.passwords import Candidate, changeable_at, explain
from writeback.ports import Account, Clock, DirectoryAway, Lockout, Preimage, Unreadable, Written, do_nothing

RULES_LIVE = 10
"""Seconds for which the lockout rules are remembered."""
LOOK_AGAIN = 60
"""Seconds for which resets are not checked after a good one: a missing right is missing for all."""
WINDOW_LIVE, WINDOW_AWAY = 300, 10
"""Seconds for which the longest observation window is remembered, and for which a failure to read it is."""
SCHEMA_LIVE = 3600
"""Seconds for which the schema's guards of attributes are remembered."""
REPORTED = 3600
"""Seconds for which health names an account that can't be judged."""
UNEXPIRE, PSO, RULES = "unexpire", "pso", "rules"


class ActiveDirectory:
    """One AD domain over LDAPS; may be used by several threads at a time."""

    def __init__(self, settings: DirectorySettings, clock: Clock) -> None:
        """Take the settings; connect to nothing yet.

        Raises:
            OSError: the CA file can't be read (ssl.SSLError if it holds no certificate).
        """
        self.id = settings.id
        self._settings = settings
        self._clock = clock
        self._pool = Pool(settings)
        self._rules: dict[str, tuple[float, Rules]] = {}
        self._netbios = ""
        self._warnings: dict[str, str] = {}
        self._found_well_at = float("-inf")
        self._guards: tuple[float, dict[str, Guarded]] = (float("-inf"), {})
        self._reported: tuple[float, str] = (float("-inf"), "")
        self._window: tuple[float, int] = (float("-inf"), 0)

    def canonical(self, typed: str) -> Name:
        """Return a typed name as this directory looks it up."""
        short = self._netbios or self._pool.read(self._netbios_name)
        return canonical(typed, domains=(self._settings.dns_domain,), short_name=short)

    def matches(self, name: Name) -> tuple[bytes, ...]:
        """Return the objectGUIDs of all accounts of a name: account name, UPN or mail address."""
        where = accounts.filter_for(name)
        if not where:
            return ()
        return self._pool.read(lambda link: accounts.find_guids(link, self._settings.base, where))

    def find(self, typed: str) -> Account | None:
        """Return the one account of a name, or None if it is not one."""
        found = self.matches(self.canonical(typed))
        return self.read(found[0]) if len(found) == 1 else None

    def read(self, guid: bytes, *, meanwhile: Callable[[], None] = do_nothing) -> Account | None:
        """Return the account with that objectGUID, read live; None if there is none."""
        return self._pool.read(lambda link: self._read(link, guid, meanwhile))

    def group_sids(self, dns: Sequence[str]) -> frozenset[str]:
        """Return the SIDs of the groups with these DNs.

        Raises:
            LookupError: a DN names no group; the text is the DN.
        """
        return self._pool.read(lambda link: frozenset(accounts.group_sid(link, dn) for dn in dns))

    def count_members(self, dn: str, *, most: int) -> int:
        """Return how many people are in a group, including nested groups; stops at `most` + 1."""
        return self._pool.read(lambda link: accounts.count_members(link, self._settings.base, dn, most=most))

    def policy(self, account: Account | None) -> PolicyFacts:
        """Return the effective password rules of an account, or the domain's for None."""
        return policy.facts_of(self._pool.read(lambda link: self._rules_of(link, account)), account)

    def changeable_at(self, account: Account, *, by_reset: bool) -> int:
        """Return the Unix time at which the account's password may be set again; 0 if it may be set now.

        AD does not apply the minimum age to a reset without policy hints (MS-ADTS 3.1.1.3.4.1.27).
        """
        if not account.pwd_last_set:
            return 0

        def ask(link: Link) -> int:
            if by_reset and link.hints is None:
                return 0
            facts = policy.facts_of(self._rules_of(link, account), account)
            at = changeable_at(facts, account.pwd_last_set)
            return at if at > self._clock.now() else 0

        return self._pool.read(ask)

    def longest_window(self) -> int:
        """Return the longest observation window of the domain and its PSOs in seconds; 0 if none is known."""
        until, seconds = self._window
        if time.monotonic() < until:
            return seconds
        try:
            seconds = self._pool.read(lambda link: longest_window(link, self._settings.base))
        except DirectoryAway:
            lives = WINDOW_AWAY  # other calls report that it is away; the last known value stays valid
        else:
            lives = WINDOW_LIVE
        self._window = (time.monotonic() + lives, seconds)
        return seconds

    def lockout(self, account: Account) -> Lockout:
        """Read how near the account is to a lockout; called before a password is tried."""

        def ask(link: Link) -> Lockout:
            entry = accounts.read_entry(link, account.guid, accounts.LOCKOUT_ATTRIBUTES)
            if entry is None:
                raise DirectoryAway(f"{link.host.name} does not hold the account.")
            try:
                rules = self._remembered(link, text(entry, "msds-resultantpso"))
            except Unreadable:  # health reports it; the numbers are unknown
                return Lockout(bad_passwords=0, threshold=0, readable=False)
            return accounts.lockout_of(entry, self._reader(link), rules=rules, now=self._clock.now())

        return self._pool.read(ask)

    def check_password(self, account: Account, password: Secret) -> Outcome:
        """Bind as the account: DONE, WRONG_PASSWORD, MUST_CHANGE, PASSWORD_EXPIRED, or an ACCOUNT_… one."""
        if not is_usable(password):
            return Outcome.WRONG_PASSWORD
        return self._pool.read(
            lambda link: passwords.check_password(link, account, password), purpose=Purpose.SIGN_IN
        )

    def prepare(self, account: Account) -> Preimage:
        """Choose the DC to write to (the PDC emulator if possible) and return the account there."""
        if account.dc and account.dc == self._pool.preferred():
            return Preimage(dc=account.dc, pwd_last_set=account.pwd_last_set, locked=account.locked)

        def ask(link: Link) -> Preimage:
            found = passwords.state(link, account.guid)
            if found is None:
                raise DirectoryAway(f"{link.host.name} does not hold the account.")
            return Preimage(dc=link.host.name, pwd_last_set=found[0], locked=found[1])

        return self._pool.read(ask)

    def reset_password(self, account: Account, new: Secret, *, at: Preimage) -> Written:
        """Set a new password under the full policy, and unlock a locked account in the same write."""
        required = self._settings.policy_hints == "require"
        with self._on(at.dc) as link:
            written = passwords.reset(link, account, new, locked=at.locked, hints_required=required)
            due = time.monotonic() - self._found_well_at >= LOOK_AGAIN
            if written.outcome is not Outcome.DONE or not (at.locked or due):
                return written
            return self._checked(link, account, written, was_locked=at.locked)

    def change_password(self, account: Account, old: Secret, new: Secret, *, at: Preimage) -> Written:
        """Change the password with the old one as proof; works for must-change and expired passwords too."""
        with self._on(at.dc) as link:
            return passwords.change(link, account, old, new)

    def unlock(self, account: Account, *, at: Preimage) -> Written:
        """Unlock the account and keep its password."""
        if not at.locked:
            return Written(outcome=Outcome.NOT_LOCKED)
        with self._on(at.dc) as link:
            written = passwords.unlock(link, account)
        return replace(written, unlocked=written.outcome is Outcome.DONE)

    def pwd_last_set_on(self, dc: str, guid: bytes) -> int | None:
        """Read pwdLastSet on one given DC, to resolve an INTENT after a crash; None if there is none."""
        found = self._state_on(dc, guid)
        return None if found is None else found[0]

    def is_locked_on(self, dc: str, guid: bytes) -> bool:
        """Tell whether the account is locked on one given DC."""
        found = self._state_on(dc, guid)
        return found is not None and found[1]

    def explain_refusal(self, account: Account, new: Secret) -> PolicyRefusal:
        """Work out which rules a just refused password broke."""

        def ask(link: Link) -> tuple[Rules, int]:
            found = passwords.state(link, account.guid)
            return self._rules_of(link, account), found[0] if found else account.pwd_last_set

        rules, pwd_last_set = self._pool.read(ask)
        facts = policy.facts_of(rules, account)
        return explain(Candidate(new=new, policy=facts, pwd_last_set=pwd_last_set, now=self._clock.now()))

    def report_unreadable(self, account: Account) -> bool:
        """Let `health` name an account that can't be judged, for an hour; return whether that is new."""
        sentence = f"{account.dn}: {', '.join(account.unreadable)} can't be read; {GRANT}"
        until, known = self._reported
        is_news = known != sentence or time.monotonic() >= until
        if is_news:
            self._reported = (time.monotonic() + REPORTED, sentence)
        return is_news

    def health(self) -> DirectoryHealth:
        """Probe the directory; never raises."""
        return probe(
            self._pool,
            directory=self.id,
            hints_required=self._settings.policy_hints == "require",
            warnings=(*self._told_warnings(), *self._shut_out()),
            now=self._clock.now(),
        )

    def excess_rights(self) -> str:
        """Return why nobody may be served with this service account; empty if there is no known reason."""
        told = self._pool.excess_rights
        return str(told) if told else ""

    def _shut_out(self) -> tuple[str, ...]:
        try:
            found = self._pool.read(lambda link: too_strict_lockouts(link, self._settings.base))
        except DirectoryAway:
            return ()  # the probe reports that itself
        return tuple(one.sentence for one in found)

    def close(self) -> None:
        """Close the idle connections."""
        self._pool.close()

    def _read(self, link: Link, guid: bytes, meanwhile: Callable[[], None] = do_nothing) -> Account | None:
        entry = accounts.read_entry(link, guid, accounts.ACCOUNT_ATTRIBUTES, meanwhile)
        if entry is None:
            return None
        account = accounts.account_of(
            entry, self._reader(link), directory=self.id, guid=guid, now=self._clock.now()
        )
        return replace(account, dc=link.host.name)

    def _reader(self, link: Link) -> Reader:
        """Return what this connection may read; the access list of each account then decides."""
        until, guards = self._guards
        if time.monotonic() >= until:
            guards = read_guards(link, (*NOT_ON_ALL, *OF_LOCKOUT))
            self._guards = (time.monotonic() + SCHEMA_LIVE, guards)
        return Reader(link.sids, guards)

    def _netbios_name(self, link: Link) -> str:
        if not self._netbios:  # retried after a failure
            self._netbios = accounts.netbios_name(link, self._settings.base)
        return self._netbios

    def _rules_of(self, link: Link, account: Account | None) -> Rules:
        """Read the current rules, to show them to a person."""
        entry = accounts.read_entry(link, account.guid, [PSO_OF, DESCRIPTOR]) if account else None
        rules = self._live_rules(link, text(entry, PSO_OF.lower()) if entry else "")
        hidden = unreadable(entry, self._reader(link), maybe=[PSO_OF]) if entry else ()
        return replace(rules, readable=rules.readable and not hidden)

    def _remembered(self, link: Link, pso: str) -> Rules:
        until, rules = self._rules.get(pso, (0.0, None))
        return rules if rules and time.monotonic() < until else self._live_rules(link, pso)

    def _live_rules(self, link: Link, pso: str) -> Rules:
        try:
            rules = policy.domain_rules(link, self._settings.base)
        except Unreadable as fault:
            self._warn(RULES, str(fault))
            raise
        self._warn(RULES, None)
        if pso:
            rules = policy.pso_rules(link, pso, rules)
            self._warn(PSO, None if rules.readable else f"The service account may not read {pso}")
        self._rules[pso] = (time.monotonic() + RULES_LIVE, rules)
        return rules

    def _state_on(self, dc: str, guid: bytes) -> tuple[int, bool] | None:
        with self._on(dc) as link:
            return passwords.state(link, guid)

    @contextmanager
    def _on(self, dc: str) -> Iterator[Link]:
        """Lend a connection to one given controller and no other.

        Raises:
            DirectoryAway: it is not configured, could not be reached, or its connection broke while lent.
        """
        host = self._pool.host(dc)
        try:
            with self._pool.link(host, deadline=self._pool.deadline()) as link:
                yield link
        except Broken as fault:
            raise DirectoryAway(str(fault)) from None

    def _checked(self, link: Link, account: Account, written: Written, *, was_locked: bool) -> Written:
        """Check the result of a reset: without the right to unexpire, AD expires the new password at once."""
        try:
            found = passwords.state(link, account.guid)
        except (Broken, DirectoryAway) as fault:
            return replace(
                written, detail=f"{written.detail} Not looked at again: {fault}".lstrip(), unlocked=was_locked
            )
        expired = found is not None and found[0] == 0
        self._found_well_at = float("-inf") if expired else time.monotonic()
        self._warn(UNEXPIRE, passwords.EXPIRED_AT_ONCE if expired else None)
        detail = f"{written.detail} {passwords.EXPIRED_AT_ONCE}.".lstrip() if expired else written.detail
        return replace(written, detail=detail, unlocked=was_locked and found is not None and not found[1])

    def _told_warnings(self) -> tuple[str, ...]:
        until, sentence = self._reported
        return (*self._warnings.values(), *([sentence] if time.monotonic() < until else []))

    def _warn(self, about: str, warning: str | None) -> None:
        if warning is None:
            self._warnings.pop(about, None)
        else:
            self._warnings[about] = warning
