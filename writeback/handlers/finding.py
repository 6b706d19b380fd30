"""Whom a typed name means. A browser never learns it; administrators do, from the worker's audit."""

from collections.abc import Sequence
from dataclasses import dataclass

from writeback.envelope.answers import Outcome
from writeback.envelope.names import Name
from writeback.handlers.common import record
from writeback.ports import Account, Directory, DirectoryAway, Site

UNKNOWN, AMBIGUOUS, UNREADABLE = "unknown-name", "ambiguous", "unreadable"


@dataclass(frozen=True, kw_only=True)
class Meant:
    """What a name came to.

    Args:
        name: in the form in which it was looked up.
        account: the one to serve; None for nobody.
        verdict: for the audit, why nobody is served; empty if somebody is.
        guids: of all accounts of that name.
        dns: of those that could be read.
        faults: why the others could not, by objectGUID.
    """

    name: Name
    account: Account | None
    verdict: str
    guids: Sequence[bytes]
    dns: Sequence[str]
    faults: Sequence[tuple[bytes, str]]

    @property
    def guid(self) -> str:
        """The account that is served, or the only one of that name, in hex; empty if there is none."""
        if self.account:
            return self.account.guid.hex()
        return self.guids[0].hex() if len(self.guids) == 1 else ""

    def report(self, site: Site, identifier: bytes) -> None:
        """Tell administrators what is wrong with the accounts of that name.

        Args:
            site: where it was typed.
            identifier: of the attempt or job, for the audit.
        """
        if len(self.guids) > 1:
            accounts = ",".join(guid.hex() for guid in self.guids)
            dns = " | ".join(self.dns)
            record(site, "account.ambiguous", identifier, accounts=accounts, dns=dns, served=self.guid)
        for guid, why in self.faults:
            record(site, "account.unreadable", identifier, account=guid.hex(), why=why)
            site.note_unreadable(guid.hex())


def find_meant(typed: str, site: Site, directory_id: str) -> Meant:
    """Look a name up among account names, UPNs and mail addresses, and judge all whom it finds.

    Served is the only account of that name, or of several the only one that may be served. A fault that
    meets everybody is raised before it is known whether there is such a person; one that meets a single
    account makes it look like an unknown one.

    Args:
        typed: the name.
        site: where it was typed.
        directory_id: where the person is looked for.

    Raises:
        DirectoryAway: nobody can be looked up or judged now, whatever the name.
    """
    judge, directory = site.make_judge(directory_id), site.directories[directory_id]
    name = directory.canonical(typed)
    guids = directory.matches(name)
    found, faults = _read(directory, name, guids)
    verdicts = [judge(account) for account in found]
    servable = [account for account, verdict in zip(found, verdicts, strict=True) if verdict is None]
    return Meant(
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
    """Return the accounts that can be read, and why the others can't."""
    found: list[Account] = []
    faults: list[tuple[bytes, str]] = []
    for guid in guids:
        try:
            account = directory.read(guid)
        except DirectoryAway as fault:
            directory.matches(name)  # where this fails too, nobody can be asked, and everybody hears so
            faults.append((guid, str(fault)))
        else:
            found += [account] if account else []
    return found, faults
