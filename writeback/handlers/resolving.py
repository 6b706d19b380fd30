"""Resolves INTENTs whose outcome was not written down: asks the directory, and never repeats the write."""

from writeback.envelope.answers import Answer, Applied, Outcome
from writeback.envelope.deadlines import GIVEN_UP_AFTER
from writeback.handlers.common import record
from writeback.handlers.writes import notices_of, record_both_verdicts
from writeback.ports import Directory, DirectoryAway, Entry, Intent, JobState, Note, Site, StateAway
from writeback.ports.filetime import unix_time

_SKEW = 60


def resolve_intents(site: Site) -> None:
    """Resolve the INTENTs that dead processes, lost answers and full disks have left; a chore of heartbeats.

    Raises:
        StateAway: the journal can't be read, or can't be written for one of them; the others are resolved.
    """
    away: StateAway | None = None
    for entry in site.journal.intents():
        try:
            resolve(entry, site)
        except StateAway as error:
            away = error
    if away:
        raise away


def resolve(entry: Entry, site: Site) -> None:
    """Settle one INTENT if the directory shows what became of it, or there is no hope that it ever will."""
    intent, now = entry.intent, entry.now
    if intent is None or entry.state is not JobState.INTENT or (entry.alive and now <= entry.deadline):
        return
    notices: tuple[Note, ...] = ()
    try:
        directory = site.directories[intent.attempt.directory]
        answer = _find_verdict(directory, intent, entry, over=now > entry.deadline)
        if answer and answer.outcome is Outcome.DONE:
            notices = _notices(site, directory, intent)
    except (DirectoryAway, KeyError):  # KeyError: the directory is not configured any more
        answer = Answer(outcome=Outcome.UNKNOWN) if now > entry.expires + GIVEN_UP_AFTER else None
    if answer is None:
        return
    settled = site.journal.settle(entry.jti, answer, notices=notices)
    who = {"account": intent.attempt.guid.hex(), "dc": intent.preimage.dc}
    if settled.before == answer:
        return  # another process came to the same verdict and has recorded it
    if settled.before:
        record_both_verdicts(site, intent.attempt.id, answer, settled, **who)
        return
    record(site, "write.resolved", intent.attempt.id, job=intent.job, outcome=answer.outcome.value, **who)


def _find_verdict(directory: Directory, intent: Intent, entry: Entry, *, over: bool) -> Answer | None:
    """Return what the directory shows; None while the write could still be under way."""
    before, guid = intent.preimage, intent.attempt.guid
    not_done = Answer(outcome=Outcome.CLOSED) if over else None
    if intent.job == "UnlockAccount":
        if directory.is_locked_on(before.dc, guid):
            return not_done
        return _answer_done(intent, at=int(entry.intended), unlocked=True)
    found = directory.pwd_last_set_on(before.dc, guid)
    if found == before.pwd_last_set:
        return not_done
    at = int(unix_time(found)) if found else 0
    if not entry.intended - _SKEW <= at <= entry.deadline + _SKEW:
        return Answer(outcome=Outcome.UNKNOWN)  # somebody else set the password, or the account is gone
    unlocked = before.locked and not directory.is_locked_on(before.dc, guid)
    return _answer_done(intent, at=at, unlocked=unlocked)


def _answer_done(intent: Intent, *, at: int, unlocked: bool) -> Answer:
    owner = intent.attempt.owner
    facts = Applied(
        at=at, unlocked=unlocked, dc=intent.preimage.dc, account=owner.guid, directory=owner.directory
    )
    return Answer(outcome=Outcome.DONE, facts=facts)


def _notices(site: Site, directory: Directory, intent: Intent) -> tuple[Note, ...]:
    account = directory.read(intent.attempt.guid)
    if account is None:
        return ()
    return notices_of(site, intent.job, account, intent.attempt, locale=intent.locale).notes
