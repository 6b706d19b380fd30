"""Finds the account of a typed name; the worker's audit shows it to administrators, no browser learns it."""

from collections.abc import Sequence
from dataclasses import dataclass

from writeback.envelope.answers import Outcome
from writeback.envelope.names import Name
from writeback.handlers.common import record
from writeback.ports import Account, Directory, DirectoryAway, Site

UNKNOWN, AMBIGUOUS, UNREADABLE = "unknown-name", "ambiguous", "unreadable"


@dataclass(frozen=True, kw_only=True)
class Lookup:
    """The result of looking up a name.

    Args:
        name: the name, in the form in which it was looked up.
        account: the account to serve; None if nobody is served.
        verdict: why nobody is served, for the audit; empty if somebody is.
        guids: objectGUIDs of all accounts of that name.
        dns: DNs of those accounts that could be read.
        faults: objectGUIDs of the others, each with the reason why it could not be read.
    """

    name: Name
    account: Account | None
    verdict: str
    guids: Sequence[bytes]
    dns: Sequence[str]
    faults: Sequence[tuple[bytes, str]]

    @property
    def guid(self) -> str:
        """The objectGUID in hex of the served account, or else of the only account of that name, or empty."""
        if self.account:
            return self.account.guid.hex()
        return self.guids[0].hex() if len(self.guids) == 1 else ""

    def report(self, site: Site, identifier: bytes) -> None:
        """Tell administrators what is wrong with the accounts of that name.

        Args:
            site: the site whose audit and alarms are used.
            identifier: id of the attempt or job, for the audit.
        """
        if len(self.guids) > 1:
            accounts = ",".join(guid.hex() for guid in self.guids)
            dns = " | ".join(self.dns)
            record(site, "account.ambiguous", identifier, accounts=accounts, dns=dns, served=self.guid)
        for guid, why in self.faults:
            record(site, "account.unreadable", identifier, account=guid.hex(), why=why)
            site.note_unreadable(guid.hex())


def look_up_name(typed: str, site: Site, directory_id: str) -> Lookup:
    """Look up a name among account names, UPNs and mail addresses, and judge every account that has it.

    An account is served if exactly one of these accounts may be served. A fault that affects everybody is
    raised before it is known whether there is such a person. A fault of a single account makes the account
    look like an unknown one.

    Args:
        typed: the name.
        site: the site that looks it up.
        directory_id: id of the directory to look in.

    Raises:
        DirectoryAway: nobody can be looked up or judged now, whatever the name.
    """
    judge, directory = site.make_judge(directory_id), site.directories[directory_id]
    name = directory.canonical(typed)
    guids = directory.matches(name)
    found, faults = _read(directory, name, guids)
    verdicts = [judge(account) for account in found]
    servable = [account for account, verdict in zip(found, verdicts, strict=True) if verdict is None]
    return Lookup(
        name=name,
        account=servable[0] if len(servable) == 1 else None,
        verdict="" if len(servable) == 1 else _explain(guids, verdicts),
        guids=guids,
        dns=[account.dn for account in found],
        faults=faults,
    )


def _explain(guids: Sequence[bytes], verdicts: Sequence[Outcome | None]) -> str:
    if len(guids) != 1:
        return AMBIGUOUS if guids else UNKNOWN
    verdict = next(iter(verdicts), None)
    return UNREADABLE if verdict in (None, Outcome.DIRECTORY_REFUSED) else verdict.value


def _read(
    directory: Directory, name: Name, guids: Sequence[bytes]
) -> tuple[list[Account], list[tuple[bytes, str]]]:
    """Return the accounts that can be read, and for the others the reason why not."""
    found: list[Account] = []
    faults: list[tuple[bytes, str]] = []
    for guid in guids:
        try:
            account = directory.read(guid)
        except DirectoryAway as fault:
            directory.matches(name)  # if this fails too, the fault affects everybody, and is raised
            faults.append((guid, str(fault)))
        else:
            found += [account] if account else []
    return found, faults
