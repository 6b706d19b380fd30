"""One AD forest or domain: what is read of an account, and the verbs that change it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from writeback.envelope.answers import DirectoryHealth, Outcome, PolicyFacts, PolicyRefusal
from writeback.envelope.names import LONGEST_NAME, Name
from writeback.envelope.secret import Secret


class DirectoryAway(Exception):  # noqa: N818  # a state of the world, not a fault of ours
    """The directory could not be asked, and nothing was sent that could have changed anything.

    Args:
        detail: one sentence for the worker's audit; never holds a secret.
    """


class Unreadable(DirectoryAway):
    """What a decision rests on may not be read, or is not there, so that nobody can decide.

    Args:
        detail: one sentence for the worker's audit that names it, and what to do.
    """


class DistributionGroup(LookupError):  # noqa: N818  # a state of the world, not a fault of ours
    """A group that is in nobody's token, so that its members can't be told (MS-ADTS 2.2.12, groupType).

    Args:
        dn: of the group.
    """


class CantJudge(Unreadable):
    """Nobody can be judged, so nobody is served: a fault of the set-up, which admins must hear of."""


@dataclass(frozen=True, kw_only=True)
class Owner:
    """The person to whom something belongs, wherever only that matters.

    Args:
        directory: its id.
        guid: objectGUID, 16 bytes; for a name that nobody has, 16 bytes that stand for it.
    """

    directory: str
    guid: bytes

    @property
    def key(self) -> str:
        """What names the person in counts."""
        return f"{self.directory}:{self.guid.hex()}"


@dataclass(frozen=True, kw_only=True)
class Account:
    """A directory account as it was read a moment ago.

    Args:
        guid: objectGUID, 16 bytes as AD stores them.
        name: sAMAccountName.
        sids: SIDs of the account and of every group it is in, nested and primary ones too (tokenGroups).
        expired: the account itself (accountExpires), not its password.
        pwd_last_set: FILETIME (100 ns since 1601); 0 means "must change at next logon".
        smart_card: who signs in has to have one; then AD itself has made a password that nobody knows.
        person: False for computers, managed service accounts and trusts.
        dc: host name of the domain controller that it was read from; empty where that is not known.
        unreadable: attributes that may not be read and on which a decision rests: while there are any, the
            other fields prove nothing, and the account must be left alone.
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
        """Whose account it is."""
        return Owner(directory=self.directory, guid=self.guid)

    @property
    def shown_name(self) -> str:
        """What the account is called in apps and mails: its UPN, unless it has none that anybody could type.

        AD takes UPNs of 1,024 characters, and account names of 256.
        """
        return self.upn if 0 < len(self.upn) <= LONGEST_NAME else self.name


@dataclass(frozen=True, kw_only=True)
class Lockout:
    """How near wrong passwords have brought an account to being locked.

    Args:
        bad_passwords: on the PDC emulator, within the observation window.
        threshold: wrong passwords that lock the account (PSO or domain); 0 means never.
        readable: False where the count or the threshold may not be read: then nobody can tell whether a wrong
            password would lock the account, so none may be tried.
    """

    bad_passwords: int
    threshold: int
    readable: bool = True


@dataclass(frozen=True, kw_only=True)
class Preimage:
    """Where a write will go and what stood there before, kept with INTENT to resolve a crash.

    Args:
        dc: host name of the one domain controller that will be written to.
        pwd_last_set: FILETIME of the account on that DC.
        locked: whether the account was locked there.
    """

    dc: str
    pwd_last_set: int
    locked: bool


@dataclass(frozen=True, kw_only=True)
class Written:
    """What the directory said to a write.

    Args:
        outcome: DONE, PARTIAL, UNKNOWN (the answer was lost after the write was sent), or a refusal.
        detail: the directory's own words, for the worker's audit only.
        unlocked: True if the account was locked before and is not any more.
    """

    outcome: Outcome
    detail: str = ""
    unlocked: bool = False


class MeanwhileError(RuntimeError):
    """What was to be done meanwhile has failed: a fault of ours, and none of the directory."""


def nothing() -> None:
    """Do nothing: where something could be done meanwhile, and there is nothing to do."""


class Directory(Protocol):
    """One AD forest or domain. A refusal is a value; of the directory only DirectoryAway is ever raised."""

    id: str

    def canonical(self, typed: str) -> Name:
        """Return a typed name as this directory looks it up and counts it."""
        ...

    def matches(self, name: Name) -> tuple[bytes, ...]:
        """Return the objectGUIDs of all accounts (a few at most) with that account name, UPN or address."""
        ...

    def find(self, typed: str) -> Account | None:
        """Return the one account of a typed name; None if it is not just one. For the commands of admins."""
        ...

    def read(self, guid: bytes, *, meanwhile: Callable[[], None] = nothing) -> Account | None:
        """Return the account with that objectGUID, read live; None if there is none.

        Args:
            guid: 16 bytes.
            meanwhile: work for the time until the directory answers. It may be done never, or again where
                another controller is asked. What it raises comes out, as it is or as MeanwhileError.
        """
        ...

    def group_sids(self, dns: Sequence[str]) -> frozenset[str]:
        """Return the SIDs of the groups with these DNs, as they are in the tokenGroups of members.

        A domain-local group of another domain is in nobody's tokenGroups here (MS-ADTS 3.1.1.4.5.19).

        Raises:
            LookupError: a DN names no group of this directory; its text is the DN.
            DistributionGroup: a DN names a group that is for mail only.
            Unreadable: the kind of a group may not be read.
        """
        ...

    def count_members(self, dn: str, *, most: int) -> int:
        """Return how many people are in a group, nested ones too; one more than `most` for any more.

        Those whose primary group is another one that is nested in it are not counted.
        """
        ...

    def policy(self, account: Account | None) -> PolicyFacts:
        """Return the effective password rules of an account, or the domain's for None."""
        ...

    def changeable_at(self, account: Account, *, by_reset: bool) -> int:
        """Return the Unix time at which a password may be set again, by a reset or a change; 0 for now."""
        ...

    def longest_window(self) -> int:
        """Return the longest time for which wrong passwords count, of anybody, in seconds; 0 if unknown."""
        ...

    def lockout(self, account: Account) -> Lockout:
        """Read how near the account is to being locked; to be asked before a password is tried."""
        ...

    def check_password(self, account: Account, password: Secret) -> Outcome:
        """Bind as the account: DONE, WRONG_PASSWORD, MUST_CHANGE, PASSWORD_EXPIRED, or ACCOUNT_…."""
        ...

    def prepare(self, account: Account) -> Preimage:
        """Choose the DC to write to (the PDC emulator if it can be reached) and say what stands there.

        An account that was read from that DC a moment ago is not read again.
        """
        ...

    def reset_password(self, account: Account, new: Secret, *, at: Preimage) -> Written:
        """Set a new password under the full policy, and unlock the account in the same write."""
        ...

    def change_password(self, account: Account, old: Secret, new: Secret, *, at: Preimage) -> Written:
        """Change the password with the old one as proof; works for must-change and expired passwords too."""
        ...

    def unlock(self, account: Account, *, at: Preimage) -> Written:
        """Unlock the account and leave its password."""
        ...

    def pwd_last_set_on(self, dc: str, guid: bytes) -> int | None:
        """Read pwdLastSet on one given DC, to resolve an INTENT after a crash; None if it is gone."""
        ...

    def is_locked_on(self, dc: str, guid: bytes) -> bool:
        """Tell whether the account is locked on one given DC."""
        ...

    def explain_refusal(self, account: Account, new: Secret) -> PolicyRefusal:
        """Work out which rules a password broke that the directory has just refused."""
        ...

    def report_unreadable(self, account: Account) -> bool:
        """Let `health` name an account of the scope that can't be judged, for an hour from now.

        Returns:
            True if the directory's health did not name this account and these attributes already.
        """
        ...

    def health(self) -> DirectoryHealth:
        """Probe the directory; never raises."""
        ...
