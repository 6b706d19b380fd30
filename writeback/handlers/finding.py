"""Finds the account of a typed name; the worker's audit shows it to administrators, no browser learns it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from writeback.envelope.answers import Outcome
from writeback.envelope.names import Name
from writeback.handlers.common import record
from writeback.ports import Account, Directory, DirectoryAway, Site

UNKNOWN, AMBIGUOUS, UNREADABLE = "unknown-name", "ambiguous", "unreadable"
Judge = Callable[[Account], Outcome | None]


@dataclass(frozen=True, kw_only=True)
class Lookup:
    """The result of looking up a name.

    Args:
        name: the name, in the form in which the site counts it.
        account: the account to serve; None if nobody is served.
        verdict: why nobody is served, for the audit; empty if somebody is.
        guids: objectGUIDs of all accounts of that name.
        dns: DNs of those accounts that could be read.
        faults: objectGUIDs of the others, each with the reason why it could not be read.
        away: ids of the directories that could not be asked.
    """

    name: Name
    account: Account | None
    verdict: str
    guids: Sequence[bytes]
    dns: Sequence[str]
    faults: Sequence[tuple[bytes, str]]
    away: Sequence[str] = ()

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


@dataclass(kw_only=True)
class _Search:
    """The search for a name in one directory."""

    directory: Directory
    typed: str
    judge: Judge
    name: Name | None = None  # a directory that was never reached doesn't know its own short name
    away: DirectoryAway | None = None
    guids: Sequence[bytes] = ()
    found: list[Account] = field(default_factory=list)
    faults: list[tuple[bytes, str]] = field(default_factory=list)

    def run(self) -> None:
        """Look the name up, or keep that the directory is away."""
        try:
            self.name = self.directory.canonical(self.typed)
            self.guids = self.directory.matches(self.name)
            self._read(self.name)
        except DirectoryAway as fault:
            self.away, self.guids, self.found = fault, (), []

    def _read(self, name: Name) -> None:
        """Read the accounts, or keep why one can't be read.

        Raises:
            DirectoryAway: the fault affects everybody.
        """
        for guid in self.guids:
            try:
                account = self.directory.read(guid)
            except DirectoryAway as fault:
                self.directory.matches(name)  # if this fails too, the fault affects everybody
                self.faults.append((guid, str(fault)))
            else:
                self.found += [account] if account else []

    @property
    def is_qualified(self) -> bool:
        """Whether the name says that it belongs to this directory."""
        return self.name is not None and self.name.is_qualified


def look_up_name(typed: str, site: Site, *, brings_password: bool) -> Lookup:
    """Look up a name among account names, UPNs and mail addresses, and judge every account that has it.

    All directories of the site are asked. Nobody is served if two directories have accounts of that name, as
    a person must never meet somebody else's account. Within one directory, an account is served if exactly
    one of its accounts of that name may be served.

    A fault that affects everybody is raised before it is known whether there is such a person. A fault of a
    single account makes the account look like an unknown one.

    Args:
        typed: the name.
        site: the site that looks it up.
        brings_password: True if a password is going to be tried on the account.

    Raises:
        DirectoryAway: nobody can be looked up or judged now; or the name says that it belongs to a directory
            that can't be asked; or a password may belong to a person of such a directory.
    """
    judges = {name: site.make_judge(name) for name in site.directories}
    searches = [
        _Search(directory=one, typed=typed, judge=judges[name]) for name, one in site.directories.items()
    ]
    for search in searches:
        search.run()
    _require_answers(searches, brings_password=brings_password)
    hits = [search for search in searches if search.guids]
    judged = [(account, search.judge(account)) for search in hits for account in search.found]
    servable = [account for account, verdict in judged if verdict is None]
    is_served = len(hits) == 1 and len(servable) == 1
    guids = [guid for search in hits for guid in search.guids]
    return Lookup(
        name=_name_at_site(searches),
        account=servable[0] if is_served else None,
        verdict="" if is_served else _explain(guids, [verdict for _, verdict in judged]),
        guids=guids,
        dns=[account.dn for account, _ in judged],
        faults=[fault for search in hits for fault in search.faults],
        away=[search.directory.id for search in searches if search.away],
    )


def _name_at_site(searches: Sequence[_Search]) -> Name:
    """Return a name in the form in which the site counts it: all its spellings have the same."""
    named = [(search.directory.id, search.name) for search in searches if search.name]
    if len(searches) == 1:
        return named[0][1]
    owned = [(directory, name.key) for directory, name in named if name.is_qualified]
    if not owned:
        return Name(key=named[0][1].key)
    return Name(key="\\".join([*(directory for directory, _ in owned), owned[0][1]]))


def _require_answers(searches: Sequence[_Search], *, brings_password: bool) -> None:
    """Raise the fault of a directory that is away and has to be asked about this name.

    Raises:
        DirectoryAway: as `look_up_name` says.
    """
    away = [(search, search.away) for search in searches if search.away]
    is_qualified = any(search.is_qualified for search in searches)
    for search, fault in away:
        is_needed = search.is_qualified or (brings_password and not is_qualified)
        if is_needed or len(away) == len(searches):
            raise fault


def _explain(guids: Sequence[bytes], verdicts: Sequence[Outcome | None]) -> str:
    if len(guids) != 1:
        return AMBIGUOUS if guids else UNKNOWN
    verdict = next(iter(verdicts), None)
    return UNREADABLE if verdict in (None, Outcome.DIRECTORY_REFUSED) else verdict.value
