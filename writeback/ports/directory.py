"""The port to a directory (one AD forest or domain): what is read of an account, and what changes it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from writeback.envelope.answers import DirectoryHealth, Outcome, PolicyFacts, PolicyRefusal
from writeback.envelope.names import LONGEST_NAME, Name
from writeback.envelope.secret import Secret


class DirectoryAway(Exception):  # noqa: N818  # a state of the world, not a fault of ours
    """The directory could not be asked, and nothing that could change it was sent.

    Args:
        detail: one sentence for the worker's audit; never holds a secret.
    """


class Unreadable(DirectoryAway):
    """Something that a decision needs is missing or may not be read, so the decision can't be made.

    Args:
        detail: one sentence for the worker's audit that names what is missing, and what to do.
    """


class DistributionGroup(LookupError):  # noqa: N818  # a state of the world, not a fault of ours
    """The group is a distribution group (MS-ADTS 2.2.12, groupType).

    It is in nobody's token, so an account does not show whether it is a member.

    Args:
        dn: DN of the group.
    """


class CantJudge(Unreadable):
    """No account can be judged, so nobody is served: a fault of the set-up that administrators must mend."""


@dataclass(frozen=True, kw_only=True)
class Owner:
    """The person to whom something belongs.

    Args:
        directory: id of the person's directory.
        guid: objectGUID, 16 bytes; for a name that nobody has, 16 bytes that stand for the name.
    """

    directory: str
    guid: bytes

    @property
    def key(self) -> str:
        """The text that names the person in counts."""
        return f"{self.directory}:{self.guid.hex()}"


@dataclass(frozen=True, kw_only=True)
class Account:
    """A directory account as it was read a moment ago.

    Args:
        guid: objectGUID, 16 bytes as AD stores them.
        name: sAMAccountName.
        sids: SIDs of the account and of every group it is in, nested and primary ones too (tokenGroups).
        expired: True if the account itself has expired (accountExpires), not its password.
        pwd_last_set: FILETIME (100 ns since 1601); 0 means "must change at next logon".
        smart_card: True if it must sign in with a smart card; its password is then one that AD made and
            nobody knows.
        person: False for computers, managed service accounts and trusts.
        dc: host name of the domain controller that it was read from; empty if that is not known.
        unreadable: attributes that a decision needs and that may not be read. While there are any, the other
            fields prove nothing, and the account must not be touched.
    """

    directory: str
    guid: bytes
    dn: str
    name: str
    upn: str
    display_name: str
    mail: str
    sids: frozenset[str]
    admin_count: bool
    has_spn: bool
    person: bool
    disabled: bool
    locked: bool
    expired: bool
    must_change: bool
    pwd_last_set: int
    dc: str = ""
    unreadable: tuple[str, ...] = ()
    smart_card: bool = False

    @property
    def owner(self) -> Owner:
        """The person whose account it is."""
        return Owner(directory=self.directory, guid=self.guid)

    @property
    def shown_name(self) -> str:
        """The account's name in apps and mails: its UPN, or its account name if the UPN is empty or too long.

        AD takes UPNs of 1,024 characters, and account names of 256.
        """
        return self.upn if 0 < len(self.upn) <= LONGEST_NAME else self.name


@dataclass(frozen=True, kw_only=True)
class Lockout:
    """How near an account is to being locked by wrong passwords.

    Args:
        bad_passwords: wrong passwords that the PDC emulator has counted in the observation window.
        threshold: the number of wrong passwords that locks the account (PSO or domain); 0 means never.
        readable: False if the count or the threshold may not be read. A wrong password might then lock the
            account, so none may be tried.
    """

    bad_passwords: int
    threshold: int
    readable: bool = True


@dataclass(frozen=True, kw_only=True)
class Preimage:
    """The DC that a write will go to, and the account's state there before; INTENT keeps it for a crash.

    Args:
        dc: host name of the one domain controller that will be written to.
        pwd_last_set: FILETIME of the account on that DC.
        locked: True if the account was locked there.
    """

    dc: str
    pwd_last_set: int
    locked: bool


@dataclass(frozen=True, kw_only=True)
class Written:
    """The directory's answer to a write.

    Args:
        outcome: DONE, PARTIAL, UNKNOWN (the answer was lost after the write was sent), or a refusal.
        detail: the directory's own words, for the worker's audit only.
        unlocked: True if the account was locked before and is not any more.
    """

    outcome: Outcome
    detail: str = ""
    unlocked: bool = False


class MeanwhileError(RuntimeError):
    """Work that was done while the directory answered has failed: our own fault, not the directory's."""


def do_nothing() -> None:
    """Do nothing, as the default of a callback."""


class Directory(Protocol):
    """One AD forest or domain. A refusal is a return value; its only exception is DirectoryAway."""

    id: str

    def canonical(self, typed: str) -> Name:
        """Return a typed name in the form in which this directory looks it up and counts it."""
        ...

    def matches(self, name: Name) -> tuple[bytes, ...]:
        """Return the objectGUIDs of all accounts (a few at most) with that account name, UPN or address."""
        ...

    def find(self, typed: str) -> Account | None:
        """Return the account of a typed name, for commands; None if no account or several match."""
        ...

    def read(self, guid: bytes, *, meanwhile: Callable[[], None] = do_nothing) -> Account | None:
        """Return the account with that objectGUID, read live; None if there is none.

        Args:
            guid: 16 bytes.
            meanwhile: work to do until the directory answers. It may never be called, or called again if
                another controller is asked. What it raises is raised here, as it is or as MeanwhileError.
        """
        ...

    def group_sids(self, dns: Sequence[str]) -> frozenset[str]:
        """Return the SIDs of the groups with these DNs, as the members have them in tokenGroups.

        A domain-local group of another domain is in nobody's tokenGroups here (MS-ADTS 3.1.1.4.5.19).

        Raises:
            LookupError: a DN names no group of this directory; the text is the DN.
            DistributionGroup: a DN names a group that is for mail only.
            Unreadable: the kind of a group may not be read.
        """
        ...

    def count_members(self, dn: str, *, most: int) -> int:
        """Return how many people are in a group, nested ones too; `most` + 1 if there are more than `most`.

        People who are in it only because their primary group is nested in it are not counted.
        """
        ...

    def policy(self, account: Account | None) -> PolicyFacts:
        """Return the password rules that hold for an account, or the domain's rules for None."""
        ...

    def changeable_at(self, account: Account, *, by_reset: bool) -> int:
        """Return the Unix time from which a reset or a change may set the password again; 0 for now."""
        ...

    def longest_window(self) -> int:
        """Return the longest observation window of the directory, in seconds; 0 if it is not known."""
        ...

    def lockout(self, account: Account) -> Lockout:
        """Read how near the account is to being locked; call it before a password is tried."""
        ...

    def check_password(self, account: Account, password: Secret) -> Outcome:
        """Bind as the account; return DONE, WRONG_PASSWORD, MUST_CHANGE, PASSWORD_EXPIRED or ACCOUNT_…."""
        ...

    def prepare(self, account: Account) -> Preimage:
        """Choose the DC to write to (the PDC emulator if it can be reached), and return the state there.

        An account that was just read from that DC is not read again.
        """
        ...

    def reset_password(self, account: Account, new: Secret, *, at: Preimage) -> Written:
        """Set a new password under the full policy, and unlock the account in the same write."""
        ...

    def change_password(self, account: Account, old: Secret, new: Secret, *, at: Preimage) -> Written:
        """Change the password with the old one as proof, even if that has expired or must be changed."""
        ...

    def unlock(self, account: Account, *, at: Preimage) -> Written:
        """Unlock the account without changing its password."""
        ...

    def pwd_last_set_on(self, dc: str, guid: bytes) -> int | None:
        """Read pwdLastSet on one DC, to resolve an INTENT after a crash; None if the account is gone."""
        ...

    def is_locked_on(self, dc: str, guid: bytes) -> bool:
        """Tell whether the account is locked on one DC."""
        ...

    def explain_refusal(self, account: Account, new: Secret) -> PolicyRefusal:
        """Return which rules were broken by a password that the directory has just refused."""
        ...

    def report_unreadable(self, account: Account) -> bool:
        """Make `health` name, for an hour, an account in the scope that can't be judged.

        Returns:
            True unless `health` named this account with these attributes already.
        """
        ...

    def health(self) -> DirectoryHealth:
        """Probe the directory; never raises."""
        ...
