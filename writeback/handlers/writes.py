"""The steps that all three writes share: read the account, write INTENT, write once, settle, notify."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from writeback.envelope.answers import Answer, Applied, Outcome
from writeback.envelope.deadlines import BEGIN_WITHIN, JUDGED_AFTER
from writeback.envelope.facts import Facts
from writeback.envelope.jobs import Operation, WriteJob, reference_of
from writeback.envelope.secret import Secret
from writeback.handlers.common import (
    find_attempt,
    record,
    record_answer,
    record_unusable_mail,
    wrong_password,
)
from writeback.ports import (
    Account,
    Attempt,
    Directory,
    DirectoryAway,
    Hearers,
    Intent,
    Note,
    Notices,
    Preimage,
    Request,
    Settled,
    Site,
    StateAway,
    Written,
    do_nothing,
)

NOTICES = {
    "ResetPassword": "notice-reset",
    "ChangePassword": "notice-change",
    "UnlockAccount": "notice-unlock",
}
_DONE = frozenset({Outcome.DONE, Outcome.PARTIAL})


def read_live_account(
    attempt: Attempt, site: Site, meanwhile: Callable[[], None] = do_nothing
) -> Account | Outcome:
    """Read an attempt's account again, since administrators may have changed it; return why it is not served.

    Args:
        attempt: the attempt whose account is read.
        site: the site that judges the account.
        meanwhile: work to do until the directory answers.
    """
    account = site.directories[attempt.directory].read(attempt.guid, meanwhile=meanwhile)
    if account is None:
        return Outcome.ACCOUNT_GONE
    return site.judge(account) or why_closed(account, attempt.operation) or account


def why_closed(account: Account, operation: Operation) -> Outcome | None:
    """Return why the state of a served account rules out an operation, or None."""
    if account.disabled:
        return Outcome.ACCOUNT_DISABLED
    if account.expired:
        return Outcome.ACCOUNT_EXPIRED
    # AD makes the password of an account with a smart card, but to unlock the account is still useful.
    return Outcome.SMART_CARD if account.smart_card and operation is not Operation.UNLOCK else None


def find_proven_attempt(request: Request[WriteJob], site: Site, operation: Operation) -> Attempt | Answer:
    """Return the attempt that a job names if its proofs suffice, else the answer that refuses the job."""
    attempt = find_attempt(request, site, frozenset({operation}))
    if attempt is None:
        return Answer(outcome=Outcome.ATTEMPT_GONE)
    if not attempt.proven:
        return record_answer(site, "write.refused", request, Answer(outcome=Outcome.NOT_PROVEN))
    return attempt


def read_account(request: Request[WriteJob], site: Site, attempt: Attempt) -> Account | Answer:
    """Return the live account of an attempt, or the answer that says why it is not served."""
    account = read_live_account(attempt, site, request.unwrap)
    if isinstance(account, Outcome):
        return record_answer(
            site, "write.refused", request, Answer(outcome=account), account=attempt.guid.hex()
        )
    return account


@dataclass(frozen=True, kw_only=True)
class Write:
    """One write to a directory.

    Args:
        attempt: the attempt whose proofs it spends.
        account: the account, read a moment ago.
        new: the new password, to explain a refusal; None for an unlock.
    """

    request: Request[WriteJob]
    site: Site
    attempt: Attempt
    account: Account
    new: Secret | None = None

    def apply(self, act: Callable[[Preimage], Written]) -> Answer:
        """Write INTENT, do the write once, and settle its outcome.

        Args:
            act: does the write on the DC of the preimage.
        """
        job, locale = type(self.request.job).__name__, self.request.job.locale
        if not self.site.audit.is_up():
            return self._record("write.refused", Answer(outcome=Outcome.STATE_AWAY), job=job)
        preimage = self._directory.prepare(self.account)
        record_unusable_mail(self.site, self.attempt.id, self.account)
        notices = notices_of(self.site, job, self.account, self.attempt, locale=locale)
        if notices.refused:
            return self._record("write.refused", Answer(outcome=Outcome.UNREACHABLE), job=job)
        began = self.site.clock.monotonic()
        refusal = self.site.journal.intend(
            Intent(jti=self.request.jti, job=job, locale=locale, attempt=self.attempt, preimage=preimage)
        )
        if refusal:
            return self._record("write.refused", refusal, job=job)
        who = {"account": self._who, "name": self.account.name}
        record(self.site, "write.intent", self.attempt.id, job=job, **who, dc=preimage.dc)
        if not self.site.journal.may_begin(self.request.jti, within=BEGIN_WITHIN):
            return self._record("write.late", self._give_up(), job=job)
        try:
            written = act(preimage)
        except DirectoryAway as error:
            written = Written(outcome=Outcome.DIRECTORY_AWAY, detail=str(error))
        answer = Answer(outcome=written.outcome, facts=self._facts(written, preimage))
        late = self.site.clock.monotonic() - began > JUDGED_AFTER
        # If the answer was lost, the INTENT stays, and resolving.py asks the directory what became of it.
        lost = written.outcome is Outcome.UNKNOWN
        if lost:
            self._end_others()
        stands = answer if lost else self._settle(answer, notices.notes, late=late)
        ended = stands.facts.ended if isinstance(stands.facts, Applied) else 0
        more: dict[str, str | int] = {"ended": ended} if ended else {}
        if notices.told is not Hearers.PERSON and answer.outcome in _DONE:
            more["told"] = notices.told.value
        self._record("write.outcome", answer, job=job, detail=written.detail, **more)
        return stands

    def _give_up(self) -> Answer:
        """Give up a write that was held up, as by a suspended machine: others may have judged it not done."""
        return self._settle(Answer(outcome=Outcome.DIRECTORY_AWAY), (), late=True)

    def _end_others(self) -> None:
        """End the person's other attempts and sign-ins, since the write may have been done."""
        try:
            self.site.register.end_others(self.attempt)
        except StateAway as error:
            record(self.site, "journal.away", self.attempt.id, why=str(error))

    def _settle(self, answer: Answer, notices: Sequence[Note], *, late: bool) -> Answer:
        """Write the outcome into the journal, and return the answer there, which is the only one to give.

        It is `late` if other workers may have judged the write by now.
        """
        was_done = answer.outcome in _DONE
        try:
            settled = self.site.journal.settle(
                self.request.jti, answer, notices=notices if was_done else (), saw=True
            )
        except StateAway as error:
            # What was done stays done, so the answer says it. The INTENT is resolved later, with its notices.
            record(self.site, "journal.away", self.attempt.id, why=str(error))
            return Answer(outcome=Outcome.UNKNOWN) if late else answer
        record_both_verdicts(self.site, self.attempt.id, answer, settled, account=self._who)
        return settled.answer

    def _facts(self, written: Written, preimage: Preimage) -> Facts | None:
        if written.outcome in _DONE:
            return Applied(
                at=int(self.site.clock.now()),
                unlocked=written.unlocked,
                dc=preimage.dc,
                account=self.account.guid,
                directory=self.account.directory,
            )
        if written.outcome is Outcome.WRONG_PASSWORD:
            return wrong_password(self.site).facts
        if written.outcome is not Outcome.REFUSED_BY_POLICY or self.new is None:
            return None
        try:
            return self._directory.explain_refusal(self.account, self.new)
        except DirectoryAway:
            return None

    def _record(self, event: str, answer: Answer, **facts: str | int) -> Answer:
        return record_answer(
            self.site, event, self.request, answer, account=self._who, name=self.account.name, **facts
        )

    @property
    def _directory(self) -> Directory:
        return self.site.directories[self.attempt.directory]

    @property
    def _who(self) -> str:
        return self.account.guid.hex()


def record_both_verdicts(site: Site, identifier: bytes, said: Answer, settled: Settled, **facts: str) -> None:
    """Write both verdicts on a write into the audit, if another process had judged it already."""
    if settled.before:
        outcomes = {"before": settled.before.outcome.value, "stands": settled.answer.outcome.value}
        record(site, "write.judged-twice", identifier, outcome=said.outcome.value, **outcomes, **facts)


def notices_of(site: Site, job: str, account: Account, attempt: Attempt, *, locale: str) -> Notices:
    """Return the notices about a write."""
    parameters = {
        "at": str(int(site.clock.now())),
        "account": account.shown_name,
        "reference": reference_of(attempt.id),
    }
    return site.register.notices(NOTICES[job], account, locale=locale, parameters=parameters)
