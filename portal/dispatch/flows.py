"""Asks the workers: seals a job, sends it, and waits for the one answer that is bound to it."""

import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import connections
from django.utils import timezone

from portal.audit.flows import record
from portal.dispatch.broker import BrokerAway
from portal.dispatch.floor import Floor
from portal.dispatch.liveness import KnownWorker, Place
from portal.dispatch.models import JobRecord, Site
from portal.dispatch.queries import list_other_sites, state_of, workers_for
from portal.dispatch.rules import explain_refusal, may_speak_of
from portal.dispatch.workers import known_workers, replace_workers
from portal.throttle.counts import take
from portal.throttle.rates import Rate
from writeback.envelope.answers import Answer, Outcome, PolicyFacts, PolicyRefusal
from writeback.envelope.deadlines import UNKNOWN_FOR
from writeback.envelope.errors import EnvelopeError, Fault
from writeback.envelope.jobs import (
    AnchorAudit,
    AttemptJob,
    CheckGroups,
    ExplainPerson,
    Health,
    Job,
    JobStatus,
    ListFactors,
    ReadPolicy,
    WriteJob,
    reference_of,
)
from writeback.envelope.keyring import SigningKey
from writeback.envelope.pairing import SiteEnrolment
from writeback.envelope.sealing import SealedJob, open_answer, seal_job
from writeback.envelope.secret import Secret

WAIT = 8.0
_floor = Floor()
# After these answers a write may still be done, or has been done: JobStatus tells what became of it.
_NOT_FINAL = (Outcome.UNKNOWN, Outcome.NOT_TAKEN)
# These jobs change nothing, so the next worker may get one although the worker before it may do it too.
_REPEATABLE = (JobStatus, Health, ReadPolicy, ListFactors, AnchorAudit, CheckGroups, ExplainPerson)
_PATIENCE = 0.25  # part of the wait that one worker gets if another one could be asked next
_LOOKS = (Rate(30, 60),)
# Answers to JobStatus that don't tell the end of the job; those after NEVER_SEEN are about the question.
_OPEN = (
    Outcome.IN_PROGRESS,
    Outcome.NEVER_SEEN,
    Outcome.NOT_TAKEN,
    Outcome.CLOCK,
    Outcome.EXPIRED,
    Outcome.REFUSED,
    Outcome.REKEY,
)


class PairingRefusedError(Exception):
    """A site can't be paired; the text is for the admin and says what to do."""


class TransactionOpenError(RuntimeError):
    """A worker was about to be asked inside a transaction, which would hold its locks all that time."""


@dataclass(frozen=True, kw_only=True)
class Reply:
    """The result of asking.

    Args:
        answer: the worker's answer; None if none came in time, so that the job may still be done.
        jti: id of the job, 16 bytes; JobStatus asks about it.
        worker: name of the worker that was asked; empty if none could be.
        sent: False if no worker has received the job, and none ever will.
    """

    answer: Answer | None
    jti: bytes
    worker: str = ""
    sent: bool = True


def ask(job: Job, *, passwords: Sequence[Secret] = (), wait: float = WAIT, floor: float = 0.0) -> Reply:
    """Ask a worker of the job's site, and wait for its answer.

    If a worker does not take the job, the job is closed and the next worker is asked.

    Two answers come at once, and nothing is sent: DIRECTORY_AWAY if no worker lives, and UNUSABLE_PASSWORD if
    a password does not fit into a job.

    Args:
        job: the job.
        passwords: the passwords of the job, in the order that its class names.
        wait: seconds to wait at most.
        floor: seconds that this takes at least, so that nobody can tell answers apart by their timing.

    Raises:
        TransactionOpenError: a database transaction is open.
    """
    if any(connection.in_atomic_block for connection in connections.all(initialized_only=True)):
        raise TransactionOpenError("ask() was called inside a database transaction.")
    started = time.monotonic()
    reply = _ask(job, passwords, deadline=started + wait, patience=wait * _PATIENCE)
    _floor.hold(since=started, seconds=floor)
    return reply


def site_rules(site: str) -> PolicyFacts | None:
    """Return the rules for a new password at a site; None if they differ, or no worker answers.

    Anybody who opens a page causes this call. The answer is therefore kept for a while: otherwise a stranger
    could use up the jobs that a worker takes in a minute, and so close the service to everybody.
    """
    rules = known_workers().rules
    fresh, known = rules.get(site)
    if fresh:
        return known
    answer = ask(ReadPolicy(site=site), wait=4.0).answer
    facts = answer.facts if answer and isinstance(answer.facts, PolicyFacts) else None
    rules.keep(site, facts)
    return facts


def person_rules(site: str, attempt: bytes) -> PolicyFacts | PolicyRefusal | None:
    """Return the rules for the new password of an attempt's person; None if no worker answers.

    A refusal means that this person may not set a password yet; it says from when they may.

    The result is also None if the page is opened too often: each call is a job, and one browser must not use
    up the jobs that a worker takes.

    Args:
        site: name of the attempt's site.
        attempt: the worker's id of it, 16 bytes.
    """
    if take("rules", attempt.hex(), rates=_LOOKS):
        return None
    answer = ask(ReadPolicy(site=site, attempt=attempt), wait=4.0).answer
    return answer.facts if answer and isinstance(answer.facts, (PolicyFacts, PolicyRefusal)) else None


def follow_up(record: JobRecord) -> Reply:
    """Ask what became of a write.

    When the life of the job is over, this also closes it, so that it can't be done later.

    Args:
        record: from `queries.latest_job`; this saves the outcome in it once that is final.
    """
    jti = bytes.fromhex(record.jti)
    if record.outcome:
        return Reply(answer=Answer(outcome=Outcome(record.outcome)), jti=jti)
    reply = _ask_about(record)
    if not reply.sent or reply.answer is None or reply.answer.outcome in _OPEN:
        return Reply(answer=None, jti=jti, worker=reply.worker)
    given_up = timezone.now() >= record.expires_at + timedelta(seconds=UNKNOWN_FOR)
    if reply.answer.outcome is not Outcome.UNKNOWN or given_up:
        _settle(jti, reply.answer)
    return Reply(answer=reply.answer, jti=jti, worker=reply.worker)


def _ask_about(record: JobRecord) -> Reply:
    """Ask about a job, but only the state that it was sent to: closing it in another one has no effect."""
    known = state_of(record.site)
    if known is not None and known.hex() != record.state:
        return Reply(answer=Answer(outcome=Outcome.UNKNOWN), jti=bytes.fromhex(record.jti))
    return ask(question_about(record), wait=2.0)


def question_about(record: JobRecord) -> JobStatus:
    """Return the JobStatus for a write; it closes the write if the life of the write is over."""
    close = timezone.now() >= record.expires_at
    return JobStatus(site=record.site, jti=bytes.fromhex(record.jti), close=close)


def require_pairable(enrolment: SiteEnrolment) -> None:
    """Refuse a site that this portal can't be paired with.

    Raises:
        PairingRefusedError: the text says why, and what to do.
    """
    refusal = explain_refusal(enrolment, list_other_sites(enrolment.site))
    if refusal:
        raise PairingRefusedError(refusal)


def pair(enrolment: SiteEnrolment) -> Site:
    """Pin a site; a person must have compared the fingerprint of its key before.

    Raises:
        PairingRefusedError: the text says why, and what to do.
    """
    require_pairable(enrolment)
    site, _ = Site.objects.update_or_create(
        name=enrolment.site,
        defaults={
            "identity": enrolment.identity,
            "fingerprint": enrolment.key.fingerprint,
            "redis": enrolment.redis,
            "workers": list(enrolment.workers),
            "directories": list(enrolment.directories),
            "state": enrolment.state.hex(),
            "findings": [],
            "troubles": {},
            "misfit": {},
            "enabled": True,
            "paired_at": timezone.now(),
        },
    )
    record("site.paired", site=site.name, fingerprint=site.fingerprint)
    replace_workers()
    return site


def unpair(name: str) -> bool:
    """Forget a site and its pinned key; its workers are not asked any more.

    Returns:
        False if there was no such site.
    """
    gone, _ = Site.objects.filter(name=name).delete()
    if gone:
        record("site.unpaired", site=name)
        replace_workers()
    return bool(gone)


def save_switch(site: Site, *, by: str) -> None:
    """Save whether a site is switched on; the workers of one that is switched off are not asked.

    Args:
        site: the site, with the new value of `enabled`.
        by: user name of the admin.
    """
    site.save(update_fields=["enabled"])
    record("site.switched", site=site.name, enabled=site.enabled, account=by)
    replace_workers()


def forget_old_jobs() -> int:
    """Delete the records of writes sent over two days ago, and return how many; the audit stays."""
    return JobRecord.objects.filter(sent_at__lt=timezone.now() - timedelta(days=2)).delete()[0]


def _ask(job: Job, passwords: Sequence[Secret], *, deadline: float, patience: float) -> Reply:
    """Ask one worker after the other until one answers.

    For a job that changes something, the next worker is asked only if none before it can still do the job.
    """
    signer, silent, rekeyed = known_workers().key(), set[Place](), False
    reply = _reply_unsent(Outcome.DIRECTORY_AWAY)
    while signer is not None and time.monotonic() < deadline:
        found = workers_for(job.site, fresh=rekeyed)
        workers = [each for each in found if each.place not in silent]
        if not workers:
            break
        worker, others = workers[0], workers[1:]
        try:
            sealed = seal_job(job, passwords=passwords, to=worker.to, signer=signer, now=time.time())
        except EnvelopeError as error:
            unusable = error.fault is Fault.PASSWORD
            return _reply_unsent(Outcome.UNUSABLE_PASSWORD if unusable else Outcome.REFUSED)
        until = min(deadline, time.monotonic() + patience) if others else deadline
        reply = _send(job, sealed, worker, until)
        # A worker that answers REKEY has done nothing, and its signature binds that answer to this very job.
        if reply.answer and reply.answer.outcome is Outcome.REKEY and not rekeyed:
            rekeyed = True
            continue
        if reply.answer or not others:
            break
        silent.add(worker.place)
        if not isinstance(job, _REPEATABLE):
            known = _take_back(job, sealed, worker, signer, deadline=deadline, patience=patience)
            if known is not None:
                return known
    return reply


def _take_back(
    job: Job, sealed: SealedJob, worker: KnownWorker, signer: SigningKey, *, deadline: float, patience: float
) -> Reply | None:
    """Let another worker close a job that no worker has taken.

    A job that a worker has taken stays with it, and its answer may still come: a job must not be done twice.

    Returns:
        None if the job was closed and never will be done; otherwise what is known of it.
    """
    for close in (False, True):
        question = JobStatus(site=job.site, jti=sealed.jti, close=close)
        others = [each for each in workers_for(job.site) if each.place != worker.place]
        if not others:
            break
        asked = seal_job(question, passwords=(), to=others[0].to, signer=signer, now=time.time())
        reply = _send(question, asked, others[0], min(deadline, time.monotonic() + patience))
        if reply.answer is None or not reply.sent:
            break
        if reply.answer.outcome is Outcome.CLOSED:
            _settle(sealed.jti, reply.answer)
            return None
        if isinstance(job, WriteJob) and reply.answer.outcome not in (*_OPEN, Outcome.UNKNOWN):
            _settle(sealed.jti, reply.answer)
            return Reply(answer=reply.answer, jti=sealed.jti, worker=worker.place.worker)
        if reply.answer.outcome is not Outcome.NEVER_SEEN:
            break
    return _await(job, sealed, worker, deadline)


def _reply_unsent(outcome: Outcome) -> Reply:
    return Reply(answer=Answer(outcome=outcome), jti=secrets.token_bytes(16), sent=False)


def _send(job: Job, sealed: SealedJob, worker: KnownWorker, deadline: float) -> Reply:
    if isinstance(job, WriteJob):
        _record(job, sealed, worker)
    try:
        known_workers().broker.send(worker.place.worker, sealed.blob)
    except BrokerAway as error:
        # If Redis says that it refused, only a job that changes nothing is given up: Redis may have lied.
        if not error.sent or (error.refused and isinstance(job, _REPEATABLE)):
            away = Answer(outcome=Outcome.DIRECTORY_AWAY)
            _settle(sealed.jti, away)
            return Reply(answer=away, jti=sealed.jti, sent=False)
    return _await(job, sealed, worker, deadline)


def _await(job: Job, sealed: SealedJob, worker: KnownWorker, deadline: float) -> Reply:
    """Wait for the answer; if a worker gives none, the others are asked before it for a while."""
    answer = _wait(sealed, worker, deadline)
    known_workers().silences.note(worker.place, silent=answer is None)
    if answer is not None and isinstance(job, WriteJob) and answer.outcome not in _NOT_FINAL:
        _settle(sealed.jti, answer)
    return Reply(answer=answer, jti=sealed.jti, worker=worker.place.worker)


def _wait(sealed: SealedJob, worker: KnownWorker, deadline: float) -> Answer | None:
    """Return the answer to this job, and throw away everything else in the reply list.

    The answer must come from the worker that the job was sealed for. Whoever controls Redis can give a copy
    of the job to another worker of the site; that one would truthfully answer that it did nothing, while the
    right worker does the job. The answer must also come from the site's own state, because another state
    does not know what was done before. And it may speak only of the site's own directories: a site must not
    sign in people of another one.
    """
    while (left := deadline - time.monotonic()) > 0:
        blob = known_workers().broker.wait(sealed.jti, left)
        if blob is None:
            continue
        try:
            opened = open_answer(blob, sent=sealed, site=worker.place.key)
        except EnvelopeError:
            continue
        says_who = (opened.worker, opened.state) == (worker.place.worker, worker.place.state)
        if says_who and may_speak_of(opened.answer, worker.place.directories):
            return opened.answer
    return None


def _record(job: Job, sealed: SealedJob, worker: KnownWorker) -> None:
    attempt = job.attempt if isinstance(job, AttemptJob) else sealed.jti
    JobRecord.objects.create(
        jti=sealed.jti.hex(),
        op=type(job).__name__,
        site=job.site,
        reference=reference_of(attempt),
        sent_at=timezone.now(),
        expires_at=datetime.fromtimestamp(sealed.expires, UTC),
        state=worker.place.state.hex(),
    )


def _settle(jti: bytes, answer: Answer) -> None:
    JobRecord.objects.filter(jti=jti.hex(), outcome="").update(
        outcome=answer.outcome.value, settled_at=timezone.now()
    )
