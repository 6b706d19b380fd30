"""A directory in memory that behaves like AD where Keyback looks (tests/contracts runs on both)."""

import math
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from writeback.envelope.answers import (
    DirectoryHealth,
    DirectoryState,
    Outcome,
    PolicyFacts,
    PolicyRefusal,
    Rule,
)
from writeback.envelope.names import Name, canonical
from writeback.envelope.passwords import name_parts
from writeback.envelope.secret import Secret
from writeback.ports import (
    Account,
    Clock,
    DirectoryAway,
    DistributionGroup,
    Lockout,
    Preimage,
    Written,
    do_nothing,
)
from writeback.ports.filetime import filetime, unix_time

DOMAIN = "S-1-5-21-1-2-3"
DC = "dc1.corp.example"
BASE = "DC=corp,DC=example"
PLAIN = Account(
    directory="corp",
    guid=bytes(16),
    dn=f"CN=Alice,OU=Staff,{BASE}",
    name="alice",
    upn="",
    display_name="",
    mail="",
    sids=frozenset(),
    admin_count=False,
    has_spn=False,
    person=True,
    disabled=False,
    locked=False,
    expired=False,
    must_change=False,
    pwd_last_set=1,
)
"""An account with nothing special about it; tests replace what they look at."""


@dataclass
class Person:
    """What AD keeps of somebody.

    Args:
        restricted: may not sign in at this hour or from this machine (530, 531).
    """

    account: Account
    password: str
    history: list[str] = field(default_factory=list)
    cannot_change: bool = False
    password_expired: bool = False
    restricted: bool = False
    bad_passwords: int = 0


@dataclass
class FakeDirectory:
    """Fulfils ports.Directory.

    Args:
        id: of the directory, which is the domain ID.example.
        away: nothing can be reached.
        never_reached: and nothing could be since the worker was started.
        loses_answers: writes are done, and nobody hears of it.
        refuses_writes: the service account lacks a right.
        takes_names: passwords may hold their bearer's name, as Samba has it.
        for_mail: DNs of the groups that are distribution groups.
        hidden_lockout: the service account may not read how near an account is to being locked.
        reported: the accounts that could not be judged.
        unreadable: objectGUIDs of accounts that the service account may find and not read.
        window: seconds of the longest observation window; 0 tells none.
    """

    clock: Clock
    id: str = "corp"
    rules: PolicyFacts = field(
        default_factory=lambda: PolicyFacts(min_length=8, complexity=True, history=5, min_age=0)
    )
    threshold: int = 5
    window: int = 0
    away: bool = False
    never_reached: bool = False
    loses_answers: bool = False
    refuses_writes: bool = False
    takes_names: bool = False
    hidden_lockout: bool = False
    reported: list[Account] = field(default_factory=list)
    unreadable: set[bytes] = field(default_factory=set)
    people: dict[bytes, Person] = field(default_factory=dict)
    groups: dict[str, str] = field(default_factory=dict)
    for_mail: set[str] = field(default_factory=set)
    binds: list[str] = field(default_factory=list)
    writes: list[str] = field(default_factory=list)

    def add(self, name: str, password: str = "Winter-rain-42", **changes: Any) -> Account:
        """Add somebody in scope and return the account; changes are fields of Account."""
        number = 1100 + len(self.people)
        account = replace(
            PLAIN,
            directory=self.id,
            guid=uuid.uuid4().bytes_le,
            dn=f"CN={name},OU=Staff,DC={self.id},DC=example",
            name=name,
            upn=f"{name}@{self.id}.example",
            display_name=name.title(),
            mail=f"{name}@mail.example",
            sids=frozenset({f"{DOMAIN}-{number}", f"{DOMAIN}-513"}),
            pwd_last_set=self._filetime() - 400 * 864_000_000_000,
        )
        self.people[account.guid] = Person(account=replace(account, **changes), password=password)
        return self.people[account.guid].account

    def change_account(self, guid: bytes, **changes: Any) -> None:
        """Do what an admin does in AD; changes are fields of Account."""
        person = self.people[guid]
        person.account = replace(person.account, **changes)

    def canonical(self, typed: str) -> Name:
        if self.never_reached:  # it doesn't know its own short name
            self._reach()
        return canonical(typed, domains=(f"{self.id}.example",), short_name=self.id.upper())

    def matches(self, name: Name) -> tuple[bytes, ...]:
        self._reach()
        accounts = {text.casefold() for text in name.accounts}
        addresses = {text.casefold() for text in name.addresses}
        return tuple(
            guid
            for guid, person in self.people.items()
            if person.account.name.casefold() in accounts
            or {person.account.upn.casefold(), person.account.mail.casefold()} & addresses
        )

    def find(self, typed: str) -> Account | None:
        found = self.matches(self.canonical(typed))
        return self.read(found[0]) if len(found) == 1 else None

    def read(self, guid: bytes, *, meanwhile: Callable[[], None] = do_nothing) -> Account | None:
        self._reach()
        if guid in self.unreadable:
            raise DirectoryAway("tokenGroups can't be read")
        meanwhile()
        person = self.people.get(guid)
        return person.account if person else None

    def group_sids(self, dns: Sequence[str]) -> frozenset[str]:
        self._reach()
        for dn in dns:
            if dn not in self.groups:
                raise LookupError(dn)
            if dn in self.for_mail:
                raise DistributionGroup(dn)
        return frozenset(self.groups[dn] for dn in dns)

    def count_members(self, dn: str, *, most: int) -> int:
        self._reach()
        inside = [person for person in self.people.values() if self.groups[dn] in person.account.sids]
        return min(len(inside), most + 1)

    def policy(self, account: Account | None) -> PolicyFacts:
        self._reach()
        return replace(self.rules, names=_parts(account)) if account and self.rules.complexity else self.rules

    def changeable_at(self, account: Account, *, by_reset: bool) -> int:
        self._reach()
        set_at = account.pwd_last_set
        at = math.ceil(unix_time(set_at) + self.rules.min_age) if set_at and self.rules.min_age else 0
        return at if at > self.clock.now() else 0

    def longest_window(self) -> int:
        return self.window

    def lockout(self, account: Account) -> Lockout:
        self._reach()
        return Lockout(
            bad_passwords=self.people[account.guid].bad_passwords,
            threshold=self.threshold,
            readable=not self.hidden_lockout,
        )

    def check_password(self, account: Account, password: Secret) -> Outcome:
        self._reach()
        self.binds.append(account.name)
        person = self.people[account.guid]
        if person.account.locked:
            return Outcome.ACCOUNT_LOCKED
        if password.reveal() != person.password:
            self._count_wrong(person)
            return Outcome.WRONG_PASSWORD
        return self._state_of(person)

    def prepare(self, account: Account) -> Preimage:
        self._reach()
        now = self.people[account.guid].account
        return Preimage(dc=DC, pwd_last_set=now.pwd_last_set, locked=now.locked)

    def reset_password(self, account: Account, new: Secret, *, at: Preimage) -> Written:
        person = self._write("reset", account)
        if person is None:
            return Written(outcome=Outcome.DIRECTORY_REFUSED, detail="50 insufficientAccessRights")
        if refused := self._refusal(person, new.reveal(), "53 0000052D"):
            return refused
        unlocked = person.account.locked
        self._set(person, new.reveal())
        person.account = replace(person.account, locked=False)
        person.bad_passwords = 0
        return self._said(Written(outcome=Outcome.DONE, unlocked=unlocked))

    def change_password(self, account: Account, old: Secret, new: Secret, *, at: Preimage) -> Written:
        person = self._write("change", account)
        if person is None:
            return Written(outcome=Outcome.DIRECTORY_REFUSED, detail="50 insufficientAccessRights")
        if person.account.locked:
            return Written(outcome=Outcome.ACCOUNT_LOCKED, detail="19 00000775")
        if person.cannot_change:
            return Written(outcome=Outcome.CANNOT_CHANGE, detail="19")
        if old.reveal() != person.password:
            self._count_wrong(person)
            return Written(outcome=Outcome.WRONG_PASSWORD, detail="19 00000056")
        if refused := self._refusal(person, new.reveal(), "19 0000052D"):
            return refused
        self._set(person, new.reveal())
        return self._said(Written(outcome=Outcome.DONE))

    def unlock(self, account: Account, *, at: Preimage) -> Written:
        person = self._write("unlock", account)
        if person is None:
            return Written(outcome=Outcome.DIRECTORY_REFUSED, detail="50 insufficientAccessRights")
        if not person.account.locked:
            return Written(outcome=Outcome.NOT_LOCKED)
        person.account = replace(person.account, locked=False)
        person.bad_passwords = 0
        return self._said(Written(outcome=Outcome.DONE, unlocked=True))

    def pwd_last_set_on(self, dc: str, guid: bytes) -> int | None:
        self._reach()
        person = self.people.get(guid)
        return person.account.pwd_last_set if person else None

    def is_locked_on(self, dc: str, guid: bytes) -> bool:
        self._reach()
        return guid in self.people and self.people[guid].account.locked

    def explain_refusal(self, account: Account, new: Secret) -> PolicyRefusal:
        self._reach()
        person = self.people[account.guid]
        rules = self._broken(person, new.reveal()) or (Rule.HISTORY_OR_FILTER,)
        length = len(new.reveal().encode("utf-16-le")) // 2
        at = self.changeable_at(person.account, by_reset=False)
        return PolicyRefusal(rules=rules, policy=self.policy(account), length=length, changeable_at=at)

    def report_unreadable(self, account: Account) -> bool:
        is_news = account not in self.reported
        self.reported.append(account)
        return is_news

    def health(self) -> DirectoryHealth:
        well = DirectoryState.DEGRADED if self.reported else DirectoryState.UP
        told = "; ".join(f"{account.dn}: {', '.join(account.unreadable)}" for account in self.reported)
        return DirectoryHealth(
            directory=self.id,
            state=DirectoryState.DOWN if self.away else well,
            detail="No domain controller answers." if self.away else told,
            dc="" if self.away else DC,
            latency_ms=1,
            certificate_days=300,
            policy_hints=True,
        )

    def _reach(self) -> None:
        if self.away:
            raise DirectoryAway("No domain controller answers.")

    def _write(self, verb: str, account: Account) -> Person | None:
        self._reach()
        self.writes.append(f"{verb} {account.name}")
        return None if self.refuses_writes else self.people[account.guid]

    def _said(self, written: Written) -> Written:
        return Written(outcome=Outcome.UNKNOWN, detail="no answer") if self.loses_answers else written

    def _state_of(self, person: Person) -> Outcome:
        if person.account.disabled:
            return Outcome.ACCOUNT_DISABLED
        if person.account.expired:
            return Outcome.ACCOUNT_EXPIRED
        if person.account.must_change:
            return Outcome.MUST_CHANGE
        if person.restricted:
            return Outcome.ACCOUNT_RESTRICTED
        return Outcome.PASSWORD_EXPIRED if person.password_expired else Outcome.DONE

    def _count_wrong(self, person: Person) -> None:
        person.bad_passwords += 1
        locked = bool(self.threshold) and person.bad_passwords >= self.threshold
        person.account = replace(person.account, locked=locked)

    def _refusal(self, person: Person, new: str, detail: str) -> Written | None:
        if not _can_be_held(new):
            return Written(outcome=Outcome.UNUSABLE_PASSWORD)
        forgiven = {Rule.NAME_IN_PASSWORD} if self.takes_names else set()
        is_broken = bool(set(self._broken(person, new)) - forgiven)
        return Written(outcome=Outcome.REFUSED_BY_POLICY, detail=detail) if is_broken else None

    def _broken(self, person: Person, new: str) -> tuple[Rule, ...]:
        age = (self._filetime() - person.account.pwd_last_set) // 10_000_000
        broken = {
            Rule.MIN_LENGTH: len(new.encode("utf-16-le")) // 2 < self.rules.min_length,
            Rule.COMPLEXITY: self.rules.complexity and _kinds(new) < 3,
            Rule.NAME_IN_PASSWORD: self.rules.complexity
            and any(part in new.casefold() for part in _parts(person.account)),
            Rule.HISTORY_OR_FILTER: new in [person.password, *person.history][: self.rules.history],
            Rule.MIN_AGE: age < self.rules.min_age and person.account.pwd_last_set != 0,
        }
        return tuple(rule for rule, is_broken in broken.items() if is_broken)

    def _set(self, person: Person, new: str) -> None:
        person.history.insert(0, person.password)
        person.password, person.password_expired = new, False
        person.account = replace(person.account, pwd_last_set=self._filetime(), must_change=False)

    def _filetime(self) -> int:
        return filetime(self.clock.now())


def _parts(account: Account) -> tuple[str, ...]:
    return name_parts(account.name, account.display_name)


def _can_be_held(text: str) -> bool:
    """Tell whether AD can hold a password."""
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        return False
    return 0 < len(text.encode("utf-16-le")) // 2 <= 128


def _kinds(text: str) -> int:
    return sum(
        (
            any(character.isupper() for character in text),
            any(character.islower() for character in text),
            any(character.isdigit() for character in text),
            any(not character.isalnum() for character in text),
        )
    )
