"""The only real `ports.Site`: everything that a worker's handlers may use, built from concrete parts."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from writeback.ceiling import Ceiling, judge
from writeback.ceiling.denied import DeniedGroups
from writeback.envelope.answers import CeilingGates, DirectoryHealth, DirectoryState, NoticeRules, Outcome
from writeback.ports import (
    Account,
    Anchors,
    Audit,
    CantJudge,
    Clock,
    Courier,
    Directory,
    DirectoryAway,
    Journal,
    Outbox,
    Register,
    StateAway,
)
from writeback.state import Worries

_LONGEST_DETAIL = 400


@dataclass(kw_only=True)
class WorkerSite:
    """Fulfils ports.Site."""

    name: str
    directories: Mapping[str, Directory]
    clock: Clock
    audit: Audit
    register: Register
    journal: Journal
    anchors: Anchors
    outbox: Outbox
    couriers: Sequence[Courier]
    worker: str
    version: str
    gates: tuple[CeilingGates, ...]
    allowed: tuple[str, ...]
    ceiling_hash: bytes
    notices: NoticeRules
    ceiling: Ceiling
    denied: Mapping[str, DeniedGroups]
    worries: Worries
    state_id: bytes
    realm: str
    clock_is_off: Callable[[], float]
    sign: Callable[[bytes, bytes], bytes]

    def judge(self, account: Account) -> Outcome | None:
        """Return why an account must not be touched, or None; reads the groups live."""
        return self.make_judge(account.directory)(account)

    def make_judge(self, directory: str) -> Callable[[Account], Outcome | None]:
        """Return a function that judges the accounts of a directory.

        Raises:
            DirectoryAway: its groups can't be read.
            CantJudge: one of the groups is gone; the people on call get an alarm.
        """
        try:
            sids = self.denied[directory].sids()
        except CantJudge:
            self.worries.note_closed(directory)
            raise

        def judge_and_report(account: Account) -> Outcome | None:
            verdict = judge(account, self.ceiling, deny_sids=sids)
            if verdict is Outcome.DIRECTORY_REFUSED:
                report_unreadable(account, self.directories[directory], self.audit)
                self.note_unreadable(account.guid.hex())
            return verdict

        return judge_and_report

    def note_unreadable(self, account: str) -> None:
        """Alert administrators that an account (objectGUID in hex) can't be judged."""
        self.worries.note_unreadable(account)

    def note_broken_audit(self) -> None:
        """Alert administrators that the portal's audit is not the one that this site has seen."""
        self.worries.note_broken_audit()

    def health(self, directory: str) -> DirectoryHealth:
        """Return a directory's health, and whether its people can be judged; never raises."""
        seen = self.directories[directory].health()
        problems = [] if seen.state is DirectoryState.DOWN else self._problems(directory)
        if not problems:
            return seen
        detail = "; ".join(filter(None, (*problems, seen.detail)))[:_LONGEST_DETAIL]
        return replace(seen, state=DirectoryState.DEGRADED, detail=detail)

    def _problems(self, directory: str) -> list[str]:
        problems = []
        try:
            self.make_judge(directory)
            unreadable = self.worries.unreadable()
        except (DirectoryAway, StateAway) as error:
            return [f"nobody is served: {error}"]
        if unreadable:
            problems.append(f"accounts that can't be judged: {unreadable} (account.unreadable in the audit)")
        return problems


def report_unreadable(account: Account, directory: Directory, audit: Audit) -> None:
    """Name an account that can't be judged in the directory's health, and in the audit once an hour."""
    if directory.report_unreadable(account):
        audit.record(
            "account.unreadable",
            reference="",
            directory=account.directory,
            account=account.guid.hex(),
            attributes=", ".join(account.unreadable),
        )
