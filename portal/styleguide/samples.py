"""Made-up data for the pages: people, attempts, and answers of workers."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from portal.gates.models import Attempt, Offer
from portal.gates.queries import pick_ways_to_prove
from portal.methods.models import Factor
from portal.people.session import SignedInPerson
from portal.selfservice.flows import state_after
from portal.selfservice.outcomes import STILL_GOING, facts_to_keep
from portal.throttle.challenge import Challenge
from portal.web.context import Ends
from writeback.envelope.answers import (
    Answer,
    Applied,
    FactorFacts,
    FactorList,
    FactorPending,
    FactorState,
    GateOffer,
    Outcome,
    PolicyFacts,
    PolicyRefusal,
    Rule,
)
from writeback.envelope.jobs import Operation
from writeback.envelope.methods import MethodKind
from writeback.envelope.secret import Secret

AT = datetime(2026, 11, 20, 23, 41, tzinfo=UTC)
"""The time at which every page is shown."""
REFERENCE, PUBLIC_ID, REMOTE_ID = "K7QM-2XHD", 22 * "A", 32 * "0"
NAME, ACCOUNT, SITE = "ada", "ada@corp.example", "https://reset.corp.example/"
HINTS = {MethodKind.EMAIL: "a•••@example.com"}
OLD, NEW = "Winter-rain-42", "Autumn-leaves-77"
WORDS = {"name": NAME, "password": OLD, "current": OLD, "new": NEW, "confirm": NEW}
KINDS = (MethodKind.TOTP, MethodKind.EMAIL, MethodKind.BACKUP_CODES)
"""All methods, in the order in which workers offer them."""
# The first number solves it, so the page soon looks as it does afterwards.
CHALLENGE = Challenge(
    token="sample",  # noqa: S106
    nonce=32 * "0",
    target="fde4cdc1bbb014a565218a549a4ec082",
    most=1,
    rounds=1,
    wait=30,
)
ADAS = PolicyFacts(min_length=14, complexity=True, history=5, min_age=0, names=("ada", "lovelace"))
EVERYBODYS = PolicyFacts(min_length=8, complexity=True, history=5, min_age=86400)
TOO_SHORT = PolicyRefusal(rules=(Rule.MIN_LENGTH,), policy=ADAS, length=11, left=4)
TOO_YOUNG = PolicyRefusal(
    rules=(Rule.MIN_AGE,), policy=ADAS, length=0, changeable_at=int((AT + timedelta(hours=15)).timestamp())
)
APPLIED = Applied(at=int(AT.timestamp()), unlocked=False, dc="dc1")
SEED = FactorPending(
    factor=bytes(16),
    hint="",
    expires=600,
    secrets=(Secret("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"),),
    account=ACCOUNT,
)
CODES = FactorPending(
    factor=bytes(16),
    hint="",
    expires=600,
    secrets=tuple(Secret(f"QR4T-N6WB-{letter}XF3T") for letter in "ABCDEFGHIJ"),
    account=ACCOUNT,
)
PERSON = SignedInPerson(
    account=0,
    display_name="Ada Lovelace",
    site="main",
    attempt=REMOTE_ID,
    public_id=PUBLIC_ID,
    reference=REFERENCE,
    until=int((AT + timedelta(minutes=15)).timestamp()),
    since=AT.timestamp(),
)


def attempt(operation: Operation = Operation.RESET) -> Attempt:
    """Return an attempt that was begun three minutes ago."""
    begun = AT - timedelta(minutes=3)
    register = operation is Operation.REGISTER
    return Attempt(
        public_id=PUBLIC_ID,
        remote_id=REMOTE_ID,
        site="main",
        operation=operation.value,
        reference=REFERENCE,
        name=NAME,
        methods_needed=1 if register else 2,
        families_needed=1 if register else 2,
        started=begun,
        expires=begun + timedelta(minutes=15),
        idle=0 if register else 600,
        touched=begun,
    )


def make_idle(seconds: float) -> Attempt:
    """Return an attempt in which nothing was done for so many seconds."""
    made = attempt()
    made.touched = AT - timedelta(seconds=seconds)
    return made


def make_answered(operation: Operation, answer: Answer, *, twice: bool = False) -> Attempt:
    """Return an attempt whose job was sent a moment ago, as it is saved after this answer.

    Args:
        operation: the operation of the attempt.
        answer: the worker's answer.
        twice: True if the form was sent again after the job.
    """
    made, facts = attempt(operation), facts_to_keep(answer.facts)
    made.sent, made.outcome, made.facts, made.repeated = AT, answer.outcome.value, facts, twice
    going = answer.outcome in STILL_GOING
    made.state = Attempt.State.SENT if going else state_after(answer.outcome, facts)
    return made


def ends(of: Attempt) -> Ends:
    """Return when an attempt ends, for its pages."""
    return Ends(at=of.ends, latest=of.expires, now=AT)


def offers(
    kinds: Collection[MethodKind] = KINDS,
    *,
    known: bool = False,
    proven: Collection[MethodKind] = (),
    closed: Collection[MethodKind] = (),
) -> list[Offer]:
    """Return ways to prove it.

    Args:
        kinds: the methods; all of them for a person who has not signed in.
        known: True shows hints, as after a sign-in.
        proven: methods that are proven already.
        closed: methods that take no more tries for 15 minutes.
    """
    until = AT + timedelta(minutes=15)
    return [
        Offer(
            handle=f"{place:032x}",
            kind=kind.value,
            hint=HINTS.get(kind, "") if known else "",
            place=place,
            proven=kind in proven,
            closed_until=until if kind in closed else None,
        )
        for place, kind in enumerate(KINDS)
        if kind in kinds
    ]


def pick_choosable(there: list[Offer]) -> list[Offer]:
    """Return the offers that can be chosen."""
    return pick_ways_to_prove(there, AT)


def offer(
    kind: MethodKind, *, known: bool = False, sent: float | None = None, used_up: bool = False
) -> Offer:
    """Return one way.

    Args:
        kind: its kind.
        known: True shows its hint, as after a sign-in.
        sent: how many seconds ago its code was sent; None if none was.
        used_up: True if that code does not count any more.
    """
    made = next(each for each in offers(known=known) if each.kind == kind)
    made.sent = None if sent is None else AT - timedelta(seconds=sent)
    made.used_up = used_up
    return made


def factor() -> Factor:
    """Return a mail address as the portal's mirror has it."""
    return Factor(
        factor_id=f"{1:032x}", kind=MethodKind.EMAIL.value, hint="a•••@example.com", name="Private mail"
    )


CONFIRMED = {MethodKind.EMAIL, MethodKind.TOTP}
"""Methods that are used once when they are set up: a code of theirs is typed then."""
LABELS = {factor().factor_id: factor().name}


def ways(*states: FactorState, cooling: bool = False, stepped_up: bool = True) -> FactorList:
    """Return the worker's list of a person's ways.

    Args:
        states: states of the mail address, the app and the backup codes; a shorter list leaves out the last.
        cooling: True if they can't be used for a reset yet.
        stepped_up: True if changes are allowed now.
    """
    kinds = (MethodKind.EMAIL, MethodKind.TOTP, MethodKind.BACKUP_CODES)
    ready_at = int((AT + timedelta(days=1)).timestamp()) if cooling else 0
    added = int((AT - timedelta(days=30)).timestamp())
    factors = [
        FactorFacts(
            factor=place.to_bytes(16),
            method=kind,
            state=state,
            hint=HINTS.get(kind, ""),
            created=added,
            last_used=int(AT.timestamp()) if state is FactorState.ACTIVE and kind in CONFIRMED else 0,
            ready_at=ready_at if state is FactorState.ACTIVE else 0,
            left=10 if kind is MethodKind.BACKUP_CODES else 0,
        )
        for place, (kind, state) in enumerate(zip(kinds, states, strict=False), 1)
    ]
    active = [each for each in factors if each.state is FactorState.ACTIVE]
    to_prove = tuple(GateOffer(factor=each.factor, method=each.method, hint=each.hint) for each in active)
    return FactorList(
        factors=tuple(factors),
        methods_needed=2,
        families_needed=2,
        enough=len(active) > 1,
        stepped_up=stepped_up,
        offers=() if stepped_up else to_prove,
        own_mail="a•••@corp.example",
        ready_at=ready_at,
    )


def refusal(left: int, again: int = 0) -> Answer:
    """Return the refusal of a password that is too short.

    Args:
        left: how many more passwords may be tried.
        again: seconds after which the person may start again; 0 if that is not told.
    """
    facts = PolicyRefusal(rules=TOO_SHORT.rules, policy=ADAS, length=TOO_SHORT.length, left=left, again=again)
    return Answer(outcome=Outcome.REFUSED_BY_POLICY, facts=facts)
